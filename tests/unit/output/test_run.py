"""A run is read back as it was written, and nothing else is taken for one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.errors import RunFolderError, ScenarioError
from simulator.evaluation.power import power
from simulator.output.provenance import provenance
from simulator.output.results import write_cohort
from simulator.output.run import Run, run_of
from simulator.output.run_folder import run_folder
from simulator.output.stored_run import read_run
from simulator.scenario_files import load_text, read_scenario
from simulator.trial.cohort.simulate import simulate_cohort
from tests.unit.output.made_run import powered, sized, written


@pytest.fixture(scope="module")
def run() -> Run:
    return sized("quick-start")


@pytest.fixture(scope="module")
def kept(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(run, tmp_path_factory.mktemp("runs") / "run")


@pytest.fixture
def folder(kept: Path, tmp_path: Path) -> Path:
    """Return a run folder that a test may change."""
    return shutil.copytree(kept, tmp_path / "run")


def change(folder: Path, name: str, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change a file of a run folder."""
    data = json.loads((folder / name).read_text())
    edit(data)
    (folder / name).write_text(json.dumps(data))


def test_a_sample_size_is_read_back_equal(run: Run, folder: Path) -> None:
    again = read_run(folder)
    assert again == run
    assert again.to_dict() == run.to_dict()
    assert again.certified == run.certified is not None
    assert json.loads((folder / "result.json").read_text()) == run.to_dict()


def test_power_with_worlds_and_lost_tests_is_read_back_equal(tmp_path: Path) -> None:
    run = powered("whole-cage-arms")
    again = read_run(written(run, tmp_path / "run"))
    assert again == run
    assert list(again.worlds) == list(run.scenario.decision.worlds)
    assert again.size is None
    assert again.certified is None


def test_a_run_in_another_world_with_another_seed_is_read_back_equal(tmp_path: Path) -> None:
    loaded = read_scenario("whole-cage-arms", world="mixed-cages", seed=7)
    run = run_of(
        loaded,
        power(loaded.scenario, replicates=100),
        worlds={},
        origin=provenance(loaded.scenario, made_with="power", settings={"world": "mixed-cages"}),
    )
    again = read_run(written(run, tmp_path / "run"))
    assert again == run
    assert again.origin.seed == 7


def test_what_the_simulation_warns_of_is_told_as_a_warning() -> None:
    run = powered("too-small")
    told = {one.path: one for one in run.warnings}
    assert "significance is out of reach" in told["n_per_arm"].message
    assert {one.severity for one in run.warnings} == {"warning"}


@pytest.mark.parametrize("source", ["quick-start", "scenarios/quick-start.yaml", "nowhere"])
def test_a_scenario_is_no_run_and_the_error_says_what_to_do(source: str) -> None:
    with pytest.raises(RunFolderError, match="is not a folder: first write one with afcsim size"):
        read_run(source)


def test_another_folder_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"provenance\.json  is missing: this is not the run"):
        read_run(tmp_path)


def test_the_folder_of_another_command_is_no_run(tmp_path: Path) -> None:
    scenario = read_scenario("quick-start").scenario
    with run_folder(tmp_path / "one", command="simulate") as aside:
        write_cohort(
            aside,
            simulate_cohort(scenario, n=3),
            scenario=scenario,
            origin=provenance(scenario, made_with="simulate"),
        )
    with pytest.raises(RunFolderError, match="is of afcsim simulate; one of afcsim size or"):
        read_run(tmp_path / "one")


@pytest.mark.parametrize("name", ["result.json", "scenario.yaml", "provenance.json"])
def test_a_lost_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(RunFolderError, match=f"{name}  is missing"):
        read_run(folder)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", "\xff", "[" * 100_000])
@pytest.mark.parametrize("name", ["result.json", "provenance.json"])
def test_a_broken_file_is_named(folder: Path, name: str, text: str) -> None:
    (folder / name).write_bytes(text.encode("latin-1"))
    with pytest.raises(RunFolderError, match=name):
        read_run(folder)


def test_a_changed_scenario_is_noticed(folder: Path) -> None:
    path = folder / "scenario.yaml"
    path.write_text(path.read_text().replace("seed: 20261122", "seed: 20261123"))
    with pytest.raises(RunFolderError, match="their digests differ"):
        read_run(folder)
    path.write_text("schema_version: 1\n")
    with pytest.raises(ScenarioError, match="problem"):
        read_run(folder)


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "lost": lambda data: data.pop("result"),
    "another type": lambda data: data.update(target=None),
    "a share above 1": lambda data: data["power"].update(value=2),
    "infinite": lambda data: data["result"].update(n_per_arm=float("inf")),
    "a list of worlds": lambda data: data.update(worlds=[1]),
    "no warnings": lambda data: data.pop("warnings"),
    "a strange warning": lambda data: data.update(warnings=[{"path": 1}]),
    "a strange assumption": lambda data: data.update(assumed=[{"what": 1}]),
    "another arm": lambda data: data["result"]["comparisons"][0].update(treated="x"),
    "another family": lambda data: data["result"].update(decision_family="x"),
    "no curve": lambda data: data["result"].update(curve=[]),
    "other sizes": lambda data: data["result"].update(sizes={}),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_result_that_is_not_whole_is_refused(
    folder: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    change(folder, "result.json", edit)
    with pytest.raises(RunFolderError, match=r"result\.json  is not a whole result of this"):
        read_run(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [("versions", [1]), ("settings", 3), ("seed", "x"), ("digest", None), ("command", 5)],
)
def test_a_strange_origin_is_refused(folder: Path, name: str, value: object) -> None:
    change(folder, "provenance.json", lambda data: data.update({name: value}))
    with pytest.raises(RunFolderError, match=r"provenance\.json  is not of afcsim"):
        read_run(folder)


def test_the_result_of_another_scenario_is_noticed(folder: Path) -> None:
    change(folder, "result.json", lambda data: data.update(digest="0" * 64))
    with pytest.raises(RunFolderError, match="their digests differ"):
        read_run(folder)


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data.update(n_per_arm=data["n_per_arm"] - 1),
        lambda data: data.update(status="maybe"),
        lambda data: data["power"].update(value=0.95),
        lambda data: data["animals"].update(purchased=6),
    ],
    ids=["n", "status", "power", "animals"],
)
def test_a_number_that_somebody_changed_is_noticed(
    folder: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    change(folder, "result.json", edit)
    with pytest.raises(RunFolderError, match=r"result\.json  was changed after it was written"):
        read_run(folder)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("settings", {"world": "pessimistic"}),
        ("seed", 7),
        ("command", ["afcsim", "size", "other.yaml"]),
        ("versions", {"afcsim": "9.9"}),
        ("answer", "0" * 64),
        ("seal", "0" * 64),
    ],
)
def test_an_origin_that_somebody_changed_is_noticed(folder: Path, name: str, value: object) -> None:
    change(folder, "provenance.json", lambda data: data.update({name: value}))
    with pytest.raises(RunFolderError, match=r"provenance\.json  was changed after it was written"):
        read_run(folder)


def test_another_order_of_the_keys_is_no_change(run: Run, folder: Path) -> None:
    path = folder / "provenance.json"
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert read_run(folder) == run


def test_a_folder_of_a_version_without_seals_says_so(folder: Path) -> None:
    change(folder, "provenance.json", lambda data: data.pop("seal"))
    with pytest.raises(
        RunFolderError, match=r"has no seal; older versions \(.+\) set none: run it"
    ):
        read_run(folder)


def test_the_file_that_was_changed_is_named(folder: Path) -> None:
    path = folder / "scenario.yaml"
    path.write_text(path.read_text().replace("seed: 20261122", "seed: 20261123"))
    with pytest.raises(RunFolderError, match=r"scenario\.yaml  is of another scenario"):
        read_run(folder)


@pytest.mark.parametrize("replicates", [100, 500])
def test_the_replicates_that_were_asked_for_are_told(replicates: int) -> None:
    told = {one.path: one for one in powered("quick-start", replicates=replicates).assumed}
    one = told["decision.replicates"]
    assert (one.value, one.source) == (f"{replicates}", "command line, --replicates")


def test_replicates_that_follow_from_the_wanted_error_are_not_assumed() -> None:
    decision = read_scenario("quick-start").scenario.decision
    assert decision.mcse is None
    text = Path("scenarios/quick-start.yaml").read_text()
    assert "\ndecision:\n" in text
    loaded = load_text(text.replace("\ndecision:\n", "\ndecision:\n  mcse: 0.05\n"))
    assert loaded.scenario.decision.replicates == 100
    told = {one.path for one in powered(loaded, replicates=100).assumed}
    assert "decision.replicates" not in told
    assert "decision.max_replicates" in told


def test_an_error_of_nothing_is_not_written(tmp_path: Path) -> None:
    """No rejection at n = 3: the interval says how far that is known, an error of 0 would lie."""
    run = powered("quick-start", n=3)
    (row,) = run.result.comparisons
    assert row.power.count == 0
    folder = written(run, tmp_path / "run")
    data = json.loads((folder / "result.json").read_text())
    assert data["comparisons"][0]["power"]["mcse"] is None
    assert data["comparisons"][0]["power"]["ci"][1] > 0
    table = pd.read_csv(folder / "comparisons.csv")
    assert table["power_mcse"].isna().all()
    curve = pd.read_csv(folder / "curve.csv")
    certain = curve["value"].isin([0, 1])
    assert certain.any()
    assert curve.loc[certain, "mcse"].isna().all()
    assert (curve.loc[~certain, "mcse"] > 0).all()
