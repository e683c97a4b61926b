"""Events of the in-life part: at their time, in order, and never to the dead."""

from dataclasses import replace

import pytest

from simulator.trial.cohort.conduct import ACCLIMATISATION, Done, Subject, conduct, plan_of
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


def quarter_late(subject, step):
    """Do everything 6 h late, and take 3 h for it."""
    start = subject.start_day + step.day + 0.25
    return Done(start, start + 0.125, technician=1)


def test_a_laboratory_that_takes_time_moves_the_events():
    """What the animals do does not change, when they do it does."""
    events = conduct(kinetic_study().design, [mouse()], laboratory=quarter_late)
    nominal = conduct(kinetic_study().design, [mouse()])
    assert [(e.day, e.event, e.detail) for e in events] == [
        (e.day, e.event, e.detail) for e in nominal
    ]
    assert all((e.time, e.end, e.technician) == (e.day + 0.25, e.day + 0.375, 1) for e in events)
    assert all((e.time, e.end, e.technician) == (e.day, e.day, None) for e in nominal)


def test_another_start_day_shifts_the_whole_calendar():
    subject = replace(mouse(dies_on=2.5), start_day=3)
    events = conduct(kinetic_study().design, [subject], laboratory=quarter_late)
    doses = [e for e in events if e.event == "dosing"]
    assert [(e.day, e.time) for e in doses] == [(0, 3.25), (1, 4.25), (2, 5.25)]
    assert (events[-1].event, events[-1].time, events[-1].day) == ("death", 5.5, 2.5)


@pytest.mark.parametrize(
    ("death", "doses", "dies"),
    # due on day 2, handled at 2.25 to 2.375: it lives as long as that, and not on day 2 itself
    [(2.0, 2, 2.0), (2.1, 3, 2.375), (2.3, 3, 2.375), (2.9, 3, 2.9)],
)
def test_a_mouse_that_was_due_before_its_death_is_handled(death, doses, dies):
    events = conduct(kinetic_study().design, [mouse(dies_on=death)], laboratory=quarter_late)
    assert sum(e.event == "dosing" for e in events) == doses
    assert (events[-1].event, events[-1].time) == ("death", dies)


def test_a_missed_dose_is_no_dose():
    subject = replace(mouse(dies_on=3.5), missed=frozenset({1.0, 3.0, 4.0}))
    events = conduct(kinetic_study().design, [subject])
    assert [(e.time, e.event) for e in events][3:] == [
        (0, "dosing"),
        (1, "missed dose"),
        (2, "dosing"),
        (3, "missed dose"),
        (3.5, "death"),
    ]


def test_the_spleens_way_is_told_where_the_design_has_a_conduct():
    design = kinetic_study(design={"conduct": {}}).design
    events = [step.event for step in plan_of(design, mouse())]
    assert events[-4:] == ["kill", "plating", "incubation", "reading"]
    titer = {"titer": {"kind": "titer", "day": 5, "terminal": True}}
    design = kinetic_study(design={"conduct": {}, "endpoints": titer}).design
    assert plan_of(design, mouse(endpoints=("titer",)))[-1].event == "kill"


def test_blood_is_taken_before_the_spleen_if_the_laboratory_does_so():
    def laboratory(subject, step):  # noqa: ARG001
        late = 0.5 if step.event == "kill" or step.detail == "afc" else 0.0
        return Done(step.day + late, step.day + late)

    events = conduct(kinetic_study().design, [mouse()], laboratory=laboratory)
    assert [e.detail or e.event for e in events[-5:]] == [*MAIN[1:], "afc", "kill"]


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
