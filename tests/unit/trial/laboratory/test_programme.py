"""What is planned for a group: the visits of an animal, the same in every arm."""

import pytest

from simulator import load_scenario
from simulator.scenario_files import catalogue
from simulator.trial.cohort.conduct import Subject, plan_of
from simulator.trial.laboratory.programme import Visit, programmes
from tests.unit.model.studies import ENDPOINTS, arm, fold_study, kinetic_study


def test_visits_of_the_secretome_study():
    (main,) = programmes(kinetic_study().design)
    assert main.satellite_of is None
    assert main.visits == (
        Visit(0.0, ("weighing", "immunization", "dosing"), ()),
        *(Visit(float(day), ("dosing",), ()) for day in (1, 2, 3, 4)),
        Visit(5.0, ("sampling", "killing", "plating"), tuple(ENDPOINTS), ("afc",)),
    )


def test_a_plated_spleen_is_incubated_and_read():
    (main,) = programmes(kinetic_study().design)
    assert main.steps[-5:] == (
        (5, "sampling"),
        (5, "killing"),
        (5, "plating"),
        (5, "incubation"),
        (5, "reading"),
    )
    assert main.steps[: 3 + 4] == (
        (0, "weighing"),
        (0, "immunization"),
        (0, "dosing"),
        *((day, "dosing") for day in (1, 2, 3, 4)),
    )


def test_injections_of_a_day_are_those_of_the_arm_that_gets_most():
    two = arm("test", "secretome", schedule="daily")["regimens"]
    two = two + arm("test", "thymalin", "SC", mass=300, schedule="late")["regimens"]
    design = kinetic_study(
        arms={"control": arm("control", "saline"), "both": {"role": "test", "regimens": two}},
        design={"schedules": {"daily": {"days": [-1, 0]}, "late": {"days": [0, 2]}}},
    ).design
    (main,) = programmes(design)
    assert [(visit.day, visit.tasks.count("dosing")) for visit in main.visits] == [
        (-1, 1),
        (0, 2),
        (2, 1),
        (5, 0),
    ]
    assert main.visits[0].tasks[0] == "weighing"  # on the first procedure day, not on day 0
    assert main.last_step(1, "dosing") == 1 + 3  # the second injection of day 0
    assert main.steps[main.last_step(1, "dosing")] == (1, "dosing")


def test_what_is_planned_after_the_kill_is_not_done():
    design = kinetic_study(design={"schedules": {"daily": {"days": [3, 4, 5, 6, 7]}}}).design
    (main,) = programmes(design)
    assert [visit.day for visit in main.visits] == [0, 3, 4, 5]
    assert main.visits[-1].tasks == ("dosing", "sampling", "killing", "plating")


def test_animals_that_are_not_killed_are_dosed_to_the_end():
    design = kinetic_study(design={"endpoints": {"titer": {"kind": "titer", "day": 2}}}).design
    (main,) = programmes(design)
    assert [visit.day for visit in main.visits] == [0, 1, 2, 3, 4]
    assert main.visits[2] == Visit(2.0, ("dosing", "sampling"), ("titer",))


def test_only_plaques_are_plated():
    organ = {"spleen": {"kind": "continuous", "day": 5, "terminal": True, "measured_in": "mg"}}
    design = fold_study(
        endpoints=organ,
        truth={"spleen": {"control": "80 mg", "response": {"model": "fold"}}},
        variability={"spleen": {"cv": 0.1}},
    ).design
    (main,) = programmes(design)
    assert main.visits[-1] == Visit(5.0, ("killing",), ("spleen",), ("spleen",))


def test_satellites_have_a_programme_each_after_the_main_animals():
    late = {"kind": "titer", "day": 10, "satellite": True, "terminal": True}
    early = {"kind": "titer", "day": 3, "satellite": True}
    design = kinetic_study(design={"endpoints": {"early": early, **ENDPOINTS, "late": late}}).design
    main, first, second = programmes(design)
    assert [main.satellite_of, first.satellite_of, second.satellite_of] == [None, "early", "late"]
    assert main.visits[-1].reads == tuple(ENDPOINTS)
    assert [visit.day for visit in first.visits] == [0, 1, 2, 3, 4]
    assert first.visits[3].tasks == ("dosing", "sampling")
    assert second.visits[-1] == Visit(10.0, ("killing",), ("late",), ("late",))


def test_there_are_no_main_animals_where_all_endpoints_have_their_own():
    alone = {"afc": {"kind": "plaque_count", "day": 5, "satellite": True}}
    (only,) = programmes(kinetic_study(design={"endpoints": alone}).design)
    assert only.satellite_of == "afc"


@pytest.mark.parametrize("name", [entry.id for entry in catalogue()])
def test_programmes_agree_with_the_plans_of_single_animals(name):
    """The cohort's plan of an animal, over all arms, is the second way to the same visits."""
    design = load_scenario(name).design
    words = {"kill": "killing"}
    # weighed once, at the first visit of all: `test_injections_of_a_day...`; the spleen's way is
    # no visit; an endpoint read in the killed animal has no task of its own
    left_out = {"arrival", "weighing", "plating", "incubation", "reading"}
    for programme in programmes(design):
        of = programme.satellite_of
        keys = [key for key, e in design.endpoints.items() if (key if e.satellite else None) == of]
        terminal = {key for key in keys if design.endpoints[key].terminal}
        steps = {
            (step.day, words.get(step.event, step.event))
            for arm_id in design.arms
            for step in plan_of(
                design, Subject("m", arm_id, "cage", 20.0, tuple(keys), satellite_of=of)
            )
            if step.event not in left_out and step.detail not in terminal
        }
        tasks = {(visit.day, task) for visit in programme.visits for task in visit.tasks}
        assert {(day, task) for day, task in tasks if task not in left_out} == steps
        assert [task for visit in programme.visits for task in visit.tasks].count("weighing") == 1
