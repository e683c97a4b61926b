"""The command that says how many animals the shared control gets: ratio."""

from __future__ import annotations

import typer

from simulator.cli.guard import NO, guarded
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


@guarded
def ratio(
    source: Source,
    *,
    replicates: Replicates = None,
    threads: Threads = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Find how many animals the control that all comparisons share needs to save animals.

    The square-root rule is the start, the pair (control, treated) of fewest animals
    that is shown to reach the wanted power is the answer: beside equal arms, with
    what it saves and what one animal less would cost.

    Exit code 1: no such pair, or it could not be told within the budget.

    Example: [bold]afcsim ratio secretome-healthy-mice -o runs/ratio[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.ratio_view import show_ratio
    from simulator.cli.record import origin
    from simulator.evaluation.control_ratio.control_ratio import control_ratio
    from simulator.output.assumptions import caveats
    from simulator.output.json_text import to_json
    from simulator.output.ratio_folder import write_ratio
    from simulator.scenario_files import read_scenario

    loaded = read_scenario(source, world=world, seed=seed)
    scenario = loaded.scenario
    with terminal.maybe_folder(output, force=force) as folder:
        terminal.announce_compilation()
        with terminal.progress("trying ratios") as progress:
            found = control_ratio(
                scenario, replicates=replicates, threads=threads, progress=progress
            )
        answer = found.to_dict() | caveats(
            scenario, warnings=loaded.warnings, unstated=loaded.defaults
        )
        if folder is not None:
            made = origin(
                scenario,
                source=source,
                world=world,
                replicates=replicates or scenario.decision.replicates,
                threads=threads,
            )
            write_ratio(folder, found, answer=answer, scenario=scenario, origin=made)
    if as_json:
        typer.echo(to_json(answer))
    else:
        screen = terminal.console()
        show_ratio(found, loaded, screen)
        if output is not None:
            terminal.show_folder(output, screen)
    if found.best is None or found.status == "infeasible":
        raise typer.Exit(NO)
