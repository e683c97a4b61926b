"""Work that nobody wants any more ends at its next step."""

from __future__ import annotations

from threading import Event

import pytest

from simulator.scenario_files import read_scenario
from simulator.web.answers import sized
from simulator.web.jobs import GivenUpError, Job
from simulator.web.plan import catalogue_plan
from tests.unit.web.own_loop import run


def test_work_is_done_and_given_back() -> None:
    job = Job(seconds=60)
    assert run(job.quick(lambda: 5)) == 5
    job.step(1, 4)
    assert job.share == 0.25


def test_what_was_given_up_is_not_begun() -> None:
    job, begun = Job(seconds=60), Event()
    job.give_up()
    with pytest.raises(GivenUpError):
        run(job.slow(begun.set))
    assert not begun.is_set()


def test_a_result_that_came_too_late_is_not_given() -> None:
    job = Job(seconds=60)
    with pytest.raises(GivenUpError):
        run(job.quick(job.give_up))
    assert not job.late


def test_a_search_ends_at_the_block_in_which_it_was_given_up() -> None:
    plan = catalogue_plan("quick-start")
    seen: list[int] = []

    class Counting(Job):
        def step(self, done: int = 0, total: int = 1) -> None:
            seen.append(done)
            if len(seen) == 3:
                self.give_up()
            super().step(done, total)

    with pytest.raises(GivenUpError):
        sized(read_scenario("quick-start"), plan, Counting(seconds=60))
    assert seen == [1, 2, 3]


def test_time_is_limited() -> None:
    job = Job(seconds=-1)
    with pytest.raises(GivenUpError):
        job.step()
    assert job.late
