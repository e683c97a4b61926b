"""What a result that takes every number as known says of those that are distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario import Scenario


def show_uncertain(scenario: Scenario, screen: Console) -> None:
    """Name the numbers that have a distribution, if there are any."""
    from simulator.scenario.priors import priors

    names = [".".join(place).removeprefix("truth.") for place in priors(scenario)]
    if names:
        screen.print(
            f"at the planned value of its distribution: {', '.join(names)} (for the average over "
            "what is believed see the assurance of afcsim power)",
            style="dim",
        )
