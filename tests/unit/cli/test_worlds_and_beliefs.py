"""Assurance and the n for all worlds, from the command line to the report and the statement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.output.stored_run import read_run

NAME = "uncertain-effect"


def run(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the run folder of a search in every world."""
    path = tmp_path_factory.mktemp("runs") / "all"
    run("size", NAME, "--world", "all", "-r", 2000, "--draws", 5, "-o", path)
    return path


def test_the_n_for_all_worlds_is_that_of_the_world_that_needs_most(folder: Path) -> None:
    data = json.loads((folder / "result.json").read_text())
    sizes = {name: one["n_per_arm"] for name, one in data["by_world"].items()}
    assert list(sizes) == ["planned", "optimistic", "pessimistic"]
    assert data["n_per_arm"] == sizes["pessimistic"] == max(sizes.values())
    assert set(data["worlds"]) == {"planned", "optimistic", "no-effect"}
    alone = json.loads(run("size", NAME, "--world", "pessimistic", "-r", 2000, "--json").stdout)
    for key in ("status", "power", "power_below", "result", "cross_checks", "digest"):
        assert alone[key] == data[key], key


def test_a_run_for_all_worlds_is_read_back_and_told(folder: Path) -> None:
    again = read_run(folder)
    assert again.to_dict() == json.loads((folder / "result.json").read_text())
    assert again.world == "pessimistic"
    told = "the world pessimistic decides; no-effect has no effect, so it has no n"
    for text in (
        run("report", folder, "--format", "markdown", "-o", "-").stdout,
        run("statement", folder).stdout,
    ):
        assert told in " ".join(text.split())


def test_all_worlds_of_a_file_without_any_is_a_question_to_the_planner() -> None:
    result = run("size", "quick-start", "--world", "all", code=2)
    assert "quick-start has no worlds" in result.output


def test_assurance_stands_beside_power_on_the_screen_and_in_json(tmp_path: Path) -> None:
    path = tmp_path / "run"
    screen = run("power", NAME, "--n", 12, "-r", 500, "--draws", 20, "-o", path).stdout
    words = " ".join(screen.split())
    data = json.loads((path / "result.json").read_text())
    found = data["assurance"]
    assert f"assurance {found['assurance']['value']:.2f} [" in words
    assert "(20 draws of their numbers, 500 studies each)" in words
    assert "truth.afc.response.secretome: lognormal, median 2.5" in words
    assert found["draws"] == len(found["powers"]) == 20
    # the same numbers in the report and the statement
    for text in (
        run("report", path, "--format", "markdown", "-o", "-").stdout,
        run("statement", path).stdout,
    ):
        assert f"Assurance {found['assurance']['value']:.2f} [" in text
    assert read_run(path).to_dict() == data


def test_no_draws_no_assurance() -> None:
    found = json.loads(run("power", NAME, "--n", 6, "-r", 500, "--draws", 0, "--json").stdout)
    assert "assurance" not in found
    found = json.loads(run("power", "quick-start", "--n", 6, "-r", 500, "--json").stdout)
    assert "assurance" not in found


def test_a_plan_tells_what_is_believed() -> None:
    words = " ".join(run("validate", NAME).stdout.split())
    assert "believed: truth.variability.afc.sd_ln: uniform, 0.45 to 0.75" in words


def test_a_run_in_a_world_says_so_first_and_what_is_missing_because_of_it() -> None:
    asked = ("power", NAME, "--n", 12, "-r", 200, "--draws", 2, "--world")
    first = " ".join(run(*asked, "pessimistic").stdout.split("seed")[0].split())
    assert "in the world pessimistic: truth.afc.response.secretome 2" in first
    assert "the table of the worlds is shown without --world" in first
    assert "no assurance: this world states a single value" in first
    assert "in the world optimistic" in run(*asked, "optimistic").stdout
    assert json.loads(run(*asked, "pessimistic", "--json").stdout)["world"] == "pessimistic"
    told = run("size", NAME, "-r", 2000, "--world", "pessimistic").stdout.splitlines()
    assert told[1].startswith("in the world pessimistic")


def test_power_says_that_an_n_nobody_asked_for_is_the_top_of_the_range() -> None:
    told = run("power", NAME, "-r", 200, "--draws", 2).stdout
    assert "n = 30 is only the top of the range (decision.n)" in " ".join(told.split())
    assert "in the world" not in told.split("seed")[0]
    asked = run("power", NAME, "--n", 30, "-r", 200, "--draws", 0).stdout
    assert "top of the range" not in asked


def test_all_worlds_are_for_size() -> None:
    told = run("power", NAME, "--world", "all", code=2).output
    assert "--world all is for size; power shows every world anyway" in told
