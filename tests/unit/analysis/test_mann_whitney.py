"""The test as a user calls it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.analysis import mann_whitney
from simulator.analysis.multiplicity import rejects
from tests.second_opinion import ranks


def test_u_counts_pairs_in_which_the_treated_is_larger():
    assert mann_whitney([3, 4], [1, 2]).u == 4
    assert mann_whitney([1, 2], [3, 4]).u == 0
    assert mann_whitney([1, 2], [2, 3]).u == 0.5


def test_greater_means_treated_larger():
    """Defect of a peer: a one-sided p of half the two-sided one, whatever the direction."""
    high, low = [5, 6, 7, 8], [1, 2, 3, 4]
    assert mann_whitney(high, low, alternative="greater").p_value == pytest.approx(1 / 70)
    assert mann_whitney(low, high, alternative="greater").p_value == pytest.approx(1.0)
    assert mann_whitney(low, high, alternative="less").p_value == pytest.approx(1 / 70)


@pytest.mark.parametrize("seed", range(20))
def test_untied_exact_p_is_that_of_scipy(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=rng.integers(2, 30)), rng.normal(0.5, 1, rng.integers(2, 30))
    for side in ("two-sided", "greater", "less"):
        peer = stats.mannwhitneyu(x, y, method="exact", alternative=side).pvalue
        found = mann_whitney(x, y, alternative=side)
        assert (found.method, found.convention) == ("exact", None)
        assert found.p_value == pytest.approx(peer, rel=1e-11)


def test_method_is_decided_per_data_set():
    """Defect of a peer: one tie anywhere in a batch switches every replicate to the normal p.

    5 v 5 at alpha 0.01: completely separated untied samples have exact p 2/252 = 0.0079 and are
    rejected; the normal approximation with continuity gives 0.012 and rejects none.
    """
    untied = (np.arange(5.0) + 10, np.arange(5.0))
    tied = (np.array([1.0, 2, 3, 4, 5]), np.array([5.0, 6, 7, 8, 9]))
    batch = np.array([untied[0], tied[0]]), np.array([untied[1], tied[1]])
    ours = [mann_whitney(x, y) for x, y in zip(*batch, strict=True)]
    assert [test.method for test in ours] == ["exact", "asymptotic"]
    assert ours[0].p_value == pytest.approx(2 / 252)
    assert rejects(ours[0].p_value, 0.01)
    assert not rejects(mann_whitney(*untied, method="asymptotic").p_value, 0.01)


def test_p_exactly_on_alpha_rejects():
    """Defect of a peer: power counts p < alpha. 3 v 3 one-sided: p is exactly 1/20."""
    p = mann_whitney([4, 5, 6], [1, 2, 3], alternative="greater").p_value
    assert p == pytest.approx(0.05, rel=1e-12)
    assert rejects(p, 0.05)
    assert not rejects(p, 0.05 * (1 - 1e-8))


def test_values_beyond_the_range_rank_lowest_and_highest():
    inside = mann_whitney([1.0, 2, 9], [3.0, 4, 5])
    beyond = mann_whitney([-math.inf, 2, math.inf], [3.0, 4, 5])
    assert (inside.u, inside.p_value) == (beyond.u, beyond.p_value)
    assert mann_whitney([math.inf, math.inf, 1], [math.inf, 0, 0]).u == ranks.u_treated(
        treated=[9, 9, 1], control=[9, 0, 0]
    )


def test_missing_values_are_dropped():
    assert mann_whitney([1, math.nan, 2, 5], [3, 4, math.nan]) == mann_whitney([1, 2, 5], [3, 4])


@pytest.mark.parametrize("method", ["auto", "exact", "asymptotic"])
@pytest.mark.parametrize(
    ("x", "y", "u", "note"),
    [
        ([], [1, 2], None, "the treated arm is empty"),
        ([1, 2], [math.nan], None, "the control arm is empty"),
        ([], [], None, "both arms are empty"),
        ([3], [1, 2, 4], 2.0, "only 1 value in the treated arm"),
        ([1, 2, 4], [3], 1.0, "only 1 value in the control arm"),
        ([1], [2], 0.0, "only 1 value in each arm"),
        ([2, 2, 2], [2, 2], 3.0, "all values are equal"),
    ],
)
def test_no_test_has_a_reason_and_no_number(method, x, y, u, note):
    found = mann_whitney(x, y, method=method)
    assert (found.u, found.p_value, found.method) == (u, None, None)
    assert note in found.note


def test_exact_with_ties_names_its_convention():
    x, y = [94, 108, 110, 90], [80, 94, 85, 90, 90, 90, 108, 94, 78, 105, 88]
    far = mann_whitney(x, y, method="exact")
    doubled = mann_whitney(x, y, method="exact", convention="doubling")
    assert (far.convention, doubled.convention) == ("far-tail", "doubling")
    assert far.p_value < doubled.p_value
    assert mann_whitney(x, y, method="exact", alternative="less").convention is None


def test_too_large_for_the_exact_method_is_said():
    rng = np.random.default_rng(1)
    found = mann_whitney(rng.normal(size=201), rng.normal(size=200), method="exact")
    assert found.p_value is None
    assert "too large for the exact method" in found.note


@pytest.mark.parametrize("option", ["method", "alternative", "convention"])
def test_unknown_options_are_refused(option):
    with pytest.raises(ValueError, match=f'unknown {option} "Two"; allowed: '):
        mann_whitney([1, 2], [3, 4], **{option: "Two"})
