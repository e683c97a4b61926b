"""The verdict on what an analysis said of one trap."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

import numpy as np

from simulator.auditing.claims import Claims
from simulator.auditing.outcome import Outcome
from simulator.auditing.result import TrapResult, TrapVerdict
from simulator.auditing.silence import no_rows, silent
from simulator.auditing.traps.trap import Trap
from simulator.scenario import AnalysisPlan

#: How far two p-values of the same test may differ: the normal tail is not the same to the last
#: digit everywhere.
RELATIVE: Final = 1e-6
#: p-values printed with so many decimals, or more, are compared at what was printed.
DECIMALS: Final = 3
_LONGEST: Final = 300


def judge(trap: Trap, outcome: Outcome | None, *, plain: Outcome | None = None) -> TrapResult:
    """Return what came of a trap.

    Parameters
    ----------
    outcome : of the analysis on the trap's table; None where the trap is not applicable.
    plain : of the analysis on the untransformed table: for the rule "unchanged", and to tell what
        is never said.
    """
    if outcome is None or trap.answer is None:
        return _result(trap, "not applicable", trap.unfit)
    if outcome.claims is None:
        if trap.rule == "may refuse" and outcome.failure in ("crashed", "no result"):
            return _result(trap, "pass", f"refused the table: {_message(outcome)}")
        return _result(trap, "fail", f"{outcome.failure}: {_message(outcome)}")
    unsaid: tuple[int, ...] = ()  # even of the untransformed table
    if plain is not None and plain.claims is not None:
        unsaid = tuple(np.flatnonzero(silent(plain.claims)).tolist())
    if trap.rule != "unchanged":
        wrong = _wrong(trap, outcome.claims, unsaid)
    elif plain is None or plain.claims is None:
        why = "" if plain is None else f": {plain.failure}: {_message(plain)}"
        wrong = f"nothing of the untransformed table{why}"
    else:
        wrong = _changed(trap, outcome.claims, plain.claims, unsaid)
    if wrong:
        return _result(trap, "fail", wrong)
    return _result(trap, "pass", _said(outcome.claims, trap.plan, trap.focus))


def same(said: float, right: float, *, slack: float = 0.0) -> bool:
    """Return whether a p-value that was said is a right one, as printed.

    Zeros at the end are not seen in a number, so three decimals may always have been printed.

    Examples
    --------
    >>> same(0.037, 0.03732), same(0.0374, 0.03732), same(0.04, 0.03732)
    (True, False, False)
    """
    rounding = 0.5 * 10.0 ** -max(_decimals(said), DECIMALS)
    return abs(said - right) <= max(RELATIVE * right, rounding * (1 + RELATIVE), slack)


def _decimals(said: float) -> int:
    exponent = Decimal(repr(said)).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _wrong(trap: Trap, claims: Claims, unsaid: tuple[int, ...]) -> str:
    """Return the first wrong answer in words, that on the trap's own comparison before others."""
    for place in _places(trap):
        wrong = _wrong_p(trap, claims, place)
        if wrong:
            never = place in unsaid and math.isnan(claims.p_value[place])
            return no_rows(trap.plan, unsaid) if never else wrong
    if trap.rule == "at alpha" and claims.rejected[trap.focus] == 0:
        said = float(claims.p_value[trap.focus])
        if same(said, trap.p_at_alpha):
            return f"{_said(claims, trap.plan, trap.focus)}, not rejected"
    return ""


def _places(trap: Trap) -> list[int]:
    count = len(trap.plan.comparisons)
    return [trap.focus, *(place for place in range(count) if place != trap.focus)]


def _wrong_p(trap: Trap, claims: Claims, place: int) -> str:
    answer = trap.answer
    assert answer is not None
    p = float(claims.p_value[place])
    tested = answer.tested(place)
    if math.isnan(p):
        if tested and not _may_refuse(trap, place):
            return f"{_said(claims, trap.plan, place)}; right is {answer.words(place)}"
    elif not any(same(p, one, slack=answer.slack[place]) for one in answer.accepted[place]):
        return _difference(trap, claims, place)
    if not tested and claims.rejected[place] == 1:
        return f"{_said(claims, trap.plan, place)}, but rejected"
    return ""


def _difference(trap: Trap, claims: Claims, place: int) -> str:
    """Return a wrong p-value beside the right ones, with as many digits as tell them apart."""
    answer = trap.answer
    assert answer is not None
    p, accepted = float(claims.p_value[place]), answer.accepted[place]
    differs = (
        digits
        for digits in range(4, 17)
        if f"{p:.{digits}g}" not in {f"{one:.{digits}g}" for one in accepted}
    )
    digits = next(differs, 17)
    said = _said(claims, trap.plan, place, digits=digits)
    few, half = _decimals(p) < DECIMALS, 0.5 * 10.0 ** -_decimals(p)
    rounded = few and any(abs(p - one) <= half * (1 + RELATIVE) for one in accepted)
    hint = f" (rounded too far to tell: print {DECIMALS} decimals or more)" if rounded else ""
    return f"{said}; right is {answer.words(place, digits=digits)}{hint}"


def _may_refuse(trap: Trap, place: int) -> bool:
    plan = trap.plan.comparisons
    return trap.rule == "may refuse" and plan[place].endpoint == plan[trap.focus].endpoint


def _changed(trap: Trap, claims: Claims, plain: Claims, unsaid: tuple[int, ...]) -> str:
    """Return what changed, in words, or what was never said."""
    answer = trap.answer
    assert answer is not None
    for place in _places(trap):
        slack = answer.slack[place]
        before = float(plain.p_value[place])
        if math.isnan(before) and answer.tested(place):
            if place in unsaid and math.isnan(claims.p_value[place]):
                return no_rows(trap.plan, unsaid)
            return f"{_said(plain, trap.plan, place)}, nor of the untransformed table"
        if not _equal(float(claims.p_value[place]), before, slack):
            on_it = f"p = {before:.6g}" if not math.isnan(before) else "nothing was said"
            return f"{_said(claims, trap.plan, place)}; on the untransformed table {on_it}"
        for name in ("p_adjusted", "rejected"):
            now = float(getattr(claims, name)[place])
            then = float(getattr(plain, name)[place])
            if not _equal(now, then, np.inf if slack else 0.0):
                found = f"{name} is {_cell(name, now)}, and {_cell(name, then)} on the"
                return f"{_said(claims, trap.plan, place)}, but {found} untransformed table"
    return ""


def _equal(now: float, then: float, slack: float) -> bool:
    if math.isnan(now) or math.isnan(then):
        return math.isnan(now) and math.isnan(then)
    return abs(now - then) <= max(RELATIVE * abs(then), slack)


def _cell(name: str, value: float) -> str:
    if math.isnan(value):
        return "empty"
    return ("TRUE" if value else "FALSE") if name == "rejected" else f"{value:.6g}"


def _said(claims: Claims, plan: AnalysisPlan, place: int, *, digits: int = 4) -> str:
    one, p = plan.comparisons[place], float(claims.p_value[place])
    number = "no p-value" if math.isnan(p) else f"p = {p:.{digits}g}"
    return f"{number} for {one.treated} v {one.control} on {one.endpoint}"


def _message(outcome: Outcome) -> str:
    text = " ".join(outcome.message.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _result(trap: Trap, verdict: TrapVerdict, said: str) -> TrapResult:
    return TrapResult(trap.id, trap.catches, trap.right, trap.source, verdict, said)
