"""detect and sensitivity on the command line: screen, JSON, files, exit codes, messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.scenario_files.catalogue import catalogue_path


def run(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


def test_detect_prints_the_effect_and_the_planned_one() -> None:
    shown = run("detect", "quick-start", "--n", 8, "-r", 500).stdout
    assert "smallest rise that has power 0.8" in shown
    assert " fold [" in shown
    assert "+" in shown
    assert "drug  saline   3.00 fold  larger" in shown


def test_detect_says_titers_in_steps_and_a_fall_as_such() -> None:
    shown = run("detect", "pilot-to-confirmatory", "--n", 12, "-r", 300, "--down").stdout
    assert "smallest fall" in shown
    assert " steps [-" in shown


def test_detect_looks_down_where_all_planned_effects_go_down(tmp_path: Path) -> None:
    text = catalogue_path("quick-start").read_text(encoding="utf-8")  # type: ignore[union-attr]
    file = tmp_path / "falls.yaml"
    file.write_text(text.replace("drug: 3", "drug: 0.4"), encoding="utf-8")
    shown = run("detect", file, "--n", 12, "-r", 300).stdout
    assert "smallest fall" in shown
    assert "a fall, as every planned effect is one (--up: the smallest rise)" in shown
    shown = run("detect", file, "--n", 12, "-r", 300, "--up").stdout
    assert "smallest rise" in shown
    assert "the planned effects go down: add --down for these" in shown


@pytest.mark.parametrize("command", [("detect", "--n", "6-14"), ("sensitivity",)])
def test_tables_fit_a_narrow_window(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name, *rest = command
    shown = run(name, "quick-start", *rest, "-r", 300).stdout
    assert max(map(len, shown.splitlines())) <= 80


_TWO_ARMS = """\
schema_version: 1
id: two-doses
question: Which dose acts?
seed: 1
design:
  arms: {saline: {role: control}, low: {role: test}, high: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5, primary: true}}
truth:
  afc: {control: 50000 /spleen, cv: 45 %, response: {model: fold, low: 2, high: 3}}
decision: {power: {target: 0.80, of: each}, n: {from: 4, to: 20}}
"""


@pytest.mark.parametrize(("of", "said"), [("each", True), ("any", False)])
def test_detect_says_that_each_of_several_errs_upwards(of: str, said: bool, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(_TWO_ARMS.replace("of: each", f"of: {of}"), encoding="utf-8")
    shown = run("detect", file, "--n", 12, "-r", 200).stdout
    assert ("errs upwards" in " ".join(shown.split())) == said


def test_sensitivity_shows_no_error_of_zero_and_what_lies_between(tmp_path: Path) -> None:
    text = catalogue_path("quick-start").read_text(encoding="utf-8")  # type: ignore[union-attr]
    file = tmp_path / "crossing.yaml"
    file.write_text(text.replace("drug: 3", "drug: {value: 3, range: [0.2, 4]}"), encoding="utf-8")
    shown = run("sensitivity", file, "-r", 300).stdout
    assert "± 0.000" not in shown
    assert "goes through no effect at 1" in shown
    assert "n is unbounded between its ends; at 0.2 the effect is in the other" in " ".join(
        shown.split()
    )
    assert "range in the file" in shown
    assert "default's range" in shown


def test_detect_as_json_is_one_object() -> None:
    data = json.loads(run("detect", "quick-start", "--n", "6-7", "-r", 300, "--json").stdout)
    assert [point["n"] for point in data["points"]] == [6, 7]
    low, high = data["points"][0]["fold"]["ci"]
    assert low < data["points"][0]["fold"]["value"] < high
    assert data["planned"][0]["fold"] == 3.0
    assert "assumed" in data


def test_detect_ends_with_1_where_an_n_is_too_small() -> None:
    shown = run("detect", "too-small", "--n", 3, "-r", 300, code=1).stdout
    assert "no such effect: with 3 v 3 animals the smallest p is 0.1" in shown


def test_detect_writes_a_run_folder(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run("detect", "quick-start", "--n", "5,8", "-r", 300, "-o", folder)
    table = pd.read_csv(folder / "effects.csv")
    assert list(table["n"]) == [5, 8]
    assert table["fold"].is_monotonic_decreasing
    names = sorted(file.name for file in (folder / "figures").iterdir())
    assert names == ["detectable-effect.png", "detectable-effect.svg"]
    assert "drug" in (folder / "figures" / "detectable-effect.svg").read_text(encoding="utf-8")
    assert (folder / "provenance.json").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("eight", '--n: "eight" is no number of animals: write 8, or 6,8,12, or 6-12'),
        ("0", '--n: "0": n goes from 1 to 1000, the smaller first'),
        ("9-4", '--n: "9-4": n goes from 1 to 1000, the smaller first'),
        ("1-200", "--n: 200 n are too many for one run; give at most 50"),
    ],
)
def test_detect_refuses_what_is_no_n(text: str, message: str) -> None:
    assert message in run("detect", "quick-start", "--n", text, code=2).stderr


def test_sensitivity_prints_a_table_and_what_does_not_move() -> None:
    shown = run("sensitivity", "quick-start", "-r", 500).stdout
    assert "afc.cv" in shown
    assert "±20 % *" in shown
    assert "no movement of n or power shown: " in shown


def test_sensitivity_as_json_is_one_object_and_writes_files(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done = run("sensitivity", "quick-start", "-r", 300, "--json", "-o", folder)
    data = json.loads(done.stdout)
    assert {row["path"] for row in data["rows"]} >= {"truth.afc.cv", "design.attrition.loss"}
    assert data["rows"][0]["swing"] >= data["rows"][-1]["swing"]
    table = pd.read_csv(folder / "sensitivity.csv")
    assert len(table) == 2 * len(data["rows"])
    drawn = (folder / "figures" / "tornado.svg").read_text(encoding="utf-8")
    assert "fold of afc over control" in drawn
    stored = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert stored == data


@pytest.mark.parametrize("command", ["detect", "sensitivity"])
def test_help_has_an_example(command: str) -> None:
    assert f"Example: afcsim {command} " in run(command, "--help").stdout
