"""What a file did not state, and what stands in for it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario import Scenario
from simulator.scenario_files.node import Node


@dataclass(frozen=True)
class Default:
    """One value that the file leaves open.

    Attributes
    ----------
    path : in the resolved form.
    value : as a file would write it.
    status : how far to believe it (``assumed`` unless the literature says otherwise).
    source : where it is from.
    """

    path: str
    value: str
    status: str
    source: str


def unstated(scenario: Scenario, tree: Node) -> tuple[Default, ...]:
    """x"""
    return ()
