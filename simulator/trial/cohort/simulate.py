"""One simulated study as tables: subjects, doses, observations, timeline, and its truth."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.scenario import Scenario
from simulator.trial.cohort.conduct import conduct, nominal_laboratory
from simulator.trial.cohort.observations import Observations
from simulator.trial.cohort.replay import Replay
from simulator.trial.cohort.studies import Studies
from simulator.trial.cohort.subjects import subjects_of
from simulator.trial.cohort.tables import (
    doses_table,
    subjects_table,
    timeline_table,
)
from simulator.trial.cohort.truth import truth_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cohort", "simulate_cohort", "simulate_cohorts"]

#: Animals per arm of ratio 1 where the caller names no number.
DEFAULT_SIZE = 10


@dataclass(frozen=True, repr=False)
class Cohort:
    """One simulated study.

    Attributes
    ----------
    scenario_id, seed, replicate, n : which study this is; ``n`` animals in an arm of ratio 1.
    subjects : one row per mouse, satellites too (``satellite_of`` names their endpoint); lost
        ones have their day of death.
    doses : one row per injection given, with both views of the dose and the volume in uL;
        ``day`` as planned, ``time_h`` hours since day 0 as it happened.
    observations : one row per value read; lost animals have none.
    timeline : what happened when, in order; where the design has a conduct, as it was realised.
    truth : what the analysis never sees: expected responses, folds, failed immunizations, and,
        with conduct, hours from immunization to kill.
    """

    scenario_id: str
    seed: int
    replicate: int
    n: int
    subjects: pd.DataFrame
    doses: pd.DataFrame
    observations: pd.DataFrame
    timeline: pd.DataFrame
    truth: dict[str, Any]

    def to_frame(self) -> pd.DataFrame:
        """Return the observations, the table that the analysis reads."""
        return self.observations

    def __repr__(self) -> str:
        arms = self.subjects.groupby("arm", sort=False).size()
        died = int(self.subjects["lost"].sum())
        endpoints = list(dict.fromkeys(self.observations["endpoint"]))
        return (
            f"Cohort of {self.scenario_id} (seed {self.seed}, replicate {self.replicate}): "
            f"{len(self.subjects)} mice, {died} lost, "
            f"arms {', '.join(f'{arm} {count}' for arm, count in arms.items())}; "
            f"{len(self.observations)} values of {', '.join(endpoints) or 'nothing'}"
        )


def simulate_cohort(scenario: Scenario, *, replicate: int = 0, n: int | None = None) -> Cohort:
    """Simulate one study and return its tables.

    The values are those that the power engine sees in the same replicate.

    Parameters
    ----------
    scenario : resolved scenario.
    replicate : which of the simulated studies, from 0.
    n : animals in an arm of ratio 1 (default 10); arms with a fixed number keep theirs.

    Raises
    ------
    ValueError : negative replicate, n below 1, or a number that the truth lacks.

    Examples
    --------
    >>> from simulator import load_scenario, simulate_cohort
    >>> cohort = simulate_cohort(load_scenario("quick-start"), n=8)
    >>> cohort.observations.columns.tolist()
    ['subject_id', 'arm', 'cage', 'endpoint', 'day', 'value', 'unit', 'censored']
    >>> cohort.subjects["arm"].value_counts().tolist()
    [8, 8]
    """
    return next(simulate_cohorts(scenario, replicates=(replicate,), n=n))


def simulate_cohorts(
    scenario: Scenario, *, replicates: Iterable[int], n: int | None = None
) -> Iterator[Cohort]:
    """Simulate several studies; a run of replicates of one block costs little more than one.

    Parameters
    ----------
    replicates : which studies, from 0; in ascending order each block is drawn once.
    n : as in ``simulate_cohort``.

    Raises
    ------
    ValueError : as ``simulate_cohort``.
    """
    cohorts = Cohorts(scenario, n=n)
    for replicate in replicates:
        yield cohorts.of(replicate)


class Cohorts:
    """The simulated studies of a scenario at one size, by their number; blocks are drawn once.

    Parameters
    ----------
    n : as in ``simulate_cohort``.

    Raises
    ------
    ValueError : as ``simulate_cohort``.
    """

    def __init__(self, scenario: Scenario, *, n: int | None = None) -> None:
        self._studies = Studies(scenario, n=DEFAULT_SIZE if n is None else n)
        realised = self._studies.realised
        self._replay = None if realised is None else Replay(realised)

    def of(self, replicate: int) -> Cohort:
        """Return one study."""
        observations, column = self._studies.of(replicate)
        return _cohort(observations, column, self._replay, replicate=replicate, n=self._studies.n)


def _cohort(
    observations: Observations, column: int, replay: Replay | None, *, replicate: int, n: int
) -> Cohort:
    block = observations.block
    scenario = block.scenario
    subjects = subjects_of(block, column)
    laboratory = nominal_laboratory if replay is None else replay.laboratory(column)
    events = conduct(scenario.design, subjects, laboratory=laboratory)
    return Cohort(
        scenario_id=scenario.id,
        seed=scenario.seed,
        replicate=replicate,
        n=n,
        subjects=subjects_table(subjects, events),
        doses=doses_table(events),
        observations=observations.frame(column),
        timeline=timeline_table(events),
        truth=truth_of(block, column, events=events),
    )
