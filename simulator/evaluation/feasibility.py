"""Can the laboratory do it: every day of a study against the shift, and the largest study it can.

The course of a study is simulated several times, because tasks take longer in one animal than in
another. A day fits where in no course an animal or a spleen is left for the next morning; plates
may be read a day later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.evaluation.boundary import largest_true
from simulator.evaluation.day_at_work import DayAtWork, days_at_work
from simulator.evaluation.feasibility_result import ArmTimes, Feasibility, Spell
from simulator.evaluation.ways_out import WaysOut, ways_out
from simulator.model.animals import draw_animals
from simulator.scenario import Scenario
from simulator.scenario.conduct import HOURS_PER_DAY, Conduct
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK
from simulator.trial.laboratory.durations import vary
from simulator.trial.laboratory.logbook import Work
from simulator.trial.laboratory.programme import Programme, programmes
from simulator.trial.laboratory.timeline import works
from simulator.trial.order import places_of, places_per_day

if TYPE_CHECKING:
    from simulator.engine.local import Progress

#: Animals per arm, and technicians, beyond which nothing larger is looked for.
LARGEST, MOST_STAFF = 1000, 20
#: Courses of a study that are simulated; one where no task varies.
COURSES = 5
#: What an arm's times are between.
_ONCE = ("immunization", "killing", "plating")


def feasibility(
    scenario: Scenario,
    *,
    n: int | None = None,
    largest: int = LARGEST,
    staff: int = MOST_STAFF,
    progress: Progress | None = None,
) -> Feasibility:
    """Simulate the laboratory's days and return whether each fits the shift.

    Parameters
    ----------
    scenario : resolved scenario; without ``design.conduct`` the program's default stands in.
    n : animals in an arm of ratio 1; default: the top of the decision's range.
    largest : end of the search for the largest study that fits.
    staff : end of the search for the number of technicians, where it does not fit.
    progress : called with (courses done, courses in all) before each course of every study that
        is tried; what it raises ends the work.

    Raises
    ------
    ValueError : n below 1.

    Examples
    --------
    >>> from simulator import load_scenario
    >>> found = feasibility(load_scenario("quick-start"), n=8)
    >>> found.verdict
    'every day fits the shift'
    """
    chosen = scenario.decision.n.stop if n is None else n
    if chosen < 1:
        raise ValueError(f"n must be at least 1, not {chosen}")
    assumed = scenario.design.conduct is None
    conduct = scenario.design.conduct or Conduct()
    digest = scenario.digest  # of the file's own scenario
    scenario = _with_conduct(scenario, conduct)
    study = _Study(scenario, chosen, progress)
    courses = list(study.courses())
    days = days_at_work(courses, conduct)
    fits = all(day.fits for day in days)
    needed = None if fits else _staff_needed(study, staff)
    most = _largest_that_fits(study, largest, known={chosen: fits})
    return Feasibility(
        scenario_id=scenario.id,
        digest=digest,
        seed=scenario.seed,
        n_per_arm=chosen,
        sizes=study.sizes,
        animals=study.animals,
        conduct=conduct,
        assumed=assumed,
        courses=len(courses),
        days=days,
        arms=tuple(_arm_times(study, courses)),
        largest=most,
        largest_animals=_Study(scenario, most).animals if most else 0,
        largest_at_cap=most >= largest,
        staff_needed=needed,
        most_staff=staff,
        ways_out=None if fits else _ways_out(study, staff if needed is None else None),
        work=tuple(courses[0]),
    )


def _with_conduct(scenario: Scenario, conduct: Conduct) -> Scenario:
    if scenario.design.conduct is conduct:
        return scenario
    design = scenario.design.model_copy(update={"conduct": conduct})
    return scenario.model_copy(update={"design": design})


@dataclass(frozen=True)
class _Study:
    """A study of n animals per arm, in a laboratory."""

    scenario: Scenario
    n: int
    progress: Progress | None = None

    def with_conduct(self, conduct: Conduct) -> _Study:
        """Return the same study in a laboratory that works otherwise."""
        return replace(self, scenario=_with_conduct(self.scenario, conduct))

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Animals by arm."""
        return self.scenario.design.sizes(self.n)

    @cached_property
    def programmes(self) -> tuple[Programme, ...]:
        """What is done to each group of animals."""
        return programmes(self.scenario.design)

    @cached_property
    def places(self) -> dict[str | None, tuple[int, ...]]:
        """Animals per study day, by group."""
        per_day = places_per_day(self.scenario.design, self.sizes)
        return {programme.satellite_of: per_day for programme in self.programmes}

    @property
    def animals(self) -> int:
        """Animals of all arms and groups."""
        return sum(sum(days) for days in self.places.values())

    @property
    def conduct(self) -> Conduct:
        """How the laboratory works."""
        conduct = self.scenario.design.conduct
        assert conduct is not None  # one stands in where the file has none
        return conduct

    def courses(self) -> Iterator[list[Work]]:
        """Simulate the courses, one after the other."""
        count = COURSES if vary(self.conduct, self.programmes) else 1
        for variant in range(count):
            if self.progress is not None:
                self.progress(variant, count)
            yield works(self.scenario, places=self.places, variant=variant)

    def fits(self) -> bool:
        """Return whether every day fits in every course."""
        return all(
            day.fits for course in self.courses() for day in days_at_work([course], self.conduct)
        )


def _largest_that_fits(study: _Study, cap: int, *, known: Mapping[int, bool]) -> int:
    """Return the largest n up to ``cap`` that fits, 0 where not even 1 does."""

    def fits(n: int) -> bool:
        return known[n] if n in known else replace(study, n=n).fits()

    guess = min(max(_guess(study.scenario), 1), cap)
    return largest_true(fits, guess=guess, cap=cap)


def _guess(scenario: Scenario) -> int:
    """Return about the n per arm that fills the busiest day, by sums of mean minutes."""
    study = _Study(scenario, 100)
    conduct = study.conduct
    hands, read = _minutes(study)
    # reading may take the rest of the day and the next one
    reading = 0.6 * read / min(conduct.equipment.readers, conduct.staff)
    share = max(hands / conduct.staff, reading) / (60.0 * conduct.hours.working)
    return int(min(100 / share, LARGEST)) if share > 0.0 else LARGEST


def _minutes(study: _Study) -> tuple[float, float]:
    """Return mean minutes of work that the busiest day plans: at the animals, and of reading."""
    tasks = study.conduct.tasks
    hands: dict[float, float] = defaultdict(float)
    reading: dict[float, float] = defaultdict(float)
    for programme in study.programmes:
        heads = max(study.places[programme.satellite_of])
        for visit in programme.visits:
            hands[visit.day] += heads * sum(getattr(tasks, task).takes for task in visit.tasks)
            reading[visit.day] += heads * tasks.reading.takes * ("plating" in visit.tasks)
    return max(hands.values(), default=0.0), max(reading.values(), default=0.0)


def _staff_needed(study: _Study, most: int) -> int | None:
    """Return the fewest technicians with whom every day fits, or None where ``most`` do not."""
    conduct = study.conduct

    def fits(staff: int) -> bool:
        return study.with_conduct(conduct.model_copy(update={"staff": staff})).fits()

    # fewer than half of what the mean minutes take, the last visit past closing, cannot be enough
    longest = max(
        sum(getattr(conduct.tasks, task).takes for task in visit.tasks)
        for programme in study.programmes
        for visit in programme.visits
    )
    least = _minutes(study)[0] / (2.0 * (60.0 * conduct.hours.working + longest))
    # one after the other: a technician more may make a day that waits for other things longer
    first = max(conduct.staff + 1, int(least))
    return next((staff for staff in range(first, most + 1) if fits(staff)), None)


def _ways_out(study: _Study, too_few: int | None) -> WaysOut:
    """Return what else makes every day fit; ``too_few`` technicians are not enough, or None."""
    conduct = study.conduct

    def crowded() -> tuple[DayAtWork, ...]:
        full = conduct.model_copy(update={"staff": max(too_few or 0, conduct.staff)})
        return days_at_work(list(study.with_conduct(full).courses()), full)

    return ways_out(
        conduct,
        fits=lambda other: study.with_conduct(other).fits(),
        crowded=None if too_few is None else crowded,
    )


def _arm_times(study: _Study, courses: Sequence[Sequence[Work]]) -> Iterator[ArmTimes]:
    """Yield what the order does to every arm, over a block of replicates."""
    design = study.scenario.design
    for programme in study.programmes:
        last = programme.visits[-1]
        killing = next((key for key in last.reads if design.endpoints[key].terminal), None)
        if killing is None or last.day < design.immunization.day:
            continue
        group = programme.satellite_of
        done = _times(courses, group, count=sum(study.places[group]))
        animals = draw_animals(
            study.scenario, block=SEARCH_BLOCK, sizes=study.sizes, satellites_of=group
        )
        for arm, places in places_of(design, animals).items():
            yield ArmTimes(
                endpoint=killing,
                arm=arm,
                planned=HOURS_PER_DAY * (last.day - design.immunization.day),
                interval=_spell(done["killing"][1] - done["immunization"][1], places),
                waited=_spell(done["plating"][0] - done["killing"][1], places)
                if "plating" in done
                else None,
            )


def _times(
    courses: Sequence[Sequence[Work]], group: str | None, *, count: int
) -> dict[str, NDArray[np.float64]]:
    """Return start and end of what is done once to each of ``count`` places, by task (2, V, P)."""
    found: dict[str, NDArray[np.float64]] = {}
    for course, book in enumerate(courses):
        for done in book:
            if done.group == group and done.task in _ONCE:
                table = found.setdefault(done.task, np.empty((2, len(courses), count)))
                table[:, course, done.place] = done.start, done.end
    return found


def _spell(table: NDArray[np.float64], places: NDArray[np.int64]) -> Spell:
    """Return hours over the animals of an arm.

    Parameters
    ----------
    table : (V, P) days, by course and place.
    places : (n, R) of the arm's animals; replicate r has course r % V.
    """
    found = HOURS_PER_DAY * table[np.arange(BLOCK_SIZE) % table.shape[0], places]
    return Spell(float(found.mean()), float(found.min()), float(found.max()))
