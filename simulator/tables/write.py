"""Writing tables."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import OutputError

if TYPE_CHECKING:
    import pandas as pd


def write_table(
    frame: pd.DataFrame, path: str | Path, *, columns: Sequence[str] | None = None
) -> None:
    """Write a table as CSV: UTF-8, comma, every float in full precision, missing cells empty.

    The file is written aside and then renamed, so a reader never sees half of it.

    Parameters
    ----------
    columns : the columns to write, in order; default all.

    Raises
    ------
    KeyError : a column that the frame does not have.
    OutputError : the file cannot be written.
    """
    chosen = frame if columns is None else frame[list(columns)]
    target = Path(path)
    aside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        aside = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            chosen.to_csv(stream, index=False, lineterminator="\n")
        aside.chmod(0o666 & ~_umask())  # mkstemp makes private files; a result is for sharing
        aside.replace(target)
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
