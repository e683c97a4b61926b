"""The commands that plan: power and size."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.guard import NO, fail, guarded
from simulator.cli.options import (
    AsJson,
    Draws,
    Force,
    OutFolder,
    Replicates,
    Seed,
    SizeWorld,
    Source,
    Threads,
    World,
)

if TYPE_CHECKING:
    from simulator.scenario_files import Loaded


class Road(StrEnum):
    """How power is found."""

    SIMULATE = "simulate"
    ENUMERATE = "enumerate"


@guarded
def power(
    source: Source,
    *,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, max=1000, help="Animals per arm (default: top of the range)."),
    ] = None,
    method: Annotated[
        Road,
        typer.Option(
            "--method",
            help="enumerate: exact, without Monte Carlo error, for titers in small arms.",
        ),
    ] = Road.SIMULATE,
    replicates: Replicates = None,
    draws: Draws = None,
    threads: Threads = None,
    seed: Seed = None,
    world: World = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show the power of a study and its attained type I error, at one n and over the range.

    Example: [bold]afcsim power secretome-healthy-mice --n 8[/bold]

    Exact, for a titer: [bold]afcsim power my-titers.yaml --n 6 --method enumerate[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.power_view import show_power
    from simulator.cli.searching import asked
    from simulator.output.answering import ALL, powered_run
    from simulator.output.json_text import to_json
    from simulator.output.results import write_answer
    from simulator.scenario_files import read_scenario

    if world == ALL:
        fail(f"--world {ALL} is for size; power shows every world anyway")
    loaded = read_scenario(source, world=world, seed=seed)
    if method is Road.ENUMERATE:
        if output is not None or replicates is not None:
            fail(
                "--method enumerate simulates nothing: it takes no --replicates and writes no run "
                "folder; --json prints all of it"
            )
        _enumerate(loaded, n=n, as_json=as_json)
        return
    with terminal.maybe_folder(output, force=force) as folder:
        terminal.announce_compilation()
        how = asked(source, world=world, replicates=replicates, draws=draws, threads=threads)
        run = powered_run(loaded, how, n=n)
        if folder is not None:
            write_answer(folder, run)
    if as_json:
        typer.echo(to_json(run.to_dict()))
        return
    screen = terminal.console()
    show_power(run, loaded, screen, top=n is None)
    if output is not None:
        terminal.show_folder(output, screen)


def _enumerate(loaded: Loaded, *, n: int | None, as_json: bool) -> None:
    from simulator.cli import terminal
    from simulator.cli.enumerated_view import show_enumerated
    from simulator.compiled import is_kept
    from simulator.evaluation.exact.enumerated import power_by_enumeration
    from simulator.output.assumptions import caveats
    from simulator.output.json_text import to_json

    if not is_kept("weigh_outcomes"):
        terminal.note("compiling the enumeration, first run only (some seconds)")
    found = power_by_enumeration(loaded.scenario, n=n)
    if as_json:
        answer = found.to_dict() | caveats(
            loaded.scenario, warnings=loaded.warnings, unstated=loaded.defaults
        )
        typer.echo(to_json(answer))
        return
    show_enumerated(found, loaded, terminal.console())


@guarded
def size(
    source: Source,
    *,
    n: Annotated[int | None, typer.Option("--n", hidden=True)] = None,
    replicates: Replicates = None,
    draws: Draws = None,
    threads: Threads = None,
    seed: Seed = None,
    world: SizeWorld = None,
    output: OutFolder = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Find the smallest number of mice per arm that is shown to reach the wanted power.

    The budget is in the file: decision.max_replicates, and decision.max_minutes,
    which can only stop the search and changes no number.

    Exit code 1: no such number, or it could not be told within the budget.

    Example: [bold]afcsim size secretome-healthy-mice -o runs/secretome[/bold]

    Enough whatever is true: [bold]afcsim size uncertain-effect --world all[/bold]
    """
    from simulator.cli import terminal
    from simulator.cli.power_view import show_size
    from simulator.cli.searching import search
    from simulator.output.json_text import to_json
    from simulator.output.results import write_answer

    if n is not None:
        fail(f"size searches for n (decision.n in the file); for n = {n} use: afcsim power --n {n}")
    with terminal.maybe_folder(output, force=force) as folder:
        run, loaded = search(
            source,
            world=world,
            seed=seed,
            replicates=replicates,
            threads=threads,
            draws=draws,
        )
        if folder is not None:
            write_answer(folder, run)
    if as_json:
        typer.echo(to_json(run.to_dict()))
    else:
        screen = terminal.console()
        show_size(run, loaded, screen)
        if output is not None:
            terminal.show_folder(output, screen)
    if run.size is None or run.size.status != "certified":
        raise typer.Exit(NO)
