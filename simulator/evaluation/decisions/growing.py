"""Animals are added one by one: wins and ties of a new animal, in all replicates at once.

Arrays are (animals, replicates): the replicates of one animal lie side by side, so that every
inner loop runs over replicates and compiles to vector code. A lost animal is NaN, compares
false with everything, and so adds nothing.
"""

from __future__ import annotations

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints, Shorts
from simulator.compiled import kernel


@kernel
def meet(newcomer: Floats, others: Floats, count: int, wins2: Ints, equal: Ints) -> None:
    """Compare a new animal with the first ``count`` others.

    Parameters
    ----------
    newcomer : shape (R,).
    others : shape (animals, R).
    wins2 : shape (R,), gets twice the number of others below it plus the number equal to it.
    equal : shape (R,), gets the number equal to it; added to what is there.
    """
    replicates = newcomer.size
    j = 0
    while j + 4 <= count:  # four at a time: the sums stay in registers
        first, second, third, fourth = others[j], others[j + 1], others[j + 2], others[j + 3]
        for r in range(replicates):
            value = newcomer[r]
            above = (
                np.int64(value > first[r])
                + np.int64(value > second[r])
                + np.int64(value > third[r])
                + np.int64(value > fourth[r])
            )
            reached = (
                np.int64(value >= first[r])
                + np.int64(value >= second[r])
                + np.int64(value >= third[r])
                + np.int64(value >= fourth[r])
            )
            wins2[r] += above + reached
            equal[r] += reached - above
        j += 4
    while j < count:
        other = others[j]
        for r in range(replicates):
            above = np.int64(newcomer[r] > other[r])
            reached = np.int64(newcomer[r] >= other[r])
            wins2[r] += above + reached
            equal[r] += reached - above
        j += 1


@kernel
def earlier_equals(values: Floats, found: Shorts) -> None:
    """Write, for each animal, how many earlier ones of its own arm have the same value.

    Parameters
    ----------
    values, found : shape (animals, R).
    """
    animals, replicates = values.shape
    equal = np.empty(replicates, dtype=np.int16)
    for i in range(animals):
        animal = values[i]
        equal[:] = 0
        for j in range(i):
            other = values[j]
            for r in range(replicates):
                equal[r] += np.int16(animal[r] == other[r])
        for r in range(replicates):
            found[i, r] = equal[r]


@kernel
def join(
    newcomer: Floats,
    own: Shorts,
    others: Floats,
    count: int,
    sign: int,
    size: Ints,
    other_size: Ints,
    u2: Ints,
    tie_sum: Ints,
    wins2: Ints,
    equal: Ints,
) -> None:
    """Let one animal join its arm, in all replicates.

    Doubled U grows by 2 per pair won and 1 per tied pair; the sum of t^3 - t over tied groups by
    3c(c+1) when a value joins c equal ones.

    Parameters
    ----------
    newcomer, own : shape (R,), its value and how many of its own arm equal it.
    others, count : the other arm, (animals, R), and how many of it are there.
    sign : 1 where the newcomer is of the treated arm, whose U is counted, -1 of the control arm.
    size, other_size : shape (R,), animals with a value; ``size`` grows.
    u2, tie_sum : shape (R,), grow.
    wins2, equal : shape (R,), scratch.
    """
    wins2[:] = 0
    equal[:] = 0
    meet(newcomer, others, count, wins2, equal)
    if sign > 0:
        for r in range(newcomer.size):
            there = np.int64(newcomer[r] == newcomer[r])
            together = equal[r] + own[r]
            u2[r] += wins2[r]
            tie_sum[r] += 3 * together * (together + 1)
            size[r] += there
    else:
        for r in range(newcomer.size):
            there = np.int64(newcomer[r] == newcomer[r])
            together = equal[r] + own[r]
            u2[r] += 2 * other_size[r] * there - wins2[r]  # the others won what it did not
            tie_sum[r] += 3 * together * (together + 1)
            size[r] += there
