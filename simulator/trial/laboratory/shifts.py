"""On which shift things are done: whether a day fits, and sessions of reading.

Pages hold V courses: their times are (V, K, P).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.conduct import TaskName
from simulator.trial.laboratory.logbook import Page
from simulator.trial.laboratory.working_hours import MINUTES_PER_DAY, MINUTES_PER_HOUR

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def fits(page: Page, *, before_last: bool = False) -> Bools:
    """Return in which courses all is begun in time and done before the next shift, (V,).

    Spleens may be read in the shift after the one for which the kill is planned.

    Parameters
    ----------
    before_last : leave the last visit of the animals out.
    """
    last = len(page.programme.visits) - 1
    found = np.ones(len(page.start), dtype=np.bool_)
    for step, (visit, task) in enumerate(page.programme.steps):
        if task == "incubation" or (before_last and visit == last):
            continue
        # spleens may be read a shift later; a visit may outlast the shift, but not the night
        found &= _before(page.start[:, step], page, step, shifts=2.0 if task == "reading" else 1.0)
        if task != "reading":
            night_over = MINUTES_PER_DAY * (_shift(page.planned(step)) + 1.0)
            found &= (page.end[:, step] <= night_over).all(axis=1)
    return found


def read_same_day(page: Page) -> Bools:
    """Return in which courses spleens are read in the shift planned for the kill, (V,)."""
    found = np.ones(len(page.start), dtype=np.bool_)
    for step in _steps(page, "reading"):
        found &= _before(page.start[:, step], page, step, shifts=1.0)
    return found


def reading_hours(book: Sequence[Page]) -> list[Floats]:
    """Return hours from the start of its session to each place's reading, by group: (V, P).

    A session is all readings of one day's spleens, of whatever group, on one shift.
    """
    read = [(index, step) for index, page in enumerate(book) for step in _steps(page, "reading")]
    found = [np.zeros((len(page.start), page.day_of.size)) for page in book]
    if not read:
        return found
    start = np.concatenate([book[index].start[:, step] for index, step in read], axis=1)
    planned = np.concatenate([_shift(book[index].planned(step)) for index, step in read])
    hours = np.zeros(start.shape)
    for day in np.unique(planned):
        own = start[:, planned == day]
        shift = _shift(own)
        since = np.zeros(own.shape)
        for which in np.unique(shift):
            here = shift == which
            begun = np.where(here, own, np.inf).min(axis=1, keepdims=True)
            np.subtract(own, begun, out=since, where=here)
        hours[:, planned == day] = since / MINUTES_PER_HOUR
    at = 0
    for index, _ in read:
        width = found[index].shape[1]
        found[index] = np.ascontiguousarray(hours[:, at : at + width])
        at += width
    return found


def _steps(page: Page, task: TaskName) -> list[int]:
    return [step for step, (_, name) in enumerate(page.programme.steps) if name == task]


def _before(times: Floats, page: Page, step: int, *, shifts: float) -> Bools:
    """Return where all times come before so many shifts have opened since the planned one."""
    early: Bools = times < MINUTES_PER_DAY * (_shift(page.planned(step)) + shifts)
    return np.all(early, axis=1)


def _shift(minutes: Floats) -> Floats:
    """Return the study day on whose shift, or in the night after it, a time falls."""
    return np.floor_divide(minutes, MINUTES_PER_DAY)
