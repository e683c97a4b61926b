"""Work that nobody wants any more ends at its next step."""

from __future__ import annotations

import time
from threading import Event

import pytest

from simulator.scenario_files import load_scenario, read_scenario
from simulator.web.answers import laboratory, sized
from simulator.web.jobs import GivenUpError, Job
from simulator.web.plan import catalogue_plan
from tests.unit.web.own_loop import run


def test_work_is_done_and_given_back() -> None:
    job = Job(seconds=60)
    assert run(job.quick(lambda: 5)) == 5
    job.step(1, 4)


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


class Counting(Job):
    """A job that is given up at its third step."""

    def __init__(self) -> None:
        super().__init__(seconds=60)
        self.seen: list[int] = []

    def step(self, done: int = 0, total: int = 1) -> None:
        self.seen.append(done)
        if len(self.seen) == 3:
            self.give_up()
        super().step(done, total)


def test_a_search_ends_at_the_block_in_which_it_was_given_up() -> None:
    plan, job = catalogue_plan("quick-start"), Counting()
    with pytest.raises(GivenUpError):
        sized(read_scenario("quick-start"), plan, job)
    assert job.seen == [1, 2, 3]


def test_the_laboratory_ends_at_the_course_in_which_it_was_given_up() -> None:
    job = Counting()
    with pytest.raises(GivenUpError):
        laboratory(load_scenario("quick-start"), 30, job)
    assert job.seen == [0, 1, 2]


def test_the_time_in_which_a_job_waits_for_others_is_not_its_own() -> None:
    job = Job(seconds=0.2)
    time.sleep(0.3)
    assert run(job.quick(lambda: 5)) == 5
    time.sleep(0.3)
    with pytest.raises(GivenUpError):
        run(job.quick(lambda: 5))
    assert job.late


def test_time_is_limited() -> None:
    job = Job(seconds=-1)
    with pytest.raises(GivenUpError):
        job.step()
    assert job.late
