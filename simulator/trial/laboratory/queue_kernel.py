"""The laboratory at work, compiled: what SimPy does in `laboratory.work`, event by event.

A course of a study takes SimPy ten milliseconds and this a tenth of one, so that a study can
have hundreds. Times are the same to the last bit, and so is who does what.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.trial.laboratory.agenda import (
    NOTHING,
    Agenda,
    agenda_for,
    next_event,
    schedule,
    soon,
    urgent,
)
from simulator.trial.laboratory.line_kernel import (
    ALARM,
    ASLEEP,
    AT_BALANCE,
    AT_READER,
    AWAKE,
    BALANCE,
    BATH,
    END,
    HIRED,
    IN_BATH,
    INCUBATED,
    KINDS,
    LOWEST,
    NIGHT,
    OPENED,
    READER,
    RELEASED,
    ROUSED,
    SESSION,
    SLEEP,
    TO_BALANCE,
    TO_BATH,
    WEIGHED,
    WITH_ALARM,
    WITHOUT_ALARM,
    Plan,
    State,
    add,
    finish,
    give,
    release,
    request,
    take_jobs,
)

Floats = NDArray[np.float64]


class Takes(NamedTuple):
    """Minutes of V courses: jobs (V, N), weighing of animals (V, A), incubation (V, S)."""

    jobs: Floats
    weighing: Floats
    incubation: Floats


class Done(NamedTuple):
    """What V courses come to: start and technician of jobs (V, N), start in the bath (V, S)."""

    start: Floats
    technician: NDArray[np.int8]
    incubated: Floats


@kernel
def run_courses(plan: Plan, takes: Takes, done: Done) -> None:
    """Run the laboratory once per row of ``takes``, and write into ``done``."""
    jobs, animals = plan.due.size, takes.weighing.shape[1]
    days, spleens = plan.first.size - 1, plan.day_of.size
    # an animal or a spleen asks for each piece of equipment once
    room = max(animals, spleens) + 1
    state = State(
        np.empty(2),
        np.empty(7, dtype=np.int64),
        np.empty(2 * spleens, dtype=np.bool_),
        np.empty(plan.capacity[0], dtype=np.bool_),
        np.empty(animals, dtype=np.bool_),
        np.empty(4, dtype=np.int64),
        np.empty((4, room), dtype=np.int64),
        np.empty(4, dtype=np.int64),
        np.empty(4, dtype=np.int64),
        np.empty(days, dtype=np.int64),
        np.empty(days, dtype=np.int64),
        np.empty(days, dtype=np.int64),
        np.empty(spleens, dtype=np.bool_),
    )
    # a job has eight events at most, a spleen's way through the bath and to the reader five
    agenda = agenda_for(16 * (jobs + spleens) + 64)
    for course in range(takes.jobs.shape[0]):
        _open(plan, state)
        _run(
            plan,
            state,
            agenda,
            takes.jobs[course],
            takes.weighing[course],
            takes.incubation[course],
            done.start[course],
            done.technician[course],
            done.incubated[course],
        )


@kernel
def _open(plan: Plan, state: State) -> None:
    """Put a course at its beginning."""
    state.clock[0], state.clock[1] = plan.opening, -np.inf
    state.line[:] = 0
    state.line[LOWEST] = state.bench.size
    state.bench[:] = False
    state.free[:] = True
    state.out[:] = False
    state.users[:] = 0
    state.head[:] = 0
    state.tail[:] = 0
    state.read[:] = 0
    state.killed[:] = False
    for day in range(state.kills.size):
        number = plan.first[day + 1] - plan.first[day]
        state.kills[day] = state.incubating[day] = number


@kernel
def _run(
    plan: Plan,
    state: State,
    agenda: Agenda,
    takes: Floats,
    weighing: Floats,
    incubation: Floats,
    start: Floats,
    who: NDArray[np.int8],
    incubated: Floats,
) -> None:
    """Let everything happen, one event after the other."""
    take_jobs(plan, state, agenda, False, takes, start, who)
    while True:
        event = next_event(agenda, state.clock)
        if event == NOTHING:
            return
        kind, what, now = event % KINDS, event // KINDS, state.clock[0]
        if kind == END:
            finish(plan, state, agenda, what, who[what])
        elif kind == RELEASED:
            give(plan, state, agenda, what)
        elif kind == ALARM or kind == ROUSED:
            if _wakes(state, agenda, kind, what):
                take_jobs(plan, state, agenda, False, takes, start, who)
        elif kind == HIRED or kind == OPENED or kind == AWAKE:
            take_jobs(plan, state, agenda, kind == HIRED, takes, start, who)
        elif kind == TO_BALANCE:
            request(plan, state, agenda, BALANCE, AT_BALANCE + KINDS * what)
        elif kind == AT_BALANCE:
            start[what] = now
            schedule(agenda, now, weighing[plan.place[what]], WEIGHED + KINDS * what)
        elif kind == WEIGHED:
            release(state, agenda, BALANCE)
            rest = takes[what] - weighing[plan.place[what]]
            schedule(agenda, now, rest, END + KINDS * what)
        elif kind == TO_BATH:
            request(plan, state, agenda, BATH, IN_BATH + KINDS * what)
        elif kind == IN_BATH:
            incubated[what] = now
            schedule(agenda, now, incubation[what], INCUBATED + KINDS * what)
        elif kind == INCUBATED:
            release(state, agenda, BATH)
            day = plan.day_of[what]
            state.incubating[day] -= 1
            if state.incubating[day] == 0:
                urgent(agenda, SESSION + KINDS * day)
        else:
            if kind == AT_READER:
                add(state, agenda, plan.first[what + 1] + plan.first[what] + state.read[what])
                state.read[what] += 1
            if state.read[what] < plan.first[what + 1] - plan.first[what]:
                request(plan, state, agenda, READER, AT_READER + KINDS * what)


@kernel
def _wakes(state: State, agenda: Agenda, kind: int, night: int) -> bool:
    """Return whether the line, asleep without an alarm, takes the next job at once.

    With an alarm it wakes in another event, whichever comes first: a noise or the alarm.
    """
    line = state.line
    if line[NIGHT] != night or line[SLEEP] == 0:
        return False
    if line[SLEEP] == WITHOUT_ALARM:
        return kind == ROUSED
    if line[SLEEP] == WITH_ALARM and line[ASLEEP] == 1:
        line[ASLEEP] = 0
        soon(agenda, AWAKE)
    return False
