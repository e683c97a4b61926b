"""What was done in the laboratory and when: the page of a group, and single tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.trial.laboratory.programme import Programme
from simulator.trial.laboratory.working_hours import MINUTES_PER_DAY, clock_minutes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Work:
    """One task on one animal, in study days on the calendar of the whole study.

    Attributes
    ----------
    group : endpoint whose satellites these are; None for the main animals.
    place : the animal's place in the line of its group.
    task : what was done.
    planned : when it was due; of a spleen when the kill was.
    start, end : when it was done.
    technician : who did it, from 0; None for incubation.
    """

    group: str | None
    place: int
    task: str
    planned: float
    start: float
    end: float
    technician: int | None


@dataclass(frozen=True)
class Page:
    """The laboratory's book of one group: P places, K steps (`Programme.steps`).

    Times have the shape (K, P); those of V courses of the study (V, K, P).

    Attributes
    ----------
    programme : what was planned.
    day_of : (P,) on which of the study's days a place is done; its whole calendar is shifted.
    start, end : (..., K, P) minutes of the whole study, on the laboratory's clock.
    technician : (..., K, P) who did it; -1 nobody.
    """

    programme: Programme
    day_of: Ints
    start: Floats
    end: Floats
    technician: Ints

    def planned(self, step: int) -> Floats:
        """Return when a step was due (P,), in minutes as ``start``."""
        visit, _ = self.programme.steps[step]
        due = clock_minutes(MINUTES_PER_DAY * self.programme.visits[visit].day)
        return due + MINUTES_PER_DAY * self.day_of

    def works(self) -> list[Work]:
        """Return every task on every place in the only course, step by step."""
        programme = self.programme
        return [
            Work(
                group=programme.satellite_of,
                place=place,
                task=task,
                planned=programme.visits[visit].day + day,
                start=start,
                end=end,
                technician=None if technician < 0 else technician,
            )
            for step, (visit, task) in enumerate(programme.steps)
            for place, (day, start, end, technician) in enumerate(
                zip(
                    self.day_of.tolist(),
                    (self.start[step] / MINUTES_PER_DAY).tolist(),
                    (self.end[step] / MINUTES_PER_DAY).tolist(),
                    self.technician[step].tolist(),
                    strict=True,
                )
            )
        ]
