"""An audit gives the same bytes wherever its command runs, and leaves nothing of it running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.verification.sweep_runs import ROOT, end, finish, running_scheduler, workers

pytestmark = pytest.mark.long

#: Answers, crashes at times, and leaves a process behind that has left its session.
SCRIPT = """
import csv, subprocess, sys, time
if sys.argv[1] == "stray":
    time.sleep(120)
subprocess.Popen([sys.executable, "-S", __file__, "stray"], start_new_session=True)
time.sleep(0.1)
total = sum(float(row["value"]) for row in csv.DictReader(open(sys.argv[1])))
if total % 7 < 1:
    sys.exit(f"a total of {total}")
with open(sys.argv[2], "w") as out:
    out.write("endpoint,treated,control,p_value,estimate\\n")
    out.write(f"afc,drug,saline,{total % 97 / 97},{1 + total % 3}\\n")
"""
RUNS = 80


def start(place: Path, folder: str, *more: str) -> subprocess.Popen[str]:
    """Start an audit in a process group of its own."""
    command = f"{sys.executable} -S script.py {{data}} {{result}}"
    line = ["audit", "quick-start", "-r", str(RUNS // 2), "--command", command, "-o", folder]
    return subprocess.Popen(
        [sys.executable, "-m", "simulator", *line, *more],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def files(folder: Path) -> dict[str, bytes]:
    """Return what is in a run folder, but for how it was made."""
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "provenance.json"
    }
    assert {"result.json", "runs.csv", "journal.jsonl"} <= set(found)
    return found


def under_way(process: subprocess.Popen[str], place: Path, folder: str) -> None:
    """Wait until some runs are in the journal."""
    journal = place / f".{folder}.audit.jsonl"
    until = time.monotonic() + 120
    while not (journal.exists() and journal.read_bytes().count(b"\n") > 4):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until, "the audit did not start"
        time.sleep(0.02)


def nothing_runs(place: Path) -> bool:
    """Return whether all processes of the command end, in less time than they take."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        left = 0
        for one in psutil.process_iter():
            with suppress(psutil.Error):
                left += str(place / "script.py") in one.cmdline()
        if not left:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def undisturbed(place: Path) -> dict[str, bytes]:
    code, said = finish(start(place, "undisturbed", "--jobs", "1"))
    assert (code, said) == (1, "")  # of no use as an analysis
    return files(place / "undisturbed")


@pytest.mark.parametrize("how", [("--jobs", "2"), ("--workers", "1"), ("--workers", "2")])
def test_every_engine_gives_the_same_bytes(
    how: tuple[str, str], place: Path, undisturbed: dict[str, bytes]
) -> None:
    folder = "-".join(how).strip("-")
    code, said = finish(start(place, folder, *how))
    assert (code, said) == (1, "")
    assert files(place / folder) == undisturbed
    assert nothing_runs(place)


def test_a_killed_worker_changes_nothing(place: Path, undisturbed: dict[str, bytes]) -> None:
    process = start(place, "victim", "--workers", "2")
    try:
        under_way(process, place, "victim")
        workers(process)[0].kill()
        code, said = finish(process)
    finally:
        end(process)
    assert (code, said) == (1, "")
    assert files(place / "victim") == undisturbed
    assert nothing_runs(place)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_audit_ends_its_commands_and_goes_on(
    sign: int, place: Path, undisturbed: dict[str, bytes]
) -> None:
    folder = f"stopped-by-{sign}"
    process = start(place, folder, "--workers", "2")
    try:
        under_way(process, place, folder)
        process.send_signal(sign)
        code, said = finish(process, within=120)
        assert nothing_runs(place)
    finally:
        end(process)
    if sign == signal.SIGINT:
        assert code == 130
        assert said.startswith("Stopped after ")
        assert said.endswith("continue with the same command and --resume.\n")
    assert not (place / folder).exists()
    code, said = finish(start(place, folder, "--workers", "2", "--resume"))
    assert (code, said) == (1, "")
    assert files(place / folder) == undisturbed


def test_the_workers_of_a_scheduler_give_the_same_bytes_and_stop_when_told(
    place: Path, undisturbed: dict[str, bytes]
) -> None:
    with running_scheduler(2) as port:
        address = f"tcp://127.0.0.1:{port}"
        process = start(place, "scheduler", "--scheduler", address)
        try:
            under_way(process, place, "scheduler")
            process.send_signal(signal.SIGINT)
            code, _ = finish(process, within=120)
            assert code == 130
            assert nothing_runs(place)  # the workers live on
        finally:
            end(process)
        process = start(place, "scheduler", "--scheduler", address, "--resume")
        assert finish(process) == (1, "")
    assert files(place / "scheduler") == undisturbed


def test_a_worker_without_the_command_is_told_of(place: Path) -> None:
    """A program that is on the path here, and not there."""
    programs = place / "bin"
    programs.mkdir()
    (programs / "only-here").symlink_to(sys.executable)
    line = [
        "audit",
        "quick-start",
        "-r",
        "5",
        "--command",
        "only-here -S script.py {data} {result}",
    ]
    with running_scheduler(1) as port:
        done = subprocess.run(
            [sys.executable, "-m", "simulator", *line, "--scheduler", f"tcp://127.0.0.1:{port}"],
            cwd=place,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PATH": f"{programs}:{os.environ['PATH']}"},
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
    assert done.returncode == 2
    assert "the worker on " in done.stderr
    assert "only-here  is not a program on the PATH" in done.stderr
    assert "Traceback" not in done.stderr
