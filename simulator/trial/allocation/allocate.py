"""The allocation of a study's animals to its arms, with coded labels; the seed reproduces it.

Drawn from the streams of owner ``allocation``: which animals form a block and which of its places
each one gets (``permuted_blocks``), or which cages an arm gets (``whole_cages``), the labels of
the animals and the letters of the syringes (``coded_labels``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.errors import DataError, Problem
from simulator.scenario import Scenario
from simulator.streams import SEARCH_BLOCK, stream
from simulator.tables.animals import ListedAnimal
from simulator.trial.allocation.candidates import (
    Group,
    counted,
    groups_of,
    natural,
    nearest_median,
    simulated_animals,
)
from simulator.trial.allocation.coded_labels import draw_labels, draw_letters
from simulator.trial.allocation.permuted_blocks import commonest, draw_blocks
from simulator.trial.allocation.whole_cages import divide_cages

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Draw = Callable[[str], np.random.Generator]

#: Where the simulated animals of a rehearsal are called from.
_SIMULATED = "simulated animals"


@dataclass(frozen=True)
class Allocated:
    """One enrolled animal.

    Attributes
    ----------
    label : code by which everybody but the keeper of the key knows it.
    animal, cage, weight : as listed; grams; cage empty where none is known.
    arm, satellite_of : what it is for; ``satellite_of`` an endpoint, or empty.
    block : number of its block from 1, in order of weight; 0 where whole cages were drawn.
    """

    label: str
    animal: str
    arm: str
    satellite_of: str
    block: int
    cage: str
    weight: float


@dataclass(frozen=True)
class Allocation:
    """Who gets what, and how it was drawn.

    Attributes
    ----------
    scenario_id, question, digest, seed, n : which study, ``n`` animals in an arm of ratio 1.
    arms : their names, in the design's order.
    rehearsal : whether animals and weights are simulated.
    animals : the enrolled, by cage and label: an order that tells nothing.
    reserve : animals of the list that are not enrolled.
    syringes : code of the syringe of each (arm, number of its regimen).
    method : how it was drawn, in words.
    notes : what the planner must know about it.
    """

    scenario_id: str
    question: str
    digest: str
    seed: int
    n: int
    arms: tuple[str, ...]
    rehearsal: bool
    animals: tuple[Allocated, ...]
    reserve: tuple[ListedAnimal, ...]
    syringes: dict[tuple[str, int], str]
    method: str
    notes: tuple[str, ...]


def allocate(
    scenario: Scenario,
    *,
    n: int,
    animals: Sequence[ListedAnimal] | None = None,
    source: str = _SIMULATED,
) -> Allocation:
    """Allocate animals to the arms of a study.

    Parameters
    ----------
    scenario : resolved scenario; its seed decides.
    n : animals in an arm of ratio 1; arms with a fixed number keep theirs.
    animals : the real ones; without them a simulated cohort stands in, for a rehearsal. Those
        beyond the number needed whose weight is furthest from the median are the reserve.
    source : what the animals were read from, for messages.

    Raises
    ------
    DataError : too few animals, or cages that do not allow what the design asks for.
    """
    listed = simulated_animals(scenario, n) if animals is None else tuple(animals)
    groups = groups_of(scenario, n)
    needed = sum(group.size for group in groups)
    if len(listed) < needed:
        text = (
            f"has {len(listed)} animals, the study needs {needed} ({counted(groups)}): "
            f"{needed - len(listed)} are missing"
        )
        raise DataError(source, [Problem("animals", text)])

    def draw(purpose: str) -> np.random.Generator:
        return stream(scenario.seed, block=SEARCH_BLOCK, owner="allocation", purpose=purpose)

    if scenario.design.animals.arms_share_cages:
        found = _mixed(scenario, draw, listed, groups)
    else:
        found = _by_cage(scenario, draw, listed, groups, source)
    enrolled, arm, block, method, notes = found
    names = (*scenario.design.arms, *scenario.design.substances)
    labels = draw_labels(draw("labels"), len(enrolled), taken=names)
    rows = [
        Allocated(
            label,
            listed[k].animal,
            groups[i].arm,
            groups[i].satellite_of,
            int(b),
            listed[k].cage,
            listed[k].weight,
        )
        for label, k, i, b in zip(labels, enrolled, arm, block, strict=True)
    ]
    regimens = [
        (key, i) for key, one in scenario.design.arms.items() for i in range(len(one.regimens))
    ]
    taken = (*names, *(row.cage for row in rows))
    letters = draw_letters(draw("syringes"), len(regimens), taken=taken)
    kept = {int(k) for k in enrolled}
    return Allocation(
        scenario_id=scenario.id,
        question=scenario.question,
        digest=scenario.digest,
        seed=scenario.seed,
        n=n,
        arms=tuple(scenario.design.arms),
        rehearsal=animals is None,
        animals=tuple(sorted(rows, key=lambda row: (natural(row.cage), row.label))),
        reserve=tuple(animal for k, animal in enumerate(listed) if k not in kept),
        syringes=dict(zip(regimens, letters, strict=True)),
        method=method,
        notes=notes,
    )


_Found = tuple[Sequence[int], Sequence[int], Sequence[int], str, tuple[str, ...]]


def _mixed(
    scenario: Scenario,
    draw: Draw,
    listed: Sequence[ListedAnimal],
    groups: Sequence[Group],
) -> _Found:
    sizes = [group.size for group in groups]
    enrolled = nearest_median(draw("reserve"), listed, among=range(len(listed)), count=sum(sizes))
    cages, held = _cages(listed, enrolled)
    balance, notes = scenario.design.randomization.balance, []
    by_weight, by_cage = "weight" in balance, "cage" in balance
    if by_cage and not all(listed[k].cage for k in enrolled):
        by_cage = False
        notes.append("the list has no cages: the arms are not balanced over cages")
    elif by_cage and held.size == 1:
        by_cage = False
    usual = [
        group.size
        for group in groups
        if (arm := scenario.design.arms[group.arm]).n is None and arm.ratio == 1
    ]
    found = draw_blocks(
        draw("blocks"),
        sizes=sizes,
        blocks=commonest(usual) if usual else None,
        weights=np.array([listed[k].weight for k in enrolled]) if by_weight else None,
        cages=cages if by_cage else None,
    )
    method = "permuted blocks"
    method += " of animals of like weight" if by_weight else " of animals in random order"
    if by_cage:
        method += ", the arms spread over the cages by random exchanges within blocks"
    return enrolled, found.arm[0].tolist(), found.block[0].tolist(), method, tuple(notes)


def _by_cage(
    scenario: Scenario,
    draw: Draw,
    listed: Sequence[ListedAnimal],
    groups: Sequence[Group],
    source: str,
) -> _Found:
    if not all(animal.cage for animal in listed):
        text = (
            "is missing: design.animals.arms_share_cages is false, so whole cages are drawn and "
            "every animal needs its cage"
        )
        raise DataError(source, [Problem("cage", text)])
    everyone = range(len(listed))
    cages, held = _cages(listed, everyone)
    sizes = [group.size for group in groups]
    by_weight = "weight" in scenario.design.randomization.balance
    weights = np.array([animal.weight for animal in listed])
    grams = np.bincount(cages, weights=weights).astype(np.float64)
    arm_of = divide_cages(draw("cages"), sizes=sizes, held=held, grams=grams if by_weight else None)
    if arm_of is None:
        smallest, largest = int(held.min()), int(held.max())
        each = f"{largest}" if smallest == largest else f"{smallest} to {largest}"
        text = (
            f"{held.size} cages of {each} animals do not hold {len(groups)} arms of "
            f"{_range(sizes)} in cages of their own: {_cages_needed(sizes, held)}, or "
            "design.animals.arms_share_cages: true"
        )
        raise DataError(source, [Problem("cage", text)])
    chooser = draw("reserve")
    enrolled: list[int] = []
    arms: list[int] = []
    for i, size in enumerate(sizes):
        own = [k for k in everyone if arm_of[cages[k]] == i]
        enrolled += nearest_median(chooser, listed, among=own, count=size)
        arms += [i] * size
    # the labels are dealt in this order: it must not be that of the arms
    order = draw("order").permutation(len(enrolled))
    method = "whole cages, drawn at random" + (
        " among the divisions whose arms are most alike in mean weight" if by_weight else ""
    )
    return (
        [enrolled[k] for k in order],
        [arms[k] for k in order],
        [0] * len(enrolled),
        method,
        (
            "every cage holds one arm: who knows the arm of one animal knows it of its cage mates, "
            "so count cages, not mice (analysis.unit: cage)",
        ),
    )


def _cages_needed(sizes: Sequence[int], held: Ints) -> str:
    """Say how many cages of the sizes there are would do."""
    for each in sorted({int(size) for size in held}, reverse=True):
        needed = sum(math.ceil(size / each) for size in sizes)
        if needed > held.size or each == held.min():
            more = "" if needed > held.size else ", all of that size"
            return f"{needed} cages of {each} are needed{more}"
    raise AssertionError("no cages at all")


def _range(sizes: Sequence[int]) -> str:
    low, high = min(sizes), max(sizes)
    return f"{low}" if low == high else f"{low} to {high}"


def _cages(listed: Sequence[ListedAnimal], which: Sequence[int]) -> tuple[Ints, Ints]:
    """Return the cage (index) of each of these animals, and the number of them in each cage."""
    number: dict[str, int] = {}
    cages = [number.setdefault(listed[k].cage, len(number)) for k in which]
    return np.array(cages, dtype=np.int64), np.bincount(np.array(cages, dtype=np.int64))
