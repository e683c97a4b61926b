"""How long each task takes: log-normal between animals, drawn place by place."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.conduct import Conduct, Task
from simulator.streams import stream
from simulator.trial.laboratory.programme import Programme

Floats = NDArray[np.float64]


def vary(conduct: Conduct, programmes: Sequence[Programme]) -> bool:
    """Return whether any task of the programmes takes longer in one animal than in another."""
    return any(
        _varies(getattr(conduct.tasks, name))
        for programme in programmes
        for _, name in programme.steps
    )


def _varies(task: Task) -> bool:
    return task.takes > 0.0 and task.cv > 0.0


def draw_durations(
    conduct: Conduct,
    programmes: Sequence[Programme],
    *,
    seed: int,
    variant: int,
    places: Mapping[str | None, tuple[int, ...]],
) -> dict[str | None, Floats]:
    """Return the minutes that every step takes in one variant: (places, steps) by group.

    Parameters
    ----------
    variant : index of the timeline, from 0.
    seed, places : as `draw_variants`.
    """
    only = range(variant, variant + 1)
    drawn = draw_variants(conduct, programmes, seed=seed, variants=only, places=places)
    return {group: minutes[0] for group, minutes in drawn.items()}


def draw_variants(
    conduct: Conduct,
    programmes: Sequence[Programme],
    *,
    seed: int,
    variants: range,
    places: Mapping[str | None, tuple[int, ...]],
) -> dict[str | None, Floats]:
    """Return the minutes that every step takes, by group: (V, places, steps).

    Log-normal with mean ``takes`` and coefficient of variation ``cv``:
    ``takes * exp(s z - s^2 / 2)``, ``s^2 = ln(1 + cv^2)``. Every place has its own draws, so the
    first places of a larger study take as long as those of a smaller one; tasks that do not vary
    have theirs too, so that one task's cv leaves the other tasks as they are. Every variant has
    its own stream, so it is the same however many are drawn.

    Parameters
    ----------
    seed : the scenario's.
    variants : V indices of timelines, from 0.
    places : animals per study day, by group.
    """
    found = {}
    for programme in programmes:
        group = programme.satellite_of
        tasks = [getattr(conduct.tasks, name) for _, name in programme.steps]
        purpose = "durations" if group is None else f"{group}/durations"
        z = np.empty((len(variants), sum(places[group]), len(tasks)))
        for row, variant in zip(z, variants, strict=True):
            generator = stream(seed, block=variant, owner="laboratory", purpose=purpose)
            generator.standard_normal(out=row)
        spread = np.array([math.sqrt(math.log1p(task.cv**2)) for task in tasks])
        mean = np.array([task.takes for task in tasks])
        z *= spread
        z -= spread * spread / 2.0
        np.exp(z, out=z)
        z *= mean
        found[group] = z
    return found
