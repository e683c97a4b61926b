"""The blind analyst: rank tests, effects, multiplicity, trend. Knows data, never the truth."""

from simulator.analysis.analyse import Analysis, ComparisonResult, TrendResult, analyse, plan_for
from simulator.analysis.brunner_munzel import BrunnerMunzel, brunner_munzel
from simulator.analysis.mann_whitney import MannWhitney, mann_whitney
from simulator.analysis.multiplicity import adjust
from simulator.analysis.permutation import PermutationTest, permutation

__all__ = [
    "Analysis",
    "BrunnerMunzel",
    "ComparisonResult",
    "MannWhitney",
    "PermutationTest",
    "TrendResult",
    "adjust",
    "analyse",
    "brunner_munzel",
    "mann_whitney",
    "permutation",
    "plan_for",
]
