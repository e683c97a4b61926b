"""Designs that were made ready before the first is run: kept on disk until they are given out."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass

from simulator.sweeping.checkpoint import Known


@dataclass(frozen=True)
class Made:
    """A design as the checkpoint knows it, and its text as tasks carry it."""

    known: Known
    text: bytes


class Prepared:
    """What was made, by point; each is taken once.

    A private file that goes with this object: memory does not grow with the designs. Where there
    is no room for it, designs are made again.
    """

    def __init__(self) -> None:
        # a database without a name is a temporary file, of which SQLite keeps some pages in memory
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.execute("CREATE TABLE made (point BLOB PRIMARY KEY, d, o, e, t) WITHOUT ROWID")

    def put(self, point: bytes, made: Made) -> None:
        """Keep what was made of a point."""
        known = made.known
        row = (point, known.design, known.outline, known.error, made.text)
        with suppress(sqlite3.Error):
            self._base.execute("INSERT OR REPLACE INTO made VALUES (?, ?, ?, ?, ?)", row)

    def take(self, point: bytes) -> Made | None:
        """Return what was made of a point, and forget it; None where it is not there."""
        row = None
        with suppress(sqlite3.Error):
            row = self._base.execute(
                "SELECT d, o, e, t FROM made WHERE point = ?", (point,)
            ).fetchone()
            self._base.execute("DELETE FROM made WHERE point = ?", (point,))
        return None if row is None else Made(Known(*row[:3]), row[3])
