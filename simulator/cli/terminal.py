"""Printing: tables and words for people on stdout, progress on stderr when somebody watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import simulator

if TYPE_CHECKING:
    from rich.console import Console

#: Columns of a table that is written to a file or pipe, where no window sets a width.
_PAGE = 120


def console() -> Console:
    """Return the console for stdout. Text from files is printed as it is, never as markup."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PAGE
    return Console(markup=False, highlight=False, emoji=False, width=width)


def note(message: str) -> None:
    """Print a line to stderr."""
    print(message, file=sys.stderr)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback (done, in all) that moves a bar on stderr; None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def announce_compilation() -> None:
    """Say that the first run takes longer, if no compiled kernel lies in the cache yet."""
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(simulator.__file__).parent)
    if next(root.rglob("*.nbi"), None) is None:
        note("compiling the kernels, first run only (about half a minute)")
