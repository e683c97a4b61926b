"""What a family's p-values are held against, so that no adjusted p-value is needed.

A p-value matters to its family only through the thresholds it passes. With the family's
thresholds in falling order, the *level* of a p-value is how many it passes: 0 none, 1 alpha
alone, and so on. Every adjustment decides by levels; ``tests/unit/evaluation`` compares the
decisions with those of adjusted p-values.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.compiled import kernel

#: Level of a test that could not be made.
UNTESTABLE = 65_535

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
    if len(falling) >= UNTESTABLE:
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
def decide_family(levels: Ints, way: int, need: Ints, rejected: Ints) -> None:
    """Decide every replicate of one family at one n.

    Parameters
    ----------
    levels : shape (k, R), uint16; ``UNTESTABLE`` where no test could be made: it is not counted
        (in a sequence it ends the sequence).
    way, need : of `Steps`.
    rejected : shape (k, R), bool, written.
    """
    size, replicates = levels.shape
    passed = np.empty(need.max() + 2, dtype=np.int64)
    for r in range(replicates):
        least = np.int64(UNTESTABLE)  # reject what has at least this level
        if way == SEQUENCE:
            going = True
            for c in range(size):
                going = going and 1 <= levels[c, r] < UNTESTABLE
                rejected[c, r] = going
            continue
        count = 0
        best = 0
        for c in range(size):
            if levels[c, r] < UNTESTABLE:
                count += 1
                best = max(best, np.int64(levels[c, r]))
        if way == SINGLE_STEP:
            least = need[count, count] if count else least
        elif best > 0:
            # passed[l]: how many have at least level l
            passed[: best + 2] = 0
            for c in range(size):
                if levels[c, r] < UNTESTABLE:
                    passed[levels[c, r]] += 1
            for level in range(best - 1, -1, -1):
                passed[level] += passed[level + 1]
            if way == STEP_DOWN:
                place = 1
                while place <= count:
                    wanted = need[count, place]
                    if wanted > best or passed[wanted] < place:
                        break
                    least = wanted
                    place += 1
            else:
                for place in range(count, 0, -1):
                    wanted = need[count, place]
                    if wanted <= best and passed[wanted] >= place:
                        least = wanted
                        break
        for c in range(size):
            rejected[c, r] = least <= levels[c, r] < UNTESTABLE
