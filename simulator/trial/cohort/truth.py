"""What the analysis of one simulated study never sees: responses, failures, realised times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np

from simulator.trial.block import CohortBlock
from simulator.trial.cohort.conduct import Event
from simulator.trial.cohort.subjects import subject_id


def truth_of(block: CohortBlock, column: int, *, events: Sequence[Event]) -> dict[str, Any]:
    """Return the expected response of the typical animal per arm, and the failures.

    With conduct also how long after its immunization an animal was killed, by arm.

    Parameters
    ----------
    block : of replicates.
    column : which of them.
    events : what happened in it.
    """
    scenario, typical = block.scenario, np.zeros(1)
    arms = scenario.design.arms
    control = next((key for key, arm in arms.items() if arm.role == "control"), None)
    endpoints: dict[str, Any] = {}
    for key, endpoint in scenario.design.endpoints.items():
        level = {arm: float(block.responses.log_response(arm, key, typical)[0]) for arm in arms}
        endpoints[key] = {
            "unit": endpoint.unit,
            "arms": {
                arm: {
                    "expected": math.exp(found),
                    "fold_over_control": None
                    if control is None
                    else math.exp(found - level[control]),
                }
                for arm, found in level.items()
            },
        }
    truth: dict[str, Any] = {
        "scenario": scenario.id,
        "digest": scenario.digest,
        "seed": scenario.seed,
        "control": control,
        "endpoints": endpoints,
        "failed_immunizations": _failed(block, column),
    }
    if block.realised is not None:
        truth["immunization_to_kill_h"] = _intervals(events, tuple(arms))
    return truth


def _failed(block: CohortBlock, column: int) -> list[str]:
    return [
        subject_id(animals, index)
        for group in [block.animals, *block.satellites.values()]
        for animals in group.values()
        if animals.immunized is not None
        for index in range(animals.n)
        if not animals.immunized[index, column]
    ]


def _intervals(events: Sequence[Event], arms: Sequence[str]) -> dict[str, Any]:
    """Return hours from immunization to kill by group of animals and arm, as it happened.

    From the end of the injection to the end of the kill, as the response counts them. Groups are
    ``main`` and the satellite endpoints; those that are not killed are left out.
    """
    immunized = {e.subject.subject_id: e.end for e in events if e.event == "immunization"}
    hours: dict[str, dict[str, list[float]]] = {}
    for event in events:
        mouse = event.subject
        if event.event == "kill" and mouse.subject_id in immunized:
            by_arm = hours.setdefault(mouse.satellite_of or "main", {arm: [] for arm in arms})
            by_arm[mouse.arm].append(24.0 * (event.end - immunized[mouse.subject_id]))
    return {
        group: {
            arm: {"mean": fmean(found), "min": min(found), "max": max(found)}
            for arm, found in by_arm.items()
            if found
        }
        for group, by_arm in hours.items()
    }
