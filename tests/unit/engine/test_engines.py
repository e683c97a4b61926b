"""Engines: everything once, in any order, a bounded number ahead; what goes wrong is said."""

from __future__ import annotations

import operator
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from simulator.engine.cluster import ClusterEngine, bundle
from simulator.engine.engine import EngineError, TaskLostError
from simulator.engine.local import LocalEngine
from simulator.errors import MissingExtraError


@pytest.mark.parametrize("threads", [1, 3])
def test_every_task_comes_back_once(threads: int) -> None:
    found = list(LocalEngine(threads).run(operator.neg, range(200)))
    assert sorted(found) == [(k, -k) for k in range(200)]


def test_a_slow_task_does_not_hold_up_the_others() -> None:
    release = threading.Event()

    def work(task: int) -> int:
        if task == 0:
            assert release.wait(30)
        return task

    order = []
    for task, _ in LocalEngine(2).run(work, range(6)):
        order.append(task)
        if len(order) == 3:  # others were finished while the first was under way
            release.set()
    assert order[-1] == 0 or order.index(0) >= 3


@pytest.mark.parametrize("threads", [1, 2])
def test_tasks_are_taken_a_bounded_number_ahead(threads: int) -> None:
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for k in range(1_000_000_000):
            taken += 1
            yield k

    results = LocalEngine(threads).run(operator.neg, tasks())
    for _ in range(10):
        next(results)
    results.close()
    assert taken <= 10 + 2 * 2 * threads


def test_an_error_of_the_work_ends_the_run() -> None:
    with pytest.raises(ZeroDivisionError):
        list(LocalEngine(2).run(lambda k: 1 / k, range(5)))
    assert not [t for t in threading.enumerate() if t.name.startswith("ThreadPool")]


def test_a_number_of_threads_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="threads must be at least 1, not 0"):
        LocalEngine(0)


def test_a_bundle_is_its_tasks() -> None:
    results, seconds = bundle(operator.neg, [1, 2, 3])
    assert results == [-1, -2, -3]
    assert seconds >= 0


def test_where_to_work_is_one_place() -> None:
    with pytest.raises(ValueError, match="either a number of workers or the address"):
        ClusterEngine(workers=2, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(ValueError, match="workers must be at least 1"):
        ClusterEngine(workers=0)


def test_a_missing_extra_comes_with_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r'python -m pip install "afcsim\[cluster\]"'):
        ClusterEngine(workers=1)


def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    engine = ClusterEngine(scheduler=f"tcp://127.0.0.1:{port}", patience=2)
    begun = time.monotonic()
    with pytest.raises(EngineError, match=r"the scheduler did not answer for [12] s; start it"):
        next(engine.run(operator.neg, [1]))
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("address", ["no address", "tcp://", "ftp://127.0.0.1:3"])
def test_not_an_address(address: str) -> None:
    engine = ClusterEngine(scheduler=address, patience=2)
    with pytest.raises(
        EngineError, match=r"is no address of a scheduler: write it like tcp://host:8786"
    ):
        next(engine.run(operator.neg, [1]))


@pytest.mark.long
def test_processes_give_every_task_once_and_end() -> None:
    engine = ClusterEngine(workers=2)
    found = list(engine.run(operator.neg, range(3_000)))
    assert sorted(found) == [(k, -k) for k in range(3_000)]


def _die(task: int) -> int:
    if task == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return -task


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of dask, when it starts a worker in place of a dead one
def test_a_task_that_kills_its_workers_is_named_and_the_others_come_back() -> None:
    """In bundles of many: it is found among them, one by one."""
    found = []

    def run() -> None:
        for task, result in ClusterEngine(workers=2).run(_die, range(40)):
            found.append((task, result))

    with pytest.raises(TaskLostError, match="every worker that ran this task died") as caught:
        run()
    assert caught.value.task == 13
    assert all(result == -task for task, result in found)
    assert sorted(task for task, _ in found) == [k for k in range(40) if k != 13]
