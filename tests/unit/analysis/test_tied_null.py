"""Exact p-values given the ties against enumeration of every deal, and the peers' known defects."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.analysis.null_codes import ALTERNATIVE_CODES, CONVENTION_CODES, DOUBLING, FAR_TAIL
from simulator.analysis.tied_null import is_symmetric, tied_exact_p, tied_p
from simulator.analysis.untied_null import exact_untied_p, untied_tails
from tests.second_opinion import ranks


@pytest.mark.parametrize("seed", range(60))
def test_tied_p_is_that_of_full_enumeration(seed):
    """Every way to deal the pooled values, counted one by one."""
    rng = np.random.default_rng(seed)
    m, n = (int(size) for size in rng.integers(1, 8, 2))
    pool = rng.integers(0, rng.integers(2, 7), m + n).astype(float)
    pool[0] = 9.0  # never all equal
    x, y = pool[:m].tolist(), pool[m:].tolist()
    expected = ranks.exact_p_values(treated=x, control=y)
    counts = np.unique(pool, return_counts=True)[1]
    u2 = round(2 * expected["u"])
    found = {
        "far-tail": tied_exact_p(counts, m, u2, FAR_TAIL, 0),
        "doubling": tied_exact_p(counts, m, u2, DOUBLING, 0),
        "greater": tied_exact_p(counts, m, u2, FAR_TAIL, 1),
        "less": tied_exact_p(counts, m, u2, FAR_TAIL, -1),
    }
    del expected["u"]
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [5, 20, 49])
def test_tied_method_without_ties_is_the_untied_one(n):
    """Two algorithms for one number, far into the tail."""
    ones = np.ones(2 * n, dtype=np.int64)
    tails = untied_tails(n, n)
    for u in (0, n, n * n // 3, n * n // 2, n * n - 1):
        for alternative in (0, 1, -1):
            tied = tied_exact_p(ones, n, 2 * u, FAR_TAIL, alternative)
            assert tied == pytest.approx(exact_untied_p(2 * u, n, n, tails, alternative), rel=1e-11)


@pytest.mark.parametrize(("m", "n"), [(50, 50), (120, 80), (3, 397), (200, 200)])
def test_large_tied_samples_neither_overflow_nor_lose_the_tail(m, n):
    """All m treated values tied on top of all n control values: p = 1 / choose(m+n, m)."""
    counts = np.array([n, m], dtype=np.int64)
    expected = 1.0 / math.comb(m + n, m)
    # the weights are products of m + n probabilities
    assert tied_exact_p(counts, m, 2 * m * n, FAR_TAIL, 1) == pytest.approx(expected, rel=1e-10)
    assert tied_exact_p(counts, m, 0, FAR_TAIL, 1) == pytest.approx(1.0, rel=1e-12)


def test_half_integer_u_is_not_truncated():
    """Defect of a peer: exact p by an integer table ignores ties and drops the half."""
    x = np.minimum([120.0, 310, 290, 400, 350, 330], 300)
    y = np.minimum([80.0, 60, 300, 110, 305, 90], 300)
    assert np.unique(np.concatenate([x, y])).size < x.size + y.size
    expected = ranks.exact_p_values(treated=x.tolist(), control=y.tolist())
    counts = np.unique(np.concatenate([x, y]), return_counts=True)[1]
    found = tied_exact_p(counts, 6, round(2 * expected["u"]), FAR_TAIL, 0)
    assert found == pytest.approx(expected["far-tail"], rel=1e-12)
    ignoring_ties = stats.mannwhitneyu(x, y, method="exact").pvalue
    assert abs(found - ignoring_ties) > 0.01


def _mid_by_enumeration(x, y, alternative, convention):
    """Deal by deal: those more extreme than the observed one, and half of those as extreme."""
    deals = ranks.rank_sum_counts(treated=x, control=y)
    pooled = [*x, *y]
    observed = round(sum(ranks.midranks(pooled)[: len(x)]) * 2)
    centre = len(x) * (len(pooled) + 1)

    def share(extremity):
        more = sum(ways for total, ways in deals.items() if extremity(total) > extremity(observed))
        same = sum(ways for total, ways in deals.items() if extremity(total) == extremity(observed))
        return (more + same / 2) / sum(deals.values())

    upper, lower = share(lambda total: total), share(lambda total: -total)
    if alternative == "two-sided" and convention == "far-tail":
        return share(lambda total: abs(total - centre))
    return {"greater": upper, "less": lower}.get(alternative, min(1.0, 2 * min(upper, lower)))


@pytest.mark.parametrize("seed", range(60))
def test_mid_p_counts_what_is_exactly_as_extreme_by_half(seed):
    rng = np.random.default_rng(seed)
    m, n = (int(size) for size in rng.integers(1, 8, 2))
    pool = rng.integers(0, rng.integers(2, 7), m + n).astype(float)
    pool[0] = 9.0  # never all equal
    x, y = pool[:m].tolist(), pool[m:].tolist()
    counts = np.unique(pool, return_counts=True)[1]
    u2 = round(2 * ranks.u_treated(treated=x, control=y))
    for side, alternative in ALTERNATIVE_CODES.items():
        for rule, convention in CONVENTION_CODES.items():
            found = tied_p(counts, m, u2, convention, alternative, True)
            expected = _mid_by_enumeration(x, y, side, rule)
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


# R 4.2.2, coin 1.4-2: wilcox_test(distribution = exact()), pvalue() and midpvalue()
@pytest.mark.parametrize(
    ("x", "y", "exact", "mid"),
    [
        (
            [6, 2, 5, 7, 7],
            [5, 5, 2, 5, 6, 5, 4],
            [0.213383838383838, 0.111111111111111, 0.914141414141414],
            [0.200126262626263, 0.0984848484848485, 0.901515151515151],
        ),
        (
            [2, 5, 2],
            [6, 2, 2, 4, 4, 5],
            [0.595238095238095, 0.80952380952381, 0.333333333333333],
            [0.5, 0.738095238095238, 0.261904761904762],
        ),
        (
            [44, 81, 91, 57, 48],
            [18, 45, 85],
            [0.571428571428571, 0.285714285714286, 0.803571428571428],
            [0.482142857142857, 0.241071428571429, 0.758928571428571],
        ),
        (
            [4, 2, 7, 2],
            [7, 4, 3, 7, 4],
            [0.380952380952381, 0.880952380952381, 0.19047619047619],
            [0.30952380952381, 0.845238095238095, 0.154761904761905],
        ),
        (
            [3, 10, 4, 9, 1, 8],
            [12, 3, 12, 11, 6, 5, 11, 11],
            [0.0849150849150849, 0.964035964035964, 0.0426240426240426],
            [0.0789210789210789, 0.960705960705961, 0.0392940392940393],
        ),
        (
            [55, 34, 80, 42, 71, 58, 88],
            [70, 33, 38, 73],
            [0.527272727272727, 0.263636363636364, 0.793939393939394],
            [0.46969696969697, 0.234848484848485, 0.765151515151515],
        ),
        (
            [2, 2, 3, 3, 4, 5, 4, 4],
            [4, 1, 1, 4, 4, 2, 3],
            [0.395804195804196, 0.201087801087801, 0.826884226884227],
            [0.381818181818182, 0.187101787101787, 0.812898212898213],
        ),
    ],
)
def test_mid_p_is_that_of_coin(x, y, exact, mid):
    """Two-sided, greater and less. (At U = mn/2 coin subtracts the centre twice; not here.)"""
    counts = np.unique([*x, *y], return_counts=True)[1]
    u2 = round(2 * ranks.u_treated(treated=x, control=y))
    found = [tied_p(counts, len(x), u2, FAR_TAIL, side, False) for side in (0, 1, -1)]
    halved = [tied_p(counts, len(x), u2, FAR_TAIL, side, True) for side in (0, 1, -1)]
    assert found == pytest.approx(exact, rel=1e-10)  # coin's own rounding
    assert halved == pytest.approx(mid, rel=1e-10)


@pytest.mark.parametrize(
    ("counts", "m", "symmetric"),
    [
        ([3, 1, 2], 3, True),
        ([3, 1, 2], 2, False),
        ([2, 1, 2], 2, True),
        ([0, 2, 1, 0, 2], 2, True),
        ([1, 2, 2], 1, False),
    ],
)
def test_symmetry_is_told_from_the_ties(counts, m, symmetric):
    """It decides how many tails are counted, so each U must have its mirror image's p."""
    counts = np.array(counts, dtype=np.int64)
    n = int(counts.sum()) - m
    assert is_symmetric(counts, m, n) is symmetric
    less = [tied_exact_p(counts, m, u2, FAR_TAIL, -1) for u2 in range(2 * m * n + 1)]
    greater = [tied_exact_p(counts, m, u2, FAR_TAIL, 1) for u2 in range(2 * m * n + 1)]
    assert (less == pytest.approx(greater[::-1], rel=1e-13)) is symmetric


@pytest.mark.parametrize("convention", [FAR_TAIL, DOUBLING])
def test_values_that_nobody_has_change_nothing(convention):
    counts = np.array([0, 2, 0, 3, 1, 0], dtype=np.int64)
    bare = counts[counts > 0]
    for u2 in range(17):
        for side in (0, 1, -1):
            assert tied_exact_p(counts, 2, u2, convention, side) == tied_exact_p(
                bare, 2, u2, convention, side
            )
