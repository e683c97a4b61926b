"""The command that says what the flaws of a plan cost: diagnose."""

from __future__ import annotations

from typing import Annotated

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
def diagnose(
    source: Source,
    *,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=1000, help="Animals per arm (default: top of the range)."),
    ] = None,
    replicates: Replicates = None,
    threads: Threads = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show which flaw of the plan costs what: order of the animals, cages, days, waiting spleens.

    The plan as written beside the same plan with each flaw mended: power,
    attained type I error, how far the fold is off, and the family-wise error.

    Example: [bold]afcsim diagnose arm-by-arm-kill[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.diagnosis_view import show_diagnosis
    from simulator.cli.record import origin
    from simulator.evaluation.diagnosis.diagnose import diagnose as evaluate
    from simulator.output.assumptions import caveats
    from simulator.output.json_text import to_json
    from simulator.output.results import write_diagnosis
    from simulator.scenario_files import read_scenario

    loaded = read_scenario(source, world=world, seed=seed)
    scenario = loaded.scenario
    with terminal.maybe_folder(output, force=force) as folder:
        terminal.announce_compilation()
        with terminal.progress("diagnosing") as progress:
            found = evaluate(
                scenario, n=n, replicates=replicates, threads=threads, progress=progress
            )
        answer = found.to_dict() | caveats(
            scenario,
            warnings=loaded.warnings,
            unstated=loaded.defaults,
            replicates=found.replicates,
        )
        if folder is not None:
            made = origin(scenario, source=source, world=world, n=n, replicates=found.replicates)
            write_diagnosis(folder, found, answer=answer, scenario=scenario, origin=made)
    if as_json:
        typer.echo(to_json(answer))
        return
    screen = terminal.console()
    show_diagnosis(found, loaded, screen)
    if output is not None:
        terminal.show_folder(output, screen)
