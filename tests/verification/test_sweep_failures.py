"""Disks that are full, folders that cannot be written: one clear message, nothing finished lost."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulator.engine.local import LocalEngine
from simulator.errors import OutputError
from simulator.scenario_files import load_text
from simulator.sweeping.sweep import sweep
from tests.verification.sweep_runs import ROOT, SCENARIO, finish, start, tables

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform == "win32", reason="file systems and limits of Unix"),
]

#: 24 designs, 3 tasks of each: some 70 commits, which need about 1 MB.
REPLICATES = 12_000
Mount = Callable[[str], None]


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


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tuple[Path, Mount]]:
    """Give a file system of its own, and a function that mounts it anew with other options."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"cannot mount a small file system: {error}")
    if done.returncode:
        pytest.skip(f"may not mount a small file system: {done.stderr.strip()}")

    def anew(options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)

    try:
        yield place, anew
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _said_once(said: str, *parts: str) -> None:
    assert "Traceback" not in said
    assert said.strip().count("\n") == 0, said
    for part in parts:
        assert part in said


def _rows(folder: Path) -> int:
    """Return how many results the checkpoint has, of a copy: looking changes nothing."""
    import shutil
    import sqlite3
    import tempfile

    with tempfile.TemporaryDirectory() as aside:
        for file in folder.glob("checkpoint.sqlite*"):
            shutil.copy(file, aside)
        base = sqlite3.connect(Path(aside) / "checkpoint.sqlite")
        try:
            (found,) = base.execute("SELECT count(*) FROM results").fetchone()
        finally:
            base.close()
    return int(found)


@pytest.mark.parametrize("how", [("--threads", "2"), ("--workers", "2")])
def test_a_full_disk_in_the_middle_loses_nothing(
    how: tuple[str, str],
    scenario: Path,
    undisturbed: dict[str, str],
    disk: tuple[Path, Mount],
) -> None:
    place, mount = disk
    mount("size=400k")
    code, said = finish(start(scenario, place / "out", *how))
    assert code == 2
    _said_once(said, "the disk is full; what was computed is kept: make room", "--resume")
    kept = _rows(place / "out")
    assert 0 < kept < 72
    code, said = finish(start(scenario, place / "out", *how, "--resume"))  # still full
    assert code == 2
    _said_once(said, "the disk is full", "--resume")
    mount("size=64m")
    assert _rows(place / "out") >= kept
    code, said = finish(start(scenario, place / "out", *how, "--resume"))
    assert (code, said) == (0, "")
    assert tables(place / "out") == undisturbed


def test_a_disk_that_is_full_from_the_start(
    scenario: Path, undisturbed: dict[str, str], disk: tuple[Path, Mount]
) -> None:
    place, mount = disk
    mount("size=8k")
    code, said = finish(start(scenario, place / "out"))
    assert code == 2
    _said_once(said, "the disk is full")
    mount("size=64m")
    code, said = finish(start(scenario, place / "out", "--resume"))
    assert (code, said) == (0, "")
    assert tables(place / "out") == undisturbed


def test_a_disk_that_is_full_when_the_tables_are_written(
    scenario: Path, undisturbed: dict[str, str], disk: tuple[Path, Mount]
) -> None:
    """Leaves the tables that were there, and no half of one."""
    place, mount = disk
    out = place / "out"
    code, said = finish(start(scenario, out))
    assert (code, said) == (0, "")
    before = sorted(out.rglob("*"))
    used = sum(file.stat().st_blocks * 512 for file in before) // 1024
    mount(f"size={used + 100}k")  # the checkpoint's log has room, not the tables
    code, said = finish(start(scenario, out, "--resume"))
    assert code == 2
    _said_once(said, "the tables cannot be written: the disk is full", "--resume")
    assert sorted(file for file in out.rglob("*") if "checkpoint" not in file.name) == [
        file for file in before if "checkpoint" not in file.name
    ]
    assert tables(out) == undisturbed
    mount("size=64m")
    code, said = finish(start(scenario, out, "--resume"))
    assert (code, said) == (0, "")
    assert tables(out) == undisturbed


def test_files_that_may_not_grow_lose_nothing(
    scenario: Path, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    """Needs no rights: a limit on the size of files, as a quota is, stands in for the disk."""
    limit = 300_000
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "sweep", str(scenario), "-o", str(tmp_path / "out")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        ),
    )
    assert done.returncode == 2
    _said_once(done.stderr, "what was computed is kept", "--resume")
    assert 0 < _rows(tmp_path / "out") < 72
    code, said = finish(start(scenario, tmp_path / "out", "--resume"))
    assert (code, said) == (0, "")
    assert tables(tmp_path / "out") == undisturbed


def test_a_file_system_that_is_read_only(scenario: Path, disk: tuple[Path, Mount]) -> None:
    place, mount = disk
    code, said = finish(start(scenario, place / "begun", "-r", "100"))
    assert (code, said) == (0, "")
    mount("ro")
    code, said = finish(start(scenario, place / "out"))
    assert code == 2
    _said_once(said, "cannot be made: read-only file system", "name another folder")
    code, said = finish(start(scenario, place / "begun", "--resume"))
    assert code == 2
    _said_once(said, "cannot be read or written", "what was computed is kept", "--resume")


def test_a_folder_that_another_user_may_not_write(tmp_path: Path) -> None:
    """In a child that gives up its rights where it has all of them."""
    text = SCENARIO.replace("REPLICATES", "100")
    study = load_text(text).scenario
    sweep(study, tmp_path / "first", engine=LocalEngine(1))  # all is imported and compiled
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "no error"
        try:
            os.chdir(closed)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            sweep(study, "out", engine=LocalEngine(1))
        except OutputError as error:
            said = f"OutputError: {error}"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    assert said == "OutputError: out: cannot be made: permission denied; name another folder"


@pytest.mark.parametrize("inner", ["", "inside"])
def test_a_file_in_the_place_of_the_folder(inner: str, scenario: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    code, said = finish(start(scenario, tmp_path / "file" / inner))
    assert code == 2
    _said_once(said, "name a new folder" if not inner else "name another folder")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
