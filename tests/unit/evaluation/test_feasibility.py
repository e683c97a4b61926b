"""Feasibility: against days added up by hand, and against the timeline's own verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import load_scenario
from simulator.evaluation.boundary import largest_true
from simulator.evaluation.day_at_work import clock, clock_of, days_at_work
from simulator.evaluation.feasibility import COURSES, feasibility
from simulator.evaluation.feasibility_result import span_of_days
from simulator.output.json_text import to_json
from simulator.scenario import Scenario
from simulator.scenario.conduct import Conduct
from simulator.trial.laboratory.logbook import Work
from simulator.trial.realised import timeline_of

#: Minutes that do not vary: weighing and immunization 1.5, killing 4, plating 3, reading 2.
MINUTES = {"weighing": 0.5, "immunization": 1, "dosing": 1, "sampling": 2, "killing": 4,
           "plating": 3, "incubation": 60, "reading": 2}  # fmt: skip


def laboratory(*, minutes: dict[str, float] | None = None, cv: float = 0.0, **told: Any) -> Conduct:
    """Return a conduct whose tasks take the minutes given."""
    takes = MINUTES | (minutes or {})
    tasks = {task: {"takes": f"{number} min", "cv": cv} for task, number in takes.items()}
    hours = told.pop("hours", {"from": "08:00", "to": "17:00", "break": None})
    return Conduct.model_validate({"staff": 1, "tasks": tasks, "hours": hours} | told)


def study(conduct: Conduct | None, *, of: str = "quick-start") -> Scenario:
    """Return a catalogue study in this laboratory; quick-start: 2 arms, killed on day 5."""
    scenario = load_scenario(of)
    design = scenario.design.model_copy(update={"conduct": conduct})
    return scenario.model_copy(update={"design": design})


def test_a_day_of_one_technician_is_the_sum_of_its_minutes() -> None:
    found = feasibility(study(laboratory()), n=8)
    assert [day.day for day in found.days] == [0, 5]
    assert found.verdict == "every day fits the shift"
    assert (found.courses, found.animals, found.assumed) == (1, 16, False)
    first, last = found.days
    assert clock(first.ends) == "08:24"  # 16 * 1.5 min
    assert dict(first.tasks) == {"weighing": 16, "immunization": 16}
    assert first.staff == pytest.approx(24 / 540)
    assert first.balance == pytest.approx(8 / 540)
    # 16 * 7 min until the last is plated, an hour in the bath, 16 * 2 min to read
    assert last.ends == last.latest == pytest.approx(8 + (112 + 60 + 32) / 60)
    assert last.staff == pytest.approx((112 + 32) / 540)
    assert last.bath == pytest.approx(16 * 60 / (40 * 540))
    assert last.reader == pytest.approx(32 / 540)


def test_the_largest_study_is_what_can_begin_before_closing() -> None:
    # the last visit of 7 min begins before 540 min: 77 * 7 = 539, so 78 animals, 39 per arm
    found = feasibility(study(laboratory()), n=45)
    assert (found.largest, found.largest_animals) == (39, 78)
    assert not found.largest_at_cap
    assert not found.fits
    assert found.verdict == (
        "day 5 does not fit: 12 of 90 animals are left for the next morning; all is done on day 6"
    )
    assert found.staff_needed == 2  # 45 * 7 = 315 min
    assert feasibility(study(laboratory()), n=39).fits
    assert not feasibility(study(laboratory()), n=40).fits


@pytest.mark.parametrize("asked", [1, 20, 39, 40, 200])
def test_the_largest_study_does_not_depend_on_the_n_asked_for(asked: int) -> None:
    assert feasibility(study(laboratory()), n=asked, staff=1).largest == 39


def test_plates_may_be_read_the_next_day_but_no_later() -> None:
    # 60 animals are plated by 15:00 and out of the bath by 16:00: 6 plates of 10 min that day
    # and 54 the next, of which 540 min hold them all; one animal more is read on day 7
    slow = laboratory(minutes={"reading": 10})
    found = feasibility(study(slow), n=30)
    assert found.fits
    (read,) = found.read_later
    assert (read.day, read.unread, read.unread_mean) == (5, 54, 54)
    more = feasibility(study(slow), n=31)  # 7 that day, 54 the next, the last on day 7
    assert not more.fits
    assert more.verdict.startswith("day 6 does not fit: plates of")
    assert more.largest == 30


def test_more_hands_do_not_help_where_the_reader_is_the_limit() -> None:
    slow = laboratory(minutes={"reading": 30})
    found = feasibility(study(slow), n=30, staff=4)
    assert not found.fits
    assert found.staff_needed is None
    assert found.to_dict()["most_staff_tried"] == 4


def test_what_is_busiest_is_named_where_hands_do_not_help() -> None:
    found = feasibility(study(laboratory(minutes={"reading": 30})), n=30, staff=4)
    assert found.ways_out is not None
    limit = found.ways_out.bottleneck
    assert limit is not None
    assert limit.name == "reader"
    assert limit.use > 0.9
    helped = feasibility(study(laboratory()), n=45)
    assert helped.ways_out is not None
    assert helped.ways_out.bottleneck is None  # two technicians are enough


def test_ways_out_are_those_that_fit() -> None:
    conduct = laboratory(plating="after-all")
    for n in (39, 45, 100):
        found = feasibility(study(conduct), n=n, staff=1)
        if found.fits:
            assert found.ways_out is None
            continue
        assert found.ways_out is not None
        at_once = conduct.model_copy(update={"plating": "at-once"})
        assert found.ways_out.at_once == feasibility(study(at_once), n=n, staff=1).fits
        days = found.ways_out.days
        assert days is not None
        for other, fits in ((days, True), (days - 1, False)):
            spread = conduct.model_copy(update={"days": other})
            assert feasibility(study(spread), n=n, staff=1).fits == fits


def test_animals_and_spleens_that_are_left_are_counted_apart() -> None:
    # a technician, 190 animals: 135 kills of 4 min begin in 540 min, nothing is plated
    found = feasibility(study(laboratory(plating="after-all")), n=95, staff=1)
    day = found.days[1]
    assert (day.left, day.unplated) == (55, 135)
    assert day.left_over == "55 of 190 animals and 135 spleens"
    assert "55 of 190 animals and 135 spleens are left for the next morning" in found.verdict
    # 100 kills until 400 min, 46 platings of 3 min and one that ends past 540: 53 are left
    later = feasibility(study(laboratory(plating="after-all")), n=50, staff=1)
    assert (later.days[1].left, later.days[1].unplated) == (0, 100 - 47)
    assert later.long_wait is not None
    assert later.long_wait > 12
    assert feasibility(study(laboratory()), n=8).long_wait is None


def test_a_study_too_large_for_any_day_and_one_without_limit() -> None:
    long = feasibility(study(laboratory(minutes={"killing": 1200})), n=1, staff=1)
    assert long.largest == 0
    none = feasibility(study(laboratory(minutes=dict.fromkeys(MINUTES, 0))), n=2, largest=30)
    assert none.fits
    assert (none.largest, none.largest_at_cap) == (30, True)


def test_arm_by_arm_makes_one_arm_wait_and_the_other_late() -> None:
    conduct = laboratory(order="by-arm", plating="after-all")
    one, two = feasibility(study(conduct), n=8).arms
    assert (one.endpoint, one.arm, two.arm, one.planned) == ("afc", "saline", "drug", 120)
    # place p: immunized at 1.5 (p + 1), killed at 4 (p + 1) min, plated from 64 + 3 p min
    for arm, places in ((one, range(8)), (two, range(8, 16))):
        late = [2.5 * (p + 1) / 60 for p in places]
        waits = [(60 - p) / 60 for p in places]
        assert arm.waited is not None
        for spell, expected in ((arm.interval, [120 + x for x in late]), (arm.waited, waits)):
            assert spell.mean == pytest.approx(sum(expected) / 8)
            assert (spell.shortest, spell.longest) == pytest.approx((min(expected), max(expected)))


def test_blocks_make_the_arms_alike() -> None:
    one, two = feasibility(study(laboratory(order="by-block")), n=8).arms
    # 500 replicates of 8 rounds: an animal is one place of 5.5 min earlier or later, at random;
    # the mean difference of the arms has an sd of 5.5 min / sqrt(4000), and 5 of them are rare
    assert abs(one.interval.mean - two.interval.mean) < 5 * 5.5 / 60 / 4000**0.5


VARIED = [
    {"order": "randomized"},
    {"order": "by-arm", "plating": "after-all", "staff": 2},
    {"order": "by-cage", "days": 3},
    {"split": "by-arm", "days": 2, "order": "by-arm", "staff": 3},
    {"equipment": {"balances": 1, "baths": 1, "per_bath": 5, "readers": 2}, "staff": 4},
    {"minutes": {"killing": 500}},
    {"minutes": {"reading": 11}},
    {"hours": {"from": "00:00", "to": "24:00", "break": None}},
]


@pytest.mark.parametrize("told", VARIED, ids=str)
@pytest.mark.parametrize("of", ["quick-start", "pilot-to-confirmatory"])
def test_it_fits_where_every_timeline_fits(told: dict[str, Any], of: str) -> None:
    scenario = study(laboratory(cv=0.3, **told), of=of)
    for n in (3, 30):
        found = feasibility(scenario, n=n, largest=n, staff=1)
        timeline = timeline_of(scenario, scenario.design.sizes(n))
        assert found.fits == bool(timeline.fits[:COURSES].all())
        assert bool(timeline.read_same_day[:COURSES].all()) == all(
            day.unread == 0 for day in found.days
        )


@pytest.mark.parametrize("told", VARIED[:5], ids=str)
def test_the_search_finds_what_a_scan_of_every_n_finds(told: dict[str, Any]) -> None:
    scenario = study(laboratory(cv=0.2, minutes={"killing": 40}, **told))
    largest = feasibility(scenario, n=1, staff=1).largest
    fits = [
        bool(timeline_of(scenario, scenario.design.sizes(n)).fits[:COURSES].all())
        for n in range(1, largest + 12)
    ]
    assert fits == [n <= largest for n in range(1, largest + 12)]


@given(st.integers(0, 60), st.integers(1, 60), st.integers(1, 60))
def test_the_boundary_is_found_from_any_guess(boundary: int, guess: int, cap: int) -> None:
    tried: list[int] = []

    def holds(n: int) -> bool:
        tried.append(n)
        assert 1 <= n <= cap
        return n <= boundary

    assert largest_true(holds, guess=min(guess, cap), cap=cap) == min(boundary, cap)
    assert len(tried) == len(set(tried))


def test_without_conduct_the_default_stands_in_and_the_file_keeps_its_digest() -> None:
    scenario = study(None)
    found = feasibility(scenario, n=4)
    assert found.assumed
    assert found.conduct == Conduct()
    assert found.digest == scenario.digest
    assert feasibility(scenario).n_per_arm == scenario.decision.n.stop


def test_the_same_seed_gives_the_same_answer_and_it_is_json() -> None:
    scenario = load_scenario("secretome-healthy-mice")
    found, again = (feasibility(scenario, n=20).to_dict() for _ in range(2))
    assert found == again
    assert json.loads(to_json(found)) == found
    assert found["fits"] is False
    assert found["staff_needed"] > 2
    assert len(found["arms"]) == 8


def test_the_work_ends_at_any_course_at_which_it_is_not_wanted() -> None:
    scenario = study(laboratory(cv=0.2))
    calls: list[tuple[int, int]] = []
    whole = feasibility(scenario, n=45, progress=lambda *at: calls.append(at))
    assert whole == feasibility(scenario, n=45)
    assert whole.staff_needed is not None
    assert set(calls) == {(k, COURSES) for k in range(COURSES)}
    assert len(calls) > 3 * COURSES  # the searches call as well
    for last in (1, COURSES + 1, len(calls)):
        seen: list[int] = []

        def ends(done: int, _total: int, *, last: int = last, seen: list[int] = seen) -> None:
            seen.append(done)
            if len(seen) == last:
                raise StopAsyncIteration

        with pytest.raises(StopAsyncIteration):
            feasibility(scenario, n=45, progress=ends)
        assert len(seen) == last


def test_n_below_1_is_refused() -> None:
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        feasibility(study(None), n=0)


def test_a_day_on_which_nobody_comes_to_what_is_due() -> None:
    # planned for day 1, begun on day 3: days 1 and 2 leave it over, and nobody worked on them
    days = days_at_work([[Work(None, 0, "dosing", 1.0, 3.0, 3.01, 0)]], Conduct())
    assert [(day.day, day.planned, day.left) for day in days] == [(1, 1, 1), (2, 0, 1), (3, 0, 0)]
    assert days[0].to_dict()["begins"] is None
    assert days[2].to_dict()["begins"] == "08:00"


def test_clocks() -> None:
    assert [clock(hours) for hours in (8, 16.999, 24, 25.5, 49)] == [
        "08:00", "17:00", "00:00 (+1 d)", "01:30 (+1 d)", "01:00 (+2 d)"
    ]  # fmt: skip
    for time, day, hours in ((5 + 1 / 24, 5, 9), (-1.0, -1, 8), (5 - 1e-12, 5, 8)):
        found, at = clock_of(time, Conduct())
        assert found == day
        assert at == pytest.approx(hours)
    assert span_of_days([1, 2, 3, 4]) == "1 to 4"
    assert span_of_days([1, 2]) == "1, 2"
    assert span_of_days([1, 3, 5]) == "1, 3, 5"
