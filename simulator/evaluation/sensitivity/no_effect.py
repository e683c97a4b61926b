"""Ends on both sides of no effect: the study needs most animals between them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulator.evaluation.detectable.one_effect import OneEffect
from simulator.evaluation.sensitivity.varied import Varied, at
from simulator.scenario import Scenario

#: A fold this close to 1, in its logarithm, is no effect.
_NONE = 1e-9


def acts_on_effects(one: Varied) -> bool:
    """Return whether a number may turn an effect round: a response, or what a drug does."""
    return one.place[1] in ("effects", "response") or "response" in one.place


def turned_round(planned: Sequence[float] | None, there: Sequence[float] | None) -> bool:
    """Return whether a comparison has its effect in the other direction than planned.

    Parameters
    ----------
    planned, there : ln fold of every comparison; None where the study cannot be so.
    """
    if planned is None or there is None:
        return False
    pairs = zip(planned, there, strict=True)
    return any(a * b < 0 and min(abs(a), abs(b)) > _NONE for a, b in pairs)


def effects_at(scenario: Scenario, one: Varied, value: float) -> list[float] | None:
    """Return the ln fold of every comparison of the decision with one number at a value."""
    changed = at(scenario, one, value).scenario
    return None if changed is None else _effects(changed)


def without_effect(scenario: Scenario, one: Varied) -> list[float]:
    """Return the values between the ends of a number at which a comparison has no effect.

    Empty where no comparison has effects in opposite directions at the two ends. A fold goes
    through its comparison's other fold, a largest effect through 0; anything else is halved in.

    Parameters
    ----------
    scenario : resolved, with the decision's family alone (``decision_only``).
    """
    if not acts_on_effects(one):
        return []
    low, high = (effects_at(scenario, one, value) for value in (one.low, one.high))
    if low is None or high is None or not turned_round(low, high):
        return []
    found: list[float] = []
    for k, (below, above) in enumerate(zip(low, high, strict=True)):
        if below * above < 0 and min(abs(below), abs(above)) > _NONE:
            place = _crossing(scenario, one, k, rises=above > 0)
            if not any(math.isclose(place, other, abs_tol=1e-6) for other in found):
                found.append(place)
    return sorted(found)


def _crossing(scenario: Scenario, one: Varied, k: int, *, rises: bool) -> float:
    fold = math.exp(_effects(scenario)[k])
    for value in (one.value / fold, one.value * fold, 0.0):
        if one.low < value < one.high:
            there = effects_at(scenario, one, value)
            if there is not None and abs(there[k]) <= _NONE:
                return value
    low, high = one.low, one.high
    for _ in range(20):  # far finer than the steps of power
        middle = 0.5 * (low + high)
        there = effects_at(scenario, one, middle)
        if there is None or abs(there[k]) <= _NONE:
            return middle
        low, high = (low, middle) if (there[k] > 0) == rises else (middle, high)
    return 0.5 * (low + high)


def _effects(scenario: Scenario) -> list[float]:
    effect = OneEffect(scenario)
    return [math.log(effect.planned_fold(c)) for c in effect.comparisons]
