"""Critical values decide as the p-values do: every pattern of ties where they can be listed."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_codes import DOUBLING, FAR_TAIL, GREATER, LESS
from simulator.analysis.tied_null import tied_exact_p, tied_p
from simulator.analysis.untied_null import exact_untied_p, mid_untied_p, untied_tails
from simulator.compiled import kernel
from simulator.evaluation.exact.critical_values import tied_critical_into
from tests.second_opinion import ranks

#: From "reject all" over thresholds of Holm and Bonferroni to out of reach; 1/20 and 2/70 are
#: p-values themselves.
THRESHOLDS = np.array([1.5, 1.0, 0.9, 0.6, 0.3, 0.1, 0.05, 2 / 70, 0.05 / 3, 0.005, 1e-5, 1e-12])
#: (convention, alternative, mid): the convention is of the two-sided p only.
RULES = [
    (convention, alternative, mid)
    for convention in (FAR_TAIL, DOUBLING)
    for alternative in (0, 1, -1)
    for mid in (False, True)
    if alternative == 0 or convention == FAR_TAIL
]


@kernel
def _disagreements(counts, m, n, thresholds, convention, alternative, mid, low, high):
    """Count the U and thresholds at which critical values and p-value decide differently."""
    tied_critical_into(counts, m, thresholds, convention, alternative, mid, low, high)
    wrong = 0
    for u2 in range(2 * m * n + 1):
        p = tied_p(counts, m, u2, convention, alternative, mid)
        for i in range(thresholds.size):
            decided = u2 <= low[i] or u2 >= high[i]
            wrong += rejects(p, thresholds[i]) != decided
    return wrong


@kernel
def _composition(total, cuts):
    """Return the pattern of ties of ``total`` animals whose k-th gap is cut where bit k is 1."""
    counts = np.empty(total, dtype=np.int64)
    groups = 0
    run = 1
    for gap in range(total - 1):
        if (cuts >> gap) & 1:
            counts[groups] = run
            groups += 1
            run = 1
        else:
            run += 1
    counts[groups] = run
    return counts[: groups + 1]


@kernel
def _draws_into(counts, m, ways, draws):
    """Count the draws of m animals at every doubled U, by adding one tied group after another.

    A second method: one table over all doubled rank sums, whole numbers throughout.
    """
    ways[:] = 0
    ways[0, 0] = 1
    before = 0
    for t in counts:
        rank = 2 * before + t + 1  # doubled midrank
        before += t
        for drawn in range(min(m, before), 0, -1):
            times = 1
            for k in range(1, min(t, drawn) + 1):
                times = times * (t - k + 1) // k
                for total in range(ways.shape[1] - k * rank):
                    ways[drawn, total + k * rank] += times * ways[drawn - k, total]
    draws[:] = ways[m, m * (m + 1) : m * (m + 1) + draws.size]


@kernel
def _p_of_draws_into(draws, convention, alternative, mid, p):
    """Write the p-value at every doubled U from its definition; mid: its own mass by half."""
    top = draws.size - 1
    whole = draws.sum()
    up_to = np.cumsum(draws)
    off = 0.5 if mid else 0.0
    outer = 0.0  # from the ends inwards, both at one distance from the mean
    for near in range(top // 2 + 1):
        far = top - near
        here = draws[near] + (draws[far] if far > near else 0)
        outer += here
        for u2 in (near, far):
            less = up_to[u2] - off * draws[u2]
            greater = whole - up_to[u2] + (1.0 - off) * draws[u2]
            if alternative == LESS:
                p[u2] = less / whole
            elif alternative == GREATER:
                p[u2] = greater / whole
            elif convention == DOUBLING:
                p[u2] = min(1.0, 2.0 * min(less, greater) / whole)
            else:
                p[u2] = (outer - off * here) / whole


@kernel
def _disagreements_of_all(m, n, thresholds, rules, wrong):
    """Add the disagreements of every rule, over all patterns of ties of m + n animals."""
    total = m + n
    ways = np.empty((m + 1, total * (total + 1) + 1), dtype=np.int64)
    draws = np.empty(2 * m * n + 1, dtype=np.int64)
    p = np.empty(draws.size)
    low = np.empty(thresholds.size, dtype=np.int64)
    high = np.empty(thresholds.size, dtype=np.int64)
    for cuts in range(1, 1 << (total - 1)):  # all but the one without a cut: all values equal
        counts = _composition(total, cuts)
        _draws_into(counts, m, ways, draws)
        for place in range(rules.shape[0]):
            convention, alternative, mid = rules[place]
            tied_critical_into(counts, m, thresholds, convention, alternative, mid == 1, low, high)
            _p_of_draws_into(draws, convention, alternative, mid == 1, p)
            for u2 in range(draws.size):
                for i in range(thresholds.size):
                    decided = u2 <= low[i] or u2 >= high[i]
                    wrong[place] += rejects(p[u2], thresholds[i]) != decided


def _disagreements_of_arms(m, n):
    wrong = np.zeros(len(RULES), dtype=np.int64)
    _disagreements_of_all(m, n, THRESHOLDS, np.array(RULES, dtype=np.int64), wrong)
    return dict(zip(RULES, wrong.tolist(), strict=True))


NONE = dict.fromkeys(RULES, 0)


def _scratch():
    return np.empty(THRESHOLDS.size, dtype=np.int64), np.empty(THRESHOLDS.size, dtype=np.int64)


def test_compositions_are_all_patterns_of_ties():
    patterns = {tuple(_composition(5, cuts).tolist()) for cuts in range(16)}
    assert len(patterns) == 16
    assert {sum(pattern) for pattern in patterns} == {5}


@pytest.mark.parametrize("total", range(2, 13))
def test_every_pattern_of_ties_up_to_12_animals(total):
    """All compositions of m + n, all m, all rules, all U, all thresholds, by the second method."""
    for m in range(1, total):
        assert _disagreements_of_arms(m, total - m) == NONE


@pytest.mark.long
@pytest.mark.parametrize("m", range(2, 9))
@pytest.mark.parametrize("n", range(2, 9))
def test_every_pattern_of_ties_up_to_8_v_8(m, n):
    assert _disagreements_of_arms(m, n) == NONE


def test_second_method_can_disagree():
    """Were the smallest rejected U one step further in, it would be seen."""
    counts = np.array([2, 1, 3, 1, 2, 1], dtype=np.int64)
    draws, p = np.empty(51, dtype=np.int64), np.empty(51)
    _draws_into(counts, 5, np.empty((6, 111), dtype=np.int64), draws)
    assert draws.sum() == 252
    for rule in RULES:
        _p_of_draws_into(draws, *rule, p)
        assert p.tolist() == pytest.approx([tied_p(counts, 5, u2, *rule) for u2 in range(51)])
        low, high = _scratch()
        tied_critical_into(counts, 5, THRESHOLDS, *rule, low, high)
        place = THRESHOLDS.tolist().index(0.1)
        if rule[1] != GREATER:
            assert rejects(p[low[place]], 0.1)
            assert not rejects(p[low[place] + 2], 0.1)


ADVERSARIAL = [
    ([1, 38, 1], 20),
    ([38, 1, 1], 20),
    ([1, 1, 40], 3),
    ([40, 1, 1], 3),
    ([1, 1, 40], 39),
    ([30, 1, 1, 1, 1], 30),
    ([5, 0, 3, 0, 12], 6),
    ([1] * 40, 20),
    ([2] * 25, 10),
    ([1, 2, 4, 8, 16], 8),
    ([16, 8, 4, 2, 1], 23),
    ([60, 60], 60),
    ([59, 1, 60], 60),
    ([3, 3, 54, 3, 3], 4),
]


@pytest.mark.parametrize(("counts", "m"), ADVERSARIAL)
@pytest.mark.parametrize("rule", RULES)
def test_one_giant_group_and_unequal_arms(counts, m, rule):
    counts = np.array(counts, dtype=np.int64)
    n = int(counts.sum()) - m
    low, high = _scratch()
    tied_critical_into(counts, m, THRESHOLDS, *rule, low, high)
    for u2 in range(0, 2 * m * n + 1, max(1, m * n // 300)):
        p = tied_p(counts, m, u2, *rule)
        decided = [bool(u2 <= a or u2 >= b) for a, b in zip(low, high, strict=True)]
        assert decided == [rejects(p, threshold) for threshold in THRESHOLDS]
    # and next to the critical values, where it matters
    for u2 in {*(low - 1), *low, *(low + 1), *(high - 1), *high, *(high + 1)}:
        if 0 <= u2 <= 2 * m * n:
            p = tied_p(counts, m, u2, *rule)
            decided = [bool(u2 <= a or u2 >= b) for a, b in zip(low, high, strict=True)]
            assert decided == [rejects(p, threshold) for threshold in THRESHOLDS]


@pytest.mark.parametrize("seed", range(40))
def test_random_ties_of_larger_arms(seed):
    rng = np.random.default_rng(seed)
    m, n = (int(size) for size in rng.integers(2, 14, 2))
    pool = np.r_[-1, rng.integers(0, rng.integers(1, 30), m + n - 1)]  # never all equal
    counts = np.unique(pool, return_counts=True)[1]
    for rule in RULES:
        assert _disagreements(counts, m, n, THRESHOLDS, *rule, *_scratch()) == 0


def test_thresholds_that_are_p_values_themselves_reject():
    """The most adversarial threshold: each attainable p, and one just out of tolerance below."""
    counts = np.array([2, 3, 1, 4, 1], dtype=np.int64)
    for rule in RULES:
        reached = {tied_p(counts, 5, u2, *rule) for u2 in range(61)}
        near = [t for p in reached if p > 0 for t in (p, p * (1 - 1e-8))]
        thresholds = np.array(sorted(near, reverse=True))  # equal p can differ in their last bit
        low, high = np.empty((2, thresholds.size), dtype=np.int64)
        assert _disagreements(counts, 5, 6, thresholds, *rule, low, high) == 0


def test_critical_values_against_enumeration():
    """A second method: the p-value of every deal, counted one by one."""
    x, y = [1, 2, 2, 4, 9, 9], [1, 1, 2, 3, 5]
    counts = np.unique([*x, *y], return_counts=True)[1]
    low, high = _scratch()
    for rule, convention in (("far-tail", FAR_TAIL), ("doubling", DOUBLING)):
        tied_critical_into(counts, 6, THRESHOLDS, convention, 0, False, low, high)
        for deal in itertools.combinations(range(11), 6):
            pool = [*x, *y]
            treated = [pool[i] for i in deal]
            control = [pool[i] for i in range(11) if i not in deal]
            u2 = round(2 * ranks.u_treated(treated=treated, control=control))
            if not low[5] - 2 <= u2 <= low[5] + 2:
                continue  # one critical value is enough: enumeration is slow
            p = ranks.exact_two_sided_p(treated=treated, control=control, convention=rule)
            assert (u2 <= low[5] or u2 >= high[5]) == rejects(p, THRESHOLDS[5])


def test_nothing_rejects_where_no_test_can_be_made():
    for counts, m in (([8], 4), ([1, 2], 3), ([1, 2], 0)):
        counts = np.array(counts, dtype=np.int64)
        low, high = _scratch()
        tied_critical_into(counts, m, THRESHOLDS, FAR_TAIL, 0, False, low, high)
        top = 2 * m * (int(counts.sum()) - m)
        assert np.isnan(tied_exact_p(counts, m, 0, FAR_TAIL, 0))
        assert (low.tolist(), high.tolist()) == ([-1] * low.size, [top + 1] * low.size)


@pytest.mark.parametrize(("m", "n"), [(2, 2), (2, 3), (3, 3), (4, 4), (7, 5), (5, 7), (20, 20)])
@pytest.mark.parametrize("alternative", [0, 1, -1])
@pytest.mark.parametrize("mid", [False, True])
def test_without_ties_they_decide_as_the_untied_p(m, n, alternative, mid):
    """A second method: the table of untied tails knows nothing of ties."""
    tails = untied_tails(m, n)
    low, high = _scratch()
    ones = np.ones(m + n, dtype=np.int64)
    tied_critical_into(ones, m, THRESHOLDS, FAR_TAIL, alternative, mid, low, high)
    for u in range(m * n + 1):
        p = (
            mid_untied_p(2 * u, m, n, tails, alternative, FAR_TAIL)
            if mid
            else exact_untied_p(2 * u, m, n, tails, alternative)
        )
        decided = [bool(2 * u <= a or 2 * u >= b) for a, b in zip(low, high, strict=True)]
        assert decided == [rejects(p, threshold) for threshold in THRESHOLDS]


def test_known_critical_value():
    """Printed tables: 10 v 10 two-sided at 0.05 rejects at U <= 23, at 0.01 at U <= 16."""
    low, high = np.empty((2, 2), dtype=np.int64)
    ones = np.ones(20, dtype=np.int64)
    tied_critical_into(ones, 10, np.array([0.05, 0.01]), FAR_TAIL, 0, False, low, high)
    assert [u2 // 2 for u2 in low] == [23, 16]
    assert [(u2 + 1) // 2 for u2 in high] == [77, 84]
