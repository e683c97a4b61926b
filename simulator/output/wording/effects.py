"""Detectable effects in the planner's words: folds, two-fold steps, units of the endpoint."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.evaluation.detectable.result import EndpointEffect, Fold

#: Significant digits of an effect: the simulation supports about three.
_DIGITS = 3


def in_folds(fold: Fold) -> str:
    """Return ``2.01 fold [2.00, 2.02]``."""
    return f"{_digits(fold.value)} fold {_interval(fold, _digits)}"


def in_percent(fold: Fold) -> str:
    """Return ``+101 % [+100, +102]``."""
    return f"{_percent(fold.value)} % {_interval(fold, _percent)}"


def in_steps(fold: Fold) -> str:
    """Return ``+1.87 steps [+1.86, +1.89]``, two-fold steps."""
    return f"{_steps(fold.value)} steps {_interval(fold, _steps)}"


def in_unit(effect: EndpointEffect) -> str:
    """Return ``+29.4 mg [+29.1, +29.6]``, points where the endpoint is a percentage."""

    def shown(fold: float) -> str:
        return _signed(effect.control * (fold - 1))

    unit = "points" if effect.unit == "%" else effect.unit
    return f"{shown(effect.fold.value)} {unit} {_interval(effect.fold, shown)}"


def in_own_words(effect: EndpointEffect) -> tuple[str, str]:
    """Return the effect as planners of this endpoint say it, and in a second way."""
    if effect.scale == "steps":
        return in_steps(effect.fold), in_folds(effect.fold)
    if effect.scale == "difference":
        return in_unit(effect), in_folds(effect.fold)
    return in_folds(effect.fold), in_percent(effect.fold)


def planned_words(fold: float, effect: EndpointEffect) -> str:
    """Return a planned fold in the words of the detectable effect."""
    if effect.scale == "steps":
        return f"{_steps(fold)} steps"
    if effect.scale == "difference":
        unit = "points" if effect.unit == "%" else effect.unit
        return f"{_signed(effect.control * (fold - 1))} {unit}"
    return f"{_digits(fold)} fold"


def relative(effect: EndpointEffect) -> str:
    """Return ``0.842 [0.840, 0.844]``, P(treated > control) at the ends of the fold's interval."""
    found = effect.relative_effect.value
    low, high = effect.relative_ci
    ends = ["?" if end is None else f"{end:.3f}" for end in (low, high)]
    return f"{found:.3f} [{', '.join(ends)}]"


def _interval(fold: Fold, shown: Callable[[float], str]) -> str:
    low = "?" if fold.low is None else shown(fold.low)
    high = "?" if fold.high is None else shown(fold.high)
    return f"[{low}, {high}]"


def _digits(value: float) -> str:
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 6)}f}"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + _digits(value)


def _percent(fold: float) -> str:
    return f"{100 * (fold - 1):+,.0f}" if abs(fold - 1) > 0.1 else f"{100 * (fold - 1):+.1f}"


def _steps(fold: float) -> str:
    return f"{math.log2(fold):+.2f}"
