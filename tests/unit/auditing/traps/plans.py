"""Scenarios of the catalogue under other plans."""

from __future__ import annotations

from typing import Any

from simulator.scenario import Scenario
from simulator.scenario_files import load_scenario


def with_plan(name: str, *, adjust: str | None = None, **changes: Any) -> Scenario:
    """Return a scenario of the catalogue with parts of its plan, and every adjustment, changed."""
    scenario = load_scenario(name)
    plan = scenario.analysis
    if adjust is not None:
        changes["families"] = {
            key: family.model_copy(update={"adjust": adjust})
            for key, family in plan.families.items()
        }
    return scenario.model_copy(update={"analysis": plan.model_copy(update=changes)})
