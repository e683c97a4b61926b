"""The options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import fail

if TYPE_CHECKING:
    from simulator.engine.engine import Engine

_MOST_SEED = 2**63 - 1

Source = Annotated[
    str, typer.Argument(metavar="FILE", help="Scenario file, or the id of a catalogue scenario.")
]
World = Annotated[
    str | None, typer.Option("--world", help="Judge the study under this world of the file.")
]
SizeWorld = Annotated[
    str | None,
    typer.Option(
        "--world",
        help="Certify n under this world of the file; all: an n that is enough in every world "
        "that has an effect.",
    ),
]
Draws = Annotated[
    int | None,
    typer.Option(
        "--draws",
        min=0,
        max=100_000,
        help="Draws of the distributions in truth (default 400; 0: no assurance).",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        "--seed", min=0, max=_MOST_SEED, metavar="INTEGER", help="Seed in place of the file's."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Replicates = Annotated[
    int | None,
    typer.Option(
        "--replicates",
        "-r",
        min=1,
        max=100_000_000,
        help="Simulated studies (default: the file's).",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        "-t",
        min=1,
        max=1024,
        help="Processors to use (default: all). The numbers do not depend on it.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", "-w", min=1, max=1024, help="Processes to use instead of threads (dask)."
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Running dask scheduler to use, as tcp://host:8786.",
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Also write a run folder: results, figures, provenance."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Replace the run folder if this command wrote it.")
]


def engine_elsewhere(
    *, workers: int | None, scheduler: str | None, **here: int | None
) -> Engine | None:
    """Return the engine that the options ask for; None for the threads of this process.

    Parameters
    ----------
    here : the option that is about threads, by its name.
    """
    given = {**here, "workers": workers, "scheduler": scheduler}
    if sum(option is not None for option in given.values()) > 1:
        *names, last = (f"--{name}" for name in given)
        fail(f"{', '.join(names)} and {last} are three places to work at: name one of them")
    if workers is None and scheduler is None:
        return None
    from simulator.cli import terminal
    from simulator.engine.cluster import ClusterEngine

    return ClusterEngine(workers=workers, scheduler=scheduler, tell=terminal.note)


class Test(StrEnum):
    """The test of two arms."""

    __test__ = False  # not a test case of pytest

    MANN_WHITNEY = "mann_whitney"
    BRUNNER_MUNZEL = "brunner_munzel"
    PERMUTATION = "permutation"


class Method(StrEnum):
    """How a Mann-Whitney p-value is computed."""

    AUTO = "auto"
    EXACT = "exact"
    MID_P = "mid-p"
    ASYMPTOTIC = "asymptotic"


class Alternative(StrEnum):
    """Which difference counts."""

    TWO_SIDED = "two-sided"
    GREATER = "greater"
    LESS = "less"


class Convention(StrEnum):
    """Two-sided exact p-value of a skew distribution."""

    FAR_TAIL = "far-tail"
    DOUBLING = "doubling"


class Adjust(StrEnum):
    """Adjustment for several comparisons."""

    NONE = "none"
    BONFERRONI = "bonferroni"
    HOLM = "holm"
    HOCHBERG = "hochberg"
    FIXED_SEQUENCE = "fixed-sequence"
    BH = "bh"
    STEEL = "steel"


class Unit(StrEnum):
    """What has one value in the analysis."""

    ANIMAL = "animal"
    CAGE = "cage"
