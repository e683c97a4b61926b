"""Whether a folder may be used, and whether its checkpoint is that of this sweep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.errors import OutputError, Problem, RunFolderError
from simulator.sweeping.checkpoint import FORMAT, NAME, Checkpoint
from simulator.versions import program

#: Most changed paths that a message lists.
_MOST = 12
_ABSENT = object()


def usable_folder(path: str | Path, *, resume: bool) -> Path:
    """Return the folder of a sweep, which need not exist yet.

    Raises
    ------
    OutputError : it holds something else, or a sweep that was begun and is not to be resumed.
    """
    folder = Path(path).expanduser()
    try:
        if not folder.exists():
            return folder
        if not folder.is_dir():
            raise OutputError(f"{path}: exists and is not a folder; name a new folder")
        found = {entry.name for entry in folder.iterdir()}
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{path}: cannot be used: {reason}; name another folder") from error
    if NAME in found and not resume:
        raise OutputError(
            f"{path}: holds a sweep that was begun; continue it with --resume, or name a new folder"
        )
    if found and NAME not in found:
        raise OutputError(f"{path}: is not empty and holds no sweep; name a new folder")
    return folder


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it.

    Raises
    ------
    OutputError : it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{folder}: cannot be made: {reason}; name another folder") from error


def agreed_replicates(checkpoint: Checkpoint, *, base: str, asked: int | None, stated: int) -> int:
    """Return the replicates of every design, after a look at what the checkpoint is of.

    A new checkpoint is signed; one that was begun must be of the same scenario and versions.

    Parameters
    ----------
    base : the text of the scenario without its sweep.
    asked : on the command line; None where nothing was said.
    stated : in the file.

    Raises
    ------
    RunFolderError : the scenario has changed.
    OutputError : other versions made it, or fewer replicates are asked for than there are.
    """
    before = checkpoint.note("format")
    if before is None:
        count = stated if asked is None else asked
        checkpoint.set_notes(format=FORMAT, base=base, program=program(), replicates=str(count))
        return count
    if before != FORMAT:
        raise OutputError(
            f"{checkpoint.path}: has format {before}, this version reads {FORMAT}; resume it with "
            "the version that began it, or name a new folder"
        )
    was = checkpoint.note("base") or "{}"
    if was != base:
        _changed(checkpoint, json.loads(was), json.loads(base))
    made_with = checkpoint.note("program")
    if made_with != program():
        raise OutputError(
            f"{checkpoint.path}: was begun with {made_with}; this is {program()}. Resume it with "
            "those versions, or name a new folder: numbers of both are not to be mixed"
        )
    there = int(checkpoint.note("replicates") or 0)
    count = max(stated, there) if asked is None else asked
    if count < there:
        raise OutputError(
            f"{checkpoint.path}: has {there:,} replicates of a design already, so {count:,} are "
            f"fewer than there are: ask for {there:,} or more, or name a new folder"
        )
    if count > there:
        checkpoint.set_notes(replicates=str(count))
    return count


def _changed(checkpoint: Checkpoint, before: Any, now: Any) -> None:
    found = list(_differences(before, now))
    problems = [Problem(path, text) for path, text in found[:_MOST]]
    if found[_MOST:]:
        problems.append(Problem("", f"and {len(found) - _MOST} more"))
    if not problems:
        problems = [Problem("", "arms, families or endpoints stand in another order")]
    problems.append(
        Problem(
            "",
            "undo the change to resume (only sweep, worlds and replicates may change), "
            "or name a new folder",
        )
    )
    raise RunFolderError(f"{checkpoint.path}: the scenario has changed since", problems)


def _differences(before: Any, now: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every path that differs, with what it was and is."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*before, *now]):
            inner = f"{path}.{key}" if path else key
            yield from _differences(before.get(key, _ABSENT), now.get(key, _ABSENT), inner)
    elif before != now:
        yield path, f"was {_text(before)}, is {_text(now)}"


def _text(value: Any) -> str:
    if value is _ABSENT:
        return "absent"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
