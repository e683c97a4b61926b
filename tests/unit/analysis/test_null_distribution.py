"""The kernels against enumeration, recursion in exact fractions, and the peers' known defects."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from scipy import stats

from simulator.analysis.null_distribution import (
    ALTERNATIVE_CODES,
    ASYMPTOTIC,
    AUTO,
    DOUBLING,
    EXACT,
    FAR_TAIL,
    asymptotic_p,
    exact_untied_p,
    is_exact,
    p_value,
    packed_tails,
    tied_exact_p,
    untied_tails,
)
from tests.second_opinion import ranks

EMPTY = np.zeros(0)


@cache
def _count(m: int, n: int, u: int) -> int:
    """Ways to deal m treated among m + n ranks with that U, in whole numbers."""
    if u < 0 or u > m * n:
        return 0
    if m == 0 or n == 0:
        return int(u == 0)
    return _count(m - 1, n, u - n) + _count(m, n - 1, u)


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 7), (3, 3), (5, 5), (4, 9), (10, 10), (9, 13)])
def test_untied_tails_are_the_exact_counts(m, n):
    total = math.comb(m + n, m)
    running = itertools.accumulate(_count(m, n, u) for u in range(m * n + 1))
    expected = [float(Fraction(count, total)) for count in running]
    # sums of positive terms: the relative error is a few units in the last place per addition
    assert untied_tails(m, n).tolist() == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("m", "n"), [(49, 49), (30, 49), (2, 49)])
def test_untied_tails_of_large_arms(m, n):
    """Against integer counts of the whole distribution, by the generating function."""
    counts = [1]
    for i in range(1, m + 1):  # times (1 - x^(n+i)) / (1 - x^i), whole numbers throughout
        raised = counts + [0] * (n + i)
        for u in range(len(raised) - 1, n + i - 1, -1):
            raised[u] -= raised[u - n - i]
        for u in range(i, len(raised)):
            raised[u] += raised[u - i]
        counts = raised[: i * n + 1]
    total = math.comb(m + n, m)
    assert sum(counts) == total
    expected = [float(Fraction(count, total)) for count in itertools.accumulate(counts)]
    assert untied_tails(m, n).tolist() == pytest.approx(expected, rel=1e-12)


def test_untied_tails_do_not_change_by_accident():
    """They are cached, so they must be read-only, and one array whatever the order of arms."""
    with pytest.raises(ValueError, match="read-only"):
        untied_tails(4, 6)[0] = 1.0
    assert untied_tails(4, 6).tolist() == untied_tails(6, 4).tolist()


def test_packed_tails_are_the_tails_in_a_row():
    flat, offsets = packed_tails(np.array([[3, 4], [5, 5]]))
    assert flat[offsets[0] : offsets[1]].tolist() == untied_tails(3, 4).tolist()
    assert flat[offsets[1] : offsets[2]].tolist() == untied_tails(5, 5).tolist()
    assert offsets[2] == flat.size


def test_packed_tails_of_nothing():
    flat, offsets = packed_tails(np.zeros((0, 2), dtype=np.int64))
    assert (flat.size, offsets.tolist()) == (0, [0])


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


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("continuity", [True, False])
def test_normal_p_is_that_of_scipy(seed, continuity):
    """scipy's normal approximation is right; its two-sided p is twice the smaller tail."""
    rng = np.random.default_rng(seed)
    m, n = (int(size) for size in rng.integers(2, 25, 2))
    pool = rng.integers(0, 12, m + n).astype(float)
    pool[0] = 20.0
    counts = np.unique(pool, return_counts=True)[1].astype(np.int64)
    tie_sum = int((counts**3 - counts).sum())
    for name, code in ALTERNATIVE_CODES.items():
        peer = stats.mannwhitneyu(
            pool[:m],
            pool[m:],
            method="asymptotic",
            use_continuity=continuity,
            alternative=name,
        )
        found = asymptotic_p(round(2 * peer.statistic), m, n, tie_sum, continuity, code)
        if name == "two-sided" and abs(peer.statistic - m * n / 2) < 0.5 and continuity:
            assert found == 1.0  # the correction moves U to its mean and not beyond
        else:
            assert found == pytest.approx(peer.pvalue, rel=1e-11)


def test_two_sided_p_is_never_above_one():
    for u2 in range(51):
        assert asymptotic_p(u2, 5, 5, 0, True, 0) <= 1.0
        assert exact_untied_p(2 * (u2 // 2), 5, 5, untied_tails(5, 5), 0) <= 1.0


@pytest.mark.parametrize("method", [AUTO, EXACT, ASYMPTOTIC])
@pytest.mark.parametrize(("m", "n", "counts"), [(4, 4, [8]), (1, 5, [1] * 6), (5, 1, [1] * 6)])
def test_no_number_where_no_test_can_be_made(method, m, n, counts):
    """All equal, or a single animal in an arm."""
    counts = np.array(counts, dtype=np.int64)
    tie_sum = int((counts**3 - counts).sum())
    p = p_value(m * n, m, n, tie_sum, counts, method, 0, FAR_TAIL, True, untied_tails(m, n))
    assert math.isnan(p)


def test_empty_arms_have_no_p():
    counts = np.array([1, 1, 1], dtype=np.int64)
    assert math.isnan(tied_exact_p(counts, 0, 0, FAR_TAIL, 0))
    assert math.isnan(tied_exact_p(counts, 3, 0, FAR_TAIL, 0))
    assert math.isnan(asymptotic_p(0, 0, 3, 0, True, 0))


@pytest.mark.parametrize(
    ("m", "n", "tie_sum", "exact"),
    [(49, 49, 0, True), (50, 49, 0, False), (49, 50, 0, False), (5, 5, 6, False)],
)
def test_auto_is_r_wilcox_tests_rule(m, n, tie_sum, exact):
    assert is_exact(m, n, tie_sum, AUTO) is exact
    assert is_exact(m, n, tie_sum, EXACT)
    assert not is_exact(m, n, tie_sum, ASYMPTOTIC)


def test_size_of_normal_method_with_ties_at_4_v_4():
    """Known: without continuity 4 v 4 with ties can exceed alpha; exact conditional never does.

    The attained size under four equally likely categories, over all 4^8 data sets.
    """
    sizes = {"plain": 0.0, "exact": 0.0}
    for pool, ways in _multisets(4, 8).items():
        counts = np.unique(pool, return_counts=True)[1].astype(np.int64)
        if counts.size == 1:
            continue
        tie_sum = int((counts**3 - counts).sum())
        for u2, share in _null_of(pool).items():
            weight = ways * share
            if asymptotic_p(u2, 4, 4, tie_sum, False, 0) <= 0.05:
                sizes["plain"] += weight
            if tied_exact_p(counts, 4, u2, FAR_TAIL, 0) <= 0.05 * (1 + 1e-9):
                sizes["exact"] += weight
    # The published size of such a design is 0.0555; the categories here need not be those.
    assert sizes["plain"] > 0.055
    # A conditional test has at most its level whatever the ties; many ties cost it most of that.
    assert 0 < sizes["exact"] < 0.025


def _multisets(categories: int, size: int) -> dict[tuple[int, ...], float]:
    """Return each pooled sample with its probability."""
    found = {}
    for pool in itertools.combinations_with_replacement(range(categories), size):
        ways = math.factorial(size)
        for category in range(categories):
            ways //= math.factorial(pool.count(category))
        found[pool] = ways / categories**size
    return found


def _null_of(pool: tuple[int, ...]) -> dict[int, float]:
    counts = ranks.rank_sum_counts(treated=list(pool[:4]), control=list(pool[4:]))
    deals = sum(counts.values())
    return {total - 4 * 5: count / deals for total, count in counts.items()}
