"""Closed forms against the numbers their authors and other programs print."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.evaluation.sizing import closed_form

# prior weights printed in the README of WMWssp; the second arm is x - 20
PRIOR = np.array([315, 375, 356, 374, 412, 418, 445, 403, 431, 410, 391, 475, 379.0])


def test_noether_1987():
    assert closed_form.noether_total(0.75) == pytest.approx(41.860692, abs=5e-7)


def test_statpsych():
    assert closed_form.statpsych_size(0.3, power=0.9) == 44
    assert closed_form.noether_power(0.65, m=50, n=50) == pytest.approx(0.7383, abs=5e-5)


def test_noether_size_and_power_are_one_approximation():
    n = closed_form.noether_total(0.7, power=0.85) / 2
    power = stats.norm.cdf(0.2 / math.sqrt(2 / (12 * n)) - stats.norm.isf(0.025))
    assert power == pytest.approx(0.85, abs=1e-12)


def test_happ_bathke_brunner_2019():
    total = closed_form.happ_total(PRIOR, PRIOR - 20)
    assert total == pytest.approx(111.3719511, abs=5e-8)
    moments = closed_form.placement_moments(PRIOR, PRIOR - 20)
    assert moments.p == pytest.approx(0.3491124, abs=5e-8)


def test_happ_from_probabilities_is_happ_from_counts():
    x, y = [1, 1, 1, 2, 2, 3], [1, 2, 3, 3]
    by_sample = closed_form.happ_total(x, y, t=0.4)
    by_law = closed_form.happ_total(
        [1, 2, 3], [1, 2, 3], t=0.4, px=[1 / 2, 1 / 3, 1 / 6], py=[1 / 4, 1 / 4, 1 / 2]
    )
    assert by_sample == pytest.approx(by_law, rel=1e-12)


def test_happ_is_noether_where_both_variances_are_the_null_one():
    # far prior samples of one continuous law: every sigma tends to sqrt(1/12)
    x = np.linspace(0, 1, 2001)
    moments = closed_form.placement_moments(x, x)
    for sigma in (moments.sigma, moments.sigma_x, moments.sigma_y):
        assert sigma == pytest.approx(math.sqrt(1 / 12), rel=1e-3)  # grid of 2001 points


def _laplace_moments(shift):
    law, span = stats.laplace(), {"a": -50, "b": 50, "points": [0, shift], "limit": 200}
    p1 = integrate.quad(lambda y: law.cdf(y) * law.pdf(y - shift), **span)[0]
    p2 = integrate.quad(lambda y: law.cdf(y) ** 2 * law.pdf(y - shift), **span)[0]
    p3 = integrate.quad(lambda x: law.sf(x - shift) ** 2 * law.pdf(x), **span)[0]
    return closed_form.ShiehMoments(p1, p2, p3)


def test_shieh_2006_and_gpower():
    moments = _laplace_moments(0.375 * math.sqrt(2))  # sd of a Laplace is sqrt(2)
    assert closed_form.shieh_power(moments, m=67, n=134) == pytest.approx(0.84752, abs=5e-6)
    are = closed_form.are_power(0.375, m=67, n=134, efficiency=1.5)
    assert are == pytest.approx(0.8643, abs=5e-5)


def test_shieh_moments_from_samples_by_counting_triples():
    x, y = np.array([1.0, 3.0, 4.0]), np.array([2.0, 5.0, 3.5, 6.0])
    below = (x[:, None] < y[None, :]).astype(float)
    moments = closed_form.shieh_moments(x, y)
    assert moments.p1 == pytest.approx(below.mean())
    assert moments.p2 == pytest.approx(np.mean(below.mean(axis=0) ** 2))
    assert moments.p3 == pytest.approx(np.mean(below.mean(axis=1) ** 2))


def test_shieh_power_under_the_null_is_alpha_and_mirrors():
    null = closed_form.ShiehMoments(1 / 2, 1 / 3, 1 / 3)
    assert closed_form.shieh_power(null, m=9, n=20, alpha=0.01) == pytest.approx(0.01, abs=1e-12)
    # swapping the arms: p1 -> 1 - p1, and P(X > Y, X' > Y) = 1 - 2 p1 + p2
    up = closed_form.ShiehMoments(0.7, 0.55, 0.54)
    down = closed_form.ShiehMoments(0.3, 1 - 1.4 + 0.55, 1 - 1.4 + 0.54)
    assert closed_form.shieh_power(up, m=8, n=13) == pytest.approx(
        closed_form.shieh_power(down, m=8, n=13)
    )


def test_shieh_size_is_the_first_of_enough():
    moments = _laplace_moments(0.375 * math.sqrt(2))
    n = closed_form.shieh_size(moments)
    assert n is not None
    assert closed_form.shieh_power(moments, m=n, n=n) >= 0.8
    assert closed_form.shieh_power(moments, m=n - 1, n=n - 1) < 0.8
    assert closed_form.shieh_size(closed_form.ShiehMoments(1 / 2, 1 / 3, 1 / 3), most=999) is None
    assert closed_form.shieh_power(closed_form.ShiehMoments(1, 1, 1), m=4, n=4) == 1.0


def test_no_effect_needs_infinitely_many_animals():
    assert closed_form.noether_total(0.5) == math.inf
    assert closed_form.happ_total([1, 2], [1, 2]) == math.inf
    with pytest.raises(ValueError, match="infinitely many animals"):
        closed_form.statpsych_size(0.5)


def test_impossible_input_is_refused():
    with pytest.raises(ValueError, match="is not between 0 and 1"):
        closed_form.noether_total(1.2)
    with pytest.raises(ValueError, match="share t"):
        closed_form.happ_total([1, 2], [2, 3], t=1.0)
    with pytest.raises(ValueError, match="sum to 1"):
        closed_form.happ_total([1, 2], [2, 3], px=[0.5, 0.2], py=[0.5, 0.5])
    with pytest.raises(ValueError, match="no missing ones"):
        closed_form.happ_total([1, math.nan], [2, 3])


@pytest.mark.parametrize("sign", [1, -1])
def test_complete_separation_of_large_samples(sign):
    """Regression: the sum of 32,000 equal shares came out above 1 and was refused."""
    x = np.arange(32_000.0)
    y = x + sign * 1e6
    moments = closed_form.shieh_moments(x, y)
    assert (moments.p1, moments.p2) == (max(sign, 0), max(sign, 0))
    assert closed_form.placement_moments(x, y).p == max(sign, 0)
    assert math.isfinite(closed_form.noether_total(moments.p1))
    assert closed_form.noether_power(moments.p1, m=9, n=9) > 0.9
