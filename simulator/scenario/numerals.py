"""Numbers as hands write them: decimal commas, points between thousands, spaces from Word.

Nothing here guesses silently: it says what a text was probably meant to be.
"""

from __future__ import annotations

import re

#: Spaces of word processors (no-break, narrow, figure and thin) -> plain ones.
SPACES = str.maketrans(dict.fromkeys("\u00a0\u202f\u2007\u2009", " "))

_COMMA = re.compile(r"\s*([-+]?\d{1,15}),(\d{1,15})(?![\d,])\s*([^,]*)", re.ASCII)
_LISTED = re.compile(r"\s*[-+]?(?:\d+\.?\d*|\.\d+)[^,]*", re.ASCII)
_THOUSANDS = re.compile(r"\s*([1-9]\d{0,2})\.(\d{3})(?![\d.eE])\s*(.*)", re.ASCII)
_SPACED = re.compile(r"\s*([1-9]\d{0,2}(?:( )\d{3})+)(?![\d.,])\s*(.*)", re.ASCII)
_GROUPS = re.compile(r"\s*([1-9]\d{0,2}(?:([.,])\d{3}(?:\2\d{3})+))(?![\d.,eE])\s*(.*)", re.ASCII)


def comma_advice(text: str) -> str | None:
    """Say what a text with commas between digits was meant to be, or None where there is none.

    ``0,035 mg/kg`` is a decimal comma, ``0, 1, 2`` a list; of ``50,000`` nobody can tell.
    """
    if many := _GROUPS.fullmatch(text) or _SPACED.fullmatch(text):
        return _without_groups(many)
    if "," not in text:
        return None
    match = _COMMA.fullmatch(text)
    if match is None:
        parts = [part.strip() for part in text.split(",")]
        if all(_LISTED.fullmatch(part) for part in parts):
            return f"several numbers: write a list, [{', '.join(parts)}]"
        return None
    whole, rest, unit = match.groups()
    unit = f" {unit.strip()}" if unit.strip() else ""
    decimal = f"{whole}.{rest}"
    if len(rest) == 3 and 1 <= len(whole) <= 3 and not whole.startswith(("0", "-", "+")):
        short = decimal.rstrip("0").rstrip(".")
        return f"decimal comma? write {short}{unit}; for thousands write {whole}{rest}{unit}"
    return f"decimal comma? write {decimal}{unit}"


def thousands_advice(text: str) -> str | None:
    """Say how to write a number with a point before exactly three digits (50.000), or None.

    For amounts that are large by nature (cells, plaques, titers), where it is no decimal point.
    """
    match = _THOUSANDS.fullmatch(text)
    if match is None:
        return None
    whole, rest, unit = match.groups()
    number = whole + rest
    unit = f" {unit.strip()}" if unit.strip() else ""
    short = f"{float(number):e}".replace("e+0", "e").split("e")
    power = f"{float(short[0]):g}e{short[1]}"
    return (
        f"{whole}.{rest} may be {number} or {float(whole + '.' + rest):g}: write {number}{unit} or "
        f"{power}{unit}, without a point between thousands"
    )


def _without_groups(match: re.Match[str]) -> str:
    number, mark, unit = match.groups()
    name = {".": "points", ",": "commas"}.get(mark, "spaces")
    unit = f" {unit.strip()}" if unit.strip() else ""
    return f"thousands are written without {name}: write {number.replace(mark, '')}{unit}"
