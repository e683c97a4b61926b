"""A scenario is complete from the moment it exists, however it is built."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from simulator.errors import ScenarioError
from simulator.scenario import Scenario
from simulator.scenario_files import catalogue, load_scenario

STUDY: dict[str, Any] = {
    "schema_version": 1,
    "id": "python",
    "question": "Is a scenario built in Python the same?",
    "seed": 1,
    "design": {
        "substances": {
            "saline": {"role": "vehicle"},
            "drug": {"role": "test", "stock": "3.5 mg/mL"},
        },
        "schedules": {"daily": {"start": 0, "every": "1 d", "count": 3}},
        "arms": {
            "control": {"role": "control"},
            "drug-10": {
                "role": "test",
                "group": "drug",
                "regimens": [
                    {
                        "substance": "drug",
                        "dose": {"volume": "10 uL/kg"},
                        "route": "SC",
                        "schedule": "daily",
                    }
                ],
            },
        },
        "endpoints": {
            "afc": {"kind": "plaque_count", "day": 5},
            "phagocytosis": {"kind": "phagocytic_percentage", "day": 5},
        },
    },
    "truth": {
        "afc": {"control": "5e4 /spleen", "response": {"model": "fold", "test": 3}},
        "variability": {"phagocytosis": {"sd": "7 %"}},
    },
    "analysis": {"families": {"f": {"endpoint": "afc", "arms": "test", "against": "control"}}},
    "decision": {"power": {"arms": ["drug"]}},
}


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the study with values set at dotted places."""
    data = copy.deepcopy(STUDY)
    for path, value in changes:
        *parents, last = path.split(".")
        holder = data
        for part in parents:
            holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
        holder[last] = value
    return data


def test_names_views_days_and_levels_are_resolved() -> None:
    scenario = Scenario.model_validate(STUDY)
    assert scenario.design.schedules["daily"].days == (0, 1, 2)
    dose = scenario.design.arms["drug-10"].regimens[0].dose
    assert (dose.volume, dose.mass) == (10, 35)
    afc, phagocytosis = (scenario.truth.endpoints[key] for key in ("afc", "phagocytosis"))
    assert afc.control is not None
    assert afc.control.value == 5e4
    assert getattr(afc.response, "folds", {})["drug-10"].value == 3
    assert phagocytosis.control is not None
    assert phagocytosis.control.value == 55
    sd = scenario.truth.variability.endpoints["phagocytosis"].sd
    assert sd is not None
    assert sd.value == 7
    assert scenario.analysis.families["f"].arms == ("drug-10",)
    assert scenario.decision.power.family == "f"
    assert scenario.decision.power.arms == ("drug-10",)


def test_without_families_there_is_one() -> None:
    scenario = Scenario.model_validate(changed(("analysis", {})))
    (comparison, _) = scenario.analysis.comparisons
    assert (comparison.treated, comparison.control) == ("drug-10", "control")


@pytest.mark.parametrize("name", [entry.id for entry in catalogue()])
def test_completion_is_idempotent(name: str) -> None:
    scenario = load_scenario(name)
    again = Scenario.model_validate(scenario.canonical())
    assert again == scenario
    assert again.digest == scenario.digest


DANGLING = {
    "analysis.families.f.arms": (["drug", "drgu"], 'unknown arm "drgu"; did you mean "drug"?'),
    "analysis.families.f.against": ("placebo", 'unknown arm "placebo"'),
    "analysis.families.f.endpoint": ("titer", 'unknown endpoint "titer"'),
    "analysis.trends": (
        {"t": {"endpoint": "acf", "arms": ["control", "high"]}},
        'unknown endpoint "acf"; did you mean "afc"?',
    ),
    "truth.afc.response.drug-100": (2, "unknown arm"),
    "truth.effects": ({"secretome": {"any_route": {"rise": 0.1}}}, "unknown substance"),
    "truth.ifn": ({"control": 3}, "unknown key"),
    "truth.variability.ifn": ({"cv": 1}, "unknown key"),
    "design.arms.drug-10.regimens.0.substance": ("durg", 'unknown substance "durg"'),
    "design.arms.drug-10.regimens.0.schedule": ("weekly", 'unknown schedule "weekly"'),
    "decision.power.family": ("g", 'unknown family "g"'),
    "decision.power.arms": (["best"], 'unknown arm "best"'),
}


@pytest.mark.parametrize("path", DANGLING)
def test_a_dangling_reference_is_refused(path: str) -> None:
    value, message = DANGLING[path]
    with pytest.raises(ScenarioError, match="python: ") as caught:
        Scenario.model_validate(changed((path, value)))
    assert any(
        problem.path.startswith(path) and message in problem.message
        for problem in caught.value.problems
    ), caught.value


def test_all_problems_are_listed_at_once() -> None:
    with pytest.raises(ScenarioError, match=f"python: {len(DANGLING) + 1} problems"):
        Scenario.model_validate(changed(*((path, value) for path, (value, _) in DANGLING.items())))


def test_a_role_of_several_arms_is_no_comparator() -> None:
    broken = changed(("design.arms.other", {"role": "control"}))
    broken["analysis"]["families"]["f"]["against"] = "test"
    broken["design"]["arms"]["drug-20"] = {"role": "test", "group": "drug"}
    with pytest.raises(ScenarioError, match=r'"test" means 2 arms \(drug-10, drug-20\): name one'):
        Scenario.model_validate(broken)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("truth.afc.control", "5e4 g", '"5e4 g" is a mass; a number per spleen is due'),
        ("truth.afc.control", 0, "0 must be above 0"),
        ("truth.phagocytosis", {"control": "120 %"}, "120 % is not between 0 % and 100 %"),
        ("truth.variability.phagocytosis.sd", "8 mg", "a fraction is due"),
    ],
)
def test_a_level_that_cannot_be_read_is_refused(path: str, value: object, message: str) -> None:
    with pytest.raises(ScenarioError, match="python: 1 problem") as caught:
        Scenario.model_validate(changed((path, value)))
    assert message in caught.value.problems[0].message


def test_an_endpoint_cannot_be_called_by_a_word_of_the_format() -> None:
    kind = {"kind": "titer", "day": 5}
    with pytest.raises(ScenarioError, match='"effects" is a word of this format'):
        Scenario.model_validate(changed(("design.endpoints.effects", kind)))
