"""afcsim sweep: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from tests.unit.sweeping.sweeps import SMALL, TEXT


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "swept.yaml"
    path.write_text(TEXT.replace("SWEEP", SMALL), encoding="utf-8")
    return path


def _run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["sweep", *map(str, words)])
    return done.exit_code, done.stdout, done.stderr


def test_a_folder_with_tables_figures_and_origin(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, shown, _ = _run(scenario, "-o", out, "-t", 1)
    assert code == 0
    assert "4 designs, 700 simulated studies of each" in shown
    assert "30 %" in shown
    assert sorted(file.name for file in out.rglob("*") if file.is_file()) == [
        "checkpoint.sqlite",
        "designs.csv",
        "designs.parquet",
        "power-by-design.png",
        "power-by-design.svg",
        "provenance.json",
        "scenario.yaml",
        "sweep.csv",
        "sweep.parquet",
    ]
    origin = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert origin["made_with"] == "sweep"
    assert origin["settings"]["replicates"] == 700


def test_json_is_one_object_that_says_what_the_table_says(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, shown, _ = _run(scenario, "-o", out, "-t", 1, "--json")
    assert code == 0
    answer = json.loads(shown)
    frame = pd.read_csv(out / "designs.csv")
    assert [one["power"] for one in answer["designs"]] == frame["power"].tolist()
    assert answer["paths"] == ["truth.afc.cv", "truth.afc.response.high"]


def test_refusals(scenario: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, _, said = _run(scenario, "-o", out, "-t", 1, "-w", 2)
    assert (code, "name one of them" in said) == (2, True)
    assert _run(scenario, "-o", out, "-t", 1)[0] == 0
    code, _, said = _run(scenario, "-o", out)
    assert code == 2
    assert "holds a sweep that was begun; continue it with --resume" in said
    assert _run(scenario, "-o", out, "--resume", "-t", 1)[0] == 0
    code, _, said = _run("quick-start", "-o", tmp_path / "other")
    assert code == 2
    assert "write decision.sweep: {grid:" in said


def test_designs_that_failed_are_exit_code_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.sweeping.designs.CHECKED_BEFORE", 1)
    path = tmp_path / "apart.yaml"
    apart = "grid: {decision.n.from: [4, 7], decision.n.to: [6, 8]}"
    path.write_text(TEXT.replace("SWEEP", apart), encoding="utf-8")
    code, shown, _ = _run(path, "-o", tmp_path / "out", "-t", 1)
    assert code == 1
    assert "to (6) is below from (7)" in " ".join(shown.split())
    assert (tmp_path / "out" / "figures" / "power-by-design.svg").exists()


def test_the_help_has_an_example() -> None:
    assert "afcsim sweep my-study.yaml -o runs/sweep" in _run("--help")[1]
