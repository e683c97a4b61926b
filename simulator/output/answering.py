"""An answer with all that is read with it: made here alone, for commands, page and tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from simulator.engine.local import Progress
from simulator.evaluation.assurance import DRAWS, assurance
from simulator.evaluation.power import power
from simulator.evaluation.sizing.for_worlds import find_sample_size_for_worlds
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.evaluation.sizing.world_size import PLANNED, WorldSize
from simulator.evaluation.worlds import power_by_world
from simulator.output.provenance import provenance
from simulator.output.run import Run, run_of
from simulator.scenario.priors import priors

if TYPE_CHECKING:
    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.power_result import PowerResult
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded

#: What is asked for in place of a world for an n that is enough in every world of the file.
ALL: Final = "all"

#: Is given the name of a stage of the work; gives what is called as that stage goes on.
Stages: TypeAlias = Callable[[str], AbstractContextManager[Progress | None]]


def _unseen(stage: str) -> AbstractContextManager[Progress | None]:  # noqa: ARG001
    """Show no progress."""
    return nullcontext()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How an answer was asked for.

    Attributes
    ----------
    command, made_with : as of ``Provenance``.
    settings : where the scenario is from, and what else was set; what stands below is added.
    world : the one that was asked for; the others are judged where none was.
    replicates : simulated studies; default: those of the scenario.
    draws : of the distributions in the truth, 0 for none; default: those of ``assurance``.
    """

    command: tuple[str, ...] = ()
    made_with: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    world: str | None = None
    replicates: int | None = None
    draws: int | None = None
    threads: int | None = None
    progress: Stages = _unseen


def powered_run(loaded: Loaded, asked: Asked, *, n: int | None = None) -> Run:
    """Return the power at n, by default at the top of the range, and what is read beside it."""
    with asked.progress("simulating") as progress:
        found = power(
            loaded.scenario,
            n=n,
            replicates=asked.replicates,
            threads=asked.threads,
            progress=progress,
        )
    run = _run(loaded, found, asked, n=found.n_per_arm, replicates=found.replicates)
    return whole(run, loaded, asked)


def sized_run(loaded: Loaded, asked: Asked) -> Run:
    """Return the sample size, and what is read beside it."""
    return whole(sized_alone(loaded, asked), loaded, asked)


def sized_alone(loaded: Loaded, asked: Asked) -> Run:
    """Return the sample size; ``whole`` adds what is read beside it."""
    with asked.progress("searching") as progress:
        found = find_sample_size(
            loaded.scenario,
            replicates=asked.replicates,
            threads=asked.threads,
            progress=progress,
        )
    return _run(loaded, found, asked)


def sized_for_all(
    planned: Loaded, asked: Asked, *, in_world: Callable[[str], Loaded]
) -> tuple[Run, Loaded]:
    """Search in every world that has an effect; the answer is that of the one that decides.

    Parameters
    ----------
    planned : the scenario as its file plans it, with its worlds.
    in_world : reads it in another world.

    Returns
    -------
    The run, and the scenario as read, in the world that decides.
    """
    with asked.progress("searching in every world") as progress:
        found = find_sample_size_for_worlds(
            planned.scenario,
            planned.worlds,
            replicates=asked.replicates,
            threads=asked.threads,
            progress=progress,
        )
    own = None if found.deciding == PLANNED else found.deciding
    loaded = planned if own is None else in_world(own)
    others = {PLANNED: planned.scenario, **planned.worlds}
    del others[found.deciding]
    by_world = {name: WorldSize.of(one) for name, one in found.by_world.items()}
    asked = replace(asked, world=own)
    run = replace(_run(loaded, found.answer, asked, certified_for=ALL), by_world=by_world)
    return whole(run, loaded, asked, others=others), loaded


def whole(
    run: Run, loaded: Loaded, asked: Asked, *, others: Mapping[str, Scenario] | None = None
) -> Run:
    """Return a run with what is read beside its answer: other worlds, and assurance.

    Parameters
    ----------
    others : worlds to judge; default: those of the file, where no world was asked for.
    """
    if others is None:
        others = loaded.worlds if asked.world is None else {}
    return replace(
        run,
        worlds=_judged(others, run.result, asked),
        assurance=_averaged(loaded.scenario, run.result.n_per_arm, asked),
    )


def still_to_come(loaded: Loaded) -> str:
    """Say what ``whole`` has to do for a file where no world was asked for; "" for nothing."""
    worlds = ["judging the other worlds"] if loaded.worlds else []
    believed = ["averaging over the distributions"] if priors(loaded.scenario) else []
    told = " and ".join(worlds + believed)
    return f"{told} of the file" if told else ""


def _run(
    loaded: Loaded,
    found: PowerResult | SampleSizeResult,
    asked: Asked,
    *,
    certified_for: str | None = None,
    n: int | None = None,
    replicates: int | None = None,
) -> Run:
    """Return an answer with where it is from, and nothing beside it yet."""
    stated = loaded.scenario.decision.replicates
    settings = {
        **asked.settings,
        "world": asked.world,
        "certified_for": certified_for,
        "n": n,
        "replicates": replicates or asked.replicates or stated,
        "draws": asked.draws,
        "threads": asked.threads,
    }
    origin = provenance(
        loaded.scenario,
        command=asked.command,
        made_with=asked.made_with,
        settings={name: value for name, value in settings.items() if value is not None},
    )
    return run_of(loaded, found, worlds={}, origin=origin)


def _judged(
    others: Mapping[str, Scenario], result: PowerResult, asked: Asked
) -> dict[str, PowerResult]:
    """Return what some worlds do at the n of a result."""
    if not others:
        return {}
    with asked.progress("other worlds") as progress:
        return power_by_world(
            others,
            n=result.n_per_arm,
            replicates=result.replicates,
            threads=asked.threads,
            progress=progress,
        )


def _averaged(scenario: Scenario, n: int, asked: Asked) -> Assurance | None:
    """Return the assurance at n; None where no number of the truth is a distribution."""
    if asked.draws == 0 or not priors(scenario):
        return None
    with asked.progress("averaging over what is believed") as progress:
        return assurance(
            scenario,
            n=n,
            draws=asked.draws or DRAWS,
            threads=asked.threads,
            progress=progress,
        )
