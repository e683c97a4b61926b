"""A laboratory of a few animals whose times can be worked out by hand, in minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulator.scenario import Scenario
from simulator.scenario.conduct import Conduct, Tasks
from simulator.trial.laboratory.durations import draw_durations
from simulator.trial.laboratory.programme import Programme, Visit
from simulator.trial.laboratory.work import Page, logbook
from tests.unit.model.studies import arm, kinetic_study

KILL = Visit(0.0, ("killing", "plating"), ("afc",), ("afc",))


def visit(day: float, *tasks: Any) -> Visit:
    return Visit(day, tasks, ())


def constant(**minutes: float) -> dict[str, Any]:
    """Return tasks that take constant minutes; nothing where none are given."""
    return {name: {"takes": f"{minutes.get(name, 0)} min", "cv": 0} for name in Tasks.model_fields}


def conduct(
    *,
    hours: tuple[str, str] = ("08:00", "17:00"),
    pause: tuple[str, str] | None = None,
    minutes: Mapping[str, float] | None = None,
    **more: Any,
) -> Conduct:
    """Return a conduct whose tasks take constant minutes, nothing where none are given."""
    tasks = constant(**(minutes or {}))
    clock = {"from": hours[0], "to": hours[1], "break": pause}
    return Conduct.model_validate({"hours": clock, "tasks": tasks, **more})


def run(
    how: Conduct,
    *visits: Visit,
    places: tuple[int, ...] = (3,),
    satellites: Mapping[str, tuple[Sequence[Visit], tuple[int, ...]]] | None = None,
) -> tuple[Page, ...]:
    """Return the book of some main animals (and satellites) in a laboratory."""
    plan = [Programme(None, visits)]
    counts: dict[str | None, tuple[int, ...]] = {None: places}
    for key, (own, number) in (satellites or {}).items():
        plan.append(Programme(key, tuple(own)))
        counts[key] = number
    takes = draw_durations(how, plan, seed=1, variant=0, places=counts)
    return logbook(how, plan, places=counts, durations=takes)


def spans(page: Page, task: str, *, day: float = 0.0, nth: int = 0) -> list[tuple[float, float]]:
    """Return from when until when a task was done on each place, minutes after a day's opening.

    Whole minutes are exact on the laboratory's clock, so they are compared without tolerance.
    """
    step = [index for index, (_, name) in enumerate(page.programme.steps) if name == task][nth]
    start, end = (times[step] - 1440 * day for times in (page.start, page.end))
    return list(zip(start.tolist(), end.tolist(), strict=True))


def study(
    *,
    arms: dict[str, Any] | None = None,
    truth: dict[str, Any] | None = None,
    endpoints: dict[str, Any] | None = None,
    schedules: dict[str, Any] | None = None,
    **conduct: Any,
) -> Scenario:
    """Return the secretome study of two arms, and how the laboratory works."""
    design: dict[str, Any] = {"conduct": conduct}
    if endpoints is not None:
        design["endpoints"] = endpoints
    if schedules is not None:
        design["schedules"] = schedules
    arms = arms or {"control": arm("control", "saline"), "drug": arm("test", "secretome")}
    return kinetic_study(arms=arms, design=design, truth=truth)
