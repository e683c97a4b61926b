"""The counts of draws against listing every draw."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from simulator.analysis.tied_halves import BASE, STEP, binomial, count_halves, draws_below, lay_out
from tests.second_opinion import ranks


@pytest.mark.parametrize(("n", "k"), [(1, 0), (5, 2), (5, 3), (20, 10), (40, 20), (50, 24)])
def test_small_binomials_are_whole_numbers(n, k):
    assert binomial(n, k) == math.comb(n, k)


def test_large_binomials_neither_overflow_nor_drift():
    # one rounding in each of 2 * 500 operations, of 1.1e-16 each
    assert binomial(1000, 500) == pytest.approx(math.comb(1000, 500), rel=1e-13)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(
    ("counts", "size"),
    [
        ([1, 1], 1),
        ([4, 4], 4),
        ([7, 1], 2),
        ([1, 7], 4),
        ([1] * 9, 4),
        ([2, 2, 2, 2], 4),
        ([1, 5, 1, 3], 5),
        ([3, 0, 1, 2, 0, 4], 3),
    ],
)
def test_counts_are_those_of_every_draw(counts, size, mirrored):
    """At every bound, in tables complete for that bound only and in the whole ones."""
    order = counts[::-1] if mirrored else counts
    pool = [value for value, t in enumerate(order) for _ in range(t)]
    doubled = [round(2 * rank) for rank in ranks.midranks(pool)]
    sums = [sum(draw) for draw in combinations(doubled, size)]
    plan = lay_out(np.array(counts, dtype=np.int64), size, mirrored)
    lowest, step = size * int(plan[BASE]), int(plan[STEP])
    highest = (max(sums) - lowest) // step
    whole = count_halves(plan, size, highest)
    for bound in range(-2, highest + 1):
        expected = sum(total <= lowest + step * bound for total in sums)
        # counts below 2^53: exact
        assert draws_below(plan, whole, size, bound) == expected
        assert draws_below(plan, count_halves(plan, size, bound), size, bound) == expected


@pytest.mark.parametrize("size", [10, 45])
def test_every_draw_is_counted_once(size):
    """Beyond what can be listed: the largest bound counts C(N, size)."""
    counts = np.array([10, 1, 30, 5, 5, 1, 40], dtype=np.int64)
    plan = lay_out(counts, size, False)
    every = draws_below(plan, count_halves(plan, size, 10_000), size, 10_000)
    assert every == pytest.approx(math.comb(92, size), rel=1e-13)
