"""The command that says which effect a study can detect: detect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import NO, fail, guarded
from simulator.cli.options import (
    AsJson,
    Force,
    OutFolder,
    Replicates,
    Seed,
    Source,
    Threads,
    World,
)
from simulator.cli.question import Question

if TYPE_CHECKING:
    from simulator.evaluation.detectable.result import Detectable
    from simulator.output.answer_folder import Figures


_MOST_N = 1000
_MOST_OF_THEM = 50


@guarded
def detect(
    source: Source,
    *,
    n: Annotated[
        list[str] | None,
        typer.Option(
            "--n",
            metavar="N",
            help="Animals per arm: 8, or 6,8,12, or 6-12; may be given again (default: top of "
            "the range).",
        ),
    ] = None,
    down: Annotated[
        bool | None,
        typer.Option(
            "--down/--up",
            help="The smallest suppression, or the smallest rise (default: a suppression where "
            "every planned effect is one).",
            show_default=False,
        ),
    ] = None,
    replicates: Replicates = None,
    threads: Threads = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Find the smallest effect that a study of n per arm detects with the wanted power.

    Every treated arm gets the same fold over its control; test, multiplicity, spread, losses
    and laboratory are the file's. Exit code 1: no effect is detected at some of these n.

    Example: [bold]afcsim detect secretome-healthy-mice --n 8[/bold]

    Against n, with a figure: [bold]afcsim detect quick-start --n 4-12 -o runs/detect[/bold]
    """
    from simulator.cli.detectable_view import show_detectable
    from simulator.evaluation.advice import alarms_at
    from simulator.evaluation.detectable.detect import smallest_detectable_effect

    ns = [size for text in n or [] for size in _sizes(text)]
    if len(set(ns)) > _MOST_OF_THEM:
        fail(f"--n: {len(set(ns))} n are too many for one run; give at most {_MOST_OF_THEM}")
    question = Question(
        source=source,
        world=world,
        seed=seed,
        replicates=replicates,
        output=output,
        force=force,
        as_json=as_json,
    )
    found = question.ask(
        lambda scenario, progress: smallest_detectable_effect(
            scenario,
            n=ns or None,
            direction=None if down is None else "down" if down else "up",
            replicates=replicates,
            threads=threads,
            progress=progress,
        ),
        doing="trying effects",
        show=show_detectable,
        tables=lambda found: {"effects": found.to_frame()},
        figures=_figures,
        settings=lambda found: {
            "n": [point.n for point in found.points],
            "direction": found.direction,
            "replicates": found.replicates,
        },
        warn=lambda scenario, found: alarms_at(found, scenario),
    )
    if any(point.status != "found" for point in found.points):
        raise typer.Exit(NO)


def _sizes(text: str) -> list[int]:
    """Return the n of ``8``, ``6,8,12`` or ``6-12``; another text ends the command."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        ends = [first, last or first]
        if not all(end.isascii() and end.isdecimal() for end in ends):
            fail(f'--n: "{text}" is no number of animals: write 8, or 6,8,12, or 6-12')
        low, high = (int(end) for end in ends)
        if not 1 <= low <= high <= _MOST_N:
            fail(f'--n: "{text}": n goes from 1 to {_MOST_N}, the smaller first')
        found += range(low, high + 1)
    return found


def _figures(found: Detectable) -> Figures:
    from simulator.output.detectable_figure import detectable_figure

    curve = detectable_figure(found)
    return {} if curve is None else {"detectable-effect": curve}
