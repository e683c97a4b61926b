"""What the arms of very many simulated studies have together, with its simulation error.

Every value comes from all batches pooled, its error from what each batch alone would have changed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.effect import quartiles
from simulator.evaluation.characteristics import Estimate
from simulator.evaluation.truth import relative_effect_sorted

Floats = NDArray[np.float64]
#: Values that an estimand can be made of.
Domain = Literal["all", "not below 0", "above 0"]

#: Order statistics that stand for a large sample where pairs are counted many times.
_STANDING_FOR: Final = 20_000


class Pool:
    """The values of an arm on an endpoint in many studies, batch by batch and together.

    Parameters
    ----------
    batches : each ascending.
    domain : values outside it are left out.

    Attributes
    ----------
    batches : what is left of them.
    inside : share of the values that are in the domain; 0 where there is none at all.
    empty : whether a batch has no value.
    """

    def __init__(self, batches: list[Floats], domain: Domain) -> None:
        total = sum(batch.size for batch in batches)
        if domain != "all":
            side: Literal["left", "right"] = "left" if domain == "not below 0" else "right"
            batches = [batch[np.searchsorted(batch, 0.0, side) :] for batch in batches]
        self.batches = batches
        self.empty = not all(batch.size for batch in batches)
        self.inside = sum(batch.size for batch in batches) / max(1, total)

    @cached_property
    def ordered(self) -> Floats:
        """All values, ascending."""
        return np.sort(np.concatenate(self.batches), kind="stable")

    def of_batches(self, measure: Callable[[Floats], float]) -> Floats:
        """Return each batch's deviation from their mean."""
        return _centred([measure(batch) for batch in self.batches])

    def logs(self) -> Pool:
        """Return the same of the natural logarithms."""
        return Pool([np.log(batch) for batch in self.batches], "all")


#: A value, and by how much each batch alone would have moved it (to first order).
Moved = tuple[float, Floats]


def estimate(value: float, moved: Floats) -> Estimate:
    """Return a value with its error from what each batch would have moved it by; or NaN."""
    if math.isnan(value):
        return Estimate(math.nan, math.nan)
    return Estimate(float(value), float(moved.std(ddof=1) / math.sqrt(moved.size)))


def _centred(batch: list[float]) -> Floats:
    return np.array(batch) - np.mean(batch)


def _mean(pool: Pool) -> Moved:
    return float(pool.ordered.mean()), pool.of_batches(lambda one: float(one.mean()))


def _median(pool: Pool) -> Moved:
    ordered = pool.ordered
    value = quartiles(ordered).median
    share = pool.of_batches(
        lambda one: float(np.searchsorted(one, value, "right")) / max(1, one.size)
    )
    last = ordered.size - 1
    return value, -share * _slope(lambda level: float(ordered[round(level * last)]), share)


def _slope(quantile: Callable[[float], float], share: Floats) -> float:
    """Return how steep a quantile is in its level around 1/2; 0 within a step of discrete values.

    Looked for one and two errors of the level away, and the steeper taken: where the end of a step
    is that near, it may be the next step that is true.

    Parameters
    ----------
    share : of each batch below the quantile, less their mean.
    """
    error = float(share.std(ddof=1) / math.sqrt(share.size))
    reaches = [min(k * error, 0.5) for k in (1, 2)] if error else []
    return max((abs(quantile(0.5 + r) - quantile(0.5 - r)) / (2 * r) for r in reaches), default=0.0)


def _pooled_ratio(locate: Callable[[Pool], Moved], treated: Pool, control: Pool) -> Moved:
    (above, up), (below, down) = locate(treated), locate(control)
    if above <= 0 or below <= 0:
        return math.nan, up
    ratio = above / below
    return ratio, ratio * (up / above - down / below)


def _pooled_difference(locate: Callable[[Pool], Moved], treated: Pool, control: Pool) -> Moved:
    (above, up), (below, down) = locate(treated), locate(control)
    return above - below, up - down


def _pooled_log_ratio(
    contrast: Callable[[Pool, Pool], Moved], treated: Pool, control: Pool
) -> Moved:
    value, moved = contrast(treated.logs(), control.logs())
    return math.exp(value), math.exp(value) * moved


def _pooled_relative_effect(treated: Pool, control: Pool) -> Moved:
    value = relative_effect_sorted(control.ordered, treated.ordered)
    pairs = zip(control.batches, treated.batches, strict=True)
    return value, _centred([relative_effect_sorted(x, y) for x, y in pairs])


def _pooled_shift(treated: Pool, control: Pool) -> Moved:
    x, y = (_thinned(pool.ordered) for pool in (control, treated))
    value = _shift_at(x, y, 0.5)
    pairs = zip(control.batches, treated.batches, strict=True)
    share = _centred([relative_effect_sorted(x + value, y) for x, y in pairs])
    return value, share * _slope(lambda level: _shift_at(x, y, level), share)


def _thinned(ordered: Floats) -> Floats:
    if ordered.size <= _STANDING_FOR:
        return ordered
    places = (np.arange(_STANDING_FOR) + 0.5) / _STANDING_FOR * ordered.size
    return ordered[places.astype(np.int64)]


def _shift_at(x: Floats, y: Floats, level: float) -> float:
    """Return the shift s at which P(x + s < y) + P(x + s = y)/2 falls to a level.

    It is the difference of a pair, so that where nothing is shifted it is 0 to the last bit.
    """
    low, high = float(y[0] - x[-1]), float(y[-1] - x[0])
    nearest = 1e-12 * (high - low)
    while high - low > nearest:
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if relative_effect_sorted(x + middle, y) > level:
            low = middle
        else:
            high = middle
    place = np.searchsorted(y, x + 0.5 * (low + high))
    pairs = np.concatenate([y[np.maximum(place - 1, 0)] - x, y[np.minimum(place, y.size - 1)] - x])
    return float(pairs[np.argmin(np.abs(pairs - 0.5 * (low + high)))])


POOLED: Final[Mapping[str, Callable[[Pool, Pool], Moved]]] = {
    "fold_of_medians": partial(_pooled_ratio, _median),
    "fold_of_means": partial(_pooled_ratio, _mean),
    "fold_of_geometric_means": partial(_pooled_log_ratio, partial(_pooled_difference, _mean)),
    "difference_of_medians": partial(_pooled_difference, _median),
    "difference_of_means": partial(_pooled_difference, _mean),
    "relative_effect": _pooled_relative_effect,
    "hodges_lehmann_ratio": partial(_pooled_log_ratio, _pooled_shift),
    "hodges_lehmann_shift": _pooled_shift,
}
