"""Jonckheere-Terpstra against a textbook, enumeration and the two-sample test."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from simulator.analysis import mann_whitney
from simulator.analysis.trend import (
    LARGEST_EXACT_TREND,
    TREND_AUTO_EXACT,
    jonckheere,
    jonckheere_z,
    trend_p,
    trend_p_value,
)
from simulator.analysis.trend_null import jonckheere_tail, trend_seed
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
        found = jonckheere(groups, method="asymptotic")
        assert found.method == "asymptotic"
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
    for method, smallest in (("exact", 1 / 90), ("asymptotic", 0.009)):
        options = {"method": method}
        assert jonckheere(rising, alternative="increasing", **options).p_value < smallest + 1e-9
        assert jonckheere(rising, alternative="decreasing", **options).p_value > 0.99
        back = jonckheere(rising[::-1], alternative="decreasing", **options)
        assert back.p_value < smallest + 1e-9


@pytest.mark.parametrize("groups", [[[1, 1], [1, 1]], [[1, 2, 3]], [[1, 2], [], [3]], []])
def test_no_trend_without_spread_or_arms(groups):
    for method in ("auto", "exact", "asymptotic"):
        found = jonckheere(_arrays(groups), method=method)
        assert math.isnan(found.z)
        assert math.isnan(found.p_value)
        assert found.method is None
        assert found.note


def test_one_tied_arm_has_zero_variance():
    assert math.isnan(jonckheere_z(0, np.array([5]), 24 + 6, 6 + 2))


def test_p_of_nan_is_nan():
    assert math.isnan(trend_p(math.nan, 1))


def test_unknown_alternative_is_refused():
    with pytest.raises(ValueError, match='unknown alternative "up"; allowed: two-sided, incr'):
        jonckheere(_arrays([[1], [2]]), alternative="up")


def brute_force(groups):
    """p increasing, decreasing and two-sided by listing every relabeling."""
    pool = [value for group in groups for value in group]
    edges = list(itertools.accumulate(map(len, groups)))[:-1]

    def statistic(values):
        arms = [arm.tolist() for arm in np.split(np.array(values), edges)]
        return sum(
            ranks.u_treated(treated=b, control=a)
            for a, b in itertools.combinations(arms, 2)
            if a and b
        )

    observed = statistic(pool)
    found = [statistic(deal) for deal in itertools.permutations(pool)]
    upper = sum(one >= observed for one in found) / len(found)
    lower = sum(one <= observed for one in found) / len(found)
    return {
        "increasing": upper,
        "decreasing": lower,
        "two-sided": min(1.0, 2 * min(upper, lower)),
    }


@pytest.mark.parametrize(
    ("groups", "method"),
    [
        ([[3, 1], [2, 5], [4, 6]], "exact"),
        ([[1, 4, 2], [3], [5, 7, 6]], "exact"),
        ([[2], [1], [3], [5], [4], [6]], "exact"),
        ([[1, 1], [2, 1], [2, 3]], "permutation (complete)"),
        ([[0, 0, 1], [0, 1], [1, 1]], "permutation (complete)"),
        ([[2], [1], [3], [3], [3], [4]], "permutation (complete)"),
    ],
)
def test_exact_p_by_brute_force(groups, method):
    for alternative, expected in brute_force(groups).items():
        found = jonckheere(_arrays(groups), method="exact", alternative=alternative)
        assert found.p_value == pytest.approx(expected, rel=1e-13)
        assert found.method == method


#: R: cor.test(seq_along(y), y, method = "kendall", exact = TRUE, alternative = ...)$p.value for
#: two.sided, greater, less.
KENDALL = [
    (
        [2.1, 1.3, 3.7, 3.2, 5.5, 4.4, 6.1],
        (0.03015873015873005, 0.01507936507936503, 0.9946428571428572),
    ),
    (
        [9, 3, 7, 8, 5, 6, 1, 4, 2],
        (0.07517636684303351, 0.9776923500881834, 0.03758818342151676),
    ),
]


@pytest.mark.parametrize(("values", "expected"), KENDALL)
def test_arms_of_one_animal_are_kendalls_test(values, expected):
    alternatives = ("two-sided", "increasing", "decreasing")
    for alternative, p in zip(alternatives, expected, strict=True):
        found = jonckheere(_arrays([[value] for value in values]), alternative=alternative)
        assert found.method == "exact"
        assert found.p_value == pytest.approx(p, rel=1e-12)


@pytest.mark.parametrize(("trend", "test"), [("increasing", "greater"), ("decreasing", "less")])
def test_two_arms_are_the_exact_mann_whitney_test(trend, test):
    rng = np.random.default_rng(3)
    for m, n in ((2, 5), (4, 7), (20, 30)):
        low, high = rng.normal(size=m), rng.normal(0.4, 1, size=n)
        for alternatives in ((trend, test), ("two-sided", "two-sided")):
            found = jonckheere([low, high], alternative=alternatives[0])
            peer = mann_whitney(high, low, method="exact", alternative=alternatives[1])
            assert found.method == "exact"
            assert found.p_value == pytest.approx(peer.p_value, rel=1e-12)


def test_auto_is_decided_by_ties_and_animals():
    def method(values, arms, **options):
        return jonckheere(np.split(np.asarray(values, dtype=float), arms), **options).method

    rng = np.random.default_rng(1)
    assert TREND_AUTO_EXACT == 50
    assert method(rng.normal(size=50), 5) == "exact"
    assert method(rng.normal(size=51), 3) == "asymptotic"
    assert method(rng.normal(size=51), 3, method="exact") == "exact"
    assert method([1, 2, 2, 3], 2) == "asymptotic"
    assert method([1, 2, 2, 3], 2, method="exact") == "permutation (complete)"
    assert method(rng.integers(0, 5, 30), 3, method="exact", resamples=99) == "permutation"


def test_too_many_for_the_exact_method():
    half = LARGEST_EXACT_TREND // 2
    values = np.arange(2.0 * half + 1)
    found = jonckheere([values[:half], values[half:]], method="exact")
    assert math.isnan(found.p_value)
    assert found.note == "401 values are too many for the exact method (at most 400 in all)"


def test_kernel_by_any_method_is_the_function():
    rng = np.random.default_rng(6)
    sizes = np.array([4, 3, 5])
    nothing = np.zeros(0)
    for levels in (3, 1000):
        for _ in range(10):
            pool = rng.permutation(1000)[:12] if levels == 1000 else rng.integers(0, levels, 12)
            _, counts = np.unique(pool, return_counts=True)
            groups = np.split(pool.astype(float), np.cumsum(sizes)[:-1])
            for method, code in (("auto", 0), ("exact", 1), ("asymptotic", 2)):
                found = jonckheere(groups, method=method, resamples=199)
                p = trend_p_value(
                    round(2 * found.statistic),
                    sizes,
                    int((counts**3 - counts).sum()),
                    int((counts**2 - counts).sum()),
                    counts.astype(np.int64),
                    jonckheere_tail(sizes) if found.method == "exact" else nothing,
                    code,
                    0,
                    199,
                    trend_seed(pool.astype(float), sizes),
                )
                assert p == pytest.approx(found.p_value, rel=1e-12)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match='unknown method "mid-p"; allowed: auto, exact, asympt'):
        jonckheere(_arrays([[1], [2]]), method="mid-p")
    with pytest.raises(ValueError, match="resamples must be at least 1, not 0"):
        jonckheere(_arrays([[1], [2]]), resamples=0)
