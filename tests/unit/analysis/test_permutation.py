"""The studentised permutation test against scipy and against fractions."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.stats

from simulator.analysis import permutation
from simulator.analysis.brunner_munzel import placements
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.permutation import (
    METHOD_COMPLETE,
    METHOD_RANDOM,
    permutation_p,
    permutation_untied,
    permutation_untied_p,
    signed_square,
)
from simulator.analysis.relabelings import UNTIED_RELABELINGS


def signed_square_of(treated, control):
    """T |T| in fractions, from the definition; infinite under separation."""

    def against(values, others):
        return [sum((v > o) + Fraction(v == o, 2) for o in others) for v in values]

    def spread(placed):
        mean = Fraction(sum(placed), len(placed))
        return sum((p - mean) ** 2 for p in placed) / (len(placed) - 1)

    m, n = len(treated), len(control)
    above, below = against(treated, control), against(control, treated)
    effect = Fraction(sum(above), m * n) - Fraction(1, 2)
    variance = spread(above) / (m * n**2) + spread(below) / (n * m**2)
    if effect == 0:
        return Fraction(0)
    if variance == 0:
        return math.copysign(math.inf, effect)
    return effect * abs(effect) / variance


def brute_force(treated, control):
    """p greater, p less and two-sided, by listing every relabeling."""
    pooled, m = [*treated, *control], len(treated)
    observed = signed_square_of(treated, control)
    upper = lower = 0
    deals = list(itertools.combinations(range(len(pooled)), m))
    for chosen in deals:
        found = signed_square_of(
            [pooled[i] for i in chosen], [v for i, v in enumerate(pooled) if i not in chosen]
        )
        upper += found >= observed
        lower += found <= observed
    return {
        "greater": upper / len(deals),
        "less": lower / len(deals),
        "two-sided": min(1.0, 2 * min(upper, lower) / len(deals)),
    }


@pytest.mark.parametrize("sizes", [(2, 2), (2, 4), (4, 3), (4, 4)])
@pytest.mark.parametrize("levels", [2, 3, 6, None])
def test_small_samples_by_brute_force(sizes, levels):
    rng = np.random.default_rng([*sizes, levels or 0])
    for _ in range(6):
        total = sum(sizes)
        pool = rng.permutation(total) if levels is None else rng.integers(0, levels, total)
        treated, control = pool[: sizes[0]].tolist(), pool[sizes[0] :].tolist()
        if len(set(pool.tolist())) == 1:
            continue
        for alternative, expected in brute_force(treated, control).items():
            found = permutation(treated, control, alternative=alternative)
            # both are a whole number over the same whole number
            assert found.p_value == pytest.approx(expected, rel=1e-15)
            assert found.method == METHOD_COMPLETE
            assert found.relabelings == math.comb(total, sizes[0])


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_is_scipys_permutation_test_of_its_brunner_munzel(alternative):
    """Untied, so that scipy's statistic is finite or divides by zero only when separated."""

    def statistic(x, y):
        with np.errstate(divide="ignore"):
            return -scipy.stats.brunnermunzel(x, y, distribution="normal").statistic

    rng = np.random.default_rng(8)
    for _ in range(3):
        x, y = rng.normal(0.8, 1, 5), rng.normal(0, 2, 4)
        peer = scipy.stats.permutation_test(
            (x, y), statistic, n_resamples=np.inf, alternative=alternative
        )
        found = permutation(x, y, alternative=alternative)
        assert found.p_value == pytest.approx(peer.pvalue, rel=1e-12)


def test_separation_gives_the_smallest_p():
    x, y = np.arange(5.0, 10), np.arange(5.0)
    assert permutation(x, y, alternative="greater").p_value == 1 / 252
    assert permutation(x, y).p_value == 2 / 252
    assert permutation(x, y, alternative="less").p_value == 1.0
    assert permutation(x, y).statistic == math.inf
    large = permutation(np.arange(10.0, 20), np.arange(10.0), resamples=999)
    # 1 of 184,756 relabelings separates them as these are: 3 or more of 100,000 once in 50
    assert large.p_value * (UNTIED_RELABELINGS + 1) / 2 < 4
    assert (large.method, large.relabelings) == (METHOD_RANDOM, UNTIED_RELABELINGS)
    tied = permutation(np.r_[np.arange(10.0, 19), 18], np.arange(10.0), resamples=999)
    assert (tied.method, tied.relabelings) == (METHOD_RANDOM, 999)
    assert tied.p_value * 500 == pytest.approx(round(tied.p_value * 500))


def test_random_relabelings_estimate_the_complete_p():
    """10 v 10 against all 184,756 relabelings: within 4.5 standard errors of 9,999 (7e-6)."""
    rng = np.random.default_rng(12)
    x, y = np.sort(rng.integers(1, 12, 10)) * 1.0, np.sort(rng.integers(0, 10, 10)) * 1.0
    counts = count_pairs(x, y)[2]
    observed = signed_square(*placements(x, y), 10, 10)
    values = np.repeat(np.arange(len(counts)), counts)
    ahead = 0
    deals = np.array(list(itertools.combinations(range(20), 10)))
    chosen = np.zeros((len(deals), 20), dtype=bool)
    chosen[np.arange(len(deals))[:, None], deals] = True
    # both arms' placements by cumulative counts over the tied groups
    edges = np.concatenate([[0], np.cumsum(counts)[:-1]])
    a = np.add.reduceat(chosen, edges, axis=1, dtype=np.int64)
    b = counts - a
    of_x = 2 * (np.cumsum(b, axis=1) - b) + b
    of_y = 2 * (np.cumsum(a, axis=1) - a) + a
    u2 = (a * of_x).sum(axis=1)
    v = 9 * (10 * (a * of_x**2).sum(axis=1) - u2**2)
    v += 9 * (10 * (b * of_y**2).sum(axis=1) - (200 - u2) ** 2)
    gap = u2 - 100
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(gap == 0, 0.0, gap * np.abs(gap) / v)
    ahead = (found >= observed * (1 - 1e-12)).mean()
    assert len(values) == 20
    p = permutation_p(x, y, 1, 9_999)
    assert 0.001 < ahead < 0.5
    assert abs(p - ahead) < 4.5 * math.sqrt(ahead * (1 - ahead) / 9_999) + 1e-4


@pytest.mark.parametrize(("m", "n"), [(4, 4), (3, 6), (12, 9), (9, 12)])
def test_untied_table_is_the_test(m, n):
    """To the bit, for every alternative, complete and random; resamples do not matter."""
    table, complete = permutation_untied(m, n)
    assert complete == (math.comb(m + n, m) <= 20_000)
    assert table.size == (math.comb(m + n, m) if complete else UNTIED_RELABELINGS)
    rng = np.random.default_rng(m)
    for _ in range(4):
        pool = rng.permutation(m + n).astype(float)
        x, y = np.sort(pool[:m]), np.sort(pool[m:])
        statistic = signed_square(*placements(x, y), m, n)
        for word, code in (("two-sided", 0), ("greater", 1), ("less", -1)):
            p = permutation_p(x, y, code, 499)
            assert permutation_untied_p(statistic, table, complete, code) == p
            assert permutation(x, y, alternative=word, resamples=99).p_value == p


@pytest.mark.parametrize("tied", range(0, 18, 3))
def test_tied_data_have_relabelings_of_their_own(tied):
    """One-sided size of 99 relabelings at 5 %, given the ties: within 4.5 standard errors (7e-6).

    The p-values of 10 v 10 with one pair of equal values lie so dense that the size is 5/100. Of
    one list for all data with these ties it would have a standard deviation of 2.2 points.
    """
    rng = np.random.default_rng(tied)
    pool = np.arange(20.0)
    pool[tied + 1] = pool[tied]
    runs, rejected = 10_000, 0
    for _ in range(runs):
        deal = rng.permutation(pool)
        rejected += permutation_p(deal[:10], deal[10:], 1, 99) <= 0.05 * (1 + 1e-9)
    assert abs(rejected / runs - 0.05) < 4.5 * math.sqrt(0.05 * 0.95 / runs)


def test_the_order_of_rows_and_units_do_not_matter():
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 6, 12) * 1.0, rng.integers(0, 6, 11) * 1.0
    p = permutation_p(x, y, 0, 999)
    assert permutation_p(x[::-1], np.sort(y), 0, 999) == p
    assert permutation_p(np.exp(x), np.exp(y), 0, 999) == p
    assert permutation(x, y, resamples=999).p_value == p


def test_no_test():
    for treated, control, note in (
        ([], [1.0, 2], "the treated arm is empty"),
        ([1.0, 2], [1.0], "only 1 value in the control arm: no test below 2 per arm"),
        ([3.0, 3], [3.0, 3], "all values are equal: nothing to rank"),
    ):
        found = permutation(treated, control)
        assert (found.p_value, found.method, found.note) == (None, None, note)
        assert math.isnan(permutation_p(np.array(treated), np.array(control), 0, 99))


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match='unknown alternative "up"; allowed: two-sided, greater'):
        permutation([1, 2], [3, 4], alternative="up")
    with pytest.raises(ValueError, match="resamples must be at least 1, not 0"):
        permutation([1, 2], [3, 4], resamples=0)
