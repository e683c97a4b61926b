"""Kernels are never older than their sources, wherever the machine code can be kept."""

import ast
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import simulator
from simulator import compiled

PACKAGE = Path(simulator.__file__).parent

#: Prints what a kernel says whose callee lies in another file.
_CALL = """
import numpy as np
from simulator.compiled import FOLDER, is_kept
from simulator.evaluation.decisions.comparing import level_of
before = is_kept("level_of")
print(level_of(0.03, np.array([0.05])) == 1, before, is_kept("level_of"), FOLDER)
"""


@pytest.fixture
def site(tmp_path):
    """A copy of the package without anything compiled."""
    copy = tmp_path / "site" / "simulator"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy.parent


def environment(site, **more):
    bare = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    return {**bare, "PYTHONPATH": str(site), **more}


def call(site, **more):
    """Return (answer, kept before, kept after, folder) of a new process."""
    command = [sys.executable, "-B", "-c", _CALL]
    done = subprocess.run(
        command, env=environment(site, **more), cwd=site, capture_output=True, text=True, check=True
    )
    answer, before, after, folder = done.stdout.split()
    return answer == "True", before == "True", after == "True", folder


def change_the_callee(site):
    path = site / "simulator" / "analysis" / "multiplicity.py"
    source = path.read_text()
    rule = "return bool(p <= alpha * (1.0 + ALPHA_TOLERANCE))"
    assert rule in source
    path.write_text(source.replace(rule, "return bool(p <= 0.5 * alpha)"))


@pytest.mark.parametrize("chosen", [False, True], ids=["in the package", "NUMBA_CACHE_DIR"])
def test_a_changed_callee_changes_the_caller(site, tmp_path, chosen):
    """Regression: the old kernel stayed inside its callers until the cache was deleted."""
    more = {"NUMBA_CACHE_DIR": str(tmp_path / "mine")} if chosen else {}
    answer, before, after, first = call(site, **more)
    assert (answer, before, after) == (True, False, True)
    assert call(site, **more) == (True, True, True, first)  # nothing is compiled again
    assert first.startswith(str(tmp_path / "mine" if chosen else site / "simulator"))
    change_the_callee(site)
    answer, before, _, second = call(site, **more)
    assert (answer, before) == (False, False)
    assert second != first


def test_a_package_that_cannot_be_written_to(site, tmp_path):
    # a file where the folder should be stops everyone, the superuser too
    (site / "simulator" / "__pycache__").write_text("")
    more = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    answer, _, after, folder = call(site, **more)
    assert (answer, after) == (True, True)
    assert Path(folder).parent == tmp_path / "cache" / "afcsim"


def test_two_processes_at_once(site):
    command = [sys.executable, "-B", "-c", _CALL]
    both = [
        subprocess.Popen(
            command, env=environment(site), cwd=site, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    answers = [process.communicate()[0].split()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert answers == ["True", "True"]
    assert call(site)[:2] == (True, True)


def test_nowhere_to_write(tmp_path):
    (tmp_path / "file").write_text("")
    assert compiled._choose([tmp_path / "file"], "kernels-x") is None
    (tmp_path / "there").mkdir()
    places = [tmp_path / "file", tmp_path / "there"]
    assert compiled._choose(places, "kernels-x") == tmp_path / "there" / "kernels-x"


def test_folders_long_unused_are_removed(tmp_path):
    ages = {"kernels-old": 31, "kernels-recent": 29, "other": 99, "kernels-mine": 99}
    for name, days in ages.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "code").write_text("")
        then = time.time() - days * 86_400
        os.utime(tmp_path / name, (then, then))
    compiled._choose([tmp_path], "kernels-mine")  # choosing it is using it
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"kernels-recent", "other", "kernels-mine"}


@pytest.mark.skipif(os.name == "nt", reason="there is no shared temporary folder")
def test_a_temporary_folder_that_others_may_write_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path))
    mine = compiled._private_temporary()
    assert mine.stat().st_mode & 0o777 == 0o700
    mine.chmod(0o777)
    with pytest.raises(PermissionError, match="is not private"):
        compiled._private_temporary()


def test_what_kernels_use_is_in_the_digest():
    """A kernel's code holds the constants and kernels it uses: their files must be digested."""
    files = compiled._digested()
    rooms = {f"simulator/{name}".removesuffix(".py").replace("/", ".") for name in files}
    seen = set()
    for path, source in files.items():
        tree = ast.parse(source)
        kernels = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
            and any(isinstance(d, ast.Name) and d.id == "kernel" for d in node.decorator_list)
        ]
        bodies = [statement for node in kernels for statement in node.body]
        used = {n.id for body in bodies for n in ast.walk(body) if isinstance(n, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("simulator."):
                for name in used & {alias.asname or alias.name for alias in node.names}:
                    assert node.module in rooms, f"{path}: {name} is not in the digest"
                    seen.add(name)
    assert {"rejects", "SMALLEST_ARM", "ALPHA_TOLERANCE"} <= seen


def test_only_one_decorator_compiles():
    users = [p.name for p in PACKAGE.rglob("*.py") if b"import numba" in p.read_bytes()]
    users += [p.name for p in PACKAGE.rglob("*.py") if b"from numba" in p.read_bytes()]
    assert users == ["compiled.py"]


def test_one_process_at_a_time_keeps_what_it_compiles(site):
    """Two processes that filled the folder side by side left code that crashed a third."""
    fcntl = pytest.importorskip("fcntl")
    folder = Path(call(site)[3])
    for kept in folder.rglob("*.nb?"):
        kept.unlink()
    with (folder / "writer").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert call(site)[:3] == (True, False, False)  # right, and nothing is kept
    assert call(site)[:3] == (True, False, True)
