"""A result that was written and read back is the result."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from simulator import find_sample_size, load_scenario, power
from simulator.evaluation.characteristics import Estimate
from simulator.evaluation.power_result import PowerResult
from simulator.evaluation.sizing.size_result import SampleSizeResult
from simulator.evaluation.stored import stored_answer
from simulator.output.assumptions import caveats
from simulator.output.json_text import to_json
from simulator.scenario_files import catalogue

IDS = [entry.id for entry in catalogue()]


def written(result: PowerResult | SampleSizeResult) -> dict[str, object]:
    text = to_json(result.to_dict())
    return json.loads(text)


@pytest.mark.parametrize("name", IDS)
def test_power_of_every_catalogue_scenario(name: str) -> None:
    result = power(load_scenario(name), n=4, replicates=500)
    again = stored_answer(written(result))
    assert isinstance(again, PowerResult)
    assert again.to_dict() == result.to_dict()
    same = [
        (a, b)
        for a, b in zip(again.comparisons, result.comparisons, strict=True)
        if math.isfinite(b.fold_of_medians.value)
    ]
    assert same, "no comparison has a true fold"
    assert all(a == b for a, b in same)
    assert again.curve == result.curve


@pytest.mark.parametrize("name", ["quick-start", "too-small", "no-effect"])
def test_sample_size(name: str) -> None:
    found = find_sample_size(load_scenario(name), replicates=2000)
    again = stored_answer(written(found))
    assert isinstance(again, SampleSizeResult)
    assert again.to_dict() == found.to_dict()
    assert (again.status, again.n_per_arm, again.power) == (
        found.status,
        found.n_per_arm,
        found.power,
    )


def test_warnings_among_those_of_the_plan() -> None:
    """A run folder keeps them with paths, beside the others."""
    scenario = load_scenario("quick-start")
    found = find_sample_size(scenario, replicates=2000)
    data = written(found) | caveats(scenario, warnings=[], unstated=[])
    data["warnings"] = [
        {"path": "design", "line": None, "message": "another"},
        {"path": "cross_checks", "line": None, "message": "they disagree"},
    ]
    again = stored_answer(data)
    assert isinstance(again, SampleSizeResult)
    assert again.warnings == ("they disagree",)


def test_what_has_no_number_comes_back_as_none() -> None:
    result = power(load_scenario("quick-start"), n=4, replicates=500).to_dict()
    truth = result["comparisons"][0]["truth"]
    truth["fold_of_medians"] = Estimate(math.nan, math.nan).to_dict()
    again = stored_answer(result)
    assert isinstance(again, PowerResult)
    assert math.isnan(again.comparisons[0].fold_of_medians.value)


@pytest.mark.parametrize("lacking", ["curve", "comparisons", "sizes", "decision_family"])
def test_a_part_is_not_taken_for_the_whole(lacking: str) -> None:
    data = power(load_scenario("quick-start"), n=4, replicates=500).to_dict()
    del data[lacking]
    with pytest.raises(KeyError, match=lacking):
        stored_answer(data)


def test_a_folder_of_this_version(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from simulator.cli.app import app

    folder = tmp_path / "run"
    done = CliRunner().invoke(
        app, ["size", "quick-start", "-r", "2000", "-o", str(folder), "--json"]
    )
    data = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    assert data == json.loads(done.stdout)
    again = stored_answer(data)
    assert isinstance(again, SampleSizeResult)
    assert again.result.to_dict() == data["result"]
