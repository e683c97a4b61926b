"""Jonckheere-Terpstra test of a trend over ordered arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_codes import ASYMPTOTIC, AUTO, EXACT, GREATER, LESS
from simulator.analysis.relabelings import complete_count
from simulator.analysis.trend_null import exact_trend_p, kept_tail, permuted_trend_p, trend_seed
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import TestSpec

TREND_CODES = {"two-sided": 0, "increasing": 1, "decreasing": -1}

TREND_METHOD_CODES = {"auto": AUTO, "exact": EXACT, "asymptotic": ASYMPTOTIC}

#: ``auto`` is exact without ties up to this many animals in all arms together.
TREND_AUTO_EXACT = 50
#: Most animals for the exact method without ties: beyond it the distribution takes seconds.
LARGEST_EXACT_TREND = 400

_NO_TAIL: Floats = np.zeros(0)
_NO_COUNTS: Ints = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class JonckheereTerpstra:
    """A trend test.

    Attributes
    ----------
    statistic : J, the pairs of animals of two arms in which the later arm's is larger.
    z, p_value : NaN without a test.
    method : ``exact``, ``asymptotic``, ``permutation (complete)`` or ``permutation``; None
        without a test, `note` then says why.
    """

    statistic: float
    z: float
    p_value: float
    method: str | None
    note: str = ""


@kernel
def jonckheere_z(jt2: int, sizes: Ints, tie_sum: int, tie_pairs: int) -> float:
    """Return the standardised Jonckheere-Terpstra statistic.

    Variance with ties: Hollander & Wolfe (1999), Nonparametric Statistical Methods, section 6.2.

    Parameters
    ----------
    jt2 : twice J; J sums over arm pairs (earlier, later) the U of the later arm.
    sizes : shape (k,), animals per arm.
    tie_sum : sum of t^3 - t over the tied groups of the pooled sample of these arms.
    tie_pairs : sum of t^2 - t over them.

    Returns
    -------
    NaN where an arm is empty or the variance is zero (all values equal, a single arm).
    """
    total = 0.0
    squares = cubes = fives = 0.0
    for size in sizes:
        if size < 1:
            return math.nan
        count = float(size)
        total += count
        squares += count * (count - 1.0)
        cubes += count * (count - 1.0) * (count - 2.0)
        fives += count * (count - 1.0) * (2.0 * count + 5.0)
    if total < 2.0:
        return math.nan
    pairs = float(tie_pairs)
    tied_fives = 2.0 * tie_sum + 3.0 * pairs  # sum of t(t-1)(2t+5)
    tied_cubes = tie_sum - 3.0 * pairs  # sum of t(t-1)(t-2)
    variance = (total * (total - 1.0) * (2.0 * total + 5.0) - fives - tied_fives) / 72.0
    if total > 2.0:
        variance += cubes * tied_cubes / (36.0 * total * (total - 1.0) * (total - 2.0))
    variance += squares * pairs / (8.0 * total * (total - 1.0))
    if variance <= 1e-9 * total:
        return math.nan
    # mean of 2J is the number of pairs of animals from different arms
    mean2 = 0.5 * (total * (total - 1.0) - squares)
    return 0.5 * (jt2 - mean2) / math.sqrt(variance)


@kernel
def trend_p(z: float, alternative: int) -> float:
    """Return the normal p of z (no continuity correction); 1 is an increasing trend, -1 falling."""
    if math.isnan(z):
        return math.nan
    if alternative == GREATER:
        return 0.5 * math.erfc(z / math.sqrt(2.0))
    if alternative == LESS:
        return 0.5 * math.erfc(-z / math.sqrt(2.0))
    return math.erfc(abs(z) / math.sqrt(2.0))


@kernel
def is_exact_trend(total: int, tie_sum: int, method: int) -> bool:
    """Return whether this data set's p is not the normal one: decided per data set.

    Parameters
    ----------
    total : animals in all arms together.
    """
    if method == AUTO:
        return tie_sum == 0 and total <= TREND_AUTO_EXACT
    return method == EXACT


@kernel
def trend_p_value(
    jt2: int,
    sizes: Ints,
    tie_sum: int,
    tie_pairs: int,
    tie_counts: Ints,
    tail: Floats,
    method: int,
    alternative: int,
    resamples: int,
    seed: int,
) -> float:
    """Return the p-value of one data set by any method.

    Parameters
    ----------
    jt2, sizes, tie_sum, tie_pairs : as for `jonckheere_z`.
    tie_counts : how often each distinct value of the pooled sample occurs, values ascending;
        read only by the exact method with ties, elsewhere an empty array will do.
    tail : `jonckheere_tail` of the sizes in any order; read only by the exact method without
        ties.
    method : one of `TREND_METHOD_CODES`.
    alternative : 0 two-sided, 1 increasing, -1 decreasing.
    resamples : relabelings of the exact method with ties, where all of them are too many.
    seed : of these relabelings, `trend_seed` of the data; read only there.

    Returns
    -------
    NaN where an arm is empty, there is one arm only, or all values are equal.
    """
    z = jonckheere_z(jt2, sizes, tie_sum, tie_pairs)
    if math.isnan(z) or not is_exact_trend(sizes.sum(), tie_sum, method):
        return trend_p(z, alternative)
    if tie_sum == 0:
        return exact_trend_p(jt2, tail, alternative)
    return permuted_trend_p(jt2, sizes, tie_counts, alternative, resamples, seed)


def jonckheere(
    groups: Sequence[Floats],
    *,
    alternative: str = "two-sided",
    method: str = "auto",
    resamples: int = TestSpec.resamples,
) -> JonckheereTerpstra:
    """Return the Jonckheere-Terpstra test over arms in the given order.

    Parameters
    ----------
    groups : one array of values per arm, no NaN; infinities rank lowest and highest.
    alternative : two-sided, increasing or decreasing.
    method : exact: without ties from the distribution of J, with ties by relabeling the
        animals; asymptotic: normal, variance corrected for ties; auto: exact without ties and
        with at most `TREND_AUTO_EXACT` animals, else asymptotic.
    resamples : random relabelings of the exact method with ties, where all of them are more
        than `COMPLETE_RELABELINGS`.

    Raises
    ------
    ValueError : an unknown option, or no resamples.

    Examples
    --------
    >>> import numpy as np
    >>> found = jonckheere([np.array([1.0, 2.0]), np.array([3.0, 4.0])], alternative="increasing")
    >>> found.statistic, round(found.p_value, 4), found.method
    (4.0, 0.1667, 'exact')
    """
    for what, value, allowed in (
        ("alternative", alternative, TREND_CODES),
        ("method", method, TREND_METHOD_CODES),
    ):
        if value not in allowed:
            raise ValueError(f'unknown {what} "{value}"; allowed: {", ".join(allowed)}')
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, not {resamples}")
    jt2 = 0
    before = np.sort(groups[0]) if groups else np.zeros(0)
    for group in groups[1:]:
        below = np.searchsorted(before, group, side="left")
        jt2 += int(below.sum() + np.searchsorted(before, group, side="right").sum())
        before = np.sort(np.concatenate([before, group]))
    _, counts = np.unique(before, return_counts=True)
    counts = counts.astype(np.int64)
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    tie_sum, tie_pairs = int((counts**3 - counts).sum()), int((counts**2 - counts).sum())
    z = jonckheere_z(jt2, sizes, tie_sum, tie_pairs)
    if math.isnan(z):
        return JonckheereTerpstra(jt2 / 2, z, math.nan, None, _why_not(sizes))
    code = TREND_METHOD_CODES[method]
    exact = is_exact_trend(before.size, tie_sum, code)
    untied = exact and tie_sum == 0
    if untied and before.size > LARGEST_EXACT_TREND:
        note = (
            f"{before.size} values are too many for the exact method (at most "
            f"{LARGEST_EXACT_TREND} in all)"
        )
        return JonckheereTerpstra(jt2 / 2, z, math.nan, None, note)
    p = trend_p_value(
        jt2,
        sizes,
        tie_sum,
        tie_pairs,
        counts if exact else _NO_COUNTS,
        kept_tail(tuple(sizes.tolist())) if untied else _NO_TAIL,
        code,
        TREND_CODES[alternative],
        resamples,
        trend_seed(np.concatenate(groups), sizes) if exact and not untied else 0,
    )
    used = "exact" if untied else "asymptotic"
    if exact and not untied:
        used = "permutation (complete)" if complete_count(sizes) else "permutation"
    return JonckheereTerpstra(jt2 / 2, z, p, used)


def _why_not(sizes: Ints) -> str:
    if sizes.size < 2:
        return "a trend needs at least two arms"
    if sizes.min() == 0:
        return "no trend test: an arm is empty"
    return "all values are equal: nothing to rank"
