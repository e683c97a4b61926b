"""The compiled laboratory against SimPy's: every start, end and technician, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import load_scenario
from simulator.scenario.conduct import Conduct, Tasks
from simulator.trial.laboratory.courses import courses
from simulator.trial.laboratory.durations import draw_variants
from simulator.trial.laboratory.programme import Programme, Visit, programmes
from simulator.trial.laboratory.work import logbook

HOURS = [
    {"from": "08:00", "to": "17:00", "break": ("12:00", "12:30")},
    {"from": "00:00", "to": "24:00", "break": None},
    {"from": "08:00", "to": "08:20", "break": None},
    {"from": "08:00", "to": "09:00", "break": ("08:10", "08:30")},
]
DAYS = (-1.0, -0.3, 0.0, 0.01, 0.1, 0.5, 0.98, 1.0, 2.0, 4.99)


def programme(random: np.random.Generator, group: str | None) -> Programme:
    """Return visits on some days: weighed first, killed on the last one or not at all."""
    days = sorted(random.choice(DAYS, size=random.integers(1, 5), replace=False).tolist())
    visits = []
    for day in days:
        tasks: list = ["weighing"] if day == days[0] and random.random() < 0.8 else []
        tasks += ["immunization"] * random.integers(0, 2) + ["dosing"] * random.integers(0, 3)
        tasks += ["sampling"] * random.integers(0, 2)
        visits.append(Visit(day, (*tasks,) or ("dosing",), ()))
    end = random.random()
    if end < 0.8:
        last = ("killing", "plating") if end < 0.7 else ("killing",)
        visits[-1] = Visit(days[-1], (*visits[-1].tasks, *last), ("afc",), ("afc",))
    return Programme(group, tuple(visits))


def laboratory(random: np.random.Generator) -> tuple[Conduct, list[Programme], dict]:
    """Return any laboratory: half of them in whole minutes, where much happens at one time."""
    whole = random.random() < 0.5
    tasks = {}
    for name in Tasks.model_fields:
        takes = int(random.choice([0, 1, 2, 3, 5, 10]))
        if name == "incubation":
            takes *= 3
        tasks[name] = {"takes": f"{takes} min", "cv": 0 if whole else 0.4}
    days = int(random.integers(1, 4))
    kit = {"balances": 3, "baths": 2, "per_bath": 3, "readers": 3}
    conduct = {
        "staff": int(random.integers(1, 5)),
        "equipment": {name: int(random.integers(1, most + 1)) for name, most in kit.items()},
        "hours": HOURS[random.integers(len(HOURS))],
        "tasks": tasks,
        "plating": random.choice(["at-once", "after-all"]),
        "days": days,
    }
    groups = [None, "late", "more"][: random.integers(1, 4)]
    counts = {key: tuple(random.integers(0, 5, size=days).tolist()) for key in groups}
    counts[None] = (*counts[None][:-1], 1 + counts[None][-1])
    return Conduct.model_validate(conduct), [programme(random, key) for key in groups], counts


def same(conduct, plan, places, *, seed=1, variants=2):
    takes = draw_variants(conduct, plan, seed=seed, variants=range(variants), places=places)
    found = courses(conduct, plan, places=places, durations=takes)
    for variant in range(variants):
        own = {key: minutes[variant] for key, minutes in takes.items()}
        book = logbook(conduct, plan, places=places, durations=own)
        for page, expected in zip(found, book, strict=True):
            assert (page.day_of == expected.day_of).all()
            for name in ("start", "end", "technician"):
                np.testing.assert_array_equal(
                    getattr(page, name)[variant], getattr(expected, name), err_msg=name
                )


@pytest.mark.parametrize("tens", range(30))
def test_any_laboratory(tens):
    for number in range(10 * tens, 10 * tens + 10):
        same(*laboratory(np.random.default_rng(number)))


@pytest.mark.parametrize("plating", ["at-once", "after-all"])
def test_a_whole_study(plating):
    """160 mice, six visits; with the break, and days that do not fit."""
    plan = programmes(load_scenario("secretome-healthy-mice").design)
    for staff, days in ((1, 1), (2, 1), (5, 2)):
        how = Conduct(staff=staff, plating=plating, days=days)
        same(how, plan, {None: (160 // days,) * days}, variants=1)


def test_one_course_does_not_touch_the_next():
    """Many in one call, the last of which SimPy runs alone; animals are left over every day."""
    how = Conduct.model_validate({"staff": 1, "plating": "after-all", "hours": HOURS[3]})
    plan = programmes(load_scenario("secretome-healthy-mice").design)
    same(how, plan, {None: (12,)}, variants=8)
