"""Which relabelings of the animals a permutation test looks at.

Where there are few, all of them; else a fixed list of random ones. The list is part of the
test's definition: it depends on the group sizes alone, so the same data always give the same p,
every data set of these sizes is held against the same list, and no seed is involved. Its numbers
come from a counter (relabeling, step) through a mixing function (splitmix64, Steele et al. 2014).
"""

from __future__ import annotations

import numpy as np

from simulator.analysis.kernel_types import Ints
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import COMPLETE_RELABELINGS

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


@kernel
def complete_count(sizes: Ints) -> int:
    """Return how many relabelings there are, or 0 where they are more than `COMPLETE_RELABELINGS`.

    Parameters
    ----------
    sizes : shape (k,), animals per group.
    """
    total = 0
    count = 1
    for size in sizes:
        part = count
        for i in range(1, size + 1):
            part = part * (total + i) // i  # count * C(total + i, i): always whole
            if part > COMPLETE_RELABELINGS:
                return 0
        count = part
        total += size
    return count


@kernel
def first_labels(sizes: Ints, labels: Ints) -> None:
    """Write the first relabeling: group 0 for the lowest values, then group 1, ...

    Parameters
    ----------
    sizes : shape (k,).
    labels : shape (sum of sizes,), written.
    """
    place = 0
    for group in range(sizes.size):
        for _ in range(sizes[group]):
            labels[place] = group
            place += 1


@kernel
def next_labels(labels: Ints) -> None:
    """Turn the labels into the next relabeling in lexicographic order."""
    pivot = labels.size - 2
    while pivot >= 0 and labels[pivot] >= labels[pivot + 1]:
        pivot -= 1
    if pivot >= 0:
        other = labels.size - 1
        while labels[other] <= labels[pivot]:
            other -= 1
        labels[pivot], labels[other] = labels[other], labels[pivot]
    left, right = pivot + 1, labels.size - 1
    while left < right:
        labels[left], labels[right] = labels[right], labels[left]
        left += 1
        right -= 1


@kernel
def _mixed(word: np.uint64) -> np.uint64:
    word = (word ^ (word >> _S30)) * _MIX_1
    word = (word ^ (word >> _S27)) * _MIX_2
    return word ^ (word >> _S31)


@kernel
def random_labels(sizes: Ints, relabeling: int, labels: Ints) -> None:
    """Write one random relabeling of the fixed list (Fisher-Yates shuffle).

    Parameters
    ----------
    relabeling : its place in the list, from 0.
    labels : shape (sum of sizes,), written.
    """
    first_labels(sizes, labels)
    state = _mixed(np.uint64(relabeling + 1) * _STEP)
    for last in range(labels.size - 1, 0, -1):
        state += _STEP
        # the upper half times the range: uneven by less than 2^-32 of the range
        other = np.int64(((_mixed(state) >> _S32) * np.uint64(last + 1)) >> _S32)
        labels[last], labels[other] = labels[other], labels[last]


@kernel
def set_labels(sizes: Ints, relabeling: int, complete: int, labels: Ints) -> None:
    """Write relabeling 0, 1, 2, ... of the list; to be called in this order.

    Parameters
    ----------
    complete : `complete_count` of the sizes.
    labels : shape (sum of sizes,); the relabeling before, or anything at the first.
    """
    if complete == 0:
        random_labels(sizes, relabeling, labels)
    elif relabeling == 0:
        first_labels(sizes, labels)
    else:
        next_labels(labels)


@kernel
def share(count: int, complete: int, resamples: int) -> float:
    """Return the p-value of ``count`` relabelings as extreme as the data.

    Random relabelings stand beside the data themselves, (1 + count) / (1 + resamples): such a
    p is never too small (Phipson & Smyth 2010). Among all relabelings the data's own is counted.
    """
    if complete > 0:
        return count / complete
    return (1.0 + count) / (1.0 + resamples)
