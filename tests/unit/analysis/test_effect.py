"""Effect sizes: hand-made numbers, a second method for every limit, and coverage."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from simulator.analysis import mann_whitney
from simulator.analysis.effect import (
    Quartiles,
    fold_of_medians,
    hodges_lehmann,
    quartiles,
    relative_effect_interval,
)

Z = float(stats.norm.ppf(0.975))


def _variance(theta: float, m: int, n: int) -> float:
    """Newcombe's variance as printed: both numbers of animals replaced by their mean."""
    star = (m + n) / 2 - 1
    return (
        theta * (1 - theta) / (m * n)
        * (1 + star * (1 - theta) / (2 - theta) + star * theta / (1 + theta))
    )  # fmt: skip


@pytest.mark.parametrize(("m", "n"), [(2, 2), (3, 3), (5, 5), (10, 10), (4, 12), (40, 50)])
def test_relative_effect_limits_solve_the_equation(m, n):
    """Second method: all real roots of the polynomial, by companion matrix."""
    star = (m + n) / 2 - 1
    theta = np.polynomial.Polynomial([0, 1])
    for u2 in range(0, 2 * m * n + 1, max(1, m * n // 7)):
        estimate = u2 / (2 * m * n)
        # (e - t)^2 (2-t)(1+t) mn = z^2 t(1-t) [(2-t)(1+t) + N*((1-t)(1+t) + t(2-t))]
        left = (estimate - theta) ** 2 * (2 - theta) * (1 + theta) * (m * n)
        inner = (2 - theta) * (1 + theta)
        inner = inner + star * ((1 - theta) * (1 + theta) + theta * (2 - theta))
        roots = (left - Z**2 * theta * (1 - theta) * inner).roots()
        real = sorted(
            float(root.real)
            for root in roots
            if abs(root.imag) < 1e-7 and -1e-9 <= root.real <= 1 + 1e-9
        )
        low, high = relative_effect_interval(u2, m, n)
        # a companion matrix finds the double root at 0 or 1 to about 1e-8
        assert (low, high) == pytest.approx((real[0], real[-1]), abs=1e-6)
        for limit in (low, high):
            if 0 < limit < 1:
                assert abs(estimate - limit) == pytest.approx(
                    Z * math.sqrt(_variance(limit, m, n)), rel=1e-9
                )


def test_relative_effect_interval_is_symmetric_and_ordered():
    for u2 in range(51):
        low, high = relative_effect_interval(u2, 5, 5)
        mirrored = relative_effect_interval(50 - u2, 5, 5)
        assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]), abs=1e-12)
        assert 0 <= low <= u2 / 50 <= high <= 1


@pytest.mark.parametrize("n", [3, 5, 10])
def test_complete_separation_is_not_certainty(n):
    """Placements without variance still leave an interval, shorter with more animals."""
    low, high = relative_effect_interval(2 * n * n, n, n)
    assert high == 1.0
    assert 0.3 < low < 0.95
    more, _ = relative_effect_interval(2 * (2 * n) ** 2, 2 * n, 2 * n)
    assert more > low


@pytest.mark.parametrize(("n", "fold"), [(4, 1.0), (5, 3.0), (8, 1.7), (12, 3.0)])
def test_coverage_of_the_relative_effect(n, fold):
    """Log-normal animals with sd 0.6 on the log scale: the truth is Phi(log fold / (0.6 sqrt 2)).

    The interval is approximate: 20,000 replicates of these and harder cases (up to 82 % of the
    cohorts completely separated) gave 0.944 to 0.963. The claim is 0.94 to 0.97; 4 MCSE beyond
    it is a false alarm of at most 3e-5 per side and case.
    """
    replicates = 4000
    truth = stats.norm.cdf(math.log(fold) / (0.6 * math.sqrt(2)))
    rng = np.random.default_rng([n, round(10 * fold)])
    treated = rng.normal(math.log(fold), 0.6, (replicates, n))
    control = rng.normal(0.0, 0.6, (replicates, n))
    wins = (treated[:, :, None] > control[:, None, :]).sum(axis=(1, 2))
    limits = [relative_effect_interval(2 * int(u), n, n) for u in wins]
    covered = sum(low <= truth <= high for low, high in limits)
    share = covered / replicates
    assert share > 0.94 - 4 * math.sqrt(0.94 * 0.06 / replicates)
    assert share < 0.97 + 4 * math.sqrt(0.97 * 0.03 / replicates)


def test_hodges_lehmann_by_hand():
    """Pairs 8/2, 8/4, 16/2, 16/4: ratios 2, 4, 4, 8; differences 4, 6, 12, 14."""
    ratio = hodges_lehmann(np.array([8.0, 16]), np.array([2.0, 4]), exact=True)
    assert (ratio.scale, ratio.estimate) == ("ratio", pytest.approx(4))
    assert ratio.interval == pytest.approx((2, 8))
    shift = hodges_lehmann(np.array([-1.0, 3]), np.array([-9.0, -7]), exact=True)
    assert (shift.scale, shift.estimate, shift.interval) == ("shift", 9.0, (6.0, 12.0))
    assert shift.covers == pytest.approx(1 - 2 / 6)  # 2 v 2: the whole range covers only 2/3


@pytest.mark.parametrize("n", [4, 5, 6, 9])
def test_interval_holds_the_shifts_that_the_exact_test_does_not_reject(n):
    """The definition, checked by testing just inside and just outside each limit."""
    rng = np.random.default_rng(n)
    treated, control = np.sort(rng.normal(1.0, 1.0, n)), np.sort(rng.normal(-3.0, 1.0, n))
    found = hodges_lehmann(treated, control, exact=True)
    for limit, inward in ((found.interval[0], 1e-9), (found.interval[1], -1e-9)):
        assert mann_whitney(treated - limit - inward, control).p_value > 0.05
        assert mann_whitney(treated - limit + inward, control).p_value <= 0.05 + 1e-12


def test_hodges_lehmann_is_the_median_of_all_pairs():
    rng = np.random.default_rng(0)
    for m, n in itertools.product((1, 3, 4), (1, 2, 7)):
        treated, control = np.sort(rng.normal(size=m)), np.sort(rng.normal(-20, 1, n))
        expected = np.median([t - c for t in treated for c in control])
        found = hodges_lehmann(treated, control, exact=True)
        assert found.estimate == pytest.approx(expected, rel=1e-14)


def test_interval_of_constant_arms_is_not_made_up():
    assert hodges_lehmann(np.full(3, 2.0), np.full(4, 1.0), exact=False).interval is None


def test_too_many_pairs_are_refused():
    assert hodges_lehmann(np.ones(10_000), np.ones(10_000), exact=False) is None


@pytest.mark.parametrize("n", [1, 2, 3, 6, 11])
def test_quartiles_are_numpys(n):
    values = np.sort(np.random.default_rng(n).lognormal(size=n))
    expected = np.percentile(values, [25, 50, 75])
    assert quartiles(values) == Quartiles(*(pytest.approx(value, rel=1e-14) for value in expected))


@pytest.mark.parametrize(
    ("treated", "control", "fold"), [(6.0, 2.0, 3.0), (6.0, 0.0, None), (-1.0, 2.0, None)]
)
def test_fold_needs_positive_medians(treated, control, fold):
    assert fold_of_medians(treated, control) == fold
