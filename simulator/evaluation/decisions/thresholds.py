"""What a family's p-values are held against, so that no adjusted p-value is needed.

A p-value matters to its family only through the thresholds it passes. With the family's
thresholds in falling order, the *level* of a p-value is how many it passes: 0 none, 1 alpha
alone, and so on. Every adjustment decides by levels; ``tests/unit/evaluation`` compares the
decisions with those of adjusted p-values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Ints, Levels, Shorts
from simulator.analysis.multiplicity import rejects
from simulator.compiled import kernel

#: Level of a test that could not be made.
UNTESTABLE = 65_535
#: Level of a test that needs the values themselves, see `by_sample`: not decided yet.
PENDING = 65_534

SINGLE_STEP, STEP_DOWN, STEP_UP, SEQUENCE = 0, 1, 2, 3
_WAYS = {
    "none": SINGLE_STEP,
    "bonferroni": SINGLE_STEP,
    "steel": SINGLE_STEP,
    "holm": STEP_DOWN,
    "hochberg": STEP_UP,
    "bh": STEP_UP,
    "fixed-sequence": SEQUENCE,
}


@dataclass(frozen=True)
class Steps:
    """How a family decides.

    Attributes
    ----------
    thresholds : shape (T,), falling; the first is alpha.
    way : single step, step down, step up or sequence.
    need : shape (k + 1, k + 1); ``need[j, i]`` is the level that the i-th smallest of j p-values
        (those that exist) must have.
    """

    thresholds: Floats
    way: int
    need: Ints


def steps_of(adjust: str, *, size: int, alpha: float) -> Steps:
    """Return the thresholds of a family of ``size`` comparisons.

    Raises
    ------
    ValueError : more thresholds than levels.
    """
    shares = {Fraction(1)}
    for count in range(1, size + 1):
        shares |= {_share(adjust, count, place) for place in range(1, count + 1)}
    falling = sorted(shares, reverse=True)
    if len(falling) >= PENDING:
        raise ValueError(f"a family of {size} comparisons is too large for {adjust}")
    level = {share: index + 1 for index, share in enumerate(falling)}
    need = np.zeros((size + 1, size + 1), dtype=np.int64)
    for count in range(1, size + 1):
        for place in range(1, count + 1):
            need[count, place] = level[_share(adjust, count, place)]
    return Steps(np.array([alpha * float(share) for share in falling]), _WAYS[adjust], need)


def _share(adjust: str, count: int, place: int) -> Fraction:
    """Return the share of alpha that the place-th smallest of ``count`` p-values is held against.

    Bonferroni; Holm 1979 and Hochberg 1988; Benjamini & Hochberg 1995.
    """
    if adjust == "bonferroni":
        return Fraction(1, count)
    if adjust in ("holm", "hochberg"):
        return Fraction(1, count - place + 1)
    if adjust == "bh":
        return Fraction(place, count)
    return Fraction(1)


@kernel
def level_of(p: float, thresholds: Floats) -> int:
    """Return how many of the falling thresholds a p-value passes, ``UNTESTABLE`` of NaN."""
    if math.isnan(p):
        return UNTESTABLE
    level = 0
    while level < thresholds.size and rejects(p, thresholds[level]):
        level += 1
    return level


@kernel
def decide_family(levels: Levels, way: int, need: Ints, rejected: Bools) -> None:
    """Decide every replicate of one family at every n.

    Parameters
    ----------
    levels : shape (k, K, R); ``UNTESTABLE`` where no test could be made: it is not counted (in
        a sequence it ends the sequence).
    way, need : of `Steps`.
    rejected : shape (k, K, R), written.
    """
    size, ns, replicates = levels.shape
    if size == 1:  # a family of one is not adjusted
        for at in range(ns):
            for r in range(replicates):
                rejected[0, at, r] = (levels[0, at, r] >= 1) & (levels[0, at, r] < PENDING)
        return
    # copies, one comparison's replicates side by side: what is strided is not vectorised
    reached = np.empty((size, replicates), dtype=np.uint16)
    count = np.empty(replicates, dtype=np.int16)
    least = np.empty(replicates, dtype=np.uint16)  # what has this level is rejected
    for at in range(ns):
        count[:] = 0
        for c in range(size):
            for r in range(replicates):
                made = levels[c, at, r] < PENDING
                count[r] += np.int16(made)
                reached[c, r] = levels[c, at, r] if made else 0
        if way == SEQUENCE:
            _sequence(levels[:, at], reached)
            least[:] = 1
        elif way == SINGLE_STEP:
            for r in range(replicates):
                least[r] = max(1, need[count[r], count[r]])
        elif way == STEP_DOWN:
            _step_down(reached, count, need, least)
        else:
            _step_up(reached, count, need, least)
        for c in range(size):
            for r in range(replicates):
                rejected[c, at, r] = reached[c, r] >= least[r]


@kernel
def _sequence(levels: Levels, reached: Levels) -> None:
    """Take away what comes after the first that does not pass."""
    for r in range(levels.shape[1]):
        going = True
        for c in range(levels.shape[0]):
            going = going and 1 <= levels[c, r] < PENDING
            reached[c, r] = going


@kernel
def _pass(reached: Levels, wanted: Levels, passed: Shorts) -> None:
    """Count, per replicate, the p-values that have the wanted level (1 or more)."""
    passed[:] = 0
    for c in range(reached.shape[0]):
        row = reached[c]
        for r in range(wanted.size):
            passed[r] += np.int16(row[r] >= wanted[r])


@kernel
def _step_down(reached: Levels, count: Shorts, need: Ints, least: Levels) -> None:
    """Go on while the next smallest p-value passes: as many rounds as there are p-values."""
    done = np.zeros(count.size, dtype=np.int16)
    passed = np.empty(count.size, dtype=np.int16)
    wanted = np.empty(count.size, dtype=np.uint16)
    least[:] = UNTESTABLE
    going = True
    while going:
        for r in range(count.size):
            wanted[r] = max(1, need[count[r], min(done[r] + 1, count[r])])
        _pass(reached, wanted, passed)
        going = False
        for r in range(count.size):
            if passed[r] > done[r]:  # all of them pass every later, milder threshold too
                done[r] = passed[r]
                least[r] = wanted[r]
                going = True


@kernel
def _step_up(reached: Levels, count: Shorts, need: Ints, least: Levels) -> None:
    """Begin at the largest p-value and stop at the first that passes."""
    passed = np.empty(count.size, dtype=np.int16)
    wanted = np.empty(count.size, dtype=np.uint16)
    least[:] = UNTESTABLE
    for place in range(reached.shape[0], 0, -1):
        for r in range(count.size):
            wanted[r] = need[count[r], place] if place <= count[r] else UNTESTABLE
        _pass(reached, wanted, passed)
        for r in range(count.size):
            if least[r] == UNTESTABLE and passed[r] >= place:
                least[r] = wanted[r]
