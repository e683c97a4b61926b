"""Whether two programs give the same answer, so that nobody is timed on a wrong one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom

#: Chance that two right programs are told apart anywhere in one comparison of power curves.
FALSE_ALARM = 1e-4


@dataclass(frozen=True)
class Check:
    """One comparison of answers: in words, and whether it holds."""

    text: str
    holds: bool


def same_power(
    name: str, ours: npt.ArrayLike, theirs: npt.ArrayLike, *, replicates: tuple[int, int]
) -> Check:
    """Compare two Monte Carlo power curves with each other.

    Each pair of numbers of rejections is tested by Fisher's exact test (twice the smaller tail;
    right also where power is 0.9999), at the false-alarm rate divided by the number of pairs.

    Parameters
    ----------
    name : of the peer.
    ours, theirs : powers, same shape.
    replicates : behind our and their powers.
    """
    counts = [
        np.rint(np.asarray(power, dtype=np.float64) * total).astype(np.int64)
        for power, total in zip((ours, theirs), replicates, strict=True)
    ]
    both, total = counts[0] + counts[1], sum(replicates)
    lower = hypergeom.cdf(counts[0], total, both, replicates[0])
    upper = hypergeom.sf(counts[0] - 1, total, both, replicates[0])
    p = 2.0 * np.minimum(lower, upper)
    apart = np.abs(counts[0] / replicates[0] - counts[1] / replicates[1]).max()
    holds = bool(p.min() >= FALSE_ALARM / p.size)
    verdict = "within" if holds else "BEYOND"
    text = (
        f"{name}: {p.size:,} powers differ by at most {apart:.4f}, {verdict} Monte Carlo error "
        f"(smallest p {p.min():.2g} of {p.size:,}, replicates {replicates[0]:,} and "
        f"{replicates[1]:,})"
    )
    return Check(text, holds)


def same_p_values(
    name: str, ours: npt.ArrayLike, theirs: npt.ArrayLike, *, tolerance: float = 1e-10
) -> Check:
    """Compare p-values of the same data; both compute the same number, so only rounding differs."""
    apart = float(np.max(np.abs(np.asarray(ours) - np.asarray(theirs))))
    holds = apart <= tolerance
    verdict = "equal" if holds else "NOT EQUAL"
    count = np.size(ours)
    return Check(f"{name}: {count:,} p-values {verdict}, largest difference {apart:.1e}", holds)
