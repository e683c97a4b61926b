"""Permuted blocks: animals of like weight form a block, and its places are drawn at random.

A block holds one animal per column; an arm has one column, an arm of twice the animals two. Every
step (the permutation of a block, the exchange of two animals for the sake of the cages) treats the
columns alike, so each animal stands in each column equally often: balance costs no fairness.
Animals that do not fill whole blocks (arms of odd size) are an equal-probability sample of all,
and form blocks of their own in the same way.

Many allocations are drawn at once (axis 0).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Exchanges tried per animal for the sake of the cages. Half of them make a study of 8 arms of 8
#: in cages of 5 as even as it can be, in all of 300 trials; the others only stir.
_EXCHANGES = 20


class Blocks(NamedTuple):
    """Arm (index) and block (from 1) of each animal: (times, animals) each."""

    arm: Ints
    block: Ints


def draw_blocks(
    generator: np.random.Generator,
    *,
    sizes: Sequence[int],
    blocks: int | None = None,
    weights: Floats | None = None,
    cages: Ints | None = None,
    times: int = 1,
) -> Blocks:
    """Allocate animals to arms in permuted blocks.

    Parameters
    ----------
    sizes : animals per arm; together all animals.
    blocks : number of blocks; default the commonest of the sizes.
    weights : (animals,) by which blocks are formed; in random order without them.
    cages : (animals,) index of the cage of each, over which the arms are spread as evenly as
        exchanges within the blocks allow; None leaves the permutations as they are drawn.
    times : number of independent allocations.
    """
    count = sum(sizes)
    found = Blocks(
        np.full((times, count), -1, dtype=np.int64), np.zeros((times, count), dtype=np.int64)
    )
    order = _in_order(generator, count, weights, times)
    sizes, offset = tuple(sizes), 0
    while sum(sizes):
        number = min(blocks or commonest(sizes), max(sizes))
        order, sizes = _fill(generator, found, order, sizes, number, offset, cages)
        blocks, offset = None, offset + number
    return found


def _in_order(
    generator: np.random.Generator, count: int, weights: Floats | None, times: int
) -> Ints:
    """Return the animals in order of weight (times, animals), equal weights in random order."""
    order = generator.random((times, count)).argsort(axis=1)
    if weights is None:
        return order
    return np.take_along_axis(order, weights[order].argsort(axis=1, kind="stable"), axis=1)


def commonest(sizes: Sequence[int]) -> int:
    """Return the size that most arms have, of several the smallest."""
    counts = Counter(size for size in sizes if size)
    return min(counts, key=lambda size: (-counts[size], size))


def _fill(
    generator: np.random.Generator,
    found: Blocks,
    order: Ints,
    sizes: Sequence[int],
    number: int,
    offset: int,
    cages: Ints | None,
) -> tuple[Ints, tuple[int, ...]]:
    """Fill ``number`` whole blocks; return the animals and the sizes that are left."""
    columns = np.repeat(np.arange(len(sizes)), [size // number for size in sizes])
    left = tuple(size % number for size in sizes)
    chosen, rest = _apart(generator, order, sum(left))
    places = chosen.reshape(len(order), number, columns.size)
    shuffled = generator.random(places.shape).argsort(axis=2)
    places = np.take_along_axis(places, shuffled, axis=2)
    if cages is not None and columns.size > 1:
        _spread_cages(generator, places, cages)
    animals = places.reshape(len(order), -1)
    np.put_along_axis(found.arm, animals, np.tile(columns, number)[None, :], axis=1)
    in_block = offset + 1 + np.repeat(np.arange(number), columns.size)
    np.put_along_axis(found.block, animals, in_block[None, :], axis=1)
    return rest, left


def _apart(generator: np.random.Generator, order: Ints, left: int) -> tuple[Ints, Ints]:
    """Take a systematic sample of ``left`` animals, each with the same probability, out of all.

    In whole numbers: animal ``(u + k N) // left`` for k = 0 .. left - 1 and a random u below N.
    """
    times, count = order.shape
    out = np.zeros(order.shape, dtype=np.bool_)
    if left:
        start = generator.integers(count, size=(times, 1))
        np.put_along_axis(out, (start + count * np.arange(left)) // left, True, axis=1)
    return order[~out].reshape(times, -1), order[out].reshape(times, -1)


def _spread_cages(generator: np.random.Generator, places: Ints, cages: Ints) -> None:
    """Exchange animals within blocks, at random, unless a cage gets more uneven over the columns.

    Unevenness is the sum of the squared counts of cage x column. Exchanges that leave it as it
    is are made, so among the best there are the draw goes on wandering.

    Parameters
    ----------
    places : (times, blocks, columns) animals, changed in place.
    """
    times, blocks, columns = places.shape
    study = np.arange(times)
    counts = np.zeros((times, int(cages.max()) + 1, columns), dtype=np.int64)
    everywhere = (study[:, None, None], cages[places], np.arange(columns)[None, None, :])
    np.add.at(counts, everywhere, 1)
    for _ in range(_EXCHANGES * blocks * columns):
        block = generator.integers(blocks, size=(times,))
        one = generator.integers(columns, size=(times,))
        two = (one + generator.integers(1, columns, size=(times,))) % columns
        first, second = places[study, block, one], places[study, block, two]
        a, b = cages[first], cages[second]
        worse = counts[study, a, two] - counts[study, a, one] + 2
        worse += counts[study, b, one] - counts[study, b, two]
        allowed = (a == b) | (worse <= 0)
        places[study, block, one] = np.where(allowed, second, first)
        places[study, block, two] = np.where(allowed, first, second)
        moved = np.flatnonzero(allowed & (a != b))
        a, b, one, two = a[moved], b[moved], one[moved], two[moved]
        # every study is there once and a is not b: no count is meant twice
        counts[moved, a, one] -= 1
        counts[moved, a, two] += 1
        counts[moved, b, two] -= 1
        counts[moved, b, one] += 1
