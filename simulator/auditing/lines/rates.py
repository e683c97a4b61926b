"""Verdicts on simulated shares and means, and how many replicates would decide."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from simulator.auditing.result import Verdict

#: One-sided chance of calling something right that is at the intolerable limit.
MISSED = 0.05
#: Most replicates that are worth recommending.
_MOST = 10_000_000


def at_most(count: int, total: int, *, limit: float, intolerable: float, level: float) -> Verdict:
    """Judge whether a probability is at most a limit.

    Fails where so many or more would be seen with a chance of at most ``level`` if the probability
    were at the limit; passes where so few or fewer would be seen with a chance of at most 5 % if
    it were at the intolerable one (both exact binomial); else there are not enough replicates.

    Parameters
    ----------
    limit, intolerable : what is allowed, and what must not go unseen; limit < intolerable.
    level : chance of failing what is exactly at the limit.
    """
    from scipy.special import bdtr, bdtrc

    if count > 0 and bdtrc(count - 1, total, limit) <= level:
        return "fail"
    if total > 0 and bdtr(count, total, min(intolerable, 1.0)) <= MISSED:
        return "pass"
    return "not enough replicates"


def at_least(count: int, total: int, *, limit: float, intolerable: float, level: float) -> Verdict:
    """Judge whether a probability is at least a limit: `at_most` of the opposite event."""
    return at_most(total - count, total, limit=1 - limit, intolerable=1 - intolerable, level=level)


def mean_at_most(
    mean: float,
    error: float,
    *,
    limit: float,
    intolerable: float,
    level: float,
    freedom: float = math.inf,
) -> Verdict:
    """Judge whether a mean is at most a limit, by Student's t.

    Parameters
    ----------
    error : standard error of the mean; with 0 the mean is known.
    freedom : degrees of freedom of the error; infinite where it is not estimated.
    """
    if math.isnan(mean):
        return "not enough replicates"
    if error == 0 or math.isnan(error):
        return "pass" if mean <= limit else "fail"
    if mean - quantile(level, freedom) * error > limit:
        return "fail"
    if mean + quantile(MISSED, freedom) * error < intolerable:
        return "pass"
    return "not enough replicates"


def quantile(level: float, freedom: float) -> float:
    """Return the upper quantile of Student's t, of the normal law with infinite freedom."""
    from scipy.special import stdtrit

    if math.isinf(freedom):
        return NormalDist().inv_cdf(1 - level)
    return float(-stdtrit(max(1.0, freedom), level))


def replicates_needed(verdict: Callable[[float], Verdict], now: int) -> int | None:
    """Return how many replicates would decide if the figures stayed as they are.

    Parameters
    ----------
    verdict : the verdict with so many times the replicates.
    now : replicates so far.

    Returns
    -------
    rounded up to two digits; None where ten million would not do.
    """
    times = 1.0
    while now * times <= _MOST:
        times *= 1.1
        if verdict(times) != "not enough replicates":
            needed = math.ceil(now * times)
            unit = 10 ** max(0, len(str(needed)) - 2)
            needed = math.ceil(needed / unit) * unit
            if verdict(needed / now) != "not enough replicates":  # still, when rounded
                return needed
    return None
