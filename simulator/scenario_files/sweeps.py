"""What is wrong with a sweep before anything is run: paths, single values, named designs.

Values that are right by themselves and do not go together are not looked for here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario.decision import Sweep
from simulator.scenario_files.laying import Layers, shown
from simulator.scenario_files.node import Node

#: Most problems that one message lists.
_MOST = 40

_GRID, _NAMED = "decision.sweep.grid", "decision.sweep.designs"


def sweep_problems(
    scenario: Scenario, *, layers: Layers | None = None, tree: Node | None = None
) -> list[Problem]:
    """Check every path, every single value of the grid, and every named design.

    Parameters
    ----------
    scenario : resolved; one without a sweep has no problems.
    layers : of this scenario, where there are some already.
    tree : the document, so that problems have lines.
    """
    sweep = scenario.decision.sweep
    if sweep is None:
        return []
    layers = layers or Layers(scenario)
    problems = list(_paths(sweep, layers))
    refused = {problem.path for problem in problems}
    for path, values in sweep.grid.items():
        if f"{_GRID}.{path}" in refused:
            continue
        for k, value in enumerate(values):
            place = f"{_GRID}.{path}[{k}]"
            if any(value == other and type(value) is type(other) for other in values[:k]):
                problems.append(Problem(place, f"{shown(value)} stands here twice: leave one out"))
            else:
                problems += _laid(layers, {path: value}, place)
    for name, overrides in sweep.designs.items():
        place = f"{_NAMED}.{name}"
        if not any(path.startswith(place + ".") for path in refused):
            problems += _laid(layers, overrides, place)
    lines = {} if tree is None else _lines(tree)
    return [replace(problem, line=_line(problem.path, lines)) for problem in problems]


def first_of(problems: list[Problem]) -> list[Problem]:
    """Return the first of very many problems, and how many more there are."""
    if len(problems) <= _MOST:
        return problems
    rest = f"and {len(problems) - _MOST} more problems like these"
    return [*problems[:_MOST], Problem("", rest)]


def _paths(sweep: Sweep, layers: Layers) -> Iterator[Problem]:
    """Find paths that do not exist, and paths that are changed twice."""
    full: dict[str, dict[str, tuple[str, ...]]] = {}
    written = [("", path, values[0]) for path, values in sweep.grid.items()]
    written += [(n, path, v) for n, laid in sweep.designs.items() for path, v in laid.items()]
    for name, path, value in written:
        place = f"{_NAMED}.{name}.{path}" if name else f"{_GRID}.{path}"
        try:
            full.setdefault(name, {})[path] = layers.full_paths(path, value)
        except ValueError as error:
            yield Problem(place, str(error))
    on_grid = full.get("", {})
    for name in dict.fromkeys(["", *sweep.designs]):
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


def _lines(tree: Node) -> dict[str, int | None]:
    """Return the lines of paths, values and named designs, as problems name them."""
    found: dict[str, int | None] = {}
    for path, values in (tree.get("decision", "sweep", "grid") or Node({})).items():
        found[f"{_GRID}.{path}"] = values.line
        for k, value in enumerate(values.value if values.is_list else []):
            found[f"{_GRID}.{path}[{k}]"] = value.line
    for name, overrides in (tree.get("decision", "sweep", "designs") or Node({})).items():
        found[f"{_NAMED}.{name}"] = overrides.line
        found |= {f"{_NAMED}.{name}.{path}": value.line for path, value in overrides.items()}
    return found


def _line(path: str, lines: Mapping[str, int | None]) -> int | None:
    """Return the line of a path, or of the nearest part of it that stands in the file."""
    above = [p for p in lines if path == p or path.startswith(p + ".")]
    return lines[max(above, key=len)] if above else None
