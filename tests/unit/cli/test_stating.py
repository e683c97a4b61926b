"""afcsim statement: of a file or of a run folder, the same words; errors say what to do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.cli.stating import statement

_alone = typer.Typer()
_alone.command()(statement)
_FEW = ("-r", "500")


def run(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(_alone, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "quick"
    done = CliRunner().invoke(app, ["size", "quick-start", *_FEW, "-o", str(path)])
    assert done.exit_code == 0, done.output
    return path


def test_of_a_file_it_searches_first() -> None:
    text = run("quick-start", *_FEW).stdout
    assert text.startswith("# Sample-size statement (ARRIVE 2.0)\n")
    assert "5 mice per group are the smallest number" in text


def test_of_a_folder_it_is_the_same_but_for_the_command(folder: Path) -> None:
    ours = run(folder).stdout.splitlines()
    searched = run("quick-start", *_FEW).stdout.splitlines()
    differing = [a for a, b in zip(ours, searched, strict=True) if a != b]
    ours_alone = ("- Command: ", "- Made: ", "- To have the same numbers again: ")
    assert [line for line in differing if not line.startswith(ours_alone)] == []


@pytest.mark.parametrize(
    ("form", "title"),
    [("arrive", "ARRIVE 2.0"), ("iacuc", "IACUC"), ("eu", "Directive 2010/63/EU")],
)
def test_every_form_has_its_title(folder: Path, form: str, title: str) -> None:
    assert title in run(folder, "--for", form).stdout.splitlines()[0]


def test_json_is_one_object_with_the_numbers_of_the_run(folder: Path) -> None:
    found = json.loads(run(folder, "--format", "json").stdout)
    stored = json.loads((folder / "result.json").read_text())
    assert found["n_per_arm"] == stored["n_per_arm"]
    assert found["digest"] == stored["digest"]


def test_a_file_gets_the_format_of_its_name(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert f"statement: {file}" in run(folder, "-o", file).stdout
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "exists already" in run(folder, "-o", file, code=2).stderr
    run(folder, "-o", file, "--force", "--format", "text")
    assert file.read_text(encoding="utf-8").startswith("SAMPLE-SIZE STATEMENT")
    assert run(folder, "-o", "-").stdout == run(folder).stdout


def test_no_certified_n_exits_1_with_a_statement_that_claims_none() -> None:
    text = run("too-small", *_FEW, code=1).stdout
    assert "**No number of mice is claimed: the search is infeasible.**" in text


@pytest.mark.parametrize("option", [("-r", "500"), ("--seed", "1"), ("--world", "x"), ("-t", "1")])
def test_a_run_folder_has_its_numbers(folder: Path, option: tuple[str, str]) -> None:
    assert "are for a scenario file" in run(folder, *option, code=2).stderr


def test_bad_sources_are_told_what_to_give(tmp_path: Path, folder: Path) -> None:
    assert "this is not the run folder of afcsim size or power" in run(tmp_path, code=2).stderr
    assert "there is no such file" in run(tmp_path / "none.yaml", code=2).stderr
    assert "Traceback" not in run(folder / "result.json", code=2).output


def test_no_file_is_left_where_the_scenario_is_bad(tmp_path: Path) -> None:
    run(tmp_path / "none.yaml", "-o", tmp_path / "out.md", code=2)
    assert os.listdir(tmp_path) == []
