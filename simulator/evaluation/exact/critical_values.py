"""The doubled U at which an exact test begins to reject, for many thresholds at once.

The decision p <= t of one set of ties is kept as two whole numbers: reject where u2 <= low or
u2 >= high. That all of {u2 : p <= t} has this form follows from each convention:

- less: p is P(U <= u), which grows with u; greater: its mirror image.
- far-tail: p depends on the distance |u2 - mn| alone and falls with it.
- doubling: p <= t < 1 where P(U <= u) <= t/2, which holds from the left end on, or where
  P(U >= u) <= t/2, which holds from the right end on.

A mid-p is the mean of two such p-values, of "at least as extreme" and of "more extreme", which
both grow and fall in the same order. At t >= 1 every U is rejected.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_codes import DOUBLING, GREATER, LESS
from simulator.analysis.tied_halves import binomial, count_halves, lay_out
from simulator.analysis.tied_null import draws_up_to, is_symmetric, sum_bound
from simulator.compiled import kernel

#: What the searched p-value is made of: one tail; both tails at one distance, of a skew or of a
#: symmetric distribution; twice one tail.
_ONE_TAIL, _BOTH_TAILS, _SYMMETRIC, _TWICE = 0, 1, 2, 3


class _Null(NamedTuple):
    """Counted draws of the smaller arm; ``other`` with the order of values turned around."""

    plan: Ints
    cells: Floats
    other_plan: Ints
    other_cells: Floats
    size: int
    top: int
    whole: float
    kind: int
    mid: bool
    mid_at_centre: bool


@kernel
def _p_at(null: _Null, u2: int) -> float:
    # term by term what `tied_p` does, so that both decide alike
    plan, cells, size, top, mid = null.plan, null.cells, null.size, null.top, null.mid
    if null.kind == _ONE_TAIL:
        if 2 * u2 <= top:
            return float(draws_up_to(plan, cells, size, u2, mid) / null.whole)
        beyond = top - u2 if mid else top - u2 - 1
        found = draws_up_to(null.other_plan, null.other_cells, size, beyond, mid)
        return float(1.0 - found / null.whole)
    if null.kind == _TWICE:
        return float(min(1.0, 2.0 * (draws_up_to(plan, cells, size, u2, mid) / null.whole)))
    centre = 2 * u2 == top
    if centre:
        if not null.mid_at_centre:
            return 1.0
        u2, mid = u2 - 1, False
    found = draws_up_to(plan, cells, size, u2, mid)
    if null.kind == _SYMMETRIC:
        share = found / null.whole
        return float(0.5 + share if centre else min(1.0, 2.0 * share))
    found += draws_up_to(null.other_plan, null.other_cells, size, u2, mid)
    return float(0.5 + 0.5 * found / null.whole if centre else min(1.0, found / null.whole))


@kernel
def _last_rejected(null: _Null, threshold: float, end: int, guess: int, stride: int) -> int:
    # largest u2 in 0..end with p <= threshold, or -1: strides from a guess, then halving
    inside, outside = -1, end + 1
    at = min(max(guess, 0), end)
    while outside - inside > 1:
        if rejects(_p_at(null, at), threshold):
            inside = at
            at += stride
        else:
            outside = at
            at -= stride
        stride *= 2
        if not inside < at < outside:
            at = (inside + outside) // 2
    return inside


@kernel
def _normal_guess(share: float, top: int, deviation: float) -> int:
    # Polya's (1949) approximation of the normal quantile: it saves steps, it decides nothing
    q = min(max(share, 1e-300), 0.5)
    return int(
        0.5 * top - deviation * math.sqrt(max(0.0, -0.5 * math.pi * math.log(4 * q * (1 - q))))
    )


@kernel
def _turned(null: _Null, end: int) -> _Null:
    # the same with both orders of the values counted, up to the doubled U ``end``
    plan, size = null.other_plan, null.size
    cells = count_halves(plan, size, sum_bound(plan, size, end))
    return _Null(
        null.plan,
        null.cells,
        plan,
        cells,
        size,
        null.top,
        null.whole,
        null.kind,
        null.mid,
        null.mid_at_centre,
    )


@kernel
def tied_critical_into(
    tie_counts: Ints,
    m: int,
    thresholds: Floats,
    convention: int,
    alternative: int,
    mid: bool,
    low: Ints,
    high: Ints,
) -> None:
    """Write the doubled U at which the exact test given the ties rejects at each threshold.

    For every u2, ``rejects(tied_p(..., u2, ...), thresholds[i])`` holds exactly where
    ``u2 <= low[i]`` or ``u2 >= high[i]``. Nothing rejects where `tied_p` is NaN; arms too small
    for a test are the caller's to refuse, as with `tied_p`.

    Parameters
    ----------
    tie_counts, m, convention, alternative, mid : as in `tied_p`.
    thresholds : shape (T,), positive and descending.
    low, high : shape (T,), written: the largest u2 that is small enough, or -1; the smallest
        that is large enough, or 2mn + 1.
    """
    total = groups = tie_sum = 0
    for t in tie_counts:
        total += t
        groups += 1 if t > 0 else 0
        tie_sum += t * t * t - t
    n = total - m
    top = 2 * m * n
    low[:] = -1
    high[:] = top + 1
    if m < 1 or n < 1 or groups < 2 or thresholds.size == 0:
        return
    size = min(m, n)  # the smaller arm is drawn; its U mirrors the other's
    exchanged = n < m
    turned = False
    if alternative in (GREATER, LESS):
        kind = _ONE_TAIL
        turned = (alternative == GREATER) != exchanged
    elif is_symmetric(tie_counts, m, n):
        kind = _SYMMETRIC
    else:
        kind = _TWICE if convention == DOUBLING else _BOTH_TAILS
    end = top if kind == _TWICE else top // 2
    plan = lay_out(tie_counts, size, turned)
    null = _Null(
        plan,
        count_halves(plan, size, sum_bound(plan, size, end)),
        lay_out(tie_counts, size, not turned),
        np.zeros(0),
        size,
        top,
        binomial(total, size),
        kind,
        mid,
        mid and not (kind == _SYMMETRIC and convention == DOUBLING),
    )
    if kind in (_TWICE, _BOTH_TAILS):
        null = _turned(null, end)
    elif kind == _ONE_TAIL and rejects(_p_at(null, end), thresholds[0]):
        null = _turned(null, end)
        end = top
    # twice the deviation of U, as in `asymptotic_p`
    deviation = math.sqrt(m * n / 3.0 * (total + 1 - tie_sum / (total * (total - 1.0))))
    stride = max(1, int(deviation / 8))
    last = far = end
    for i in range(thresholds.size):
        share = thresholds[i] if kind == _ONE_TAIL else 0.5 * thresholds[i]
        guess = _normal_guess(share, top, deviation)
        last = _last_rejected(null, thresholds[i], last, guess, stride)
        if kind == _ONE_TAIL:
            if alternative == LESS:
                low[i] = last
            else:
                high[i] = top - last
        elif kind == _TWICE:
            far = _last_rejected(_exchanged(null), thresholds[i], far, guess, stride)
            low[i] = far if exchanged else last
            high[i] = top - (last if exchanged else far)
        else:  # at the centre p is largest
            low[i] = top if last == end else last
            high[i] = 0 if last == end else top - last


@kernel
def _exchanged(null: _Null) -> _Null:
    return _Null(
        null.other_plan,
        null.other_cells,
        null.plan,
        null.cells,
        null.size,
        null.top,
        null.whole,
        null.kind,
        null.mid,
        null.mid_at_centre,
    )
