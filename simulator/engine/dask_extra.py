"""The extra ``cluster``: dask, and a cluster of processes of this machine."""

from __future__ import annotations

import gc
import logging
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from simulator.errors import MissingExtraError

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

#: Run by every worker: Ctrl-C reaches all processes of a terminal, and is ours to answer.
_DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
#: Seconds for the workers to end.
_END = 20


def dask_parts() -> tuple[type[Client], type[LocalCluster]]:
    """Return dask's client and its cluster of local processes.

    Raises
    ------
    MissingExtraError : dask is not installed.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("distributed", "dask"):
            raise
        raise MissingExtraError(
            "work on several processes or machines needs a package that is not installed: "
            'python -m pip install "afcsim[cluster]"'
        ) from None
    return Client, LocalCluster


def is_given_up() -> bool:
    """Return whether nobody waits any more for the task of this thread; False outside workers.

    Whoever gave it out has given up, has died, or has lost its scheduler.
    """
    if "distributed" not in sys.modules:
        return False
    from distributed import get_worker

    try:
        worker = get_worker()
        task = worker.state.tasks.get(worker.get_current_task())
    except (ValueError, KeyError):  # no worker, or no task of one
        return False
    return task is None or task.state == "cancelled"


@contextmanager
def own_cluster(workers: int) -> Iterator[str]:
    """Start processes of one thread each, reachable from this machine only; give the address.

    They end with the block, and by themselves where this process is killed.
    """
    import dask

    _, cluster_of = dask_parts()
    with (
        tempfile.TemporaryDirectory(prefix="afcsim-", ignore_cleanup_errors=True) as folder,
        dask.config.set(
            {"distributed.worker.preload": [_DEAF], "distributed.worker.profile.enabled": False}
        ),
    ):
        with _undisturbed(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()  # see Link: what is left of an earlier cluster
            cluster: Any = cluster_of(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                local_directory=folder,
                silence_logs=logging.CRITICAL,
                memory_limit=0,
            )
        try:
            yield cluster.scheduler_address
        finally:
            with _undisturbed(), suppress(TimeoutError):
                cluster.close(timeout=_END)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back Ctrl-C while processes are started or ended, and answer it afterwards.

    A process that is started meanwhile ignores it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
