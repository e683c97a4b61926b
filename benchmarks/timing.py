"""Time several jobs side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Job = Callable[[], object]
Clock = Callable[[], float]


def alternate(
    jobs: Mapping[str, Job], *, rounds: int, clock: Clock = time.process_time
) -> dict[str, float]:
    """Return the best time of each job in seconds.

    The jobs take turns, so that a slow spell of the machine hits all of them. The best of equally
    many tries is compared: what disturbs a program only ever makes it slower.

    Parameters
    ----------
    jobs : by name; each does the whole work it is timed on. A job that returns a float has
        measured its own seconds (another program, without its start), which then count.
    rounds : tries of each job, at least 1.
    clock : processor seconds of this process, which other work on the machine disturbs least; for
        jobs on several threads ``time.perf_counter``.
    """
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = clock()
            own = job()
            spent = clock() - start
            times[name].append(own if isinstance(own, float) else spent)
    return {name: min(found) for name, found in times.items()}
