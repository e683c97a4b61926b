"""What a sweep has computed, in one file: a row per finished task, written as it arrives.

SQLite keeps the file whole through a kill at any moment, and keeps a second process out. Every
row carries a digest of itself, so that a changed byte is seen and never becomes a number.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.errors import OutputError

FORMAT = "3"
NAME = "checkpoint.sqlite"
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE outlines (id BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE designs (point BLOB PRIMARY KEY, design BLOB NOT NULL, outline BLOB NOT NULL,
    error TEXT NOT NULL, seal BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE results (design BLOB NOT NULL, first INTEGER NOT NULL, replicates INTEGER NOT NULL,
    counts BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (design, first));
"""
#: The "chunk" of a design that cannot be simulated.
FAILED = -1
_SEAL = 16


@dataclass(frozen=True)
class Known:
    """A design that was met: its digest and the text of its outline, or what is wrong with it."""

    design: bytes
    outline: str
    error: str


@dataclass(frozen=True)
class Row:
    """Counts of consecutive replicates of a design, from chunk ``first`` on.

    Where ``first`` is ``FAILED``, the counts are a text: why the design cannot be simulated.
    """

    first: int
    replicates: int
    counts: bytes


class Checkpoint:
    """The file of a sweep, open in this process only; use it as a context.

    Parameters
    ----------
    folder : an existing folder.

    Raises
    ------
    OutputError : another process has it, it is damaged, or cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        with self._told():
            self._base = sqlite3.connect(
                self.path, timeout=0, isolation_level=None, check_same_thread=False
            )
        try:
            with self._told():
                self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
                # a commit outlives the death of the process; that of the machine may cost the last
                self._base.execute("PRAGMA journal_mode = WAL")
                self._base.execute("PRAGMA synchronous = NORMAL")
                self._base.execute("BEGIN EXCLUSIVE")  # held until closed
                found = {name for (name,) in self._base.execute("SELECT name FROM sqlite_master")}
                self.is_new = not found
                if self.is_new:
                    for statement in _TABLES.split(";\n"):
                        self._base.execute(statement)
                self._base.execute("COMMIT")
                if not self.is_new:
                    self._check(found)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Checkpoint:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others have it."""
        with suppress(sqlite3.Error):
            self._base.close()

    def discard_if_empty(self, *, made_folder: bool) -> None:
        """Remove the file where it holds no result, with the folder where that was made for it."""
        with suppress(sqlite3.Error, OSError):
            if self._base.execute("SELECT 1 FROM results LIMIT 1").fetchone() is None:
                self.close()
                self.path.unlink()
                if made_folder:
                    self.path.parent.rmdir()

    def _check(self, found: set[str]) -> None:
        if not {"meta", "designs", "results", "outlines"} <= found:
            raise OutputError(
                f"{self.path}: is a database, but no checkpoint of ours; name a new folder"
            )
        problem = self._base.execute("PRAGMA quick_check(1)").fetchone()
        if problem != ("ok",):
            raise sqlite3.DatabaseError(str(problem[0]))

    # -- meta ---------------------------------------------------------------------------------

    def note(self, name: str) -> str | None:
        """Return what was noted under a name; None where nothing was."""
        with self._told():
            row = self._base.execute(
                "SELECT value, seal FROM meta WHERE name = ?", (name,)
            ).fetchone()
            if row is None:
                return None
            self._sealed(row[1], name, row[0])
            return bytes(row[0]).decode()

    def set_notes(self, **notes: str) -> None:
        """Note texts under names, all or none."""
        with self._transaction():
            for name, text in notes.items():
                value = text.encode()
                self._base.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?, ?)",
                    (name, value, _seal(name, value)),
                )

    # -- designs ------------------------------------------------------------------------------

    def known(self, point: bytes) -> Known | None:
        """Return the design of a point of the sweep; None where it was not met yet."""
        with self._told():
            row = self._base.execute(
                "SELECT design, outline, error, seal FROM designs WHERE point = ?", (point,)
            ).fetchone()
            if row is None:
                return None
            design, outline, error, seal = row
            self._sealed(seal, point, design, outline, error)
            if error:
                return Known(design, "", error)
            text = self._base.execute("SELECT text FROM outlines WHERE id = ?", (outline,))
            found = text.fetchone()
            if found is None or _digest(found[0]) != outline:
                raise sqlite3.DatabaseError("what a design is asked is not what was written")
            return Known(design, found[0], "")

    def set_known(self, point: bytes, known: Known) -> None:
        """Keep the design of a point."""
        outline = _digest(known.outline)
        with self._transaction():
            if known.outline:
                self._base.execute(
                    "INSERT OR IGNORE INTO outlines VALUES (?, ?)", (outline, known.outline)
                )
            row = (point, known.design, outline, known.error)
            self._base.execute(
                "INSERT OR REPLACE INTO designs VALUES (?, ?, ?, ?, ?)", (*row, _seal(*row))
            )

    # -- results ------------------------------------------------------------------------------

    def spans(self, design: bytes) -> list[tuple[int, int]]:
        """Return what there is of a design: (first chunk, replicates) of every row, in order."""
        with self._told():
            return self._base.execute(
                "SELECT first, replicates FROM results WHERE design = ? ORDER BY first", (design,)
            ).fetchall()

    def rows(self, design: bytes) -> list[Row]:
        """Return the results of a design, in order."""
        with self._told():
            found = self._base.execute(
                "SELECT first, replicates, counts, seal FROM results WHERE design = ? "
                "ORDER BY first",
                (design,),
            ).fetchall()
            for first, replicates, counts, seal in found:
                self._sealed(seal, design, first, replicates, counts)
            return [Row(first, replicates, counts) for first, replicates, counts, _ in found]

    def add(self, design: bytes, row: Row) -> None:
        """Keep the result of a task, in place of a shorter one."""
        with self._transaction():
            self._put(design, row)

    def merge(self, design: bytes, row: Row, *, last: int) -> None:
        """Keep one row in place of those that it sums up: all from its first to the last."""
        with self._transaction():
            self._base.execute(
                "DELETE FROM results WHERE design = ? AND first BETWEEN ? AND ?",
                (design, row.first, last),
            )
            self._put(design, row)

    def _put(self, design: bytes, row: Row) -> None:
        values = (design, row.first, row.replicates, row.counts)
        self._base.execute(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)", (*values, _seal(*values))
        )

    # -- errors -------------------------------------------------------------------------------

    def _sealed(self, seal: bytes, *values: Any) -> None:
        if _seal(*values) != seal:
            raise sqlite3.DatabaseError("a row is not what was written")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told():
            self._base.execute("BEGIN")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._base.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise OutputError(f"{self.path}: {_advice(error)}") from error


def _advice(error: Exception) -> str:
    text = str(error)
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return "another process is running this sweep; wait for it, or name another folder"
    if code.startswith("SQLITE_FULL"):
        return "the disk is full; what was computed is kept: make room, and continue with --resume"
    if code.startswith(("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return (
            f"cannot be read or written: {text}; what was computed is kept: see to the disk and "
            "the permissions, and continue with --resume"
        )
    return (
        f"the checkpoint is damaged ({text}); nothing was changed in it. Put back a copy, or "
        "begin anew in another folder"
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:_SEAL]


def _seal(*values: Any) -> bytes:
    """Return a digest over the values of a row, each with its length."""
    found = hashlib.sha256()
    for value in values:
        data = value if isinstance(value, bytes) else str(value).encode()
        found.update(len(data).to_bytes(8, "little") + data)
    return found.digest()[:_SEAL]
