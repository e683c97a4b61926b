"""What the number of mice does not cover: other families, other worlds, unadjusted false alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.output.document import Bullets, listed
from simulator.output.wording.names import name_of
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.power_result import ComparisonPower
    from simulator.output.statement.stated import Stated

#: Standard errors within which an effect is none: chance alone is beyond in 1 of 16,000.
_FOUR: Final = 4.0


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
        if all(_none(row) for row in rows):
            yield (
                f"{family.family}: no effect is assumed in any of its comparisons, so they have "
                "no power to speak of; what they show is false alarms."
            )
            continue
        low = [row for row in rows if row.power.value < target and not _none(row)]
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
        if at.target.value >= scenario.decision.power.target:
            continue
        changed = scenario.decision.worlds.get(name, {})
        told = "; ".join(f"{name_of(path).words}: {_value(v)}" for path, v in changed.items())
        where = f"In the world {name}" + (f" ({told})" if told else "")
        if all(_none(row) for row in result.curve_comparisons):
            yield (
                f"{where} nothing has an effect; the study claims one all the same in "
                f"{share(at.target)} of its repetitions, with n = {n} per group."
            )
        else:
            yield (
                f"{where} the power with n = {n} per group is {share(at.target)}, below the target."
            )


def _none(row: ComparisonPower) -> bool:
    """Whether a comparison has no effect, as far as the simulation of the truth can tell."""
    found = row.relative_effect
    return abs(found.value - 0.5) <= _FOUR * found.mcse


def _value(value: object) -> str:
    """Return what a world puts in a place, for a reader who writes no YAML."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in ([], {}, ()) else f"{value}"
