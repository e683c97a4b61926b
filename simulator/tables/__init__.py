"""Our tables: their columns, how we write them, and how we read a bench CSV."""

from simulator.tables.bench import read_bench
from simulator.tables.columns import (
    ANALYSIS_COLUMNS,
    BENCH_COLUMNS,
    CENSORED,
    DOSE_COLUMNS,
    OBSERVATION_COLUMNS,
    SUBJECT_COLUMNS,
    TIMELINE_COLUMNS,
)
from simulator.tables.write import write_table

__all__ = [
    "ANALYSIS_COLUMNS",
    "BENCH_COLUMNS",
    "CENSORED",
    "DOSE_COLUMNS",
    "OBSERVATION_COLUMNS",
    "SUBJECT_COLUMNS",
    "TIMELINE_COLUMNS",
    "read_bench",
    "write_table",
]
