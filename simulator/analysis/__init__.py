"""The blind analyst: rank tests, effects, multiplicity, trend. Knows data, never the truth."""

from simulator.analysis.analyse import Analysis, ComparisonResult, TrendResult, analyse, plan_for
from simulator.analysis.mann_whitney import MannWhitney, mann_whitney
from simulator.analysis.multiplicity import adjust

__all__ = [
    "Analysis",
    "ComparisonResult",
    "MannWhitney",
    "TrendResult",
    "adjust",
    "analyse",
    "mann_whitney",
    "plan_for",
]
