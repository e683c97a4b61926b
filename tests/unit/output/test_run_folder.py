"""A run folder is complete or absent, whatever happens while it is written."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from simulator.errors import OutputError
from simulator.output.run_folder import MARK, is_ours, run_folder, written_by

OURS = json.dumps({"made_by": "afcsim"})


def _ours_of(folder: Path, command: str) -> None:
    """Make a folder as a command leaves it."""
    folder.mkdir()
    (folder / "result.json").write_text("old")
    (folder / MARK).write_text(json.dumps({"made_by": "afcsim", "made_with": command}))


def _write(folder: Path, text: str = "1") -> None:
    (folder / "result.json").write_text(text)
    (folder / MARK).write_text(OURS)


def _fail(folder: Path, error: BaseException) -> None:
    _write(folder, "new")
    raise error


def _interfere(folder: Path, target: Path) -> None:
    _write(folder)
    target.mkdir()
    (target / "theirs.txt").write_text("theirs")


def test_success_leaves_exactly_the_folder(tmp_path: Path) -> None:
    with run_folder(tmp_path / "run") as folder:
        assert not (tmp_path / "run").exists()  # nobody can see half a run
        _write(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"result.json", MARK}


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt(), SystemExit(3)])
def test_failure_leaves_nothing_not_even_parents(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)), run_folder(tmp_path / "new" / "run") as folder:
        _fail(folder, error)
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_its_origin_is_not_complete(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"provenance\.json was not written"),
        run_folder(tmp_path / "run") as folder,
    ):
        (folder / "result.json").write_text("1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is read-only")],
)
def test_a_disk_that_fails_is_one_clear_message(tmp_path: Path, number: int, reason: str) -> None:
    with (
        pytest.raises(OutputError, match=f"run: cannot be written: {reason}; nothing was left"),
        run_folder(tmp_path / "run") as folder,
    ):
        _fail(folder, OSError(number, "as the system says it"))
    assert list(tmp_path.iterdir()) == []


def test_an_error_that_is_not_the_disks_passes_through(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="elsewhere"), run_folder(tmp_path / "run"):
        Path("/elsewhere/data.csv").read_text()


def test_an_existing_folder_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("precious")
    with pytest.raises(OutputError, match="exists already"), run_folder(tmp_path / "run"):
        pytest.fail("the work must not start")
    with (
        pytest.raises(OutputError, match="not a run folder of afcsim"),
        run_folder(tmp_path / "run", force=True),
    ):
        pytest.fail("the work must not start")
    assert (tmp_path / "run" / "mine.txt").read_text() == "precious"


def test_force_replaces_our_folder_whole(tmp_path: Path) -> None:
    with run_folder(tmp_path / "run") as folder:
        _write(folder, "old")
        (folder / "old.csv").write_text("old")
    with run_folder(tmp_path / "run", force=True) as folder:
        _write(folder, "new")
    assert (tmp_path / "run" / "result.json").read_text() == "new"
    assert not (tmp_path / "run" / "old.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_force_replaces_what_the_same_command_wrote(tmp_path: Path) -> None:
    _ours_of(tmp_path / "run", "conduct")
    with run_folder(tmp_path / "run", force=True, command="conduct") as folder:
        _write(folder, "new")
    assert (tmp_path / "run" / "result.json").read_text() == "new"


@pytest.mark.parametrize("command", ["conduct", ""])
def test_force_never_replaces_what_another_command_wrote(tmp_path: Path, command: str) -> None:
    _ours_of(tmp_path / "run", "size")
    with (
        pytest.raises(OutputError, match="written by afcsim size; --force replaces only what the"),
        run_folder(tmp_path / "run", force=True, command=command),
    ):
        pytest.fail("the work must not start")
    assert (tmp_path / "run" / "result.json").read_text() == "old"


@pytest.mark.parametrize("mark", ["allocate", "conduct"])
def test_a_key_is_replaced_by_allocate_alone(tmp_path: Path, mark: str) -> None:
    _ours_of(tmp_path / "run", mark)
    (tmp_path / "run" / "key").mkdir()
    with (
        pytest.raises(OutputError, match="holds the key of an allocation"),
        run_folder(tmp_path / "run", force=True, command="conduct"),
    ):
        pytest.fail("the work must not start")
    assert (tmp_path / "run" / "key").is_dir()
    _ours_of(tmp_path / "sheets", "allocate")
    (tmp_path / "sheets" / "key").mkdir()
    with run_folder(tmp_path / "sheets", force=True, command="allocate") as folder:
        _write(folder)
    assert not (tmp_path / "sheets" / "key").exists()


def test_who_wrote_a_folder(tmp_path: Path) -> None:
    marks: dict[str, object] = {
        '{"made_by": "afcsim", "made_with": "size"}': "size",
        '{"made_by": "afcsim", "command": ["afcsim", "power", "x"]}': "power",  # older
        '{"made_by": "afcsim", "command": ["afcsim"]}': "",
        '{"made_by": "afcsim", "made_with": 3}': "",
        '{"made_by": "somebody", "made_with": "size"}': "",
    }
    for text, command in marks.items():
        (tmp_path / MARK).write_text(text)
        assert written_by(tmp_path) == command


def test_force_keeps_the_old_run_when_the_new_one_fails(tmp_path: Path) -> None:
    with run_folder(tmp_path / "run") as folder:
        _write(folder, "old")
    with (
        pytest.raises(RuntimeError, match="bug"),
        run_folder(tmp_path / "run", force=True) as folder,
    ):
        _fail(folder, RuntimeError("bug"))
    assert (tmp_path / "run" / "result.json").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_folder_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"), run_folder(tmp_path / "run") as f:
        _interfere(f, tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["theirs.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_a_killed_run_left_does_not_stop_the_next(tmp_path: Path) -> None:
    left = tmp_path / ".run.partial-0badcafe"
    left.mkdir()
    with run_folder(tmp_path / "run") as folder:
        assert folder.name.startswith(".run.partial-")
        _write(folder)
    assert (tmp_path / "run" / MARK).exists()
    assert left.exists()  # it may belong to a run that is still going


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("kind", ["file", "link", "below a file", "here", "above", "zero byte"])
def test_paths_that_cannot_be_a_run_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, force: bool
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / MARK).write_text(OURS)
    (tmp_path / "link").symlink_to(tmp_path / "ours")
    monkeypatch.chdir(tmp_path / "ours")
    path, message = {
        "file": (tmp_path / "file", "is not a folder"),
        "link": (tmp_path / "link", "the folder you are in|is not a folder"),
        "below a file": (tmp_path / "file" / "run", "cannot be made|cannot be used"),
        "here": (Path("."), "the folder you are in"),
        "above": (Path(".."), "the folder you are in"),
        "zero byte": (Path("a\0b"), "cannot be used as a folder"),
    }[kind]
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(OutputError, match=message), run_folder(path, force=force):
        pytest.fail("the work must not start")
    assert sorted(tmp_path.rglob("*")) == before


def test_only_our_mark_makes_a_folder_ours(tmp_path: Path) -> None:
    assert not is_ours(tmp_path)
    for text in ("", "[1]", "{}", '{"made_by": "somebody"}', "\xff"):
        (tmp_path / MARK).write_text(text, encoding="latin-1")
        assert not is_ours(tmp_path)
    (tmp_path / MARK).write_text(OURS)
    assert is_ours(tmp_path)
