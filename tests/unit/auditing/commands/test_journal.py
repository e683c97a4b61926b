"""A journal keeps every outcome as it was, and lets a stopped audit go on."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.auditing.claims import NUMBERS, Claims
from simulator.auditing.commands.journal import Journal
from simulator.auditing.evidence import WORLDS
from simulator.auditing.outcome import Failure, Outcome
from simulator.errors import OutputError

KEY = {
    "digest": "a" * 64,
    "seed": 1,
    "n": 10,
    "fingerprint": "f" * 64,
    "timeout": 60.0,
    "version": "0.1",
}
SIZE = 3
FIELDS = (*NUMBERS, "rejected")
NAN = math.nan


def made_of(*columns: list[float]) -> Outcome:
    """Return claims with these columns, and NaN in the others."""
    found = dict.fromkeys(FIELDS, [NAN] * SIZE) | dict(zip(FIELDS, columns, strict=False))
    return Outcome(Claims(**{name: np.array(column) for name, column in found.items()}))


def same(one: Outcome, other: Outcome) -> bool:
    """Return whether outcomes are equal, claims to the last bit."""
    if one.claims is None or other.claims is None:
        return one == other
    pairs = [(getattr(one.claims, name), getattr(other.claims, name)) for name in FIELDS]
    if one.claims.notes != other.claims.notes:
        return False
    return all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in pairs)


def opened(path, *, resume=True, comparisons=SIZE, **changes):
    return Journal.open(path, KEY | changes, comparisons=comparisons, resume=resume)


OUTCOMES = {
    ("as written", 0): made_of([0.1 + 0.2, NAN, 5e-324], [1.0, 0.0, NAN], [math.inf, -0.0, 1e308]),
    ("null", 0): Outcome(None, "crashed", 'exit status 1: "no" \\ such \u2028 column\n é \udcff'),
    ("null", 17): made_of(),
    ("as written", 17): Outcome(None, "timed out", "ran longer than 60 s and was stopped"),
}


@pytest.fixture
def path(tmp_path):
    """Return a journal with four runs."""
    found = tmp_path / "runs.jsonl"
    with opened(found, resume=False) as journal:
        assert journal.known == {}
        for (world, replicate), outcome in OUTCOMES.items():
            journal.record(world, replicate, outcome)
    return found


def test_outcomes_are_read_back_as_they_were(path):
    before = path.read_bytes()
    with opened(path) as journal:
        assert list(journal.known) == list(OUTCOMES)
        assert all(same(journal.known[run], outcome) for run, outcome in OUTCOMES.items())
    assert path.read_bytes() == before


def test_notes_are_read_back(tmp_path):
    noted = Outcome(Claims.from_dict({"p_value": [0.5] * SIZE}, size=SIZE, notes=("é", "b")))
    with opened(tmp_path / "runs", resume=False) as journal:
        journal.record("null", 0, noted)
    with opened(tmp_path / "runs") as journal:
        assert same(journal.known["null", 0], noted)


def test_one_line_is_one_run(path):
    first, *rest = path.read_text(encoding="ascii").splitlines()
    assert json.loads(first) == {"key": {"schema": 1, **KEY, "comparisons": SIZE}}
    assert len(rest) == len(OUTCOMES)
    assert json.loads(rest[-1]) == {
        **{"world": "as written", "replicate": 17, "failure": "timed out"},
        "message": "ran longer than 60 s and was stopped",
    }


_COLUMN = st.lists(st.floats(allow_nan=False) | st.just(NAN), min_size=SIZE, max_size=SIZE)
_CLAIMS = st.lists(_COLUMN, max_size=len(FIELDS)).map(lambda columns: made_of(*columns))
_FAILED = st.builds(
    Outcome,
    claims=st.none(),
    failure=st.sampled_from(get_args(Failure)),
    message=st.text(max_size=20),
)


@settings(max_examples=50)
@given(
    st.dictionaries(st.tuples(st.sampled_from(WORLDS), st.integers(0, 10**6)), _CLAIMS | _FAILED)
)
def test_any_outcome_is_read_back_as_it_was(tmp_path_factory, outcomes):
    path = tmp_path_factory.mktemp("journal") / "runs"
    with opened(path) as journal:
        for (world, replicate), outcome in outcomes.items():
            journal.record(world, replicate, outcome)
    with opened(path) as journal:
        assert journal.known.keys() == outcomes.keys()
        assert all(same(journal.known[run], outcome) for run, outcome in outcomes.items())


def test_killed_at_any_byte_it_goes_on_to_the_same_bytes(path):
    whole = path.read_bytes()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        with opened(path) as journal:
            lines = whole[:size].count(b"\n")
            assert list(journal.known) == list(OUTCOMES)[: max(0, lines - 1)]
            for (world, replicate), outcome in OUTCOMES.items():
                if (world, replicate) not in journal.known:
                    journal.record(world, replicate, outcome)
        assert path.read_bytes() == whole


def test_what_is_recorded_is_there_at_once(path):
    with opened(path) as journal:
        before = path.stat().st_size
        journal.record("null", 3, made_of([0.5, 0.5, 0.5]))
        assert path.stat().st_size > before
        assert path.read_bytes().endswith(b"\n")


def test_threads_do_not_mix_their_lines(tmp_path):
    outcome = Outcome(None, "crashed", "x" * 400)
    with opened(tmp_path / "runs") as journal, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda k: journal.record("null", k, outcome), range(400)))
    with opened(tmp_path / "runs") as journal:
        assert sorted(journal.known) == [("null", k) for k in range(400)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": 2}, r"seed has changed since \(1 then, 2 now\)\. Put it back as it was, or"),
        ({"digest": "b" * 64}, r"gone on with: the scenario has changed since\. "),
        (
            {"fingerprint": "0" * 64, "timeout": 5.0},
            r"the command, or a script that it names, has changed since; the time limit has "
            r"changed since \(60.0 then, 5.0 now\)",
        ),
        ({"version": "0.2"}, r"this program has changed since \(0.1 then, 0.2 now\)"),
        ({"n": 12}, r"the number of animals has changed since \(10 then, 12 now\)"),
        ({"alpha": 1}, r"alpha has changed since\. "),
        ({"comparisons": 4}, r"the number of comparisons has changed since \(3 then, 4 now\)"),
    ],
)
def test_it_goes_on_with_its_own_audit_only(changes, said, path):
    before = path.read_bytes()
    with pytest.raises(OutputError, match=said):
        opened(path, **changes)
    assert path.read_bytes() == before


def test_it_is_not_begun_over_runs_that_were_made(path):
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"has 4 runs of an earlier audit: go on with it \(--res"):
        opened(path, resume=False)
    assert path.read_bytes() == before


def test_one_without_runs_is_begun_anew(tmp_path):
    path = tmp_path / "runs"
    for seed, resume in ((1, False), (2, False), (3, True)):
        opened(path, resume=resume, seed=seed).close()
        (line,) = path.read_text().splitlines()
        assert json.loads(line)["key"]["seed"] == seed


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (0, "not JSON"),
        (0, "[1]"),
        (0, '{"seed": 1}'),
        (2, "\0\0\0\0"),
        (2, "{}"),
        (2, '{"world": "upside down", "replicate": 1, "claims": {}}'),
        (2, '{"world": "null", "replicate": "1", "claims": {}}'),
        (2, '{"world": "null", "replicate": 1, "claims": {"p_value": [0.5]}}'),
        (2, '{"world": "null", "replicate": 1, "claims": {"p_value": ["x", 1, 1]}}'),
        (2, '{"world": "null", "replicate": 1, "claims": [1]}'),
        (2, '{"world": "null", "replicate": 1, "claims": {}, "notes": 1}'),
        (2, '{"world": "null", "replicate": 1, "failure": "bored", "message": ""}'),
        (2, '{"world": "null", "replicate": 1, "failure": "crashed"}'),
    ],
)
def test_a_damaged_line_is_an_error(line, text, path):
    lines = path.read_text().splitlines()
    lines[line] = text
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(OutputError, match=rf"line {line + 1} is not ours or is damaged; remove it"):
        opened(path)


def test_two_audits_do_not_write_one_journal(path):
    with opened(path), pytest.raises(OutputError, match="another audit is writing it; wait for"):
        opened(path)
    opened(path).close()


#: A program that records runs until it is killed.
_AUDIT = """
import sys
from simulator.auditing.commands.journal import Journal
from simulator.auditing.outcome import Outcome

journal, k = Journal.open(sys.argv[1], {}, comparisons=1, resume=True), 0
while True:
    journal.record("null", k, Outcome(None, "crashed", "x" * 300))
    k += 1
"""


def test_a_killed_audit_leaves_no_lock_and_whole_lines(tmp_path):
    path = tmp_path / "runs"
    with subprocess.Popen([sys.executable, "-c", _AUDIT, str(path)]) as audit:
        until = time.monotonic() + 60
        while not path.exists() or path.stat().st_size < 4000:
            assert time.monotonic() < until
            time.sleep(0.005)
        with pytest.raises(OutputError, match="another audit is writing it"):
            Journal.open(path, {}, comparisons=1, resume=True)
        audit.send_signal(signal.SIGKILL)
    with Journal.open(path, {}, comparisons=1, resume=True) as journal:
        assert len(journal.known) > 5
        assert list(journal.known) == [("null", k) for k in range(len(journal.known))]
        journal.record("null", len(journal.known), Outcome(None, "no result"))
    assert path.read_bytes().count(b"\n") == len(journal.known) + 2


def test_a_place_that_cannot_be_written(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*runs: No such file or directory"):
        opened(tmp_path / "nowhere" / "runs")
    with pytest.raises(OutputError, match=r"cannot write .*: Is a directory"):
        opened(tmp_path)


def test_a_full_disk_leaves_no_half_line(path, monkeypatch):
    whole, write = path.read_bytes(), os.write
    room = [5]

    def little(handle, text):
        if not room:
            raise OSError(28, "No space left on device")
        return write(handle, text[: room.pop()])

    with opened(path) as journal:
        monkeypatch.setattr(os, "write", little)
        with pytest.raises(OutputError, match=r"cannot write .*: No space left on device"):
            journal.record("null", 3, OUTCOMES["null", 0])
        monkeypatch.undo()
        assert path.read_bytes() == whole
        journal.record("null", 3, OUTCOMES["null", 0])
    with opened(path) as journal:
        assert len(journal.known) == len(OUTCOMES) + 1


def test_closing_twice_is_nothing(path):
    journal = opened(path)
    threads = [threading.Thread(target=journal.close) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    opened(path).close()
