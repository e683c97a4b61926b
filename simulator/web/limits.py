"""What a page asks of the computer it runs on: a server is not one planner's own machine."""

from __future__ import annotations

from typing import Final

from simulator.errors import Problem
from simulator.scenario import Scenario

#: Simulated studies of the first answer.
FIRST: Final = 2_000
#: Most simulated studies that a page starts with; the command line has no such limit.
MOST_REPLICATES: Final = 200_000
#: Most animals of one simulated study at the top of the range, over all arms.
MOST_ANIMALS: Final = 5_000
#: Most changed values, and most characters of one of them.
MOST_CHANGES: Final = 200
LONGEST_CHANGE: Final = 2_000
#: Bytes of one message of the browser: a scenario of the largest size, and its escapes.
MESSAGE_BYTES: Final = 4_000_000


def beyond(scenario: Scenario) -> tuple[Problem, ...]:
    """Return what is too large for a page, each with what to do; nothing where all is well."""
    decision = scenario.decision
    told = []
    wanted = decision.replicates_for_mcse
    if wanted > MOST_REPLICATES:
        path = "decision.replicates" if decision.mcse is None else "decision.mcse"
        told.append(
            Problem(
                path,
                f"{wanted:,} simulated studies are more than the {MOST_REPLICATES:,} of this "
                "page: ask for fewer, or download the YAML and use afcsim size",
            )
        )
    animals = sum(scenario.design.sizes(decision.n.stop).values())
    if animals > MOST_ANIMALS:
        told.append(
            Problem(
                "decision.n.to",
                f"{animals:,} animals in one study are more than the {MOST_ANIMALS:,} of this "
                "page: lower the top of the range, or download the YAML and use afcsim size",
            )
        )
    return tuple(told)
