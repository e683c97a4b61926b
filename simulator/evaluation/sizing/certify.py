"""Which n are enough, which are not, and which the simulation cannot tell yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.staying import stays_from


@dataclass(frozen=True)
class Verdict:
    """What the intervals say about the smallest n that is enough.

    n is *enough* when power reaches the target at n and at every larger n searched: power of an
    exact test is a saw-tooth in n, and a tooth that sticks out is no sample size.

    Attributes
    ----------
    lowest : smallest n not shown to be too small.
    highest : smallest n shown to be enough, None where none is.
    """

    lowest: int
    highest: int | None

    @property
    def told_apart(self) -> bool:
        """Whether the answer is one number."""
        return self.lowest == self.highest


def verdict(
    ns: Sequence[int],
    shares: Sequence[Sequence[Probability]],
    *,
    target: float,
    confidence: float,
) -> Verdict:
    """Judge every n by Wilson intervals.

    Parameters
    ----------
    ns : the n searched, consecutive and ascending.
    shares : per n the probabilities that must all reach the target.
    confidence : two-sided level of one interval. An n is called too small by the upper limits
        of several probabilities, so these share the error (Bonferroni); it is called enough
        only if all lower limits clear, which needs no sharing.

    Returns
    -------
    verdict; ``lowest`` is one above the last n where even that one is too small.
    """
    possible = [not too_small(each, target=target, confidence=confidence) for each in shares]
    sure = [enough(each, target=target, confidence=confidence) for each in shares]
    lowest = stays_from(ns, possible)
    return Verdict(ns[-1] + 1 if lowest is None else lowest, stays_from(ns, sure))


def enough(shares: Sequence[Probability], *, target: float, confidence: float) -> bool:
    """Return whether every lower limit is at or above the target."""
    return all(share.interval(confidence)[0] >= target for share in shares)


def too_small(shares: Sequence[Probability], *, target: float, confidence: float) -> bool:
    """Return whether some upper limit, at a shared error, is below the target."""
    shared = 1 - (1 - confidence) / len(shares)
    return any(share.interval(shared)[1] < target for share in shares)
