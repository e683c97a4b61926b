"""The replicate loop: animals are added one by one, every test at every n, in one pass.

Compiled, and free of the interpreter lock, so blocks run on threads. p-values and adjustment
are the analysis' own compiled functions: a cohort gets here the p-value it gets on the bench.

A *slot* is one arm's values of one endpoint; ``values`` has shape (slots, animals, replicates)
with NaN where an animal is lost, and ``sizes[slot, k]`` is the number of animals of the k-th
n, not falling with k.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.analysis.multiplicity import adjust_into, rejects
from simulator.analysis.null_distribution import SMALLEST_ARM, is_exact, p_value, tied_exact_p
from simulator.analysis.trend import jonckheere_z, trend_p
from simulator.compiled import kernel


class Rules(NamedTuple):
    """How a p-value is made, in the analysis' codes, with the null distributions it needs.

    ``tails[offsets[m, n]:]`` is P(U <= u) for arms of m and n; there is no table where the
    offset is -1 or beyond ``offsets``.
    """

    method: int
    alternative: int
    convention: int
    continuity: bool
    tails: Floats
    offsets: Ints


@kernel
def load_replicate(
    values: Floats, sizes: Ints, replicate: int, present: Floats, filled: Ints
) -> None:
    """Copy one replicate without its lost animals.

    ``present`` (slots, animals) gets the values in animal order; ``filled`` (slots, K) how many
    of them belong to the k-th n.
    """
    for slot in range(values.shape[0]):
        kept = 0
        animal = 0
        for k in range(sizes.shape[1]):
            while animal < sizes[slot, k]:
                value = values[slot, animal, replicate]
                if not math.isnan(value):
                    present[slot, kept] = value
                    kept += 1
                animal += 1
            filled[slot, k] = kept


@kernel
def tie_counts_into(x: Floats, m: int, y: Floats, n: int, pool: Floats, counts: Ints) -> int:
    """Write how often each distinct value of the pooled sample occurs, ascending; return how many.

    ``pool`` and ``counts`` are scratch of at least m + n.
    """
    pool[:m] = x[:m]
    pool[m : m + n] = y[:n]
    pool[: m + n].sort()
    groups = 0
    for index in range(m + n):
        if index > 0 and pool[index] == pool[index - 1]:
            counts[groups - 1] += 1
        else:
            counts[groups] = 1
            groups += 1
    return groups


@kernel
def data_set_p(
    u2: int,
    x: Floats,
    m: int,
    y: Floats,
    n: int,
    tie_sum: int,
    rules: Rules,
    pool: Floats,
    counts: Ints,
) -> float:
    """Return the analysis' p-value of one data set whose U and ties are known.

    The exact method is asked of no more animals than the analysis allows: see ``layout_of``.
    """
    start = rules.offsets[m, n] if max(m, n) < rules.offsets.shape[0] else -1
    groups = 0
    if is_exact(m, n, tie_sum, rules.method):
        if tie_sum > 0 or start < 0:
            groups = tie_counts_into(x, m, y, n, pool, counts)
        if start < 0 and min(m, n) >= SMALLEST_ARM:  # no table: the same law by the other road
            return tied_exact_p(counts[:groups], m, u2, rules.convention, rules.alternative)
    start = max(0, start)
    return p_value(
        u2,
        m,
        n,
        tie_sum,
        counts[:groups],
        rules.method,
        rules.alternative,
        rules.convention,
        rules.continuity,
        rules.tails[start:],
    )


@kernel
def compare_growing(
    x: Floats,
    y: Floats,
    grown_x: Ints,
    grown_y: Ints,
    rules: Rules,
    pool: Floats,
    counts: Ints,
    p: Floats,
    u2s: Ints,
) -> None:
    """Test treated ``x`` against control ``y`` at every n, adding animals one by one.

    Doubled U grows by 2 per pair won and 1 per tied pair; the sum of t^3 - t over tied groups
    by 3c(c+1) when a value joins c equal ones.

    Parameters
    ----------
    grown_x, grown_y : shape (K,), animals with a value at the k-th n.
    p, u2s : shape (K,), written.
    """
    m = n = 0
    u2 = tie_sum = 0
    for k in range(grown_x.size):
        while m < grown_x[k]:
            value = x[m]
            above = equal = own = 0
            for j in range(n):
                above += value > y[j]
                equal += value == y[j]
            for j in range(m):
                own += value == x[j]
            u2 += 2 * above + equal
            tie_sum += 3 * (equal + own) * (equal + own + 1)
            m += 1
        while n < grown_y[k]:
            value = y[n]
            above = equal = own = 0
            for j in range(m):
                above += x[j] > value
                equal += x[j] == value
            for j in range(n):
                own += value == y[j]
            u2 += 2 * above + equal
            tie_sum += 3 * (equal + own) * (equal + own + 1)
            n += 1
        p[k] = data_set_p(u2, x, m, y, n, tie_sum, rules, pool, counts)
        u2s[k] = u2


@kernel
def trend_growing(
    present: Floats, filled: Ints, slots: Ints, alternative: int, sizes: Ints, p: Floats, jt2s: Ints
) -> None:
    """Test the trend over ``slots`` (in dose order) at every n, adding animals one by one.

    ``sizes`` is scratch of one number per slot; ``p`` and ``jt2s`` (K,) are written.
    """
    jt2 = tie_sum = tie_pairs = 0
    sizes[:] = 0
    for k in range(p.size):
        for place in range(slots.size):
            while sizes[place] < filled[slots[place], k]:
                value = present[slots[place], sizes[place]]
                joined = 0
                for other in range(slots.size):
                    below = equal = 0
                    for j in range(sizes[other]):
                        below += present[slots[other], j] < value
                        equal += present[slots[other], j] == value
                    joined += equal
                    if other < place:
                        jt2 += 2 * below + equal
                    elif other > place:
                        jt2 += 2 * (sizes[other] - below - equal) + equal
                tie_sum += 3 * joined * (joined + 1)
                tie_pairs += 2 * joined
                sizes[place] += 1
        p[k] = math.nan
        if slots.size > 1 and sizes.min() > 0:  # the analysis makes no trend of an empty arm
            p[k] = trend_p(jonckheere_z(jt2, sizes, tie_sum, tie_pairs), alternative)
        jt2s[k] = jt2


@kernel
def run_tests(
    values: Floats,
    sizes: Ints,
    treated: Ints,
    control: Ints,
    rules: Rules,
    trend_slots: Ints,
    trend_starts: Ints,
    trend_alternatives: Ints,
    p: Floats,
    u2: Ints,
    trend_p_out: Floats,
    jt2: Ints,
) -> None:
    """Make every test of a block of replicates at every n.

    Parameters
    ----------
    treated, control : shape (C,), slots of the comparisons.
    trend_slots, trend_starts : slots of all trends one after the other; trend t has
        ``trend_slots[trend_starts[t]:trend_starts[t + 1]]``.
    p, u2 : shape (R, C, K), written; NaN where no test can be made.
    trend_p_out, jt2 : shape (R, T, K), written.
    """
    slots, animals = values.shape[0], values.shape[1]
    present = np.empty((slots, animals))
    filled = np.empty(sizes.shape, dtype=np.int64)
    pool = np.empty(2 * animals)
    counts = np.empty(2 * animals, dtype=np.int64)
    group_sizes = np.empty(slots, dtype=np.int64)
    for r in range(p.shape[0]):
        load_replicate(values, sizes, r, present, filled)
        for c in range(treated.size):
            compare_growing(
                present[treated[c]],
                present[control[c]],
                filled[treated[c]],
                filled[control[c]],
                rules,
                pool,
                counts,
                p[r, c],
                u2[r, c],
            )
        for t in range(trend_alternatives.size):
            arms = trend_slots[trend_starts[t] : trend_starts[t + 1]]
            trend_growing(
                present,
                filled,
                arms,
                trend_alternatives[t],
                group_sizes[: arms.size],
                trend_p_out[r, t],
                jt2[r, t],
            )


@kernel
def adjust_block(p: Floats, starts: Ints, methods: Ints, adjusted: Floats) -> None:
    """Adjust the p-values of every family of every replicate at every n.

    Parameters
    ----------
    p, adjusted : shape (R, C, K).
    starts : shape (F + 1,); family f owns comparisons ``starts[f]`` to ``starts[f + 1]``.
    methods : shape (F,), the analysis' adjustment codes.
    """
    comparisons = p.shape[1]
    order = np.empty(comparisons, dtype=np.int64)
    family_p = np.empty(comparisons)
    out = np.empty(comparisons)
    for r in range(p.shape[0]):
        for f in range(methods.size):
            first, last = starts[f], starts[f + 1]
            size = last - first
            for k in range(p.shape[2]):
                for c in range(size):
                    family_p[c] = p[r, first + c, k]
                adjust_into(family_p[:size], order, out[:size], methods[f])
                for c in range(size):
                    adjusted[r, first + c, k] = out[c]


@kernel
def reject_block(p: Floats, alphas: Floats, rejected: Bools) -> None:
    """Write p <= alpha (up to rounding) per replicate, test and n; ``alphas`` has one per test."""
    for r in range(p.shape[0]):
        for c in range(p.shape[1]):
            for k in range(p.shape[2]):
                rejected[r, c, k] = rejects(p[r, c, k], alphas[c])
