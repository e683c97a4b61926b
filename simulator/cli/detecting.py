"""The command that says which effect a study can detect: detect."""

from __future__ import annotations

from typing import Annotated

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
        bool, typer.Option("--down", help="The smallest suppression, not the smallest rise.")
    ] = False,
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
    from simulator.cli import terminal
    from simulator.cli.detectable_view import show_detectable
    from simulator.cli.record import origin
    from simulator.evaluation.detectable.detect import smallest_detectable_effect
    from simulator.output.assumptions import caveats
    from simulator.output.effect_folders import write_detectable
    from simulator.output.json_text import to_json
    from simulator.scenario_files import read_scenario

    ns = [size for text in n or [] for size in _sizes(text)]
    if len(set(ns)) > _MOST_OF_THEM:
        fail(f"--n: {len(set(ns))} n are too many for one run; give at most {_MOST_OF_THEM}")
    loaded = read_scenario(source, world=world, seed=seed)
    scenario = loaded.scenario
    with terminal.maybe_folder(output, force=force) as folder:
        terminal.announce_compilation()
        with terminal.progress("trying effects") as progress:
            found = smallest_detectable_effect(
                scenario,
                n=ns or None,
                direction="down" if down else None,
                replicates=replicates,
                threads=threads,
                progress=progress,
            )
        answer = found.to_dict() | caveats(
            scenario, warnings=loaded.warnings, unstated=loaded.defaults
        )
        if folder is not None:
            made = origin(
                scenario,
                source=source,
                world=world,
                n=[point.n for point in found.points],
                direction=found.direction,
                replicates=found.replicates,
            )
            write_detectable(folder, found, answer=answer, scenario=scenario, origin=made)
    if as_json:
        typer.echo(to_json(answer))
    else:
        screen = terminal.console()
        show_detectable(found, loaded, screen)
        if output is not None:
            terminal.show_folder(output, screen)
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
