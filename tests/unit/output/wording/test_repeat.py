"""Whoever reads an answer is told what makes it again, and that is possible."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.output.provenance import provenance
from simulator.output.wording.repeat import repeat_lines
from simulator.scenario_files import load_scenario

AGAIN = "To have the same numbers again: "
REST = "; neither the machine nor the number of processors changes them"


def told(*command: str, made_with: str = "", **settings: Any) -> list[str]:
    scenario = load_scenario("quick-start")
    origin = provenance(scenario, command=command, made_with=made_with, settings=settings)
    return list(repeat_lines(origin))


def test_a_run_folder_is_repeated_in_itself() -> None:
    assert told("afcsim", "size", "my plan.yaml", made_with="size", replicates=500, draws=5) == [
        "Command: afcsim size 'my plan.yaml'",
        f"{AGAIN}afcsim size scenario.yaml --replicates 500 --draws 5 in the run folder{REST}",
    ]
    assert told("afcsim", "power", "x", made_with="power", replicates=500, n=4)[1] == (
        f"{AGAIN}afcsim power scenario.yaml --n 4 --replicates 500 in the run folder{REST}"
    )


def test_the_page_has_no_run_folder() -> None:
    assert told("afcsim", "serve", made_with="size", replicates=500) == [
        "Made by: the page of afcsim serve",
        f"{AGAIN}afcsim size FILE --replicates 500, where FILE is the YAML downloaded beside "
        f"this{REST}",
    ]


@pytest.mark.parametrize(
    ("made_with", "settings"), [("statement", {}), ("size", {"certified_for": "all"})]
)
def test_what_no_folder_repeats_is_asked_again(made_with: str, settings: dict[str, str]) -> None:
    lines = told("afcsim", made_with, "quick-start", made_with=made_with, **settings)
    assert lines[1] == f"{AGAIN}the same command with the same file{REST}"


def test_a_call_from_python_names_no_command() -> None:
    assert told() == ["Command: none, called from Python"]
