"""How late everything is: a library of stochastic timelines, drawn once per design.

A timeline is one run of the laboratory. Replicate r of a block lives through variant
``r % V`` of the library, so SimPy never runs inside the replicate loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.scenario import Scenario
from simulator.scenario.conduct import Conduct, TaskName
from simulator.trial.laboratory.durations import draw_durations, vary
from simulator.trial.laboratory.programme import Programme, programmes
from simulator.trial.laboratory.work import Page, Work, logbook, work
from simulator.trial.laboratory.working_hours import MINUTES_PER_DAY, MINUTES_PER_HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Timelines of a library; one where no task varies.
VARIANTS = 5


@dataclass(frozen=True)
class Line:
    """Times of the P places of one group in V timelines; late is positive.

    Lateness is realised minus planned on the place's own calendar, days; the moment of a
    procedure is its end: the injection given, the blood or the spleen taken.

    Attributes
    ----------
    day_of : (P,) on which of the study's days the place is done.
    immunized : (V, P) days late; 0 where the animals are killed before.
    dosed : by planned day (V, P) days late, of the last injection of that time.
    sampled : by endpoint (V, P) days late.
    waited : (V, P) hours from the end of killing to the start of plating; 0 without plating.
    reading : (V, P) hours from the start of the reading session to the animal's own reading; 0
        without. A session is all readings of one day's spleens on one shift: what closing leaves
        over is a session of its own.
    """

    day_of: Ints
    immunized: Floats
    dosed: Mapping[float, Floats]
    sampled: Mapping[str, Floats]
    waited: Floats
    reading: Floats


@dataclass(frozen=True)
class Timeline:
    """The library of a design and its numbers of animals.

    Attributes
    ----------
    lines : by group (None: the main animals; else the endpoint of the satellites).
    fits : (V,) whether every visit and every plating begins in the shift for which it is
        planned and is over before the next one opens, and every spleen is read in the same shift
        or the next: a reading session may run into the next day (plates keep), no longer.
    read_same_day : (V,) whether every spleen is read in the shift for which its kill is planned.
    fits_before_last : (V,) whether everything before the last visit of the animals fits.
    """

    lines: Mapping[str | None, Line]
    fits: Bools
    read_same_day: Bools
    fits_before_last: Bools

    @property
    def variants(self) -> int:
        """Number of timelines, V."""
        return self.fits.size


def timeline(scenario: Scenario, *, places: Mapping[str | None, tuple[int, ...]]) -> Timeline:
    """Return the timelines of a study, in read-only arrays; the same for the same design.

    Parameters
    ----------
    scenario : resolved scenario with ``design.conduct``.
    places : animals per study day, by group: main animals first (None), then satellites.

    Raises
    ------
    ValueError : the design has no conduct, or places do not fit its groups or days.
    """
    plan = programmes(scenario.design)
    return _library(_conduct(scenario), plan, scenario.seed, tuple(places.items()))


def works(
    scenario: Scenario, *, places: Mapping[str | None, tuple[int, ...]], variant: int = 0
) -> list[Work]:
    """Return everything that is done in one timeline, in order of time.

    Parameters
    ----------
    scenario, places : as `timeline`.
    variant : which one; that of replicate r is ``r % timeline(...).variants``.
    """
    plan, conduct = programmes(scenario.design), _conduct(scenario)
    takes = draw_durations(conduct, plan, seed=scenario.seed, variant=variant, places=places)
    return work(conduct, plan, places=places, durations=takes)


def nested(scenario: Scenario, largest: Timeline) -> bool:
    """Return whether the times of every smaller study are the first ones of the largest.

    True only where what comes later in the line touches nobody before: whole blocks in turn, on
    one day, spleens plated at once, no satellites, every arm with as many animals, one visit per
    shift, and every shift fits (but the last, whose left-over animals delay nobody's next visit).
    With drift of the reader the last shift must fit and the reading not be interrupted either: a
    smaller study would read at another time of the day.
    """
    design, conduct = scenario.design, _conduct(scenario)
    plan = programmes(design)
    alike = all(arm.n is None and arm.ratio == 1.0 for arm in design.arms.values())
    if not (
        conduct.order == "by-block"
        and conduct.days == 1
        and conduct.plating == "at-once"
        and [programme.satellite_of for programme in plan] == [None]
        and alike
        and (design.attrition.inflate is None or not design.attrition.by_arm)
        and bool(largest.fits_before_last.all())
    ):
        return False
    shifts = [np.floor(visit.day) for visit in plan[0].visits]
    if len(set(shifts)) < len(shifts):
        return False
    if scenario.truth.handling.reader_drift.value == 0.0:
        return True
    fits = bool(largest.fits.all() and largest.read_same_day.all())
    return fits and conduct.hours.pause is None


def _conduct(scenario: Scenario) -> Conduct:
    if scenario.design.conduct is None:
        raise ValueError("design.conduct is missing: everything happens at its planned time")
    return scenario.design.conduct


@lru_cache(maxsize=128)
def _library(
    conduct: Conduct,
    plan: tuple[Programme, ...],
    seed: int,
    places: tuple[tuple[str | None, tuple[int, ...]], ...],
) -> Timeline:
    variants = VARIANTS if vary(conduct, plan) else 1
    books = []
    for variant in range(variants):
        takes = draw_durations(conduct, plan, seed=seed, variant=variant, places=dict(places))
        books.append(logbook(conduct, plan, places=dict(places), durations=takes))
    reading = [_reading_hours(book) for book in books]
    lines = {
        programme.satellite_of: _line(
            [book[index] for book in books], np.array([hours[index] for hours in reading])
        )
        for index, programme in enumerate(plan)
    }
    return Timeline(
        lines,
        fits=np.array([all(map(_fits, book)) for book in books]),
        read_same_day=np.array([all(map(_read_same_day, book)) for book in books]),
        fits_before_last=np.array(
            [all(_fits(page, before_last=True) for page in book) for book in books]
        ),
    )


def _line(pages: Sequence[Page], reading: Floats) -> Line:
    """Return the times of one group from its page in every variant."""
    programme = pages[0].programme

    def late(visit: int, task: TaskName) -> Floats:
        step = programme.last_step(visit, task)
        found = np.array([page.end[step] - page.planned(step) for page in pages])
        return found / MINUTES_PER_DAY

    nothing = np.zeros(reading.shape)
    immunized, waited = nothing, nothing
    dosed, sampled = {}, {}
    for index, visit in enumerate(programme.visits):
        if "immunization" in visit.tasks:
            immunized = late(index, "immunization")
        if "dosing" in visit.tasks:
            dosed[visit.day] = late(index, "dosing")
        for key in visit.reads:
            sampled[key] = late(index, "killing" if key in visit.after_death else "sampling")
        if "plating" in visit.tasks:
            taken, plated = (programme.last_step(index, task) for task in ("killing", "plating"))
            spans = [page.start[plated] - page.end[taken] for page in pages]
            waited = np.array(spans) / MINUTES_PER_HOUR
    day_of = pages[0].day_of
    for array in (day_of, immunized, waited, reading, *dosed.values(), *sampled.values()):
        array.flags.writeable = False
    return Line(day_of, immunized, dosed, sampled, waited, reading)


def _reading_hours(book: Sequence[Page]) -> list[Floats]:
    """Return hours from the start of its session to each place's reading, by group: (P,)."""
    found = [np.zeros(page.day_of.size) for page in book]
    begun: dict[tuple[float, float], float] = {}
    rows = []
    for page, hours in zip(book, found, strict=True):
        for step in _steps(page, "reading"):
            start = page.start[step]
            sessions = list(zip(_shift(page.planned(step)), _shift(start), strict=True))
            for session, time in zip(sessions, start, strict=True):
                begun[session] = min(time, begun.get(session, time))
            rows.append((hours, start, sessions))
    for hours, start, sessions in rows:
        hours[:] = (start - np.array([begun[session] for session in sessions])) / MINUTES_PER_HOUR
    return found


def _steps(page: Page, task: TaskName) -> list[int]:
    return [step for step, (_, name) in enumerate(page.programme.steps) if name == task]


def _shift(minutes: Floats) -> Floats:
    """Return the study day on whose shift, or in the night after it, a time falls."""
    return np.floor_divide(minutes, MINUTES_PER_DAY)


def _fits(page: Page, *, before_last: bool = False) -> bool:
    last = len(page.programme.visits) - 1
    for step, (visit, task) in enumerate(page.programme.steps):
        if task == "incubation" or (before_last and visit == last):
            continue
        due = _shift(page.planned(step))
        late = _shift(page.start[step]) - due
        if task == "reading":
            if (late > 1.0).any():
                return False
        # a visit may outlast the shift, but not the night
        elif late.any() or (page.end[step] > MINUTES_PER_DAY * (due + 1.0)).any():
            return False
    return True


def _read_same_day(page: Page) -> bool:
    return all(
        bool((_shift(page.start[step]) == _shift(page.planned(step))).all())
        for step in _steps(page, "reading")
    )
