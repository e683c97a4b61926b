"""Where on a range of n something holds, and goes on holding.

Power is no staircase: it may fall when an animal is added (a discrete test, a laboratory that
is full). So the n that is told is the one from which on every larger n of the range holds too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.evaluation.power_result import CurvePoint


def stays_from(ns: Sequence[int], holds: Sequence[bool]) -> int | None:
    """Return the smallest n from which on something holds; None where it does not at the last.

    Parameters
    ----------
    ns : ascending.
    holds : whether it holds, for each n.

    Examples
    --------
    >>> stays_from([5, 6, 7, 8], [True, False, True, True])
    7
    """
    found = None
    for n, held in zip(reversed(ns), reversed(holds), strict=True):
        if not held:
            break
        found = n
    return found


def n_reaching(curve: Sequence[CurvePoint], target: float) -> int | None:
    """Return the n from which on every power of a curve is at or above a target; None for none.

    Parameters
    ----------
    curve : points by ascending n.
    """
    return stays_from([p.n for p in curve], [p.target.value >= target for p in curve])
