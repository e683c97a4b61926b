"""The file of a report: whether one that is there is ours, unchanged, and of the same run."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.errors import OutputError

if TYPE_CHECKING:
    from simulator.output.run import Run

#: The last line of a report, in HTML and Markdown alike: of which run, and a digest of the rest.
_MARK: Final = re.compile(r"<!-- afcsim report ([0-9a-f]{64}) ([0-9a-f]{64}) -->\n?\Z")
#: No report of ours is larger.
_MAX_BYTES: Final = 200_000_000


def signed(text: str, run: Run) -> str:
    """Return an HTML or Markdown report with a last line, unseen by readers, that names its run."""
    body = text.rstrip("\n") + "\n"
    return f"{body}<!-- afcsim report {_of_run(run)} {_digest(body)} -->\n"


def may_replace(path: Path, run: Run, *, force: bool) -> bool:
    """Return whether there is a file that may be replaced; False where there is none.

    Ours to replace is a report that we made of the same run and nobody has changed since.

    Raises
    ------
    OutputError : another file is there, and ``force`` is not given.
    """
    if not os.path.lexists(path) or path.is_dir():
        return False  # what a folder in its place means is said where files are written
    if force or is_report_of(path, run):
        return True
    raise OutputError(
        f"{path}: exists already, and is not an unchanged report of this run; name another file "
        "(-o), or add --force"
    )


def is_report_of(path: Path, run: Run) -> bool:
    """Return whether a file is a report of a run, as we wrote it."""
    try:
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return False
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    found = _MARK.search(text)
    if found is not None:
        return found[1] == _of_run(run) and found[2] == _digest(text[: found.start()])
    try:
        data = json.loads(text)
        # read back as JSON, so that tuples are lists on both sides
        own = json.loads(json.dumps(run.origin.to_dict()))
        return isinstance(data, dict) and data.get("provenance") == own
    except (ValueError, RecursionError):
        return False


def _of_run(run: Run) -> str:
    origin = run.origin
    return _digest(f"{origin.digest} {origin.made_at} {origin.answer}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
