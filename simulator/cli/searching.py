"""What size and statement do before they print: the search, and the other worlds of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.run import Run
    from simulator.scenario_files import Loaded


def search(
    loaded: Loaded, *, source: str, world: str | None, replicates: int | None, threads: int | None
) -> Run:
    """Search for the sample size of a scenario, with progress.

    Parameters
    ----------
    source : scenario file or catalogue id, as typed.
    world : the one that was asked for; the others are judged where none was.
    """
    from simulator.cli import terminal
    from simulator.cli.record import origin
    from simulator.evaluation.sizing.sample_size import find_sample_size
    from simulator.output.run import run_of

    scenario = loaded.scenario
    terminal.announce_compilation()
    with terminal.progress("searching") as progress:
        found = find_sample_size(
            scenario, replicates=replicates, threads=threads, progress=progress
        )
    worlds = other_worlds(loaded, world, found.result, threads=threads)
    made = origin(
        scenario,
        source=source,
        world=world,
        replicates=replicates or scenario.decision.replicates,
        threads=threads,
    )
    return run_of(loaded, found, worlds=worlds, origin=made)


def other_worlds(
    loaded: Loaded, world: str | None, result: PowerResult, *, threads: int | None
) -> dict[str, PowerResult]:
    """Return what the study does in the worlds of the file; nothing where one was asked for."""
    from simulator.cli import terminal
    from simulator.evaluation.worlds import power_by_world

    if world is not None or not loaded.worlds:
        return {}
    with terminal.progress("other worlds") as progress:
        return power_by_world(
            loaded.worlds,
            n=result.n_per_arm,
            replicates=result.replicates,
            threads=threads,
            progress=progress,
        )
