"""Reading numbers as people type them: decimal commas, ``<2``, ``>4096``, missing values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from simulator.errors import Problem

#: Cells that mean "no value", whatever their case.
MISSING = frozenset({"", "na", "n/a", "nan"})

_LIMIT = {"<": "below", "<=": "below", "≤": "below", ">": "above", ">=": "above", "≥": "above"}
_CELL = re.compile(r"(?P<limit><=|>=|[<>≤≥])?\s*(?P<number>[+-]?\d.*|[+-]?[.,]\d.*)", re.ASCII)
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,\d+|,\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)

#: A cell with its place: (line, column, text).
Cell = tuple[int, str, str]


def is_missing(text: str) -> bool:
    """Return whether a cell means "no value"."""
    return text.casefold() in MISSING


def decimal_mark(cells: Iterable[Cell], *, delimiter: str) -> tuple[str, list[Problem]]:
    """Return the decimal mark of a file, and why it cannot be told.

    A file has one decimal mark. A comma is understood where it cannot be a delimiter, unless
    every such number could as well be one with thousands separated (``1,234``).
    """
    points: list[Cell] = []
    commas: list[Cell] = []
    for line, column, text in cells:
        match = _CELL.fullmatch(text)
        number = match["number"] if match else ""
        if _COMMA.fullmatch(number):
            commas.append((line, column, number))
        elif "." in number and _POINT.fullmatch(number):
            points.append((line, column, number))
    if not commas or delimiter == ",":
        return ".", []  # a comma number in a comma-separated file is reported as a cell
    line, column, text = commas[0]
    if points:
        other = f'"{points[0][2]}" on line {points[0][0]}'
        message = f'"{text}" has a decimal comma but {other} a decimal point: use one of them'
        return ",", [Problem(column, message, line)]
    if all(_THOUSANDS.fullmatch(number) for _, _, number in commas):
        plain = text.replace(",", "")
        message = f'"{text}" may be {text.replace(",", ".")} or {plain}: write decimal points'
        return ",", [Problem(column, message, line)]
    return ",", []


def read_number(text: str, *, mark: str) -> tuple[float, str]:
    """Return a cell's value (NaN where missing) and censoring (empty, below, above).

    Raises
    ------
    ValueError : not a number; the message says what was found and what to write.
    """
    if is_missing(text):
        return math.nan, ""
    match = _CELL.fullmatch(text)
    number = match["number"] if match else ""
    if mark == "," and _COMMA.fullmatch(number):
        number = number.replace(",", ".")
    if match is None or not _POINT.fullmatch(number):
        raise ValueError(f'"{_shown(text)}" is not a number{_hint(number, mark)}')
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f'"{_shown(text)}" is too large for a number')
    return value, _LIMIT.get(match["limit"] or "", "")


def _hint(number: str, mark: str) -> str:
    if _COMMA.fullmatch(number) and mark == ".":
        return ": write a decimal point, or separate columns by semicolons"
    if re.fullmatch(r"[+-]?\d{1,3}([ ,.'’  ]\d{3})+([.,]\d+)?", number):
        return ": write it without thousands separators"
    if re.match(r"[+-]?[\d.,]+\s*[A-Za-z%µ/]", number):
        return ": write the number alone, the unit in the column name"
    return "; leave the cell empty or write NA where there is no value"


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def has_digit(texts: Sequence[str]) -> bool:
    """Return whether any of the cells contains a digit."""
    return any(any(mark.isdigit() for mark in text) for text in texts)
