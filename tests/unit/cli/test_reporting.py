"""afcsim report: which file, which format, and what it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.reporting import report
from simulator.output.json_text import to_json
from simulator.output.run import read_run
from tests.unit.output.made_run import powered, written

app = typer.Typer()
app.command()(report)


def call(*args: object, code: int = 0) -> Any:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(powered("quick-start", n=5), tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    return shutil.copytree(kept, tmp_path / "run")


def test_the_page_goes_into_the_run_folder_again_and_again(folder: Path) -> None:
    for _ in range(2):
        assert call(folder).stdout == f"report: {folder / 'report.html'}\n"
        page = (folder / "report.html").read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert "With 5 mice per arm" in page
    assert not [path for path in folder.iterdir() if "partial" in path.name]
    read_run(folder)  # it still is a run folder


def test_markdown_links_the_figures_of_the_run(folder: Path, tmp_path: Path) -> None:
    call(folder, "--format", "markdown")
    assert "![power-curve](figures/power-curve.svg)" in (folder / "report.md").read_text()
    call(folder, "-o", tmp_path / "other" / "mine.md")
    text = (tmp_path / "other" / "mine.md").read_text()
    assert "![cohort](../run/figures/cohort.svg)" in text
    shown = call(folder, "--format", "markdown", "-o", "-").stdout
    assert shown.startswith("# How many mice per arm")
    assert "](" not in shown


def test_json_is_the_whole_run(folder: Path) -> None:
    found = json.loads(call(folder, "--format", "json", "-o", "-").stdout)
    run = read_run(folder)
    assert found.pop("provenance") == json.loads(to_json(run.origin.to_dict()))
    assert found.pop("resolved") == run.scenario.canonical()
    assert found == run.to_dict()


def test_the_format_is_told_by_the_name_unless_it_is_said(folder: Path, tmp_path: Path) -> None:
    call(folder, "-o", tmp_path / "a.json")
    json.loads((tmp_path / "a.json").read_text())
    call(folder, "-o", tmp_path / "b.json", "--format", "html")
    assert (tmp_path / "b.json").read_text().startswith("<!DOCTYPE html>")


def test_a_file_is_overwritten_only_by_force(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.html"
    mine.write_text("precious")
    told = call(folder, "-o", mine, code=2).stderr
    assert "exists already; name another file, or add --force" in told
    assert mine.read_text() == "precious"
    call(folder, "-o", mine, "--force")
    assert mine.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "source", ["quick-start", "scenarios/quick-start.yaml", "nowhere", "x" * 300]
)
def test_what_is_no_run_is_refused_with_what_to_do(source: str) -> None:
    result = call(source, code=2)
    assert "first write one with afcsim size FILE -o DIR, then give DIR" in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""
