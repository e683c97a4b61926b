"""Spleens from the kill to the reading, against times worked out by hand."""

from dataclasses import replace

import pytest

from tests.unit.trial.laboratory.small_laboratory import KILL, conduct, run, spans

SPLEEN = {"killing": 4, "plating": 3, "incubation": 60, "reading": 2}


def test_spleens_are_plated_at_once_and_read_in_one_session():
    (page,) = run(conduct(staff=1, minutes=SPLEEN), KILL)
    assert spans(page, "killing") == [(0, 4), (7, 11), (14, 18)]
    assert spans(page, "plating") == [(4, 7), (11, 14), (18, 21)]
    assert spans(page, "incubation") == [(7, 67), (14, 74), (21, 81)]
    # the last spleen is incubated at 81; until then nothing is read
    assert spans(page, "reading") == [(81, 83), (83, 85), (85, 87)]
    assert page.technician.tolist() == [[0] * 3, [0] * 3, [-1] * 3, [0] * 3]


def test_spleens_wait_until_all_animals_are_killed():
    (page,) = run(conduct(staff=1, plating="after-all", minutes=SPLEEN), KILL)
    assert spans(page, "killing") == [(0, 4), (4, 8), (8, 12)]
    assert spans(page, "plating") == [(12, 15), (15, 18), (18, 21)]
    assert spans(page, "incubation") == [(15, 75), (18, 78), (21, 81)]
    assert spans(page, "reading") == [(81, 83), (83, 85), (85, 87)]


def test_a_free_technician_plates_while_the_last_animal_is_killed():
    """Two technicians, three animals: the second is free at 4, when the last is taken."""
    (page,) = run(conduct(staff=2, plating="after-all", minutes=SPLEEN), KILL)
    assert spans(page, "killing") == [(0, 4), (0, 4), (4, 8)]
    assert spans(page, "plating") == [(4, 7), (7, 10), (8, 11)]
    assert page.technician[:2].tolist() == [[0, 1, 0], [1, 1, 0]]


def test_spleens_wait_for_kills_planned_at_any_time_of_their_day():
    """Kills at opening and, of satellites, at 8:14.4: before both are done nobody plates."""
    how = conduct(staff=1, plating="after-all", minutes=SPLEEN)
    main, late = run(how, KILL, places=(2,), satellites={"late": ([replace(KILL, day=0.01)], (1,))})
    assert spans(main, "killing") == [(0, 4), (4, 8)]
    start = 14.4
    (kill,) = spans(late, "killing")
    assert kill == pytest.approx((start, start + 4), abs=2.0**-31)
    assert spans(main, "plating")[1] == pytest.approx((start + 7, start + 10), abs=2.0**-31)
    assert spans(late, "plating")[0] == pytest.approx((start + 10, start + 13), abs=2.0**-31)


def test_spleens_wait_overnight_where_the_kills_are_not_done_by_closing():
    """Open for 10 minutes: two kills today, the third tomorrow, and plating after it."""
    how = conduct(staff=1, hours=("08:00", "08:08"), plating="after-all", minutes=SPLEEN)
    (page,) = run(how, KILL)
    assert spans(page, "killing") == [(0, 4), (4, 8), (1440, 1444)]
    # tomorrow the first two spleens are plated by closing, the day after the third
    assert spans(page, "plating") == [(1444, 1447), (1447, 1450), (2880, 2883)]


def test_kills_of_all_groups_go_before_plating():
    how = conduct(staff=1, plating="after-all", minutes=SPLEEN)
    main, late = run(how, KILL, places=(1,), satellites={"late": ([KILL], (2,))})
    assert spans(main, "killing") == [(0, 4)]
    assert spans(late, "killing") == [(4, 8), (8, 12)]
    assert spans(main, "plating") == [(12, 15)]
    assert spans(late, "plating") == [(15, 18), (18, 21)]
    # one session: read when the last spleen of the day, a satellite's, has been incubated
    assert spans(main, "reading") == [(81, 83)]
    assert spans(late, "reading") == [(83, 85), (85, 87)]


def test_a_bath_with_one_place():
    how = conduct(
        staff=1, equipment={"baths": 1, "per_bath": 1}, minutes={**SPLEEN, "incubation": 10}
    )
    (page,) = run(how, KILL)
    assert spans(page, "plating") == [(4, 7), (11, 14), (18, 21)]
    # plates of 14 wait for the place until 17, those of 21 until 27
    assert spans(page, "incubation") == [(7, 17), (17, 27), (27, 37)]
    assert spans(page, "reading") == [(37, 39), (39, 41), (41, 43)]


def test_two_baths_of_one_place():
    how = conduct(
        staff=1, equipment={"baths": 2, "per_bath": 1}, minutes={**SPLEEN, "incubation": 10}
    )
    (page,) = run(how, KILL)
    assert spans(page, "incubation") == [(7, 17), (14, 24), (21, 31)]


@pytest.mark.parametrize(
    ("staff", "readers", "due"),
    [
        (2, 1, [(64, 66), (66, 68), (68, 70), (70, 72)]),
        (1, 2, [(64, 66), (66, 68), (68, 70), (70, 72)]),
        (2, 2, [(64, 66), (64, 66), (66, 68), (66, 68)]),
    ],
)
def test_a_reading_needs_a_reader_and_a_technician(staff, readers, due):
    how = conduct(
        staff=staff, equipment={"readers": readers}, minutes={"incubation": 64, "reading": 2}
    )
    (page,) = run(how, KILL, places=(4,))
    assert spans(page, "reading") == due


def test_a_session_after_closing_begins_the_next_morning():
    """Killed and plated by 8:21, incubated by 9:21, closed since 9:00."""
    (page,) = run(conduct(staff=1, hours=("08:00", "09:00"), minutes=SPLEEN), KILL)
    assert spans(page, "reading", day=1) == [(0, 2), (2, 4), (4, 6)]


def test_a_session_that_closing_interrupts_goes_on_the_next_morning():
    (page,) = run(conduct(staff=1, hours=("08:00", "09:24"), minutes=SPLEEN), KILL)
    assert spans(page, "reading") == [(81, 83), (83, 85), (1440, 1442)]


def test_reading_left_over_goes_before_the_visits_of_the_next_day():
    """Two days of work: on the second the first day's spleens are read before the kills."""
    how = conduct(staff=1, days=2, hours=("08:00", "09:00"), minutes=SPLEEN)
    (page,) = run(how, KILL, places=(2, 1))
    assert spans(page, "reading", day=1)[:2] == [(0, 2), (2, 4)]
    assert spans(page, "killing", day=1)[2:] == [(4, 8)]
