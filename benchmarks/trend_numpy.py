"""Jonckheere and Terpstra's trend test of equal arms in plain numpy, many data sets at once."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

Floats = npt.NDArray[np.float64]

#: Exact without ties up to this many animals in all, else normal: the choice of the scenario.
EXACT_UP_TO = 50


def statistics(arms: list[Floats]) -> Floats:
    """Return J at every n from 1 on, (n, data sets), of arms (data sets, n) in order."""
    return np.asarray(np.sum([_pair_wins(*pair) for pair in combinations(arms, 2)], axis=0))


def p_values(statistic: Floats, pooled: Floats, arms: int) -> Floats:
    """Return two-sided p of data sets: exact or normal, chosen for each.

    Parameters
    ----------
    statistic : (data sets,) J.
    pooled : (data sets, animals), the values of all arms.
    arms : how many there are, alike in size.
    """
    ordered = np.sort(pooled, axis=1)
    p = _normal(statistic, ordered, arms)
    if pooled.shape[1] <= EXACT_UP_TO:
        untied = (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
        tail = _tail(arms, pooled.shape[1] // arms)
        j = statistic[untied].astype(np.int64)
        p[untied] = np.minimum(1.0, 2.0 * np.minimum(tail[j], tail[tail.size - 1 - j]))
    return p


def _pair_wins(earlier: Floats, later: Floats) -> Floats:
    # U of the later arm at every n: sums over the leading squares of one table of wins
    wins = 0.5 + 0.5 * np.sign(later[:, :, None] - earlier[:, None, :])
    sums = wins.cumsum(axis=1).cumsum(axis=2)
    return np.ascontiguousarray(np.diagonal(sums, axis1=1, axis2=2).T)


def _normal(statistic: Floats, ordered: Floats, arms: int) -> Floats:
    # Hollander & Wolfe (1999), section 6.2. A tied group of t has the places 0, 1, .. t-1;
    # sums over them give t(t-1) = sum 2k and (t-1)t(t+1) = sum 3k(k+1).
    total = ordered.shape[1]
    n = total // arms
    index = np.arange(total)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    place = index - np.maximum.accumulate(np.where(new, index, 0), axis=1)
    two = 2.0 * place.sum(axis=1)
    three = 3.0 * (place * (place + 1)).sum(axis=1) - 3.0 * two  # t(t-1)(t-2)
    fives = 2.0 * three + 9.0 * two  # t(t-1)(2t+5)
    squares, cubes = arms * n * (n - 1), arms * n * (n - 1) * (n - 2)
    variance = total * (total - 1) * (2 * total + 5) - arms * n * (n - 1) * (2 * n + 5) - fives
    variance = variance / 72.0 + cubes * three / (36.0 * total * (total - 1) * (total - 2))
    variance += squares * two / (8.0 * total * (total - 1))
    mean = 0.25 * (total**2 - arms * n**2)
    return np.asarray(2.0 * norm.sf(np.abs(statistic - mean) / np.sqrt(variance)))


@lru_cache(maxsize=64)
def _tail(arms: int, n: int) -> Floats:
    # P(J <= j): J is a sum of independent U, of each arm against all arms before it
    chances = np.ones(1)
    for before in range(1, arms):
        chances = np.convolve(chances, _u_chances(n, before * n))
    return np.minimum(np.cumsum(chances), 1.0)


def _u_chances(m: int, n: int) -> Floats:
    # ways to choose m of m + n ranks with each sum; whole numbers below 2^53
    ways = np.zeros((m + 1, m * (m + n)))
    ways[0, 0] = 1.0
    for rank in range(m + n):
        more = ways.copy()
        more[1:, rank:] += ways[:-1, : ways.shape[1] - rank]
        ways = more
    least = m * (m - 1) // 2
    counts = ways[m, least : least + m * n + 1]
    return np.asarray(counts / counts.sum())
