"""What the critique says of the laboratory: conduct, cages, losses."""

from __future__ import annotations

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import dump_scenario, load_text, read_scenario

PLAN = """\
schema_version: 1
id: plan
question: Is this plan wise?
seed: 1
design:
  substances: {saline: {role: vehicle}, drug: {role: test, stock: 3.5 mg/mL}}
  schedules: {daily: {start: 0 d, every: 1 d, count: 5}}
  arms:
    control: {substance: saline, dose: 10 uL/kg, route: SC, schedule: daily}
    drug: {substance: drug, dose: 10 uL/kg, route: SC, schedule: daily}
  endpoints:
    afc: {kind: plaque_count, day: 5}
truth:
  response: kinetic
  effects: {drug: {SC: {emax: 0.4, ec50: 50 ug/kg}}}
decision: {n: {from: 4, to: 10}}
"""
FOLD = (
    "response: kinetic\n  effects: {drug: {SC: {emax: 0.4, ec50: 50 ug/kg}}}",
    "afc: {control: 5e4 /spleen, response: {model: fold, drug: 3}}",
)
WHOLE = "animals: {per_cage: 5, arms_share_cages: false}"


Change = tuple[str, str]
READ = "afc: {kind: plaque_count, day: 5}"


def plan(
    *design: str, truth: str = "", analysis: str = "", changes: tuple[Change, ...] = ()
) -> str:
    """Return the plan with more lines in its blocks."""
    text = PLAN.replace("truth:\n", "".join(f"  {line}\n" for line in design) + "truth:\n")
    text = text.replace("decision:", f"  {truth}\ndecision:") if truth else text
    text = text.replace("decision:", f"analysis: {analysis}\ndecision:") if analysis else text
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def warnings(text: str) -> list[str]:
    return [str(problem) for problem in load_text(text).warnings]


def refused(text: str) -> str:
    with pytest.raises(ScenarioError, match=r"\d+ problem") as caught:
        load_text(text)
    return str(caught.value)


def lab(inner: str, *changes: Change) -> str:
    return plan(f"conduct: {inner}", changes=changes)


def test_a_wise_laboratory_has_none() -> None:
    assert warnings(lab("{}")) == []
    assert (
        warnings(lab("{order: randomized, plating: after-all, days: 2, missed_doses: 1 %}")) == []
    )
    assert warnings(plan("attrition: {loss: 5 %, inflate: 90 %, with_response: -0.3}")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            lab("{order: by-arm}"),
            "line 13  design.conduct.order  arms are done one after the other: the time of killing "
            "is confounded with the arm; order: by-block or randomized is not",
        ),
        (
            lab("{days: 2, split: by-arm}"),
            "line 13  design.conduct.split  whole arms are done on different days, so",
        ),
        (
            lab("{missed_doses: 5 %}", FOLD),
            "design.conduct.missed_doses  the response of afc does not know time (only model: "
            "kinetic does): a missed dose changes nothing there",
        ),
        (
            lab("{order: by-arm}", FOLD),
            "design.conduct.order  the response of afc does not know time (only model: kinetic "
            "does): of the order of the arms only truth.handling shows there",
        ),
        (
            lab("{}", (READ, READ.replace("5}", "5.5}"))),
            "line 12  design.endpoints.afc.day  day 5.5 is due 12 h after the shift opens, at "
            "20:00, when nobody works (08:00 to 17:00): it is done when the next shift opens",
        ),
        (
            lab("{hours: {to: 13:00, break: [10:00, 10:15]}}", ("every: 1 d", "every: 6 h")),
            "line 7  design.schedules.daily  day 0.25 is due 6 h after the shift opens, at 14:00",
        ),
        (
            plan(truth="handling: {spleen_loss: 10 %}"),
            "line 16  truth.handling  is not used: without design.conduct everything happens at "
            "its planned time",
        ),
        (
            plan("attrition: {inflate: 90 %}"),
            "line 13  design.attrition.inflate  does nothing: nothing is lost",
        ),
        (
            plan("attrition: {loss: 5 %, inflate: 10 %}"),
            "line 13  design.attrition.inflate  means that every arm keeps its n with a "
            "probability of only 10 %; to enrol 10 % more, write the losses",
        ),
        (
            plan("attrition: {with_response: 0.5}"),
            "design.attrition.with_response  is not used: no animal dies (loss is 0)",
        ),
        (
            plan("attrition: {loss: 5 %, failed_immunization: 50 %}"),
            "failed_immunization  is not used: no immunization fails",
        ),
        (
            plan("attrition: {days: [1, 2]}"),
            "design.attrition.days  is not used: no animal dies",
        ),
        (
            plan("attrition: {loss: 5 %, days: [4, 9]}"),
            "design.attrition.days  days 4 to 9 are not within the study, day 0 to 5: the animals "
            "that die after the last reading are not lost to it",
        ),
        (
            plan("attrition: {loss: 5 %, days: [5, 9]}"),
            "days 5 to 9 are not within the study, day 0 to 5: nobody dies in the study",
        ),
        (
            plan("attrition: {loss: 5 %, days: [-7, 3]}"),
            "days -7 to 3 are not within the study, day 0 to 5: animals die before anything is",
        ),
        (
            plan("animals: {cages: 3}"),
            "line 13  design.animals.cages  3 cages cannot hold the study with n = 10: 20 animals, "
            "5 per cage, need 4",
        ),
        (
            plan(analysis="{acknowledge: pseudoreplication}"),
            "line 16  analysis.acknowledge  pseudoreplication is acknowledged, but this plan has "
            "none: leave it out",
        ),
    ],
)  # fmt: skip
def test_warning(text: str, expected: str) -> None:
    found = warnings(text)
    assert any(expected in warning for warning in found), found


def test_losses_that_follow_no_responsiveness() -> None:
    weight = (READ, "afc: {kind: continuous, day: 5, measured_in: mg}")
    level = (FOLD[0], "afc: {control: 100 mg, cv: 20 %, response: {model: fold, drug: 1}}")
    attrition = "attrition: {loss: 5 %, with_response: 0.5}"
    (warning,) = warnings(plan(attrition, changes=(weight, level)))
    assert "is not used: no endpoint (plaques, titer) follows the animal's" in warning


def icc(text: str, value: str = "0.25") -> str:
    return text.replace("truth:\n", f"truth:\n  variability: {{cage_icc: {value}}}\n")


def test_pseudoreplication_has_three_ways_out() -> None:
    flawed = icc(plan(WHOLE))
    said = refused(flawed)
    assert "line 13  design.animals.arms_share_cages  pseudoreplication: whole cages of 5" in said
    # 5 mice with ICC 1/4: 5/(1 + 4/4) = 2.5
    assert "(cage_icc 0.25 of afc), but the test counts mice (5 are worth 2.5)" in said
    assert warnings(flawed.replace("arms_share_cages: false", "arms_share_cages: true")) == []
    assert warnings(icc(plan(WHOLE, analysis="{unit: cage, method: mid-p}")))[1:] == []
    (known,) = warnings(icc(plan(WHOLE, analysis="{acknowledge: pseudoreplication}")))
    assert "analysis.acknowledge  pseudoreplication: whole cages of 5" in known


def test_no_pseudoreplication_without_its_causes() -> None:
    assert warnings(plan(WHOLE)) == []  # cage-mates are not alike
    assert warnings(icc(plan(WHOLE.replace("5", "1")))) == []  # every mouse has a cage
    primary = READ.replace("}", ", primary: true}")
    both = (READ, f"{primary}\n    titer: {{kind: titer, day: 5}}")
    text = plan(WHOLE, truth="titer: {cage_icc: 0.3}", changes=(both,))
    assert warnings(text) == []  # only the titer's are, and it is not compared
    assert "cage_icc 0.3 of titer" in refused(text.replace(", primary: true", ""))


def test_two_cages_against_two_are_hopeless() -> None:
    # 2/C(4,2) = 1/3, whatever the effect
    text = plan(WHOLE, analysis="{unit: cage, method: exact}")
    (warning,) = warnings(text)
    assert "with 2 v 2 cages the smallest p is 0.333, above the first threshold 0.05" in warning
    four = text.replace("to: 10}", "to: 20}")
    assert warnings(four) == []  # 4 v 4: 2/C(8,4) = 0.029


@pytest.mark.parametrize(
    ("animals", "n", "enough"),
    [
        ("{per_cage: 5}", 5, 2),  # 10 mice
        ("{per_cage: 5}", 6, 3),  # 12 mice
        ("{per_cage: 5, arms_share_cages: false}", 6, 4),  # 6 = 5 + 1, twice
        ("{per_cage: 1}", 4, 8),
    ],
)
def test_cages_are_counted(animals: str, n: int, enough: int) -> None:
    def text(cages: int) -> str:
        housing = animals.replace("}", f", cages: {cages}}}")
        return plan(f"animals: {housing}").replace("{from: 4, to: 10}", f"{{from: {n}, to: {n}}}")

    assert warnings(text(enough)) == []
    assert f"{enough - 1} cage" in refused(text(enough - 1))
    assert f"need {enough}" in refused(text(enough - 1))


def test_cages_hold_the_animals_that_are_enrolled() -> None:
    losses = "attrition: {loss: 20 %, inflate: 90 %}"
    text = plan("animals: {per_cage: 5, cages: 2}", losses).replace(
        "{from: 4, to: 10}", "{from: 5, to: 5}"
    )
    assert "2 cages cannot hold the study with n = 5" in refused(text)


def test_a_visit_must_fit_a_shift() -> None:
    fits = (
        "{tasks: {immunization: 4 h, dosing: 4.4 h, killing: 8.5 h, plating: 0 h, weighing: 0 h}}"
    )
    assert warnings(lab(fits)) == []
    said = refused(lab(fits.replace("4.4 h", "4.6 h")))
    assert (
        "all that one animal gets on day 0 (weighing, immunization and dosing) takes 8.6 h" in said
    )
    long = "{tasks: {killing: 5 h, plating: 4 h}}"
    assert "on day 5 (killing and plating) takes 9 h, more than the 8.5 h" in refused(lab(long))
    assert warnings(lab(long.replace("}}", "}, plating: after-all}"))) == []  # two jobs, not one


def test_two_injections_of_one_day_are_two() -> None:
    twice = (
        "drug: {substance: drug, dose: 10 uL/kg, route: SC, schedule: daily}",
        "drug: {regimens: [{substance: drug, dose: 10 uL/kg, route: SC, schedule: daily}, "
        "{substance: saline, dose: 10 uL/kg, route: SC, schedule: daily}]}",
    )
    slow = "{tasks: {dosing: 5 h}}"
    assert warnings(lab(slow)) == []
    said = refused(lab(slow, twice))
    assert "2 x dosing" in said


@pytest.mark.parametrize("name", ["arm-by-arm-kill", "whole-cage-arms", "two-day-kill"])
def test_the_flaw_of_a_catalogue_scenario_is_its_only_warning(name: str) -> None:
    places = {
        "arm-by-arm-kill": "design.conduct.order",
        "whole-cage-arms": "analysis.acknowledge",
        "two-day-kill": "design.conduct.split",
    }
    loaded = read_scenario(name)
    assert [warning.path for warning in loaded.warnings] == [places[name]]


def test_a_resolved_plan_is_criticised_alike() -> None:
    for text in (lab("{}"), plan(), plan("attrition: 5 %"), plan(WHOLE)):
        resolved = dump_scenario(load_text(text).scenario)
        assert warnings(resolved) == warnings(text)
