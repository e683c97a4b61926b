"""A run folder is complete or absent: it is written aside and renamed when all is well."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.errors import OutputError
from simulator.output.json_text import to_json
from simulator.output.provenance import Provenance
from simulator.scenario import Scenario
from simulator.scenario_files import dump_scenario

#: The file by which we know a folder that we made, and may therefore replace.
MARK = "provenance.json"
#: The command whose folder holds a key, and the part of the folder that holds it: who gets what
#: cannot be known again once it is lost.
_KEEPS_KEY, _KEY = "allocate", "key"

_NO_ROOM = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the disk quota is used up"}
_DISK = {errno.EROFS: "the disk is read-only", errno.EIO: "the disk does not answer"}


@contextmanager
def run_folder(path: str | Path, *, force: bool = False, command: str = "") -> Iterator[Path]:
    """Give a folder to write into; on success it becomes ``path``, otherwise nothing is left.

    The work goes to ``.<name>.partial-<random>`` beside ``path``, so that the last step is a
    rename on one disk. A process that is killed leaves that folder and nothing under ``path``.

    Parameters
    ----------
    path : the folder to make. Missing parents are made.
    force : replace ``path`` if it is empty, or a run folder that the same command wrote.
    command : name of the command that writes, as in ``provenance.json``; empty from Python.

    Yields
    ------
    folder : an existing empty folder. Write ``provenance.json`` into it: a run folder without
        its origin is not complete.

    Raises
    ------
    OutputError : ``path`` exists and may not be replaced, cannot be written, or the disk is full.
    """
    target, replace = _checked_target(Path(path), force=force, command=command)
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
    return _mark(path) is not None


def written_by(path: Path) -> str:
    """Return the name of the command that wrote a run folder of ours; empty where none is told."""
    found = _mark(path) or {}
    name = found.get("made_with")
    if name is None:  # of an older version: the second word of the command line
        typed = found.get("command")
        name = typed[1] if isinstance(typed, list) and len(typed) > 1 else ""
    return name if isinstance(name, str) else ""


def _mark(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((path / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and found.get("made_by") == "afcsim" else None


def _checked_target(path: Path, *, force: bool, command: str) -> tuple[Path, bool]:
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
    if not empty:
        _refuse_others(path, target, command)
    return target, True


def _refuse_others(path: Path, target: Path, command: str) -> None:
    """Raise unless the folder of ours was written by the same command."""
    own = "--force replaces only what the same command wrote; name a new folder"
    if command != _KEEPS_KEY and os.path.lexists(target / _KEY):
        raise OutputError(
            f"{path}: holds the key of an allocation ({_KEY}/), without which nobody knows which "
            f"animal got what; {own}"
        )
    by = written_by(target)
    if by != command:
        whose = f"was written by afcsim {by}" if by else "was not written by a command of afcsim"
        raise OutputError(f"{path}: {whose}; {own}")


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


def write_origin(folder: Path, scenario: Scenario, origin: Provenance) -> None:
    """Write what it takes to repeat a result, as the last thing that goes into a folder.

    The resolved scenario and the provenance, which seals the answer: the digest of
    ``result.json`` where there is one.
    """
    result = folder / "result.json"
    if result.is_file():
        origin = replace(origin, answer=digest_of(result))
    write_text(folder / "scenario.yaml", dump_scenario(scenario))
    write_text(folder / MARK, to_json(origin.to_dict()))


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_text(path: Path, text: str) -> None:
    """Write a text that ends with one line break, the same on every system."""
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")
