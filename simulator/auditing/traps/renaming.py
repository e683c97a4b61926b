"""Other names of the arms, in the table and in the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simulator.scenario import AnalysisPlan


def other_names(arms: Iterable[str]) -> dict[str, str]:
    """Return a hard name for every arm, sorted the other way round.

    Examples
    --------
    >>> other_names(["drug", "saline"])
    {'drug': '2 Mäuse, "drug" (i.m.)', 'saline': '1 Mäuse, "saline" (i.m.)'}
    """
    order = sorted(arms, reverse=True)
    digits = len(str(len(order)))
    numbers = {arm: f"{place:0{digits}d}" for place, arm in enumerate(order, start=1)}
    return {arm: f'{numbers[arm]} Mäuse, "{arm}" (i.m.)' for arm in sorted(order)}


def renamed_plan(plan: AnalysisPlan, names: Mapping[str, str]) -> AnalysisPlan:
    """Return the plan with other names of the arms, which need not be ids."""

    def named(arm: str) -> str:
        return names.get(arm, arm)

    families = {
        key: family.model_copy(
            update={"arms": tuple(map(named, family.arms)), "against": named(family.against)}
        )
        for key, family in plan.families.items()
    }
    trends = {
        key: trend.model_copy(update={"arms": tuple(map(named, trend.arms))})
        for key, trend in plan.trends.items()
    }
    return plan.model_copy(update={"families": families, "trends": trends})
