"""A scenario as a plan that can be read at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.table import show_table
from simulator.cli.terminal import show_warnings
from simulator.output.wording.assurance import believed_lines
from simulator.output.wording.laboratory import laboratory_lines
from simulator.output.wording.plan import (
    ARM_COLUMNS,
    COMPARISON_COLUMNS,
    ENDPOINT_COLUMNS,
    arm_rows,
    comparison_rows,
    endpoint_rows,
    trend_lines,
    wanted,
)
from simulator.output.wording.truth import truth_rows
from simulator.scenario.priors import believed

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.scenario import Scenario
    from simulator.scenario_files import Default, Loaded

#: Columns that the list of assumptions takes with its sources.
_WIDE = 100
#: Its defaults are shown above the table, so that they take one row.
_LABORATORY = "design.conduct"


def show(loaded: Loaded, screen: Console, *, source: str) -> None:
    """Print OK, the plan, what is unwise in it, and what it assumes."""
    scenario = loaded.scenario
    screen.print(f"OK: {source} ({scenario.id})", style="bold green")
    screen.print(f"{scenario.question}\n")
    _arms(scenario, screen)
    _endpoints(scenario, screen)
    _laboratory(scenario, screen)
    _truth(scenario, screen)
    _comparisons(scenario, screen)
    decision = scenario.decision
    screen.print(wanted(scenario))
    if decision.worlds:
        screen.print(f"worlds: {', '.join(decision.worlds)}")
    if decision.sweep is not None:
        from simulator.sweeping.grid import Grid

        screen.print(
            f"sweep: {len(Grid(decision.sweep)):,} designs (each value is right by itself)"
        )
    screen.print()
    show_warnings(loaded.warnings, screen)
    _assumed(loaded, screen)


def as_dict(loaded: Loaded, *, resolved: bool) -> dict[str, Any]:
    """Return the same as plain data; with the resolved scenario if wanted."""
    data: dict[str, Any] = {
        "valid": True,
        "scenario": loaded.scenario.id,
        "digest": loaded.scenario.digest,
        "warnings": [
            {"path": w.path, "line": w.line, "message": w.message} for w in loaded.warnings
        ],
        "assumed": [
            {"path": d.path, "value": d.value, "status": d.status, "source": d.source}
            for d in loaded.defaults
        ],
    }
    if resolved:
        data["resolved"] = loaded.scenario.canonical()
    return data


def _arms(scenario: Scenario, screen: Console) -> None:
    columns = ARM_COLUMNS
    show_table(columns, arm_rows(scenario), screen, whole=("arm", "role", "animals", "days"))
    screen.print()


def _endpoints(scenario: Scenario, screen: Console) -> None:
    columns = ENDPOINT_COLUMNS
    show_table(columns, endpoint_rows(scenario), screen, whole=columns[:3])
    screen.print()


def _comparisons(scenario: Scenario, screen: Console) -> None:
    columns = COMPARISON_COLUMNS
    show_table(columns, comparison_rows(scenario), screen, whole=columns)
    for line in trend_lines(scenario):
        screen.print(line)
    screen.print(f"tests: {scenario.analysis.alternative}\n")


def _laboratory(scenario: Scenario, screen: Console) -> None:
    lines = list(laboratory_lines(scenario))
    for line in lines:
        screen.print(line)
    if lines:
        screen.print()


def _truth(scenario: Scenario, screen: Console) -> None:
    columns = ("truth of", "control", "spread", "response")
    show_table(columns, truth_rows(scenario), screen, whole=columns[:3])
    for line in believed_lines(believed(scenario)):
        screen.print(f"believed: {line}", highlight=False)
    screen.print()


def _assumed(loaded: Loaded, screen: Console) -> None:
    if not loaded.defaults:
        return
    shown = 4 if screen.width >= _WIDE else 3
    columns = ("not stated in the file", "stands in", "evidence", "source")
    rows = [(one.path, one.value, one.status, one.source or "") for one in _folded(loaded)]
    show_table(
        columns[:shown], [row[:shown] for row in rows], screen, whole=(columns[0], columns[2])
    )


def _folded(loaded: Loaded) -> list[Default]:
    """Return the defaults, with those of the laboratory as one: which, as the lines above it."""
    from simulator.scenario_files import Default

    inside = [one for one in loaded.defaults if one.path.startswith(f"{_LABORATORY}.")]
    if not inside:
        return list(loaded.defaults)
    first = loaded.defaults.index(inside[0])
    one = Default(_LABORATORY, f"as above: {_named(inside)}", "assumed", inside[0].source)
    return [*loaded.defaults[:first], one, *loaded.defaults[first + len(inside) :]]


def _named(inside: Sequence[Default]) -> str:
    """Return which parts of the laboratory are meant: its fields, and what of its tasks."""
    paths = [one.path.removeprefix(f"{_LABORATORY}.").split(".") for one in inside]
    names = list(dict.fromkeys(path[0] for path in paths if path[0] != "tasks"))
    minutes = [path[1] for path in paths if path[-1] == "takes"]
    spread = dict.fromkeys(
        one.value
        for one, path in zip(inside, paths, strict=True)
        if path[-1] == "cv" and path[1] != "incubation"  # a bath keeps time
    )
    if minutes:
        names.append(f"minutes of {', '.join(minutes)}")
    if spread:
        names.append(f"cv {' or '.join(spread)} of the minutes")
    return "; ".join(names)
