"""Events of the in-life part: at their time, in order, and never to the dead."""

import pytest

from simulator.trial.conduct import ACCLIMATISATION, Subject, conduct, plan_of
from tests.unit.model.studies import ENDPOINTS, arm, kinetic_study

MAIN = ("afc", "titer", "phagocytosis", "number")


def mouse(arm_id="IM-1", dies_on=None, endpoints=MAIN, name="m"):
    return Subject(name, arm_id, "cage-01", 20.0, endpoints, dies_on)


def test_event_times_equal_the_schedule():
    events = conduct(kinetic_study().design, [mouse()])
    assert [(e.time, e.event) for e in events] == [
        (-ACCLIMATISATION, "arrival"),
        (0, "weighing"),
        (0, "immunization"),
        (0, "dosing"),
        (1, "dosing"),
        (2, "dosing"),
        (3, "dosing"),
        (4, "dosing"),
        *[(5, "sampling")] * 4,
        (5, "kill"),
    ]
    assert [e.detail for e in events if e.event == "sampling"] == list(MAIN)
    assert {e.detail for e in events if e.event == "dosing"} == {"secretome IM"}


def test_nominal_times_are_exact_however_odd():
    """0.1 + 0.2 + ... in floating point must not leak into the tables."""
    days = [0.1, 0.3, 0.7, 1.1, 2.3]
    design = kinetic_study(design={"schedules": {"daily": {"days": days}}}).design
    events = conduct(design, [mouse()])
    assert [e.time for e in events if e.event == "dosing"] == days


@pytest.mark.parametrize(("death", "doses"), [(0.5, 1), (2.0001, 3), (1.9999, 2), (4.9, 5)])
def test_a_dead_mouse_gets_no_dose(death, doses):
    events = conduct(kinetic_study().design, [mouse(dies_on=death), mouse(name="other")])
    own = [e for e in events if e.subject.subject_id == "m"]
    assert sum(e.event == "dosing" for e in own) == doses
    assert own[-1].event == "death"
    assert own[-1].time == death
    assert not {"sampling", "kill"} & {e.event for e in own}
    others = [e for e in events if e.subject.subject_id == "other"]
    assert sum(e.event == "dosing" for e in others) == 5


def test_a_killed_mouse_gets_no_dose():
    design = kinetic_study(design={"schedules": {"daily": {"days": [3, 4, 5, 6, 7]}}}).design
    events = conduct(design, [mouse()])
    assert [e.time for e in events if e.event == "dosing"] == [3, 4, 5]
    assert events[-1].event == "kill"


def test_a_death_after_the_plan_is_no_event():
    events = conduct(kinetic_study().design, [mouse(dies_on=30.0)])
    assert events[-1].event == "kill"


def test_a_mouse_that_is_not_killed_goes_on_to_the_last_dose():
    endpoints = {"titer": {"kind": "titer", "day": 2}}
    design = kinetic_study(design={"endpoints": endpoints}).design
    events = conduct(design, [mouse(endpoints=("titer",))])
    assert (events[-1].time, events[-1].event) == (4, "dosing")
    assert "kill" not in {e.event for e in events}


def test_several_regimens_and_doses_before_the_immunization():
    both = {
        "role": "test",
        "regimens": arm("test", "secretome", mass=35, schedule="before")["regimens"]
        + arm("test", "thymalin", "SC", mass=300)["regimens"],
    }
    schedules = {"daily": {"days": [0, 1]}, "before": {"days": [-3, -1]}}
    design = kinetic_study(
        arms={"control": arm("control", "saline"), "both": both},
        design={"schedules": schedules},
    ).design
    plan = plan_of(design, mouse("both"))
    doses = [(step.day, step.detail) for step in plan if step.event == "dosing"]
    assert doses == [
        (-3, "secretome IM"),
        (-1, "secretome IM"),
        (0, "thymalin SC"),
        (1, "thymalin SC"),
    ]
    assert (plan[0].event, plan[0].day) == ("arrival", -3 - ACCLIMATISATION)
    assert (plan[1].event, plan[1].day) == ("weighing", -3)


def test_events_of_all_animals_are_in_order_of_time():
    animals = [mouse(name=str(i), dies_on=1.5 if i == 2 else None) for i in range(5)]
    times = [e.time for e in conduct(kinetic_study().design, animals)]
    assert times == sorted(times)


def test_a_laboratory_that_takes_time_moves_the_events():
    """The room for staff: what the animals do does not change, when they do it does."""

    def slow(env, subject, step):  # noqa: ARG001
        if step.event == "dosing":
            yield env.timeout(0.25)

    design = kinetic_study().design
    events = [e for e in conduct(design, [mouse()], laboratory=slow) if e.event == "dosing"]
    assert [(e.day, e.time) for e in events] == [(d, d + 0.25) for d in range(5)]


def test_satellites_are_killed_with_their_own_endpoint():
    endpoints = {
        **ENDPOINTS,
        "late": {"kind": "titer", "day": 10, "satellite": True, "terminal": True},
    }
    design = kinetic_study(design={"endpoints": endpoints}).design
    events = conduct(design, [mouse(endpoints=("late",))])
    assert [(e.time, e.event) for e in events[-2:]] == [(10, "sampling"), (10, "kill")]


def test_an_empty_study_has_no_events():
    assert conduct(kinetic_study().design, []) == ()
