"""Probabilities with their simulation error."""

import math

import pytest
from scipy import stats

from simulator.evaluation.characteristics import Estimate, Probability


def test_wilson_interval_against_outside_numbers():
    # Newcombe 1998, Table I, method 3: 81/263, 15/148, 0/20, 1/29
    printed = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (count, total), limits in printed.items():
        assert Probability(count, total).ci == pytest.approx(limits, abs=5e-5)


def test_wilson_interval_against_scipy():
    from scipy.stats import binomtest

    for count, total, confidence in [(3, 10, 0.9), (799, 1000, 0.99), (10, 10, 0.95)]:
        peer = binomtest(count, total).proportion_ci(confidence, method="wilson")
        mine = Probability(count, total).interval(confidence)
        assert mine == pytest.approx((peer.low, peer.high), rel=1e-12)


def test_wilson_interval_covers_as_often_as_it_says():
    from scipy.stats import binom

    # exact coverage, no simulation: Wilson at 95 % stays within 93-97 % at these p
    for p in (0.05, 0.3, 0.8):
        covered = 0.0
        for count in range(501):
            low, high = Probability(count, 500).ci
            if low <= p <= high:
                covered += binom.pmf(count, 500, p)
        assert 0.93 < covered < 0.97


def test_value_error_pooling_and_text():
    share = Probability(400, 500)
    assert share.value == 0.8
    assert share.mcse == pytest.approx(math.sqrt(0.8 * 0.2 / 500))
    assert share + Probability(100, 500) == Probability(500, 1000)
    assert share.to_dict()["value"] == 0.8
    assert str(share) == "0.800 [0.763, 0.833]"
    assert Probability(0, 5).ci[0] == 0.0
    assert Probability(5, 5).ci[1] == 1.0


@pytest.mark.parametrize(("count", "total"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(count, total):
    with pytest.raises(ValueError, match="is not a share of replicates"):
        Probability(count, total)


def test_impossible_confidence_is_refused():
    with pytest.raises(ValueError, match="confidence must be between 0 and 1"):
        Probability(1, 2).interval(1.0)


def test_estimate():
    assert Estimate(3.0, 0.01).to_dict() == {"value": 3.0, "mcse": 0.01}
    assert Estimate(math.nan, math.inf).to_dict() == {"value": None, "mcse": None}


def test_interval_of_an_estimate_against_scipy():
    for confidence in (0.5, 0.95, 0.9975):
        found = Estimate(0.3, 0.02).interval(confidence)
        assert found == pytest.approx(stats.norm.interval(confidence, 0.3, 0.02), rel=1e-12)
    assert all(math.isnan(limit) for limit in Estimate(0.3, math.nan).interval(0.95))


@pytest.mark.parametrize("count", [0, 500])
def test_what_never_or_always_happened_has_an_interval_and_no_error(count: int) -> None:
    """sqrt(p(1-p)/R) is 0 there, though p may be as far as the rule of three says: 3/R."""
    share = Probability(count, 500)
    assert share.known_mcse is None
    assert share.to_dict()["mcse"] is None
    low, high = share.ci
    assert high - low > 3 / 500
    assert Probability(1, 500).known_mcse == Probability(1, 500).mcse > 0
