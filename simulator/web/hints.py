"""What is said beside an input of its own accord: the same value in another view."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.scenario import Scenario
    from simulator.web.fields import Field

#: With a larger one the coefficient of variation says nothing to anybody.
_MOST_SD: Final = 3.0


def hint_of(field: Field, scenario: Scenario) -> str:
    """Return what helps to read a value of the plan as it is now; empty for nothing."""
    if field.path.startswith("design.arms."):
        return _dose(field, scenario)
    if field.path == "design.attrition.loss":
        return _losses(scenario)
    if field.path.startswith("truth.variability."):
        return _spread(field, scenario)
    return ""


def _dose(field: Field, scenario: Scenario) -> str:
    """Return both views of a dose."""
    from simulator.output.arm_labels import dose_text

    for name, arm in scenario.design.arms.items():
        place = f"design.arms.{name}"
        for k, regimen in enumerate(arm.regimens):
            if field.path in (f"{place}.dose", f"{place}.regimens.{k}.dose"):
                dose = regimen.dose
                return dose_text(dose) if dose.mass and dose.volume else ""
    return ""


def _losses(scenario: Scenario) -> str:
    losses = scenario.design.attrition
    if losses.loss <= 0 or losses.inflate is not None:
        return ""
    return (
        "The mice per arm are those at the start; fewer are read. To buy more instead, write "
        "under Anything else: design.attrition.inflate = 0.9"
    )


def _spread(field: Field, scenario: Scenario) -> str:
    """Return the coefficient of variation of log-normal values; sqrt(exp(sd^2) - 1)."""
    *path, form = field.path.removeprefix("truth.variability.").split(".")
    spread = scenario.truth.variability.endpoints.get(".".join(path))
    known = None if spread is None else getattr(spread, form, None)
    if form != "sd_ln" or known is None or known.value > _MOST_SD:
        return ""
    share = math.sqrt(math.expm1(known.value**2))
    return f"about {100 * share:.0f} % coefficient of variation"
