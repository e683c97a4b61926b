"""The command that compares many designs: sweep."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.guard import NO, STOPPED, guarded
from simulator.cli.options import (
    AsJson,
    Replicates,
    Scheduler,
    Seed,
    Source,
    Threads,
    Workers,
    engine_elsewhere,
)


@guarded
def sweep(
    source: Source,
    *,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder for tables, figures and the checkpoint."),
    ],
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Continue what is in the folder: also a larger grid, more replicates."
        ),
    ] = False,
    replicates: Replicates = None,
    threads: Threads = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Compare many designs: every combination of the values in decision.sweep, at every n.

    Writes one tidy table (CSV and Parquet), the smallest n of every design, and figures.
    What is computed is kept as it arrives: after an interruption, say --resume.

    Exit code 1: some designs have values that do not go together.

    Example: [bold]afcsim sweep my-study.yaml -o runs/sweep[/bold]

    On four processes: [bold]afcsim sweep my-study.yaml -o runs/sweep --workers 4[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.record import origin
    from simulator.cli.sweep_view import show_sweep, simplified, sweep_answer
    from simulator.engine.local import LocalEngine
    from simulator.errors import ScenarioError
    from simulator.output.json_text import to_json
    from simulator.output.sweep_folder import write_sweep
    from simulator.scenario_files import read_scenario
    from simulator.sweeping.sweep import sweep as evaluate

    engine = engine_elsewhere(threads=threads, workers=workers, scheduler=scheduler)
    loaded = read_scenario(source, seed=seed, swept=True)
    scenario = loaded.scenario
    try:
        terminal.announce_compilation()
        with terminal.progress("sweeping") as progress:
            found = evaluate(
                scenario,
                output,
                replicates=replicates,
                engine=engine or LocalEngine(threads),
                resume=resume,
                progress=progress,
            )
        made = origin(
            scenario,
            source=source,
            replicates=found.replicates,
            threads=threads,
            workers=workers,
            scheduler=scheduler,
            **{what: names or None for what, names in simplified(scenario).items()},
        )
        write_sweep(found, scenario=scenario, origin=made)
    except ScenarioError as error:  # of designs that do not go together: name the file
        raise ScenarioError(source, error.problems) from None
    except KeyboardInterrupt:
        print(_stopped(output), file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    if as_json:
        typer.echo(to_json(sweep_answer(found, loaded)))
    else:
        screen = terminal.console()
        show_sweep(found, loaded, screen)
        terminal.show_folder(output, screen)
    if found.failed:
        raise typer.Exit(NO)


def _stopped(output: Path) -> str:
    from simulator.sweeping.checkpoint import NAME

    if (output / NAME).exists():
        return f"Stopped; what was computed is kept in {output}: continue with --resume."
    return "Stopped; nothing was left behind."
