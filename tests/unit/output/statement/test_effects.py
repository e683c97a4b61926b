"""The effect is told in the words of its model, with what it rests on."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import Problem
from simulator.output.statement.statement import statement
from simulator.scenario_files import load_text
from tests.unit.output.statement.runs import FEW, of_catalogue, powered, sized, small, told

CURVE = """
schema_version: 1
id: curve
question: Does the dose matter?
sources: {curve: a pilot}
seed: 5
design:
  substances:
    saline: {role: vehicle}
    drug: {role: test, stock: 1 mg/mL}
    other: {role: reference, stock: 1 mg/mL}
  schedules: {once: {days: [0]}}
  arms:
    control: {substance: saline, dose: 5 uL/kg, route: SC, schedule: once}
    drug: {substance: drug, dose: 5 uL/kg, route: SC, schedule: once}
    other: {substance: other, dose: 5 uL/kg, route: SC, schedule: once}
  endpoints:
    weight: {kind: continuous, day: 5, measured_in: mg, primary: true, satellite: true}
    titer: {kind: titer, day: 5}
truth:
  weight:
    control: 100 mg
    cv: {value: 20 %, status: measured, source: own pilot}
    response:
      model: emax
      drug: {SC: {emax: 1.1, ed50: {value: 4 ug/kg, status: published, source: a paper}}}
      other: {SC: {emax: 0.7, ed50: 4 ug/kg}}
  titer: {control: 200, sd_log2: 1}
decision: {power: 0.8, n: {from: 4, to: 12}}
"""


def test_a_dose_curve_is_told_with_its_evidence() -> None:
    text = told(sized(load_text(CURVE)))
    assert "weight, drug SC, largest effect on the log fold: 1.1 (stated in the scenario)" in text
    assert "weight, drug SC, dose of half of it (ED50): 4 ug/kg (published; a paper)" in text
    assert "weight, coefficient of variation between mice: 20 % (measured; own pilot)" in text
    assert "weight, level of control mice: 100 mg (stated in the scenario)" in text
    assert "Source named in the scenario, curve: a pilot" in text
    assert "other SC" not in text  # not among the comparisons that the number rests on
    assert "misread" not in text  # no titer among them either


def test_extra_animals_are_bought_for_a_satellite() -> None:
    run = sized(load_text(CURVE))
    assert run.size is not None
    enrolled = run.size.animals.enrolled
    assert run.size.animals.purchased == 2 * enrolled
    assert f"the {enrolled} of the table are needed 2 times" in told(run)
    assert "mice of their own are read for weight" in told(run)


def test_a_constant_change_has_no_steepness() -> None:
    text = told(of_catalogue("suppression-and-rescue"))
    assert "cyclophosphamide by any route, constant change on the rate of division: " in text
    assert "cyclophosphamide by any route, steepness" not in text
    assert "secretome IM, steepness (Hill): " in text


def test_what_handling_does_is_told_where_there_is_a_laboratory() -> None:
    assert "AFC lost per hour that a spleen waits: " in told(of_catalogue("arm-by-arm-kill"))
    assert (
        "differences between days (standard deviation of the natural logarithm): ASSUMED: 0.3"
        in told(of_catalogue("two-day-kill"))
    )
    assert "spleen waits" not in told(of_catalogue("quick-start"))


def test_the_groups_that_the_power_is_of_are_named() -> None:
    text = told(of_catalogue("two-day-kill"))
    assert ", for middle and high only" in text


def test_a_study_without_effect_says_so() -> None:
    loaded = small()
    nothing = loaded.scenario.null_twin()
    run = powered(type(loaded)(nothing, (), (), {}), n=8)
    assert run.result.replicates == FEW
    assert "titer: no effect in any group is stated." in told(run)


def test_false_alarms_stand_at_the_head() -> None:
    run = of_catalogue("quick-start")
    alarm = Problem("type_i", "where no drug does anything it is called active", severity="warning")
    assert statement(run).notice == ()
    assert statement(replace(run, warnings=(alarm,))).notice == (alarm.message,)
