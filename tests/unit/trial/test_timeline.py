"""How late everything is, and when a smaller study lives through the times of a larger one."""

from typing import Any

import numpy as np
import pytest

from simulator.trial.timeline import VARIANTS, nested, timeline, works
from tests.unit.model.studies import ENDPOINTS, arm, kinetic_study

TASKS = (
    "weighing",
    "immunization",
    "dosing",
    "sampling",
    "killing",
    "plating",
    "incubation",
    "reading",
)


def constant(**minutes: float) -> dict[str, Any]:
    """Return tasks that take constant minutes; nothing where none are given."""
    return {name: {"takes": f"{minutes.get(name, 0)} min", "cv": 0} for name in TASKS}


def study(*, arms=None, truth=None, endpoints=None, schedules=None, **conduct: Any):
    """Return the secretome study of two arms, and how the laboratory works."""
    design: dict[str, Any] = {"conduct": conduct}
    if endpoints is not None:
        design["endpoints"] = endpoints
    if schedules is not None:
        design["schedules"] = schedules
    arms = arms or {"control": arm("control", "saline"), "drug": arm("test", "secretome")}
    return kinetic_study(arms=arms, design=design, truth=truth)


def days(*minutes: float) -> list[float]:
    """Return minutes in days: exact, as whole minutes are on the laboratory's clock."""
    return [minute / 1440 for minute in minutes]


def test_lateness_by_hand():
    """One technician, three animals, 1 + 2 + 3 minutes on day 0 and 5 + 4 + 3 on day 5."""
    tasks = constant(weighing=1, immunization=2, dosing=3, sampling=5, killing=4, plating=3)
    tasks["reading"] = {"takes": "2 min", "cv": 0}
    found = timeline(study(staff=1, tasks=tasks), places={None: (3,)})
    line = found.lines[None]
    assert found.variants == 1  # nothing varies
    assert line.immunized[0].tolist() == days(3, 9, 15)
    assert line.dosed[0.0][0].tolist() == days(6, 12, 18)
    for day in (1.0, 2.0, 3.0, 4.0):
        assert line.dosed[day][0].tolist() == days(3, 6, 9)
    assert set(line.dosed) == {0.0, 1.0, 2.0, 3.0, 4.0}
    for key in ("titer", "phagocytosis", "number"):  # blood, before the kill
        assert line.sampled[key][0].tolist() == days(5, 17, 29)
    assert line.sampled["afc"][0].tolist() == days(9, 21, 33)
    assert (line.waited == 0.0).all()
    assert (line.reading[0] * 60).tolist() == pytest.approx([0, 2, 4], rel=1e-15)
    assert line.day_of.tolist() == [0, 0, 0]
    assert found.fits.all()
    assert found.read_same_day.all()


def test_spleens_that_wait_by_hand():
    tasks = constant(killing=4, plating=3)
    found = timeline(study(staff=1, plating="after-all", tasks=tasks), places={None: (3,)})
    # killed at 4, 8, 12, plated from 12, 15, 18
    assert found.(lines[None].waited[0] * 60).tolist() == pytest.approx([8, 7, 6], rel=1e-15)


def test_lateness_is_relative_to_the_animals_own_calendar():
    tasks = constant(immunization=6)
    found = timeline(study(staff=1, days=2, tasks=tasks), places={None: (2, 2)})
    line = found.lines[None]
    assert line.day_of.tolist() == [0, 0, 1, 1]
    # the others are dosed in no time while they wait, so each day begins anew
    assert line.immunized[0].tolist() == days(6, 12, 6, 12)
    assert line.sampled["afc"][0].tolist() == days(0, 0, 0, 0)


@pytest.mark.parametrize("plating", ["at-once", "after-all"])
@pytest.mark.parametrize("staff", [1, 3])
def test_where_nothing_takes_time_nothing_is_late(plating, staff):
    """The path without conduct: exactly 0, not nearly."""
    endpoints = {
        **ENDPOINTS,
        "late": {"kind": "titer", "day": 7.1, "satellite": True, "terminal": True},
    }
    scenario = study(
        staff=staff,
        plating=plating,
        days=2,
        tasks=constant(),
        endpoints=endpoints,
        schedules={"daily": {"days": [-0.9, 0, 0.1, 0.3, 4.2]}},
    )
    found = timeline(scenario, places={None: (4, 3), "late": (2, 2)})
    assert found.variants == 1
    for line in found.lines.values():
        for late in (
            line.immunized,
            *line.dosed.values(),
            *line.sampled.values(),
            line.waited,
            line.reading,
        ):
            assert (late == 0.0).all()
    assert found.fits.all()


def test_the_library_holds_the_works_of_every_variant():
    """The same runs told task by task: lateness of an animal is that of its own work."""
    scenario = study(order="by-arm", plating="after-all")
    places = {None: (12,)}
    found = timeline(scenario, places=places)
    assert found.variants == VARIANTS
    line = found.lines[None]
    for variant in (0, 7):
        done = works(scenario, places=places, variant=variant)
        by_task = {(w.place, w.task, w.planned): w for w in done}
        for place in range(12):
            assert line.immunized[variant, place] == by_task[place, "immunization", 0.0].end
            assert line.dosed[2.0][variant, place] == by_task[place, "dosing", 2.0].end - 2.0
            killed = by_task[place, "killing", 5.0]
            assert line.sampled["afc"][variant, place] == killed.end - 5.0
            wait = 24 * (by_task[place, "plating", 5.0].start - killed.end)
            assert line.waited[variant, place] == pytest.approx(wait, abs=1e-9)
    assert len({tuple(row) for row in line.immunized}) == VARIANTS


def test_the_library_is_made_once_and_kept_from_changes():
    scenario = study()
    found = timeline(scenario, places={None: (6,)})
    assert timeline(scenario, places={None: (6,)}) is found
    # another truth, the same laboratory
    other = study(truth={"handling": {"spleen_loss": 0.5}})
    assert timeline(other, places={None: (6,)}) is found
    with pytest.raises(ValueError, match="read-only"):
        found.lines[None].immunized[0, 0] = 1.0
    other_seed = scenario.model_copy(update={"seed": scenario.seed + 1})
    changed = timeline(other_seed, places={None: (6,)})
    assert not (changed.lines[None].immunized == found.lines[None].immunized).any()


def test_a_study_without_conduct_has_no_timeline():
    with pytest.raises(ValueError, match=r"design\.conduct is missing"):
        timeline(kinetic_study(), places={None: (6,)})


# Whether a day fits ------------------------------------------------------------------------


def fits(places: int, *, hours: tuple[str, str], **minutes: float) -> tuple[bool, bool]:
    """Return whether the day fits one technician, and whether it sees all spleens read."""
    clock = {"from": hours[0], "to": hours[1], "break": None}
    scenario = study(staff=1, hours=clock, tasks=constant(**minutes))
    found = timeline(scenario, places={None: (places,)})
    return bool(found.fits.all()), bool(found.read_same_day.all())


def test_a_day_fits_where_everything_begins_in_its_shift():
    # the last of 6 begins at 50 minutes, the last of 7 would at 60: closed
    assert fits(6, hours=("08:00", "09:00"), killing=10) == (True, True)
    assert fits(7, hours=("08:00", "09:00"), killing=10)[0] is False
    assert fits(7, hours=("08:00", "09:00"), dosing=10)[0] is False


def test_reading_may_run_into_the_next_day_but_not_beyond():
    # ready at 8:50: one of five is read the same day; ready at 9:00: none of six
    assert fits(5, hours=("08:00", "09:00"), killing=10, reading=10) == (True, False)
    assert fits(6, hours=("08:00", "09:00"), killing=10, reading=10) == (True, False)
    # ready at 8:49 and 8:56: one today, six tomorrow, and the eighth on the day after
    assert fits(7, hours=("08:00", "09:00"), killing=7, reading=10) == (True, False)
    assert fits(8, hours=("08:00", "09:00"), killing=7, reading=10) == (False, False)


def test_a_visit_that_lasts_through_the_night_does_not_fit():
    assert fits(1, hours=("08:00", "09:00"), dosing=1440)[0] is True
    assert fits(2, hours=("08:00", "09:00"), dosing=30, killing=1430)[0] is False


def test_every_variant_is_judged():
    clock = {"from": "08:00", "to": "08:40", "break": None}
    tasks = {**constant(), "dosing": {"takes": "10 min", "cv": 0.3}}
    found = timeline(study(staff=1, hours=clock, tasks=tasks), places={None: (4,)})
    ends = np.array([late.max(axis=1) for late in found.lines[None].dosed.values()])
    assert (found.fits == (ends < 0.5).all(axis=0)).all()
    assert 0 < found.fits.sum() < VARIANTS


def test_readings_left_over_are_a_session_of_their_own():
    """Closing at 9:00, spleens ready at 8:50, 10 minutes each, three animals."""
    clock = {"from": "08:00", "to": "09:00", "break": None}
    tasks = constant(killing=17, reading=10)  # killed at 17, 34, 51: one is read today
    found = timeline(study(staff=1, hours=clock, tasks=tasks), places={None: (3,)})
    assert found.(lines[None].reading[0] * 60).tolist() == pytest.approx([0, 0, 10], rel=1e-15)


def test_satellites_are_read_in_the_session_of_their_day():
    endpoints = {**ENDPOINTS, "more": {"kind": "plaque_count", "day": 5, "satellite": True}}
    scenario = study(staff=1, tasks=constant(reading=6), endpoints=endpoints)
    found = timeline(scenario, places={None: (2,), "more": (2,)})
    assert found.(lines[None].reading[0] * 60).tolist() == pytest.approx([0, 6], rel=1e-15)
    assert found.(lines["more"].reading[0] * 60).tolist() == pytest.approx([12, 18], rel=1e-15)


# Smaller studies in larger ones -------------------------------------------------------------


def arrays(line):
    return [line.immunized, *line.dosed.values(), *line.sampled.values(), line.waited]


NO_BREAK = {"from": "08:00", "to": "17:00", "break": None}


@pytest.mark.parametrize(
    "conduct",
    [
        {},
        {"staff": 1, "equipment": {"readers": 3}},
        {"staff": 3, "equipment": {"balances": 2, "baths": 1, "per_bath": 2}},
        {"staff": 4, "equipment": {"readers": 2}, "hours": NO_BREAK},
        {"staff": 2, "hours": {"from": "08:00", "to": "10:30", "break": ("08:20", "08:50")}},
    ],
)
def test_smaller_studies_live_through_the_first_times_of_the_largest(conduct):
    """At every smaller size SimPy is run anew."""
    scenario = study(**conduct)
    largest = timeline(scenario, places={None: (20,)})
    assert nested(scenario, largest)
    for n in range(1, 10):
        smaller = timeline(scenario, places={None: (2 * n,)})
        assert smaller.fits.all()
        for small, large in zip(
            arrays(smaller.lines[None]), arrays(largest.lines[None]), strict=True
        ):
            assert (small == large[:, : 2 * n]).all()


def test_with_drift_of_the_reader_reading_must_not_be_interrupted():
    drifting = {"handling": {"reader_drift": 0.01}}
    with_break, without = study(truth=drifting), study(truth=drifting, hours=NO_BREAK)
    places = {None: (20,)}
    assert not nested(with_break, timeline(with_break, places=places))
    assert nested(study(), timeline(study(), places=places))  # nobody reads worse after lunch
    largest = timeline(without, places=places)
    assert nested(without, largest)
    for n in range(1, 10):
        smaller = timeline(without, places={None: (2 * n,)}).lines[None].reading
        assert (smaller == largest.lines[None].reading[:, : 2 * n]).all()
    # where the largest is read the next morning, smaller ones are interrupted by closing
    late = study(truth=drifting, hours={**NO_BREAK, "to": "10:00"})
    found = timeline(late, places=places)
    assert found.fits.all()
    assert not nested(late, found)


NOT_NESTED: dict[str, dict[str, Any]] = {
    "randomized": {"order": "randomized"},
    "by-arm": {"order": "by-arm"},
    "by-cage": {"order": "by-cage"},
    "two days": {"days": 2},
    "spleens wait": {"plating": "after-all"},
    "the day does not fit": {"hours": {"from": "08:00", "to": "08:20", "break": None}},
    "two visits in a shift": {"schedules": {"daily": {"days": [0, 0.1, 1]}}},
    "satellites": {
        "endpoints": {**ENDPOINTS, "late": {"kind": "titer", "day": 7, "satellite": True}}
    },
    "an arm of ratio 2": {
        "arms": {"control": arm("control", "saline", ratio=2), "drug": arm("test", "secretome")}
    },
    "an arm of fixed size": {
        "arms": {"control": arm("control", "saline", n=8), "drug": arm("test", "secretome")}
    },
}


@pytest.mark.parametrize("reason", NOT_NESTED)
def test_other_studies_are_not_nested(reason):
    scenario = study(**NOT_NESTED[reason])
    days = scenario.design.conduct.days
    places: dict[str | None, tuple[int, ...]] = {None: (20 // days,) * days}
    if "late" in scenario.design.endpoints:
        places["late"] = (20,)
    assert not nested(scenario, timeline(scenario, places=places))


@pytest.mark.parametrize(
    "reason", ["spleens wait", "the day does not fit", "two visits in a shift"]
)
def test_those_times_do_depend_on_the_size(reason):
    """The answer no is needed: with more animals the first ones have other times."""
    tasks = {"dosing": {"takes": "20 min"}} if reason == "two visits in a shift" else {}
    scenario = study(**NOT_NESTED[reason], tasks=tasks)
    small = arrays(timeline(scenario, places={None: (6,)}).lines[None])
    large = arrays(timeline(scenario, places={None: (20,)}).lines[None])
    assert any((a != b[:, :6]).any() for a, b in zip(small, large, strict=True))
