"""Jonckheere-Terpstra against a textbook, enumeration and the two-sample test."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from simulator.analysis import mann_whitney
from simulator.analysis.trend import jonckheere, jonckheere_z, trend_p
from tests.second_opinion import ranks

#: Hollander & Wolfe, Nonparametric Statistical Methods, example 6.2: pieces of work under no,
#: rough and accurate information; J = 79 with mean 54, one-sided p about 0.02.
MOTIVATION = ([40, 35, 38, 43, 44, 41], [38, 40, 47, 44, 40, 42], [48, 40, 45, 43, 46, 44])


def _arrays(groups):
    return [np.array(group, dtype=float) for group in groups]


def test_textbook_example():
    found = jonckheere(_arrays(MOTIVATION), alternative="increasing")
    assert found.statistic == 79
    assert 0.0205 < found.p_value < 0.0215  # printed as 2.04 standard deviations, p 0.021


@pytest.mark.parametrize("sizes", [(2, 2, 2), (1, 3, 2), (2, 2, 1, 2)])
@pytest.mark.parametrize("values", ["untied", "tied", "heavily tied"])
def test_variance_is_that_of_all_permutations(sizes, values):
    """The tie-corrected variance is an identity, not an approximation: enumerate it."""
    total = sum(sizes)
    pool = {
        "untied": list(range(total)),
        "tied": [0, 0, 1, 2, 2, 2, 3][:total],
        "heavily tied": [0, 0, 0, 0, 1, 1, 1][:total],
    }[values]
    edges = list(itertools.accumulate(sizes))[:-1]
    statistics = []
    for deal in itertools.permutations(pool):
        groups = [group.tolist() for group in np.split(np.array(deal), edges)]
        statistics.append(
            sum(ranks.u_treated(treated=b, control=a) for a, b in itertools.combinations(groups, 2))
        )
    sd = float(np.std(statistics))
    found = jonckheere(np.split(np.array(pool, dtype=float), edges))
    expected = (found.statistic - float(np.mean(statistics))) / sd
    assert found.z == pytest.approx(expected, rel=1e-12)


def test_without_ties_agrees_with_the_second_opinion():
    rng = np.random.default_rng(5)
    for _ in range(20):
        groups = [rng.normal(size=rng.integers(1, 9)) for _ in range(rng.integers(2, 6))]
        expected = ranks.jonckheere(groups=[group.tolist() for group in groups])
        found = jonckheere(groups)
        assert found.statistic == expected["statistic"]
        assert found.z == pytest.approx(expected["z"], rel=1e-12)
        assert found.p_value == pytest.approx(expected["p_two_sided"], rel=1e-12)


@pytest.mark.parametrize(("trend", "test"), [("increasing", "greater"), ("decreasing", "less")])
def test_two_arms_are_mann_whitney(trend, test):
    low, high = [1.0, 2, 2, 3, 5], [2.0, 4, 4, 6]
    for alternatives in ((trend, test), ("two-sided", "two-sided")):
        found = jonckheere(_arrays([low, high]), alternative=alternatives[0])
        peer = mann_whitney(
            high, low, method="asymptotic", continuity=False, alternative=alternatives[1]
        )
        assert found.statistic == peer.u
        assert found.p_value == pytest.approx(peer.p_value, rel=1e-12)


def test_direction():
    rising = _arrays([[1, 2], [3, 4], [5, 6]])
    assert jonckheere(rising, alternative="increasing").p_value < 0.01
    assert jonckheere(rising, alternative="decreasing").p_value > 0.99
    assert jonckheere(rising[::-1], alternative="decreasing").p_value < 0.01


@pytest.mark.parametrize("groups", [[[1, 1], [1, 1]], [[1, 2, 3]], [[1, 2], [], [3]], []])
def test_no_trend_without_spread_or_arms(groups):
    found = jonckheere(_arrays(groups))
    assert math.isnan(found.z)
    assert math.isnan(found.p_value)


def test_one_tied_arm_has_zero_variance():
    assert math.isnan(jonckheere_z(0, np.array([5]), 24 + 6, 6 + 2))


def test_p_of_nan_is_nan():
    assert math.isnan(trend_p(math.nan, 1))


def test_unknown_alternative_is_refused():
    with pytest.raises(ValueError, match='unknown alternative "up"; allowed: two-sided, incr'):
        jonckheere(_arrays([[1], [2]]), alternative="up")
