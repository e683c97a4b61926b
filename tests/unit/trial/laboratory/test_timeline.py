"""How late everything is in the timelines of a study."""

import numpy as np
import pytest

from simulator.streams import BLOCK_SIZE
from simulator.trial.laboratory.timeline import (
    CONFOUNDED_VARIANTS,
    VARIANTS,
    _library,
    timeline,
    works,
)
from tests.unit.model.studies import ENDPOINTS, kinetic_study
from tests.unit.trial.laboratory.small_laboratory import constant, study


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
    assert (found.lines[None].waited[0] * 60).tolist() == pytest.approx([8, 7, 6], rel=1e-15)


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
    assert found.variants == CONFOUNDED_VARIANTS
    line = found.lines[None]
    for variant in (0, 4, CONFOUNDED_VARIANTS - 1):
        done = works(scenario, places=places, variant=variant)
        by_task = {(w.place, w.task, w.planned): w for w in done}
        for place in range(12):
            killed = by_task[place, "killing", 5.0].end
            for late, expected in (
                (line.immunized, by_task[place, "immunization", 0.0].end),
                (line.dosed[2.0], by_task[place, "dosing", 2.0].end - 2.0),
                (line.sampled["afc"], killed - 5.0),
                (line.waited, 24 * (by_task[place, "plating", 5.0].start - killed)),
            ):
                # days of the study are rounded to a few 1e-16 of 5
                assert late[variant, place] == pytest.approx(expected, abs=24 * 4e-15)
    assert len({tuple(row) for row in line.immunized}) == CONFOUNDED_VARIANTS


@pytest.mark.parametrize(
    ("number", "conduct"),
    [
        (VARIANTS, {}),
        (VARIANTS, {"order": "randomized", "days": 2}),
        (VARIANTS, {"split": "by-arm"}),  # on one day
        (CONFOUNDED_VARIANTS, {"order": "by-arm"}),
        (CONFOUNDED_VARIANTS, {"split": "by-arm", "days": 2}),
        (1, {"order": "by-arm", "tasks": constant(killing=4)}),
    ],
)
def test_arms_confounded_with_time_have_many_timelines(number, conduct):
    days = conduct.get("days", 1)
    found = timeline(study(**conduct), places={None: (2,) * days})
    assert found.variants == number
    assert BLOCK_SIZE % number == 0  # each serves as many replicates of a block


def test_a_large_library_is_that_of_its_parts(monkeypatch):
    """Courses worked out a few at a time, and all at once."""
    scenario, places = study(order="by-arm", staff=3), {None: (5,)}
    whole = timeline(scenario, places=places)
    monkeypatch.setattr("simulator.trial.laboratory.timeline._TIMES", 5 * 9 * 70)
    _library.cache_clear()
    parts = timeline(scenario, places=places)
    assert parts is not whole
    for name in ("fits", "read_same_day", "fits_before_last"):
        assert (getattr(parts, name) == getattr(whole, name)).all()
    one, two = whole.lines[None], parts.lines[None]
    for name in ("immunized", "waited", "reading"):
        assert (getattr(one, name) == getattr(two, name)).all()
    for day, late in one.dosed.items():
        assert (late == two.dosed[day]).all()
    for key, late in one.sampled.items():
        assert (late == two.sampled[key]).all()


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


def fits(places: int, *, hours: tuple[str, str], **minutes: float) -> tuple[bool, bool]:
    """Return whether the day fits one technician, and whether it sees all spleens read."""
    clock = {"from": hours[0], "to": hours[1], "break": None}
    scenario = study(staff=1, hours=clock, tasks=constant(**minutes))
    found = timeline(scenario, places={None: (places,)})
    return bool(found.fits.all()), bool(found.read_same_day.all())


def test_a_day_fits_where_everything_begins_in_its_shift():
    # the last of 6 begins at 50 minutes, its spleen is ready at 60; the last of 7 would begin then
    assert fits(5, hours=("08:00", "09:00"), killing=10) == (True, True)
    assert fits(6, hours=("08:00", "09:00"), killing=10) == (True, False)
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
    # 24 hours and a half: begun in the shift, not over when the next one opens
    assert fits(1, hours=("08:00", "09:00"), immunization=30, dosing=1440)[0] is False


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
    assert (found.lines[None].reading[0] * 60).tolist() == pytest.approx([0, 0, 10], rel=1e-15)


def test_every_day_of_the_study_has_its_own_session():
    """Two days: the first day's spleens are read on the second, whose own come later."""
    clock = {"from": "08:00", "to": "09:00", "break": None}
    tasks = constant(killing=10, incubation=30, reading=2)  # of day 0 ready at 9:00, of day 1 later
    scenario = study(staff=1, days=2, hours=clock, tasks=tasks)
    found = timeline(scenario, places={None: (3, 1)})
    # day 1: read 0-2, 2-4, 4-6, kill 6-16, incubated until 46, then read
    assert (found.lines[None].reading[0] * 60).tolist() == pytest.approx([0, 2, 4, 0], rel=1e-15)


def test_satellites_are_read_in_the_session_of_their_day():
    endpoints = {**ENDPOINTS, "more": {"kind": "plaque_count", "day": 5, "satellite": True}}
    scenario = study(staff=1, tasks=constant(reading=6), endpoints=endpoints)
    found = timeline(scenario, places={None: (2,), "more": (2,)})
    assert (found.lines[None].reading[0] * 60).tolist() == pytest.approx([0, 6], rel=1e-15)
    assert (found.lines["more"].reading[0] * 60).tolist() == pytest.approx([12, 18], rel=1e-15)
