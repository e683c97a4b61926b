"""Studies that the engine cannot simulate, or not in any bearable time: said before it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from simulator.analysis.mann_whitney import LARGEST_EXACT
from simulator.analysis.trend import LARGEST_EXACT_TREND
from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario.analysis_plan import MOST_PERMUTATION_PAIRS

#: Most comparisons of a family, by adjustment where its thresholds are many (bh: all fractions).
MOST_COMPARISONS = {"bh": 150}
MOST_MEMBERS = 1_000


def check_limits(scenario: Scenario, units: Sequence[Mapping[str, int]], ns: Sequence[int]) -> None:
    """Refuse what cannot be simulated.

    Parameters
    ----------
    units : animals, or cages where they are the unit, per arm at each of ``ns``.

    Raises
    ------
    ScenarioError : with all problems.
    """
    problems = [*_unit(scenario), *_families(scenario, units, ns), *_trends(scenario, units, ns)]
    if problems:
        raise ScenarioError(scenario.id, problems)


def _unit(scenario: Scenario) -> Iterator[Problem]:
    # The loader refuses it too; a scenario made in Python has no loader.
    if scenario.analysis.unit == "cage" and scenario.design.animals.arms_share_cages:
        yield Problem(
            "analysis.unit",
            "the cage is no unit where arms share cages: write design.animals.arms_share_cages: "
            "false, or unit: animal",
        )


def _families(
    scenario: Scenario, units: Sequence[Mapping[str, int]], ns: Sequence[int]
) -> Iterator[Problem]:
    plan = scenario.analysis
    losses, what = scenario.design.animals_may_be_lost, f"{plan.unit}s"
    for name, family in plan.families.items():
        spec = plan.spec(name)
        place = f"analysis.families.{name}"
        members = len(family.arms) * len(family.endpoint)
        if members > MOST_COMPARISONS.get(family.adjust, MOST_MEMBERS):
            yield Problem(
                place,
                f"{members} comparisons are too many for adjust: {family.adjust} (at most "
                f"{MOST_COMPARISONS.get(family.adjust, MOST_MEMBERS)}): split the family, or "
                "adjust: none",
            )
        largest = max(units[-1][arm] for arm in (*family.arms, family.against))
        if losses and family.adjust == "steel" and spec.method != "asymptotic":
            yield Problem(
                f"{place}.adjust",
                f"steel by relabeling cannot be simulated with losses: every number of {what} "
                "left has a distribution of its own; write method: asymptotic for this family",
            )
        if losses and spec.test == "permutation" and (largest - 1) ** 2 > MOST_PERMUTATION_PAIRS:
            yield Problem(
                f"{place}.test",
                f"permutation cannot be simulated with losses in arms of up to {largest} {what}: "
                f"every number of {what} left has a distribution of its own; take mann_whitney "
                f"or brunner_munzel, or fewer {what}",
            )
        if spec.test != "mann_whitney" or spec.method not in ("exact", "mid-p"):
            continue  # auto is exact for small arms only
        for n, at in zip(ns, units, strict=True):
            for arm in family.arms:
                if at[arm] + at[family.against] > LARGEST_EXACT:
                    yield Problem(
                        "analysis.method",
                        f"{spec.method} tests at most {LARGEST_EXACT} {what} in all, and {arm} v "
                        f"{family.against} has {at[arm]} v {at[family.against]} at n = {n}; "
                        f"use auto or asymptotic, or fewer {what}",
                    )
                    break
            else:
                continue
            break


def _trends(
    scenario: Scenario, units: Sequence[Mapping[str, int]], ns: Sequence[int]
) -> Iterator[Problem]:
    what = f"{scenario.analysis.unit}s"
    for name, trend in scenario.analysis.trends.items():
        if trend.method != "exact":
            continue
        for n, at in zip(ns, units, strict=True):
            total = sum(at[arm] for arm in trend.arms)
            if total > LARGEST_EXACT_TREND:
                yield Problem(
                    f"analysis.trends.{name}.method",
                    f"exact tests at most {LARGEST_EXACT_TREND} {what} in all, and the trend "
                    f"has {total} at n = {n}; use auto or asymptotic, or fewer {what}",
                )
                break
