"""Everything wrong with a sweep, before anything is run."""

from __future__ import annotations

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario_files.laying import Layers
from simulator.scenario_files.sweeps import first_of, sweep_problems
from simulator.sweeping.grid import Grid

#: Most designs of which every one is checked before the first is run.
CHECKED_BEFORE = 2_000


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


def check_values(scenario: Scenario, layers: Layers) -> None:
    """Check every path, every single value of the grid, and every named design.

    Raises
    ------
    ScenarioError : with all problems.
    """
    raise_all(scenario, sweep_problems(scenario, layers=layers))


def raise_all(scenario: Scenario, problems: list[Problem]) -> None:
    """Raise what was found, the first of very many.

    Raises
    ------
    ScenarioError : there is any.
    """
    if problems:
        raise ScenarioError(scenario.id, first_of(problems))
