"""A run folder is complete or absent: it is written aside and renamed when all is well."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from simulator.errors import OutputError

#: The file by which we know a folder that we made, and may therefore replace.
MARK = "provenance.json"

_NO_ROOM = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
_DISK = {errno.EROFS: "the disk is read-only", errno.EIO: "the disk does not answer"}


@contextmanager
def run_folder(path: str | Path, *, force: bool = False) -> Iterator[Path]:
    """Give a folder to write into; on success it becomes ``path``, otherwise nothing is left.

    The work goes to ``.<name>.partial-<random>`` beside ``path``, so that the last step is a
    rename on one disk. A process that is killed leaves that folder and nothing under ``path``.

    Parameters
    ----------
    path : the folder to make. Missing parents are made.
    force : replace ``path`` if it is a run folder of ours, or empty.

    Yields
    ------
    folder : an existing empty folder. Write ``provenance.json`` into it: a run folder without
        its origin is not complete.

    Raises
    ------
    OutputError : ``path`` exists and may not be replaced, cannot be written, or the disk is full.
    """
    target, replace = _checked_target(Path(path), force=force)
    made_parents = _make_parents(target.parent)
    aside = target.parent / f".{target.name[:100]}.partial-{secrets.token_hex(4)}"
    done = False
    try:
        with _disk_errors(target, inside=target.parent):
            aside.mkdir()
        with _disk_errors(target, inside=aside):
            yield aside
            if not (aside / MARK).is_file():
                raise OutputError(f"{target}: incomplete, {MARK} was not written")
        with _disk_errors(target, inside=target.parent):
            _put_in_place(aside, target, replace=replace)
        done = True
    finally:
        if not done:
            shutil.rmtree(aside, ignore_errors=True)
            for parent in made_parents:
                with suppress(OSError):  # somebody may have put something there meanwhile
                    parent.rmdir()


def is_ours(path: Path) -> bool:
    """Return whether a folder is a run folder that this program wrote."""
    try:
        found = json.loads((path / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("made_by") == "afcsim"


def _checked_target(path: Path, *, force: bool) -> tuple[Path, bool]:
    """Return the absolute path, and whether something of ours there is to be replaced."""
    try:
        target = path.expanduser().absolute()
        exists = os.path.lexists(target)
        plain = target.is_dir() and not target.is_symlink()
        empty = plain and not any(target.iterdir())
        here = target.resolve() in (Path.cwd().resolve(), *Path.cwd().resolve().parents)
    except (OSError, ValueError, RuntimeError) as error:
        raise OutputError(f"{path}: cannot be used as a folder: {_reason(error)}") from error
    if here:
        raise OutputError(f"{path}: is the folder you are in, or one above it; name a new folder")
    if not exists:
        return target, False
    if not plain:
        raise OutputError(f"{path}: exists and is not a folder; name a new folder")
    if not force:
        raise OutputError(f"{path}: exists already; name a new folder, or add --force")
    if not (empty or is_ours(target)):
        raise OutputError(
            f"{path}: is not a run folder of afcsim (no {MARK} of ours in it), so --force does "
            "not replace it; name a new folder"
        )
    return target, True


def _make_parents(parent: Path) -> list[Path]:
    """Make missing parents; return those that were made, innermost first."""
    missing = [folder for folder in (parent, *parent.parents) if not os.path.lexists(folder)]
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{parent}: cannot be made: {_reason(error)}") from error
    return missing


def _put_in_place(aside: Path, target: Path, *, replace: bool) -> None:
    if not replace:  # a folder that appeared meanwhile makes this fail, as it should
        aside.rename(target)
        return
    old = target.parent / f".{target.name[:100]}.replaced-{secrets.token_hex(4)}"
    target.rename(old)
    try:
        aside.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _disk_errors(target: Path, *, inside: Path) -> Iterator[None]:
    """Turn failures of the disk into one clear message; other errors are not ours to explain."""
    try:
        yield
    except OSError as error:
        about = str(error.filename or "")
        if error.errno in (_NO_ROOM | _DISK) or about.startswith(str(inside)):
            raise OutputError(
                f"{target}: cannot be written: {_reason(error)}; nothing was left behind"
            ) from error
        raise


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        known = (_NO_ROOM | _DISK).get(error.errno)
        return known or (error.strerror or str(error)).lower()
    return str(error)
