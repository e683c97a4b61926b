"""Null distributions of the trend statistic: their moments, and relabelings of tied data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.analysis.trend import jonckheere
from simulator.analysis.trend_null import jonckheere_tail, permuted_trend_p, trend_seed


@pytest.mark.parametrize("sizes", [(1,), (3, 3, 3), (2, 5, 1, 4), (10, 10, 10, 10, 10)])
def test_tail_has_the_mean_and_variance_of_j(sizes):
    """Any error of the generating function would show in its first moments."""
    tail = jonckheere_tail(np.array(sizes))
    total = sum(sizes)
    pairs = (total**2 - sum(n * n for n in sizes)) // 2
    assert tail.size == pairs + 1
    p = np.diff(tail, prepend=0)
    assert p == pytest.approx(p[::-1], abs=1e-15)
    j = np.arange(pairs + 1)
    variance = (total**2 * (2 * total + 3) - sum(n * n * (2 * n + 3) for n in sizes)) / 72
    assert (p * j).sum() == pytest.approx(pairs / 2, rel=1e-12)
    assert (p * (j - pairs / 2) ** 2).sum() == pytest.approx(variance, rel=1e-11)
    orders = math.factorial(total) // math.prod(map(math.factorial, sizes))
    assert tail[0] == pytest.approx(1 / orders, rel=1e-12)  # one order of all animals


def test_random_relabelings_estimate_the_exact_p():
    """Untied values as if they were tied, 10 per arm: within 4.5 standard errors (7e-6)."""
    sizes = np.array([10, 10, 10])
    tail = jonckheere_tail(sizes)
    ones = np.ones(30, dtype=np.int64)
    for j in (110, 130, 150, 170, 200):
        p = permuted_trend_p(2 * j, sizes, ones, -1, 9_999, 5)
        spread = math.sqrt(tail[j] * (1 - tail[j]) / 9_999)
        assert abs(p - tail[j]) < 4.5 * spread + 1e-4
        assert permuted_trend_p(2 * (300 - j), sizes, ones, 1, 9_999, 6) == pytest.approx(
            tail[j], abs=4.5 * spread + 1e-4
        )


@pytest.mark.parametrize("tied", range(0, 20, 5))
def test_tied_data_have_relabelings_of_their_own(tied):
    """One-sided size of 99 relabelings at 5 % given the ties, within 4.5 standard errors (7e-6).

    J of 8 animals in each of 3 arms has a step of about 0.3 points near 5 %. Of one list for
    all data with these ties the size would have a standard deviation of 2.2 points.
    """
    rng = np.random.default_rng(tied)
    pool = np.arange(24.0)
    pool[tied + 1] = pool[tied]
    runs, rejected = 4_000, 0
    for _ in range(runs):
        groups = list(rng.permutation(pool).reshape(3, 8))
        found = jonckheere(groups, method="exact", alternative="increasing", resamples=99)
        rejected += found.p_value <= 0.05 * (1 + 1e-9)
    assert abs(rejected / runs - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / runs) + 0.003


def test_tied_p_depends_on_the_data_alone():
    rng = np.random.default_rng(2)
    arms = rng.integers(0, 5, (3, 10)).astype(float)
    p = jonckheere(list(arms), method="exact", resamples=999).p_value
    assert jonckheere(list(np.exp(arms[:, ::-1])), method="exact", resamples=999).p_value == p
    sizes = np.array([10, 10, 10])
    assert trend_seed(arms.ravel(), sizes) == trend_seed(2 * arms[:, ::-1].ravel(), sizes)
    assert trend_seed(arms.ravel(), sizes) != trend_seed(arms[::-1].ravel(), sizes)
