"""The tests of one family of comparisons, and their adjusted p-values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.analysis.kernel_types import Floats
from simulator.analysis.multiplicity import adjust
from simulator.analysis.pair import PairTest
from simulator.analysis.pair_tests import pair_test
from simulator.analysis.samples import Samples
from simulator.analysis.steel_family import steel
from simulator.scenario.analysis_plan import AnalysisPlan


@dataclass(frozen=True)
class FamilyTests:
    """A family, tested.

    Attributes
    ----------
    tests : of its comparisons, in the plan's order.
    p_adjusted : shape (comparisons,), NaN where there is no test.
    adjustment : how they were made: the plan's word, and of ``steel`` the way.
    """

    tests: tuple[PairTest, ...]
    p_adjusted: Floats
    adjustment: str


def family_tests(samples: Samples, plan: AnalysisPlan, name: str) -> FamilyTests:
    """Test every comparison of a family as the plan says.

    Parameters
    ----------
    name : of the family.
    """
    family, spec = plan.families[name], plan.spec(name)
    tests = tuple(
        pair_test(
            samples.get(one.endpoint, one.treated).ranked,
            samples.get(one.endpoint, one.control).ranked,
            spec,
        )
        for one in plan.comparisons_of(name)
    )
    p = [math.nan if test.p_value is None else test.p_value for test in tests]
    if family.adjust != "steel":
        return FamilyTests(tests, adjust(p, family.adjust), family.adjust)
    endpoint = family.endpoint[0]
    found = steel(
        samples.get(endpoint, family.against).ranked,
        [samples.get(endpoint, arm).ranked for arm in family.arms],
        method=spec.method,
        alternative=spec.alternative,
        resamples=spec.resamples,
    )
    adjusted = found.p_adjusted.copy()
    for place, one in enumerate(p):
        if math.isnan(one):  # no p-value of its own: the row says why
            adjusted[place] = math.nan
    return FamilyTests(tests, adjusted, f"steel, {found.method}")
