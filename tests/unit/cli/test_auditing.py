"""The command audit: what it asks for, what it prints, exit codes, folders, stopping."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import simulator.auditing.audit as room
from simulator.auditing.commands.journal import Journal
from simulator.auditing.estimands import DEFAULT_ESTIMAND, ESTIMANDS
from simulator.auditing.evidence import FailedRun
from simulator.auditing.outcome import Outcome
from simulator.auditing.result import Audit, Line
from simulator.cli.auditing import EstimandName
from simulator.errors import InputError, Problem
from simulator.evaluation.characteristics import Probability
from tests.unit.cli.test_commands import one_object, run
from tests.unit.output.audit_fakes import COMMAND, audit, traps

ROOT = Path(__file__).resolve().parents[3]
Given = list[tuple[str, str, float, int | None]]
Fake = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Give a function that puts an audit, or what runs it, in place of the real one."""

    def put(found: Audit | Callable[..., Audit]) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def audit_command(command: str, scenario: object, **settings: Any) -> Audit:
            calls.append({"command": command, "scenario": scenario, **settings})
            return found(**settings) if callable(found) else found

        monkeypatch.setattr(room, "audit_command", audit_command)
        return calls

    return put


def _undecided() -> Audit:
    found = audit()
    line = Line("power", Probability(1, 2), "not enough replicates", "at most 2%", needed=900)
    return replace(found, lines=(*found.lines, line))


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (audit(), 0, "The analysis passes"),
        (audit(wrong=True), 1, "The analysis fails"),
        (_undecided(), 1, "--replicates 900 would probably do"),
    ],
)
def test_the_exit_code_is_the_verdict(fake: Fake, found: Audit, code: int, words: str) -> None:
    fake(found)
    assert words in " ".join(run("audit", "quick-start", "-c", COMMAND, code=code).stdout.split())
    data = one_object(run("audit", "quick-start", "-c", COMMAND, "--json", code=code))
    assert data["verdict"] == found.verdict
    assert {"lines", "findings", "warnings", "assumed"} <= set(data)


def test_options_reach_the_audit(fake: Fake) -> None:
    calls = fake(audit())
    run("audit", "quick-start", "-c", COMMAND)
    run(
        "audit", "quick-start", "-c", COMMAND, "-r", 70, "--n", 7, "-j", 3, "--timeout", 5,
        "--estimand", "relative_effect", "--false-alarm", 0.05, "--own-test", "--seed", 8,
    )  # fmt: skip
    first, second = calls
    assert (first["command"], first["replicates"], first["timeout"]) == (COMMAND, 500, 60)
    assert (first["n"], first["jobs"], first["journal"]) == (None, None, None)
    assert (first["estimand"], first["false_alarm"]) == (DEFAULT_ESTIMAND, 0.01)
    assert not first["own_test"]
    assert second["scenario"].seed == 8
    assert {
        "replicates": 70, "n": 7, "jobs": 3, "timeout": 5, "estimand": "relative_effect",
        "false_alarm": 0.05, "own_test": True,
    }.items() <= second.items()  # fmt: skip


def test_processes_are_used_where_they_are_asked_for(fake: Fake, tmp_path: Path) -> None:
    calls = fake(audit())
    run("audit", "quick-start", "-c", COMMAND, "--workers", 3, "-o", tmp_path / "run")
    run("audit", "quick-start", "-c", COMMAND, "--scheduler", "tcp://there:8786", "--own-test")
    run("audit", "quick-start", "-c", COMMAND, "--jobs", 2)
    processes, cluster, threads = (call["engine"] for call in calls)
    assert (processes.workers, processes.scheduler) == (3, None)
    assert (cluster.workers, cluster.scheduler) == (None, "tcp://there:8786")
    assert threads is None
    made = json.loads((tmp_path / "run" / "provenance.json").read_text())
    assert made["settings"]["workers"] == 3


def test_work_is_done_at_one_place(fake: Fake) -> None:
    calls = fake(audit())
    for two in (("-j", 2, "-w", 2), ("-w", 2, "--scheduler", "tcp://there:8786")):
        told = run("audit", "quick-start", "-c", COMMAND, *two, code=2).stderr
        assert "--jobs, --workers and --scheduler are three places to work at" in told
    assert calls == []


def test_the_defaults_are_those_of_the_function() -> None:
    from simulator.cli import auditing as command

    assert (room.REPLICATES, room.TIMEOUT, room.FALSE_ALARM) == (
        command._REPLICATES,
        command._TIMEOUT,
        command._FALSE_ALARM,
    )


def test_the_estimands_are_those_that_there_are() -> None:
    assert [str(one) for one in EstimandName] == list(ESTIMANDS)


def test_the_screen_says_what_failed_and_leaves_out_what_did_not(fake: Fake) -> None:
    failed = (FailedRun("as written", 3, "crashed", "no column [bold]x[/]"),)
    fake(audit("secretome-healthy-mice", wrong=True, failed=failed))
    text = run("audit", "secretome-healthy-mice", "-c", COMMAND, code=1).stdout
    words = " ".join(text.split())
    for found in (
        "your p-values are those of a one-sided test; so in 398 of 400 comparisons",
        "secretome-healthy-mice, n = 10 per arm, 200 simulated studies",
        "15 fail, 15 pass", "type I error: 15 of 30 fail (at most 0.05)", "and 10 more",
        "phagocytic-number: secretome-sc-20 v control 0.290 [0.232, 0.356] 0.050 [0.027, 0.090]",
        "power: 15 of 30 without enough replicates", "1,200",
        "interval covers the truth", "type S (wrong sign)", "type M (exaggeration)",
        "1 × crashed: no column [bold]x[/]", "+5.1% [+3.1%, +7.2%]", "chance of at most 1.00%",
    ):  # fmt: skip
        assert found in words
    # 219 checks on a page
    assert len(text.splitlines()) < 90
    assert words.index("The analysis fails") < words.index("one-sided") < words.index("15 fail")


def test_an_audit_that_ended_early_says_why(fake: Fake) -> None:
    fake(replace(audit(wrong=True), stopped="the first 20 runs all failed"))
    text = run("audit", "quick-start", "-c", COMMAND, code=1).stdout
    assert "stopped early: the first 20 runs all failed" in text


def test_what_was_not_read_is_noted(fake: Fake, tmp_path: Path) -> None:
    found = audit()
    note = 'the column "p.adj" is not read; did you mean "p_adjusted"?'
    runs = {world: replace(run, notes=(note,)) for world, run in found.runs.items()}
    fake(replace(found, runs=runs))
    line = ("audit", "quick-start", "-c", COMMAND)
    text = " ".join(run(*line).stdout.split())
    assert text.count(note) == 1
    assert one_object(run(*line, "--json", "-o", tmp_path / "run"))["notes"] == [note]
    assert note in html.unescape((tmp_path / "run" / "report.html").read_text())


def test_a_run_folder(fake: Fake, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    calls = fake(audit(wrong=True))
    result = run("audit", "quick-start", "-c", COMMAND, "-o", folder, "--json", code=1)
    assert json.loads((folder / "result.json").read_text()) == json.loads(result.stdout)
    assert {path.name for path in folder.iterdir()} == {
        "result.json", "lines.csv", "runs.csv", "report.html", "figures", "scenario.yaml",
        "provenance.json",
    }  # fmt: skip
    origin = json.loads((folder / "provenance.json").read_text())
    assert origin["made_with"] == "audit"
    assert origin["settings"]["replicates"] == 500
    assert calls[0]["journal"] == tmp_path / ".run.audit.jsonl"
    assert (
        "exists already" in run("audit", "quick-start", "-c", COMMAND, "-o", folder, code=2).stderr
    )
    text = run("audit", "quick-start", "-c", COMMAND, "-o", folder, "--force", code=1).stdout
    assert f"report:     {folder / 'report.html'}" in text


def _recording(runs: int, then: BaseException | None) -> Callable[..., Audit]:
    """Return an audit that keeps so many runs and ends, or is done."""

    def made(*, journal: Path | None, resume: bool, progress: Any, **_: Any) -> Audit:
        if journal is not None:
            with Journal.open(journal, {"n": 10}, comparisons=1, resume=resume) as book:
                start = len(book.known)
                for k in range(runs):
                    book.record("null", start + k, Outcome(None, "crashed", "x"))
        for k in range(runs):
            progress(k + 1, 1000)
        if then is not None:
            raise then
        return audit()

    return made


def test_a_stopped_audit_says_how_to_go_on(fake: Fake, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    line = ("audit", "quick-start", "-c", COMMAND, "-o", folder)
    fake(_recording(123, KeyboardInterrupt()))
    said = run(*line, code=130).stderr
    assert said == (
        "Stopped after 123 of 1,000 runs; continue with the same command and --resume.\n"
    )
    assert [path.name for path in folder.parent.iterdir()] == [".run.audit.jsonl"]
    fake(_recording(7, None))
    run(*line, "--resume")
    assert [path.name for path in folder.parent.iterdir()] == ["run"]
    journal = folder / "journal.jsonl"
    assert len(journal.read_text().splitlines()) == 1 + 123 + 7
    # more replicates go on from what is in the folder, which is then replaced
    said = run(*line, "--resume", code=2).stderr
    assert "this audit is complete; --resume --force goes on from its runs" in said
    fake(_recording(5, None))
    run(*line, "--resume", "--force")
    assert len(journal.read_text().splitlines()) == 1 + 123 + 7 + 5
    assert [path.name for path in folder.parent.iterdir()] == ["run"]


def test_stopped_without_a_folder_nothing_is_left(fake: Fake) -> None:
    fake(_recording(5, KeyboardInterrupt()))
    said = run("audit", "quick-start", "-c", COMMAND, code=130).stderr
    assert said.startswith("Stopped after 5 of 1,000 runs; nothing was left behind")
    fake(_recording(0, KeyboardInterrupt()))
    said = run("audit", "quick-start", "-c", COMMAND, code=130).stderr
    assert said == "Stopped before the first run; nothing was left behind.\n"


def test_a_command_that_cannot_be_run_leaves_nothing(fake: Fake, tmp_path: Path) -> None:
    def wrong(**_: Any) -> Audit:
        raise InputError("command", [Problem("{data}", "is missing")])

    fake(wrong)
    folder = tmp_path / "new" / "run"
    assert "{data}" in run("audit", "quick-start", "-c", "x", "-o", folder, code=2).stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "name a scenario file"),
        (("quick-start", "--resume"), "--resume: name the folder of the audit with -o"),
        (("--traps", "-r", "5", "--own-test"), "--replicates, --own-test: cannot be combined"),
        (("--traps", "--workers", "2"), "--workers: cannot be combined with --traps"),
        (("quick-start", "--estimand", "mean"), "Invalid value for '--estimand'"),
        (("quick-start", "--false-alarm", "0.9"), "Invalid value for '--false-alarm'"),
        (("quick-start", "--timeout", "0"), "Invalid value for '--timeout'"),
        (("no-such-scenario",), "no-such-scenario"),
    ],
)
def test_bad_input_exits_with_2(fake: Fake, args: tuple[str, ...], message: str) -> None:
    calls = fake(audit())
    assert message in " ".join(run("audit", *args, "-c", COMMAND, code=2).stderr.split())
    assert calls == []


def test_a_command_is_asked_for() -> None:
    assert "--command" in run("audit", "quick-start", code=2).stderr


def test_help_names_the_files_and_the_columns() -> None:
    text = " ".join(re.sub("[│╭╮╰╯─]", " ", run("audit", "--help").stdout).split())
    for words in ("{data}", "{result}", "{plan}", "endpoint, treated, control, p_value",
                  "ci_low, ci_high, rejected, u, family", "Exit code 0: it passes",
                  "have to be there on all their machines"):  # fmt: skip
        assert words in text


# --- traps --------------------------------------------------------------------------------------


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    """Put fixed results in place of giving the traps; collect what was asked."""
    calls: Given = []

    def traps_command(
        command: str, scenario: Any, *, timeout: float, jobs: int | None, **_: Any
    ) -> Any:
        calls.append((command, scenario.id, timeout, jobs))
        return traps()

    monkeypatch.setattr(room, "traps_command", traps_command)
    return calls


def test_the_traps_need_no_scenario(given: Given) -> None:
    text = " ".join(run("audit", "--traps", "-c", COMMAND, code=1).stdout.split())
    for words in ("The analysis fails 1 of 2 traps: censored; 1 not applicable.",
                  "said: p = 0.2", "right: p = 0.0286: U = 16, 2/C(8,4)",
                  "source: enumeration", "all-equal pass division by 0"):  # fmt: skip
        assert words in text
    run("audit", "too-small", "--traps", "-c", COMMAND, "--timeout", 9, "-j", 3, code=1)
    assert given == [
        (COMMAND, "quick-start", 60.0, None),
        (COMMAND, "too-small", 9.0, 3),
    ]


def test_a_folder_of_traps(given: Given, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    result = run("audit", "--traps", "-c", COMMAND, "-o", folder, "--json", code=1)
    data = one_object(result)
    assert data["verdict"] == "fail"
    assert data["traps"] == [one.to_dict() for one in traps()]
    assert json.loads((folder / "result.json").read_text()) == data
    assert (folder / "traps.csv").exists()
    assert given


# --- as a process -------------------------------------------------------------------------------

ANALYSIS = """
import csv, sys, time
time.sleep(0.02)
rows = list(csv.DictReader(open(sys.argv[1])))
low = min(float(r["value"]) for r in rows)
table = [["endpoint", "treated", "control", "p_value"], ["afc", "drug", "saline", low % 1]]
csv.writer(open(sys.argv[2], "w")).writerows(table)
"""


def _wait_for_runs(journal: Path, process: subprocess.Popen[str], count: int) -> None:
    deadline = time.monotonic() + 120  # a cold start on a busy machine; the usual is seconds
    while not (journal.exists() and journal.read_bytes().count(b"\n") > count):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the audit did not start"
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_stopped_and_gone_on_with_it_leaves_the_same_bytes(tmp_path: Path, sign: int) -> None:
    (tmp_path / "analysis.py").write_text(ANALYSIS)
    line = [
        sys.executable, "-m", "simulator", "audit", "quick-start", "-r", "12", "--seed", "3",
        "--command", f"{sys.executable} -S analysis.py {{data}} {{result}}",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    settings: dict[str, Any] = {"cwd": tmp_path, "env": environment, "text": True}
    whole = subprocess.run([*line, "-o", "whole"], capture_output=True, check=False, **settings)
    assert whole.returncode == 1, whole.stderr  # of no use as an analysis
    process = subprocess.Popen(
        [*line, "-o", "run", "-j", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **settings,
    )
    _wait_for_runs(tmp_path / ".run.audit.jsonl", process, 3)
    process.send_signal(sign)
    out, err = process.communicate(timeout=60)
    assert process.returncode == (130 if sign == signal.SIGINT else -sign)
    assert out == ""
    if sign == signal.SIGINT:
        assert re.fullmatch(r"Stopped after \d+ of 24 runs; continue .* --resume\.", err.strip())
    assert not (tmp_path / "run").exists()
    done = subprocess.run(
        [*line, "-o", "run", "--resume"], capture_output=True, check=False, **settings
    )
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / ".run.audit.jsonl").exists()
    names = {path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*.*")}
    assert names == {path.relative_to(tmp_path / "run") for path in (tmp_path / "run").rglob("*.*")}
    for name in names - {Path("provenance.json")}:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "run" / name).read_bytes()
