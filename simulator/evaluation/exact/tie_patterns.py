"""Walk through every tie pattern of two discrete samples, with the law of U given each.

A tie pattern is a composition (t_1, ..., t_k) of the animals: t_1 share the lowest value that
occurs, t_2 the next. There are far fewer of them than pairs of samples, and the null
distribution depends on nothing else.
"""

from __future__ import annotations

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.mann_whitney_p import p_value
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_codes import GREATER, LESS, MIDP, TWO_SIDED, is_exact
from simulator.compiled import kernel
from simulator.evaluation.exact.critical_values import tied_critical_into


@kernel
def _rejecting(
    size: int,
    other: int,
    tie_sum: int,
    ties: Ints,
    method: int,
    alternative: int,
    convention: int,
    continuity: bool,
    tails: Floats,
    alpha: float,
) -> tuple[int, int]:
    # Twice U rejects where it is at most the first, or at least the second number returned.
    # p falls towards each rejecting end, so bisection finds the edge with few p-values.
    pairs = size * other
    if tie_sum > 0 and is_exact(size, other, tie_sum, method):
        mid = method == MIDP
        lows, highs = np.empty(1, dtype=np.int64), np.empty(1, dtype=np.int64)
        level = np.full(1, alpha)
        tied_critical_into(ties, size, level, convention, alternative, mid, lows, highs)
        return lows[0], highs[0]
    low, high = -1, 2 * pairs + 1
    for upper in (False, True):
        if alternative == (LESS if upper else GREATER):
            continue
        # steps from the far end inwards; both ends of a two-sided p are symmetric around pairs
        yes, no = -1, pairs if alternative == TWO_SIDED else 2 * pairs + 1
        while no - yes > 1:
            middle = (yes + no) // 2
            u2 = 2 * pairs - middle if upper else middle
            p = p_value(
                u2, size, other, tie_sum, ties, method, alternative, convention, continuity, tails
            )
            if rejects(p, alpha):
                yes = middle
            else:
                no = middle
        if upper:
            high = 2 * pairs - yes
        else:
            low = yes
    return low, high


@kernel
def _weights(p: Floats, animals: int) -> Floats:
    # p^k / k!, per category and k
    weights = np.ones((p.size, animals + 1))
    for c in range(p.size):
        for k in range(1, animals + 1):
            weights[c, k] = weights[c, k - 1] * p[c] / k
    return weights


@kernel
def _rest(p: Floats, animals: int) -> Floats:
    # weight of `left` animals anywhere in the categories from c on: tail^left / left!
    rest = np.zeros((p.size + 1, animals + 1))
    tail = 0.0
    rest[p.size, 0] = 1.0
    for c in range(p.size - 1, -1, -1):
        tail += p[c]
        rest[c, 0] = 1.0
        for left in range(1, animals + 1):
            rest[c, left] = rest[c, left - 1] * tail / left
    return rest


@kernel
def _extend_sums(
    before: Floats, after: Floats, wx: Floats, wy: Floats, placed: int, t: int, m: int, n: int
) -> None:
    # the same step as _extend, for probabilities summed over U
    after[:] = 0.0
    for c in range(wx.shape[0]):
        for i in range(max(0, placed - n), min(m, placed) + 1):
            for x in range(max(0, t - (n - placed + i)), min(t, m - i) + 1):
                after[c + 1, i + x] += before[c, i] * wx[c, x] * wy[c, t - x]
        for i in range(m + 1):
            after[c + 1, i] += after[c, i]


@kernel
def _extend(
    before: Floats, after: Floats, wx: Floats, wy: Floats, placed: int, t: int, m: int, n: int
) -> None:
    # [c, i, u2]: weight of samples whose values so far lie below category c, i of them control
    total = placed + t
    first, last = max(0, total - n), min(m, total)
    after[0, first : last + 1] = 0.0
    for c in range(wx.shape[0]):
        for i in range(first, last + 1):
            after[c + 1, i, : 2 * i * (total - i) + 1] = after[c, i, : 2 * i * (total - i) + 1]
        for i in range(max(0, placed - n), min(m, placed) + 1):
            width = 2 * i * (placed - i) + 1
            for x in range(max(0, t - (n - placed + i)), min(t, m - i) + 1):
                weight = wx[c, x] * wy[c, t - x]
                if weight > 0.0:
                    # a treated animal here beats i control animals and ties with x
                    shift = (t - x) * (2 * i + x)
                    source = before[c, i, :width]
                    target = after[c + 1, i + x, shift : shift + width]
                    for u in range(width):
                        target[u] += weight * source[u]


@kernel
def weigh_outcomes(
    px: Floats,
    py: Floats,
    m: int,
    n: int,
    method: int,
    alternative: int,
    convention: int,
    continuity: bool,
    tails: Floats,
    alpha: float,
    negligible: float,
) -> tuple[float, float, float]:
    """Return the probabilities of rejecting, of no test, and of what was left out.

    Parameters
    ----------
    px, py : shape (C,), probabilities of the control's and the treated arm's categories.
    m, n : control and treated animals, both at least 2.
    tails : `untied_tails` of (n, m).
    negligible : beginnings of patterns less likely than this are left out.
    """
    categories, animals = px.size, m + n
    depths = min(categories, animals)
    wx, wy = _weights(px, m), _weights(py, n)
    rest_x, rest_y = _rest(px, m), _rest(py, n)
    law = np.zeros((depths + 1, categories + 1, m + 1, 2 * m * n + 1))
    sums = np.zeros((depths + 1, categories + 1, m + 1))
    ways = 1.0
    for k in range(2, m + 1):
        ways *= k
    for k in range(2, n + 1):
        ways *= k
    law[0, :, 0, 0] = ways
    sums[0, :, 0] = ways
    ties = np.zeros(depths, dtype=np.int64)
    placed = np.zeros(depths + 1, dtype=np.int64)
    power = untestable = left_out = 0.0
    depth = 0
    while depth >= 0:
        ties[depth] += 1
        t, total = ties[depth], placed[depth] + ties[depth]
        if total > animals:
            ties[depth] = 0
            depth -= 1
            continue
        if total < animals and depth + 1 == depths:
            ties[depth] = animals - placed[depth] - 1  # the last category takes all that are left
            continue
        new = sums[depth + 1]
        _extend_sums(sums[depth], new, wx, wy, placed[depth], t, m, n)
        mass = 0.0
        for c in range(categories):
            for i in range(max(0, total - n), min(m, total) + 1):
                here = new[c + 1, i] - new[c, i]
                mass += here * rest_x[c + 1, m - i] * rest_y[c + 1, n - (total - i)]
        if mass < negligible:
            left_out += max(0.0, mass)
            continue
        _extend(law[depth], law[depth + 1], wx, wy, placed[depth], t, m, n)
        if total < animals:
            placed[depth + 1] = total
            depth += 1
            continue
        if depth == 0:
            untestable += mass
            continue
        tie_sum = 0
        for group in ties[: depth + 1]:
            tie_sum += group * group * group - group
        low, high = _rejecting(
            n,
            m,
            tie_sum,
            ties[: depth + 1],
            method,
            alternative,
            convention,
            continuity,
            tails,
            alpha,
        )
        found = law[depth + 1, categories, m]
        for u2 in range(low + 1):
            power += found[u2]
        for u2 in range(high, found.size):
            power += found[u2]
    return power, untestable, left_out
