"""``afcsim power --method enumerate``, and the warning of ``afcsim size``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.evaluation.exact.enumerated import power_by_enumeration
from simulator.scenario_files import load_scenario

STUDY = """\
schema_version: 1
id: titers
question: How many mice show a fourfold titer?
seed: 1
design:
  arms:
    saline: {role: control}
    drug: {role: test}
  endpoints:
    titer: {kind: titer, day: 5, first_dilution: 2, wells: 4}
  attrition: {loss: LOSS}
truth:
  titer: {control: 8, response: {model: fold, drug: 4}}
  variability: {titer: {sd_log2: 1.2}}
decision: {n: {from: 3, to: 14}, max_minutes: 30}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "titers.yaml"
    path.write_text(STUDY.replace("LOSS", "0"), encoding="utf-8")
    return path


def test_enumerated_power_says_that_it_has_no_monte_carlo_error(file: Path) -> None:
    exact = power_by_enumeration(load_scenario(file), n=6).comparisons[0]
    args = ["power", str(file), "--n", "6", "--method", "enumerate"]
    text = CliRunner().invoke(app, args)
    assert text.exit_code == 0
    assert "enumerated, no Monte Carlo error" in text.stdout
    assert f"{exact.power:.6f}" in text.stdout
    assert "drug v saline (6 v 6)" in text.stdout
    data = json.loads(CliRunner().invoke(app, [*args, "--json"]).stdout)
    assert data["method"] == "enumerated, no Monte Carlo error"
    assert data["comparisons"][0]["power"]["value"] == exact.power
    assert data["comparisons"][0]["type_i"]["value"] == exact.type_i
    assert data["replicates"] is None


@pytest.mark.parametrize("more", [["-r", "100"], ["-o", "run"]])
def test_enumeration_takes_no_replicates_and_writes_no_folder(file: Path, more: list[str]) -> None:
    found = CliRunner().invoke(app, ["power", str(file), "--method", "enumerate", *more])
    assert found.exit_code == 2
    assert "--method enumerate simulates nothing" in found.stderr


def test_a_study_that_cannot_be_enumerated_is_bad_input() -> None:
    found = CliRunner().invoke(app, ["power", "quick-start", "--method", "enumerate"])
    assert found.exit_code == 2
    assert "its readings are not a few values" in found.stderr


def test_size_warns_where_formulas_and_simulation_disagree(file: Path) -> None:
    file.write_text(STUDY.replace("LOSS", "0.4"), encoding="utf-8")
    args = ["size", str(file), "-r", "3000"]
    words = " ".join(CliRunner().invoke(app, args).stdout.split())
    assert "warning: at n = " in words
    assert "trust the simulation. Likely reason: losses" in words
    data = json.loads(CliRunner().invoke(app, [*args, "--json"]).stdout)
    (warning,) = [w for w in data["warnings"] if w["path"] == "cross_checks"]
    assert "Likely reason: losses" in warning["message"]
    assert data["replicates_spent"] >= 6000
