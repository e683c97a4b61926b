"""The distribution without ties against whole-number counts, and its mid-p."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from simulator.analysis.null_codes import DOUBLING, FAR_TAIL
from simulator.analysis.tied_null import tied_p
from simulator.analysis.untied_null import (
    exact_untied_p,
    mid_untied_p,
    untied_tails,
)


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


@pytest.mark.parametrize(("m", "n"), [(2, 2), (2, 3), (5, 5), (4, 9), (9, 4), (12, 12)])
@pytest.mark.parametrize("alternative", [0, 1, -1])
@pytest.mark.parametrize("convention", [FAR_TAIL, DOUBLING])
def test_mid_p_leaves_out_half_of_what_is_exactly_as_extreme(m, n, alternative, convention):
    """The exact p less half a point mass, or two; two algorithms for one number."""
    tails = untied_tails(m, n)
    total = math.comb(m + n, m)
    ones = np.ones(m + n, dtype=np.int64)
    for u in range(m * n + 1):
        mass = _count(m, n, u) / total
        both = alternative == 0 and (convention == DOUBLING or 2 * u != m * n)
        whole = exact_untied_p(2 * u, m, n, tails, alternative)
        if alternative == 0 and 2 * u == m * n and convention == DOUBLING:
            expected = 1.0  # both halves are 1/2
        else:
            expected = whole - (mass if both else mass / 2)
        found = mid_untied_p(2 * u, m, n, tails, alternative, convention)
        # sums of positive terms; the subtraction above costs at most a digit
        assert found == pytest.approx(expected, rel=1e-12)
        assert found == pytest.approx(
            tied_p(ones, m, 2 * u, convention, alternative, True), rel=1e-12
        )


def test_one_sided_mid_p_of_the_two_sides_sum_to_one():
    """What the plain p-value cannot: it counts the point itself on both sides."""
    tails = untied_tails(6, 7)
    for u in range(43):
        there, back = (mid_untied_p(2 * u, 6, 7, tails, side, FAR_TAIL) for side in (1, -1))
        assert there + back == pytest.approx(1.0, rel=1e-13)
