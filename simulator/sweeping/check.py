"""Everything wrong with a sweep, before anything is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.sweeping.grid import Grid, shown
from simulator.sweeping.laying import Layers

#: Most designs of which every one is checked before the first is run.
CHECKED_BEFORE = 2_000
#: Most problems that one message lists.
_MOST = 40

_GRID, _NAMED = "decision.sweep.grid", "decision.sweep.designs"


def grid_of(scenario: Scenario) -> Grid:
    """Return the designs of a scenario's sweep.

    Raises
    ------
    ScenarioError : it has none.
    """
    if scenario.decision.sweep is None:
        text = (
            "this scenario has no sweep: write decision.sweep: {grid: {path: [values, ...]}}, "
            "with paths as in worlds"
        )
        raise ScenarioError(scenario.id, [Problem("decision.sweep", text)])
    return Grid(scenario.decision.sweep)


def check_values(scenario: Scenario, grid: Grid, layers: Layers) -> None:
    """Check every path, every single value of the grid, and every named design.

    Raises
    ------
    ScenarioError : with all problems.
    """
    problems = [*_paths(grid, layers)]
    refused = {problem.path for problem in problems}
    for path, values in grid.axes.items():
        if f"{_GRID}.{path}" in refused:
            continue
        for k, value in enumerate(values):
            place = f"{_GRID}.{path}[{k}]"
            if any(value == other and type(value) is type(other) for other in values[:k]):
                problems.append(Problem(place, f"{shown(value)} stands here twice: leave one out"))
            else:
                problems += _laid(layers, {path: value}, place)
    for name, overrides in grid.named.items():
        place = f"{_NAMED}.{name}"
        if not any(path.startswith(place) for path in refused):
            problems += _laid(layers, overrides, place)
    raise_all(scenario, problems)


def raise_all(scenario: Scenario, problems: list[Problem]) -> None:
    """Raise what was found, the first of very many.

    Raises
    ------
    ScenarioError : there is any.
    """
    if len(problems) > _MOST:
        rest = f"and {len(problems) - _MOST} more problems like these"
        problems = [*problems[:_MOST], Problem("", rest)]
    if problems:
        raise ScenarioError(scenario.id, problems)


def _paths(grid: Grid, layers: Layers) -> Iterator[Problem]:
    """Find paths that do not exist, and paths that are changed twice."""
    full: dict[str, dict[str, tuple[str, ...]]] = {}
    written = [("", path, values[0]) for path, values in grid.axes.items()]
    written += [(n, path, value) for n, laid in grid.named.items() for path, value in laid.items()]
    for name, path, value in written:
        place = f"{_NAMED}.{name}.{path}" if name else f"{_GRID}.{path}"
        try:
            full.setdefault(name, {})[path] = layers.full_paths(path, value)
        except ValueError as error:
            yield Problem(place, str(error))
    on_grid = full.get("", {})
    for name in dict.fromkeys(["", *grid.named]):
        own = full.get(name, {})
        pairs = list(combinations(own, 2))
        if name:
            pairs += [(other, path) for path in own for other in on_grid]
        for one, other in pairs:
            first = own[one] if one in own else on_grid[one]
            if any(_meet(a, b) for a in first for b in own[other]):
                place = f"{_NAMED}.{name}.{other}" if name else f"{_GRID}.{other}"
                yield Problem(place, f"is changed by {one} too: keep one of them")


def _laid(layers: Layers, overrides: Mapping[str, Any], place: str) -> Iterator[Problem]:
    """Yield what is wrong with one value, or with a named design, at its place."""
    try:
        layers.scenario(overrides)
    except ScenarioError as error:
        for problem in error.problems:
            own = problem.path in overrides or not problem.path
            text = problem.message if own else f"{problem.path}: {problem.message}"
            if len(overrides) == 1:
                yield Problem(place, text)
            else:
                yield Problem(f"{place}.{problem.path}" if own else place, problem.message)


def _meet(one: str, other: str) -> bool:
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")
