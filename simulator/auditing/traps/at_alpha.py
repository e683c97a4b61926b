"""Data whose p-value is exactly alpha: it is there that `p < alpha` and `p <= alpha` differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.analysis.sample import sample_of
from simulator.analysis.samples import Samples
from simulator.auditing.reference import answers
from simulator.auditing.traps.numbers import CANDIDATES, Candidate, Group
from simulator.auditing.traps.right_answer import ways
from simulator.auditing.traps.tables import Cohort, Groups
from simulator.scenario import AnalysisPlan, Comparison
from simulator.scenario.analysis_plan import ALPHA_TOLERANCE, ExperimentalUnit

if TYPE_CHECKING:
    import pandas as pd

#: Animals in the other treated arms of the family, and how far above the control's values.
_OTHERS: Final = 8
_ABOVE: Final = 1000.0


@dataclass(frozen=True, eq=False)
class AtAlpha:
    """A table in which one comparison's adjusted p-value is exactly alpha.

    Attributes
    ----------
    p_value : unadjusted.
    count : how it is counted.
    """

    table: pd.DataFrame
    p_value: float
    count: str


def at_alpha(cohort: Cohort, *, focus: int) -> AtAlpha | None:
    """Return such a table for one comparison of the plan, None where none is known.

    By the plan's own method if there is one, else by another valid method of its test. The other
    comparisons of the family are made so that as many are rejected before it as are needed.

    Parameters
    ----------
    focus : place of the comparison in the plan.
    """
    plan = cohort.scenario.analysis
    of = plan.comparisons[focus]
    family = plan.families[of.family]
    if family.adjust == "steel":  # no multiple of the p-value
        return None
    alone = plan.model_copy(update={"families": {of.family: family}})
    place = alone.comparisons.index(of)
    for one in ways(alone).values():
        for groups, count in _groups(alone, of):
            found = answers(_samples(groups, plan.unit), one)
            adjusted = float(found.p_adjusted[place])
            if math.isclose(adjusted, family.alpha, rel_tol=ALPHA_TOLERANCE):
                table = cohort.with_values(groups)
                return AtAlpha(table, float(found.p_value[place]), count)
    return None


def _samples(groups: Groups, unit: ExperimentalUnit) -> Samples:
    """Return the groups as `gather` would; every cage has one animal."""
    found = {}
    for key, group in groups.items():
        values = np.array(group.cells, dtype=np.float64)
        inside = np.zeros(values.size, dtype=np.bool_)
        found[key] = sample_of(values, inside, inside)
    endpoints = tuple(dict.fromkeys(endpoint for endpoint, _ in groups))
    return Samples(tuple(dict.fromkeys(arm for _, arm in groups)), endpoints, found, unit)


def _groups(plan: AnalysisPlan, of: Comparison) -> Iterator[tuple[Groups, str]]:
    """Yield values of the family's arms, and how the p-value is counted."""
    others = [one for one in plan.comparisons if one != of]
    sides = (1.0,) if plan.alternative == "two-sided" else (1.0, -1.0)
    rejected_first = range(len(others), -1, -1)
    for one, turn, side, many in product(CANDIDATES, (False, True), sides, rejected_first):
        treated, control = _turned(one, exchange=turn, side=side)
        groups = {(other.endpoint, of.control): Group(control) for other in others}
        for place, other in enumerate(others):
            values = _far(side) if place < many else _amid(control)
            groups[other.endpoint, other.treated] = Group(values)
        groups[of.endpoint, of.treated] = Group(treated)
        groups[of.endpoint, of.control] = Group(control)
        yield groups, one.count


def _turned(
    one: Candidate, *, exchange: bool, side: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return treated and control values, exchanged (and mirrored, so that treated stay larger)."""
    pair = (one.control, one.treated) if exchange else (one.treated, one.control)
    sign = -side if exchange else side
    treated, control = (tuple(100.0 + sign * value for value in values) for values in pair)
    return treated, control


def _far(side: float) -> tuple[float, ...]:
    """Return values beyond all of the control's."""
    return tuple(100.0 + side * (_ABOVE + k) for k in range(_OTHERS))


def _amid(control: tuple[float, ...]) -> tuple[float, ...]:
    """Return values spread evenly over the control's range, equal to none of them."""
    low, high = min(control), max(control)
    return tuple(low + (high - low) * (k + 0.4321) / _OTHERS for k in range(_OTHERS))
