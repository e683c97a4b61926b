"""What a page asks the package: the same functions that the commands call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.engine.local import default_threads
from simulator.output.wording.worlds import n_reaching
from simulator.web.jobs import SLOW_THREADS, Job
from simulator.web.limits import FIRST

if TYPE_CHECKING:
    from simulator.evaluation.feasibility_result import Feasibility
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.run import Run
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded
    from simulator.web.plan import Plan


def first_answer(loaded: Loaded, job: Job) -> PowerResult:
    """Return the power curve on few simulated studies."""
    from simulator.evaluation.first_look import first_look

    count = min(FIRST, loaded.scenario.decision.replicates)
    return first_look(
        loaded.scenario, replicates=count, threads=default_threads(), progress=job.step
    )


def sized(loaded: Loaded, plan: Plan, job: Job) -> Run:
    """Return what ``afcsim size`` answers, without the worlds."""
    from simulator.evaluation.sizing.sample_size import find_sample_size
    from simulator.output.provenance import provenance
    from simulator.output.run import run_of

    scenario = loaded.scenario
    found = find_sample_size(scenario, threads=SLOW_THREADS, progress=job.step)
    settings = {"source": plan.name, "replicates": scenario.decision.replicates}
    settings |= {f"set {path}": value for path, value in plan.changes.items()}
    origin = provenance(scenario, command=("afcsim", "serve"), made_with="size", settings=settings)
    return run_of(loaded, found, worlds={}, origin=origin)


def in_worlds(run: Run, loaded: Loaded, job: Job) -> Run:
    """Return a run with what the study does in the worlds of its file."""
    from simulator.evaluation.worlds import power_by_world

    worlds = power_by_world(
        loaded.worlds,
        n=run.result.n_per_arm,
        replicates=run.result.replicates,
        threads=SLOW_THREADS,
        progress=job.step,
    )
    return replace(run, worlds=worlds)


def laboratory(scenario: Scenario, n: int) -> Feasibility:
    """Return what ``afcsim conduct`` answers."""
    from simulator.evaluation.feasibility import feasibility

    return feasibility(scenario, n=n)


def n_to_show(result: PowerResult, run: Run | None, target: float) -> int:
    """Return the n of which the page shows a study: the answer's, or the nearest to it."""
    if run is not None:
        return run.result.n_per_arm
    near = n_reaching(result.curve, target)
    return result.curve[-1].n if near is None else near
