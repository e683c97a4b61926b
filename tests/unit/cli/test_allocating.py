"""The command that allocates: sheets, screen, JSON, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.allocating import allocate

STUDY = "secretome-healthy-mice"

app = typer.Typer(pretty_exceptions_enable=False)
app.callback()(lambda: None)
app.command()(allocate)


def run(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["allocate", *map(str, args)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    path = tmp_path / "animals.csv"
    rows = [f"M{k},{18 + k % 7 / 2},{k // 5}" for k in range(40)]
    path.write_text("id,weight_g,cage\n" + "\n".join(rows) + "\n")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*.*")
        if path.name != "provenance.json"
    }


def test_a_rehearsal(tmp_path: Path) -> None:
    text = run(STUDY, "--n", 4, "-o", tmp_path / "out").stdout
    words = " ".join(text.split())
    for found in (
        f"{STUDY}: 32 animals allocated, 0 in reserve (simulated weights, for a rehearsal)",
        "permuted blocks of animals of like weight",
        "stock 1:100 in saline",
        "who injects can tell these groups of arms apart",
        "for its keeper alone",
    ):
        assert found in words
    assert (tmp_path / "out" / "blinded" / "dosing.html").is_file()


def test_the_screen_shows_no_code_beside_an_arm(tmp_path: Path) -> None:
    data = json.loads(run("quick-start", "--n", 4, "-o", tmp_path / "a", "--json").stdout)
    text = run("quick-start", "--n", 4, "-o", tmp_path / "b").stdout
    assert not [row["label"] for row in data["allocation"] if row["label"] in text]


def test_json_is_one_object_with_all_sheets(tmp_path: Path, animals: Path) -> None:
    result = run(STUDY, "--n", 4, "-o", tmp_path / "out", "--animals", animals, "--json")
    data = json.loads(result.stdout)
    assert result.stderr == ""
    assert (data["n_per_arm"], data["animals"]) == (4, "listed")
    assert [row["status"] for row in data["allocation"]] == ["enrolled"] * 32 + ["reserve"] * 8
    assert len(data["dosing"]) == 32 * 5
    assert len(data["preparation"]) == 8 * 5
    assert {row["animal"] for row in data["allocation"]} == {f"M{k}" for k in range(40)}


def test_the_seed_reproduces_every_byte(tmp_path: Path, animals: Path) -> None:
    for name, more in {"a": (), "b": (), "c": ("--seed", 5)}.items():
        run(STUDY, "--n", 4, "-o", tmp_path / name, "--animals", animals, *more)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    other = contents(tmp_path / "c")
    assert other["key/allocation.csv"] != contents(tmp_path / "a")["key/allocation.csv"]
    again = tmp_path / "c" / "scenario.yaml"
    run(again, "--n", 4, "-o", tmp_path / "d", "--animals", animals)
    assert contents(tmp_path / "d")["key/allocation.csv"] == other["key/allocation.csv"]


def test_the_number_of_animals_is_asked_for(tmp_path: Path) -> None:
    told = run("quick-start", "-o", tmp_path / "out", code=2).stderr
    assert "Give --n, e.g. --n 8" in told
    assert "afcsim size quick-start" in told
    assert not (tmp_path / "out").exists()


def test_fixed_arms_need_no_number(tmp_path: Path) -> None:
    from simulator.scenario_files import catalogue

    path = next(entry.path for entry in catalogue() if entry.id == "quick-start")
    text = path.read_text(encoding="utf-8")
    file = tmp_path / "fixed.yaml"
    file.write_text(text.replace("control}", "control, n: 4}").replace("test}", "test, n: 6}"))
    assert "10 animals allocated" in run(file, "-o", tmp_path / "out").stdout


def test_too_few_animals_are_counted_and_nothing_is_left(tmp_path: Path, animals: Path) -> None:
    told = run(STUDY, "--n", 6, "-o", tmp_path / "out", "--animals", animals, code=2).stderr
    assert f"{animals}: 1 problem" in told
    assert "has 40 animals, the study needs 48 (8 arms): 8 are missing" in told
    assert not (tmp_path / "out").exists()


def test_a_dose_that_no_mouse_can_take_writes_no_sheet(tmp_path: Path) -> None:
    from simulator.scenario_files import catalogue

    path = next(entry.path for entry in catalogue() if entry.id == STUDY)
    text = path.read_text(encoding="utf-8")
    file = tmp_path / "large.yaml"
    file.write_text(text.replace("50 uL/kg], route: IM", "4900 uL/kg], route: IM"))
    heavy = tmp_path / "heavy.csv"  # 4900 uL/kg are 98 uL in 20 g, and 132 uL in 27 g
    heavy.write_text("id,weight_g\n" + "".join(f"m{k},{20 + k % 8}\n" for k in range(32)))
    told = run(file, "--n", 4, "-o", tmp_path / "out", "--animals", heavy, code=2).stderr
    assert "design.arms.secretome-im-4900.regimens.0" in told
    assert "132 uL IM in the heaviest mouse (27.0 g), the maximum is 100 uL per site" in told
    assert "missing on a blinded sheet tell their arm" in told
    assert not (tmp_path / "out").exists()


def test_another_command_does_not_delete_the_key(tmp_path: Path) -> None:
    from simulator.cli.conducting import conduct

    run("quick-start", "--n", 4, "-o", tmp_path / "out")
    other = typer.Typer()
    other.callback()(lambda: None)
    other.command()(conduct)
    line = ["conduct", "quick-start", "--n", "4", "-o", str(tmp_path / "out"), "--force"]
    result = CliRunner().invoke(other, line)
    assert result.exit_code == 2
    assert "holds the key of an allocation" in result.stderr
    assert (tmp_path / "out" / "key" / "allocation.csv").is_file()


def test_a_world_is_allowed(tmp_path: Path) -> None:
    run(STUDY, "--n", 4, "-o", tmp_path / "out", "--world", "pessimistic")
    told = run(STUDY, "--n", 4, "-o", tmp_path / "x", "--world", "nowhere", code=2).stderr
    assert "nowhere" in told


def test_a_list_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("id,weight_g\n1,heavy\n")
    told = run(STUDY, "--n", 6, "-o", tmp_path / "out", "--animals", file, code=2).stderr
    assert 'line 2  weight_g  "heavy" is not a number' in told


def test_a_folder_is_replaced_only_when_told(tmp_path: Path) -> None:
    run("quick-start", "--n", 4, "-o", tmp_path / "out")
    told = run("quick-start", "--n", 4, "-o", tmp_path / "out", code=2).stderr
    assert "exists already" in told
    run("quick-start", "--n", 5, "-o", tmp_path / "out", "--force")
    rows = (tmp_path / "out" / "key" / "allocation.csv").read_text().splitlines()
    assert len(rows) == 1 + 10


def test_help_says_what_it_is_for() -> None:
    text = " ".join(run("--help").stdout.split())
    assert "Example: [bold]afcsim allocate" in text or "Example: afcsim allocate" in text
    assert "id, weight_g, and cage" in text
