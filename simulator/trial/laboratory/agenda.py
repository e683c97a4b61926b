"""What happens next in a compiled laboratory: events in the order in which SimPy has them.

Of events of one time those that begin a process come first, then the one scheduled first. What
is scheduled for now therefore follows everything that was scheduled for this time before, and
only what comes later needs a heap.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: There is no event any more.
NOTHING = -1
# what is counted: events later, ever scheduled for later; begin and end of those now; of those
# at once
_LATER, _EVER, _SOON, _SOON_END, _URGENT, _URGENT_END = 0, 1, 2, 3, 4, 5


class Agenda(NamedTuple):
    """Events by number: a heap of later ones, and two lines of those now."""

    time: Floats
    order: Ints
    later: Ints
    soon: Ints
    urgent: Ints
    count: Ints


@kernel
def agenda_for(events: int) -> Agenda:
    """Return an empty agenda with room for so many events."""
    return Agenda(
        np.empty(events),
        np.empty(events, dtype=np.int64),
        np.empty(events, dtype=np.int64),
        np.empty(events, dtype=np.int64),
        np.empty(events, dtype=np.int64),
        np.zeros(6, dtype=np.int64),
    )


@kernel
def soon(agenda: Agenda, event: int) -> None:
    """Schedule an event for now, after what is scheduled for now."""
    count = agenda.count
    agenda.soon[count[_SOON_END]] = event
    count[_SOON_END] += 1


@kernel
def urgent(agenda: Agenda, event: int) -> None:
    """Schedule the beginning of a process for now."""
    count = agenda.count
    agenda.urgent[count[_URGENT_END]] = event
    count[_URGENT_END] += 1


@kernel
def schedule(agenda: Agenda, now: float, delay: float, event: int) -> None:
    """Schedule an event for a time."""
    if delay == 0.0:
        soon(agenda, event)
        return
    count, time, order, later = agenda.count, agenda.time, agenda.order, agenda.later
    at, when = count[_LATER], now + delay
    count[_LATER] += 1
    while at > 0:
        parent = (at - 1) // 2
        if time[parent] <= when:  # of equal times the earlier scheduled stays ahead
            break
        time[at], order[at], later[at] = time[parent], order[parent], later[parent]
        at = parent
    time[at], order[at], later[at] = when, count[_EVER], event
    count[_EVER] += 1


@kernel
def next_event(agenda: Agenda, clock: Floats) -> int:
    """Take the next event off the agenda, and set ``clock[0]`` to its time."""
    count = agenda.count
    if count[_URGENT] < count[_URGENT_END]:
        event = agenda.urgent[count[_URGENT]]
        count[_URGENT] += 1
        if count[_URGENT] == count[_URGENT_END]:
            count[_URGENT] = count[_URGENT_END] = 0
        return event
    waits = count[_SOON] < count[_SOON_END]
    if count[_LATER] > 0 and (not waits or agenda.time[0] == clock[0]):
        clock[0] = agenda.time[0]
        return _first(agenda)
    if not waits:
        return NOTHING
    event = agenda.soon[count[_SOON]]
    count[_SOON] += 1
    if count[_SOON] == count[_SOON_END]:
        count[_SOON] = count[_SOON_END] = 0
    return event


@kernel
def _first(agenda: Agenda) -> int:
    """Take the earliest event off the heap."""
    count, time, order, later = agenda.count, agenda.time, agenda.order, agenda.later
    found = later[0]
    count[_LATER] -= 1
    last = count[_LATER]
    when, scheduled, event = time[last], order[last], later[last]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= last:
            break
        other = child + 1
        if other < last and (
            time[other] < time[child]
            or (time[other] == time[child] and order[other] < order[child])
        ):
            child = other
        if when < time[child] or (when == time[child] and scheduled < order[child]):
            break
        time[at], order[at], later[at] = time[child], order[child], later[child]
        at = child
    time[at], order[at], later[at] = when, scheduled, event
    return found
