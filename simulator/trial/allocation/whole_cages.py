"""Whole cages as the unit of randomization: every cage goes to one arm.

Many random divisions of the cages are drawn; of those that give every arm enough animals, the
ones whose arms are most alike in mean weight are kept, and one of them is taken at random
(constrained randomization: Raab and Butcher, Stat Med 2001, 20:351-365; Moulton, Clin Trials
2004, 1:297-305). Arms of one size are treated alike throughout, so each animal is equally often
in each of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Divisions of the cages among which the best-balanced are looked for, and the share kept.
_DIVISIONS, _KEPT = 200, 0.1
#: Share of random divisions that must be possible; where fewer are, they are mended.
_COMMON = 0.5
#: Exchanges tried to mend a division in which an arm has too few animals.
_MENDING = 2000


def divide_cages(
    generator: np.random.Generator,
    *,
    sizes: Sequence[int],
    held: Ints,
    grams: Floats | None = None,
) -> Ints | None:
    """Return the arm (index) of each cage, -1 where it is in no arm; None where none is possible.

    Parameters
    ----------
    sizes : animals that each arm needs.
    held : (cages,) animals in each cage.
    grams : (cages,) their weight together, by which arms are made alike; None for no balance.
    """
    wanted = np.asarray(sizes, dtype=np.int64)
    for typical in np.unique(held)[::-1]:
        cages = [math.ceil(size / int(typical)) for size in sizes]
        if sum(cages) > held.size:
            return None  # smaller cages would need even more of them
        slots = np.full(held.size, -1, dtype=np.int64)
        slots[: sum(cages)] = np.repeat(np.arange(len(sizes)), cages)
        divisions = _divisions(generator, slots, held, wanted)
        if len(divisions):
            return divisions[_chosen(generator, divisions, held, grams, len(sizes))]
    return None


def _divisions(generator: np.random.Generator, slots: Ints, held: Ints, wanted: Ints) -> Ints:
    """Return random divisions (divisions, cages) in which every arm has enough animals."""
    drawn = generator.permuted(np.tile(slots, (_DIVISIONS, 1)), axis=1)
    enough = (_sums(drawn, held, wanted.size) >= wanted).all(axis=1)
    if enough.mean() >= _COMMON:
        return drawn[enough]
    mended = [_mended(generator, division, held, wanted) for division in drawn]
    return np.array([division for division in mended if division is not None], dtype=np.int64)


def _sums(divisions: Ints, amounts: Ints | Floats, arms: int) -> Floats:
    """Return the sum of an amount of the cages of each arm: (divisions, arms)."""
    member = divisions[:, :, None] == np.arange(arms)
    return np.einsum("dca,c->da", member.astype(np.float64), amounts.astype(np.float64))


def _mended(
    generator: np.random.Generator, division: Ints, held: Ints, wanted: Ints
) -> Ints | None:
    """Exchange cages at random, unless more animals are missing then, until none is."""
    division = division.copy()

    def missing() -> int:
        inside = division >= 0
        got = np.bincount(division[inside], weights=held[inside], minlength=wanted.size)
        return int(np.maximum(wanted - got, 0).sum())

    short = missing()
    for one, two in generator.integers(held.size, size=(_MENDING, 2)):
        if short == 0:
            return division
        division[[one, two]] = division[[two, one]]
        after = missing()
        if after > short:
            division[[one, two]] = division[[two, one]]
        else:
            short = after
    return division if short == 0 else None


def _chosen(
    generator: np.random.Generator, divisions: Ints, held: Ints, grams: Floats | None, arms: int
) -> int:
    """Return which division is taken: any, or one of those with the most alike mean weights."""
    if grams is None:
        return int(generator.integers(len(divisions)))
    means = _sums(divisions, grams, arms) / _sums(divisions, held, arms)
    # Equally good divisions have equal chances: a random order first; and rounded, or the order in
    # which arms are added up would tell apart divisions that differ in nothing but arms' names.
    unlike = means.var(axis=1).round(9)
    order = generator.permutation(len(divisions))
    best = order[unlike[order].argsort(kind="stable")][: math.ceil(_KEPT * len(divisions))]
    return int(generator.choice(best))
