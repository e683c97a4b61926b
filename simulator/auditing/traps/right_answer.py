"""The right p-values of a table: the plan's, and those of other valid methods of its test."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.analysis.samples import gather
from simulator.auditing.reference import Answers, answers
from simulator.scenario import AnalysisPlan
from simulator.scenario.analysis_plan import Alternative, Convention, Method, TestSpec

if TYPE_CHECKING:
    import pandas as pd

    from simulator.analysis.sample import Sample

#: The plan's own way, by its key among the `ways`.
OWN: Final = "own"
#: Other valid ways to a p-value of the same test and side.
_WAYS: Final[Mapping[str, tuple[Method, Convention]]] = {
    "exact, far-tail": ("exact", "far-tail"),
    "exact, doubling": ("exact", "doubling"),
    "normal with continuity": ("asymptotic", "far-tail"),
}
#: A p-value of random relabelings may lie so many standard errors from another.
_STANDARD_ERRORS: Final = 6.0


@dataclass(frozen=True, eq=False)
class RightAnswer:
    """The right answers to one table, comparison by comparison in the plan's order.

    Attributes
    ----------
    by : answers by the way to them, the plan's `OWN` first.
    without_test : of the comparisons of which the plan makes no test, the p-values that are right
        nevertheless; by the comparison's place.
    slack : how far a p-value of random relabelings may lie from the plan's, 0 for other tests.
    own_words : what to call the plan's own way.
    """

    by: Mapping[str, Answers]
    without_test: Mapping[int, Mapping[str, float]]
    slack: tuple[float, ...]
    own_words: tuple[str, ...]

    def tested(self, place: int) -> bool:
        """Return whether there is a p-value to be said of a comparison."""
        return place not in self.without_test

    def p_values(self, place: int) -> dict[str, float]:
        """Return the right p-values of one comparison by what they are called, the plan's first.

        Ways with the same p-value are named together.
        """
        if not self.tested(place):
            return dict(self.without_test[place])
        found = {way: float(one.p_value[place]) for way, one in self.by.items()}
        own = found.pop(OWN)
        groups: dict[float, list[str]] = {own: []}
        for way, p in found.items():
            if math.isnan(p):
                continue
            known = [one for one in groups if math.isclose(one, p, rel_tol=1e-9)]
            groups.setdefault(known[0] if known else p, []).append(way)
        named = {}
        for p, ways in groups.items():
            if {"exact, far-tail", "exact, doubling"} <= set(ways):
                ways = ["exact", *(one for one in ways if not one.startswith("exact"))]
            named[" and ".join(ways) or self.own_words[place]] = p
        return named

    def words(self, place: int, *, digits: int = 4) -> str:
        """Return the right p-values of one comparison in words."""
        found = [f"p = {p:.{digits}g} ({name})" for name, p in self.p_values(place).items()]
        if not self.tested(place):
            return " or ".join(["no p-value", *found])
        own, *others = found
        return own + (f"; also right: {', '.join(others)}" if others else "")

    def plan_words(self, place: int) -> str:
        """Return the plan's own p-value of one comparison in words."""
        return self.words(place).partition("; ")[0]

    @cached_property
    def accepted(self) -> tuple[tuple[float, ...], ...]:
        """The right p-values of every comparison."""
        return tuple(tuple(self.p_values(place).values()) for place in range(len(self.slack)))


def right_answer(table: pd.DataFrame, plan: AnalysisPlan) -> RightAnswer:
    """Return the right answer to a table.

    Parameters
    ----------
    table : as `analysis.analyse` takes it: numbers or nothing in the column value.
    """
    samples = gather(table, unit=plan.unit)
    by = {way: answers(samples, one) for way, one in ways(plan).items()}
    own = by[OWN].p_value
    without: dict[int, Mapping[str, float]] = {}
    slack, words = [], []
    for place, one in enumerate(plan.comparisons):
        spec = plan.spec(one.family)
        p = float(own[place])
        if math.isnan(p):
            pair = samples.get(one.endpoint, one.treated), samples.get(one.endpoint, one.control)
            without[place] = _untested(*pair, spec)
        chance = 0.0
        if spec.test == "permutation" and not math.isnan(p):
            chance = _STANDARD_ERRORS * math.sqrt(2 * p * (1 - p) / spec.resamples)
        slack.append(chance)
        words.append(_own_words(spec))
    return RightAnswer(by, without, tuple(slack), tuple(words))


def ways(plan: AnalysisPlan) -> dict[str, AnalysisPlan]:
    """Return the plan, and the plan by every other valid method of its Mann-Whitney tests."""
    found = {OWN: plan}
    for way, (method, convention) in _WAYS.items():
        families = {
            name: family.model_copy(update={"method": method})
            if plan.spec(name).test == "mann_whitney"
            else family
            for name, family in plan.families.items()
        }
        update = {"families": families, "convention": convention, "continuity": True}
        found[way] = plan.model_copy(update=update)
    return found


def _own_words(spec: TestSpec) -> str:
    """Return what to call the plan's own way where it is none of the others."""
    if spec.test != "mann_whitney":
        return spec.test.replace("_", " ")
    return spec.method if spec.method == "mid-p" else "normal without continuity"


def _untested(treated: Sample, control: Sample, spec: TestSpec) -> dict[str, float]:
    """Return the p-values that are right where the plan makes no test."""
    x, y = treated.ranked, control.ranked
    if not x.size or not y.size:
        return {}
    if np.unique(np.concatenate([x, y])).size == 1:
        return {"one relabeling": 1.0}
    if spec.test != "mann_whitney" or min(x.size, y.size) > 1:
        return {}
    return of_few(x.tolist(), y.tolist(), spec.alternative)


def of_few(
    treated: list[float], control: list[float], alternative: Alternative
) -> dict[str, float]:
    """Return Mann-Whitney's p-values where an arm has one animal, by going through all places.

    Examples
    --------
    >>> of_few([8.0], [1.0, 2.0, 3.0], "two-sided")["exact"]
    0.5
    """
    pool = [*treated, *control]
    places = range(len(pool))
    found = []
    for chosen in itertools.combinations(places, len(treated)):
        rest = [pool[k] for k in places if k not in chosen]
        found.append(_twice_u([pool[k] for k in chosen], rest))
    u, middle, total = found[0], len(treated) * len(control), len(found)
    upper, lower = sum(one >= u for one in found), sum(one <= u for one in found)
    spread = math.sqrt(sum((one - middle) ** 2 for one in found) / total)

    def normal(distance: float) -> float:
        # the continuity correction is half a pair: 1 of twice U
        return 0.5 * math.erfc((distance - 1) / spread / math.sqrt(2))

    if alternative == "greater":
        return {"exact": upper / total, "normal with continuity": normal(u - middle)}
    if alternative == "less":
        return {"exact": lower / total, "normal with continuity": normal(middle - u)}
    far = sum(abs(one - middle) >= abs(u - middle) for one in found) / total
    doubled = min(1.0, 2 * min(upper, lower) / total)
    return {
        "exact": far,
        **({} if doubled == far else {"exact, doubling": doubled}),
        "normal with continuity": min(1.0, 2 * normal(abs(u - middle))),
    }


def _twice_u(treated: list[float], control: list[float]) -> int:
    return sum(2 * (x > y) + (x == y) for x in treated for y in control)
