"""A sweep gives the same bytes whatever happens to it: engines, kills, cuts, Ctrl-C."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.verification.sweep_runs import (
    SCENARIO,
    Proxy,
    end,
    finish,
    group,
    running_scheduler,
    start,
    tables,
    under_way,
    workers,
)

pytestmark = pytest.mark.long

#: Enough work (24 designs, 12 tasks of each) to be interrupted in the middle.
REPLICATES = 57_300
#: Bytes that the log of the checkpoint has when some results are in it.
SOME = 200_000


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sweep") / "interrupted.yaml"
    path.write_text(SCENARIO.replace("REPLICATES", str(REPLICATES)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def undisturbed(scenario: Path) -> dict[str, str]:
    folder = scenario.parent / "undisturbed"
    code, said = finish(start(scenario, folder, "--threads", "1"))
    assert code == 0, said
    return tables(folder)


@pytest.mark.parametrize("how", [("--threads", "2"), ("--workers", "1"), ("--workers", "3")])
def test_every_engine_gives_the_same_bytes(
    how: tuple[str, str], scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    code, said = finish(start(scenario, tmp_path / "out", *how))
    assert (code, said) == (0, "")
    assert tables(tmp_path / "out") == undisturbed


def test_a_killed_worker_changes_nothing(
    scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    process = start(scenario, tmp_path / "out", "--workers", "2")
    try:
        assert under_way(process, tmp_path / "out", size=SOME), "it ended before it was disturbed"
        victims = workers(process)
        assert len(victims) == 2
        victims[0].kill()
        code, said = finish(process)
    finally:
        end(process)
    assert (code, said) == (0, "")
    assert tables(tmp_path / "out") == undisturbed


def test_a_cut_connection_changes_nothing(
    scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    with running_scheduler(2) as port:
        proxy = Proxy(port)
        process = start(scenario, tmp_path / "out", "--scheduler", f"tcp://127.0.0.1:{proxy.port}")
        try:
            assert under_way(process, tmp_path / "out", size=SOME), "it ended before it was cut"
            proxy.cut()
            time.sleep(5)
            assert process.poll() is None
            proxy.reopen()
            code, said = finish(process)
        finally:
            end(process)
            proxy.close()
    assert code == 0, said
    assert "the scheduler is back" in said
    assert tables(tmp_path / "out") == undisturbed


def test_a_scheduler_that_stays_away_is_an_error_and_loses_nothing(
    scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    """Kills the scheduler; the sweep gives up after its patience, and threads go on."""
    with running_scheduler(1) as port:
        process = start(scenario, tmp_path / "out", "--scheduler", f"tcp://127.0.0.1:{port}")
        try:
            assert under_way(process, tmp_path / "out", size=SOME), "it ended before it was cut"
        except BaseException:
            end(process)
            raise
    code, said = finish(process)
    assert code == 2
    assert "the scheduler did not answer for 60 s" in said
    code, said = finish(start(scenario, tmp_path / "out", "--resume"))
    assert (code, said) == (0, "")
    assert tables(tmp_path / "out") == undisturbed


def test_killed_twenty_times_and_resumed(
    scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    """Kills the process (-9) at 20 random moments, from its start to the end of its work."""
    moments = random.Random(20261122)
    killed = 0
    while killed < 20:
        folder = tmp_path / f"out-{killed // 10}"  # two sweeps, ten kills each
        process = start(scenario, folder, "--threads", "2", "--resume")
        try:
            if killed % 5 == 0:  # some before, or while, the checkpoint is made
                time.sleep(moments.uniform(0.5, 6.0))
            else:
                under_way(process, folder)
                time.sleep(moments.uniform(0.0, 0.6))
            if process.poll() is not None:  # finished: its tables were written; kill the next run
                assert process.returncode == 0
        finally:
            end(process)
        killed += 1
    for sweep in range(2):
        folder = tmp_path / f"out-{sweep}"
        code, said = finish(start(scenario, folder, "--threads", "2", "--resume"))
        assert (code, said) == (0, "")
        assert tables(folder) == undisturbed


@pytest.mark.parametrize("how", [("--threads", "2"), ("--workers", "2")])
def test_ctrl_c_ends_all_and_says_how_to_go_on(
    how: tuple[str, str], scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    process = start(scenario, folder, *how)
    try:
        assert under_way(process, folder, size=SOME), "it ended before it was stopped"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        code, said = finish(process, within=60)
        deadline = time.monotonic() + 20
        while (left := group(process)) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == []
    finally:
        end(process)
    assert code == 130
    assert said == f"Stopped; what was computed is kept in {folder}: continue with --resume.\n"
    code, said = finish(start(scenario, folder, "--resume", *how))
    assert (code, said) == (0, "")
    assert tables(folder) == undisturbed
