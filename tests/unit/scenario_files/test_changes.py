"""A scenario changed by path is the scenario of the file that says the same."""

from __future__ import annotations

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import catalogue, dump_scenario, load_text, read_scenario
from simulator.scenario_files.changes import change

IDS = [entry.id for entry in catalogue()]


@pytest.mark.parametrize("scenario", IDS)
def test_the_dump_of_a_changed_scenario_loads_as_it(scenario: str) -> None:
    base = read_scenario(scenario)
    found = change(base, {"decision.n.to": "41", "decision.power": "0.7", "seed": "7"})
    again = load_text(dump_scenario(found.scenario))
    assert found.scenario.decision.n.stop == 41
    assert found.scenario.seed == 7
    assert again.scenario == found.scenario
    assert again.scenario.digest == found.scenario.digest
    assert again.worlds == found.worlds
    assert [w.message for w in again.warnings] == [w.message for w in found.warnings]


def test_a_change_is_what_the_file_says_instead() -> None:
    text = dump_scenario(read_scenario("secretome-healthy-mice").scenario)
    found = change(
        load_text(text), {"design.arms.secretome-im-10.dose": "42 ug/kg", "truth.afc.sd_ln": "0.9"}
    )
    dose = found.scenario.design.arms["secretome-im-10"].regimens[0].dose
    spread = found.scenario.truth.variability.endpoints["afc"].sd_ln
    assert dose.model_dump(mode="json") == {"volume": "12 uL/kg", "mass": "42 ug/kg"}
    assert spread is not None
    assert (spread.value, spread.status) == (0.9, "stated")


def test_what_the_file_leaves_open_stays_open_unless_it_was_changed() -> None:
    base = read_scenario("quick-start")
    before = {one.path for one in base.defaults}
    found = change(base, {"design.animals.per_cage": "4"})
    assert before - {one.path for one in found.defaults} == {"design.animals.per_cage"}


def test_nobody_is_warned_of_an_unused_option_that_is_as_by_default() -> None:
    base = read_scenario("quick-start")
    assert change(base, {"analysis.test": "permutation"}).warnings == ()
    stated = change(base, {"analysis.test": "permutation", "analysis.method": "exact"})
    assert [w.path for w in stated.warnings] == ["analysis.method"]
    exact = change(base, {"analysis.method": "exact"})
    assert exact.scenario.analysis.method == "exact"


def test_nothing_changed_is_the_scenario_itself() -> None:
    base = read_scenario("quick-start")
    assert change(base, {}) is base


def test_all_problems_are_told_at_their_paths() -> None:
    changes = {
        "design.arms.secretome-im-10.dose": "35 mg",
        "no.such.path": "1",
        "decision.n.to": "2",
        "decision.power.target": "x: [",
        "analysis.families.afc-over-control.alpha": "2",
        "truth.variability.cage_icc": "#",
    }
    with pytest.raises(ScenarioError, match="6 problems") as raised:
        change(read_scenario("secretome-healthy-mice"), changes)
    paths = {problem.path for problem in raised.value.problems}
    assert paths == {*changes} - {"decision.n.to"} | {"decision.n"}


@pytest.mark.parametrize("value", ["&a 1", "*a", "!!python/object:os.system x", "[" * 40])
def test_a_value_is_read_as_strictly_as_a_file(value: str) -> None:
    with pytest.raises(ScenarioError, match=r"decision\.replicates"):
        change(read_scenario("quick-start"), {"decision.replicates": value})
