"""A limit on time: it can only stop a search between blocks, never change a number."""

from __future__ import annotations

from time import monotonic

from simulator.engine.local import Progress


class OutOfTimeError(Exception):
    """The time allowed is over; what was under way is thrown away."""


class Clock:
    """Time that a search may take, from now on.

    Parameters
    ----------
    minutes : None for no limit.
    """

    def __init__(self, minutes: float | None) -> None:
        self._end = None if minutes is None else monotonic() + 60 * minutes

    def watching(self, progress: Progress | None) -> Progress | None:
        """Return a progress callback that also stops the work when the time is over.

        Raises (from the callback)
        ------
        OutOfTimeError : after the first block that ends later than allowed.
        """
        if self._end is None:
            return progress
        end = self._end

        def watch(done: int, total: int) -> None:
            if monotonic() >= end:
                raise OutOfTimeError
            if progress is not None:
                progress(done, total)

        return watch
