"""The command as a process of its own: signals, pipes, full disks, odd terminals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
AFCSIM = [sys.executable, "-m", "simulator"]
#: Longer than any test waits, and stopped by every test that starts it.
ENDLESS = ["power", "quick-start", "--replicates", "100000000", "--threads", "1"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and devices")


def _environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path, **more}


def _start(folder: Path) -> subprocess.Popen[str]:
    """Start an endless run into ``folder / run`` and wait until it is at work."""
    process = subprocess.Popen(
        [*AFCSIM, *ENDLESS, "-o", "run"],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60  # a cold start on a busy machine; the usual is a second
    while not list(folder.glob(".run.partial-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the run did not start"
        time.sleep(0.05)
    time.sleep(1.0)  # into the simulation itself
    return process


def test_ctrl_c_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    process = _start(tmp_path)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1].startswith("Stopped")
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("code", "at_once"), [(130, [130]), (0, []), (1, []), (2, [])])
def test_what_ctrl_c_stopped_does_not_wait_for_python(
    monkeypatch: pytest.MonkeyPatch, code: int, at_once: list[int]
) -> None:
    """Python takes a second and more to take compiled code apart; all else is put away before."""
    from simulator import cli
    from simulator.cli import app

    def stopped(**_: object) -> None:
        raise SystemExit(code)

    ended: list[int] = []
    monkeypatch.setattr(app, "app", stopped)
    monkeypatch.setattr(os, "_exit", ended.append)
    with pytest.raises(SystemExit) as said:
        cli.main()
    assert said.value.code == code
    assert ended == at_once


def test_a_killed_run_leaves_no_run_folder_and_does_not_block_the_next(tmp_path: Path) -> None:
    process = _start(tmp_path)
    process.kill()
    process.communicate(timeout=60)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".run.partial-")
    done = subprocess.run(
        [*AFCSIM, "power", "quick-start", "-r", "100", "-o", "run", "--json"],
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["replicates"] == 100
    assert (tmp_path / "run" / "provenance.json").exists()


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m simulator schema | head -c 10; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        cwd=tmp_path,
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.endswith("\n0\n") or done.stdout.endswith("0\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_output_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*AFCSIM, "scenarios"], cwd=tmp_path, env=_environment(), stdout=full,
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "no space left" in done.stderr.lower()


def test_a_terminal_without_unicode_shows_the_plan(tmp_path: Path) -> None:
    done = subprocess.run(
        [*AFCSIM, "validate", "secretome-healthy-mice"],
        cwd=tmp_path,
        env=_environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "10 ?L/kg (35 ?g/kg) IM" in done.stdout
    assert done.stderr == ""
