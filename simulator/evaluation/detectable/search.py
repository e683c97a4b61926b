"""Where power meets a level, on one set of simulated studies for every effect that is tried."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist, fmean

from simulator.evaluation.characteristics import Probability

#: Probabilities of what must clear the target at a |ln fold|, from so many replicates.
Powers = Callable[[float, int], tuple[Probability, ...]]

#: |ln fold| at which the search begins to look for a bracket; each next one is twice it.
FIRST_STEP = 0.125
#: Replicates of the first look for a bracket.
PILOT = 1_000
#: The search ends where the bracket is this narrow in ln fold, or power this close in MCSE.
NARROW, CLOSE = 1e-3, 0.25
_MOST_STEPS = 40
#: Effects on either side of the crossing that the line is drawn through.
AROUND = 3
#: An interval that reaches further than this share of the effect is searched for, not read off
#: a line.
NEAR = 0.4
#: Powers at the ends of the interval may be so many MCSE off the line.
STRAIGHT = 1.5


@dataclass(frozen=True)
class Crossing:
    """|ln fold| at which power meets the target, with its interval.

    Attributes
    ----------
    at, low, high : None where it lies beyond what can be tried; 0 where no effect is needed.
    power : what the decision asks of the plan, at ``at``, or at the furthest that was tried.
    without : the same without an effect.
    """

    at: float | None
    low: float | None
    high: float | None
    power: Probability
    without: Probability


def crossing(
    powers: Powers, *, target: float, replicates: int, furthest: float, confidence: float = 0.95
) -> Crossing:
    """Find where the least of some powers meets the target, and the interval by inversion.

    All effects are tried on the same studies. Their readings are then nearly, not quite, the
    same (a count of plaques is drawn anew where its mean has moved), so the estimated power is a
    little rough; a straight line through the probits of several effects near the crossing evens
    this out. The error that the effects have in common is left: that of one set of replicates.
    The interval holds every effect whose score interval of power contains the target. The
    Wilson interval of p contains t if and only if |p - t| <= z sqrt(t(1-t)/R), so its ends are
    where the line is at these two levels. Several powers share the error at the lower end (an
    effect is too small if any power is), as in ``sizing.certify``; the least of several
    estimates lies below the truth by part of its error, so the effect then errs upwards.

    Parameters
    ----------
    powers : see ``Powers``.
    replicates : studies behind every power that counts; fewer are used to find a bracket.
    furthest : largest |ln fold| to be tried, above 0.
    """
    search = _Search(powers, replicates, furthest)
    error = math.sqrt(target * (1 - target) / replicates)
    at = search.root(target, CLOSE * error)
    if at is None or at == 0.0:
        low = search.root(target - _z_low(search, confidence) * error, CLOSE * error)
        power = search.least(furthest if at is None else at)
        return Crossing(at, low, at, power, search.least(0.0))
    ends = (target - _z_low(search, confidence) * error, target + _z(1 - confidence) * error)
    levels = (ends[0], target, ends[1])
    # where a line does not do, each is searched for by itself, to the end
    low, middle, high = search.along_line(at, levels) or (search.root(p, 0.0) for p in levels)
    assert middle is not None  # a crossing was found already
    return Crossing(middle, low, high, search.least(middle), search.least(0.0))


def _z_low(search: _Search, confidence: float) -> float:
    return _z((1 - confidence) / search.members)


def _z(error: float) -> float:
    return NormalDist().inv_cdf(1 - error / 2)


class _Search:
    """Powers that were found already, and where they say the next level is met."""

    def __init__(self, powers: Powers, replicates: int, furthest: float) -> None:
        self._powers, self._replicates, self._furthest = powers, replicates, furthest
        self._known: dict[float, Probability] = {}
        self.members = 1

    def least(self, x: float) -> Probability:
        """Return the least of the powers at x, on all replicates."""
        if x not in self._known:
            shares = self._powers(x, self._replicates)
            self.members = len(shares)
            self._known[x] = min(shares, key=lambda share: share.value)
        return self._known[x]

    def root(self, level: float, close: float) -> float | None:
        """Return the smallest x whose power is at the level; 0, or None where none is."""
        if level <= 0.0 or self.least(0.0).value >= level:
            return 0.0
        if level >= 1.0:
            return None
        high = self._first_above(level)
        if high is None:
            return None
        low = max(x for x in self._known if x < high and self._known[x].value < level)
        for step in range(_MOST_STEPS):
            if high - low <= NARROW:
                break
            x = self._between(low, high, level, halve=step % 3 == 2)
            found = self.least(x).value
            if abs(found - level) <= close:
                return x
            low, high = (x, high) if found < level else (low, x)
        return self._between(low, high, level, halve=False)

    def along_line(
        self, at: float, levels: tuple[float, float, float]
    ) -> tuple[float, float, float] | None:
        """Return where a line through probits near a crossing is at three levels, ascending.

        None where it would have to reach too far for a line, or out of what can be tried.
        """
        slope = self._slope(at)
        if slope <= 0.0 or levels[0] <= 0.0 or levels[2] >= 1.0:
            return None
        wanted = [NormalDist().inv_cdf(level) for level in levels]
        reach = max(wanted[2] - wanted[1], wanted[1] - wanted[0]) / slope
        if reach > NEAR * at or at + reach > self._furthest:
            return None
        xs = [at + reach * step / AROUND for step in range(-AROUND, AROUND + 1)]
        ys = [_probit(self.least(x)) for x in xs]
        mean = fmean(ys)
        fitted = sum((x - at) * (y - mean) for x, y in zip(xs, ys, strict=True))
        fitted /= sum((x - at) ** 2 for x in xs)
        if fitted <= 0.0:
            return None
        low, middle, high = (at + (level - mean) / fitted for level in wanted)
        if low <= 0.0 or high >= self._furthest or max(at - low, high - at) > 3 * reach:
            return None
        # where power levels off, a line promises what is not there
        error = math.sqrt(levels[1] * (1 - levels[1]) / self._replicates)
        off = (
            abs(self.least(x).value - level)
            for x, level in zip((low, middle, high), levels, strict=True)
        )
        return (low, middle, high) if max(off) <= STRAIGHT * error else None

    def _slope(self, at: float) -> float:
        """Return the rise of probit per ln fold about a crossing, from what is known already."""
        known = sorted(x for x in self._known if abs(x - at) > 0.02 * at and x > 0.0)
        below = [x for x in known if x < at] or [0.0]
        above = [x for x in known if x > at]
        near = above[0] if above else min(2 * at, self._furthest)
        self.least(near)
        rise = _probit(self._known[near]) - _probit(self._known[below[-1]])
        return rise / (near - below[-1])

    def _first_above(self, level: float) -> float | None:
        """Return an x whose power is at or above the level, None where there is none."""
        known = [x for x, share in self._known.items() if share.value >= level]
        if known:
            return min(known)
        few = min(PILOT, self._replicates)
        x = min(FIRST_STEP, self._furthest)
        while x < self._furthest:
            likely = min(share.value for share in self._powers(x, few)) >= level
            if likely and self.least(x).value >= level:
                return x
            x = min(2 * x, self._furthest)
        return x if self.least(x).value >= level else None

    def _between(self, low: float, high: float, level: float, *, halve: bool) -> float:
        """Return where the probit of power, taken as straight, is that of the level."""
        if halve:
            return 0.5 * (low + high)
        ends = [_probit(self._known[x]) for x in (low, high)]
        if ends[1] <= ends[0]:
            return 0.5 * (low + high)
        share = (NormalDist().inv_cdf(level) - ends[0]) / (ends[1] - ends[0])
        return low + min(max(share, 0.02), 0.98) * (high - low)


def _probit(share: Probability) -> float:
    """Return the probit of a share, kept off 0 and 1 by half a replicate."""
    return NormalDist().inv_cdf((share.count + 0.5) / (share.replicates + 1))
