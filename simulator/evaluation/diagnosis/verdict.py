"""A variant's numbers in one sentence: what a flaw costs, beyond what chance could do."""

from __future__ import annotations

import math
from dataclasses import replace

from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.diagnosis.result import VariantDiagnosis
from simulator.scenario import Scenario

#: Level of the intervals by which two variants are told apart, of all comparisons together. They
#: share animals, so that two intervals that do not meet are a stricter demand than it says.
CONFIDENCE = 0.99
#: The same for a fold that is off.
SURELY = 0.997


def verdict(
    found: VariantDiagnosis, written: VariantDiagnosis | None, *, scenario: Scenario
) -> VariantDiagnosis:
    """Return the diagnosis of a variant with its sentence.

    Parameters
    ----------
    written : the diagnosis of the plan as written; None where this is it.
    scenario : the plan as written.
    """
    alpha = scenario.analysis.families[scenario.decision.power.family or ""].alpha
    text = _alone(found, alpha) if written is None else _beside(found, written, alpha)
    return replace(found, verdict=text)


def _alone(found: VariantDiagnosis, alpha: float) -> str:
    if found.out_of_reach is not None:
        return found.out_of_reach
    low, high = found.type_i.interval(found.confidence(CONFIDENCE))
    if low > alpha:
        text = (
            f"false alarms: p is at or below {alpha:g} in {found.type_i.value:.1%} of the studies "
            "of a drug that does nothing (before adjustment)"
        )
    elif high < alpha:
        text = "type I error is below alpha"
    elif high - low <= alpha / 2:
        text = "type I error is at alpha"
    else:
        text = f"{found.type_i.replicates:,} studies cannot tell the type I error from alpha"
    if found.fwer.interval(CONFIDENCE)[0] > alpha:
        text += f"; some false alarm in the family in {found.fwer.value:.1%} of the studies"
    if _off(found.bias, found.confidence(SURELY)):
        text += f"; the fold comes out {_percent(found.bias)}"
    if found.fits is False:
        text += "; the work does not fit the shifts"
    return text


def _beside(found: VariantDiagnosis, written: VariantDiagnosis, alpha: float) -> str:
    """Say what this variant changes, each number that of the comparison where it is worst."""
    if found.out_of_reach is not None:
        again = found.out_of_reach == written.out_of_reach
        return "significance is out of reach here, too" if again else found.out_of_reach
    changes, harm = [], False
    worst, fold = found.confidence(CONFIDENCE), found.confidence(SURELY)
    too_many = written.type_i.interval(worst)[0] > alpha
    more = written.power.value > found.power.value
    if _apart(written.type_i, found.type_i, worst):
        changes.append(_pair("type I error", written.type_i, found.type_i, found.flaw))
        harm |= too_many and written.type_i.value > found.type_i.value
    if _differ(written.bias, found.bias, fold):
        one, two = _percent(written.bias), _percent(found.bias)
        one, two = (one, two) if found.flaw else (two, one)
        changes.append(f"a fold that comes out {one} instead of {two}")
        harm |= abs(written.bias.value) > abs(found.bias.value)
    if _apart(written.power, found.power, worst):
        changes.append(_pair("power", written.power, found.power, found.flaw))
        harm |= not more
    if found.fits is not written.fits:
        fits = found.fits if not found.flaw else written.fits
        changes.append("work that fits the shifts" if fits else "work that does not fit the shifts")
        harm |= bool(found.fits)
    if not changes:
        what = f"{found.flaw} costs nothing" if found.flaw else "changes nothing"
        return f"{what} that {found.power.replicates:,} studies could show"
    if not found.flaw:
        return "gives " + ", ".join(changes)
    text = f"{found.flaw} {'costs' if harm else 'does no harm here'}: " + ", ".join(changes)
    if too_many and more and _apart(written.power, found.power, worst):
        text += "; the power above that of the mended plan is false alarms and false folds"
    return text


def _pair(what: str, flawed: Probability, mended: Probability, flaw: str) -> str:
    """Return what the flaw makes of a number, or what the variant makes of it."""
    one, two = (flawed, mended) if flaw else (mended, flawed)
    return f"{what} {one.value:.3f} instead of {two.value:.3f}"


def _apart(one: Probability, two: Probability, confidence: float) -> bool:
    (low1, high1), (low2, high2) = one.interval(confidence), two.interval(confidence)
    return high1 < low2 or high2 < low1


def _off(bias: Estimate, confidence: float) -> bool:
    low, high = bias.interval(confidence)
    return low > 0 or high < 0  # neither where the error is not known


def _differ(one: Estimate, two: Estimate, confidence: float) -> bool:
    gap = Estimate(one.value - two.value, math.hypot(one.mcse, two.mcse))
    return _off(gap, confidence)


def _percent(bias: Estimate) -> str:
    change = math.expm1(bias.value)
    if round(abs(change), 3) == 0:
        return "right"
    return f"{abs(change):.1%} too {'high' if change > 0 else 'low'}"
