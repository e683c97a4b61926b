"""The product of a sweep, and everything that may be wrong with it."""

from __future__ import annotations

from itertools import product

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import load_text
from simulator.scenario_files.laying import Layers, shown
from simulator.sweeping.check import check_values, grid_of
from simulator.sweeping.grid import Grid
from tests.unit.sweeping.sweeps import swept


def test_the_last_path_runs_fastest() -> None:
    grid = swept("grid: {truth.afc.cv: [30 %, 45 %], seed: [1, 2, 3]}")[1]
    found = [tuple(point.overrides.values()) for point in grid]
    assert found == list(product(["30 %", "45 %"], [1, 2, 3]))
    assert [point.number for point in grid] == [1, 2, 3, 4, 5, 6]
    assert grid[4].label == "design 5 (truth.afc.cv: 45 %, seed: 2)"


def test_named_designs_are_taken_with_every_combination() -> None:
    grid = swept("grid: {seed: [1, 2]}\n    designs: {calm: {truth.afc.cv: 20 %}, as-is: {}}")[1]
    found = [(point.name, dict(point.overrides)) for point in grid]
    assert found == [
        ("calm", {"truth.afc.cv": "20 %", "seed": 1}),
        ("calm", {"truth.afc.cv": "20 %", "seed": 2}),
        ("as-is", {"seed": 1}),
        ("as-is", {"seed": 2}),
    ]
    assert grid.at("as-is", {"seed": 1}).number == 4


def test_a_product_is_not_written_out() -> None:
    grid = Grid(
        swept("grid: {seed: [1]}")[0].decision.sweep.model_copy(  # type: ignore[union-attr]
            update={"grid": {f"p{k}": tuple(range(1000)) for k in range(5)}}
        )
    )
    assert len(grid) == 1000**5
    assert list(grid[10**15 - 1].overrides.values()) == [999] * 5
    with pytest.raises(IndexError):
        grid[10**15]


def test_all_problems_are_in_one_message() -> None:
    text = (
        "grid: {truth.afc.cv: [30 %, -3 %, 30 %], truth.afcc.cv: [1], decision.replicates: [9]}\n"
        "    designs: {a: {truth.variability.afc.cv: 3 %}, b: {decision.n.from: 40}}"
    )
    scenario, _ = swept(text)
    with pytest.raises(ScenarioError) as caught:
        check_values(scenario, Layers(scenario))
    assert {problem.path: problem.message for problem in caught.value.problems} == {
        "decision.sweep.grid.truth.afcc.cv": (
            'there is no such path in this scenario; did you mean "truth.variability.afc.cv"?'
        ),
        "decision.sweep.grid.decision.replicates": (
            "every design gets the same replicates: say --replicates"
        ),
        "decision.sweep.designs.a.truth.variability.afc.cv": (
            "is changed by truth.afc.cv too: keep one of them"
        ),
        "decision.sweep.grid.truth.afc.cv[1]": '"-3 %" must be at least 0 %',
        "decision.sweep.grid.truth.afc.cv[2]": "30 % stands here twice: leave one out",
        "decision.sweep.designs.b": "decision.n: to (8) is below from (40)",
    }


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ("grid: {}", "write grid: {path: \\[values\\]}, or designs"),
        ("grid: {seed: []}", "decision.sweep.grid.seed"),
        ("grid: {seed: 3}", "decision.sweep.grid.seed"),
        ("grids: {seed: [3]}", 'did you mean "grid"'),
    ],
)
def test_a_sweep_that_is_none_is_refused_when_it_is_read(sweep: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        swept(sweep)


def test_a_scenario_without_a_sweep_says_what_to_write() -> None:
    from simulator import load_scenario

    with pytest.raises(ScenarioError, match=r"write decision.sweep: \{grid: "):
        grid_of(load_scenario("quick-start"))


def test_a_design_is_the_file_with_the_number_replaced() -> None:
    """By a second road: the text of the file, edited, and loaded."""
    scenario, _ = swept("grid: {seed: [1]}")
    from tests.unit.sweeping.sweeps import TEXT

    edited = TEXT.replace("cv: 45 %", "cv: 61 %").replace("SWEEP", "grid: {seed: [1]}")
    design = Layers(scenario).scenario({"truth.afc.cv": "61 %"})
    own = load_text(edited).scenario
    assert design.truth == own.truth
    assert design.design == own.design
    assert design.analysis == own.analysis


@pytest.mark.parametrize(
    ("value", "text"),
    [("45 %", "45 %"), (3, "3"), (0.1, "0.1"), (1 / 3, repr(1 / 3)), ([1], "[1]")],
)
def test_values_are_shown_as_written(value: object, text: str) -> None:
    assert shown(value) == text
