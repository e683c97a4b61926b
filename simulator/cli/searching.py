"""What size and statement do before they print: the search, and the other worlds of the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.evaluation.assurance import Assurance
    from simulator.evaluation.power_result import PowerResult
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.evaluation.sizing.world_size import WorldSize
    from simulator.output.run import Run
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded

#: What --world says to ask for an n that is enough in every world of the file.
ALL: Final = "all"


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
    from simulator.scenario_files import read_scenario

    if world == ALL:
        return _search_all(source, seed=seed, replicates=replicates, threads=threads, draws=draws)
    from simulator.cli import terminal
    from simulator.evaluation.sizing.sample_size import find_sample_size

    loaded = read_scenario(source, world=world, seed=seed)
    terminal.announce_compilation()
    with terminal.progress("searching") as progress:
        found = find_sample_size(
            loaded.scenario, replicates=replicates, threads=threads, progress=progress
        )
    worlds = other_worlds(loaded, world, found.result, threads=threads)
    run = _run(
        loaded,
        found,
        worlds,
        source,
        world=world,
        replicates=replicates,
        threads=threads,
        draws=draws,
    )
    return run, loaded


def _search_all(
    source: str,
    *,
    seed: int | None,
    replicates: int | None,
    threads: int | None,
    draws: int | None,
) -> tuple[Run, Loaded]:
    """Search in every world that has an effect; the answer is that of the one that decides."""
    from simulator.cli import terminal
    from simulator.cli.guard import fail
    from simulator.evaluation.sizing.for_worlds import find_sample_size_for_worlds
    from simulator.evaluation.sizing.world_size import PLANNED, WorldSize
    from simulator.scenario_files import read_scenario

    planned = read_scenario(source, seed=seed)
    if not planned.worlds:
        fail(f"{source} has no worlds: write some under decision.worlds, or leave out --world all")
    terminal.announce_compilation()
    with terminal.progress("searching in every world") as progress:
        found = find_sample_size_for_worlds(
            planned.scenario,
            planned.worlds,
            replicates=replicates,
            threads=threads,
            progress=progress,
        )
    own = found.deciding if found.deciding != PLANNED else None
    loaded = planned if own is None else read_scenario(source, world=own, seed=seed)
    others = {PLANNED: planned.scenario, **planned.worlds}
    del others[found.deciding]
    worlds = _judged(others, found.answer.result, threads=threads)
    by_world = {name: WorldSize.of(one) for name, one in found.by_world.items()}
    run = _run(
        loaded,
        found.answer,
        worlds,
        source,
        world=own,
        replicates=replicates,
        threads=threads,
        draws=draws,
        by_world=by_world,
    )
    return run, loaded


def _run(
    loaded: Loaded,
    found: SampleSizeResult,
    worlds: Mapping[str, PowerResult],
    source: str,
    *,
    world: str | None,
    replicates: int | None,
    threads: int | None,
    draws: int | None,
    by_world: Mapping[str, WorldSize] | None = None,
) -> Run:
    """Return an answer with all that is read with it."""
    from simulator.cli.record import origin
    from simulator.output.run import run_of

    made = origin(
        loaded.scenario,
        source=source,
        world=world,
        certified_for=ALL if by_world else None,
        replicates=replicates or loaded.scenario.decision.replicates,
        threads=threads,
    )
    believed = averaged(loaded, n=found.result.n_per_arm, draws=draws, threads=threads)
    return run_of(loaded, found, worlds=worlds, origin=made, assurance=believed, by_world=by_world)


def averaged(loaded: Loaded, *, n: int, draws: int | None, threads: int | None) -> Assurance | None:
    """Return the assurance at n; None where no number of the truth is a distribution.

    Parameters
    ----------
    draws : of the distributions, 0 for none; default: those of ``assurance``.
    """
    from simulator.scenario.priors import priors

    if draws == 0 or not priors(loaded.scenario):
        return None
    from simulator.cli import terminal
    from simulator.evaluation.assurance import DRAWS, assurance

    with terminal.progress("averaging over what is believed") as progress:
        return assurance(
            loaded.scenario, n=n, draws=draws or DRAWS, threads=threads, progress=progress
        )


def other_worlds(
    loaded: Loaded, world: str | None, result: PowerResult, *, threads: int | None
) -> dict[str, PowerResult]:
    """Return what the study does in the worlds of the file; nothing where one was asked for."""
    if world is not None or not loaded.worlds:
        return {}
    return _judged(loaded.worlds, result, threads=threads)


def _judged(
    worlds: Mapping[str, Scenario], result: PowerResult, *, threads: int | None
) -> dict[str, PowerResult]:
    """Return what some worlds do at the n of a result, with progress."""
    from simulator.cli import terminal
    from simulator.evaluation.worlds import power_by_world

    with terminal.progress("other worlds") as progress:
        return power_by_world(
            worlds,
            n=result.n_per_arm,
            replicates=result.replicates,
            threads=threads,
            progress=progress,
        )
