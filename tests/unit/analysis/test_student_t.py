"""The t tail against scipy and against closed forms."""

from __future__ import annotations

import math

import pytest
import scipy.stats

from simulator.analysis.student_t import log_gamma_half_step, student_t_tail

DFS = (1.0, 1.3, 2.0, 3.7, 5.0, 9.99, 17.0, 18.0, 31.0, 40.5, 100.0, 397.3)
TS = (1e-3, 0.1, 0.5, 1.0, 1.5, 1.7, 1.7320508, 1.74, 1.9, 2.5, 4.0, 8.0, 20.0, 100.0, 1e4)


@pytest.mark.parametrize("df", DFS)
@pytest.mark.parametrize("t", TS)
def test_tail_is_scipys(t, df):
    """Both branches of the continued fraction, down to tails of 1e-290."""
    expected = scipy.stats.t.sf(t, df)
    if expected > 1e-290:  # below it both underflow somewhere
        # 1e-12: scipy's own figures are good to a few 1e-13 at the large df
        assert student_t_tail(t, df) == pytest.approx(expected, rel=1e-12, abs=0)
    assert student_t_tail(-t, df) == pytest.approx(1 - expected, rel=1e-14)


@pytest.mark.parametrize("t", [1e-8, 0.3, 1.0, 5.0, 1e6])
def test_tails_with_a_formula(t):
    """Cauchy for one degree of freedom; 1/2 - t/(2 sqrt(2 + t^2)) for two."""
    # arctan of 1/t has no cancellation where the tail is small
    assert student_t_tail(t, 1.0) == pytest.approx(math.atan2(1, t) / math.pi, rel=1e-14)
    root = math.sqrt(2 + t * t)
    assert student_t_tail(t, 2.0) == pytest.approx(1 / (root * (root + t)), rel=1e-14)


@pytest.mark.parametrize("a", [0.5, 0.65, 1.0, 7.3, 15.99, 16.0, 50.0])
def test_gamma_ratio(a):
    assert log_gamma_half_step(a) == pytest.approx(
        math.lgamma(a + 0.5) - math.lgamma(a),
        rel=0,
        abs=4e-14,  # lgamma(50) is 145
    )


def test_gamma_ratio_of_large_numbers():
    """Gamma(a + 1/2)/Gamma(a) = sqrt(pi) (2a)! / (4^a a! (a-1)!) for whole a."""
    a = 400
    ratio = math.factorial(2 * a) / (4**a * math.factorial(a) * math.factorial(a - 1))
    assert log_gamma_half_step(a) == pytest.approx(math.log(math.sqrt(math.pi) * ratio), rel=1e-15)


def test_ends():
    assert student_t_tail(0.0, 5.0) == 0.5
    assert student_t_tail(math.inf, 5.0) == 0.0
    assert student_t_tail(-math.inf, 5.0) == 1.0
    for t, df in ((math.nan, 5.0), (1.0, math.nan), (1.0, 0.0), (1.0, -2.0)):
        assert math.isnan(student_t_tail(t, df))
