"""What the number of mice does not cover: other families, other worlds, unadjusted false alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.output.document import Bullets, listed
from simulator.output.wording.numbers import share
from simulator.output.wording.worlds import changes_text

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated


def not_covered(stated: Stated) -> Bullets:
    """Return a sentence each for what a reader might take the number to cover, and it does not."""
    told = [*_families(stated), *_unadjusted(stated), *_worlds(stated)]
    return listed(
        told or ["No other family or world of the scenario has less power than the target."]
    )


def _families(stated: Stated) -> Iterator[str]:
    """Yield which other families have a comparison with less power than the target."""
    result, target = stated.run.result, stated.scenario.decision.power.target
    n = result.n_per_arm
    for family in result.families:
        rows = [row for row in result.comparisons if row.family == family.family]
        if family.family == result.decision_family or not rows:
            continue
        low = [row for row in rows if row.power.value < target]
        if low:
            least = min(low, key=lambda row: row.power.value)
            yield (
                f"The number does not rest on {family.family}: with n = {n} per group "
                f"{len(low)} of its {len(rows)} comparisons have less power than {target:g}, the "
                f"least {share(least.power)} ({least.endpoint}, {least.treated} against "
                f"{least.control})."
            )


def _unadjusted(stated: Stated) -> Iterator[str]:
    """Yield which families of several comparisons are not adjusted, and what that costs."""
    for family in stated.run.result.families:
        plan = stated.scenario.analysis.families[family.family]
        several = len(plan.arms) * len(plan.endpoint) > 1
        if several and plan.adjust == "none":
            yield (
                f"{family.family} is not adjusted for its several comparisons: where nothing has "
                f"an effect some difference is claimed in {share(family.fwer)} of the studies."
            )


def _worlds(stated: Stated) -> Iterator[str]:
    """Yield in which other worlds the same number has less power than the target."""
    scenario, n = stated.scenario, stated.run.result.n_per_arm
    for name, result in stated.run.worlds.items():
        at = next(point for point in result.curve if point.n == result.n_per_arm)
        if at.target.value < scenario.decision.power.target:
            yield (
                f"In the world {name} ({changes_text(scenario, name)}) the power with n = {n} per "
                f"group is {share(at.target)}, below the target."
            )
