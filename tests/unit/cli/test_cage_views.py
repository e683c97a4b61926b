"""What the commands say of a plan that counts cages."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.evaluation.advice import partial_cages
from simulator.output.wording.next_step import out_of_reach
from simulator.scenario_files import load_scenario

PLAN = """
schema_version: 1
id: cages
question: Are two cages per arm enough?
seed: 1
design:
  animals: {arms_share_cages: false, per_cage: 5}
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {y: {kind: continuous, day: 7, measured_in: mg}}
truth:
  variability: {cage_icc: 0.2}
  y: {control: 10 mg, cv: 20 %, response: {model: fold, drug: 3}}
analysis: {unit: cage, method: exact}
decision: {n: {from: 8, to: 10}, replicates: 500, max_replicates: 1000}
"""
WHY = (
    "with 2 v 2 cages the smallest p is 0.333, above the first threshold 0.05: significance is "
    "out of reach whatever the effect (p = 2/C(4,2))"
)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "cages.yaml"
    path.write_text(PLAN, encoding="utf-8")
    return str(path)


def said(*words):
    """Return what a command prints, as one line."""
    done = CliRunner().invoke(app, list(words))
    return " ".join((done.stdout + done.stderr).split())


def test_validate_says_before_simulating_that_two_cages_cannot_succeed(plan):
    assert WHY in said("validate", plan)


def test_size_says_what_makes_more_cages(plan):
    printed = said("size", plan)
    assert f"infeasible: {WHY}" in printed
    assert (
        "next: raise decision.n.to, now 10, to 16 or more, or house 3 per cage "
        "(design.animals.per_cage), or mix the arms in every cage "
        "(design.animals.arms_share_cages: true, analysis.unit: animal)"
    ) in printed


def test_out_of_reach_counts_cages(plan):
    scenario = load_scenario(plan)
    found = out_of_reach(scenario, n=10, family="primary")
    assert found == f"{WHY}; it comes within reach at n = 16"  # 4 cages: 2/C(8,4) = 0.029
    assert out_of_reach(scenario, n=16, family="primary") is None


def test_cages_are_named_beside_the_mice(plan):
    housed = (
        "cages: every cage holds one arm, 5 mice each; the test counts cages, the median of each "
        "(n = 8: 2 cages per arm, n = 10: 2 cages per arm)"
    )
    assert housed in said("validate", plan)
    assert "cages with n = 10 per arm (2 cages), 100 simulated" in said("power", plan, "-r", "100")
    assert "n = 16 per arm (4 cages)" in said("power", plan, "-r", "100", "--n", "16")
    counted = said("size", plan)
    assert "for an analysis of cages: the formulas count animals" in counted
    assert counted.count("no answer") == 3


def test_enumeration_refuses_cages_and_laboratories(plan):
    assert "medians of cages are not enumerated" in said("power", plan, "--method", "enumerate")
    lab = said("power", "one-technician", "--method", "enumerate")
    assert "design.conduct realised times make animals differ by their place in the line" in lab


def test_power_bought_with_false_alarms_is_named():
    alarm = (
        r"weight, drug v saline: where no drug does anything it is called active in 1\d\.\d% of "
        "the studies, more than the 5 % allowed: part of the power is false alarms"
    )
    # 0.138 by an independent simulation; 4,000 studies tell that from 0.05 by 18 errors
    told = said("power", "whole-cage-arms", "-r", "4000")
    assert re.search(alarm, told)
    mixed = said("power", "whole-cage-arms", "-r", "4000", "--world", "mixed-cages")
    assert "false alarms" not in mixed.replace("How many false alarms", "")


def test_a_last_cage_with_fewer_mice_and_a_house_too_small_are_named(plan, tmp_path):
    uneven = (
        "warning: analysis.unit: n = 16 per arm is 3 cages of 5 and one of 1, which counts as "
        "much: full cages are 20, or 15 with less power"
    )
    assert uneven in said("power", plan, "-r", "100", "--n", "16")
    assert "counts as much" not in said("power", plan, "-r", "100", "--n", "15")
    small = tmp_path / "small.yaml"
    small.write_text(PLAN.replace("per_cage: 5}", "per_cage: 5, cages: 7}"), encoding="utf-8")
    short = "warning: design.animals.cages: n = 16 per arm takes 8 cages; the animal house has 7"
    assert short in said("power", str(small), "-r", "100", "--n", "16")
    assert short in said("conduct", str(small), "--n", "16")
    assert "the animal house" not in said("conduct", str(small), "--n", "15")


def test_partial_cages_of_unequal_arms(plan):
    scenario = load_scenario(plan)
    arms = {**scenario.design.arms}
    arms["drug"] = arms["drug"].model_copy(update={"n": 12})
    design = scenario.design.model_copy(update={"arms": arms})
    unequal = scenario.model_copy(update={"design": design})
    assert partial_cages(unequal, 10) == (
        "arm drug with n = 10 has 12 mice, 2 cages of 5 and one of 2, which counts as much: 10 or "
        "15 mice are full cages"
    )
    assert partial_cages(scenario, 10) is None


def test_size_at_one_n_is_power(plan):
    assert "for n = 5 use: afcsim power --n 5" in said("size", plan, "--n", "5")
