"""The command that says which assumption moves n most: sensitivity."""

from __future__ import annotations

import typer

from simulator.cli.guard import guarded
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
def sensitivity(
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
    """Show which assumption moves the number of animals most.

    Every number of nature that the study uses goes to both ends of its range, one
    at a time, and so do the losses; n and the power at the planned n are shown.

    Example: [bold]afcsim sensitivity quick-start -o runs/sensitivity[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.record import origin
    from simulator.cli.sensitivity_view import show_sensitivity
    from simulator.evaluation.sensitivity.sensitivity import sensitivity as evaluate
    from simulator.output.assumptions import caveats
    from simulator.output.effect_folders import write_sensitivity
    from simulator.output.json_text import to_json
    from simulator.scenario_files import read_scenario

    loaded = read_scenario(source, world=world, seed=seed)
    scenario = loaded.scenario
    with terminal.maybe_folder(output, force=force) as folder:
        terminal.announce_compilation()
        with terminal.progress("moving assumptions") as progress:
            found = evaluate(scenario, replicates=replicates, threads=threads, progress=progress)
        answer = found.to_dict() | caveats(
            scenario, warnings=loaded.warnings, unstated=loaded.defaults
        )
        if folder is not None:
            made = origin(scenario, source=source, world=world, replicates=found.replicates)
            write_sensitivity(folder, found, answer=answer, scenario=scenario, origin=made)
    if as_json:
        typer.echo(to_json(answer))
        return
    screen = terminal.console()
    show_sensitivity(found, loaded, screen)
    if output is not None:
        terminal.show_folder(output, screen)
