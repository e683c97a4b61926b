"""What came of traps, on the screen and in the run folder."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import simulator.auditing.audit as room
from simulator.auditing.commands.data_file import observations_csv, plan_csv
from simulator.auditing.result import TrapResult
from simulator.auditing.traps import battery
from simulator.cli.traps_view import show_traps
from simulator.scenario import Scenario
from simulator.scenario_files import load_scenario
from tests.unit.cli.test_commands import run
from tests.unit.output.audit_fakes import COMMAND, traps


def shown(results: tuple[TrapResult, ...], scenario: Scenario, **options: Any) -> str:
    told = io.StringIO()
    screen = Console(file=told, width=200)
    show_traps(results, screen, analysis=COMMAND, scenario=scenario, **options)
    return told.getvalue()


def _three(said: str) -> tuple[TrapResult, ...]:
    (_, failed, _) = traps()
    return tuple(replace(failed, id=f"trap-{k}", said=said) for k in range(3))


def test_one_cause_of_many_traps_is_said_once() -> None:
    cause = "crashed: no arm called drug"
    text = shown((*_three(cause), *traps()), load_scenario("quick-start"))
    assert text.count(cause) == 1
    assert "3 traps, one cause:" in text
    assert "traps: trap-0, trap-1, trap-2" in text
    assert "censored: titers below the limit are dropped" in text  # another cause
    assert text.count("right:") == 1
    assert "traps: all of these" in shown(_three(cause), load_scenario("quick-start"))


def test_whose_arms_and_endpoints_the_tables_have() -> None:
    study = load_scenario("no-effect")
    one = study.analysis.comparisons[0]
    text = shown(traps(), study)
    assert f"plan of no-effect: {one.endpoint}" in text
    assert f"of the arms {one.control}, {one.treated}" in text
    assert "name its scenario file" not in text
    assert "name its scenario file" in shown(traps(), study, borrowed=True)


@pytest.mark.parametrize(("args", "own"), [((), False), (("too-small",), True)])
def test_without_a_scenario_the_names_are_those_of_quick_start(
    monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], own: bool
) -> None:
    monkeypatch.setattr(room, "traps_command", lambda *_, **__: traps())
    text = " ".join(run("audit", *args, "--traps", "-c", COMMAND, code=1).stdout.split())
    assert ("name its scenario file" in text) != own
    assert ("plan of quick-start: afc of the arms saline, drug" in text) != own


def test_the_tables_are_kept_beside_the_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(room, "traps_command", lambda *_, **__: traps())
    folder = tmp_path / "run"
    told = run("audit", "quick-start", "--traps", "-c", COMMAND, "-o", folder, code=1).stdout
    assert f"tables:     {folder / 'tables'}" in told
    scenario = load_scenario("quick-start")
    given = {trap.id: trap for trap in battery(scenario) if trap.table is not None}
    renamed = plan_csv(given["renamed-arms"].plan)
    files = {path.name for path in (folder / "tables").iterdir()}
    assert files == {*(f"{id}.csv" for id in given), "plan.csv", "renamed-arms-plan.csv"}
    for id, trap in given.items():
        assert trap.table is not None
        assert (folder / "tables" / f"{id}.csv").read_bytes() == observations_csv(trap.table)
    assert (folder / "tables" / "plan.csv").read_bytes() == plan_csv(scenario.analysis)
    assert (folder / "tables" / "renamed-arms-plan.csv").read_bytes() == renamed
