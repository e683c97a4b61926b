"""What cannot work in a plan (errors) and what is unwise (warnings)."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.node import Node


def criticise(
    scenario: Scenario, tree: Node, found: Collector, *, damaged: frozenset[str]
) -> None:
    """x"""
