"""What must be said of a result: power bought with false alarms, work that does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.evaluation.shifts import fits_shifts

if TYPE_CHECKING:
    from simulator.evaluation.power_result import PowerResult
    from simulator.scenario import Scenario

#: Confidence that a type I error is above alpha before it is said: no warning by chance.
_CONFIDENCE = 0.9999


def false_alarms(result: PowerResult, scenario: Scenario) -> str | None:
    """Say which comparison claims an effect too often where there is none; None if none does."""
    families = scenario.analysis.families
    above = [
        row
        for row in result.comparisons
        if row.type_i.interval(_CONFIDENCE)[0] > families[row.family].alpha
    ]
    if not above:
        return None
    worst = max(above, key=lambda row: row.type_i.value)
    many = f"; so do {len(above) - 1} more comparisons" if above[2:] else ""
    many = "; so does one more comparison" if len(above) == 2 else many
    return (
        f"{worst.endpoint}, {worst.treated} v {worst.control}: a drug that does nothing is called "
        f"active in {worst.type_i.value:.1%} of the studies, more than the "
        f"{100 * families[worst.family].alpha:g} % allowed{many}: part of the power is false "
        "alarms (afcsim diagnose says where they come from)"
    )


def too_much_work(scenario: Scenario, n: int) -> str | None:
    """Say that the laboratory cannot do a study of n per arm in its shifts; None where it can."""
    if fits_shifts(scenario, n) is not False:
        return None
    return (
        f"the work of n = {n} per arm does not fit the shifts; these numbers are with what is done "
        "late (afcsim conduct says which day, and what helps)"
    )
