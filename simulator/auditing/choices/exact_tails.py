"""Null distributions that the plan's tests do not need: Smirnov's and the signed-rank one."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from scipy.special import ndtr

from simulator.auditing.choices.data_set import Floats
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW, Alternative

#: Up to so many pairs scipy's wilcoxon is exact, and so many with ties or zeros.
_SCIPY_EXACT: Final = 50
_SCIPY_EXACT_TIED: Final = 13


@lru_cache(maxsize=65536)
def smirnov(gap: int, m: int, n: int, tie_counts: tuple[int, ...]) -> float:
    """Return P(largest |n i - m j| >= gap), seen where a group of ties ends.

    Parameters
    ----------
    gap : mn times the Kolmogorov-Smirnov statistic.
    """
    ends = set(np.cumsum(tie_counts).tolist())
    here, found = {0: 1.0}, 0.0  # of the first values so many are treated
    for drawn in range(1, m + n + 1):
        there: dict[int, float] = {}
        for i, share in here.items():
            treated = (m - i) / (m + n - drawn + 1)
            for to, weight in ((i + 1, treated), (i, 1.0 - treated)):
                if weight > 0 and (moved := share * weight) > 0:
                    if drawn in ends and abs(n * to - m * (drawn - to)) >= gap:
                        found += moved
                    else:
                        there[to] = there.get(to, 0.0) + moved
        here = there
    return min(1.0, found)


def signed_rank_p(gaps: Floats, alternative: Alternative, way: str) -> float:
    """Return Wilcoxon's signed-rank p-value.

    Parameters
    ----------
    gaps : of the pairs.
    way : r (exact without ties and zeros below 50 pairs, else normal with continuity
        correction), scipy (exact as well for 13 tied pairs and fewer, else normal without it), or
        normal (exact without ties and zeros, else normal without correction: older scipy).
    """
    from scipy.stats import rankdata

    used = gaps[gaps != 0]
    if not used.size:
        return math.nan
    doubled = np.rint(2 * rankdata(np.abs(used))).astype(np.int64)
    plus, k = int(doubled[used > 0].sum()), used.size
    plain = np.unique(doubled).size == k == gaps.size
    exact = k < AUTO_EXACT_BELOW if way == "r" else gaps.size <= _SCIPY_EXACT
    if (plain and exact) or (way == "scipy" and gaps.size <= _SCIPY_EXACT_TIED):
        sums = _sums(tuple(np.sort(doubled).tolist()))
        less, greater = float(sums[: plus + 1].sum()), float(sums[plus:].sum())
    else:
        _, counts = np.unique(doubled, return_counts=True)
        variance = k * (k + 1) * (2 * k + 1) / 24 - float((counts**3 - counts).sum()) / 48
        half = 0.5 if way == "r" else 0.0
        gap, scale = plus / 2 - k * (k + 1) / 4, math.sqrt(variance)
        less, greater = float(ndtr((gap + half) / scale)), float(ndtr((half - gap) / scale))
    if alternative != "two-sided":
        return greater if alternative == "greater" else less
    return min(1.0, 2 * min(less, greater))


@lru_cache(maxsize=4096)
def _sums(weights: tuple[int, ...]) -> Floats:
    """Return the chances of every sum of weights that are each taken or not, at evens."""
    found = np.zeros(sum(weights) + 1)
    found[0], top = 1.0, 0
    for weight in weights:
        top += weight
        moved = found[: top + 1 - weight].copy()
        found[: top + 1] *= 0.5
        found[weight : top + 1] += 0.5 * moved
    return found
