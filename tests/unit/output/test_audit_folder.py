"""The run folder of an audit, and the journal that lies beside it while it is made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.auditing.commands.journal import Journal
from simulator.auditing.evidence import FailedRun
from simulator.auditing.outcome import Outcome
from simulator.output.audit_folder import WORLD_WORDS, runs_frame, write_audit, write_traps
from simulator.output.audit_journal import (
    JOURNAL,
    has_runs,
    journal_beside,
    journal_for,
    put_journal,
)
from simulator.output.provenance import provenance
from tests.unit.output.audit_fakes import COMMAND, audit, scenario, traps

FAILED = (
    FailedRun("as written", 3, "crashed", 'no column "x",\nhe said'),
    FailedRun("null", 7, "timed out", "ran longer than 60 s"),
)


def _write(folder: Path, *, failed: tuple[FailedRun, ...] = ()) -> None:
    folder.mkdir()
    found = audit(wrong=True, failed=failed)
    write_audit(
        folder,
        found,
        answer=found.to_dict(),
        scenario=scenario(),
        origin=provenance(scenario()),
    )


def test_what_an_audit_leaves(tmp_path: Path) -> None:
    _write(tmp_path / "run", failed=FAILED)
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "result.json", "lines.csv", "runs.csv", "failed.csv", "report.html", "figures",
        "scenario.yaml", "provenance.json",
    }  # fmt: skip
    found = audit(wrong=True, failed=FAILED)
    text = (tmp_path / "run" / "result.json").read_text()
    assert json.loads(text) == json.loads(json.dumps(found.to_dict()))
    lines = pd.read_csv(tmp_path / "run" / "lines.csv")
    assert lines["measure"].tolist() == [line.measure for line in found.lines]
    assert lines["value"].tolist() == [line.value.value for line in found.lines]
    assert lines["value_mcse"].notna().all()
    assert '"1200' not in (tmp_path / "run" / "lines.csv").read_text()
    failed = pd.read_csv(tmp_path / "run" / "failed.csv")
    assert failed["message"].tolist() == [one.message for one in FAILED]
    assert failed[["world", "replicate"]].to_numpy().tolist() == [
        ["as written", 3],
        ["no effect", 7],
    ]


def test_without_failures_there_is_no_table_of_them(tmp_path: Path) -> None:
    _write(tmp_path / "run")
    assert not (tmp_path / "run" / "failed.csv").exists()


def test_the_same_audit_leaves_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        _write(tmp_path / name, failed=FAILED)
    for file in sorted((tmp_path / "a").rglob("*")):
        if file.is_file() and file.name != "provenance.json":
            other = tmp_path / "b" / file.relative_to(tmp_path / "a")
            assert file.read_bytes() == other.read_bytes(), file.name


def test_every_single_run_is_there(tmp_path: Path) -> None:
    _write(tmp_path / "run", failed=FAILED)
    found = audit(wrong=True, failed=FAILED)
    frame = pd.read_csv(
        tmp_path / "run" / "runs.csv",
    )
    size = len(scenario().analysis.comparisons)
    assert len(frame) == 2 * found.replicates * size
    for world, run in found.runs.items():
        of = frame[frame["world"] == WORLD_WORDS[world]]
        for name in ("p_value", "estimate", "ci_low", "plan_p_value"):
            values = of[name].to_numpy().reshape(run.p_value.shape)
            np.testing.assert_array_equal(values, getattr(run, name))
        gone = [one.replicate for one in FAILED if one.world == world]
        lost = of[of["replicate"].isin(gone)]
        assert lost["p_value"].isna().all()
        assert lost["decision"].isna().all()
        assert set(lost["failure"]) == {one.failure for one in FAILED if one.world == world}
        kept = of[~of["replicate"].isin(gone)]
        assert kept["failure"].isna().all()
        assert kept["decision"].astype(bool).tolist() == run.decisions[run.ran].ravel().tolist()


def test_runs_are_in_the_order_of_the_plan() -> None:
    study = scenario("secretome-healthy-mice")
    run = audit("secretome-healthy-mice").runs["null"]
    frame = runs_frame(run)
    size = len(study.analysis.comparisons)
    first = frame.iloc[:size]
    assert first["treated"].tolist() == [one.treated for one in study.analysis.comparisons]
    assert first["family"].tolist() == [one.family for one in study.analysis.comparisons]
    assert frame["replicate"].iloc[[0, size - 1, size]].tolist() == [0, 0, 1]
    assert frame["p_value"].iloc[size + 2] == run.p_value[1, 2]


def test_what_was_not_said_is_empty() -> None:
    run = audit(estimates=False).runs["null"]
    frame = runs_frame(replace(run, rejected=np.full(run.p_value.shape, np.nan)))
    assert frame["estimate"].isna().all()
    assert frame["rejected"].isna().all()
    assert frame["decision"].tolist() == run.decisions.ravel().tolist()


def test_what_the_traps_leave(tmp_path: Path) -> None:
    answer = {"traps": [one.to_dict() for one in traps()]}
    write_traps(
        tmp_path,
        traps(),
        answer=answer,
        analysis=COMMAND,
        scenario=scenario(),
        origin=provenance(scenario()),
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "result.json", "traps.csv", "report.html", "scenario.yaml", "provenance.json",
    }  # fmt: skip
    table = pd.read_csv(tmp_path / "traps.csv")
    assert table["verdict"].tolist() == [one.verdict for one in traps()]


# --- the journal --------------------------------------------------------------------------------

KEY = {"digest": "d", "n": 10}
OUTCOME = Outcome(None, "crashed", "no column x")


def _record(path: Path, *runs: tuple[str, int], resume: bool = False) -> None:
    with Journal.open(path, KEY, comparisons=1, resume=resume) as journal:
        for world, replicate in runs:
            journal.record(world, replicate, OUTCOME)  # type: ignore[arg-type]


def _audit_stopped_after(folder: Path, *runs: tuple[str, int], resume: bool = False) -> None:
    with journal_for(folder, resume=resume) as path:
        assert path is not None
        _record(path, *runs, resume=resume)
        raise KeyboardInterrupt


def test_without_a_folder_there_is_no_journal() -> None:
    with journal_for(None, resume=False) as path:
        assert path is None
    assert not has_runs(None)


def test_a_stopped_audit_leaves_its_journal_beside_the_folder(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _audit_stopped_after(tmp_path / "run", ("null", 0))
    assert [path.name for path in tmp_path.iterdir()] == [".run.audit.jsonl"]
    assert has_runs(journal_beside(tmp_path / "run"))


def test_a_journal_of_nothing_is_not_left(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _audit_stopped_after(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_finished_audit_is_gone_on_with_from_a_copy(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    within = tmp_path / "run" / JOURNAL
    _record(within, ("as written", 0))
    before = within.read_bytes()
    with pytest.raises(KeyboardInterrupt):  # nothing new: nothing is left
        _audit_stopped_after(tmp_path / "run", resume=True)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    with pytest.raises(KeyboardInterrupt):
        _audit_stopped_after(tmp_path / "run", ("null", 0), resume=True)
    beside = journal_beside(tmp_path / "run")
    assert beside.read_bytes().startswith(before)
    assert within.read_bytes() == before
    # what is beside the folder is newer than what is within
    with journal_for(tmp_path / "run", resume=True) as path:
        assert path == beside
        assert len(beside.read_bytes()) > len(before)


def test_without_resume_nothing_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    _record(tmp_path / "run" / JOURNAL, ("as written", 0))
    with journal_for(tmp_path / "run", resume=False) as path:
        assert path is not None
        assert not path.exists()


def test_the_order_of_the_runs_does_not_tell_how_many_ran_at_a_time(tmp_path: Path) -> None:
    runs = [(world, k) for k in range(12) for world in ("as written", "null")]
    _record(tmp_path / "one", *runs)
    _record(tmp_path / "other", *runs[::-1])
    for name in ("one", "other"):
        (tmp_path / f"in-{name}").mkdir()
        put_journal(tmp_path / name, tmp_path / f"in-{name}")
    found = (tmp_path / "in-one" / JOURNAL).read_bytes()
    assert found == (tmp_path / "in-other" / JOURNAL).read_bytes()
    assert found == (tmp_path / "one").read_bytes()
    with Journal.open(tmp_path / "in-other" / JOURNAL, KEY, comparisons=1, resume=True) as journal:
        assert len(journal.known) == len(runs)
