"""The seed of the relabelings of a tied data set: a digest of the data themselves.

So the same data always give the same p, and two data sets are held against two lists of
relabelings that have nothing to do with each other: what one list has too many, another lacks,
and a test keeps its level at every n. Neither the order of the rows nor an increasing
transformation of the values changes the digest.
"""

from __future__ import annotations

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.relabelings import STEP, mixed
from simulator.compiled import kernel


@kernel
def ordered_labels(pooled: Floats, sizes: Ints) -> tuple[Ints, Ints]:
    """Return the arm of every animal, values ascending, and how often each value occurs.

    Parameters
    ----------
    pooled : values of all arms, arm after arm, in any order within an arm; no NaN, infinities
        are allowed.
    sizes : shape (k,), animals per arm.

    Returns
    -------
    labels : shape (N,); in any order among equal values.
    tie_counts : one per distinct value, at least 1 each.
    """
    arms = np.empty(pooled.size, dtype=np.int64)
    place = 0
    for arm in range(sizes.size):
        for _ in range(sizes[arm]):
            arms[place] = arm
            place += 1
    order = np.argsort(pooled)
    labels = arms[order]
    tie_counts = np.empty(pooled.size, dtype=np.int64)
    groups = 0
    for i in range(pooled.size):
        if i > 0 and pooled[order[i]] == pooled[order[i - 1]]:
            tie_counts[groups - 1] += 1
        else:
            tie_counts[groups] = 1
            groups += 1
    return labels, tie_counts[:groups]


@kernel
def data_seed(labels: Ints, tie_counts: Ints, arms: int) -> int:
    """Return 64 bits that depend on how many animals of each arm have each value.

    Parameters
    ----------
    labels, tie_counts : of `ordered_labels`.
    arms : how many arms there are.
    """
    here = np.empty(arms, dtype=np.int64)
    state = np.uint64(0)
    place = 0
    for t in tie_counts:
        here[:] = 0
        for _ in range(t):
            here[labels[place]] += 1
            place += 1
        for number in here:
            state = mixed((state + STEP) ^ np.uint64(number))
    return int(np.int64(state))  # the same bits, signed as every whole number of the kernels
