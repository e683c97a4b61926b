"""A command run by another process: the same outcomes, or a clear word why not."""

from __future__ import annotations

import os
import pickle
import shlex
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.auditing.audit import audit_command
from simulator.auditing.collect import Data
from simulator.auditing.commands import elsewhere
from simulator.auditing.commands.command import Command
from simulator.auditing.commands.command_line import read_command_line
from simulator.auditing.commands.elsewhere import Errand, ErrandError
from simulator.auditing.evidence import WORLDS
from simulator.engine.local import LocalEngine
from simulator.output.json_text import to_json
from simulator.scenario_files import load_scenario

QUICK = load_scenario("quick-start")
SCRIPT = """
import csv, sys
total = sum(float(row["value"]) for row in csv.DictReader(open(sys.argv[1])))
if total % 7 < 1:
    sys.exit("odd")
with open(sys.argv[2], "w") as out:
    out.write(f"endpoint,treated,control,p_value\\nafc,drug,saline,{total % 97 / 97}\\n")
"""
#: Says what is in the environment, by failing.
NAMES = "import os, sys; sys.exit(' '.join(os.environ.get(n, '-') for n in sys.argv[2:]))"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elsewhere, "_IDLE", 0.05)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(SCRIPT)
    return f"{sys.executable} -S script.py {{data}} {{result}}"


def errand(line: str, **changes: object) -> Errand:
    folder = Path.cwd()
    read = read_command_line(line, folder=folder)
    found = Errand.of(read, QUICK, folder=folder, n=5, timeout=20)
    sent: Errand = pickle.loads(pickle.dumps(replace(found, **changes)))  # type: ignore[arg-type]
    return sent


def error(sent: Errand) -> str:
    """Return what is said of a run that cannot be made, as it arrives."""
    with pytest.raises(ErrandError) as found:
        sent(("null", 0))
    arrived = pickle.loads(pickle.dumps(found.value))
    assert type(arrived) is ErrandError
    return str(arrived)


def nothing_is_left() -> bool:
    until = time.monotonic() + 20
    while elsewhere._ready and time.monotonic() < until:
        time.sleep(0.02)
    return not elsewhere._ready


def test_the_outcomes_are_those_of_the_command_here(line: str) -> None:
    sent, data = errand(line), Data(QUICK, n=5)
    failed = []
    with Command(line, scenario=QUICK) as command:
        for run in ((world, replicate) for replicate in range(10) for world in WORLDS):
            there, here = sent(run), command(data.frame(*run))
            assert (there.failure, there.message) == (here.failure, here.message)
            failed.append(here.claims is None)
            if here.claims is not None:
                assert there.claims is not None
                np.testing.assert_array_equal(there.claims.p_value, here.claims.p_value)
    assert 0 < sum(failed) < len(failed)
    assert len(pickle.dumps(sent)) < 4_000
    assert nothing_is_left()


def test_an_engine_changes_nothing(line: str, tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    here = audit_command(line, QUICK, replicates=12, n=5, jobs=1)
    there = audit_command(line, QUICK, replicates=12, n=5, engine=LocalEngine(3), journal=journal)
    assert to_json(there.to_dict()) == to_json(here.to_dict())
    assert journal.read_bytes().count(b"\n") == 25


def test_what_is_ready_serves_many_runs_and_is_ended_soon_after(line: str) -> None:
    sent = errand(line)
    sent(("null", 0))
    (entry,) = elsewhere._ready.values()
    assert entry.made is not None
    folder = entry.made[1]._folders.root
    sent(("null", 1))
    assert elsewhere._ready.get(sent) is entry
    assert folder.is_dir()
    assert nothing_is_left()
    until = time.monotonic() + 20
    while folder.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not folder.exists()
    assert sent(("null", 1)).failure in (None, "crashed")  # and again, if there is more


def test_other_versions_are_refused(line: str) -> None:
    said = error(errand(line, program="afcsim 9.9, numpy 1.0"))
    assert "has other versions: afcsim" in said
    assert said.endswith("not afcsim 9.9, numpy 1.0")


def test_a_program_that_is_not_there_is_named(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "mine"
    program.parent.mkdir()
    program.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    sent = errand(line.replace(sys.executable, "mine"))
    program.unlink()
    said = error(sent)
    assert said.startswith("the worker on ")
    assert "cannot run the command: command: 1 problem\n  mine  is not a program" in said


@pytest.mark.parametrize("there", [None, SCRIPT + "#"])
def test_other_files_are_refused(line: str, tmp_path: Path, there: str | None) -> None:
    sent = errand(line)
    (tmp_path / "script.py").unlink()
    if there is not None:
        (tmp_path / "script.py").write_text(there)
    said = error(sent)
    assert "does not have the files that the command names as they were" in said
    assert str(tmp_path) in said


def test_the_command_has_the_environment_of_the_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask gives its workers numbers of threads, and a seed of hashes, of its own."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("PYTHONHASHSEED", "5")
    code = shlex.quote(NAMES)
    sent = errand(f"{sys.executable} -S -c {code} {{data}} OMP_NUM_THREADS PYTHONHASHSEED TMPDIR")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONHASHSEED", "6640")
    assert sent(("null", 0)).message == "exit status 1: - 5 {folder}"


def test_a_run_for_which_nobody_waits_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    monkeypatch.setattr(elsewhere, "is_given_up", lambda: time.monotonic() > begun + 1)
    sent = errand("sh -c 'sleep 15' {data}")
    assert "was stopped" in error(sent)
    assert time.monotonic() < begun + 10
