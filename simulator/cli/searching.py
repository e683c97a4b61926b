"""What size and statement do before they print: the search, and what is read beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.output.answering import Asked
    from simulator.output.run import Run
    from simulator.scenario_files import Loaded


def search(
    source: str,
    *,
    world: str | None,
    seed: int | None,
    replicates: int | None,
    threads: int | None,
    draws: int | None = None,
) -> tuple[Run, Loaded]:
    """Search for the sample size of a scenario, with progress.

    Parameters
    ----------
    source : scenario file or catalogue id, as typed.
    world : the one that was asked for, or ``all``; the others are judged where none was.

    Returns
    -------
    The run, and the scenario as read, in the world that the answer is of.
    """
    from simulator.cli import terminal
    from simulator.cli.guard import fail
    from simulator.output.answering import ALL, sized_for_all, sized_run
    from simulator.scenario_files import read_scenario

    every = world == ALL
    own = None if every else world
    loaded = read_scenario(source, world=own, seed=seed)
    if every and not loaded.worlds:
        fail(f"{source} has no worlds: write some under decision.worlds, or leave out --world all")
    terminal.announce_compilation()
    how = asked(source, world=own, replicates=replicates, draws=draws, threads=threads)
    if every:
        return sized_for_all(
            loaded, how, in_world=lambda name: read_scenario(source, world=name, seed=seed)
        )
    return sized_run(loaded, how), loaded


def asked(
    source: str,
    *,
    world: str | None,
    replicates: int | None,
    draws: int | None,
    threads: int | None,
) -> Asked:
    """Return how this command line asks for an answer."""
    from simulator.cli import terminal
    from simulator.cli.guard import command_name
    from simulator.cli.record import typed
    from simulator.output.answering import Asked

    return Asked(
        command=typed(),
        made_with=command_name(),
        settings={"source": source},
        world=world,
        replicates=replicates,
        draws=draws,
        threads=threads,
        progress=terminal.progress,
    )
