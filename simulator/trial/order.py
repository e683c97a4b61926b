"""The line in which the animals of a study are taken: the place of each in each replicate.

A study of P animals (the main ones, or the satellites of one endpoint) has the places 0 to P - 1.
What happens at a place, and when, is the timeline's business; who stands there is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.model.animals import Animals, assign_cages
from simulator.scenario import Design
from simulator.scenario.conduct import Conduct
from simulator.streams import BLOCK_SIZE, stream

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def places_per_day(design: Design, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Count the animals of each of the days on which the study runs.

    Parameters
    ----------
    design : with a conduct.
    sizes : animals per arm.

    Raises
    ------
    ValueError : the design has no conduct.
    """
    conduct = _conduct(design)
    present = {arm: sizes[arm] for arm in design.arms if arm in sizes}
    cages: Mapping[str, Ints] = {}
    if _split_by_cage(conduct):
        cages = assign_cages(design, sizes=present)
    days = _days(conduct, present, cages)
    counts = np.bincount(np.concatenate(list(days.values())), minlength=conduct.days)
    return tuple(int(count) for count in counts)


def places_of(design: Design, animals: Mapping[str, Animals]) -> dict[str, Ints]:
    """Return the place of each animal in each replicate, by arm (n, replicates).

    The places of a day are consecutive, the first day's come first. ``by-block``: the i-th
    animals of all arms are a round (of an arm of ratio 2 two animals; an arm of a fixed number is
    spread over the rounds), and stand in random order before the next round, so with one day and
    arms of ratio 1 the first animals of a larger study stand where those of a smaller one do.
    ``randomized``: all animals of the day in random order. ``by-cage``: its cages in random
    order. ``by-arm``: no chance at all; these arrays are read-only.

    Parameters
    ----------
    design : with a conduct.
    animals : by arm; all main animals, or all satellites of one endpoint, of one block.

    Raises
    ------
    ValueError : the design has no conduct.
    """
    conduct = _conduct(design)
    present = {arm: animals[arm] for arm in design.arms if arm in animals}
    sizes = {arm: group.n for arm, group in present.items()}
    days = _days(conduct, sizes, {arm: group.cage for arm, group in present.items()})
    day = np.concatenate(list(days.values()))
    if conduct.order == "by-cage":
        places = _by_cage(design, present, day)
    elif conduct.order == "by-arm":
        # rows are in order of the arms, and a stable sort leaves them so within a day
        places = np.empty(day.size, dtype=np.int64)
        places[np.argsort(day, kind="stable")] = np.arange(day.size)
        places = np.broadcast_to(places[:, None], (day.size, BLOCK_SIZE))
    else:
        keys = np.concatenate([_keys(group) for group in present.values()])
        before = day.astype(np.float64)
        if conduct.order == "by-block":
            turn = _rounds(design, days)
            before = before * (turn.max() + 1.0) + turn
        keys += before[:, None]
        places = _starts(keys, np.ones(day.size, dtype=np.int64))
    ends = np.cumsum(list(sizes.values()))[:-1]
    return dict(zip(sizes, np.split(places, ends), strict=True))


def _conduct(design: Design) -> Conduct:
    if design.conduct is None:
        raise ValueError("without conduct nothing has to wait, and no animal has a place in a line")
    return design.conduct


def _split_by_cage(conduct: Conduct) -> bool:
    return conduct.days > 1 and conduct.split == "balanced" and conduct.order == "by-cage"


def _days(conduct: Conduct, sizes: Mapping[str, int], cages: Mapping[str, Ints]) -> dict[str, Ints]:
    """Return the day of each animal, from 0, by arm (n,).

    Balanced: the animals of an arm in turn (by-cage: the cages). By arm: whole arms, in as many
    parts as there are days; where there are more days than arms, the last days stay empty.
    """
    if conduct.split == "by-arm":
        parts = min(conduct.days, len(sizes))
        return {
            arm: np.full(n, place * parts // len(sizes), dtype=np.int64)
            for place, (arm, n) in enumerate(sizes.items())
        }
    if _split_by_cage(conduct):
        return {arm: cages[arm] % conduct.days for arm in sizes}
    return {arm: np.arange(n, dtype=np.int64) % conduct.days for arm, n in sizes.items()}


def _rounds(design: Design, days: Mapping[str, Ints]) -> Ints:
    """Return in which round of its own day each animal is taken, arm after arm (all animals,).

    A day has as many rounds as an arm of ratio 1 has animals on it; every arm, one of a fixed
    number too, is spread evenly over them, so that none is early or late on average.
    """
    rounds = []
    for own in days.values():
        turn = np.empty(own.size)
        for day in np.unique(own):
            there = own == day
            mine = np.count_nonzero(there)
            counts = {arm: int(np.count_nonzero(of == day)) for arm, of in days.items()}
            turn[there] = (np.arange(mine) + 0.5) / mine * _rounds_of(design, counts)
        # rounded: the quotient of an animal that opens a round is that round, not just below it
        rounds.append(np.floor(np.round(turn, 9)).astype(np.int64))
    return np.concatenate(rounds)


def _rounds_of(design: Design, counts: Mapping[str, int]) -> int:
    """Return the rounds of a day on which each arm has so many animals."""
    paced = [n / design.arms[arm].ratio for arm, n in counts.items() if design.arms[arm].n is None]
    return max(1, math.ceil(max(paced or counts.values()) - 1e-9))


def _keys(group: Animals) -> Floats:
    """Draw what the order is decided by, in [0, 1) (n, replicates)."""
    return group.generator("order").random((group.n, BLOCK_SIZE))


def _cage_keys(group: Animals, owner: str, cages: Ints) -> Floats:
    """Draw the same for cages (cages, replicates); they belong to an arm, or to all."""
    chance = stream(
        group.scenario.seed,
        block=group.block,
        owner=owner,
        purpose=group.prefix + "cage-order",
    )
    return chance.random((int(cages.max()) + 1, BLOCK_SIZE))


def _by_cage(design: Design, animals: Mapping[str, Animals], day: Ints) -> Ints:
    """Return the places (all animals, replicates): cages at random, in a cage as it was dealt."""
    groups, shared = list(animals.values()), design.animals.arms_share_cages
    sizes = [group.n for group in groups]
    cage = np.concatenate([group.cage for group in groups])
    owner = np.repeat(np.arange(len(groups)), sizes) * (not shared)
    if shared:
        drawn = [_cage_keys(groups[0], "cages", cage)]
    else:
        drawn = [_cage_keys(group, group.arm, group.cage) for group in groups]
    # the animals of one cage and one day are taken one after the other
    names, unit, counts = np.unique(
        np.stack([day, owner, cage]),
        axis=1,
        return_inverse=True,
        return_counts=True,
    )
    unit = unit.reshape(-1)
    keys = np.stack([drawn[who][which] for _, who, which in names.T])
    starts = _starts(keys + names[0][:, None], counts)
    paces = [design.arms[group.arm].pace for group in groups]
    dealt = np.concatenate([np.arange(n) / pace for n, pace in zip(sizes, paces, strict=True)])
    sequence = np.lexsort((dealt.round(9), unit))  # stable: at a tie the arm that comes first
    within = np.empty(day.size, dtype=np.int64)
    within[sequence] = np.arange(day.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return starts[unit] + within[:, None]


def _starts(keys: Floats, sizes: Ints) -> Ints:
    """Return the first place of each unit (units, replicates) when they stand by their keys.

    Parameters
    ----------
    keys : (units, replicates).
    sizes : animals of each unit (units,), who stand one after the other.
    """
    sequence = np.argsort(keys, axis=0, kind="stable")  # so a tie is no machine's choice
    standing = sizes[sequence]
    found = np.empty(keys.shape, dtype=np.int64)
    np.put_along_axis(found, sequence, np.cumsum(standing, axis=0) - standing, axis=0)
    return found
