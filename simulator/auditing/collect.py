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
from simulator.engine.local import Progress, run_blocks
from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.trial.cohort.studies import Studies

if TYPE_CHECKING:
    import pandas as pd

    from simulator.auditing.estimands import Estimand

#: An analysis that has failed in so many runs, from the first on, is given no more.
HOPELESS = 20

Known = Mapping[tuple[World, int], Outcome]
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
        self.plan, self.comparisons = scenario.analysis, scenario.analysis.comparisons

    def frame(self, world: World, replicate: int) -> pd.DataFrame:
        """Return the observations of one study."""
        with self._lock:
            observations, column = self._worlds[world].of(replicate)
            return observations.frame(column)

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
    analyst: Analyst,
    *,
    replicates: int,
    estimand: Estimand,
    jobs: int = 1,
    known: Known | None = None,
    record: Record | None = None,
    cancel: Callable[[], None] | None = None,
    progress: Progress | None = None,
) -> Collected:
    """Give an analysis the studies of both worlds and return what it said beside the plan's own.

    The studies of one number share their animals, so they are given one after the other. What
    is returned does not depend on ``jobs`` nor on what was known.

    Parameters
    ----------
    analyst : called with a table that is its own; from several threads where ``jobs`` > 1.
    replicates : studies of each world.
    estimand : what the plan estimates beside the analysis, where that gives an estimate.
    known : outcomes of runs that need not be made again.
    record : called with every new outcome as soon as it is there, by one thread at a time.
    cancel : called when the work is given up, so that runs under way can be stopped.
    progress : called with (runs done, runs in all).
    """
    finished, recording = known or {}, threading.Lock()

    def work(index: int) -> tuple[Outcome, Answers, Floats]:
        replicate, place = divmod(index, len(WORLDS))
        world = WORLDS[place]
        outcome = finished.get((world, replicate))
        if outcome is None:
            outcome = analyst(data.frame(world, replicate))
            if record is not None:
                with recording:
                    record(world, replicate, outcome)
        claims = outcome.claims
        estimates = claims is not None and not np.isnan(claims.estimate).all()
        return outcome, *data.plan_says(world, replicate, estimand if estimates else None)

    kept: dict[World, _Kept] = {world: _Kept.of(replicates, data) for world in WORLDS}
    stopped, failures = "", 0
    runs = run_blocks(
        work, range(replicates * len(WORLDS)), threads=jobs, progress=progress, cancel=cancel
    )
    done = 0
    with closing(runs):
        for done, (outcome, own, estimates) in enumerate(runs, start=1):
            replicate, place = divmod(done - 1, len(WORLDS))
            kept[WORLDS[place]].put(replicate, outcome, own, estimates)
            failures += outcome.claims is None
            if failures == done == HOPELESS and done < replicates * len(WORLDS):
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
