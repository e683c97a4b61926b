"""A dose as a planner writes it: ``10 uL/kg`` or ``35 ug/kg``."""

from __future__ import annotations

import re

from simulator.scenario.numerals import SPACES, comma_advice
from simulator.scenario.quantities import parse_quantity

_LEADING_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PER_MOUSE = re.compile(r"\s*(?:/|per)\s*(?:mouse|mice|animal|head)\s*$", re.IGNORECASE)
_VOLUME = "microliter/kilogram"
_MASS = "microgram/kilogram"


def dose_view(text: str, *, weight: float = 20.0) -> str:
    """Return ``volume`` or ``mass``: which view of a dose the text gives.

    Parameters
    ----------
    weight : body weight in grams, for the advice on a dose per mouse.

    Raises
    ------
    ValueError : it is neither; the message says what it is and what to write.
    """
    for view, unit in (("volume", _VOLUME), ("mass", _MASS)):
        try:
            parse_quantity(text, unit)
        except ValueError:
            continue
        return view
    advice = comma_advice(text)
    if advice is not None:
        raise ValueError(f'"{text}": {advice}')
    amount = _PER_MOUSE.sub("", text.translate(SPACES)).strip()
    for unit, kind in (("microliter", "a volume"), ("microgram", "a mass")):
        try:
            parse_quantity(amount, unit)
        except ValueError:
            continue
        match = _LEADING_NUMBER.match(amount)
        number, symbol = (match[0].strip(), amount[match.end() :].strip()) if match else ("", "")
        per_kg = float(number) * 1000 / weight
        asked = "" if amount != text.strip() else f"{number} {symbol}/kg? or "
        raise ValueError(
            f'"{text}" is {kind}; a dose is per body weight: {asked}per mouse? {number} {symbol} '
            f"in a mouse of {weight:g} g is {_plain(per_kg)} {symbol}/kg"
        )
    try:
        parse_quantity(text, _VOLUME)
    except ValueError as error:
        message = str(error).replace("a volume per body weight", "a dose per body weight")
        raise ValueError(message.replace("10 uL/kg", "10 uL/kg or 35 ug/kg")) from None
    raise AssertionError("unreachable: a volume was recognised above")


def _plain(number: float) -> str:
    return f"{float(f'{number:.4g}'):.15g}"


def dose_label(text: str) -> str:
    """Return the number of a dose for an arm's id: ``10`` of ``10 uL/kg``."""
    match = _LEADING_NUMBER.match(text)
    return f"{float(match[0]):g}".replace("+", "") if match else text.replace(" ", "-")
