"""One person's work: what fails beside the answer leaves the answer as it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from shiny import reactive

from simulator.errors import OutputError, Problem, ScenarioError
from simulator.web.desk import Desk
from simulator.web.jobs import Job
from simulator.web.plan import catalogue_plan
from tests.unit.web.own_loop import run

_BAD = ScenarioError("x", [Problem("decision.power", "is bad")])


def after(what: str, error: Exception) -> dict[str, Any]:
    """Return what a desk with an answer under way shows after some work of its failed."""

    async def fail(_job: Job) -> None:
        raise error

    async def work() -> dict[str, Any]:
        desk = Desk()
        desk.busy.set("Refining")
        desk.loaded.set(catalogue_plan("quick-start").loaded())
        desk.problems.set((Problem("a", "a warning", severity="warning"),))
        desk._start(what, fail)
        while desk._tasks:
            await asyncio.sleep(0)
        with reactive.isolate():
            return {"busy": desk.busy(), "loaded": desk.loaded(), "problems": desk.problems()}

    return run(work())


@pytest.mark.parametrize("what", ["kept", "responses", "lab"])
@pytest.mark.parametrize("error", [_BAD, OutputError("is bad"), ValueError("is bad")])
def test_what_fails_beside_the_answer_ends_nothing_else(what: str, error: Exception) -> None:
    found = after(what, error)
    assert found["busy"] == "Refining"
    assert found["loaded"] is not None
    first, second = found["problems"]
    assert first.message == "a warning"
    assert second.severity == "warning"
    assert second.path in ("kept plan", "simulated study", "laboratory")


def test_a_plan_that_cannot_work_says_so() -> None:
    found = after("answer", _BAD)
    assert (found["busy"], found["loaded"]) == ("", None)
    assert found["problems"] == _BAD.problems
