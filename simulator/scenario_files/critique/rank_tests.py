"""The tests of the families: options that do not go together, or do not suit the sizes."""

from __future__ import annotations

import math

from simulator.scenario import Scenario
from simulator.scenario.analysis_plan import (
    ALPHA_TOLERANCE,
    COMPLETE_RELABELINGS,
    MOST_PERMUTATION_PAIRS,
    SMALLEST_ARM,
    why_not_steel,
)
from simulator.scenario.attainable import first_threshold
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report

#: Fewest animals per arm for which Brunner & Munzel (2000) recommend their t distribution.
_T_FROM = 10


def steel(scenario: Scenario, report: Report) -> None:
    """Steel's adjustment is made of the Mann-Whitney tests of one endpoint."""
    plan = scenario.analysis
    for key, family in plan.families.items():
        if family.adjust == "steel":
            why = why_not_steel(plan.spec(key), family.endpoint)
            if why:
                report.error(("analysis", "families", key, "adjust"), why)


def unused_options(scenario: Scenario, report: Report) -> None:
    """The method is that of Mann-Whitney: other tests have none."""
    plan = scenario.analysis
    others = [key for key in plan.families if plan.spec(key).test != "mann_whitney"]
    for key in others:
        if plan.families[key].method is not None:
            report.warning(
                ("analysis", "families", key, "method"),
                f"is not used: the test {plan.spec(key).test} has no methods",
            )
    if others and len(others) == len(plan.families):
        for option in ("method", "convention"):
            if report.tree.get("analysis", option) is not None:
                report.warning(
                    ("analysis", option), "is not used: no family is tested by mann_whitney"
                )


def losses(scenario: Scenario, report: Report) -> None:
    """Relabelings without ties have a distribution for every number of animals that is left."""
    plan = scenario.analysis
    if not scenario.design.animals_may_be_lost:
        return
    last = _values(scenario, scenario.decision.n.stop)
    for key, family in plan.families.items():
        spec = plan.spec(key)
        arms = [arm for arm in (*family.arms, family.against) if arm in last]
        if family.adjust == "steel" and spec.method != "asymptotic":
            report.warning(
                ("analysis", "families", key, "adjust"),
                "power of steel by relabeling cannot be simulated with losses; write method: "
                "asymptotic for this family",
            )
        largest = max((last[arm] for arm in arms), default=0)
        if spec.test == "permutation" and (largest - 1) ** 2 > MOST_PERMUTATION_PAIRS:
            most = 1 + math.isqrt(MOST_PERMUTATION_PAIRS)
            report.warning(
                _place(report, key),
                f"power of permutation cannot be simulated with losses in arms of more than {most} "
                f"{plan.unit}s, and these go up to {largest}: take mann_whitney or brunner_munzel, "
                f"or search fewer {plan.unit}s",
            )


def suitable_sizes(scenario: Scenario, report: Report) -> None:
    """Brunner-Munzel's t needs animals, a permutation test enough relabelings."""
    plan, decision = scenario.analysis, scenario.decision
    first, last = (_values(scenario, n) for n in (decision.n.start, decision.n.stop))
    for key, family in plan.families.items():
        spec = plan.spec(key)
        arms = (*family.arms, family.against)
        if any(arm not in first for arm in arms) or family.against in family.arms:
            continue
        fewest = min(first[arm] for arm in arms)
        if spec.test == "brunner_munzel" and fewest < _T_FROM:
            report.warning(
                _place(report, key),
                f"brunner_munzel is a t approximation for about {_T_FROM} {plan.unit}s per arm and "
                f"more, the smallest arm searched has {fewest}: there it may reject too often; "
                "test: permutation holds alpha",
            )
        sides = 2 if spec.alternative == "two-sided" else 1
        threshold, words = first_threshold(plan, key)
        m = min(last[arm] for arm in family.arms)
        separated = sides / math.comb(m + last[family.against], m)
        if spec.test == "brunner_munzel" and separated > threshold * (1 + ALPHA_TOLERANCE):
            report.warning(
                _place(report, key),
                f"with {m} v {last[family.against]} {plan.unit}s complete separation gives "
                f"brunner_munzel p = {separated:.3g}, above the first threshold {words}: power "
                f"falls as the effect grows; take mann_whitney or more {plan.unit}s",
            )
        random = [
            arm
            for arm in family.arms
            if min(last[arm], last[family.against]) >= SMALLEST_ARM
            and math.comb(last[arm] + last[family.against], last[arm]) > COMPLETE_RELABELINGS
        ]
        if spec.test == "permutation" and random:
            smallest = sides / (1 + spec.resamples)
            if smallest > threshold * (1 + ALPHA_TOLERANCE):
                report.warning(
                    _place(report, key),
                    f"where values are tied, {spec.resamples:,} relabelings give no p below "
                    f"{smallest:.3g}, above the first threshold {words}: raise analysis.resamples",
                )


def _values(scenario: Scenario, n: int) -> dict[str, int]:
    """Return the values per arm when an arm of ratio 1 gets ``n``: of animals, or of cages."""
    return scenario.design.units(scenario.design.sizes(n), unit=scenario.analysis.unit)


def _place(report: Report, family: str) -> Location:
    """Return where the test of a family was written, or the nearest to it."""
    for place in (
        ("analysis", "families", family, "test"),
        ("analysis", "test"),
        ("analysis", "families", family),
    ):
        if report.tree.get(*place) is not None:
            return place
    return ("analysis",)
