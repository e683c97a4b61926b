"""Many courses of a study at once, by the compiled laboratory: pages as `work.logbook` gives them.

The jobs of a study, their order and what they need are the same in every course; only what they
take differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.conduct import Conduct, TaskName
from simulator.trial.laboratory.line_kernel import Plan
from simulator.trial.laboratory.logbook import Page
from simulator.trial.laboratory.programme import Programme
from simulator.trial.laboratory.queue_kernel import Done, Takes, run_courses
from simulator.trial.laboratory.working_hours import MINUTES_PER_DAY, clock_minutes, working_hours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def courses(
    conduct: Conduct,
    programmes: Sequence[Programme],
    *,
    places: Mapping[str | None, tuple[int, ...]],
    durations: Mapping[str | None, Floats],
) -> tuple[Page, ...]:
    """Run the laboratory V times and return its books, a page per programme of (V, K, P) times.

    Parameters
    ----------
    conduct, programmes, places : as `work.logbook`.
    durations : (V, places, steps) minutes, by group, from `durations.draw_variants`.
    """
    groups = _groups(conduct, programmes, places, durations)
    visits = [(group, visit) for group in groups for visit in range(len(group.programme.visits))]
    due = np.concatenate([group.due(visit) for group, visit in visits] or [np.zeros(0)])
    animal = np.concatenate([group.animals for group, _ in visits] or [np.zeros(0, np.int64)])
    order = np.lexsort((animal, due))
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    jobs = np.split(rank, np.cumsum([group.animals.size for group, _ in visits])[:-1])
    spleens = _Spleens.of([(g, v) for g, v in visits if "plating" in g.programme.visits[v].tasks])
    ...
