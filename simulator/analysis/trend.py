"""Jonckheere-Terpstra test of a trend over ordered arms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_distribution import GREATER, LESS
from simulator.compiled import kernel

TREND_CODES = {"two-sided": 0, "increasing": 1, "decreasing": -1}


@dataclass(frozen=True)
class JonckheereTerpstra:
    """A trend test: J (pairs in which the later arm is larger), its z and p; NaN without one."""

    statistic: float
    z: float
    p_value: float


@kernel
def jonckheere_z(jt2: int, sizes: Ints, tie_sum: int, tie_pairs: int) -> float:
    """Return the standardised Jonckheere-Terpstra statistic.

    Variance with ties: Hollander & Wolfe (1999), Nonparametric Statistical Methods, section 6.2.

    Parameters
    ----------
    jt2 : twice J; J sums over arm pairs (earlier, later) the U of the later arm.
    sizes : shape (k,), animals per arm.
    tie_sum : sum of t^3 - t over the tied groups of the pooled sample of these arms.
    tie_pairs : sum of t^2 - t over them.

    Returns
    -------
    NaN where an arm is empty or the variance is zero (all values equal, a single arm).
    """
    total = 0.0
    squares = cubes = fives = 0.0
    for size in sizes:
        if size < 1:
            return math.nan
        count = float(size)
        total += count
        squares += count * (count - 1.0)
        cubes += count * (count - 1.0) * (count - 2.0)
        fives += count * (count - 1.0) * (2.0 * count + 5.0)
    if total < 2.0:
        return math.nan
    pairs = float(tie_pairs)
    tied_fives = 2.0 * tie_sum + 3.0 * pairs  # sum of t(t-1)(2t+5)
    tied_cubes = tie_sum - 3.0 * pairs  # sum of t(t-1)(t-2)
    variance = (total * (total - 1.0) * (2.0 * total + 5.0) - fives - tied_fives) / 72.0
    if total > 2.0:
        variance += cubes * tied_cubes / (36.0 * total * (total - 1.0) * (total - 2.0))
    variance += squares * pairs / (8.0 * total * (total - 1.0))
    if variance <= 1e-9 * total:
        return math.nan
    # mean of 2J is the number of pairs of animals from different arms
    mean2 = 0.5 * (total * (total - 1.0) - squares)
    return 0.5 * (jt2 - mean2) / math.sqrt(variance)


@kernel
def trend_p(z: float, alternative: int) -> float:
    """Return the normal p of z (no continuity correction); 1 is an increasing trend, -1 falling."""
    if math.isnan(z):
        return math.nan
    if alternative == GREATER:
        return 0.5 * math.erfc(z / math.sqrt(2.0))
    if alternative == LESS:
        return 0.5 * math.erfc(-z / math.sqrt(2.0))
    return math.erfc(abs(z) / math.sqrt(2.0))


def jonckheere(groups: Sequence[Floats], *, alternative: str = "two-sided") -> JonckheereTerpstra:
    """Return the Jonckheere-Terpstra test over arms in the given order.

    Parameters
    ----------
    groups : one array of values per arm, no NaN; infinities rank lowest and highest.
    alternative : two-sided, increasing or decreasing.

    Raises
    ------
    ValueError : an unknown alternative.

    Examples
    --------
    >>> import numpy as np
    >>> jonckheere([np.array([1.0, 2.0]), np.array([3.0, 4.0])]).statistic
    4.0
    """
    if alternative not in TREND_CODES:
        raise ValueError(f'unknown alternative "{alternative}"; allowed: {", ".join(TREND_CODES)}')
    jt2 = 0
    before = np.sort(groups[0]) if groups else np.zeros(0)
    for group in groups[1:]:
        below = np.searchsorted(before, group, side="left")
        jt2 += int(below.sum() + np.searchsorted(before, group, side="right").sum())
        before = np.sort(np.concatenate([before, group]))
    _, counts = np.unique(before, return_counts=True)
    counts = counts.astype(np.int64)
    sizes = np.array([len(group) for group in groups], dtype=np.int64)
    z = jonckheere_z(jt2, sizes, int((counts**3 - counts).sum()), int((counts**2 - counts).sum()))
    return JonckheereTerpstra(jt2 / 2, z, trend_p(z, TREND_CODES[alternative]))
