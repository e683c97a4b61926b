"""The command about the laboratory: conduct."""

from __future__ import annotations

from typing import Annotated

import typer

from simulator.cli.guard import NO, guarded
from simulator.cli.options import AsJson, Force, OutFolder, Seed, Source, World


@guarded
def conduct(
    source: Source,
    *,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=1000, help="Animals per arm (default: top of the range)."),
    ] = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show whether the laboratory can do a study: every day against the shift.

    With it: how long each arm waits, the largest study that fits, and with -o a
    Gantt chart. How the laboratory works is design.conduct in the file.

    Exit code 1: a day does not fit the shift.

    Example: [bold]afcsim conduct secretome-healthy-mice --n 8 -o runs/laboratory[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.conduct_view import show_conduct
    from simulator.cli.record import origin
    from simulator.evaluation.advice import about_cages
    from simulator.evaluation.feasibility import feasibility
    from simulator.output.assumptions import caveats
    from simulator.output.conduct_folder import write_conduct
    from simulator.output.json_text import to_json
    from simulator.scenario_files import read_scenario

    loaded = read_scenario(source, world=world, seed=seed)
    with terminal.maybe_folder(output, force=force) as folder:
        found = feasibility(loaded.scenario, n=n)
        housed = about_cages(loaded.scenario, found.n_per_arm)
        answer = found.to_dict() | caveats(
            loaded.scenario, warnings=[*loaded.warnings, *housed], unstated=loaded.defaults
        )
        if folder is not None:
            made = origin(loaded.scenario, source=source, world=world, n=found.n_per_arm)
            write_conduct(folder, found, answer=answer, scenario=loaded.scenario, origin=made)
    if as_json:
        typer.echo(to_json(answer))
    else:
        screen = terminal.console()
        show_conduct(found, loaded, screen, n_stated=n is not None)
        terminal.show_warnings(housed, screen)
        if output is not None:
            terminal.show_folder(output, screen)
    if not found.fits:
        raise typer.Exit(NO)
