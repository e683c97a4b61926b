"""Work behind a page: on threads, in the order asked for, given up as soon as it is not wanted."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Final, TypeVar
from weakref import WeakSet

from simulator.engine.local import default_threads

T = TypeVar("T")


def _stand_back() -> None:
    """Let this thread, and those it starts, work only where nobody waits for an answer."""
    with suppress(AttributeError, OSError):  # only Linux knows the priority of one thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


#: What somebody waits for before the page, and what refines it: never in each other's way.
_QUICK: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="page")
_SLOW: Final = ThreadPoolExecutor(
    max_workers=2, thread_name_prefix="refine", initializer=_stand_back
)

#: Threads of a refinement: one processor stays free for first answers.
SLOW_THREADS: Final = max(1, default_threads() - 1)


#: Jobs that somebody still holds.
_ALL: WeakSet[Job] = WeakSet()


class GivenUpError(Exception):
    """Nobody wants this work any more, or it has taken all the time that a page gives it."""


def give_up_all() -> None:
    """End all work of all pages, so that the program can end."""
    for job in list(_ALL):
        job.give_up()
    for pool in (_QUICK, _SLOW):
        pool.shutdown(wait=False, cancel_futures=True)


class Job:
    """One piece of work that can be given up.

    Parameters
    ----------
    seconds : how long it may take once it has begun; waiting for others is not its fault.

    Attributes
    ----------
    late : whether it ended because its time was over.
    """

    def __init__(self, *, seconds: float) -> None:
        self._given_up = Event()
        _ALL.add(self)
        self._seconds = seconds
        self._end: float | None = None
        self.late = False

    def give_up(self) -> None:
        """End the work at its next step."""
        self._given_up.set()

    @property
    def wanted(self) -> bool:
        """Whether nobody gave it up."""
        return not self._given_up.is_set()

    def step(self, done: int = 0, total: int = 1) -> None:  # noqa: ARG002
        """Let the work go on; for it to call between its steps, as a progress.

        Raises
        ------
        GivenUpError : it is not wanted any more, or its time is over.
        """
        now = time.monotonic()
        if self._end is None:
            self._end = now + self._seconds
        if now > self._end:
            self.late = True
            raise GivenUpError
        if not self.wanted:
            raise GivenUpError

    async def quick(self, work: Callable[[], T]) -> T:
        """Do what a person waits for."""
        return await self._on(_QUICK, work)

    async def slow(self, work: Callable[[], T]) -> T:
        """Do what may take its time."""
        return await self._on(_SLOW, work)

    async def _on(self, pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        def done() -> T:
            self.step()
            return work()

        found = await asyncio.get_running_loop().run_in_executor(pool, done)
        if not self.wanted:
            raise GivenUpError
        return found
