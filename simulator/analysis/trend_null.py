"""Null distributions of the Jonckheere-Terpstra statistic.

Whole numbers only: ``jt2`` is twice J, the sum over arm pairs (earlier, later) of the pairs of
animals in which the later arm's is larger, ties counting half.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simulator.analysis.data_seed import data_seed, ordered_labels
from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_codes import GREATER, LESS
from simulator.analysis.relabelings import complete_count, set_labels, share
from simulator.analysis.untied_null import untied_probabilities
from simulator.compiled import kernel


@kernel
def jonckheere_tail(sizes: Ints) -> Floats:
    """Return the lower tail of J without ties.

    J is a sum of independent Mann-Whitney statistics, of each arm against all arms before it
    together: its generating function is the product of theirs, of positive terms only.

    Parameters
    ----------
    sizes : shape (k,), animals per arm, each at least 1; k at least 1.

    Returns
    -------
    shape (J_max + 1,); entry j is P(J <= j), J_max the number of pairs of different arms.
    """
    row = np.ones(1)
    before = sizes[0]
    for arm in range(1, sizes.size):
        size = sizes[arm]
        pair = untied_probabilities(min(size, before), max(size, before))
        product = np.zeros(row.size + pair.size - 1)
        for i in range(pair.size):
            weight = pair[i]
            here = product[i : i + row.size]
            for j in range(row.size):
                here[j] += weight * row[j]
        row = product
        before += size
    tail = np.minimum(np.cumsum(row), 1.0)
    tail[-1] = 1.0
    return tail


@lru_cache(maxsize=1024)
def kept_tail(sizes: tuple[int, ...]) -> Floats:
    """Return `jonckheere_tail`, read-only and kept; the order of the arms does not matter."""
    tail = jonckheere_tail(np.array(sorted(sizes), dtype=np.int64))
    tail.flags.writeable = False
    return tail


@kernel
def _of_tails(upper: float, lower: float, alternative: int) -> float:
    if alternative == GREATER:
        return upper
    if alternative == LESS:
        return lower
    return min(1.0, 2.0 * min(upper, lower))


@kernel
def exact_trend_p(jt2: int, tail: Floats, alternative: int) -> float:
    """Return the exact p without ties; two-sided it is twice the smaller tail.

    Parameters
    ----------
    tail : `jonckheere_tail` of the sizes; the distribution is symmetric.
    alternative : 0 two-sided, 1 increasing, -1 decreasing.
    """
    j = jt2 // 2
    return _of_tails(float(tail[tail.size - 1 - j]), float(tail[j]), alternative)


@kernel
def trend_seed(pooled: Floats, sizes: Ints) -> int:
    """Return the seed of a tied data set's relabelings.

    Parameters
    ----------
    pooled : values of all arms, arm after arm, in any order within an arm; no NaN.
    sizes : shape (k,), animals per arm, in order.
    """
    labels, tie_counts = ordered_labels(pooled, sizes)
    return data_seed(labels, tie_counts, sizes.size)


@kernel
def permuted_trend_p(
    jt2: int, sizes: Ints, tie_counts: Ints, alternative: int, resamples: int, seed: int
) -> float:
    """Return the p given the ties, from relabelings of the animals.

    Parameters
    ----------
    sizes : shape (k,), animals per arm, in order.
    tie_counts : how often each distinct value of the pooled sample occurs, values ascending.
    resamples : random relabelings where all are more than `COMPLETE_RELABELINGS`.
    seed : `trend_seed` of the data.
    """
    k = sizes.size
    complete = complete_count(sizes)
    labels = np.empty(sizes.sum(), dtype=np.int64)
    below = np.empty(k, dtype=np.int64)
    here = np.empty(k, dtype=np.int64)
    at_least = at_most = 0
    for relabeling in range(complete if complete > 0 else resamples):
        set_labels(sizes, seed, relabeling, complete, labels)
        below[:] = 0
        found = place = 0
        for t in tie_counts:
            if t == 1:
                arm = labels[place]
                place += 1
                for earlier in range(arm):
                    found += 2 * below[earlier]
                below[arm] += 1
                continue
            here[:] = 0
            for _ in range(t):
                here[labels[place]] += 1
                place += 1
            lower = equal = 0  # animals of earlier arms with smaller, and with this, value
            for arm in range(k):
                found += here[arm] * (2 * lower + equal)
                lower += below[arm]
                equal += here[arm]
                below[arm] += here[arm]
        at_least += found >= jt2
        at_most += found <= jt2
    return _of_tails(
        share(at_least, complete, resamples), share(at_most, complete, resamples), alternative
    )
