"""Blocks run on threads: order, cancellation, flat memory."""

import threading
import time

import pytest

from simulator.engine.local import default_threads, run_blocks


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_block_order_whatever_finishes_first(threads):
    def work(block):
        time.sleep(0.002 * (7 - block))  # later blocks finish earlier
        return block * block

    seen = []
    results = list(
        run_blocks(work, range(7), threads=threads, progress=lambda *pair: seen.append(pair))
    )
    assert results == [0, 1, 4, 9, 16, 25, 36]
    assert seen == [(done, 7) for done in range(1, 8)]


def test_only_a_few_results_exist_at_once():
    started = []
    lock = threading.Lock()

    def work(block):
        with lock:
            started.append(block)
        return block

    results = run_blocks(work, range(1000), threads=2)
    next(results)
    time.sleep(0.05)
    assert len(started) <= 5
    results.close()
    assert len(started) <= 5


@pytest.mark.parametrize("threads", [1, 3])
def test_an_error_comes_at_its_turn_and_stops_the_rest(threads):
    started = []

    def work(block):
        started.append(block)
        if block == 2:
            raise ZeroDivisionError("block two")
        return block

    results = run_blocks(work, range(500), threads=threads)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError, match="block two"):
        next(results)
    assert len(started) < 20


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_stops_cleanly(threads):
    def stop(done, _total):
        if done == 2:
            raise KeyboardInterrupt("by the user")

    started = []
    with pytest.raises(KeyboardInterrupt, match="by the user"):
        list(run_blocks(started.append, range(300), threads=threads, progress=stop))
    count = len(started)
    time.sleep(0.02)
    assert len(started) == count < 20  # nothing goes on behind the user's back


def test_no_blocks_no_results():
    assert list(run_blocks(abs, [], threads=2)) == []


def test_threads_below_one_are_refused_at_once():
    with pytest.raises(ValueError, match="threads must be at least 1, not 0"):
        run_blocks(abs, [1], threads=0)
    assert default_threads() >= 1
