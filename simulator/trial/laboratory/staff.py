"""Technicians who take the jobs that wait, first those planned first: a queue in SimPy.

The rules, whatever the jobs are:

- A job is taken when it is due, a technician is free, and it is a time at which work may begin:
  within the shift and not in the break. Once begun it is finished, through the break and past
  closing if need be; the break is not made up for.
- Of the jobs that wait the one planned for the earliest time is taken; of these the lowest
  stage; of these the first place in the line. What has not begun at closing therefore goes
  first at the next opening.
- An animal that is still out for one job is not taken for another: the line waits for it.
- A piece of equipment is used at the start of a job. The technician has begun by then and waits
  for it; those who wait get it in the order in which they came.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any

import simpy

from simulator.trial.laboratory.working_hours import ALWAYS, WorkingHours, clock_minutes


@dataclass(slots=True, eq=False)
class Job:
    """What one technician does at one go.

    Attributes
    ----------
    due : when it is planned, minutes on the laboratory's clock.
    stage : of jobs planned for one time the lower goes first.
    place : whose turn it is in the line; one place is one animal.
    takes : minutes.
    equipment, uses : what is needed for the first ``uses`` of these minutes.
    on_begin, on_end : called when the technician begins, and when the job is done.
    technician, begun : who took it and when, once it is taken.
    start : when the work itself started, the equipment at hand.
    """

    due: float
    stage: int
    place: int
    takes: float
    equipment: simpy.Resource | None = None
    uses: float = 0.0
    on_begin: Callable[[Job], None] | None = None
    on_end: Callable[[Job], None] | None = None
    technician: int = -1
    begun: float = math.nan
    start: float = math.nan


class Staff:
    """The technicians and the line in front of them.

    Parameters
    ----------
    env : SimPy's environment; its time is the laboratory's clock (`laboratory.working_hours`).
    technicians : how many there are.
    hours : when work may begin.
    jobs : those known beforehand; each joins the line when it is due.
    """

    def __init__(
        self,
        env: simpy.Environment,
        *,
        technicians: int,
        hours: WorkingHours,
        jobs: Iterable[Job] = (),
    ) -> None:
        self._env = env
        self._staff = simpy.Resource(env, capacity=technicians)
        self._hours = hours
        self._free = list(range(technicians))  # a heap: the lowest number is called first
        self._planned = sorted(jobs, key=lambda job: (job.due, job.stage, job.place))
        self._next = 0
        self._waiting: list[tuple[float, int, int, Job]] = []  # a heap
        self._out: set[int] = set()
        self._sleep: simpy.Event | None = None
        env.process(self._line())

    def add(self, job: Job) -> None:
        """Let a job that has come up join the line now."""
        heappush(self._waiting, (job.due, job.stage, job.place, job))
        self._rouse()

    def _rouse(self) -> None:
        if self._sleep is not None and not self._sleep.triggered:
            self._sleep.succeed()

    def _first(self, *, take: bool) -> Job | None:
        """Return the job whose turn it is, or None where none waits; ``take`` it off the line."""
        waiting = self._waiting
        if self._next < len(self._planned):
            job = self._planned[self._next]
            # a place counts only among jobs of one stage, so here the stage decides
            if (
                job.due <= self._env.now
                and job.place not in self._out
                and not (waiting and waiting[0][:2] < (job.due, job.stage))
            ):
                self._next += take
                return job
        if not waiting:
            return None
        return heappop(waiting)[3] if take else waiting[0][3]

    def _line(self) -> Generator[simpy.Event, Any, None]:
        """Give each job to the next free technician in working hours."""
        env, staff = self._env, self._staff
        closes = -math.inf
        while True:
            if self._first(take=False) is None:
                yield self._something_to_do()
                self._sleep = None
                continue
            if env.now >= closes:
                opens, closes = self._hours.window(env.now)
                if opens > env.now:
                    yield env.timeout(opens - env.now)
                    continue
            request = staff.request()
            if not request.triggered:
                yield request
                if env.now >= closes:
                    staff.release(request)
                    continue
            job = self._first(take=True)
            assert job is not None  # only this line takes jobs
            self._begin(job, request)

    def _something_to_do(self) -> simpy.Event:
        """Return what ends an idle spell: a job is due or comes up, or an animal is back."""
        self._sleep = self._env.event()
        if self._next < len(self._planned):
            due = self._planned[self._next].due
            if due > self._env.now:
                return self._env.timeout(due - self._env.now) | self._sleep
        return self._sleep

    def _begin(self, job: Job, request: Any) -> None:
        job.technician = heappop(self._free)
        job.begun = self._env.now
        self._out.add(job.place)
        if job.on_begin is not None:
            job.on_begin(job)
        if job.equipment is None:
            job.start = job.begun
            # a callback in place of a process: one event per job
            self._env.timeout(job.takes, (job, request)).callbacks.append(self._end)
        else:
            self._env.process(self._with_equipment(job, request))

    def _with_equipment(self, job: Job, request: Any) -> Generator[simpy.Event, Any, None]:
        assert job.equipment is not None
        with job.equipment.request() as turn:
            yield turn
            job.start = self._env.now
            yield self._env.timeout(job.uses)
        rest = self._env.timeout(job.takes - job.uses, (job, request))
        rest.callbacks.append(self._end)

    def _end(self, event: simpy.Event) -> None:
        value: Any = event.value
        job, request = value
        self._out.discard(job.place)
        # what follows joins the line before the technician is free to take something else
        if job.on_end is not None:
            job.on_end(job)
        heappush(self._free, job.technician)
        self._staff.release(request)
        self._rouse()


def serve(
    arrivals: Sequence[float],
    takes: Sequence[float],
    *,
    technicians: int,
    hours: WorkingHours = ALWAYS,
) -> list[float]:
    """Return when each of those who arrive is taken, first come first served.

    Parameters
    ----------
    arrivals, takes : (P,) minutes of arrival, ascending, and of service.
    technicians : how many serve.
    hours : when they may begin.

    Examples
    --------
    >>> serve([0.0, 5.0, 20.0], [8.0, 8.0, 8.0], technicians=1)
    [0.0, 8.0, 20.0]
    """
    pairs = zip(clock_minutes(arrivals).tolist(), clock_minutes(takes).tolist(), strict=True)
    jobs = [Job(due, 0, place, service) for place, (due, service) in enumerate(pairs)]
    env = simpy.Environment(initial_time=jobs[0].due if jobs else 0.0)
    Staff(env, technicians=technicians, hours=hours, jobs=jobs)
    env.run()
    return [job.begun for job in jobs]
