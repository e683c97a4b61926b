"""Exact p-values of Mann-Whitney's U conditional on the ties.

Every p-value here is made of one thing, the share of draws with U at most some value
(`tied_halves`), of the pooled sample as it is or with its order turned around. A mid-p counts
what is exactly as extreme as the observed one by half: it is the mean of the p with it and the
p without it.
"""

from __future__ import annotations

import math

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_codes import DOUBLING, GREATER, LESS
from simulator.analysis.tied_halves import (
    BASE,
    STEP,
    binomial,
    count_halves,
    draws_below,
    lay_out,
)
from simulator.compiled import kernel

#: Whole numbers below it are exact, and so are their sums and differences.
EXACT_BELOW = 2.0**53


@kernel
def sum_bound(plan: Ints, size: int, u2: int) -> int:
    """Return the sum of scores up to which doubled U is at most ``u2``."""
    return int((u2 + size * (size + 1) - size * plan[BASE]) // plan[STEP])


@kernel
def draws_up_to(plan: Ints, cells: Floats, size: int, u2: int, mid: bool) -> float:
    """Return how many draws have doubled U of at most ``u2``; mid: exactly ``u2`` counts half."""
    found = draws_below(plan, cells, size, sum_bound(plan, size, u2))
    if mid:
        found = 0.5 * (found + draws_below(plan, cells, size, sum_bound(plan, size, u2 - 1)))
    return found


@kernel
def _share(tie_counts: Ints, size: int, whole: float, u2: int, mid: bool, mirrored: bool) -> float:
    # of one U only: what cannot matter to it is not counted
    plan = lay_out(tie_counts, size, mirrored)
    cells = count_halves(plan, size, sum_bound(plan, size, u2))
    return draws_up_to(plan, cells, size, u2, mid) / whole


@kernel
def is_symmetric(tie_counts: Ints, m: int, n: int) -> bool:
    """Return whether U is distributed symmetrically about mn/2, given the ties."""
    if m == n:
        return True  # the arms can be exchanged
    low, high = 0, tie_counts.size - 1
    while low < high:
        if tie_counts[low] == 0:
            low += 1
        elif tie_counts[high] == 0:
            high -= 1
        elif tie_counts[low] != tie_counts[high]:
            return False
        else:
            low += 1
            high -= 1
    return True


@kernel
def tied_p(
    tie_counts: Ints, m: int, u2: int, convention: int, alternative: int, mid: bool
) -> float:
    """Return the exact p-value or the mid-p conditional on the ties.

    Streitberg & Roehmel's shift algorithm on doubled midranks, over tie groups.

    Parameters
    ----------
    tie_counts : how often each distinct value of the pooled sample occurs, values ascending;
        at most 1,000 animals.
    m : animals in the treated arm.
    u2 : twice the U of the treated arm.
    convention : two-sided p. far-tail: all outcomes at least as far from the mean as the
        observed one (coin, StatXact); doubling: twice the smaller tail, at most 1.
    mid : count what is exactly as extreme as the observed U by half only.

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
    top = 2 * m * n
    if n < m:  # the smaller arm makes the smaller table; its U mirrors the other's
        size, u2, alternative = n, top - u2, -alternative
    whole = binomial(total, size)
    if alternative in (GREATER, LESS):
        mirrored = alternative == GREATER
        if mirrored:
            u2 = top - u2
        if 2 * u2 <= top:
            return _share(tie_counts, size, whole, u2, mid, mirrored)
        # the complement is small, hence quick and no loss; it excludes u2 itself, or half of it
        beyond = top - u2 if mid else top - u2 - 1
        return 1.0 - _share(tie_counts, size, whole, beyond, mid, not mirrored)
    near = min(u2, top - u2)
    if is_symmetric(tie_counts, m, n):
        if 2 * near < top:
            return min(1.0, 2.0 * _share(tie_counts, size, whole, near, mid, False))
        if convention == DOUBLING or not mid:
            return 1.0
        return 0.5 + _share(tie_counts, size, whole, near - 1, False, False)
    if convention == DOUBLING:
        # both tails together hold 1 or more (mid-p: 1), so one of at most 1/2 is the smaller
        mirrored = 2 * u2 > top
        small = _share(tie_counts, size, whole, near, mid, mirrored)
        if small > 0.5:
            small = min(small, _share(tie_counts, size, whole, top - near, mid, not mirrored))
        return min(1.0, 2.0 * small)
    centre = 2 * near == top
    if centre and not mid:
        return 1.0
    if centre:  # all of it is at least as far, and what lies beyond counts whole
        near -= 1
        mid = False
    outer = _outer_draws(tie_counts, size, whole, near, mid, top)
    return 0.5 + 0.5 * outer / whole if centre else min(1.0, outer / whole)


@kernel
def _outer_draws(
    tie_counts: Ints, size: int, whole: float, near: int, mid: bool, top: int
) -> float:
    # draws with doubled U of at most ``near`` and of at least its mirror image
    if whole * tie_counts.sum() < EXACT_BELOW:  # whole numbers: one table serves, nothing is lost
        plan = lay_out(tie_counts, size, False)
        cells = count_halves(plan, size, sum_bound(plan, size, top - near))
        inner = draws_up_to(plan, cells, size, top - near - (0 if mid else 1), mid)
        return draws_up_to(plan, cells, size, near, mid) + (whole - inner)
    low = _share(tie_counts, size, 1.0, near, mid, False)
    return low + _share(tie_counts, size, 1.0, near, mid, True)


@kernel
def tied_exact_p(tie_counts: Ints, m: int, u2: int, convention: int, alternative: int) -> float:
    """Return the exact p-value conditional on the ties: `tied_p` without mid."""
    return tied_p(tie_counts, m, u2, convention, alternative, False)
