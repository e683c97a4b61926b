"""What a planner writes of the laboratory: short forms, names, defaults, worlds."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario import Scenario
from simulator.scenario.conduct import Conduct, Hours, Task, Tasks
from simulator.scenario.truth import Spread
from simulator.scenario_files import dump_scenario, load_scenario, load_text, read_scenario

LAB = Path(__file__).parents[2] / "scenarios" / "valid" / "lab.yaml"
PLAN = """\
schema_version: 1
id: plan
question: Is this read as it is meant?
seed: 1
design:
  substances: {saline: {role: vehicle}, drug: {role: test, stock: 3.5 mg/mL}}
  schedules: {once: {days: [1]}}
  arms:
    control: {substance: saline, dose: 10 uL/kg, route: SC, schedule: once}
    drug: {substance: drug, dose: [10 uL/kg, 20 uL/kg], route: SC, schedule: once}
    other: {role: test}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
    titer: {kind: titer, day: 4}
truth:
  afc: {control: 5e4 /spleen, response: {model: fold, test: 2}}
  titer: {control: 64}
"""


def plan(design: str = "", truth: str = "", worlds: str = "") -> str:
    text = PLAN.replace("truth:\n", f"  {design}\ntruth:\n" if design else "truth:\n")
    text += f"  {truth}\n" if truth else ""
    return text + (f"decision: {{worlds: {{{worlds}}}}}\n" if worlds else "")


def loaded(design: str = "", truth: str = "") -> Scenario:
    return load_text(plan(design, truth)).scenario


def conduct(inner: str) -> Conduct:
    found = loaded(f"conduct: {inner}").design.conduct
    assert found is not None
    return found


def test_an_empty_conduct_is_that_of_the_defaults() -> None:
    assert conduct("{}") == Conduct()
    assert loaded().design.conduct is None


def test_minutes_stand_for_a_task() -> None:
    tasks = conduct("{tasks: {killing: 6 min, plating: 0.1 h, incubation: 45 min}}").tasks
    assert (tasks.killing.takes, tasks.killing.cv) == (6.0, 0.2)
    assert tasks.plating.takes == pytest.approx(6.0)
    assert (tasks.incubation.takes, tasks.incubation.cv) == (45.0, 0.0)  # a bath keeps time
    full = conduct("{tasks: {killing: {takes: 6 min}, incubation: {takes: 45 min}}}").tasks
    assert full.killing == tasks.killing
    assert full.incubation == tasks.incubation


@pytest.mark.parametrize(
    ("written", "opens", "closes", "pause"),
    [
        ("from: 8:00, to: 17:00", 8.0, 17.0, 0.5),
        ("from: 08:00, to: 17:00", 8.0, 17.0, 0.5),
        ('from: "08:30", to: "16:30"', 8.5, 16.5, 0.5),
        ("from: 0:00, to: 24:00, break: [12:30, 13:15]", 0.0, 24.0, 0.75),
        ("from: 7:45, to: 15:00, break: [9:00,9:15]", 7.75, 15.0, 0.25),
    ],
)
def test_times_of_day_as_people_write_them(
    written: str, opens: float, closes: float, pause: float
) -> None:
    hours = conduct(f"{{hours: {{{written}}}}}").hours
    assert hours.length == pytest.approx(closes - opens)
    assert hours.working == pytest.approx(closes - opens - pause)
    scenario = loaded(f"conduct: {{hours: {{{written}}}}}")
    assert load_text(dump_scenario(scenario)).scenario == scenario


@pytest.mark.parametrize("clock", ["8", "8.30", "25:00", "8 am", "8h", "12:60", "'-1:00'", "noon"])
def test_what_is_no_time_of_day(clock: str) -> None:
    with pytest.raises(ScenarioError, match=r"is not a time of day: write e\.g\. 8:00 or 17:30"):
        conduct(f"{{hours: {{from: {clock}}}}}")


def test_one_share_of_lost_samples_is_that_of_every_endpoint() -> None:
    assert loaded("attrition: {samples: 2 %}").design.attrition.samples == {
        "afc": 0.02, "titer": 0.02,
    }  # fmt: skip
    one = loaded("attrition: {samples: {titer: 2 %}}").design.attrition
    assert one.samples == {"titer": 0.02}
    assert one.loss == 0.0


def test_losses_by_arm_go_by_id_before_dose_list_before_role() -> None:
    by_arm = loaded(
        "attrition: {loss: 1 %, by_arm: {test: 10 %, drug: 20 %, drug-20: 30 %}}"
    ).design.attrition.by_arm
    assert by_arm == {"drug-10": 0.2, "drug-20": 0.3, "other": 0.1}


def test_a_cage_icc_leaves_the_default_spread() -> None:
    spreads = loaded().truth.variability
    icc = loaded("animals: {per_cage: 4}", "variability: {titer: {cage_icc: 0.3}}")
    variability = icc.truth.variability
    assert variability.endpoints["titer"].sd_log2 == spreads.endpoints["titer"].sd_log2
    assert variability.icc_of("titer") == 0.3
    assert variability.icc_of("afc") == 0.0
    beside = PLAN.replace("control: 64", "control: 64, cage_icc: 0.3")
    assert load_text(beside).scenario.truth == icc.truth


def test_a_cage_icc_may_stand_apart_from_the_spread() -> None:
    text = plan(truth="variability: {titer: {cage_icc: 0.3}}")
    apart = load_text(text.replace("control: 64", "control: 64, sd_log2: 1.2")).scenario
    spread = apart.truth.variability.endpoints["titer"]
    assert spread.sd_log2 is not None
    assert spread.sd_log2.value == 1.2
    assert apart.truth.variability.icc_of("titer") == 0.3


def test_a_spread_needs_a_form_or_a_cage_icc() -> None:
    with pytest.raises(ValueError, match="give exactly one of sd_ln, sd_log2, cv, sd"):
        Spread()
    with pytest.raises(ScenarioError, match="give exactly one of sd_ln"):
        loaded(truth="variability: {titer: {sd_ln: 0.5, sd_log2: 1, cage_icc: 0.1}}")


def test_one_flaw_may_be_acknowledged_without_a_list() -> None:
    text = PLAN + "analysis: {acknowledge: pseudoreplication}\n"
    assert load_text(text).scenario.analysis.acknowledge == ("pseudoreplication",)


def test_names_are_those_of_python_too() -> None:
    data = loaded().canonical()
    data["design"]["attrition"]["by_arm"] = {"drgu": 0.1}
    data["design"]["attrition"]["samples"] = {"acf": 0.1}
    with pytest.raises(ScenarioError, match=r'by_arm\.drgu.*did you mean "drug"'):
        Scenario.model_validate(data)
    with pytest.raises(ScenarioError, match=r'samples\.acf.*did you mean "afc"'):
        Scenario.model_validate(data)


def listed(design: str = "") -> dict[str, str]:
    return {d.path: d.value for d in load_text(plan(design)).defaults}


def test_defaults_of_the_laboratory_are_listed_where_there_is_one() -> None:
    without = listed()
    assert not any(p.startswith(("design.conduct", "truth.handling")) for p in without)
    found = listed("conduct: {}")
    assert found["design.conduct.staff"] == "2"
    assert found["design.conduct.hours.from"] == "08:00"
    assert found["design.conduct.tasks.killing.takes"] == "4 min"
    assert found["truth.handling.spleen_loss"] == "0.05"
    for of_no_consequence in ("design.conduct.split", "truth.handling.day_sd_ln"):
        assert of_no_consequence not in found
    days = listed("conduct: {days: 2}")
    assert days["design.conduct.split"] == "balanced"
    assert days["truth.handling.day_sd_ln"] == "0.1"


def test_defaults_of_losses_are_listed_where_some_are_stated() -> None:
    fields = {"exclusions", "failed_immunization", "before", "with_response"}
    at = "design.attrition."

    def of(design: str = "") -> set[str]:
        return {p.removeprefix(at) for p in listed(design) if p.startswith(at)}

    assert of() == {"loss"}
    assert of("attrition: 5 %") == fields
    assert of("attrition: {exclusions: 2 %}") == {"loss", "failed_immunization", "before"}
    assert of("attrition: {by_arm: {test: 5 %}}") == {"loss", *fields}


def test_what_has_no_consequence_is_never_listed() -> None:
    paths = {d.path for d in read_scenario(LAB).defaults} | set(listed("conduct: {}"))
    never = ("analysis.unit", "analysis.acknowledge")
    assert not [path for path in paths if path.startswith(never)]


def test_every_key_survives_the_dump() -> None:
    scenario = load_scenario(LAB)
    again = load_text(dump_scenario(scenario))
    assert again.scenario == scenario
    assert again.defaults == ()
    assert dump_scenario(again.scenario) == dump_scenario(scenario)


def test_worlds_reach_short_forms_of_the_laboratory() -> None:
    base = load_scenario(LAB)
    slow = load_scenario(LAB, world="slow").design.conduct
    assert base.design.conduct is not None
    assert slow is not None
    assert (slow.tasks.killing.takes, slow.tasks.killing.cv) == (12.0, 0.2)
    assert slow.tasks.plating == base.design.conduct.tasks.plating
    assert slow.hours.pause == ("12:00", "13:00")
    deadly = load_scenario(LAB, world="deadly").design.attrition
    assert (deadly.loss, deadly.exclusions) == (0.15, 0.01)  # the rest stays as it is
    assert deadly.by_arm == {"control": 0.02, "drug-10": 0.3, "drug-20": 0.3}
    assert deadly.samples == {"afc": 0.02, "titer": 0.09, "weight": 0.02}
    alone = load_scenario(LAB, world="alone").truth.variability
    assert alone.icc_of("afc") == 0.3
    assert alone.endpoints["afc"].sd_ln is None
    assert alone.endpoints["afc"].cv is not None


def test_a_world_may_bring_a_laboratory() -> None:
    worlds = load_text(plan(worlds="lab: {design.conduct: {staff: 1}}")).worlds
    assert worlds["lab"].design.conduct == Conduct(staff=1)
    with pytest.raises(ScenarioError, match=r"this scenario has no design\.conduct: state it"):
        load_text(plan(worlds="lab: {design.conduct.staff: 1}"))


def test_a_day_without_a_break_survives_the_dump() -> None:
    hours = conduct("{hours: {from: 8:00, to: 16:00, break: none}}").hours
    assert hours.pause is None
    assert hours.working == hours.length == 8.0
    scenario = loaded("conduct: {hours: {break: none}}")
    again = load_text(dump_scenario(scenario))
    assert again.scenario == scenario
    assert again.defaults == ()
    world = load_text(plan("conduct: {}", worlds="on: {design.conduct.hours.break: none}"))
    on = world.worlds["on"].design.conduct
    assert on is not None
    assert on.hours.pause is None
    assert Hours(**{"break": None}) == Hours(**{"break": "none"})
    with pytest.raises(ScenarioError, match="for a day without a break write break: none"):
        loaded("conduct: {hours: {break: }}")


def test_a_bath_keeps_time_in_python_too() -> None:
    assert Tasks(incubation=Task(takes="60 min")).incubation.cv == 0.0
    assert Tasks(incubation=Task(takes="60 min", cv=0.1)).incubation.cv == 0.1
    assert Tasks(killing=Task(takes="60 min")).killing.cv == 0.2
