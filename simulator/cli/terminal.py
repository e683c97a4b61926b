"""Printing: tables and words for people on stdout, progress on stderr when somebody watches."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.errors import Problem
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded

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
    """Say that the first run takes longer, if the replicate loop was not compiled yet."""
    from simulator.compiled import is_kept

    if not is_kept("compare"):
        note("compiling the kernels, first run only (about half a minute)")


@contextmanager
def maybe_folder(path: Path | None, *, force: bool) -> Iterator[Path | None]:
    """Give a run folder to write into, or None where no folder was asked for."""
    if path is None:
        yield None
        return
    from simulator.cli.guard import command_name
    from simulator.output.run_folder import run_folder

    with run_folder(path, force=force, command=command_name()) as folder:
        yield folder


def show_warnings(warnings: Sequence[Problem], screen: Console) -> None:
    """Print what is unwise in the plan."""
    for warning in warnings:
        screen.print(f"warning: {warning.path}: {warning.message}", style="yellow")


def show_folder(path: Path, screen: Console) -> None:
    """Say where the run folder and its figures are."""
    # soft_wrap: a path that is broken over two lines cannot be copied
    screen.print(f"run folder: {path}", soft_wrap=True)
    figures = sorted(file.name for file in (path / "figures").glob("*"))
    if figures:
        screen.print(f"figures:    {path / 'figures'}: {', '.join(figures)}", soft_wrap=True)


def show_uncertain(scenario: Scenario, screen: Console) -> None:
    """Name the numbers that have a distribution, if there are any."""
    from simulator.scenario.priors import priors

    names = [".".join(place).removeprefix("truth.") for place in priors(scenario)]
    if names:
        screen.print(
            f"at the planned value of its distribution: {', '.join(names)} (for the average over "
            "what is believed see the assurance of afcsim power)",
            style="dim",
        )


def show_assumed(
    loaded: Loaded,
    screen: Console,
    *,
    most: int = 8,
    replicates: int | None = None,
    but: Collection[str] = (),
) -> None:
    """Print what the answer merely assumes.

    Parameters
    ----------
    most : longest list; the rest is counted.
    replicates : simulated studies that the command line asked for, where it did.
    but : paths that are not assumed here, though they are in the file.
    """
    from simulator.output.assumptions import assumptions

    every = assumptions(loaded.scenario, loaded.defaults, replicates=replicates)
    found = [one for one in every if one.path not in but]
    if not found:
        return
    shown = ", ".join(f"{one.path.removeprefix('truth.')} {one.value}" for one in found[:most])
    rest = f", and {len(found) - most} more (afcsim validate)" if found[most:] else ""
    screen.print(f"assumed: {shown}{rest}", style="dim")
