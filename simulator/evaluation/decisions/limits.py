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


def check_limits(
    scenario: Scenario, arm_sizes: Sequence[Mapping[str, int]], ns: Sequence[int]
) -> None:
    """Refuse what cannot be simulated.

    Parameters
    ----------
    arm_sizes : animals per arm at each of ``ns``.

    Raises
    ------
    ScenarioError : with all problems.
    """
    problems = [*_families(scenario, arm_sizes, ns), *_trends(scenario, arm_sizes, ns)]
    if problems:
        raise ScenarioError(scenario.id, problems)


def _families(
    scenario: Scenario, arm_sizes: Sequence[Mapping[str, int]], ns: Sequence[int]
) -> Iterator[Problem]:
    plan = scenario.analysis
    losses = scenario.design.animals_may_be_lost
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
        largest = max(arm_sizes[-1][arm] for arm in (*family.arms, family.against))
        if losses and family.adjust == "steel" and spec.method != "asymptotic":
            yield Problem(
                f"{place}.adjust",
                "steel by relabeling cannot be simulated with losses: every number of animals "
                "left has a distribution of its own; write method: asymptotic for this family",
            )
        if losses and spec.test == "permutation" and (largest - 1) ** 2 > MOST_PERMUTATION_PAIRS:
            yield Problem(
                f"{place}.test",
                f"permutation cannot be simulated with losses in arms of up to {largest} animals: "
                "every number of animals left has a distribution of its own; take mann_whitney "
                "or brunner_munzel, or fewer animals",
            )
        if spec.test != "mann_whitney" or spec.method not in ("exact", "mid-p"):
            continue  # auto is exact for small arms only
        for n, at in zip(ns, arm_sizes, strict=True):
            for arm in family.arms:
                if at[arm] + at[family.against] > LARGEST_EXACT:
                    yield Problem(
                        "analysis.method",
                        f"{spec.method} tests at most {LARGEST_EXACT} animals in all, and {arm} v "
                        f"{family.against} has {at[arm]} v {at[family.against]} at n = {n}; "
                        "use auto or asymptotic, or fewer animals",
                    )
                    break
            else:
                continue
            break


def _trends(
    scenario: Scenario, arm_sizes: Sequence[Mapping[str, int]], ns: Sequence[int]
) -> Iterator[Problem]:
    for name, trend in scenario.analysis.trends.items():
        if trend.method != "exact":
            continue
        for n, at in zip(ns, arm_sizes, strict=True):
            total = sum(at[arm] for arm in trend.arms)
            if total > LARGEST_EXACT_TREND:
                yield Problem(
                    f"analysis.trends.{name}.method",
                    f"exact tests at most {LARGEST_EXACT_TREND} animals in all, and the trend "
                    f"has {total} at n = {n}; use auto or asymptotic, or fewer animals",
                )
                break
