"""The laboratory of a few animals, against times worked out by hand."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simulator.scenario.conduct import Tasks
from simulator.trial.laboratory.durations import draw_durations
from simulator.trial.laboratory.programme import Programme
from simulator.trial.laboratory.work import logbook, work
from tests.unit.trial.laboratory.small_laboratory import KILL, conduct, run, spans, visit

FIRST = visit(0.0, "weighing", "immunization", "dosing")


def test_one_technician_takes_one_animal_after_the_other():
    how = conduct(staff=1, minutes={"weighing": 1, "immunization": 2, "dosing": 3})
    (page,) = run(how, FIRST)
    assert spans(page, "weighing") == [(0, 1), (6, 7), (12, 13)]
    assert spans(page, "immunization") == [(1, 3), (7, 9), (13, 15)]
    assert spans(page, "dosing") == [(3, 6), (9, 12), (15, 18)]
    assert (page.technician == 0).all()


def test_two_technicians_share_the_line():
    """Nobody has an animal of his own: who is free takes the next place."""
    how = conduct(staff=2, minutes={"dosing": 4})
    (page,) = run(how, visit(0.0, "dosing"), visit(1.0, "dosing"), places=(5,))
    due = [(0, 4), (0, 4), (4, 8), (4, 8), (8, 12)]
    assert spans(page, "dosing") == due
    assert spans(page, "dosing", day=1, nth=1) == due
    assert page.technician[0].tolist() == [0, 1, 0, 1, 0]


def test_several_injections_of_a_day_follow_each_other():
    (page,) = run(conduct(staff=1, minutes={"dosing": 2}), visit(0.0, "dosing", "dosing"))
    assert spans(page, "dosing", nth=0) == [(0, 2), (4, 6), (8, 10)]
    assert spans(page, "dosing", nth=1) == [(2, 4), (6, 8), (10, 12)]


def test_nobody_begins_in_the_break_and_what_has_begun_is_finished():
    """The second visit runs into the break (8:10 to 8:30), the third waits for its end."""
    how = conduct(staff=1, pause=("08:10", "08:30"), minutes={"dosing": 6})
    (page,) = run(how, visit(0.0, "dosing"))
    assert spans(page, "dosing") == [(0, 6), (6, 12), (30, 36)]


def test_nobody_begins_just_when_the_break_begins():
    how = conduct(staff=1, pause=("08:10", "08:30"), minutes={"dosing": 5})
    (page,) = run(how, visit(0.0, "dosing"))
    assert spans(page, "dosing") == [(0, 5), (5, 10), (30, 35)]


def test_a_visit_that_outlasts_the_break_leaves_its_technician_working():
    how = conduct(staff=2, pause=("08:10", "08:15"), minutes={"dosing": 9})
    (page,) = run(how, visit(0.0, "dosing"), places=(4,))
    # both begin their second visit at 9 and have it done at 18, long after the break
    assert spans(page, "dosing") == [(0, 9), (0, 9), (9, 18), (9, 18)]


def test_what_has_not_begun_at_closing_goes_first_on_the_next_day():
    """Closing at 8:10: the second visit is finished, the third waits until tomorrow."""
    how = conduct(staff=1, hours=("08:00", "08:10"), minutes={"immunization": 6, "dosing": 2})
    (page,) = run(how, visit(0.0, "immunization"), visit(1.0, "dosing"))
    assert spans(page, "immunization") == [(0, 6), (6, 12), (1440, 1446)]
    # of day 1 nothing goes before what was left over
    assert spans(page, "dosing", day=1) == [(6, 8), (8, 10), (1440, 1442)]


def test_what_is_left_over_for_days_keeps_its_order():
    how = conduct(staff=1, hours=("08:00", "08:01"), minutes={"immunization": 1, "dosing": 1})
    (page,) = run(how, visit(0.0, "immunization"), visit(1.0, "dosing"), places=(2,))
    assert spans(page, "immunization") == [(0, 1), (1440, 1441)]
    assert spans(page, "dosing", day=1) == [(1440, 1441), (2880, 2881)]


def test_what_is_planned_for_the_night_waits_for_the_morning():
    """Every 12 hours in a lab that is open for 9: the evening dose is given the next morning."""
    how = conduct(staff=1, minutes={"dosing": 3})
    (page,) = run(how, visit(0.0, "dosing"), visit(0.5, "dosing"), visit(1.0, "dosing"))
    assert spans(page, "dosing", day=1, nth=1) == [(0, 3), (3, 6), (6, 9)]
    assert spans(page, "dosing", day=1, nth=2) == [(9, 12), (12, 15), (15, 18)]


def test_an_animal_is_not_in_two_hands_at_once():
    """A visit of two hours, the next planned after one: the second technician cannot begin."""
    how = conduct(staff=2, minutes={"immunization": 120, "dosing": 10})
    (page,) = run(how, visit(0.0, "immunization"), visit(1 / 24, "dosing"), places=(1,))
    assert spans(page, "dosing") == [(120, 130)]
    assert page.technician[1].tolist() == [0]


def test_a_balance_is_shared_by_three_technicians():
    """They begin together and wait for the balance in turn, the animal in hand."""
    how = conduct(staff=3, minutes={"weighing": 2, "immunization": 1})
    (page,) = run(how, visit(0.0, "weighing", "immunization"), places=(5,))
    # the first is free again at 3 and waits for the balance behind the third, and so on
    assert spans(page, "weighing") == [(0, 2), (2, 4), (4, 6), (6, 8), (8, 10)]
    assert spans(page, "immunization") == [(2, 3), (4, 5), (6, 7), (8, 9), (10, 11)]
    assert page.technician[0].tolist() == [0, 1, 2, 0, 1]


@pytest.mark.parametrize("balances", [3, 7])
def test_enough_balances_are_never_waited_for(balances):
    how = conduct(
        staff=3, equipment={"balances": balances}, minutes={"weighing": 2, "immunization": 1}
    )
    (page,) = run(how, visit(0.0, "weighing", "immunization"), places=(5,))
    assert spans(page, "weighing") == [(0, 2), (0, 2), (0, 2), (3, 5), (3, 5)]


def test_animals_of_another_day_have_their_whole_calendar_shifted():
    how = conduct(staff=1, days=2, minutes={"immunization": 2, "dosing": 1})
    (page,) = run(how, visit(0.0, "immunization"), visit(1.0, "dosing"), places=(2, 1))
    assert page.day_of.tolist() == [0, 0, 1]
    assert page.planned(0).tolist() == [0, 0, 1440]
    assert page.planned(1).tolist() == [1440, 1440, 2880]
    assert spans(page, "immunization")[:2] == [(0, 2), (2, 4)]
    # on day 1 the doses of the first two and the immunization of the third, by place
    assert spans(page, "dosing", day=1)[:2] == [(0, 1), (1, 2)]
    assert spans(page, "immunization", day=1)[2:] == [(2, 4)]
    assert spans(page, "dosing", day=2)[2:] == [(0, 1)]


def test_satellites_come_after_the_main_animals():
    how = conduct(staff=1, minutes={"immunization": 2})
    main, late = run(
        how,
        visit(0.0, "immunization"),
        places=(2,),
        satellites={"late": ([visit(0.0, "immunization")], (2,))},
    )
    assert spans(main, "immunization") == [(0, 2), (2, 4)]
    assert spans(late, "immunization") == [(4, 6), (6, 8)]


def test_a_day_before_the_immunization_opens_like_any_other():
    (page,) = run(conduct(staff=1, minutes={"dosing": 5}), visit(-2.0, "dosing"))
    assert spans(page, "dosing", day=-2) == [(0, 5), (5, 10), (10, 15)]


@pytest.mark.parametrize("plating", ["at-once", "after-all"])
@pytest.mark.parametrize("staff", [1, 2, 7])
def test_nothing_takes_time_where_no_task_does(plating, staff):
    """Exactly: the clock's steps leave no rounding, however odd the days."""
    how = conduct(staff=staff, plating=plating, days=2)
    plan = (visit(-0.7, "weighing", "dosing"), visit(0.1, "immunization"), visit(0.3, "dosing"))
    (page,) = run(how, *plan[1:], replace(KILL, day=5.0), places=(3, 2))
    for step in range(len(page.programme.steps)):
        assert (page.start[step] == page.planned(step)).all()
        assert (page.end[step] == page.planned(step)).all()


def list_schedule(due, takes, staff, window):
    """Return when each in line is begun: he who is free first takes the next, in open hours."""
    free, begun = [-math.inf] * staff, []
    for arrival, minutes in zip(due, takes, strict=True):
        who = min(range(staff), key=lambda i: free[i])
        start = max(arrival, free[who])
        day = 1440 * math.floor(start / 1440)
        spans = [span for span in window if start - day < span[1]]
        start = max(start, day + spans[0][0]) if spans else day + 1440 + window[0][0]
        free[who] = start + minutes
        begun.append(start)
    return begun


@pytest.mark.parametrize("staff", [1, 2, 3])
def test_visits_agree_with_a_list_schedule(staff):
    """The second method has no events: each place in turn goes to who is free first."""
    plan = (
        Programme(None, (visit(0.0, "immunization"), visit(1.0, "dosing"), visit(3.0, "sampling"))),
    )
    tasks = Tasks.model_validate(
        {name: {"takes": "5 min", "cv": 0.5} for name in ("immunization", "dosing", "sampling")}
    )
    how = conduct(staff=staff, pause=("12:00", "12:30")).model_copy(update={"tasks": tasks})
    counts = {None: (150,)}
    takes = draw_durations(how, plan, seed=3, variant=0, places=counts)
    (page,) = logbook(how, plan, places=counts, durations=takes)
    due = np.concatenate([page.planned(step) for step in range(3)])
    begun = list_schedule(due, takes[None].T.ravel(), staff, [(0, 240), (270, 540)])
    late = page.start.ravel() - due
    assert late.max() > 270  # the line lasts past the break, with one technician past closing
    # sums of 450 durations, each rounded to a step of the clock
    np.testing.assert_allclose(page.start.ravel(), begun, rtol=0, atol=450 * 2.0**-31)


@pytest.mark.parametrize("plating", ["at-once", "after-all"])
@pytest.mark.parametrize("staff", [1, 2, 3])
def test_laws_of_any_laboratory(plating, staff):
    """Nobody does two things at once or begins when closed; no place of anything is used twice."""
    kit = {"balances": 1, "baths": 2, "per_bath": 3, "readers": 2}
    how = conduct(staff=staff, days=2, plating=plating, pause=("12:00", "12:30"), equipment=kit)
    how = how.model_copy(update={"tasks": Tasks()})  # the defaults, which vary
    main = Programme(None, (FIRST, visit(1.0, "dosing"), replace(KILL, day=2.0)))
    late = Programme("late", (FIRST, replace(KILL, day=3.0)))
    counts = {None: (40, 30), "late": (10, 12)}
    takes = draw_durations(how, (main, late), seed=5, variant=0, places=counts)
    done = work(how, (main, late), places=counts, durations=takes)
    assert len(done) == 70 * len(main.steps) + 22 * len(late.steps)
    assert [one.start for one in done] == sorted(one.start for one in done)
    hands: dict[int | None, list[tuple[float, float]]] = {}
    used: dict[str, list[tuple[float, int]]] = {}
    begin_a_job = ("killing", "reading") + (("plating",) if plating == "after-all" else ())
    for one in done:
        assert one.start >= one.planned
        if one.technician is not None:
            hands.setdefault(one.technician, []).append((one.start, one.end))
        used.setdefault(one.task, []).extend([(one.start, 1), (one.end, -1)])
        if one.task in begin_a_job:
            clock = one.start - math.floor(one.start)
            assert clock < 4 / 24 or 4.5 / 24 <= clock < 9 / 24
    assert set(hands) == set(range(staff))
    for spells in hands.values():
        assert all(one[1] <= two[0] for one, two in pairwise(spells))
    for task, places in (("weighing", 1), ("incubation", 6), ("reading", 2)):
        inside = np.cumsum([change for _, change in sorted(used[task])])
        assert inside.max() <= places


def test_work_names_group_place_task_and_plan():
    how = conduct(staff=1, days=2, minutes={"immunization": 2})
    plan = (Programme(None, (visit(0.0, "immunization"),)),)
    counts = {None: (1, 1)}
    takes = draw_durations(how, plan, seed=1, variant=0, places=counts)
    done = work(how, plan, places=counts, durations=takes)
    assert [(one.group, one.place, one.task, one.planned, one.technician) for one in done] == [
        (None, 0, "immunization", 0.0, 0),
        (None, 1, "immunization", 1.0, 0),
    ]
    assert (done[1].start, done[1].end) == (1.0, 1442 / 1440)


def test_places_and_durations_must_fit():
    how = conduct(staff=1)
    plan = (Programme(None, (visit(0.0, "immunization"),)),)
    takes = {None: np.zeros((3, 1))}
    with pytest.raises(ValueError, match="do not fit the groups"):
        logbook(how, plan, places={"late": (3,)}, durations=takes)
    with pytest.raises(ValueError, match="places on 2 days, not on 1"):
        logbook(how, plan, places={None: (2, 1)}, durations=takes)
    with pytest.raises(ValueError, match=r"durations are \(3, 1\), not \(4, 1\)"):
        logbook(how, plan, places={None: (4,)}, durations=takes)
