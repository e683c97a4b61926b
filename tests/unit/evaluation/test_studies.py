"""Every n of a curve is the study of that n by itself, however it was simulated."""

from dataclasses import fields

import numpy as np
import pytest

from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import Counts, decisions, simulate_counts
from simulator.model.response_table import respond
from simulator.model.timing import TimingTable
from simulator.scenario import Scenario
from simulator.scenario.conduct import TaskName
from simulator.trial.block import cohort_block, resized, with_responses
from simulator.trial.realised import Realised
from tests.unit.model.studies import arm, kinetic_study

TASKS = TaskName.__args__
LATE = {"late": {"kind": "titer", "day": 8, "satellite": True, "terminal": True}}
ENDPOINTS = {
    "afc": {"kind": "plaque_count", "day": 5},
    "phagocytosis": {"kind": "phagocytic_percentage", "day": 5},
}


def study(
    *, conduct=None, icc=0.0, unit="animal", endpoints=ENDPOINTS, failure=0.0, low=None, **design
):
    """Three arms, two of them with a drug, on endpoints that time does and does not concern."""
    arms = {
        "control": arm("control", "saline"),
        "low": arm("test", "secretome", mass=35, **(low or {})),
        "high": arm("test", "secretome", mass=175),
    }
    design["schedules"] = {"daily": {"days": [0, 1, 2, 3, 4]}, "last": {"days": [5]}}
    if conduct is not None:
        design["conduct"] = conduct
    made = kinetic_study(
        arms=arms,
        design={"endpoints": endpoints, **design},
        variability={
            "sensitivity": {"sd_ln": 0.3},
            "cage_icc": icc,
            "immunization_failure": failure,
        },
    )
    families = {
        key: {"endpoint": key, "arms": ["low", "high"], "against": "control"} for key in endpoints
    }
    trends = {"dose": {"endpoint": "afc", "arms": ["control", "low", "high"]}}
    plan = {"unit": unit, "families": families, "trends": trends}
    data = {**made.canonical(), "analysis": plan, "decision": {"n": {"from": 4, "to": 9}}}
    return Scenario.model_validate(data)


def counted(scenario, ns, *, threads=1):
    found = simulate_counts(
        scenario, layout_of(scenario, ns), replicates=700, null=True, threads=threads
    )
    assert found[1] is not None
    return found


def equal(one: Counts, two: Counts) -> bool:
    return all(np.array_equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(one))


STUDIES = {
    "as planned": study(),
    "by block": study(conduct={}),
    "by block, too few hands": study(
        conduct={"staff": 1, "tasks": {"killing": {"takes": "40 min"}}}
    ),
    "randomized": study(conduct={"order": "randomized"}),
    "by arm, spleens wait": study(conduct={"order": "by-arm", "plating": "after-all"}),
    "by cage over two days": study(conduct={"order": "by-cage", "days": 2}, icc=0.3),
    "arms on days of their own": study(conduct={"days": 3, "split": "by-arm"}),
    "doses missed": study(conduct={"missed_doses": 0.1, "order": "by-arm"}),
    "satellites": study(conduct={}, endpoints={**ENDPOINTS, **LATE}),
    "cages counted": study(unit="cage", animals={"arms_share_cages": False, "per_cage": 2}),
    "cages counted in a laboratory": study(
        unit="cage", conduct={}, icc=0.3, animals={"arms_share_cages": False, "per_cage": 3}
    ),
    "losses": study(
        conduct={"order": "by-arm"},
        attrition={"loss": 0.1, "samples": {"afc": 0.1}, "with_response": -0.5},
    ),
    # as planned its dose does nothing: only what is killed late has it
    "a dose on the day of reading": study(
        conduct={"order": "by-arm", "staff": 1, "tasks": {"killing": {"takes": "60 min"}}},
        failure=0.2,
        low={"schedule": "last"},
    ),
    "an arm of fixed size": study(conduct={}, low={"n": 3}, failure=0.1),
    "an arm of one": study(
        conduct={"order": "by-arm"}, low={"ratio": 0.2, "schedule": "last"}, failure=0.3
    ),
    "losses made good": study(attrition={"by_arm": {"high": 0.3}, "inflate": 0.8}, conduct={}),
}


@pytest.mark.parametrize("name", STUDIES)
def test_a_point_of_the_curve_is_the_study_of_that_size(name):
    scenario = STUDIES[name]
    curve = counted(scenario, [5, 6, 9])
    for k, n in enumerate([5, 6, 9]):
        alone = counted(scenario, [n])
        for several, one in zip(curve, alone, strict=True):
            assert equal(several.at([k]), one)


@pytest.mark.parametrize(
    "name", [name for name, one in STUDIES.items() if one.design.conduct is not None]
)
def test_animals_of_a_smaller_study_are_read_as_in_a_study_of_that_size(name):
    """Values themselves, with effects and without: counts of rejections could hide a mistake."""
    scenario = STUDIES[name]
    twins = [scenario, scenario.null_twin()]
    responses, timing = [respond(twin) for twin in twins], [TimingTable(twin) for twin in twins]
    large = scenario.design.sizes(9)
    planned = cohort_block(twins[0], responses[0], block=3, sizes=large)
    wholes = [planned, with_responses(planned, twins[1], responses[1])[0]]
    for n in (5, 9):
        sizes, like = scenario.design.sizes(n), None
        for k, whole in enumerate(wholes):
            made = Realised(twins[k], sizes, timing[k])
            like = resized(whole, made, like=like)
            alone = cohort_block(twins[k], responses[k], block=3, sizes=sizes, realised=made)
            for key, arms in alone.latent.items():
                for arm_id, expected in arms.items():
                    assert np.array_equal(like.latent[key][arm_id], expected)
                    assert np.array_equal(
                        like.values[key][arm_id], alone.values[key][arm_id], equal_nan=True
                    )


@pytest.mark.parametrize("name", ["by arm, spleens wait", "by block", "cages counted"])
def test_threads_change_nothing(name):
    scenario = STUDIES[name]
    for one, two in zip(
        counted(scenario, [4, 7]), counted(scenario, [4, 7], threads=3), strict=True
    ):
        assert equal(one, two)


@pytest.mark.parametrize("order", ["by-block", "randomized", "by-arm", "by-cage"])
def test_work_that_takes_no_time_changes_nothing(order):
    nothing = {name: {"takes": "0 min", "cv": 0} for name in TASKS}
    scenario = study(conduct={"order": order, "tasks": nothing, "plating": "after-all"})
    plain = scenario.model_copy(
        update={"design": scenario.design.model_copy(update={"conduct": None})}
    )
    found, planned = (decisions(one, n=7, replicates=700) for one in (scenario, plain))
    assert np.array_equal(found.levels, planned.levels)
    assert np.array_equal(found.trend_levels, planned.trend_levels)


def test_late_work_does_change_the_values():
    """So that the tests above do not compare nothing with nothing."""
    plain = decisions(STUDIES["as planned"], n=9, replicates=700)
    for name in ("by arm, spleens wait", "doses missed", "arms on days of their own"):
        assert not np.array_equal(
            decisions(STUDIES[name], n=9, replicates=700).levels, plain.levels
        )
