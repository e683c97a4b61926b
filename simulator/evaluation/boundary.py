"""The end of a range of numbers for which something holds."""

from __future__ import annotations

from collections.abc import Callable


def largest_true(holds: Callable[[int], bool], *, guess: int, cap: int) -> int:
    """Return the n in 1..cap that holds while n + 1 does not; 0 where 1 does not, or cap.

    Animals are added at the end of the line and no duration changes, so what does not fit with
    fewer does not fit with more: the boundary is one. The search begins at a guess, in steps
    that double, because large studies take longest to try.

    Parameters
    ----------
    guess : from 1 to ``cap``.
    """
    low, high, step = 0, cap + 1, max(1, guess // 16)
    at = guess
    if holds(at):
        low = at
        while low < cap and high > cap:
            at, step = min(low + step, cap), 2 * step
            low, high = (at, high) if holds(at) else (low, at)
    else:
        high = at
        while high > 1 and low < 1:
            at, step = max(high - step, 1), 2 * step
            low, high = (at, high) if holds(at) else (low, at)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
