"""The tables of the traps as files, to give one to an analysis by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.auditing.commands.data_file import observations_csv, plan_csv
from simulator.scenario import AnalysisPlan

if TYPE_CHECKING:
    from simulator.auditing.traps import Trap

#: Folder of the tables in the run folder, and the plan's file beside them.
TABLES: Final = "tables"
PLAN: Final = "plan.csv"


def write_trap_tables(folder: Path, traps: Iterable[Trap], *, plan: AnalysisPlan) -> None:
    """Write every trap's table, and what is to be compared, as a command is given them.

    Parameters
    ----------
    folder : an existing run folder; the files go to ``tables/`` in it.
    plan : the scenario's; a trap with other names of the arms has a plan of its own beside it.
    """
    tables = folder / TABLES
    tables.mkdir()
    (tables / PLAN).write_bytes(plan_csv(plan))
    for trap in traps:
        if trap.table is None:
            continue
        (tables / f"{trap.id}.csv").write_bytes(observations_csv(trap.table))
        if trap.plan != plan:
            (tables / f"{trap.id}-{PLAN}").write_bytes(plan_csv(trap.plan))
