"""Giving an analysis one simulated study after the other, and keeping what it says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.auditing.claims import NUMBERS, Claims
from simulator.auditing.evidence import WORLDS, Evidence, FailedRun, Floats, World
from simulator.auditing.outcome import Analyst, Outcome
from simulator.auditing.reference import Answers, answers
from simulator.engine.engine import Engine
from simulator.engine.local import LocalEngine, Progress
from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.trial.cohort.studies import Studies

if TYPE_CHECKING:
    import pandas as pd

    from simulator.auditing.estimands import Estimand

#: An analysis that has failed in so many runs, from the first on, is given no more.
HOPELESS = 20

#: Which study an analysis is given: the world, and the number of the replicate.
Run = tuple[World, int]
Known = Mapping[Run, Outcome]
Record = Callable[[World, int, Outcome], None]


def check_comparisons(scenario: Scenario) -> None:
    """Raise ScenarioError where a plan compares nothing."""
    if not scenario.analysis.comparisons:
        problem = Problem("analysis.families", "is empty: there is nothing to hold an analysis to")
        raise ScenarioError(scenario.id, [problem])


class Data:
    """The simulated studies of both worlds. Safe to ask from several threads.

    Parameters
    ----------
    n : animals in an arm of ratio 1.

    Raises
    ------
    ScenarioError : the plan compares nothing.
    """

    def __init__(self, scenario: Scenario, *, n: int) -> None:
        check_comparisons(scenario)
        self._lock = threading.Lock()
        self._worlds: dict[World, Studies] = {
            "as written": Studies(scenario, n=n),
            "null": Studies(scenario.null_twin(), n=n),
        }
        self.n = n
        self.plan, self.comparisons = scenario.analysis, scenario.analysis.comparisons

    def frame(self, world: World, replicate: int) -> pd.DataFrame:
        """Return the observations of one study."""
        with self._lock:
            observations, column = self._worlds[world].of(replicate)
            return observations.frame(column)

    def given_to(self, analyst: Analyst) -> Callable[[Run], Outcome]:
        """Return the work of giving an analysis, in this process, the study of a run."""
        return lambda run: analyst(self.frame(*run))

    def plan_says(
        self, world: World, replicate: int, estimand: Estimand | None
    ) -> tuple[Answers, Floats]:
        """Return the plan's own answers and estimates of one study.

        Parameters
        ----------
        estimand : what to estimate; None for no estimates (NaN).
        """
        with self._lock:
            observations, column = self._worlds[world].of(replicate)
            samples = observations.samples(column)
        estimates = np.full(len(self.comparisons), np.nan)
        if estimand is not None:
            for k, one in enumerate(self.comparisons):
                treated = samples.get(one.endpoint, one.treated).recorded
                control = samples.get(one.endpoint, one.control).recorded
                estimates[k] = estimand.of(treated, control)
        return answers(samples, self.plan), estimates


@dataclass(frozen=True)
class Collected:
    """The evidence of both worlds, and why it ended early; empty where it did not."""

    runs: Mapping[World, Evidence]
    stopped: str


def collect(
    data: Data,
    work: Callable[[Run], Outcome],
    *,
    replicates: int,
    estimand: Estimand,
    engine: Engine | None = None,
    known: Known | None = None,
    record: Record | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Give an analysis the studies of both worlds and return what it said beside the plan's own.

    The studies of one number share their animals, so they are given one after the other. What
    is returned does not depend on the engine nor on what was known. Only the analysis runs on the
    engine: what the plan says takes a thousandth of a second, and whatever machines are at work
    it is then said by one, which has to do it for what was known anyway.

    Parameters
    ----------
    work : gives the analysis the study of a run, see `Data.given_to`; where the engine is of other
        processes, something that can be sent there.
    replicates : studies of each world.
    estimand : what the plan estimates beside the analysis, where that gives an estimate.
    engine : runs ``work``; default: in this thread, one after the other.
    known : outcomes of runs that need not be made again.
    record : called with every new outcome as soon as it is there.
    progress : called with (runs done, runs in all).
    """
    runs: list[Run] = [(world, replicate) for replicate in range(replicates) for world in WORLDS]
    # finished, and waiting for their turn: some runs take longer than those after them
    there = {run: outcome for run, outcome in (known or {}).items() if run[1] < replicates}
    finished = len(there)
    kept: dict[World, _Kept] = {world: _Kept.of(replicates, data) for world in WORLDS}
    stopped, failures, done = "", 0, 0
    new = [run for run in runs if run not in there]
    with closing((engine or LocalEngine(1)).run(work, new)) as coming:
        for done, run in enumerate(runs, start=1):
            while run not in there:
                made, outcome = next(coming)
                there[made], finished = outcome, finished + 1
                if record is not None:
                    record(*made, outcome)
                if progress is not None:
                    progress(finished, len(runs))
            outcome = there.pop(run)
            claims = outcome.claims
            estimates = claims is not None and not np.isnan(claims.estimate).all()
            own = data.plan_says(*run, estimand if estimates else None)
            kept[run[0]].put(run[1], outcome, *own)
            failures += claims is None
            if failures == done == HOPELESS and done < len(runs):
                stopped = f"the first {HOPELESS} runs all failed, so no more were made"
                break
    used = -(-done // len(WORLDS))
    for world in WORLDS:
        kept[world].complete(data, world, used, estimand)
    return Collected({world: kept[world].evidence(world, data, used) for world in WORLDS}, stopped)


@dataclass
class _Kept:
    """Rows of evidence as they come in."""

    said: dict[str, Floats]
    own: dict[str, Floats]
    failed: list[tuple[int, Outcome]]
    notes: dict[str, None]  # each once, in the order in which they came

    @classmethod
    def of(cls, replicates: int, data: Data) -> _Kept:
        shape = replicates, len(data.comparisons)

        def empty(*names: str) -> dict[str, Floats]:
            return {name: np.full(shape, np.nan) for name in names}

        own = empty("plan_p_value", "plan_p_adjusted", "plan_u", "plan_estimate", "plan_rejected")
        return cls(empty(*NUMBERS, "rejected"), own, [], {})

    def put(self, replicate: int, outcome: Outcome, own: Answers, estimates: Floats) -> None:
        claims: Claims | None = outcome.claims
        if claims is None:
            self.failed.append((replicate, outcome))
        else:
            self.notes |= dict.fromkeys(claims.notes)
            for name, values in self.said.items():
                values[replicate] = getattr(claims, name)
        for name in ("p_value", "p_adjusted", "u", "rejected"):
            self.own[f"plan_{name}"][replicate] = getattr(own, name)
        self.own["plan_estimate"][replicate] = estimates

    def complete(self, data: Data, world: World, used: int, estimand: Estimand) -> None:
        """Estimate as the plan does also where the analysis, which does elsewhere, did not."""
        if np.isnan(self.said["estimate"]).all():
            return
        for replicate in np.flatnonzero(np.isnan(self.own["plan_estimate"][:used]).all(axis=1)):
            _, estimates = data.plan_says(world, int(replicate), estimand)
            self.own["plan_estimate"][replicate] = estimates

    def evidence(self, world: World, data: Data, used: int) -> Evidence:
        own = {name: values[:used] for name, values in self.own.items()}
        failed = (
            FailedRun(world, replicate, outcome.failure or "crashed", outcome.message)
            for replicate, outcome in self.failed
        )
        return Evidence(
            world=world,
            plan=data.plan,
            **{name: values[:used] for name, values in self.said.items()},
            **{name: values for name, values in own.items() if name != "plan_rejected"},
            plan_rejected=own["plan_rejected"] == 1,
            failed=tuple(failed),
            notes=tuple(self.notes),
        )
