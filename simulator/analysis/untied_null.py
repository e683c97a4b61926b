"""The null distribution of Mann-Whitney's U without ties, and its p-values."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.analysis.null_codes import DOUBLING, GREATER, LESS
from simulator.compiled import kernel


@kernel
def untied_probabilities(m: int, n: int) -> Floats:
    """Return P(U = u) without ties, shape (m*n + 1,)."""
    # P_{i,j}(u) = i/(i+j) P_{i-1,j}(u-j) + j/(i+j) P_{i,j-1}(u): is the largest value treated?
    # (Mann & Whitney 1947). Sums of positive terms only, so nothing cancels.
    table = np.zeros((n + 1, m * n + 1))
    table[:, 0] = 1.0
    for i in range(1, m + 1):
        # row j holds P_{i-1,j} until it is overwritten by P_{i,j}
        for j in range(1, n + 1):
            top = i / (i + j)
            for u in range(i * j, -1, -1):
                shifted = table[j, u - j] if u >= j else 0.0
                table[j, u] = top * shifted + (1.0 - top) * table[j - 1, u]
    return table[n]


@lru_cache(maxsize=4096)
def untied_tails(m: int, n: int) -> Floats:
    """Return the lower tail of U without ties.

    Parameters
    ----------
    m, n : animals per arm, both at least 1.

    Returns
    -------
    shape (m*n + 1,), read-only; entry u is P(U <= u), accurate to a few 1e-15.
    """
    small, large = min(m, n), max(m, n)
    tails = np.minimum(np.cumsum(untied_probabilities(small, large)), 1.0)
    tails[-1] = 1.0
    tails.flags.writeable = False
    return tails


@kernel
def exact_untied_p(u2: int, m: int, n: int, tails: Floats, alternative: int) -> float:
    """Return the exact p-value without ties; ``tails`` is `untied_tails` of (m, n).

    The distribution is symmetric, so both two-sided conventions agree.
    """
    u = u2 // 2
    if alternative == LESS:
        return float(tails[u])
    upper = float(tails[m * n - u])
    if alternative == GREATER:
        return upper
    return min(1.0, 2.0 * min(float(tails[u]), upper))


@kernel
def mid_untied_p(
    u2: int, m: int, n: int, tails: Floats, alternative: int, convention: int
) -> float:
    """Return the mid-p without ties: what is exactly as extreme as U counts half.

    The mean of the p-value with it and the p-value without it. The two-sided conventions differ
    at the mean of U alone: there all of it is the observed distance (far-tail), while by
    doubling both halves are 1/2.
    """
    u = u2 // 2
    if alternative == GREATER:
        u = m * n - u
    elif alternative != LESS:
        u = min(u, m * n - u)
    beyond = float(tails[u - 1]) if u > 0 else 0.0
    if alternative in (GREATER, LESS):
        return 0.5 * (float(tails[u]) + beyond)
    if 2 * u == m * n:
        return 1.0 if convention == DOUBLING else 0.5 + beyond
    return min(1.0, float(tails[u]) + beyond)
