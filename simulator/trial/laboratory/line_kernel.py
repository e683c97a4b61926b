"""The technicians' line, compiled: the rules of `laboratory.staff`, in SimPy's order of events.

What is released is given to the next who waits in an event of its own, at the same time: as in
SimPy, because the order of two things at one time may decide who is taken next.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.trial.laboratory.agenda import Agenda, schedule, soon, urgent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY = 1440.0
VISIT, PLATING, READING = 0, 1, 2
STAFF, BALANCE, BATH, READER = 0, 1, 2, 3
# what happens, and to which job (END, TO_BALANCE, AT_BALANCE, WEIGHED), spleen (TO_BATH,
# IN_BATH, INCUBATED), day (SESSION, AT_READER), equipment (RELEASED) or sleep (ALARM,
# ROUSED)
END, RELEASED, HIRED, OPENED, ALARM, ROUSED, AWAKE = 0, 1, 2, 3, 4, 5, 6
TO_BALANCE, AT_BALANCE, WEIGHED, TO_BATH, IN_BATH, INCUBATED = 7, 8, 9, 10, 11, 12
SESSION, AT_READER = 13, 14
KINDS = 16
# the line: next visit, jobs at the bench that wait, from which of them on, how it sleeps,
# whether it was roused, whether its alarm has not gone off, number of the sleep
NEXT, COUNT, LOWEST, SLEEP, IS_ROUSED, ASLEEP, NIGHT = 0, 1, 2, 3, 4, 5, 6
WITHOUT_ALARM, WITH_ALARM = 1, 2


class Plan(NamedTuple):
    """What is the same in every course: N jobs, first J visits in the order of their times.

    Jobs at the bench follow day by day: platings, then readings, in the order of places; so do
    the S spleens, those of day d from ``first[d]`` on.

    Attributes
    ----------
    visits : J.
    due, place, stage, spleen : (N,) minutes; animal; visit, plating, reading; -1 without.
    weighs : (J,) whether the job begins at a balance that others may want.
    day_of, first : (S,) day of a spleen; (D + 1,).
    spans : (H, 2) when work may begin, in minutes after opening.
    capacity : (4,) technicians, balances, places in baths, readers.
    wait : whether spleens wait until all animals of their day are taken.
    opening : when the clock starts.
    """

    visits: int
    due: Floats
    place: Ints
    stage: Ints
    spleen: Ints
    weighs: NDArray[np.bool_]
    day_of: Ints
    first: Ints
    spans: Floats
    capacity: Ints
    wait: bool
    opening: float


class State(NamedTuple):
    """Where one course is: time and closing; the line; the equipment; animals and spleens."""

    clock: Floats
    line: Ints
    bench: NDArray[np.bool_]  # jobs at the bench that wait
    free: NDArray[np.bool_]  # technicians
    out: NDArray[np.bool_]  # animals in hand
    users: Ints
    queue: Ints  # (4, P) who waits for a piece of equipment
    head: Ints
    tail: Ints
    kills: Ints  # animals of a day that are not taken yet
    incubating: Ints  # its spleens that are not incubated yet
    read: Ints  # its spleens whose turn at the reader has come
    killed: NDArray[np.bool_]  # spleens that wait for the last animal


@kernel
def give(plan: Plan, state: State, agenda: Agenda, what: int) -> None:
    """Give a piece of equipment to the first who waits, if one is free."""
    if state.head[what] < state.tail[what] and state.users[what] < plan.capacity[what]:
        state.users[what] += 1
        soon(agenda, state.queue[what, state.head[what]])
        state.head[what] += 1
        if state.head[what] == state.tail[what]:
            state.head[what] = state.tail[what] = 0


@kernel
def request(plan: Plan, state: State, agenda: Agenda, what: int, event: int) -> None:
    state.queue[what, state.tail[what]] = event
    state.tail[what] += 1
    give(plan, state, agenda, what)


@kernel
def release(state: State, agenda: Agenda, what: int) -> None:
    state.users[what] -= 1
    soon(agenda, RELEASED + KINDS * what)


@kernel
def _rouse(state: State, agenda: Agenda) -> None:
    line = state.line
    if line[SLEEP] != 0 and line[IS_ROUSED] == 0:
        line[IS_ROUSED] = 1
        soon(agenda, ROUSED + KINDS * line[NIGHT])


@kernel
def add(state: State, agenda: Agenda, at: int) -> None:
    """Let a job at the bench join the line."""
    state.bench[at] = True
    state.line[COUNT] += 1
    state.line[LOWEST] = min(state.line[LOWEST], at)
    _rouse(state, agenda)


@kernel
def _first(plan: Plan, state: State) -> int:
    """Return the job whose turn it is, or -1."""
    line, other = state.line, -1
    if line[COUNT] > 0:
        while not state.bench[line[LOWEST]]:
            line[LOWEST] += 1
        other = plan.visits + line[LOWEST]
    job = line[NEXT]
    if (
        job < plan.visits
        and plan.due[job] <= state.clock[0]
        and not state.out[plan.place[job]]
        and not (other >= 0 and plan.due[other] < plan.due[job])
    ):
        return job
    return other


@kernel
def _sleep(plan: Plan, state: State, agenda: Agenda) -> None:
    line = state.line
    line[NIGHT] += 1
    line[SLEEP], line[IS_ROUSED], line[ASLEEP] = WITHOUT_ALARM, 0, 1
    if line[NEXT] < plan.visits and plan.due[line[NEXT]] > state.clock[0]:
        line[SLEEP] = WITH_ALARM
        delay = plan.due[line[NEXT]] - state.clock[0]
        schedule(agenda, state.clock[0], delay, ALARM + KINDS * line[NIGHT])


@kernel
def _opens(spans: Floats, clock: Floats) -> float:
    """Return when work may next begin, and set the clock's closing."""
    opening = np.floor(clock[0] / _DAY) * _DAY
    if opening > clock[0]:
        opening -= _DAY  # the quotient was rounded up
    for span in range(spans.shape[0]):
        if clock[0] < opening + spans[span, 1]:
            clock[1] = opening + spans[span, 1]
            return max(clock[0], opening + spans[span, 0])
    clock[1] = opening + _DAY + spans[0, 1]
    return opening + _DAY + spans[0, 0]


@kernel
def _begin(
    plan: Plan,
    state: State,
    agenda: Agenda,
    job: int,
    takes: Floats,
    start: Floats,
    who: NDArray[np.int8],
) -> None:
    """Let the lowest free technician take a job off the line."""
    if job < plan.visits:
        state.line[NEXT] += 1
    else:
        state.bench[job - plan.visits] = False
        state.line[COUNT] -= 1
    technician = 0
    while not state.free[technician]:
        technician += 1
    state.free[technician] = False
    who[job] = technician
    state.out[plan.place[job]] = True
    if plan.wait and plan.stage[job] == VISIT and plan.spleen[job] >= 0:
        day = plan.day_of[plan.spleen[job]]
        state.kills[day] -= 1
        if state.kills[day] == 0:
            for spleen in range(plan.first[day], plan.first[day + 1]):
                if state.killed[spleen]:
                    add(state, agenda, plan.first[day] + spleen)
    if job < plan.visits and plan.weighs[job]:
        urgent(agenda, TO_BALANCE + KINDS * job)
    else:
        start[job] = state.clock[0]
        schedule(agenda, state.clock[0], takes[job], END + KINDS * job)


@kernel
def take_jobs(
    plan: Plan,
    state: State,
    agenda: Agenda,
    hired: bool,
    takes: Floats,
    start: Floats,
    who: NDArray[np.int8],
) -> None:
    """Give jobs to technicians until there is none of either, or it is no time for work."""
    state.line[SLEEP] = 0
    clock = state.clock
    while True:
        if hired and clock[0] >= clock[1]:
            release(state, agenda, STAFF)
            hired = False
            continue
        if not hired:
            if _first(plan, state) < 0:
                _sleep(plan, state, agenda)
                return
            if clock[0] >= clock[1]:
                opens = _opens(plan.spans, clock)
                if opens > clock[0]:
                    schedule(agenda, clock[0], opens - clock[0], OPENED)
                    return
            if state.users[STAFF] >= plan.capacity[STAFF]:
                request(plan, state, agenda, STAFF, HIRED)
                return
            state.users[STAFF] += 1
        hired = False
        _begin(plan, state, agenda, _first(plan, state), takes, start, who)


@kernel
def finish(plan: Plan, state: State, agenda: Agenda, job: int, technician: int) -> None:
    """Let what follows a job join the line before the technician is free."""
    state.out[plan.place[job]] = False
    spleen = plan.spleen[job]
    if plan.stage[job] == READING:
        release(state, agenda, READER)
    elif plan.stage[job] == PLATING or (spleen >= 0 and not plan.wait):
        urgent(agenda, TO_BATH + KINDS * spleen)
    elif spleen >= 0:
        day = plan.day_of[spleen]
        if state.kills[day] > 0:
            state.killed[spleen] = True
        else:
            add(state, agenda, plan.first[day] + spleen)
    state.free[technician] = True
    release(state, agenda, STAFF)
    _rouse(state, agenda)
