"""What the tables show, at any width: no number is cut, and the answer says what to do next."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from simulator import Scenario, find_sample_size, load_scenario
from simulator.cli.app import app
from simulator.cli.power_view import around
from simulator.cli.table import show_table
from simulator.output.wording.next_step import next_step, out_of_reach
from simulator.output.wording.truth import truth_rows
from simulator.scenario_files import load_text

STUDY = """
schema_version: 1
id: two-regimens
question: What does a drug do after cyclophosphamide?
seed: 1
design:
  substances:
    cyclophosphamide: {role: positive, stock: 20 mg/mL}
    drug: {role: test, stock: 3.5 mg/mL}
  schedules:
    before: {days: [-1]}
    daily: {start: 0 d, every: 1 d, count: 5}
  arms:
    saline: {role: control}
    cp-and-drug:
      role: test
      regimens:
        - {substance: cyclophosphamide, dose: 200 mg/kg, route: IP, schedule: before}
        - {substance: drug, dose: 70 ug/kg, route: IM, schedule: daily}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
    weight-of-spleen: {kind: continuous, distribution: normal, measured_in: mg, day: 5}
    titer: {kind: titer, day: 5}
truth:
  response: kinetic
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, cp-and-drug: 0.4}}
  weight-of-spleen:
    {control: 120, sd: 15, response: {model: emax, drug: {IM: {emax: 0.5, ed50: 2 mg/kg}}}}
  effects: {drug: {IM: {rise: 10 %}}}
  variability: {titer: {sd_log2: 1.6}}
decision: {n: {from: 3, to: 6}}
"""


def run(*args: object, width: int = 80, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(arg) for arg in args], env={"COLUMNS": str(width)})
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.fixture
def study(tmp_path: Path) -> Path:
    file = tmp_path / "study.yaml"
    file.write_text(STUDY, encoding="utf-8")
    return file


def _one_line(text: str) -> str:
    return " ".join(text.split())


def test_validate_shows_the_stated_truth() -> None:
    assert truth_rows(load_text(STUDY).scenario) == [
        ("afc", "50,000 AFC/spleen", "cv 45 %", "cp-and-drug ×0.4"),
        ("weight-of-spleen", "120 mg", "sd 15 mg",
         "drug IM up to ×1.65, half (of ln fold) at 2 mg/kg"),
        ("titer", "by the kinetic model", "sd_log2 1.6", "kinetic: drug IM"),
    ]  # fmt: skip
    text = _one_line(run("validate", "quick-start"))
    assert "afc 50,000 AFC/spleen cv 45 % drug ×3" in text


@pytest.mark.parametrize("width", [40, 80, 120])
def test_days_stay_beside_their_regimen(study: Path, width: int) -> None:
    lines = run("validate", study, width=width).splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("arm "))
    end = next(k for k, line in enumerate(lines) if line.startswith("endpoint "))
    beside = {
        word: line for line in lines[start:end] for word in ("cyclophosphamide", "drug ")
        if f" {word}" in line
    }  # fmt: skip
    assert re.search(r" -1( |$)", beside["cyclophosphamide"])
    assert "0, 1, 2, 3, 4" in beside["drug "]


@pytest.mark.parametrize("command", ["validate", "power"])
@pytest.mark.parametrize("width", [30, 60, 80, 100])
def test_nothing_is_cut_in_a_narrow_window(study: Path, command: str, width: int) -> None:
    more = ("-r", 100) if command == "power" else ()
    wide, narrow = (run(command, study, *more, width=columns) for columns in (200, width))
    assert "…" not in narrow
    number = re.compile(r"\d+\.\d{2,}")
    for found in set(number.findall(wide)):
        assert found in narrow


def test_whole_columns_are_never_broken() -> None:
    screen = Console(width=12, record=True)
    show_table(("name", "number"), [("a word or two", "0.123456 ± 0.000001")], screen,
               whole=("number",))  # fmt: skip
    assert "0.123456 ± 0.000001" in screen.export_text()
    assert screen.width == 12


@pytest.mark.parametrize(
    ("last", "crossing", "shown"),
    [
        (9, 5, (3, 4, 5, 6, 7, 8, 9)),
        (60, 20, (3, 17, 18, 19, 20, 21, 22, 23, 60)),
        (60, 3, (3, 4, 5, 6, 7, 8, 9, 10, 60)),
        (60, 60, (3, 53, 54, 55, 56, 57, 58, 59, 60)),
    ],
)
def test_the_table_over_n_is_short(last: int, crossing: int, shown: tuple[int, ...]) -> None:
    assert around(range(3, last + 1), crossing) == shown


def test_power_shows_the_range_of_n() -> None:
    text = run("power", "quick-start", "-r", 500)
    rows = [line.split() for line in text.splitlines()]
    ns = next(row for row in rows if row[:1] == ["n"] and row[1].isdigit())
    powers = next(row for row in rows if row[:1] == ["power"] and len(row) == len(ns))
    assert (ns[1], ns[-1]) == ("3", "30")
    assert (powers[1], powers[-1]) == ("0.000", "1.000")
    assert "out of reach" not in text
    below = _one_line(run("power", "quick-start", "--n", 2, "-r", 100))
    assert "significance is out of reach" in below
    assert "within reach at n = 4" in below


def test_no_adjustment_is_said_beside_its_error() -> None:
    text = _one_line(run("power", "secretome-healthy-mice", "--n", 5, "-r", 100))
    assert text.count("(no adjustment asked for)") == 1


def _changed(name: str, **decision: Any) -> Scenario:
    scenario = load_scenario(name)
    return scenario.model_copy(update={"decision": scenario.decision.model_copy(update=decision)})


def test_out_of_reach_says_what_brings_it_within() -> None:
    scenario = load_scenario("too-small")
    found = find_sample_size(scenario, replicates=100)
    # 3 v 3 gives 2/20, which no alpha of 0.05 admits; 4 v 4 gives 2/70, above 0.05/2; 5 v 5 2/252
    assert next_step(found, scenario) == "raise decision.n.to, now 3, to 5 or more"
    text = _one_line(run("size", "too-small", "-r", 100, code=1))
    assert "next: raise decision.n.to, now 3, to 5 or more" in text
    assert out_of_reach(scenario, n=5, family="primary") is None
    # 4 v 4 is within reach of alpha itself, and of alpha/2 one-sided
    n = scenario.decision.n.model_copy(update={"stop": 4})
    wider = _changed("too-small", n=n)
    assert next_step(find_sample_size(wider, replicates=100), wider) == (
        "raise decision.n.to, now 4, to 5 or more, or compare fewer arms or choose a weaker "
        "adjustment, or test one-sided if only one direction matters"
    )


def test_a_certified_answer_needs_no_next_step() -> None:
    scenario = load_scenario("quick-start")
    assert next_step(find_sample_size(scenario, replicates=500), scenario) is None
