"""Run numbered blocks of work on local threads, in order, with flat memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")
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
