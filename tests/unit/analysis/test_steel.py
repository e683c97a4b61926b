"""Steel's adjustment against brute force and the two-arm tests."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from simulator.analysis import mann_whitney
from simulator.analysis.steel import (
    relabelings_of,
    steel_p_of_maxima,
    steel_permutation_into,
    steel_untied_into,
    steel_z,
)
from simulator.analysis.steel_family import steel, steel_untied
from simulator.scenario.analysis_plan import TestSpec, why_not_steel
from tests.second_opinion import ranks

#: Which 5 of 10 animals are in the first of two arms.
SPLITS = np.array(list(itertools.combinations(range(10), 5)))


def counts(*sizes):
    return np.array(sizes, dtype=np.int64)


def z_of(treated, control):
    """The tie-corrected z from the variance of the pair's midranks."""
    m, n = len(treated), len(control)
    rank = np.array(ranks.midranks([*treated, *control]))
    if np.ptp(rank) == 0:
        return math.nan
    variance = m * n / (m + n) * rank.var(ddof=1)
    return (ranks.u_treated(treated=treated, control=control) - m * n / 2) / math.sqrt(variance)


def brute_force(arms, direct):
    """Adjusted p of every arm by listing all relabelings of the pooled sample."""
    pooled = [value for arm in arms for value in arm]
    sizes = [len(arm) for arm in arms]
    observed = [direct(z_of(arm, arms[0])) for arm in arms[1:]]
    at_least, total = [0] * len(observed), 0
    labels = [place for place, size in enumerate(sizes) for _ in range(size)]
    for deal in set(itertools.permutations(labels)):
        dealt = [
            [v for v, arm in zip(pooled, deal, strict=True) if arm == k] for k in range(len(arms))
        ]
        z = [direct(z_of(arm, dealt[0])) for arm in dealt[1:]]
        largest = max((one for one in z if one == one), default=-math.inf)
        total += 1
        for place, one in enumerate(observed):
            at_least[place] += largest >= one - 1e-9
    return [
        math.nan if one != one else count / total
        for one, count in zip(observed, at_least, strict=True)
    ]


@pytest.mark.parametrize(
    "arms",
    [
        [[1, 3, 5], [2, 7], [4, 6]],
        [[1, 2], [3, 4, 8], [5, 6]],
        [[1, 1, 2], [2, 3], [1, 3]],
        [[0, 0, 1], [0, 0], [2, 2]],
        [[0, 0], [0, 0], [2, 1]],  # one comparison all equal: no z
        [[5, 5], [1, 2], [1, 2], [1, 9]],
    ],
)
@pytest.mark.parametrize(
    ("alternative", "direct"),
    [("two-sided", abs), ("greater", lambda z: z), ("less", lambda z: -z)],
)
def test_exact_p_by_brute_force(arms, alternative, direct):
    arrays = [np.sort(np.array(arm, dtype=float)) for arm in arms]
    found = steel(arrays[0], arrays[1:], method="exact", alternative=alternative)
    assert found.method == "permutation (complete)"
    expected = brute_force(arms, direct)
    assert found.p_adjusted.tolist() == pytest.approx(expected, rel=1e-14, nan_ok=True)
    z = [z_of(arm, arms[0]) for arm in arms[1:]]
    assert found.z.tolist() == pytest.approx(z, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_one_arm_is_the_exact_wilcoxon_test(alternative):
    rng = np.random.default_rng(4)
    for m, n in ((3, 4), (6, 6), (7, 5)):
        x, y = np.sort(rng.normal(0.5, 1, m)), np.sort(rng.normal(size=n))
        found = steel(y, [x], alternative=alternative)
        expected = mann_whitney(x, y, method="exact", alternative=alternative).p_value
        assert found.p_adjusted[0] == pytest.approx(expected, rel=1e-12)


def test_one_arm_asymptotic_is_the_normal_test():
    x, y = np.array([2.0, 3, 3, 5, 8]), np.array([1.0, 1, 3, 4, 4, 5])
    for alternative in ("two-sided", "greater", "less"):
        found = steel(y, [x], alternative=alternative)  # tied, so auto is asymptotic
        peer = mann_whitney(x, y, method="asymptotic", continuity=False, alternative=alternative)
        assert found.method == "multivariate normal"
        assert found.p_adjusted[0] == pytest.approx(peer.p_value, rel=1e-12)


@pytest.mark.parametrize("sizes", [(3, 2, 3), (8, 8, 8), (6, 9, 4, 5), (4, 1, 3, 0)])
@pytest.mark.parametrize("alternative", [0, 1, -1])
def test_untied_table_is_the_test(sizes, alternative):
    """To the bit: without ties the distribution depends on the sizes alone."""
    rng = np.random.default_rng(sum(sizes))
    maxima, complete = steel_untied(sizes, alternative)
    assert maxima.size == relabelings_of(counts(*sizes))
    edges = np.cumsum(sizes)[:-1]
    for _ in range(3):
        pooled = rng.normal(size=sum(sizes))
        out = np.empty(len(sizes) - 1)
        steel_permutation_into(pooled, counts(*sizes), alternative, 999, out)
        control, *treated = (np.sort(arm) for arm in np.split(pooled, edges))
        expected = []
        for arm in treated:
            u2 = 2 * int((arm[:, None] > control[None, :]).sum())
            z = steel_z(u2, arm.size, control.size, 0)
            expected.append(steel_p_of_maxima(z, maxima, complete, alternative))
        np.testing.assert_array_equal(out, expected)
        word = {0: "two-sided", 1: "greater", -1: "less"}[alternative]
        found = steel(control, treated, alternative=word, resamples=99)
        np.testing.assert_array_equal(found.p_adjusted, expected)
        # an arm that has no test may be tied with others
        one = [np.full_like(arm, control[0]) if arm.size == 1 else arm for arm in treated]
        found = steel(control, one, method="exact", alternative=word, resamples=99)
        np.testing.assert_array_equal(found.p_adjusted, expected)


@pytest.mark.parametrize("tied", range(0, 20, 5))
def test_tied_families_have_relabelings_of_their_own(tied):
    """Size of 99 relabelings at 5 % given the ties: not above by 4.5 standard errors (7e-6).

    Of one list for all families with these ties it would have a standard deviation of 2 points.
    """
    rng = np.random.default_rng(tied)
    pool = np.arange(24.0)
    pool[tied + 1] = pool[tied]
    runs, rejected = 4_000, 0
    out = np.empty(2)
    for _ in range(runs):
        steel_permutation_into(rng.permutation(pool), counts(8, 8, 8), 0, 99, out)
        rejected += out.min() <= 0.05 * (1 + 1e-9)
    spread = math.sqrt(0.05 * 0.95 / runs)
    assert rejected / runs < 0.05 + 4.5 * spread
    assert rejected / runs > 0.03  # U has few values at 8 v 8: the size is a little below 5 %


def test_tied_p_depends_on_the_data_alone():
    rng = np.random.default_rng(9)
    arms = rng.integers(0, 5, (3, 8)).astype(float)
    first, again, ties_between_treated = np.empty(2), np.empty(2), np.empty(2)
    steel_permutation_into(arms.ravel(), counts(8, 8, 8), 0, 999, first)
    steel_permutation_into(np.exp(arms[:, ::-1]).ravel(), counts(8, 8, 8), 0, 999, again)
    assert first.tolist() == again.tolist()
    assert steel(arms[0], list(arms[1:]), method="exact", resamples=999).p_adjusted.tolist() == (
        first.tolist()
    )
    # ties between treated arms alone: exact by auto, and of the plan's relabelings
    apart = np.array([np.arange(8.0), np.arange(8) + 0.5, np.arange(8) + 0.5])
    found = steel(apart[0], list(apart[1:]), resamples=99)
    steel_permutation_into(apart.ravel(), counts(8, 8, 8), 0, 99, ties_between_treated)
    assert found.method == "permutation"
    assert found.p_adjusted.tolist() == ties_between_treated.tolist()
    assert (found.p_adjusted * 100).tolist() == pytest.approx((found.p_adjusted * 100).round())


def test_random_relabelings_estimate_the_complete_distribution():
    """5 per arm, all 756,756 relabelings: 100,000 are within 4.5 standard errors (7e-6 each)."""
    ranked = np.arange(15)
    largest = []
    sd = math.sqrt(5 * 5 * 11 / 12)
    for control in itertools.combinations(range(15), 5):
        rest = np.setdiff1d(ranked, control)
        above = np.searchsorted(control, rest)  # controls below each other animal
        first = above[SPLITS].sum(axis=1)
        second = above.sum() - first
        largest.append(np.maximum(abs(first - 12.5), abs(second - 12.5)) / sd)
    true = np.concatenate(largest)
    assert true.size == 756_756
    maxima, complete = steel_untied((5, 5, 5), 0)
    assert not complete
    for z in np.unique(true)[2:-1:3]:
        expected = (true >= z - 1e-9).mean()
        p = steel_p_of_maxima(float(z), maxima, complete, 0)
        assert abs(p - expected) < 4.5 * math.sqrt(expected * (1 - expected) / 100_000) + 1e-5


def test_adjusted_p_lies_between_raw_and_bonferroni():
    """For the complete list of relabelings this is a theorem without ties."""
    rng = np.random.default_rng(7)
    for _ in range(10):
        arms = [np.sort(rng.normal(shift, 1, 3)) for shift in (0, 0.5, 1.5)]
        found = steel(arms[0], arms[1:])
        assert found.method == "permutation (complete)"
        for arm, p in zip(arms[1:], found.p_adjusted, strict=True):
            raw = mann_whitney(arm, arms[0], method="exact").p_value
            assert raw - 1e-12 <= p <= 2 * raw + 1e-12


def test_arms_that_cannot_be_tested_are_left_out():
    control = np.array([1.0, 2, 3, 4])
    two = [np.array([2.5, 5, 6]), np.array([0.5, 7, 8])]
    more = [two[0], np.array([9.0]), two[1], np.array([])]
    for method in ("exact", "asymptotic"):
        with_them = steel(control, more, method=method).p_adjusted
        assert np.isnan(with_them[[1, 3]]).all()
        np.testing.assert_array_equal(
            with_them[[0, 2]], steel(control, two, method=method).p_adjusted
        )
    for short in (np.array([1.0]), np.array([])):
        for method in ("exact", "asymptotic"):
            assert np.isnan(steel(short, two, method=method).p_adjusted).all()


def test_auto_is_exact_unless_a_comparison_has_ties():
    control, a, b = np.array([1.0, 2, 3]), np.array([4.0, 5, 6]), np.array([4.0, 7, 8])
    assert steel(control, [a, b]).method == "permutation (complete)"  # tied between treated only
    assert steel(control, [a, np.array([3.0, 7, 8])]).method == "multivariate normal"
    many = [np.arange(10.0) + shift for shift in (0.1, 0.2)]
    assert steel(np.arange(10.0), many).method == "permutation"


def test_censored_values_rank_outermost():
    arms = [np.array([1.0, 2, 3]), np.array([2.5, 8, 8]), np.array([0.0, 0, 1.5])]
    censored = [arms[0], np.array([2.5, np.inf, np.inf]), np.array([-np.inf, -np.inf, 1.5])]
    for method in ("exact", "asymptotic"):
        np.testing.assert_array_equal(
            steel(arms[0], arms[1:], method=method).p_adjusted,
            steel(censored[0], censored[1:], method=method).p_adjusted,
        )


@pytest.mark.long
@pytest.mark.parametrize("method", ["exact", "asymptotic"])
def test_familywise_error_on_tied_data(method):
    """2,000 null families of 8 animals on 6 levels: at most alpha + 4 MCSE where exact."""
    rng = np.random.default_rng(11)
    runs, alpha = 2_000, 0.05
    errors = 0
    for _ in range(runs):
        arms = np.sort(rng.integers(0, 6, (4, 8)).astype(float), axis=1)
        found = steel(arms[0], list(arms[1:]), method=method, resamples=999)
        errors += bool((found.p_adjusted <= alpha).any())
    mcse = math.sqrt(alpha * (1 - alpha) / runs)
    # the normal approximation is no promise: it is known to be near alpha at this size
    assert errors / runs <= alpha + 4 * mcse + (0.01 if method == "asymptotic" else 0)
    assert errors / runs > 0.02  # not hopelessly conservative either


def test_why_not_steel():
    assert why_not_steel(TestSpec(), ("afc",)) == ""
    assert "not brunner_munzel" in why_not_steel(TestSpec(test="brunner_munzel"), ("afc",))
    assert "no mid-p p-value" in why_not_steel(TestSpec(method="mid-p"), ("afc",))
    assert "one endpoint, not 2" in why_not_steel(TestSpec(), ("afc", "titer"))


def test_wrong_options_are_refused():
    x = np.array([1.0, 2.0])
    with pytest.raises(ValueError, match='unknown method "mid-p" of adjust steel; allowed: auto'):
        steel(x, [x], method="mid-p")
    with pytest.raises(ValueError, match='unknown alternative "up" of adjust steel; allowed: two'):
        steel(x, [x], alternative="up")
    with pytest.raises(ValueError, match="resamples must be at least 1, not 0"):
        steel(x, [x], resamples=0)


def test_untied_kernel_fills_what_it_is_given():
    maxima = np.empty(relabelings_of(counts(2, 2, 2)))
    steel_untied_into(counts(2, 2, 2), 0, maxima)
    assert maxima.size == 90
    assert (np.diff(maxima) >= 0).all()
