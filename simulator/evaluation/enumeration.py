"""Power without simulation: every outcome of two discrete distributions, weighed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.special import gammaln

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_distribution import (
    ALTERNATIVE_CODES,
    CONVENTION_CODES,
    METHOD_CODES,
    p_value,
    untied_tails,
)
from simulator.compiled import kernel

#: Pairs of outcomes that are enumerated at most, by method: a minute at worst.
MOST_OUTCOMES = {"auto": 200_000_000, "asymptotic": 200_000_000, "exact": 5_000_000}


def exact_power(
    px: Sequence[float],
    py: Sequence[float],
    *,
    m: int,
    n: int,
    method: str = "auto",
    convention: str = "far-tail",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    continuity: bool = True,
) -> float:
    """Return the exact power of the Mann-Whitney test for two discrete distributions.

    Every pair of multinomial outcomes is tested by the analysis' own p-value and weighed by
    its probability; no Monte Carlo, no error but rounding. With ``px == py`` this is the
    attained type I error.

    Parameters
    ----------
    px, py : probabilities of the control and of the treated arm over the same categories, low
        to high, each with sum 1.
    m, n : animals in the control and in the treated arm.
    method, convention, alternative, continuity : as in the analysis plan; ``greater`` means
        that the treated arm (``py``) has the larger values.
    alpha : level; rejected when p <= alpha.

    Returns
    -------
    probability of rejecting.

    Raises
    ------
    ValueError : probabilities that are none, or more outcomes than can be enumerated.

    Examples
    --------
    >>> round(exact_power([0.3, 0.4, 0.2, 0.1], [0.05, 0.15, 0.35, 0.45], m=6, n=6,
    ...                   method="exact"), 6)
    0.345906
    """
    control, treated = _probabilities(px), _probabilities(py)
    if control.size != treated.size:
        raise ValueError(f"px has {control.size} categories, py {treated.size}")
    if m < 1 or n < 1:
        raise ValueError("each arm needs at least one animal")
    some_x, some_y = np.flatnonzero(control), np.flatnonzero(treated)
    pairs = _outcomes(some_x.size, m) * _outcomes(some_y.size, n)
    if pairs > MOST_OUTCOMES[method]:
        raise ValueError(f"{pairs:.3g} outcomes are too many to enumerate; simulate instead")
    table_x, weight_x = _multinomial(control, some_x, m)
    table_y, weight_y = _multinomial(treated, some_y, n)
    return float(
        _power(
            table_x,
            weight_x,
            table_y,
            weight_y,
            METHOD_CODES[method],
            ALTERNATIVE_CODES[alternative],
            CONVENTION_CODES[convention],
            continuity,
            np.array(untied_tails(n, m)),
            alpha,
        )
    )


def _probabilities(p: Sequence[float]) -> Floats:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or not values.size or values.min() < 0 or abs(values.sum() - 1) > 1e-9:
        raise ValueError("category probabilities must not be negative and must sum to 1")
    return values


def _outcomes(categories: int, animals: int) -> int:
    return math.comb(animals + categories - 1, categories - 1)


def _multinomial(p: Floats, categories: Ints, animals: int) -> tuple[Ints, Floats]:
    """Return every outcome (rows of counts over all of p's categories) and its probability."""
    # stars and bars: an outcome is a choice of categories - 1 bars among animals and bars
    places = animals + categories.size - 1
    bars = np.array(list(combinations(range(places), categories.size - 1)), dtype=np.int64)
    bars = bars.reshape(-1, categories.size - 1)
    edge = np.ones((bars.shape[0], 1), dtype=np.int64)
    walls = np.hstack([-edge, bars, places * edge])
    counts = walls[:, 1:] - walls[:, :-1] - 1
    table = np.zeros((counts.shape[0], p.size), dtype=np.int64)
    table[:, categories] = counts
    ways = gammaln(animals + 1) - gammaln(counts + 1).sum(axis=1)
    return table, np.exp(ways + counts @ np.log(p[categories]))


@kernel
def _power(
    table_x: Ints,
    weight_x: Floats,
    table_y: Ints,
    weight_y: Floats,
    method: int,
    alternative: int,
    convention: int,
    continuity: bool,
    tails: Floats,
    alpha: float,
) -> float:
    power = 0.0
    categories = table_x.shape[1]
    ties = np.empty(categories, dtype=np.int64)
    m, n = table_x[0].sum(), table_y[0].sum()
    for i in range(table_x.shape[0]):
        row_power = 0.0
        for j in range(table_y.shape[0]):
            below = u2 = tie_sum = 0
            for c in range(categories):
                x, y = table_x[i, c], table_y[j, c]
                u2 += y * (2 * below + x)
                below += x
                t = x + y
                ties[c] = t
                tie_sum += t * t * t - t
            p = p_value(u2, n, m, tie_sum, ties, method, alternative, convention, continuity, tails)
            if rejects(p, alpha):
                row_power += weight_y[j]
        power += weight_x[i] * row_power
    return power
