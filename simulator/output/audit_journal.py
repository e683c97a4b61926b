"""Where the journal of an audit lies: beside its run folder, and within once that is complete."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from simulator.auditing.evidence import WORLDS
from simulator.output.run_folder import write_text

#: Name of the journal in a run folder.
JOURNAL: Final = "journal.jsonl"


def journal_beside(folder: Path) -> Path:
    """Return the path of the journal of an audit that is not complete."""
    target = folder.expanduser().absolute()
    return target.parent / f".{target.name[:100]}.audit.jsonl"


@contextmanager
def journal_for(folder: Path | None, *, resume: bool) -> Iterator[Path | None]:
    """Give the path at which an audit keeps its journal; None where there is no run folder.

    An audit that ends early leaves it, unless there is nothing in it to go on with. One that is
    to be resumed and has none beside its folder goes on from the one within, of which a copy is
    used: the folder stays as it is until it is replaced.
    """
    if folder is None:
        yield None
        return
    path, copied = journal_beside(folder), None
    within = folder.expanduser().absolute() / JOURNAL
    if resume and not path.exists() and within.is_file():
        shutil.copyfile(within, path)
        copied = path.read_bytes()
    try:
        yield path
    except BaseException:
        if not has_runs(path) or path.read_bytes() == copied:
            path.unlink(missing_ok=True)
        raise


def has_runs(path: Path | None) -> bool:
    """Return whether a journal is there and holds more than its first line."""
    if path is None or not path.is_file():
        return False
    with path.open("rb") as stream:
        stream.readline()
        return bool(stream.readline())


def put_journal(path: Path, folder: Path) -> None:
    """Write a journal into a run folder, its runs in order: threads end them in any."""
    first, *runs = path.read_text(encoding="utf-8").splitlines()

    def place(line: str) -> tuple[int, int]:
        run = json.loads(line)
        return run["replicate"], WORLDS.index(run["world"])

    write_text(folder / JOURNAL, "\n".join([first, *sorted(runs, key=place)]))
