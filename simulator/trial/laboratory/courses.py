"""Many courses of a study at once, by the compiled laboratory: pages as `work.logbook` gives them.

The jobs of a study, their order and what they need are the same in every course; only what they
take differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.conduct import Conduct, TaskName
from simulator.trial.laboratory.jobs import Done, Plan, Takes
from simulator.trial.laboratory.logbook import Page
from simulator.trial.laboratory.programme import Programme
from simulator.trial.laboratory.queue_kernel import PLATING, READING, run_courses
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
    """Run the laboratory V times and return its books: a page per programme, with V courses.

    Parameters
    ----------
    conduct, programmes, places : as `work.logbook`.
    durations : (V, places, steps) minutes, by group, from `durations.draw_variants`.
    """
    groups, before = [], 0
    for programme in programmes:
        key = programme.satellite_of
        groups.append(_Group(programme, places[key], durations[key], before))
        before += sum(places[key])
    visits = sum(len(group.programme.visits) * group.animals.size for group in groups)
    _rank(groups)
    openings, first = _days(groups, visits)
    plan = _plan(conduct, groups, visits, openings, first)
    variants = len(next(iter(durations.values())))
    takes = Takes(
        np.zeros((variants, plan.due.size)),
        np.zeros((variants, before)),
        np.zeros((variants, plan.day_of.size)),
    )
    done = Done(
        np.zeros(takes.jobs.shape),
        np.zeros(takes.jobs.shape, dtype=np.int8),
        np.zeros(takes.incubation.shape),
    )
    wait = conduct.plating == "after-all"
    for group in groups:
        for steps, jobs in group.jobs(wait=wait):
            takes.jobs[:, jobs] = group.takes[steps].sum(axis=0)
        for step, (_, task) in enumerate(group.programme.steps):
            if task == "weighing":
                takes.weighing[:, group.animals] = group.takes[step]
            elif task == "incubation":
                takes.incubation[:, group.spleens] = group.takes[step]
    run_courses(plan, takes, done)
    return tuple(_page(group, done, wait=wait) for group in groups)


class _Group:
    """Places, durations and jobs of one programme.

    Attributes
    ----------
    animals : (P,) place in the whole line of each place.
    takes : (K, V, P) minutes on the clock.
    visits : (P,) jobs of each visit, by number.
    spleens, plating, reading : (P,) numbers of the spleens and of the jobs they make.
    """

    def __init__(
        self, programme: Programme, counts: tuple[int, ...], takes: Floats, before: int
    ) -> None:
        self.programme = programme
        self.day_of: Ints = np.repeat(np.arange(len(counts)), counts)
        self.animals = before + np.arange(self.day_of.size)
        self.takes = np.ascontiguousarray(clock_minutes(takes).transpose(2, 0, 1))
        self.visits: list[Ints] = []
        self.spleens = self.plating = self.reading = np.zeros(0, dtype=np.int64)

    def due(self, visit: int) -> Floats:
        """Return when a visit is due (P,), in minutes on the clock."""
        own = clock_minutes(MINUTES_PER_DAY * self.programme.visits[visit].day)
        return own + MINUTES_PER_DAY * self.day_of

    @property
    def plated(self) -> int | None:
        """The visit that gives spleens to plate."""
        visits = self.programme.visits
        return next((i for i, visit in enumerate(visits) if "plating" in visit.tasks), None)

    def jobs(self, *, wait: bool) -> Iterator[tuple[list[int], Ints]]:
        """Yield steps that are done in one go, and the jobs in which they are (P,)."""
        bench: dict[TaskName, Ints] = {"reading": self.reading}
        if wait:
            bench["plating"] = self.plating
        steps = self.programme.steps
        for index, jobs in enumerate(self.visits):
            own = [
                step
                for step, (visit, task) in enumerate(steps)
                if visit == index and task not in bench and task != "incubation"
            ]
            yield own, jobs
        for step, (_, task) in enumerate(steps):
            if task in bench:
                yield [step], bench[task]


def _rank(groups: Sequence[_Group]) -> None:
    """Number the visits in the order in which they are due."""
    visits = [(group, visit) for group in groups for visit in range(len(group.programme.visits))]
    due = np.concatenate([group.due(visit) for group, visit in visits])
    animal = np.concatenate([group.animals for group, _ in visits])
    rank = np.empty(due.size, dtype=np.int64)
    rank[np.lexsort((animal, due))] = np.arange(due.size)
    at = 0
    for group, _ in visits:
        group.visits.append(rank[at : at + group.animals.size])
        at += group.animals.size


def _days(groups: Sequence[_Group], visits: int) -> tuple[Floats, Ints]:
    """Number the spleens day by day, and the jobs they make after so many visits.

    Returns
    -------
    Opening of each day on which animals are killed for their spleen (D,), and its first spleen
    (D + 1,).
    """
    plated = [(group, group.due(group.plated)) for group in groups if group.plated is not None]
    opening = np.concatenate(
        [due // MINUTES_PER_DAY * MINUTES_PER_DAY for _, due in plated] or [np.zeros(0)]
    )
    openings, day_of, number = np.unique(opening, return_inverse=True, return_counts=True)
    first = np.concatenate([[0], np.cumsum(number)]).astype(np.int64)
    spleen = np.empty(opening.size, dtype=np.int64)
    spleen[np.argsort(opening, kind="stable")] = np.arange(opening.size)
    at = 0
    for group, due in plated:
        own = slice(at, at + due.size)
        group.spleens = spleen[own]
        group.plating = visits + spleen[own] + first[day_of[own]]
        group.reading = visits + spleen[own] + first[day_of[own] + 1]
        at += due.size
    return openings, first


def _plan(
    conduct: Conduct, groups: Sequence[_Group], visits: int, openings: Floats, first: Ints
) -> Plan:
    spleens, kit = int(first[-1]), conduct.equipment
    jobs = visits + 2 * spleens
    due, place, stage = np.zeros(jobs), *np.zeros((2, jobs), dtype=np.int64)
    spleen = np.full(jobs, -1)
    weighs = np.zeros(visits, dtype=np.bool_)
    day_of = np.repeat(np.arange(openings.size), np.diff(first))
    for group in groups:
        for index, own in enumerate(group.visits):
            due[own], place[own] = group.due(index), group.animals
            if "weighing" in group.programme.visits[index].tasks:
                weighs[own] = kit.balances < conduct.staff
        if group.plated is None:
            continue
        spleen[group.visits[group.plated]] = group.spleens
        for number, own in ((PLATING, group.plating), (READING, group.reading)):
            due[own], place[own] = openings[day_of[group.spleens]], group.animals
            stage[own], spleen[own] = number, group.spleens
    days = [visit.day for group in groups for visit in group.programme.visits]
    return Plan(
        visits=visits,
        due=due,
        place=place,
        stage=stage,
        spleen=spleen,
        weighs=weighs,
        day_of=day_of,
        first=first,
        spans=np.array(working_hours(conduct.hours).spans),
        capacity=np.array([conduct.staff, kit.balances, kit.baths * kit.per_bath, kit.readers]),
        wait=conduct.plating == "after-all",
        opening=MINUTES_PER_DAY * floor(min(days, default=0.0)),
    )


def _page(group: _Group, done: Done, *, wait: bool) -> Page:
    """Return when each step was done: the tasks of a job follow one another."""
    start = np.zeros(group.takes.shape)
    technician = np.full(group.takes.shape, -1, dtype=np.int64)
    for steps, jobs in group.jobs(wait=wait):
        time = done.start[:, jobs]
        for step in steps:
            start[step] = time
            technician[step] = done.technician[:, jobs]
            time = time + group.takes[step]
    for step, (_, task) in enumerate(group.programme.steps):
        if task == "incubation":
            start[step] = done.incubated[:, group.spleens]
    return Page(
        group.programme,
        group.day_of,
        start.transpose(1, 0, 2),
        (start + group.takes).transpose(1, 0, 2),
        technician.transpose(1, 0, 2),
    )
