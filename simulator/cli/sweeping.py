"""The command that compares many designs: sweep."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import NO, STOPPED, fail, guarded
from simulator.cli.options import AsJson, Replicates, Seed, Source, Threads

if TYPE_CHECKING:
    from simulator.engine.engine import Engine


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
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", "-w", min=1, max=1024, help="Processes to use instead of threads (dask)."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Running dask scheduler to use, as tcp://host:8786.",
        ),
    ] = None,
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
    from simulator.cli.sweep_view import show_sweep, sweep_answer
    from simulator.output.json_text import to_json
    from simulator.output.sweep_folder import write_sweep
    from simulator.scenario_files import read_scenario
    from simulator.sweeping.sweep import sweep as evaluate

    engine = _engine(threads=threads, workers=workers, scheduler=scheduler)
    loaded = read_scenario(source, seed=seed)
    scenario = loaded.scenario
    try:
        terminal.announce_compilation()
        with terminal.progress("sweeping") as progress:
            found = evaluate(
                scenario,
                output,
                replicates=replicates,
                engine=engine,
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
        )
        write_sweep(found, scenario=scenario, origin=made)
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


def _engine(*, threads: int | None, workers: int | None, scheduler: str | None) -> Engine:
    from simulator.cli import terminal

    if sum(option is not None for option in (threads, workers, scheduler)) > 1:
        fail("--threads, --workers and --scheduler are three places to work at: name one of them")
    if workers is None and scheduler is None:
        from simulator.engine.local import LocalEngine

        return LocalEngine(threads)
    from simulator.engine.cluster import ClusterEngine

    return ClusterEngine(workers=workers, scheduler=scheduler, tell=terminal.note)
