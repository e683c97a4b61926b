"""Choices of what is reported in the column p_value: adjusted p-values, the smallest of several."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from simulator.analysis.multiplicity import adjust
from simulator.analysis.samples import gather
from simulator.auditing.choices.data_set import DataSet, Floats
from simulator.auditing.choices.rank_tests import OWN
from simulator.auditing.choices.selections import PLANNED
from simulator.auditing.choices.tails import AS_PLANNED
from simulator.auditing.reference import answers
from simulator.scenario import AnalysisPlan, Comparison

#: The p-value of a comparison, before anything is made of it.
Bare = Callable[[Comparison], float]
#: Over which comparisons p-values are adjusted: the plan's families, each endpoint's with one
#: control, all of one endpoint, or all there are.
Scope = Literal["family", "endpoint and control", "endpoint", "all"]

#: Adjustments and what to call them.
ADJUSTMENTS: Final = {
    "bonferroni": "Bonferroni",
    "holm": "Holm",
    "hochberg": "Hochberg",
    "bh": "Benjamini-Hochberg",
}
#: Adjustments that p-values alone, or their order, do not tell.
_BY_DATA: Final = ("steel", "fixed-sequence")
_OWN_KEY: Final = (PLANNED, OWN, AS_PLANNED)
_ANY: Final = 1e300

SCOPES: Final[dict[Scope, str]] = {
    "family": "",
    "endpoint and control": " over the arms of each endpoint and control",
    "endpoint": " over all comparisons of each endpoint",
    "all": " over all comparisons at once",
}


@dataclass(frozen=True, eq=False)
class Report:
    """What is reported.

    Attributes
    ----------
    id, words : its name, and what to say of it; empty of the plan's own.
    valid : whether it is right too.
    p_value : of a data set, the k-th comparison and the bare p-values; the key tells one kind of
        bare p-values from others.
    least, most : between which multiples of the bare p-value what is reported lies: told at once,
        without the p-values of other comparisons.
    """

    id: str
    words: str
    valid: bool
    p_value: Callable[[DataSet, int, Bare, Hashable], float]
    least: float = 1.0
    most: float = 1.0


def _as_it_is(data: DataSet, k: int, bare: Bare, key: Hashable) -> float:  # noqa: ARG001
    return bare(data.comparisons[k])


#: The bare p-value.
AS_IT_IS = Report("", "", True, _as_it_is)


def groups(plan: AnalysisPlan, scope: Scope) -> tuple[tuple[int, ...], ...]:
    """Return the places of the comparisons that are adjusted together."""
    found: dict[Hashable, list[int]] = {}
    for k, one in enumerate(plan.comparisons):
        key: Hashable = {
            "family": one.family,
            "endpoint and control": (one.endpoint, one.control),
            "endpoint": one.endpoint,
            "all": "",
        }[scope]
        found.setdefault(key, []).append(k)
    return tuple(map(tuple, found.values()))


def scopes(plan: AnalysisPlan) -> Iterator[tuple[Scope, tuple[tuple[int, ...], ...]]]:
    """Yield the scopes that differ, and what they adjust together."""
    seen = []
    for scope in SCOPES:
        together = groups(plan, scope)
        if together not in seen:
            seen.append(together)
            yield scope, together


def _adjusted(
    comparisons: Sequence[Comparison], together: Sequence[Sequence[int]], method: str
) -> Callable[[DataSet, int, Bare, Hashable], float]:
    place = {k: (group, i) for group in together for i, k in enumerate(group)}

    def p_value(data: DataSet, k: int, bare: Bare, key: Hashable) -> float:
        group, i = place[k]
        found = data.keep(
            (key, group, method), lambda: adjust([bare(comparisons[j]) for j in group], method)
        )
        return float(found[i])

    return p_value


def _smallest(
    comparisons: Sequence[Comparison], endpoints: Sequence[str] | None
) -> Callable[[DataSet, int, Bare, Hashable], float]:
    # Of the plan's endpoints for two arms, or of all in the data.
    pairs: dict[tuple[str, str], list[Comparison]] = {}
    for one in comparisons:
        pairs.setdefault((one.treated, one.control), []).append(one)

    def p_value(data: DataSet, k: int, bare: Bare, key: Hashable) -> float:
        own = comparisons[k]
        arms = own.treated, own.control
        several = pairs[arms]
        if endpoints is not None:
            several = [replace(own, endpoint=name) for name in endpoints]

        def smallest() -> float:
            found = [p for p in map(bare, several) if not math.isnan(p)]
            return min(found, default=math.nan)

        return data.keep((key, arms, p_value), smallest)

    return p_value


def _as_planned(data: DataSet, k: int, bare: Bare, key: Hashable) -> float:  # noqa: ARG001
    # Of the plan's own p-values only: others would need to be adjusted by the data as well.
    def made() -> Floats:
        samples = gather(data.observations, unit=data.plan.unit)
        return answers(samples, data.plan).p_adjusted

    return float(data.keep("as planned", made)[k]) if key == _OWN_KEY else math.nan


def reports(data: DataSet) -> Iterator[Report]:
    """Yield the choices other than the plan's that the plan and the data allow."""
    comparisons = data.comparisons
    for method, name in ADJUSTMENTS.items():
        for scope, together in scopes(data.plan):
            if max(map(len, together)) < 2:
                continue
            words = f"{name}-adjusted p-values{SCOPES[scope]}"
            which = "" if scope == "family" else f"-over-{scope.replace(' ', '-')}"
            yield Report(
                f"p-value-{method}{which}",
                words,
                scope in ("family", "all"),
                _adjusted(comparisons, together, method),
                most=max(map(len, together)),
            )
    if any(family.adjust in _BY_DATA for family in data.plan.families.values()):
        words = "the p-values as the plan adjusts them"
        yield Report("p-value-as-adjusted", words, True, _as_planned, least=0.0, most=_ANY)
    words = "the smallest p-value over the endpoints for the same arms (the best endpoint picked)"
    of_plan = len({one.endpoint for one in comparisons}) > 1
    for possible, endpoints in ((of_plan, None), (len(data.endpoints) > 1, data.endpoints)):
        if possible:
            yield Report(
                "best-endpoint", words, False, _smallest(comparisons, endpoints), least=0.0
            )
