"""`conduct`: the answer, its exit code, JSON, and the run folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.conducting import conduct
from simulator.evaluation.feasibility import COURSES

STUDY = "secretome-healthy-mice"


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    found = typer.Typer()
    found.command()(conduct)
    found.callback()(lambda: None)
    return found


def run(app: typer.Typer, *args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(
        app, ["conduct", *(str(arg) for arg in args)], env={"COLUMNS": "200"}
    )
    assert result.exit_code == code, result.output
    return result


def words(result: Any) -> str:
    return " ".join(result.stdout.split())


def with_conduct(folder: Path, told: str, *, of: str = "quick-start") -> Path:
    """Return a file of a catalogue study with a conduct."""
    from simulator.cli.starter import write_starter

    file = folder / "mine.yaml"
    write_starter(file, template=of, force=False)
    text = file.read_text()
    assert "\n  endpoints:" in text
    file.write_text(text.replace("\n  endpoints:", f"\n  conduct: {told}\n  endpoints:"))
    return file


def test_what_fits_is_told_in_one_sentence_with_what_is_assumed(app: typer.Typer) -> None:
    told = words(run(app, STUDY, "--n", 8))
    assert "Every day fits the shift" in told
    assert "largest study that fits: n = " in told
    course = f"64 animals, {COURSES} simulated courses, seed 20261122"
    assert f"{STUDY} with n = 8 per arm: {course}" in told
    assert "assumed, as the file has no design.conduct: 2 technicians, 08:00 to 17:00" in told
    assert "1 to 4 64 dosing 08:00" in told
    assert "each of 8" in told  # by block the arms have the same times
    assert "next:" not in told


def test_what_does_not_fit_exits_1_and_says_what_would(app: typer.Typer) -> None:
    told = words(run(app, STUDY, code=1))
    assert "Day 5 does not fit: up to " in told
    assert " of 240 animals are left for the next morning" in told
    assert "n = 30 per arm, the top of decision.n" in told
    assert "technicians every day fits; with n = " in told


def test_where_no_hands_help_it_says_so(app: typer.Typer, tmp_path: Path) -> None:
    file = with_conduct(tmp_path, "{staff: 25, tasks: {reading: {takes: 2 h}}}")
    told = words(run(app, file, "--n", 20, code=1))
    assert "25 technicians are too few as well: the reader is the bottleneck" in told
    assert "assumed" not in told
    assert "laboratory: 25 technicians" in told


def test_spleens_that_wait_overnight_are_warned_of(app: typer.Typer, tmp_path: Path) -> None:
    told = words(run(app, with_conduct(tmp_path, "{plating: after-all}"), "--n", 95, code=1))
    assert "spleens are left for the next morning" in told
    assert "a spleen that waits 24 h is lost for counting" in told
    assert "with days: 2 in design.conduct every day fits" in told


def test_plates_of_the_next_day_are_told(app: typer.Typer, tmp_path: Path) -> None:
    file = with_conduct(tmp_path, "{tasks: {reading: {takes: 8 min, cv: 0}}}")
    told = words(run(app, file, "--n", 30))
    assert "animals are read the next day; this is counted as fitting" in told
    assert "unread" in told


def test_not_even_one_animal_per_arm(app: typer.Typer, tmp_path: Path) -> None:
    # 8 arms: 8 animals of 4 h and more
    long = "{staff: 1, tasks: {killing: {takes: 4 h}}}"
    told = words(run(app, with_conduct(tmp_path, long, of=STUDY), "--n", 1, code=1))
    assert "largest study that fits: none, not even one animal per arm" in told
    assert "next: with 3 technicians every day fits" in told


def test_json_is_one_object_with_the_same_content(app: typer.Typer) -> None:
    found = json.loads(run(app, STUDY, "--n", 8, "--json", "--seed", 5).stdout)
    assert (found["n_per_arm"], found["seed"], found["fits"]) == (8, 5, True)
    assert found["verdict"] == "every day fits the shift"
    assert found["conduct_assumed"] is True
    assert [day["day"] for day in found["days"]] == [0, 1, 2, 3, 4, 5]
    assert {"staff", "balance", "bath", "reader"} == set(found["days"][5]["use"])
    assert found["largest"]["n_per_arm"] >= 8
    assert len(found["arms"]) == 8
    assert "warnings" in found
    assert "assumed" in found
    assert json.loads(run(app, STUDY, "--json", code=1).stdout)["staff_needed"] > 2


def test_a_run_folder_has_the_days_the_work_and_the_chart(app: typer.Typer, tmp_path: Path) -> None:
    folder = tmp_path / "laboratory"
    told = run(app, "quick-start", "--n", 4, "-o", folder).stdout
    assert "gantt.png, gantt.svg" in told
    assert {path.name for path in folder.iterdir()} == {
        "days.csv", "figures", "provenance.json", "result.json", "scenario.yaml", "work.csv"
    }  # fmt: skip
    days, work = pd.read_csv(folder / "days.csv"), pd.read_csv(folder / "work.csv")
    assert days["day"].tolist() == [0, 5]
    assert work["task"].value_counts()["killing"] == 8
    assert json.loads((folder / "result.json").read_text())["fits"] is True
    assert "exists already" in run(app, "quick-start", "--n", 4, "-o", folder, code=2).stderr
    run(app, "quick-start", "--n", 5, "-o", folder, "--force")


def test_a_world_is_judged_and_bad_input_exits_2(app: typer.Typer) -> None:
    run(app, STUDY, "--n", 4, "--world", "pessimistic")
    assert "nowhere" in run(app, "nowhere", code=2).stderr
    assert "--n" in run(app, STUDY, "--n", 0, code=2).stderr


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_number_is_cut_in_a_narrow_window(
    app: typer.Typer, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    result = CliRunner().invoke(app, ["conduct", STUDY, "--n", "20"])
    assert result.exit_code == 1
    assert "…" not in result.stdout
    assert "120 h" in result.stdout
