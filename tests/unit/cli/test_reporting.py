"""afcsim report: which file, which format, and what it refuses."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from simulator.cli.reporting import report
from simulator.output.json_text import to_json
from simulator.output.stored_run import read_run
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


def test_the_page_goes_into_the_run_folder_and_is_replaced_by_its_like(folder: Path) -> None:
    for said in ("report", "report replaced"):
        assert call(folder).stdout == f"{said}: {folder / 'report.html'}\n"
        page = (folder / "report.html").read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert "With 5 mice per arm" in page
    assert not [path for path in folder.iterdir() if "partial" in path.name]
    read_run(folder)  # it still is a run folder


@pytest.mark.parametrize("style", ["html", "markdown", "json"])
def test_an_own_report_of_the_same_run_is_replaced_wherever_it_is(
    folder: Path, tmp_path: Path, style: str
) -> None:
    words = (folder, "--format", style, "-o", tmp_path / "mine.html")
    assert call(*words).stdout.startswith("report: ")
    assert call(*words).stdout.startswith("report replaced: ")


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "my own page",
        lambda _: "{}",
        lambda text: text.replace("With 5 mice", "With 5 mice (I asked Anna)"),  # notes in it
        lambda text: re.sub(r"afcsim report \w{8}", "afcsim report 00000000", text),  # other run
    ],
    ids=["foreign", "json", "edited", "other run"],
)
def test_another_file_is_refused_even_in_the_run_folder(
    folder: Path, change: Callable[[str], str]
) -> None:
    call(folder)
    page = folder / "report.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(change(text), encoding="utf-8")
    changed = page.read_bytes()
    assert changed != text.encode()
    assert "is not an unchanged report of this run" in call(folder, code=2).stderr
    assert page.read_bytes() == changed
    call(folder, "--force")
    assert page.read_text(encoding="utf-8") == text


def test_markdown_links_the_figures_of_the_run(folder: Path, tmp_path: Path) -> None:
    call(folder, "--format", "markdown")
    text = (folder / "report.md").read_text()
    for name in ("power-curve", "plan", "cohort"):
        assert f"![{name}](figures/{name}.svg)" in text
        assert (folder / "figures" / f"{name}.svg").is_file()
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
    assert "exists already, and is not an unchanged report of this run" in told
    assert "name another file (-o), or add --force" in told
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
