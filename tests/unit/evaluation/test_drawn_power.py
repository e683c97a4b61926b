"""Powers of draws freed of the noise of their studies, against powers that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.evaluation.drawn_power import drawn_power

STUDIES = 500


def _seen(truth, rng):
    return rng.binomial(STUDIES, truth) / STUDIES


@pytest.mark.parametrize("draws", [40, 400])
def test_the_least_of_equal_powers_is_not_too_small(draws: int) -> None:
    """Forty repetitions; as seen, the least of six is 1.27 standard deviations (0.023) too small.

    The least of six fits of p coefficients is so only by their error, 1.27 sqrt(p / draws) of it:
    at most 0.4 (p is draws / 6 at most; 7 of 400 draws: 0.13).
    """
    rng = np.random.default_rng(20261123)
    before, after = [], []
    for _ in range(40):
        x = rng.uniform(-1, 1, draws)
        truth = np.repeat(stats.norm.cdf(0.84 + 0.5 * x)[:, None], 6, axis=1)
        seen = _seen(truth, rng)
        power = drawn_power(seen, x[:, None], studies=STUDIES).power
        before.append((seen.min(axis=1) - truth[:, 0]).mean())
        after.append((power.min(axis=1) - truth[:, 0]).mean())
    assert np.mean(before) < -0.018
    assert -0.4 * 0.023 < np.mean(after) < 0.001


def test_the_spread_is_that_of_the_truth_even_where_numbers_tell_nothing() -> None:
    """Power that depends on something else than the numbers: shrinkage alone (James and Stein)."""
    rng = np.random.default_rng(20261124)
    truth = rng.normal(0.6, 0.02, (2000, 1))
    seen = _seen(truth, rng)
    found = drawn_power(seen, rng.normal(size=(2000, 1)), studies=STUDIES).power
    assert seen.std() > 0.028  # sqrt(0.02^2 + 0.0219^2) = 0.0297
    error = np.sqrt(np.mean((found - truth) ** 2))
    # the posterior sd is 0.02 * 0.0219 / 0.0297 = 0.0148; 8 %: error of the estimated variance
    assert error < 1.08 * 0.0148


def test_powers_of_0_and_1_stay_finite_and_a_constant_number_is_no_column() -> None:
    x = np.column_stack([np.linspace(-1, 1, 60), np.full(60, 3.0), np.linspace(-1, 1, 60)])
    seen = np.column_stack([np.zeros(60), np.ones(60), (x[:, 0] > 0).astype(float)])
    found = drawn_power(seen, x, studies=STUDIES)
    assert np.isfinite(found.power).all()
    assert np.abs(found.power - seen).max() < 0.01
    for times, power in found.resampled(np.random.default_rng(1), 5):
        assert times.sum() == 60
        assert np.isfinite(power).all()


def test_the_bootstrap_has_the_error_of_a_fit() -> None:
    """Logistic regression on a line: the error of a fitted power, by the delta method."""
    rng = np.random.default_rng(20261125)
    x = rng.normal(size=30)  # so few draws that only the line is fitted
    truth = 1 / (1 + np.exp(-0.5 - 0.8 * x))
    found = drawn_power(_seen(truth[:, None], rng), x[:, None], studies=STUDIES)
    fits = np.array([power[:, 0] for _, power in found.resampled(rng, 400)])
    design = np.column_stack([np.ones(30), x, x**2])
    slope = truth * (1 - truth)
    covariance = np.linalg.inv(STUDIES * (design.T * slope) @ design)
    expected = slope * np.sqrt(np.einsum("ip,pq,iq->i", design, covariance, design))
    # 30 residuals and 400 samples: the spread is known to about 15 %
    assert 0.6 < np.median(fits.std(axis=0) / expected) < 1.5
