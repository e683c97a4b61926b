"""The finished runs of an audit, line by line, so that a stopped audit can go on."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, get_args

from simulator.auditing.claims import Claims
from simulator.auditing.evidence import WORLDS, World
from simulator.auditing.outcome import Failure, Outcome
from simulator.errors import OutputError

#: Of the lines; a journal of another number is not read.
_SCHEMA: Final = 1
_FAILURES: Final = frozenset(get_args(Failure))
#: What to call the parts of a key that has changed.
_WORDS: Final = {
    "digest": "the scenario",
    "fingerprint": "the command, or a script that it names,",
    "version": "this program",
    "n": "the number of animals",
    "timeout": "the time limit",
    "schema": "the form of the journal",
    "comparisons": "the number of comparisons",
}
#: Longest value of a key that is shown; digests are longer.
_SHOWN: Final = 24


class Journal:
    """An append-only file of outcomes. Several threads may record.

    The first line is the key: what the outcomes depend on. Every other line is an outcome. A line
    that was cut off when the audit was killed is dropped.

    Attributes
    ----------
    known : outcomes that were recorded before, by world and replicate.
    """

    def __init__(self, path: Path, handle: int, known: Mapping[tuple[World, int], Outcome]) -> None:
        self.known = known
        self._path, self._handle = path, handle
        self._lock = threading.Lock()

    @classmethod
    def open(
        cls, path: str | Path, key: Mapping[str, Any], *, comparisons: int, resume: bool
    ) -> Journal:
        """Open a journal and keep others from writing it.

        Parameters
        ----------
        path : of the file; made if it is not there.
        key : what the outcomes depend on, as plain values: digest of the scenario, seed, n,
            fingerprint of the command, timeout, version of this program.
        comparisons : of the plan.
        resume : go on with what is there; otherwise nothing may be.

        Raises
        ------
        OutputError : it cannot be written, another audit is writing it, it has outcomes and is not
            to be resumed, they were made under another key, or it is damaged.
        """
        target = Path(path)
        key = json.loads(json.dumps({"schema": _SCHEMA, **key, "comparisons": comparisons}))
        try:
            handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
        try:
            _lock(handle, target)
            known = _take_up(handle, target, key, resume=resume)
        except BaseException:
            os.close(handle)
            raise
        return cls(target, handle, known)

    def record(self, world: World, replicate: int, outcome: Outcome) -> None:
        """Write an outcome; when this returns it outlives the program.

        Raises
        ------
        OutputError : it cannot be written.
        """
        line: dict[str, Any] = {"world": world, "replicate": replicate}
        if outcome.claims is not None:
            line["claims"] = outcome.claims.to_dict()
            if outcome.claims.notes:
                line["notes"] = outcome.claims.notes
        else:
            line |= {"failure": outcome.failure, "message": outcome.message}
        with self._lock:
            _write(self._handle, self._path, line)

    def close(self) -> None:
        """Close the file and let others write it."""
        with self._lock:
            if self._handle >= 0:
                os.close(self._handle)
                self._handle = -1

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _lock(handle: int, path: Path) -> None:
    """Keep others from writing; the system undoes it when this process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(
            f"{path}: another audit is writing it; wait for its end, or choose another folder"
        ) from None
    except OSError:  # a file system without locks
        return


def _take_up(
    handle: int, path: Path, key: Mapping[str, Any], *, resume: bool
) -> dict[tuple[World, int], Outcome]:
    """Return the outcomes that are there, with nothing but whole lines left in the file."""
    try:
        with os.fdopen(os.dup(handle), "rb") as stream:
            stream.seek(0)
            whole, mark, _ = stream.read().rpartition(b"\n")
        os.ftruncate(handle, len(whole) + len(mark))
    except OSError as error:
        raise OutputError(f"cannot read {path}: {error.strerror or error}") from error
    if not mark:
        _write(handle, path, {"key": key})
        return {}
    first, *rest = whole.split(b"\n")
    there = _parsed(first, path, 1).get("key")
    if not isinstance(there, dict):
        raise _damaged(path, 1)
    if rest and not resume:
        raise OutputError(
            f"{path} has {len(rest)} runs of an earlier audit: go on with it (--resume), "
            "choose another folder, or remove it"
        )
    if there != key:
        if not rest:
            os.ftruncate(handle, 0)
            _write(handle, path, {"key": key})
            return {}
        raise OutputError(_changed(path, there, key))
    found: dict[tuple[World, int], Outcome] = {}
    for number, line in enumerate(rest, start=2):
        world, replicate, outcome = _outcome(line, path, number, size=key["comparisons"])
        found[world, replicate] = outcome
    return found


def _changed(path: Path, there: Mapping[str, Any], key: Mapping[str, Any]) -> str:
    found = []
    for name in dict.fromkeys((*key, *there)):
        then, now = there.get(name), key.get(name)
        if then != now:
            shown = f" ({then} then, {now} now)"
            hidden = any(one is None or len(str(one)) > _SHOWN for one in (then, now))
            found.append(f"{_WORDS.get(name, name)} has changed since{'' if hidden else shown}")
    return (
        f"{path} cannot be gone on with: {'; '.join(found)}. "
        "Put it back as it was, or start anew in another folder (without --resume)"
    )


def _parsed(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise _damaged(path, number) from None
    if not isinstance(found, dict):
        raise _damaged(path, number)
    return found


def _outcome(line: bytes, path: Path, number: int, *, size: int) -> tuple[World, int, Outcome]:
    found = _parsed(line, path, number)
    world, replicate = found.get("world"), found.get("replicate")
    try:
        if world in WORLDS and isinstance(replicate, int):
            if "claims" in found:
                columns = found["claims"]
                cells = [cell for column in columns.values() for cell in column]
                right = all(len(column) == size for column in columns.values())
                if right and all(cell is None or isinstance(cell, float) for cell in cells):
                    notes = tuple(str(one) for one in found.get("notes", ()))
                    claims = Claims.from_dict(columns, size=size, notes=notes)
                    return world, replicate, Outcome(claims)
                raise _damaged(path, number)
            if found["failure"] in _FAILURES:
                return world, replicate, Outcome(None, found["failure"], str(found["message"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise _damaged(path, number)


def _damaged(path: Path, number: int) -> OutputError:
    return OutputError(f"{path}: line {number} is not ours or is damaged; remove it and start anew")


def _write(handle: int, path: Path, line: Mapping[str, Any]) -> None:
    rest = memoryview(json.dumps(line, separators=(",", ":")).encode() + b"\n")
    size = os.fstat(handle).st_size
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
    except OSError as error:
        with contextlib.suppress(OSError):  # the disk is full: no half line for the next to follow
            os.ftruncate(handle, size)
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
