"""A warning where power is bought with false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
