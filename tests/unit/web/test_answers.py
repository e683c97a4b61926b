"""The page's whole answer is the one that the command gives."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.output import answering
from simulator.output.json_text import to_json
from simulator.output.wording.assurance import assurance_lines
from simulator.scenario_files import dump_scenario, read_scenario
from simulator.web import views
from simulator.web.answers import sized, still_to_come, whole
from simulator.web.jobs import Job
from simulator.web.known import Answer
from simulator.web.plan import catalogue_plan


def test_worlds_and_assurance_are_those_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "DRAWS", 5)
    few = {"decision.replicates": "500", "decision.max_replicates": "10000"}
    plan, job = catalogue_plan("uncertain-effect", few), Job(seconds=300)
    loaded = plan.loaded()
    first = sized(loaded, plan, job)
    assert first.assurance is None
    assert not first.worlds
    run = whole(first, loaded, plan, job)
    file = tmp_path / "plan.yaml"
    file.write_text(dump_scenario(loaded.scenario))
    printed = CliRunner().invoke(app, ["size", str(file), "--json"])
    page, command = json.loads(to_json(run.to_dict())), json.loads(printed.stdout)
    assert page["assurance"]["draws"] == 5
    for one in (page, command):  # the file states what the page left to the program
        one.pop("assumed")
        one.pop("warnings")
    assert page == command

    assert run.assurance is not None
    told = str(views.numbers(Answer(plan, loaded, run.result, None, run, "done")))
    for line in assurance_lines(run.assurance):
        assert escape(line[1:], quote=False) in told


def test_the_page_says_what_is_still_to_come() -> None:
    assert still_to_come(read_scenario("quick-start")) == ""
    worlds = "Judging the other worlds of the file"
    assert still_to_come(read_scenario("whole-cage-arms")) == worlds
    assert still_to_come(read_scenario("uncertain-effect")) == (
        "Judging the other worlds and averaging over the distributions of the file"
    )
