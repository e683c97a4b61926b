"""One simulated study as tables: subjects, doses, observations, timeline, and its truth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from simulator.assay import censoring
from simulator.model.animals import Animals
from simulator.model.response_table import Responses, respond
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE
from simulator.tables import DOSE_COLUMNS, OBSERVATION_COLUMNS, SUBJECT_COLUMNS
from simulator.trial.block import CohortBlock, cohort_block
from simulator.trial.conduct import Event, Subject, conduct

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
    timeline : what happened when, in order.
    truth : what the analysis never sees: expected responses, folds, failed immunizations.
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
    size = DEFAULT_SIZE if n is None else n
    responses = respond(scenario)
    drawn: tuple[int, CohortBlock] | None = None
    for replicate in replicates:
        if replicate < 0 or size < 1:
            raise ValueError(f"replicate {replicate} and n {size}: from 0 and from 1")
        number = replicate // BLOCK_SIZE
        if drawn is None or drawn[0] != number:
            sizes = scenario.design.sizes(size)
            drawn = number, cohort_block(scenario, responses, block=number, sizes=sizes)
        yield _cohort(scenario, responses, drawn[1], replicate=replicate, n=size)


def _cohort(
    scenario: Scenario, responses: Responses, block: CohortBlock, *, replicate: int, n: int
) -> Cohort:
    column = replicate % BLOCK_SIZE
    groups = [_group(scenario, block, column, None)]
    groups += [_group(scenario, block, column, endpoint) for endpoint in block.satellites]
    subjects = [subject for group in groups for subject in group]
    events = conduct(scenario.design, subjects)
    return Cohort(
        scenario_id=scenario.id,
        seed=scenario.seed,
        replicate=replicate,
        n=n,
        subjects=_subjects(scenario, subjects),
        doses=_doses(events),
        observations=_observations(scenario, block, column),
        timeline=_timeline(events),
        truth=_truth(scenario, responses, block, column),
    )


def _subject_id(animals: Animals, index: int) -> str:
    parts = (animals.arm, animals.prefix.removesuffix("/"), f"{index + 1:02d}")
    return "-".join(part for part in parts if part)


def _cage_id(scenario: Scenario, animals: Animals, index: int) -> str:
    shared = scenario.design.animals.arms_share_cages
    owner = "" if shared else animals.arm
    parts = (owner, animals.prefix.removesuffix("/"), f"cage-{int(animals.cage[index]) + 1:02d}")
    return "-".join(part for part in parts if part)


def _group(
    scenario: Scenario, block: CohortBlock, column: int, satellite: str | None
) -> list[Subject]:
    """Return the mice of one replicate: the main ones, or the satellites of an endpoint."""
    design = scenario.design
    if satellite is None:
        animals = block.animals
        read = tuple(key for key, endpoint in design.endpoints.items() if not endpoint.satellite)
    else:
        animals, read = block.satellites[satellite], (satellite,)
    first_read = min((design.endpoints[key].day for key in read), default=None)
    found = []
    for group in animals.values() if read else ():
        for index in range(group.n):
            dies = None
            if group.lost[index, column] and first_read is not None:
                # where it is read before the immunization, it dies on the day before
                start = min(design.immunization.day, first_read - 1.0)
                dies = start + (first_read - start) * float(group.life[index, column])
            found.append(
                Subject(
                    subject_id=_subject_id(group, index),
                    arm=group.arm,
                    cage=_cage_id(scenario, group, index),
                    weight=float(group.weight[index, column]),
                    endpoints=read,
                    dies_on=dies,
                )
            )
    return found


def _subjects(scenario: Scenario, subjects: Sequence[Subject]) -> pd.DataFrame:
    endpoints = scenario.design.endpoints
    rows = [
        {
            "subject_id": subject.subject_id,
            "arm": subject.arm,
            "cage": subject.cage,
            "weight_g": subject.weight,
            "satellite_of": next(
                (key for key in subject.endpoints if endpoints[key].satellite), ""
            ),
            "lost": subject.dies_on is not None,
            "death_day": math.nan if subject.dies_on is None else subject.dies_on,
        }
        for subject in subjects
    ]
    return pd.DataFrame(rows, columns=list(SUBJECT_COLUMNS))


def _doses(events: Sequence[Event]) -> pd.DataFrame:
    rows = []
    for event in events:
        if event.regimen is None:
            continue
        volume, mass = event.regimen.dose.volume, event.regimen.dose.mass
        rows.append(
            {
                "subject_id": event.subject.subject_id,
                "arm": event.subject.arm,
                "substance": event.regimen.substance,
                "route": event.regimen.route,
                "day": event.day,
                "time_h": 24.0 * event.time,
                "volume_ul_per_kg": math.nan if volume is None else volume,
                "mass_ug_per_kg": math.nan if mass is None else mass,
                "injected_ul": math.nan
                if volume is None
                else volume * event.subject.weight / 1000.0,
            }
        )
    return pd.DataFrame(rows, columns=list(DOSE_COLUMNS))


def _timeline(events: Sequence[Event]) -> pd.DataFrame:
    rows = [(e.time, e.event, e.subject.subject_id, e.subject.arm, e.detail) for e in events]
    return pd.DataFrame(rows, columns=["day", "event", "subject_id", "arm", "detail"])


def _observations(scenario: Scenario, block: CohortBlock, column: int) -> pd.DataFrame:
    rows: list[tuple[object, ...]] = []
    for key, arms in block.values.items():  # noqa: PD011 (not a data frame)
        endpoint = scenario.design.endpoints[key]
        for arm, animals in block.animals_of(key).items():
            values = arms[arm][:, column]
            flags = censoring(endpoint, values)
            rows += [
                (
                    _subject_id(animals, index),
                    arm,
                    _cage_id(scenario, animals, index),
                    key,
                    endpoint.day,
                    float(value),
                    endpoint.unit,
                    str(flags[index]),
                )
                for index, value in enumerate(values)
                if not math.isnan(value)
            ]
    return pd.DataFrame(rows, columns=list(OBSERVATION_COLUMNS))


def _truth(
    scenario: Scenario, responses: Responses, block: CohortBlock, column: int
) -> dict[str, Any]:
    """Return the expected response of the typical animal per arm, and the failures."""
    arms, typical = scenario.design.arms, np.zeros(1)
    control = next((key for key, arm in arms.items() if arm.role == "control"), None)
    endpoints: dict[str, Any] = {}
    for key, endpoint in scenario.design.endpoints.items():
        level = {arm: float(responses.log_response(arm, key, typical)[0]) for arm in arms}
        endpoints[key] = {
            "unit": endpoint.unit,
            "arms": {
                arm: {
                    "expected": math.exp(found),
                    "fold_over_control": None
                    if control is None
                    else math.exp(found - level[control]),
                }
                for arm, found in level.items()
            },
        }
    everyone = [block.animals, *block.satellites.values()]
    failed = [
        _subject_id(animals, index)
        for group in everyone
        for animals in group.values()
        if animals.immunized is not None
        for index in range(animals.n)
        if not animals.immunized[index, column]
    ]
    return {
        "scenario": scenario.id,
        "digest": scenario.digest,
        "seed": scenario.seed,
        "control": control,
        "endpoints": endpoints,
        "failed_immunizations": failed,
    }
