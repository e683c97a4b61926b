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
    permutation_of_counts,
    permutation_p,
    permutation_untied,
    permutation_untied_p,
    signed_square,
)


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
    assert large.p_value == pytest.approx(2 / 1000)  # no random relabeling separates them
    assert (large.method, large.relabelings) == (METHOD_RANDOM, 999)


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


@pytest.mark.parametrize(("m", "n"), [(4, 4), (3, 6), (12, 9)])
def test_untied_table_is_the_test(m, n):
    """To the bit, for every alternative, complete and random."""
    table, complete = permutation_untied(m, n, 499)
    assert complete == (math.comb(m + n, m) <= 20_000)
    rng = np.random.default_rng(m)
    ones = np.ones(m + n, dtype=np.int64)
    for _ in range(20):
        pool = rng.permutation(m + n).astype(float)
        x, y = np.sort(pool[:m]), np.sort(pool[m:])
        statistic = signed_square(*placements(x, y), m, n)
        for code in (0, 1, -1):
            p = permutation_p(x, y, code, 499)
            assert permutation_untied_p(statistic, table, complete, code) == p
            assert permutation_of_counts(statistic, ones, m, n, code, 499) == p


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
