"""A dose as a planner writes it: ``10 uL/kg`` or ``35 ug/kg``."""

from __future__ import annotations

import re

from simulator.scenario.quantities import parse_quantity

_LEADING_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_VOLUME = "microliter/kilogram"
_MASS = "microgram/kilogram"


def dose_view(text: str) -> str:
    """Return ``volume`` or ``mass``: which view of a dose the text gives.

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
    match = _LEADING_NUMBER.match(text)
    number = match[0].strip() if match else "10"
    for unit, kind, example in (
        ("microliter", "a volume", "uL/kg"),
        ("microgram", "a mass", "ug/kg"),
    ):
        try:
            parse_quantity(text, unit)
        except ValueError:
            continue
        wanted = f"{number} {example}"
        raise ValueError(f'"{text}" is {kind}; a dose is per body weight: write {wanted}')
    try:
        parse_quantity(text, _VOLUME)
    except ValueError as error:
        message = str(error).replace("a volume per body weight", "a dose per body weight")
        raise ValueError(message.replace("10 uL/kg", "10 uL/kg or 35 ug/kg")) from None
    raise AssertionError("unreachable: a volume was recognised above")


def dose_label(text: str) -> str:
    """Return the number of a dose for an arm's id: ``10`` of ``10 uL/kg``."""
    match = _LEADING_NUMBER.match(text)
    return f"{float(match[0]):g}".replace("+", "") if match else text.replace(" ", "-")
