"""The laboratory at work: visits, spleens on their way, and reading, run by SimPy.

Every animal has a visit per planned day (`programme.Visit`); who is taken when follows the rules
of the line (`laboratory.staff`). Jobs planned for one time go in three stages:

1. visits, in the order of places: main animals first, then the satellites of each endpoint;
2. plating, where spleens wait (``plating: after-all``): from the moment the last animal that is
   killed for its spleen that day is taken, in the order of places among the spleens there are;
3. reading, in the order of places: a session of its own that begins when the last spleen of the
   day has been incubated, or when work may next begin. A spleen needs a reader, and then a
   technician.

The day of a spleen is the one for which its kill was planned. Plates are incubated in the order
in which they come, each in one place of a bath, and nobody stands by. Where spleens do not wait
(``at-once``) the technician plates right after killing, and the visit ends with that.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from simulator.scenario.conduct import Conduct, TaskName
from simulator.trial.laboratory.logbook import Page, Work
from simulator.trial.laboratory.programme import Programme
from simulator.trial.laboratory.staff import Job, Staff
from simulator.trial.laboratory.working_hours import MINUTES_PER_DAY, clock_minutes, working_hours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

__all__ = ["Page", "Work", "logbook", "work"]

_VISIT, _PLATING, _READING = range(3)
#: What a technician does at the bench, not in a visit.
_LATER = ("incubation", "reading")


def work(
    conduct: Conduct,
    programmes: Sequence[Programme],
    *,
    places: Mapping[str | None, tuple[int, ...]],
    durations: Mapping[str | None, Floats],
) -> list[Work]:
    """Run the laboratory and return everything that was done, in order of time.

    Parameters
    ----------
    conduct : staff, equipment, hours.
    programmes : what is planned, from `programme.programmes`.
    places : animals per study day, by group; the places of the first day come first.
    durations : (places, steps) minutes, by group, from `durations.draw_durations`.

    Raises
    ------
    ValueError : places or durations do not fit the programmes or the days.
    """
    pages = logbook(conduct, programmes, places=places, durations=durations)
    found = [done for page in pages for done in page.works()]
    return sorted(found, key=lambda done: (done.start, done.end))


def logbook(
    conduct: Conduct,
    programmes: Sequence[Programme],
    *,
    places: Mapping[str | None, tuple[int, ...]],
    durations: Mapping[str | None, Floats],
) -> tuple[Page, ...]:
    """Run the laboratory and return its book, a page per programme; parameters as `work`."""
    _check(conduct, programmes, places, durations)
    return _Laboratory(conduct, programmes, places, durations).run()


def _check(
    conduct: Conduct,
    programmes: Sequence[Programme],
    places: Mapping[str | None, tuple[int, ...]],
    durations: Mapping[str | None, Floats],
) -> None:
    if list(places) != [programme.satellite_of for programme in programmes]:
        raise ValueError(f"places of {list(places)} do not fit the groups of the study")
    for programme in programmes:
        group = programme.satellite_of
        if len(places[group]) != conduct.days:
            raise ValueError(f"places on {len(places[group])} days, not on {conduct.days}")
        due = (sum(places[group]), len(programme.steps))
        if durations[group].shape != due:
            raise ValueError(f"durations are {durations[group].shape}, not {due}")


class _Group:
    """Places, durations and jobs of one programme."""

    def __init__(
        self, programme: Programme, counts: tuple[int, ...], takes: Floats, first: int
    ) -> None:
        self.programme = programme
        self.day_of: Ints = np.repeat(np.arange(len(counts)), counts)
        self.takes = clock_minutes(takes).T  # (steps, places)
        self.first = first  # place in the whole line of place 0
        self.visits: list[list[Job]] = []
        # jobs at the bench, by place
        self.bench: dict[TaskName, dict[int, Job]] = {"plating": {}, "reading": {}}
        self.incubated: Floats = np.zeros(self.day_of.size)  # when it began

    def steps(self, visit: int, *, wait: bool) -> list[int]:
        """Return the steps that are done in one go at a visit."""
        later = (*_LATER, "plating") if wait else _LATER
        return [
            step
            for step, (index, task) in enumerate(self.programme.steps)
            if index == visit and task not in later
        ]

    def step(self, task: TaskName) -> int:
        """Return the one step of a task."""
        return [name for _, name in self.programme.steps].index(task)


class _Day:
    """The spleens of one planned day.

    Parameters
    ----------
    opening : of the shift, minutes on the clock.
    """

    def __init__(self, opening: float) -> None:
        self.opening = opening
        self.spleens: list[tuple[_Group, int]] = []
        self.kills = 0  # animals not taken yet
        self.there: list[Job] = []  # platings that wait for the last of these
        self.incubating = 0  # spleens not incubated yet


class _Laboratory:
    def __init__(
        self,
        conduct: Conduct,
        programmes: Sequence[Programme],
        places: Mapping[str | None, tuple[int, ...]],
        durations: Mapping[str | None, Floats],
    ) -> None:
        self._wait = conduct.plating == "after-all"
        self._days: dict[float, _Day] = {}
        self._groups: list[_Group] = []
        first = 0
        for programme in programmes:
            key = programme.satellite_of
            self._groups.append(_Group(programme, places[key], durations[key], first))
            first += sum(places[key])
        days = [visit.day for programme in programmes for visit in programme.visits]
        first_day = math.floor(min(days, default=0.0))
        self._env = simpy.Environment(initial_time=MINUTES_PER_DAY * first_day)
        # more of a thing than there are technicians is never waited for
        kit, staff = conduct.equipment, conduct.staff
        self._balance: simpy.Resource | None = None
        if kit.balances < staff:
            self._balance = simpy.Resource(self._env, capacity=kit.balances)
        self._bath = simpy.Resource(self._env, capacity=kit.baths * kit.per_bath)
        self._readers = simpy.Resource(self._env, capacity=kit.readers)
        for group in self._groups:
            for visit in range(len(group.programme.visits)):
                self._plan(group, visit)
        self._staff = Staff(
            self._env,
            technicians=staff,
            hours=working_hours(conduct.hours),
            jobs=[job for group in self._groups for jobs in group.visits for job in jobs],
        )

    def run(self) -> tuple[Page, ...]:
        self._env.run()
        return tuple(self._page(group) for group in self._groups)

    def _plan(self, group: _Group, visit: int) -> None:
        """Make the jobs of a visit of every place."""
        plan = group.programme.visits[visit]
        steps = group.steps(visit, wait=self._wait)
        due = clock_minutes(MINUTES_PER_DAY * plan.day) + MINUTES_PER_DAY * group.day_of
        takes = group.takes[steps].sum(axis=0).tolist()
        jobs = [
            Job(planned, _VISIT, group.first + place, minutes)
            for place, (planned, minutes) in enumerate(zip(due.tolist(), takes, strict=True))
        ]
        group.visits.append(jobs)
        if "weighing" in plan.tasks and self._balance is not None:
            for job, uses in zip(jobs, group.takes[group.step("weighing")].tolist(), strict=True):
                job.equipment, job.uses = self._balance, uses
        if "plating" in plan.tasks:
            for place, job in enumerate(jobs):
                self._follow(group, place, job)

    def _follow(self, group: _Group, place: int, job: Job) -> None:
        """Let the spleen of a killed animal go its way."""
        opening = job.due // MINUTES_PER_DAY * MINUTES_PER_DAY
        day = self._days.setdefault(opening, _Day(opening))
        day.spleens.append((group, place))
        day.incubating += 1

        def incubate(_: Job) -> None:
            self._env.process(self._incubate(day, group, place))

        if not self._wait:
            job.on_end = incubate
            return
        takes = float(group.takes[group.step("plating"), place])
        plating = Job(opening, _PLATING, job.place, takes, on_end=incubate)
        group.bench["plating"][place] = plating
        day.kills += 1

        def taken(_: Job) -> None:
            day.kills -= 1
            if not day.kills:
                for spleen in day.there:
                    self._staff.add(spleen)

        def killed(_: Job) -> None:
            if day.kills:
                day.there.append(plating)
            else:
                self._staff.add(plating)

        job.on_begin, job.on_end = taken, killed

    def _incubate(self, day: _Day, group: _Group, place: int) -> Generator[simpy.Event, Any, None]:
        with self._bath.request() as room:
            yield room
            group.incubated[place] = self._env.now
            yield self._env.timeout(float(group.takes[group.step("incubation"), place]))
        day.incubating -= 1
        if not day.incubating:
            self._env.process(self._read(day))

    def _read(self, day: _Day) -> Generator[simpy.Event, Any, None]:
        for group, place in day.spleens:
            turn = self._readers.request()
            yield turn

            def read(_: Job, turn: Any = turn) -> None:
                self._readers.release(turn)

            takes = float(group.takes[group.step("reading"), place])
            job = Job(day.opening, _READING, group.first + place, takes, on_end=read)
            group.bench["reading"][place] = job
            self._staff.add(job)

    def _page(self, group: _Group) -> Page:
        """Return when each step was done: the tasks of a job follow one another."""
        start = np.zeros(group.takes.shape)
        technician = np.full(group.takes.shape, -1, dtype=np.int64)
        jobs = {
            tuple(group.steps(visit, wait=self._wait)): own
            for visit, own in enumerate(group.visits)
        }
        for task, found in group.bench.items():
            if found:
                jobs[(group.step(task),)] = [found[place] for place in range(group.day_of.size)]
        for steps, own in jobs.items():
            rows = list(steps)
            before = np.cumsum(group.takes[rows], axis=0) - group.takes[rows]
            start[rows] = np.array([job.start for job in own]) + before
            technician[rows] = [job.technician for job in own]
        for step, (_, task) in enumerate(group.programme.steps):
            if task == "incubation":
                start[step] = group.incubated
        return Page(group.programme, group.day_of, start, start + group.takes, technician)
