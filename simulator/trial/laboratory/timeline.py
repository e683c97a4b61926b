"""How late everything is: a library of stochastic timelines, drawn once per design.

A timeline is one course of the study in the laboratory. Replicate r of a block lives through
variant ``r % V`` of the library. What a timeline does to an arm is common to all replicates of
its variant; where arms are handled one after the other it does not cancel out of their
comparison, and a library of a few would add its own chance to every answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.scenario import Scenario
from simulator.scenario.conduct import Conduct, TaskName
from simulator.trial.laboratory.courses import courses
from simulator.trial.laboratory.durations import draw_durations, draw_variants, vary
from simulator.trial.laboratory.logbook import Page
from simulator.trial.laboratory.programme import Programme, programmes
from simulator.trial.laboratory.shifts import fits, read_same_day, reading_hours
from simulator.trial.laboratory.work import Work, work
from simulator.trial.laboratory.working_hours import MINUTES_PER_DAY, MINUTES_PER_HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Timelines of a library; one where no task varies. Every number divides the replicates of a
#: block, so each timeline serves as many.
VARIANTS = 50
#: Where arms are confounded with time: each replicate of a block has its own.
CONFOUNDED_VARIANTS = 500
#: Libraries kept: a power curve asks for twenty, each may hold ten megabytes.
_KEPT = 24
#: Times of steps that are worked out together.
_TIMES = 1_000_000


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


def variants_of(conduct: Conduct, plan: Sequence[Programme]) -> int:
    """Return how many timelines the library of a study holds."""
    if not vary(conduct, plan):
        return 1
    by_day = conduct.days > 1 and conduct.split == "by-arm"
    return CONFOUNDED_VARIANTS if conduct.order == "by-arm" or by_day else VARIANTS


@lru_cache(maxsize=_KEPT)
def _library(
    conduct: Conduct,
    plan: tuple[Programme, ...],
    seed: int,
    places: tuple[tuple[str | None, tuple[int, ...]], ...],
) -> Timeline:
    variants, counts = variants_of(conduct, plan), dict(places)
    per_course = sum(sum(counts[one.satellite_of]) * len(one.steps) for one in plan)
    together = max(1, _TIMES // max(per_course, 1))
    parts = []
    for first in range(0, variants, together):
        some = range(first, min(first + together, variants))
        takes = draw_variants(conduct, plan, seed=seed, variants=some, places=counts)
        parts.append(_timeline(courses(conduct, plan, places=counts, durations=takes)))
    return _joined(parts)


def _timeline(book: Sequence[Page]) -> Timeline:
    """Return the times of some courses."""
    reading = reading_hours(book)
    lines = {
        page.programme.satellite_of: _line(page, hours)
        for page, hours in zip(book, reading, strict=True)
    }
    return Timeline(
        lines,
        fits=np.all([fits(page) for page in book], axis=0),
        read_same_day=np.all([read_same_day(page) for page in book], axis=0),
        fits_before_last=np.all([fits(page, before_last=True) for page in book], axis=0),
    )


def _line(page: Page, reading: Floats) -> Line:
    """Return the times of one group."""
    programme = page.programme
    known: dict[int, Floats] = {}

    def late(visit: int, task: TaskName) -> Floats:
        step = programme.last_step(visit, task)
        if step not in known:  # endpoints of one sample share their times
            known[step] = (page.end[:, step] - page.planned(step)) / MINUTES_PER_DAY
        return known[step]

    immunized = waited = np.zeros(reading.shape)
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
            waited = (page.start[:, plated] - page.end[:, taken]) / MINUTES_PER_HOUR
    return Line(page.day_of, immunized, dosed, sampled, waited, reading)


def _joined(parts: Sequence[Timeline]) -> Timeline:
    """Return the timelines of all parts in one library, read-only."""
    known: dict[int, Floats] = {}

    def join(arrays: list[Floats]) -> Floats:
        if id(arrays[0]) not in known:  # what is shared stays shared
            found = np.concatenate(arrays) if len(arrays) > 1 else arrays[0]
            found.flags.writeable = False
            known[id(arrays[0])] = found
        return known[id(arrays[0])]

    lines = {}
    for group, one in parts[0].lines.items():
        own = [part.lines[group] for part in parts]
        one.day_of.flags.writeable = False
        lines[group] = Line(
            one.day_of,
            immunized=join([line.immunized for line in own]),
            dosed={day: join([line.dosed[day] for line in own]) for day in one.dosed},
            sampled={key: join([line.sampled[key] for line in own]) for key in one.sampled},
            waited=join([line.waited for line in own]),
            reading=join([line.reading for line in own]),
        )
    return Timeline(
        lines,
        fits=np.concatenate([part.fits for part in parts]),
        read_same_day=np.concatenate([part.read_same_day for part in parts]),
        fits_before_last=np.concatenate([part.fits_before_last for part in parts]),
    )
