"""Run work on local threads, with flat memory: numbered blocks in order, tasks as they finish."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")
Task = TypeVar("Task")
Progress = Callable[[int, int], None]

#: Blocks under way or finished and not yet taken, per thread: enough to keep threads busy.
_AHEAD = 2


def default_threads() -> int:
    """Return the number of processors this process may use."""
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # not on Windows and macOS
        return max(1, os.cpu_count() or 1)


def run_blocks(
    work: Callable[[int], T],
    blocks: Sequence[int],
    *,
    threads: int,
    progress: Progress | None = None,
    cancel: Callable[[], None] | None = None,
) -> Generator[T]:
    """Yield ``work(block)`` for every block, in the order of ``blocks``.

    Parameters
    ----------
    work : function of the block's number; it must release the interpreter lock to gain from
        threads, and must not depend on any other block.
    blocks : block numbers.
    threads : number of threads, at least 1; one means no thread is started.
    progress : called with (blocks done, blocks in all) from the calling thread.
    cancel : called when the work is given up, before the blocks under way are waited for, so
        that they can be told to end.

    Notes
    -----
    At most a fixed number of results per thread exist at once, whatever ``len(blocks)`` is.
    An exception in ``work`` is raised at its block's turn; it, Ctrl-C and closing the
    generator cancel all blocks that have not started.

    Raises
    ------
    ValueError : ``threads`` is below 1.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    return _generate(work, blocks, threads, progress, cancel)


def _generate(
    work: Callable[[int], T],
    blocks: Sequence[int],
    threads: int,
    progress: Progress | None,
    cancel: Callable[[], None] | None,
) -> Generator[T]:
    results = _serial(work, blocks) if threads == 1 else _threaded(work, blocks, threads, cancel)
    with closing(results):
        for done, result in enumerate(results, start=1):
            if progress is not None:
                progress(done, len(blocks))
            yield result


def _serial(work: Callable[[int], T], blocks: Sequence[int]) -> Generator[T]:
    for block in blocks:
        yield work(block)


def _threaded(
    work: Callable[[int], T],
    blocks: Sequence[int],
    threads: int,
    cancel: Callable[[], None] | None,
) -> Generator[T]:
    pool = ThreadPoolExecutor(max_workers=threads)
    waiting: deque[Future[T]] = deque()
    try:
        for block in blocks:
            waiting.append(pool.submit(work, block))
            if len(waiting) >= _AHEAD * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BaseException:
        if cancel is not None:
            cancel()
        raise
    finally:
        # wait: a block under way when the user stops must not write after we have returned
        pool.shutdown(wait=True, cancel_futures=True)


class LocalEngine:
    """An ``Engine`` of threads of this process.

    Parameters
    ----------
    threads : default: as many as the process may use; one means no thread is started.
    cancel : called when the work is given up, before the tasks under way are waited for, so that
        they can be told to end.
    """

    def __init__(
        self, threads: int | None = None, *, cancel: Callable[[], None] | None = None
    ) -> None:
        self.cancel = cancel
        self.threads = default_threads() if threads is None else threads
        if self.threads < 1:
            raise ValueError(f"threads must be at least 1, not {threads}")

    def run(self, work: Callable[[Task], T], tasks: Iterable[Task]) -> Generator[tuple[Task, T]]:
        """Yield every task with its result, see ``Engine``; a task under way is ended first."""
        if self.threads == 1:
            for task in tasks:
                yield task, work(task)
            return
        pool = ThreadPoolExecutor(max_workers=self.threads)
        under_way: dict[Future[T], Task] = {}
        coming = iter(tasks)
        try:
            more = True
            while more or under_way:
                while more and len(under_way) < _AHEAD * self.threads:
                    try:
                        task = next(coming)
                    except StopIteration:
                        more = False
                    else:
                        under_way[pool.submit(work, task)] = task
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    yield under_way.pop(future), future.result()
        except BaseException:
            if self.cancel is not None:
                self.cancel()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
