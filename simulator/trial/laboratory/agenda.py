"""What happens later in a compiled laboratory: a heap of events, as SimPy keeps them.

Of events of one time the one scheduled first comes first. An event is a number below 2^32; in the
heap it stands behind the number of events scheduled before it, so comparing two such numbers
compares when they were scheduled.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EVENTS = 2**32


@kernel
def push(times: Floats, events: Ints, size: int, time: float, scheduled: int, event: int) -> None:
    """Add an event to a heap of so many.

    Parameters
    ----------
    times, events : the heap, with room for one more.
    scheduled : how many events were scheduled before.
    """
    at = size
    while at > 0:
        parent = (at - 1) // 2
        if times[parent] <= time:
            break
        times[at], events[at] = times[parent], events[parent]
        at = parent
    times[at], events[at] = time, _EVENTS * scheduled + event


@kernel
def pop(times: Floats, events: Ints, size: int) -> int:
    """Take the earliest event off a heap of so many, and return it."""
    found = events[0] % _EVENTS
    last = size - 1
    time, event = times[last], events[last]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= last:
            break
        other = child + 1
        if other < last and (
            times[other] < times[child]
            or (times[other] == times[child] and events[other] < events[child])
        ):
            child = other
        if time < times[child] or (time == times[child] and event < events[child]):
            break
        times[at], events[at] = times[child], events[child]
        at = child
    times[at], events[at] = time, event
    return found
