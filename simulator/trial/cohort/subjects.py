"""The mice of one replicate: who they are, what is read in them, when they die."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.model.animals import Animals
from simulator.trial.block import CohortBlock
from simulator.trial.cohort.conduct import Subject


def subjects_of(block: CohortBlock, column: int) -> tuple[Subject, ...]:
    """Return every mouse of one replicate: the main ones, then the satellites by endpoint.

    Parameters
    ----------
    block : of replicates.
    column : which of them.
    """
    design = block.scenario.design
    main = tuple(key for key, endpoint in design.endpoints.items() if not endpoint.satellite)
    found: list[Subject] = []
    for satellite_of, animals in [(None, block.animals), *block.satellites.items()]:
        read = main if satellite_of is None else (satellite_of,)
        for group in animals.values() if read else ():
            found += _of_group(block, column, group, satellite_of=satellite_of, read=read)
    return tuple(found)


def subject_id(animals: Animals, index: int) -> str:
    """Return the id of one animal: its arm, its endpoint if it is a satellite, its number."""
    parts = (animals.arm, animals.prefix.removesuffix("/"), f"{index + 1:02d}")
    return "-".join(part for part in parts if part)


def cage_id(animals: Animals, index: int) -> str:
    """Return the id of an animal's cage; it names the arm where cages belong to arms."""
    shared = animals.scenario.design.animals.arms_share_cages
    owner = "" if shared else animals.arm
    parts = (owner, animals.prefix.removesuffix("/"), f"cage-{int(animals.cage[index]) + 1:02d}")
    return "-".join(part for part in parts if part)


def _of_group(
    block: CohortBlock,
    column: int,
    group: Animals,
    *,
    satellite_of: str | None,
    read: tuple[str, ...],
) -> Iterator[Subject]:
    places, days = None, None
    if block.realised is not None:
        places = block.places[satellite_of][group.arm][:, column]
        days = block.realised.timeline.lines[satellite_of].day_of[places]
    deaths, lost = group.death_day[:, column], group.lost[:, column]
    missed = _missed(block, column, group)
    for index in range(group.n):
        yield Subject(
            subject_id=subject_id(group, index),
            arm=group.arm,
            cage=cage_id(group, index),
            weight=float(group.weight[index, column]),
            endpoints=read,
            dies_on=None if math.isnan(deaths[index]) else float(deaths[index]),
            lost=bool(lost[index]),
            satellite_of=satellite_of,
            place=None if places is None else int(places[index]),
            start_day=0 if days is None else int(days[index]),
            missed=frozenset(day for day, left_out in missed.items() if left_out[index]),
        )


def _missed(block: CohortBlock, column: int, group: Animals) -> dict[float, NDArray[np.bool_]]:
    """Return whose doses (animals,) are left out, by planned day."""
    design = block.scenario.design
    if block.realised is None or design.conduct is None or not design.conduct.missed_doses:
        return {}
    regimens = design.arms[group.arm].regimens
    planned = {day for regimen in regimens for day in design.schedules[regimen.schedule].times}
    # the rounds that act on the response are numbered first: what is missed here is the engine's
    acting = block.realised.timing.rounds(group.arm)
    rounds = [*acting, *sorted(planned.difference(acting))]
    return {day: group.missed_dose(number)[:, column] for number, day in enumerate(rounds)}
