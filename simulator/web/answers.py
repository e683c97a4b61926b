"""What a page asks the package: the same functions that the commands call."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from simulator.engine.local import default_threads
from simulator.evaluation.staying import n_reaching
from simulator.web.jobs import SLOW_THREADS, Job
from simulator.web.limits import FIRST

if TYPE_CHECKING:
    from simulator.evaluation.feasibility_result import Feasibility
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.answering import Asked
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
    """Return what ``afcsim size`` answers, without what is read beside it."""
    from simulator.output.answering import sized_alone

    return sized_alone(loaded, _asked(plan, job))


def whole(run: Run, loaded: Loaded, plan: Plan, job: Job) -> Run:
    """Return a run with what is read beside its answer: other worlds, and assurance."""
    from simulator.output.answering import whole as with_all

    return with_all(run, loaded, _asked(plan, job))


def still_to_come(loaded: Loaded) -> str:
    """Say what ``whole`` has to do; "" for nothing."""
    from simulator.output.answering import still_to_come as left

    told = left(loaded)
    return told[:1].upper() + told[1:]


def _asked(plan: Plan, job: Job) -> Asked:
    """Return how a page asks for an answer."""
    from simulator.output.answering import Asked

    return Asked(
        command=("afcsim", "serve"),
        made_with="size",
        settings={
            "source": plan.name,
            **{f"set {path}": value for path, value in plan.changes.items()},
        },
        threads=SLOW_THREADS,
        progress=lambda _: nullcontext(job.step),
    )


def laboratory(scenario: Scenario, n: int, job: Job) -> Feasibility:
    """Return what ``afcsim conduct`` answers."""
    from simulator.evaluation.feasibility import feasibility

    return feasibility(scenario, n=n, progress=job.step)


def n_to_show(result: PowerResult, run: Run | None, target: float) -> int:
    """Return the n of which the page shows a study: the answer's, or the nearest to it."""
    if run is not None:
        return run.result.n_per_arm
    near = n_reaching(result.curve, target)
    return result.curve[-1].n if near is None else near
