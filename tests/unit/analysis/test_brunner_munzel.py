"""Brunner-Munzel against scipy, the published example and brute force under separation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from simulator.analysis import brunner_munzel
from simulator.analysis.brunner_munzel import (
    METHOD,
    METHOD_SEPARATED,
    SEPARATED,
    brunner_munzel_of_sums,
    brunner_munzel_p,
    placements,
    separation_p,
)
from simulator.analysis.null_codes import ALTERNATIVE_CODES

#: Pain scores after shoulder surgery, Brunner & Munzel (2000); also scipy's example.
PAIN_ACTIVE = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
PAIN_CONTROL = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]


def test_published_example():
    found = brunner_munzel(PAIN_CONTROL, PAIN_ACTIVE)
    assert found.statistic == pytest.approx(3.1374674823029505, rel=1e-13)  # printed by scipy
    assert found.p_value == pytest.approx(0.0057862086661515377, rel=1e-12)
    assert found.df == pytest.approx(17.683, abs=5e-4)  # lawstat, brunnermunzel
    assert found.u / (11 * 14) == pytest.approx(0.788961, abs=5e-7)  # the same: estimate
    assert found.method == METHOD
    assert brunner_munzel(PAIN_ACTIVE, PAIN_CONTROL).statistic == -found.statistic


@pytest.mark.parametrize("levels", [2, 4, 9, 1000])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_random_data_are_scipys(levels, alternative):
    rng = np.random.default_rng(levels)
    theirs = {"greater": "less", "less": "greater"}.get(alternative, alternative)
    compared = 0
    for _ in range(100):
        treated = rng.integers(0, levels, rng.integers(2, 25)).astype(float)
        control = rng.integers(0, levels, rng.integers(2, 25)) + rng.integers(0, 2)
        found = brunner_munzel(treated, control, alternative=alternative)
        if found.method != METHOD:
            continue
        # scipy's statistic is that of its second sample, and so is its direction
        expected = scipy.stats.brunnermunzel(control, treated, alternative=theirs)
        peer = scipy.stats.brunnermunzel(treated, control, alternative=alternative)
        assert -peer.statistic == pytest.approx(found.statistic, rel=1e-12, abs=1e-12)
        mirrored = scipy.stats.t.sf(found.statistic, found.df)
        if alternative == "greater":
            assert found.p_value == pytest.approx(mirrored, rel=1e-12)
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-11)
        compared += 1
    assert compared >= 60


@pytest.mark.parametrize(("m", "n"), [(2, 2), (3, 3), (2, 5), (4, 3)])
@pytest.mark.parametrize("tied", [False, True])
def test_separation_is_the_most_extreme_relabeling(m, n, tied):
    """No relabeling is as extreme: brute force over the relative effects of all of them."""
    control, treated = np.arange(n, dtype=float), np.arange(n, n + m, dtype=float)
    if tied:
        control[:], treated[:] = 1, 2
    pooled = np.concatenate([control, treated])
    effects = []
    for chosen in itertools.combinations(range(m + n), m):
        rest = [i for i in range(m + n) if i not in chosen]
        above = np.sign(pooled[list(chosen)][:, None] - pooled[rest][None, :])
        effects.append(above.mean() / 2 + 0.5)
    assert effects.count(1.0) == 1
    once = 1 / math.comb(m + n, m)
    assert len(effects) == math.comb(m + n, m)
    for high, low, one, other in ((treated, control, "greater", "less"),):
        assert brunner_munzel(high, low, alternative=one).p_value == pytest.approx(once, rel=1e-14)
        assert brunner_munzel(high, low, alternative=other).p_value == 1.0
        assert brunner_munzel(low, high, alternative=other).p_value == pytest.approx(once)
        assert brunner_munzel(low, high, alternative=one).p_value == 1.0
    found = brunner_munzel(treated, control)
    assert found.p_value == pytest.approx(2 * once, rel=1e-14)
    assert (found.method, found.note) == (METHOD_SEPARATED, SEPARATED)
    assert (found.statistic, found.df) == (math.inf, None)


def test_one_arm_without_spread_is_not_separation():
    """A constant arm inside the other has variance in one arm only."""
    found = brunner_munzel([1.0, 3.0, 3.0], [2.0, 2.0, 2.0])
    assert found.method == METHOD
    assert found.df == 2
    expected = scipy.stats.brunnermunzel([2, 2, 2], [1, 3, 3])
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-12)


def test_no_test():
    for treated, control, note in (
        ([], [1.0, 2], "the treated arm is empty"),
        ([], [], "both arms are empty"),
        ([1.0], [1.0, 2], "only 1 value in the treated arm: no test below 2 per arm"),
        ([1.0], [2.0], "only 1 value in each arm: no test below 2 per arm"),
        ([3.0, 3], [3.0, 3, math.nan], "all values are equal: nothing to rank"),
    ):
        found = brunner_munzel(treated, control)
        assert (found.p_value, found.method, found.statistic) == (None, None, None)
        assert found.note == note
        x, y = (np.sort(np.array([v for v in arm if v == v])) for arm in (treated, control))
        assert math.isnan(brunner_munzel_p(x, y, 0))


def test_censored_values_rank_outermost():
    plain = brunner_munzel([2.0, 5, 9, 9], [1.0, 1, 4, 6])
    censored = brunner_munzel([2.0, 5, math.inf, math.inf], [-math.inf, -math.inf, 4, 6])
    assert plain == censored


def test_kernel_of_sums_is_the_kernel():
    rng = np.random.default_rng(3)
    for _ in range(50):
        x, y = np.sort(rng.integers(0, 6, 7)) * 1.0, np.sort(rng.integers(1, 7, 5)) * 1.0
        for code in ALTERNATIVE_CODES.values():
            assert brunner_munzel_p(x, y, code) == brunner_munzel_of_sums(
                *placements(x, y), 7, 5, code
            )


def test_separation_p_never_above_one():
    assert separation_p(1, 1, True, 0) == 1.0


def test_unknown_alternative_is_refused():
    with pytest.raises(ValueError, match='unknown alternative "up"; allowed: two-sided, greater'):
        brunner_munzel([1, 2], [3, 4], alternative="up")
