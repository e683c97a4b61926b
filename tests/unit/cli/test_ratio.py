"""`ratio`: the answer, its exit code, JSON, and the run folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.ratio import ratio

STUDY = "too-small"


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    found = typer.Typer()
    found.command()(ratio)
    found.callback()(lambda: None)
    return found


def run(app: typer.Typer, *args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["ratio", *(str(arg) for arg in args)], env={"COLUMNS": "160"})
    assert result.exit_code == code, result.output
    return result


def written(folder: Path, name: str, change: str, to: str) -> Path:
    from simulator.cli.starter import write_starter

    file = folder / "mine.yaml"
    write_starter(file, template=name, force=False)
    text = file.read_text()
    assert change in text
    file.write_text(text.replace(change, to))
    return file


def test_the_answer_comes_first_and_says_what_to_write(app: typer.Typer) -> None:
    told = " ".join(run(app, STUDY, "-r", 2000).stdout.split())
    assert "certified: 6 control and 3 per treated arm, 12 animals: power" in told
    assert "equal arms are not shown to reach the target in the range of n" in told
    assert "equal, as planned: no pair looked at is enough" in told
    assert "what one animal less would cost, on the same animals" in told
    assert "every family, on fresh studies with and without effects" in told
    assert "to plan it: design.arms.saline.n: 6 in the file, and n = 3" in told
    assert "note: fragile: with one animal less in" in told


def test_a_range_that_starts_too_high_is_said(app: typer.Typer, tmp_path: Path) -> None:
    file = written(tmp_path, "quick-start", "power: 0.80", "power: 0.80\n  n: {from: 9, to: 12}")
    told = " ".join(run(app, file, "-r", 1000).stdout.split())
    assert "fewer than 9 in an arm were not looked at (decision.n.from)" in told
    assert "every pair looked at" not in told
    assert "whether fewer than equal arms are enough is not known below 9 in an arm" in told
    assert "nothing needs to be written in the file, it has these arms at n = 9" in told
    assert "for each animal" in told


def test_a_loss_that_no_study_shows_has_a_limit(app: typer.Typer, tmp_path: Path) -> None:
    """Of 1000 studies none changes: the limit is z^2/(R + z^2) = 0.0038."""
    file = written(tmp_path, "quick-start", "power: 0.80", "power: 0.80\n  n: {from: 25, to: 26}")
    told = " ".join(run(app, file, "-r", 1000).stdout.split())
    assert "0.000 [-0.004, 0.004] 1.000 [0.996, 1.000] below 0.0038" in told
    assert "0.000 [0.000, 0.000]" not in told


def test_what_it_advises_is_what_power_finds(app: typer.Typer, tmp_path: Path) -> None:
    from simulator import load_scenario, power

    file = written(tmp_path, STUDY, "saline: {role: control}", "saline: {role: control, n: 6}")
    data = json.loads(run(app, STUDY, "-r", 2000, "--json").stdout)
    found = power(load_scenario(file), n=3, replicates=5000)
    assert found.sizes == data["best"]["sizes"]
    low, high = data["best"]["power"]["ci"]
    assert low - 0.01 <= min(c.power.value for c in found.comparisons) <= high + 0.01


def test_json_is_one_object_with_errors_and_warnings(app: typer.Typer) -> None:
    data = json.loads(run(app, STUDY, "-r", 1000, "--json").stdout)
    assert data["status"] == "certified"
    assert data["square_root_rule"] == pytest.approx(2**0.5)
    assert data["equal"] is None
    assert {"warnings", "assumed"} <= set(data)
    for one in data["removals"]:
        low, high = one["power_lost"]["ci"]
        assert low <= one["power_lost"]["value"] <= high


def test_the_folder_has_every_pair_and_the_figure(app: typer.Typer, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    said = run(app, STUDY, "-r", 1000, "-o", folder).stdout
    assert "figures:" in said
    pairs = pd.read_csv(folder / "pairs.csv")
    assert list(pairs.columns[:5]) == ["n_control", "n_treated", "ratio", "animals", "power"]
    names = sorted(file.name for file in (folder / "figures").iterdir())
    assert names == ["control-ratio.png", "control-ratio.svg"]
    made = json.loads((folder / "provenance.json").read_text())
    assert made["made_with"] == "ratio"
    data = json.loads((folder / "result.json").read_text())
    assert data["best"]["n_control"] == 6


def test_power_that_is_false_alarms_is_called_so(app: typer.Typer, tmp_path: Path) -> None:
    """Mice of one cage are alike, and are counted one by one."""
    file = written(tmp_path, "whole-cage-arms", "drug: 1}", "drug: 1.3}")
    file.write_text(
        file.read_text()
        .replace("{from: 10, to: 10}", "{from: 5, to: 20}")
        .replace("value: 0.2,", "value: 0.5,")
    )
    told = " ".join(run(app, file, "-r", 1000).stdout.split())
    assert "fewest animals: where nothing has an effect 0." in told
    assert "more than alpha 0.05: part of the power is false alarms" in told
    assert "only full cages of 5 were looked at" in told
    assert "what a cage of 5 less would cost" in told


def test_the_answer_no_is_exit_code_one(app: typer.Typer, tmp_path: Path) -> None:
    told = run(app, "no-effect", "-r", 1000, code=1).stdout
    assert "infeasible: no pair looked at is shown to reach the target" in " ".join(told.split())
    limited = written(tmp_path, STUDY, "  n: {", "  limits: {animals: 5}\n  n: {")
    told = run(app, limited, "-r", 1000, code=1).stdout
    assert "the limit (decision.limits.animals) is 5" in " ".join(told.split())


def test_bad_input_is_one_message(app: typer.Typer, tmp_path: Path) -> None:
    file = written(tmp_path, "quick-start", "drug: {role: test}", "drug: {role: test, n: 5}")
    said = run(app, file, code=2).stderr
    assert "leave that n out of the file" in said
    assert "Traceback" not in said
    assert "design.arms.drug.n" in said
