"""Work that ends early says so: nothing is 'on its way' for ever, and it can be tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from threading import Event
from typing import Any

import pytest
from shiny import reactive

from simulator.errors import OutputError, Problem
from simulator.web import answers, desk, views
from simulator.web.answers import first_answer
from simulator.web.desk import Desk
from simulator.web.jobs import GivenUpError, Job
from simulator.web.known import Answer
from simulator.web.plan import catalogue_plan
from tests.unit.web.own_loop import run


@lru_cache
def first() -> Answer:
    plan = catalogue_plan("quick-start", {"decision.replicates": "500"})
    loaded = plan.loaded()
    result = first_answer(loaded, Job(seconds=60))
    return Answer(plan, loaded, result, None, None, "refining")


def at_work() -> Desk:
    """Return a desk whose plan has its first answer, which is kept."""
    found, answer = Desk(), first()
    found.plan.set(answer.plan)
    found.loaded.set(answer.loaded)
    found.answer.set(answer)
    found.kept.set(answer)
    found.problems.set((Problem("a", "a warning", severity="warning"),))
    found.busy.set("Refining")
    return found


async def over(found: Desk) -> None:
    while found._tasks:
        await asyncio.sleep(0.005)


def seen(value: reactive.Value[Any]) -> Any:
    with reactive.isolate():
        return value()


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


async def _late(job: Job) -> None:
    await job.slow(lambda: job.step())


@pytest.mark.parametrize("late", [True, False])
def test_an_answer_that_ends_early_is_no_longer_under_way(
    late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "SECONDS", -1.0 if late else 60.0)

    async def fail(_job: Job) -> None:
        raise OutputError("is bad")

    async def work() -> Desk:
        found = at_work()
        found._start("answer", _late if late else fail)
        await over(found)
        return found

    found = run(work())
    assert (seen(found.answer).stage, seen(found.kept).stage, seen(found.busy)) == (
        "ended",
        "ended",
        "",
    )
    told, before = (problem.message for problem in seen(found.problems))
    assert ("longer than" in told) == late
    assert before == "a warning"
    words = views.answer_words(seen(found.answer))[1]
    assert words.endswith("; not certified")


def test_what_is_settled_can_be_taken_away_once_nothing_more_comes() -> None:
    answer = first()
    run = answers.sized(answer.loaded, answer.plan, Job(seconds=60))
    whole = {
        (stage, done is not None): replace(answer, run=done, stage=stage).is_whole
        for stage in ("refining", "worlds", "done", "ended")
        for done in (None, run)
    }
    assert [key for key, is_whole in whole.items() if is_whole] == [("done", True), ("ended", True)]


def test_an_answer_of_the_plan_before_stays_as_it_is() -> None:
    async def fail(_job: Job) -> None:
        raise OutputError("is bad")

    async def work() -> Desk:
        found = at_work()
        found.plan.set(first().plan.with_changes({"seed": "5"}))
        found._start("answer", fail)
        await over(found)
        return found

    assert seen(run(work()).answer).stage == "refining"


def test_a_laboratory_that_failed_says_so_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> Desk:
        found = at_work()
        with monkeypatch.context() as broken:
            broken.setattr(answers, "laboratory", failing(OutputError("is bad")))
            found.plan_days(first())
            await over(found)
        assert seen(found.failed) == {"lab"}
        assert seen(found.problems)[1].path == "laboratory"
        assert (seen(found.answer).stage, seen(found.busy)) == ("refining", "Refining")
        found.plan_days(first())
        assert seen(found.failed) == frozenset()
        await over(found)
        assert seen(found.lab).found.fits in (True, False)
        return found

    run(work())


def test_a_study_that_failed_says_so_until_another_plan_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> None:
        found = at_work()
        with monkeypatch.context() as broken:
            broken.setattr("simulator.web.pictures.cohort_picture", failing(ValueError("x")))
            found.draw_study(first(), 0)
            await over(found)
        assert (seen(found.failed), seen(found.responses)) == ({"responses"}, None)
        monkeypatch.setattr(answers, "first_answer", failing(OutputError("is bad")))
        found.ask(first().plan.with_changes({"seed": "5"}))
        assert seen(found.failed) == frozenset()
        await over(found)

    run(work())


def test_another_plan_and_the_end_of_the_session_end_the_laboratory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[Job] = []

    def laboratory(_scenario: object, _n: int, job: Job) -> None:
        begun.append(job)
        while True:
            job.step()

    monkeypatch.setattr(answers, "laboratory", laboratory)
    monkeypatch.setattr(answers, "first_answer", failing(OutputError("is bad")))

    async def work() -> None:
        for end in (lambda one: one.ask(first().plan), Desk.close):
            found = at_work()
            found.plan_days(first())
            while not begun:
                await asyncio.sleep(0.005)
            end(found)
            await over(found)
            assert not begun.pop().wanted
            assert seen(found.failed) == frozenset()

    run(work())


def test_a_file_is_made_beside_all_else_and_given_up_with_the_session() -> None:
    async def work() -> None:
        found, going = at_work(), Event()
        assert await found.aside(lambda: "text") == "text"
        made = asyncio.create_task(found.aside(going.wait))
        await asyncio.sleep(0.01)
        found.close()
        going.set()
        with pytest.raises(GivenUpError):
            await made
        assert not found._asides

    run(work())
