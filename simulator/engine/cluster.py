"""Run tasks on dask: on processes of this machine, or on the workers of a running scheduler.

The one who gives out the work holds little: bundles of tasks that are not finished, a few per
thread of the cluster. A bundle is as large as takes a worker about half a second, so that giving
it out costs little beside it. A scheduler that goes away is waited for; what it had not delivered
is given out anew.
"""

from __future__ import annotations

import itertools
import logging
import math
import secrets
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from simulator.engine.dask_extra import dask_parts, own_cluster
from simulator.engine.engine import EngineError, TaskLostError
from simulator.engine.link import ConnectionLostError, Future, Link, lost_connection

T = TypeVar("T")
Task = TypeVar("Task")

#: Seconds of work in a bundle, and the most tasks in one.
_BUNDLE, _MOST = 0.5, 64


class ClusterEngine:
    """An ``Engine`` of dask workers.

    Parameters
    ----------
    workers : start so many processes here, one thread each; or
    scheduler : address of a running scheduler (``tcp://host:8786``), whose workers have the
        same version of this program.
    patience : seconds for which an unreachable scheduler, or one without workers, is waited for.
    tell : told what happens to the connection, in a line.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        scheduler: str | None = None,
        patience: float = 60.0,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        if (workers is None) == (scheduler is None):
            raise ValueError("give either a number of workers or the address of a scheduler")
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be at least 1, not {workers}")
        self.workers, self.scheduler = workers, scheduler
        self.patience, self.tell = patience, tell
        dask_parts()  # a missing extra is said at once

    def run(self, work: Callable[[Task], T], tasks: Iterable[Task]) -> Generator[tuple[Task, T]]:
        """Yield every task with its result, see ``Engine``.

        Raises
        ------
        EngineError : the scheduler cannot be reached or has no workers for ``patience`` seconds;
            ``TaskLostError`` where a task killed every worker that tried it.
        MissingExtraError : dask is not installed.
        """
        with _quiet(), self._address() as address:
            link = Link(address, patience=self.patience, tell=self.tell)
            try:
                yield from _results(link, work, tasks)
            finally:
                link.close()

    @contextmanager
    def _address(self) -> Iterator[str]:
        if self.scheduler is not None:
            yield self.scheduler
            return
        assert self.workers is not None
        with own_cluster(self.workers) as address:
            yield address


class _BundleLostError(Exception):
    """A bundle of tasks whose workers died again and again."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def bundle(work: Callable[[Task], T], tasks: list[Task]) -> tuple[list[T], float]:
    """Do several tasks on a worker; return their results, and the seconds it took."""
    begun = time.perf_counter()
    return [work(task) for task in tasks], time.perf_counter() - begun


class _Stock:
    """What is still to be given out: what was lost first, then what comes."""

    def __init__(self, tasks: Iterable[Any]) -> None:
        self._coming = iter(tasks)
        self._again: list[list[Any]] = []
        self._mean = math.inf  # seconds of a task

    def take(self) -> list[Any]:
        """Return the next bundle; empty where nothing is left."""
        if self._again:
            return self._again.pop()
        size = max(1, min(_MOST, int(_BUNDLE / max(self._mean, 1e-9))))
        return list(itertools.islice(self._coming, size))

    def put_back(self, bundles: Iterable[list[Any]]) -> None:
        self._again += bundles

    def learn(self, tasks: int, seconds: float) -> None:
        """Adjust the bundles to how long tasks take."""
        mean = seconds / tasks
        self._mean = mean if math.isinf(self._mean) else 0.8 * self._mean + 0.2 * mean


def _results(
    link: Link, work: Callable[[Task], T], tasks: Iterable[Task]
) -> Generator[tuple[Task, T]]:
    stock = _Stock(tasks)
    pending: dict[str, tuple[list[Task], Future]] = {}
    run, number = secrets.token_hex(6), itertools.count()
    # Were on workers that died again and again. A worker dies with all it has been given, so each
    # is tried by itself at the end, when nothing else can be the cause or the victim.
    suspects: list[Task] = []
    guilty: list[Task] = []
    more, alone = True, False

    def give(tasks: list[Task]) -> None:
        key = f"afcsim-{run}-{next(number)}"
        pending[key] = tasks, link.submit(partial(bundle, work), tasks, key)

    while more or pending or suspects:
        held: list[Task] = []  # taken from the stock, and not known to be given out
        try:
            while more and len(pending) < link.room():
                held = stock.take()
                more = bool(held)
                if held:
                    give(held)
                    held = []
            if not pending and suspects:
                alone = True
                held = [suspects.pop()]
                give(held)
                held = []
            if not pending:
                continue
            link.room()  # raises where there are no workers for long
            over = [future for future in link.some_finished() if future.key in pending]
            delivered = _fetched(link, over)
        except ConnectionLostError:
            stock.put_back(tasks for tasks, _ in pending.values())
            stock.put_back([held] if held else [])
            pending.clear()
            more = True
            link.renew()
            continue
        except _BundleLostError as lost:
            killers, _ = pending.pop(lost.key)
            if alone:
                guilty += killers
                continue
            suspects += killers
            more = True
            continue
        for key, (results, seconds) in delivered:
            given, future = pending.pop(key)
            future.release()
            stock.learn(len(given), seconds)
            yield from zip(given, results, strict=True)
    if guilty:
        raise TaskLostError(
            "every worker that ran this task died (the memory of a worker may be too small)",
            guilty[0],
        )


def _fetched(link: Link, over: list[Future]) -> list[tuple[str, Any]]:
    """Return the results of what is over, by key; what failed is raised."""
    for future in over:
        if future.status == "error":
            with lost_connection():
                error = future.exception()
            raise _explained(error, future.key)
        if future.status != "finished":
            raise ConnectionLostError
    if not over:
        if link.client.status != "running":
            raise ConnectionLostError
        return []
    with lost_connection():
        found = link.client.gather(over)
    return [(future.key, result) for future, result in zip(over, found, strict=True)]


def _explained(error: BaseException, key: str) -> BaseException:
    """Return the error of a bundle as one that a user understands, or as it is."""
    if type(error).__name__ == "KilledWorker":
        return _BundleLostError(key)
    if isinstance(error, ModuleNotFoundError):
        return EngineError(
            f"a worker cannot run the work: {error}; install this program there, in the same "
            "version"
        )
    return error


@contextmanager
def _quiet() -> Iterator[None]:
    """Let dask log nothing: what a user must know is said by our errors."""
    # dask gives some of its loggers levels of their own
    names = [n for n in logging.root.manager.loggerDict if n.startswith("distributed")]
    loggers = [logging.getLogger(name) for name in {*names, "distributed", "tornado", "asyncio"}]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
