"""Null distributions of Mann-Whitney's U, and the p-values that follow from them.

Every kernel works on whole numbers: ``u2`` is twice the U of the treated arm (pairs with
treated > control count 2, tied pairs 1), so no comparison of outcomes ever needs a tolerance.
The kernels are numba functions, callable from Python and from other kernels; the bench path and
the power engine call the same ones.

Codes: alternative 0 two-sided, 1 greater (treated larger), -1 less; convention 0 far-tail,
1 doubling; method 0 auto, 1 exact, 2 asymptotic.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW as AUTO_EXACT_BELOW
from simulator.scenario.analysis_plan import SMALLEST_ARM as SMALLEST_ARM

TWO_SIDED, GREATER, LESS = 0, 1, -1
FAR_TAIL, DOUBLING = 0, 1
AUTO, EXACT, ASYMPTOTIC = 0, 1, 2

ALTERNATIVE_CODES = {"two-sided": TWO_SIDED, "greater": GREATER, "less": LESS}
CONVENTION_CODES = {"far-tail": FAR_TAIL, "doubling": DOUBLING}
METHOD_CODES = {"auto": AUTO, "exact": EXACT, "asymptotic": ASYMPTOTIC}


@kernel
def _untied_probabilities(m: int, n: int) -> Floats:
    # P_{i,j}(u) = i/(i+j) P_{i-1,j}(u-j) + j/(i+j) P_{i,j-1}(u): is the largest value treated?
    # (Mann & Whitney 1947). Sums of positive terms only, so nothing cancels.
    table = np.zeros((n + 1, m * n + 1))
    table[:, 0] = 1.0
    for i in range(1, m + 1):
        # row j holds P_{i-1,j} until it is overwritten by P_{i,j}
        for j in range(1, n + 1):
            top = i / (i + j)
            for u in range(i * j, -1, -1):
                shifted = table[j, u - j] if u >= j else 0.0
                table[j, u] = top * shifted + (1.0 - top) * table[j - 1, u]
    return table[n]


@lru_cache(maxsize=4096)
def untied_tails(m: int, n: int) -> Floats:
    """Return the lower tail of U without ties.

    Parameters
    ----------
    m, n : animals per arm, both at least 1.

    Returns
    -------
    shape (m*n + 1,), read-only; entry u is P(U <= u), accurate to a few 1e-15.
    """
    small, large = min(m, n), max(m, n)
    tails = np.minimum(np.cumsum(_untied_probabilities(small, large)), 1.0)
    tails[-1] = 1.0
    tails.flags.writeable = False
    return tails


def packed_tails(pairs: Ints) -> tuple[Floats, Ints]:
    """Return the lower tails of several sizes in one array.

    Parameters
    ----------
    pairs : shape (K, 2), sizes (m, n).

    Returns
    -------
    flat : the tails one after the other.
    offsets : shape (K + 1,); the tail of pair k is ``flat[offsets[k]:offsets[k + 1]]``.
    """
    tails = [untied_tails(int(m), int(n)) for m, n in pairs]
    offsets = np.zeros(len(tails) + 1, dtype=np.int64)
    offsets[1:] = np.cumsum([len(tail) for tail in tails])
    flat = np.concatenate(tails) if tails else np.zeros(0)
    return flat, offsets


@kernel
def exact_untied_p(u2: int, m: int, n: int, tails: Floats, alternative: int) -> float:
    """Return the exact p-value without ties; ``tails`` is `untied_tails` of (m, n).

    The distribution is symmetric, so both two-sided conventions agree.
    """
    u = u2 // 2
    if alternative == LESS:
        return float(tails[u])
    upper = float(tails[m * n - u])
    if alternative == GREATER:
        return upper
    return min(1.0, 2.0 * min(float(tails[u]), upper))


@kernel
def asymptotic_p(
    u2: int, m: int, n: int, tie_sum: int, continuity: bool, alternative: int
) -> float:
    """Return the normal p-value with tie-corrected variance, as R's wilcox.test(exact=FALSE).

    Parameters
    ----------
    u2 : twice the U of the treated arm.
    tie_sum : sum of t^3 - t over the tied groups of the pooled sample.
    continuity : move U half a step towards its mean.

    Returns
    -------
    NaN where all values are equal (variance zero) or an arm is empty.
    """
    total = float(m + n)
    if m < 1 or n < 1:
        return math.nan
    variance = m * n / 12.0 * ((total + 1.0) - tie_sum / (total * (total - 1.0)))
    if variance <= 1e-9 * m * n:  # rounding only: with one value apart it is already mn/4
        return math.nan
    gap = 0.5 * (u2 - m * n)
    half = 0.5 if continuity else 0.0
    scale = 1.0 / math.sqrt(2.0 * variance)
    if alternative == GREATER:
        return 0.5 * math.erfc((gap - half) * scale)
    if alternative == LESS:
        return 0.5 * math.erfc(-(gap + half) * scale)
    return min(1.0, math.erfc(max(abs(gap) - half, 0.0) * scale))


@kernel
def _tied_row(
    tie_counts: Ints, total: int, size: int, largest: int, base: int, step: int
) -> Floats:
    # Weights of the score sums of `size` animals drawn from the pooled sample. One pass over tie
    # groups, in place; only counts and sums that can still matter are touched. Weights are
    # binomial (every animal drawn with probability size/total), hence never over- or underflow;
    # given the number drawn all draws are equally likely, so normalising the row is exact.
    row = np.zeros((size + 1, largest + 1))
    low = np.zeros(size + 1, dtype=np.int64)
    high = np.full(size + 1, -1, dtype=np.int64)  # high < low: cannot be reached yet
    row[0, 0] = 1.0
    high[0] = 0
    odds = size / (total - size)
    seen = 0
    for group in tie_counts:
        t = int(group)
        score = (2 * seen + t + 1 - base) // step
        first = (1.0 - size / total) ** t
        for drawn in range(min(size, seen + t), max(0, size - (total - seen - t)) - 1, -1):
            weight = first
            kept = row[drawn, low[drawn] : high[drawn] + 1]
            for s in range(kept.size):
                kept[s] *= weight
            for k in range(1, min(t, drawn) + 1):
                weight *= odds * (t - k + 1) / k
                source = drawn - k
                if high[source] < low[source]:
                    continue
                shift = k * score
                here = row[source, low[source] : high[source] + 1]
                there = row[drawn, low[source] + shift : high[source] + 1 + shift]
                for s in range(here.size):  # contiguous, from 0: compiles to vector code
                    there[s] += weight * here[s]
                if high[drawn] < low[drawn]:
                    low[drawn] = low[source] + shift
                    high[drawn] = high[source] + shift
                else:
                    low[drawn] = min(low[drawn], low[source] + shift)
                    high[drawn] = max(high[drawn], high[source] + shift)
        seen += t
    return row[size]


@kernel
def tied_exact_p(tie_counts: Ints, m: int, u2: int, convention: int, alternative: int) -> float:
    """Return the exact p-value conditional on the ties.

    Streitberg & Roehmel's shift algorithm on doubled midranks, over tie groups.

    Parameters
    ----------
    tie_counts : how often each distinct value of the pooled sample occurs, values ascending.
    m : animals in the treated arm.
    u2 : twice the U of the treated arm.
    convention : two-sided p. far-tail: all outcomes at least as far from the mean as the
        observed one (coin, StatXact); doubling: twice the smaller tail, at most 1.

    Returns
    -------
    NaN where all values are equal or an arm is empty.
    """
    total = 0
    groups = 0
    for t in tie_counts:
        total += t
        groups += 1 if t > 0 else 0
    n = total - m
    if m < 1 or n < 1 or groups < 2:
        return math.nan
    size = m
    if n < m:  # the smaller arm makes the smaller table; its U mirrors the other's
        size, u2, alternative = n, 2 * m * n - u2, -alternative
    base = -1
    step = 0
    seen = 0
    for t in tie_counts:
        if t > 0:
            midrank = 2 * seen + t + 1
            if base < 0:
                base = midrank
            left, right = step, midrank - base
            while right:  # greatest common divisor: without ties every second sum is empty
                left, right = right, left % right
            step = left
            seen += t
    largest = 0
    seen = total
    need = size
    for g in range(len(tie_counts) - 1, -1, -1):
        t = tie_counts[g]
        seen -= t
        take = min(t, need)
        largest += take * ((2 * seen + t + 1 - base) // step)
        need -= take
    weights = _tied_row(tie_counts, total, size, largest, base, step)
    centre = m * n
    far = abs(u2 - centre)
    whole = lower = upper = outer = 0.0
    for s in range(largest + 1):
        weight = weights[s]
        u2_here = step * s + size * base - size * (size + 1)
        whole += weight
        if u2_here <= u2:
            lower += weight
        if u2_here >= u2:
            upper += weight
        if abs(u2_here - centre) >= far:
            outer += weight
    if alternative == LESS:
        return min(1.0, lower / whole)
    if alternative == GREATER:
        return min(1.0, upper / whole)
    if convention == FAR_TAIL:
        return min(1.0, outer / whole)
    return min(1.0, 2.0 * min(lower, upper) / whole)


@kernel
def is_exact(m: int, n: int, tie_sum: int, method: int) -> bool:
    """Return whether this data set's p-value is exact: decided per data set, never per batch."""
    if method == AUTO:
        return tie_sum == 0 and m < AUTO_EXACT_BELOW and n < AUTO_EXACT_BELOW
    return method == EXACT


@kernel
def p_value(
    u2: int,
    m: int,
    n: int,
    tie_sum: int,
    tie_counts: Ints,
    method: int,
    alternative: int,
    convention: int,
    continuity: bool,
    tails: Floats,
) -> float:
    """Return the p-value of one data set by any method.

    ``tie_counts`` is read only by the exact method with ties and ``tails`` only without ties;
    elsewhere an empty array will do.

    Returns
    -------
    NaN where an arm has fewer than 2 animals or all values are equal.
    """
    if m < SMALLEST_ARM or n < SMALLEST_ARM:
        return math.nan
    if is_exact(m, n, tie_sum, method):
        if tie_sum == 0:
            return exact_untied_p(u2, m, n, tails, alternative)
        return tied_exact_p(tie_counts, m, u2, convention, alternative)
    return asymptotic_p(u2, m, n, tie_sum, continuity, alternative)
