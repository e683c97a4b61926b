"""A file that is complete or absent: it is written aside and renamed when all is well."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from simulator.errors import OutputError

Kind = TypeVar("Kind")


def by_ending(path: str | Path, known: Mapping[str, Kind], *, otherwise: Kind) -> Kind:
    """Return what a file is to be by the ending of its name.

    Parameters
    ----------
    known : kinds by ending, in lower case with their dots.
    otherwise : for a name without an ending.

    Raises
    ------
    OutputError : another ending, whose program could not read what we write.
    """
    ending = Path(path).suffix.lower()
    if not ending:
        return otherwise
    if ending not in known:
        raise OutputError(
            f"{path}: we do not write {ending}; name it {', '.join(known)}, or say --format"
        )
    return known[ending]


def write_whole(path: str | Path, text: str, *, replace: bool) -> Path:
    """Write a text as UTF-8, with one line break at its end, the same on every system.

    Parameters
    ----------
    path : the file. Missing folders are made.
    replace : whether a file that is there may be replaced.

    Raises
    ------
    OutputError : it exists and may not be replaced, is a folder, or cannot be written.
    """
    target = Path(path)
    try:
        if target.is_dir():
            raise OutputError(f"{target}: is a folder; name a file")
        if os.path.lexists(target) and not (replace and target.is_file()):
            raise OutputError(f"{target}: exists already; name another file, or add --force")
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name[:100]}.partial-{secrets.token_hex(4)}")
        try:
            with aside.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text.rstrip("\n") + "\n")
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{target}: cannot be written: {reason.lower()}") from error
    return target
