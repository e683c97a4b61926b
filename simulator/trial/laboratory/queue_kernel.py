"""The laboratory at work, compiled: what SimPy does in `laboratory.work`, event by event.

A course of a study takes SimPy ten milliseconds and this a hundredth of that, so that a study
can have hundreds. Times are the same to the last bit, and so is who does what.

The rules are told in `laboratory.work` and `laboratory.staff`. When two things happen at one
time their order may decide who is taken next, so here they come in SimPy's order: first
processes that begin, then events in the order in which they were scheduled; what is released is
given to the next who waits in an event of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.trial.laboratory.agenda import pop, push
from simulator.trial.laboratory.jobs import Done, Plan, Takes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VISIT, PLATING, READING = 0, 1, 2
STAFF, BALANCE, BATH, READER = 0, 1, 2, 3
_DAY = 1440.0
# What happens: an event is its kind and _KINDS times what it happens to. To a job:
_END, _TO_BALANCE, _AT_BALANCE, _WEIGHED = 0, 1, 2, 3
# to a spleen, to a day, to a piece of equipment,
_TO_BATH, _IN_BATH, _INCUBATED, _SESSION, _AT_READER, _RELEASED = 4, 5, 6, 7, 8, 9
# to the line: a technician is there, the shift opens, it is awake; and to one of its sleeps
_HIRED, _OPENED, _AWAKE, _ALARM, _ROUSED = 10, 11, 12, 13, 14
_KINDS = 16


@kernel
def _window(spans: Floats, now: float) -> tuple[float, float]:
    """Return when work may begin next, and until when."""
    opening = np.floor(now / _DAY) * _DAY
    if opening > now:
        opening -= _DAY  # the quotient was rounded up
    for span in range(spans.shape[0]):
        if now < opening + spans[span, 1]:
            return max(now, opening + spans[span, 0]), opening + spans[span, 1]
    opening += _DAY
    return opening + spans[0, 0], opening + spans[0, 1]


@kernel
def run_courses(plan: Plan, takes: Takes, done: Done) -> None:
    """Run the laboratory once per row of ``takes``, and write into ``done``."""
    visits, due, place, stage = plan.visits, plan.due, plan.place, plan.stage
    spleen_of, wait = plan.spleen, plan.wait
    weighs, day_of, first, capacity = plan.weighs, plan.day_of, plan.first, plan.capacity
    animals, spleens, days = takes.weighing.shape[1], day_of.size, first.size - 1
    # the agenda: what is later, now, and at once; a job and a spleen have eight events at most
    room = 16 * (due.size + spleens) + 64
    times, events = np.empty(room), np.empty(room, dtype=np.int64)
    soon, urgent = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    # jobs at the bench that wait, technicians that do not, animals in hand, spleens that wait
    bench, free = np.empty(2 * spleens, dtype=np.bool_), np.empty(capacity[STAFF], dtype=np.bool_)
    out, killed = np.empty(animals, dtype=np.bool_), np.empty(spleens, dtype=np.bool_)
    # of each day: animals not taken yet, spleens not incubated yet, spleens at the reader so far
    kills, incubating = np.empty(days, dtype=np.int64), np.empty(days, dtype=np.int64)
    read = np.empty(days, dtype=np.int64)
    # equipment in use, and who waits for it; each asks for a thing once
    users, head, tail = np.empty(4, np.int64), np.empty(4, np.int64), np.empty(4, np.int64)
    queue = np.empty((4, due.size + 1), dtype=np.int64)

    for course in range(takes.jobs.shape[0]):
        minutes, weighing = takes.jobs[course], takes.weighing[course]
        incubation = takes.incubation[course]
        start, who = done.start[course], done.technician[course]
        incubated = done.incubated[course]
        bench[:], free[:], out[:], killed[:] = False, True, False, False
        users[:], head[:], tail[:], read[:] = 0, 0, 0, 0
        for day in range(days):
            kills[day] = incubating[day] = first[day + 1] - first[day]
        now, closes = plan.opening, -np.inf
        later = scheduled = soon_at = soon_end = urgent_at = urgent_end = 0
        next_visit, waiting, lowest = 0, 0, bench.size
        # the line sleeps: whether, with an alarm, roused, its alarm still on, for the how manieth
        asleep, alarmed, roused, alarm_on, night = False, False, False, False, 0
        looks, hired = True, False

        while True:
            # the line gives jobs to technicians until there is none of either
            while looks or hired:
                asleep = False
                if hired and now >= closes:
                    users[STAFF] -= 1
                    soon[soon_end] = _RELEASED + _KINDS * STAFF
                    soon_end += 1
                    looks, hired = True, False
                other = -1
                if waiting > 0:
                    while not bench[lowest]:
                        lowest += 1
                    other = visits + lowest
                job = next_visit
                if (
                    job >= visits
                    or due[job] > now
                    or out[place[job]]
                    or (other >= 0 and due[other] < due[job])
                ):
                    job = other
                if not hired:
                    looks = False
                    if job < 0:
                        night += 1
                        asleep, alarmed, roused, alarm_on = True, False, False, True
                        if next_visit < visits and due[next_visit] > now:
                            alarmed = True
                            event = _ALARM + _KINDS * night
                            push(times, events, later, due[next_visit], scheduled, event)
                            later, scheduled = later + 1, scheduled + 1
                        break
                    if now >= closes:
                        opens, closes = _window(plan.spans, now)
                        if opens > now:
                            push(times, events, later, opens, scheduled, _OPENED)
                            later, scheduled = later + 1, scheduled + 1
                            break
                    if users[STAFF] >= capacity[STAFF]:
                        queue[STAFF, tail[STAFF]] = _HIRED
                        tail[STAFF] += 1
                        break
                    users[STAFF] += 1
                looks, hired = True, False
                # the lowest free technician takes the job
                technician = 0
                while not free[technician]:
                    technician += 1
                free[technician] = False
                who[job] = technician
                out[place[job]] = True
                if job >= visits:
                    bench[job - visits] = False
                    waiting -= 1
                else:
                    next_visit += 1
                    spleen = spleen_of[job]
                    if wait and spleen >= 0:
                        day = day_of[spleen]
                        kills[day] -= 1
                        if kills[day] == 0:
                            for other in range(first[day], first[day + 1]):
                                if killed[other]:
                                    bench[first[day] + other] = True
                                    waiting += 1
                                    lowest = min(lowest, first[day] + other)
                if job < visits and weighs[job]:
                    urgent[urgent_end] = _TO_BALANCE + _KINDS * job
                    urgent_end += 1
                    continue
                start[job] = now
                if minutes[job] > 0.0:
                    event = _END + _KINDS * job
                    push(times, events, later, now + minutes[job], scheduled, event)
                    later, scheduled = later + 1, scheduled + 1
                else:
                    soon[soon_end] = _END + _KINDS * job
                    soon_end += 1

            if urgent_at < urgent_end:
                event = urgent[urgent_at]
                urgent_at += 1
            elif later > 0 and (times[0] == now or soon_at == soon_end):
                # scheduled for now before now came
                now = times[0]
                event = pop(times, events, later)
                later -= 1
            elif soon_at < soon_end:
                event = soon[soon_at]
                soon_at += 1
            else:
                break
            if urgent_at == urgent_end:
                urgent_at = urgent_end = 0
            if soon_at == soon_end:
                soon_at = soon_end = 0
            kind, what = event % _KINDS, event // _KINDS
            # what comes of it, in this order
            returned, joins, leaves, wanted, follows, delay = -1, -1, False, -1, -1, 0.0
            if kind == _END:
                out[place[what]] = False
                spleen = spleen_of[what]
                if stage[what] == READING:
                    returned = READER
                elif stage[what] == PLATING or (spleen >= 0 and not wait):
                    urgent[urgent_end] = _TO_BATH + _KINDS * spleen
                    urgent_end += 1
                elif spleen >= 0 and kills[day_of[spleen]] > 0:
                    killed[spleen] = True
                elif spleen >= 0:
                    joins = first[day_of[spleen]] + spleen
                free[who[what]] = True
                leaves = True
            elif kind in (_ROUSED, _ALARM):
                if asleep and what == night:
                    if not alarmed:
                        looks = True
                    elif alarm_on:  # whichever comes first
                        alarm_on = False
                        follows = _AWAKE
            elif kind in (_OPENED, _AWAKE):
                looks = True
            elif kind == _HIRED:
                hired = True
            elif kind == _TO_BALANCE:
                wanted, event = BALANCE, _AT_BALANCE + _KINDS * what
            elif kind == _AT_BALANCE:
                start[what] = now
                follows, delay = _WEIGHED + _KINDS * what, weighing[place[what]]
            elif kind == _WEIGHED:
                returned = BALANCE
                follows, delay = _END + _KINDS * what, minutes[what] - weighing[place[what]]
            elif kind == _TO_BATH:
                wanted, event = BATH, _IN_BATH + _KINDS * what
            elif kind == _IN_BATH:
                incubated[what] = now
                follows, delay = _INCUBATED + _KINDS * what, incubation[what]
            elif kind == _INCUBATED:
                returned = BATH
                day = day_of[what]
                incubating[day] -= 1
                if incubating[day] == 0:
                    urgent[urgent_end] = _SESSION + _KINDS * day
                    urgent_end += 1
            elif kind in (_SESSION, _AT_READER):
                if kind == _AT_READER:
                    joins = first[what + 1] + first[what] + read[what]
                    read[what] += 1
                if read[what] < first[what + 1] - first[what]:
                    wanted, event = READER, _AT_READER + _KINDS * what

            if returned >= 0:
                users[returned] -= 1
                soon[soon_end] = _RELEASED + _KINDS * returned
                soon_end += 1
            if joins >= 0:
                bench[joins] = True
                waiting += 1
                lowest = min(lowest, joins)
                if asleep and not roused:
                    roused = True
                    soon[soon_end] = _ROUSED + _KINDS * night
                    soon_end += 1
            if leaves:
                users[STAFF] -= 1
                soon[soon_end] = _RELEASED + _KINDS * STAFF
                soon_end += 1
                if asleep and not roused:
                    roused = True
                    soon[soon_end] = _ROUSED + _KINDS * night
                    soon_end += 1
            if wanted >= 0:
                queue[wanted, tail[wanted]] = event
                tail[wanted] += 1
            elif kind == _RELEASED:
                wanted = what
            if wanted >= 0 and head[wanted] < tail[wanted] and users[wanted] < capacity[wanted]:
                users[wanted] += 1
                soon[soon_end] = queue[wanted, head[wanted]]
                soon_end += 1
                head[wanted] += 1
                if head[wanted] == tail[wanted]:
                    head[wanted] = tail[wanted] = 0
            if follows >= 0:
                if delay > 0.0:
                    push(times, events, later, now + delay, scheduled, follows)
                    later, scheduled = later + 1, scheduled + 1
                else:
                    soon[soon_end] = follows
                    soon_end += 1
