"""Reading numbers as people type them: decimal commas, ``<2``, ``1:256``, missing values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import NamedTuple

from simulator.errors import Problem

#: Cells that mean "no value", whatever their case.
MISSING = frozenset({"", "na", "n/a", "nan"})

_LIMIT = {"<": "below", "<=": "below", "≤": "below", ">": "above", ">=": "above", "≥": "above"}
_CELL = re.compile(
    r"(?P<limit><=|>=|[<>≤≥])?\s*(?P<titer>1\s*:\s*)?(?P<number>[+-]?\d.*|[+-]?[.,]\d.*)", re.ASCII
)
_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,\d+|,\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_DATE = re.compile(r"(\d{1,4}([./-])\d{1,2}\2\d{1,4}|\d{1,2}\.\d{1,2}\.)([ T].*)?", re.ASCII)
#: A whole number from which a column's ``1.280`` is hardly a number with three decimals.
_LARGE = 100


class Cell(NamedTuple):
    """A cell with its place: `series` are the numbers it belongs to, an endpoint."""

    line: int
    column: str
    series: str
    text: str


def is_missing(text: str) -> bool:
    """Return whether a cell means "no value"."""
    return text.casefold() in MISSING


def looks_like_number(text: str) -> bool:
    """Return whether a cell starts as a number does, sound or not."""
    return _CELL.match(text) is not None


def is_date(text: str) -> bool:
    """Return whether a cell is a date: ``2024-03-01``, ``1.3.2024``, ``3/1/24``, with a time."""
    return _DATE.fullmatch(text) is not None


def decimal_mark(cells: Iterable[Cell], *, delimiter: str) -> tuple[str, list[Problem]]:
    """Return the decimal mark of a file, and why it cannot be told.

    A file has one decimal mark. A comma is understood where it cannot be a delimiter. Neither a
    comma nor a point is understood where every such number could as well be one with thousands
    separated (``1,234``, ``52.300``): see `_may_be_thousands` for the point.
    """
    points: list[tuple[Cell, str]] = []
    commas: list[tuple[Cell, str]] = []
    large: set[str] = set()
    for cell in cells:
        match = _CELL.fullmatch(cell.text)
        number = match["number"] if match else ""
        if _COMMA.fullmatch(number):
            commas.append((cell, number))
        elif "." in number and _POINT.fullmatch(number):
            points.append((cell, number))
        elif number.isdecimal() and len(number) < 18 and int(number) >= _LARGE:
            large.add(cell.series)
    if not commas or delimiter == ",":  # a comma number in a comma file is reported as a cell
        return ".", _may_be_thousands(points, large, delimiter=delimiter)
    cell, number = commas[0]
    if points:
        other, text = points[0]
        if all(_THOUSANDS.fullmatch(found) for _, found in points):
            message = (
                f'"{text}" has a point but "{number}" on line {cell.line} a decimal comma: '
                f"write {text.replace('.', '')} if the point separates thousands"
            )
            return ",", [Problem(other.column, message, other.line)]
        message = (
            f'"{number}" has a decimal comma but "{text}" on line {other.line} a decimal point: '
            "use one of them"
        )
        return ",", [Problem(cell.column, message, cell.line)]
    if all(_THOUSANDS.fullmatch(found) for _, found in commas):
        return ",", [Problem(cell.column, f'"{cell.text}" {_which(number, ",")}', cell.line)]
    return ",", []


def _may_be_thousands(
    points: list[tuple[Cell, str]], large: set[str], *, delimiter: str
) -> list[Problem]:
    # A file without commas between columns comes from where the point separates thousands, and
    # there any other decimals (20.5) tell that it does not. Whole numbers of three digits beside
    # 52.300 tell nothing good anywhere.
    settled = delimiter == "," or any(not _THOUSANDS.fullmatch(number) for _, number in points)
    of_series: dict[str, list[tuple[Cell, str]]] = {}
    for cell, number in points:
        of_series.setdefault(cell.series, []).append((cell, number))
    problems = []
    for series, found in of_series.items():
        suspect = series in large or not settled
        if suspect and all(_THOUSANDS.fullmatch(number) for _, number in found):
            cell, number = found[0]
            problems.append(Problem(cell.column, f'"{cell.text}" {_which(number, ".")}', cell.line))
    return problems


def _which(number: str, mark: str) -> str:
    whole = re.sub("[.,]", "", number)
    decimal = re.sub("[.,]", ".", number)
    return (
        f"may be {float(decimal):g} or {whole}: write {whole}, or {re.sub('[.,]', mark, number)}0 "
        "if it has decimals"
    )


def read_number(text: str, *, mark: str) -> tuple[float, str]:
    """Return a cell's value (NaN where missing) and censoring (empty, below, above).

    A titer written as a dilution, ``1:256``, is its reciprocal, 256.

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
    sound = match is not None and _POINT.fullmatch(number) is not None
    if match is None or not sound or (match["titer"] and not re.fullmatch(r"[1-9]\d*", number)):
        raise ValueError(f'"{_shown(text)}" is not a number{_hint(text, number, mark)}')
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f'"{_shown(text)}" is too large for a number')
    return value, _LIMIT.get(match["limit"] or "", "")


def _hint(text: str, number: str, mark: str) -> str:
    if re.match(r"[<>≤≥=\s]*1\s*[:/]", text):
        return ": write a titer as the reciprocal of the dilution, 256 for 1:256"
    if _COMMA.fullmatch(number) and mark == ".":
        if _THOUSANDS.fullmatch(number):
            return f": it {_which(number, '.')}"
        return ": write a decimal point, or separate columns by semicolons"
    if re.fullmatch(r"[+-]?\d{1,3}([ ,.'’\u00a0\u202f]\d{3})+([.,]\d+)?", number):
        return ": write it without thousands separators"
    if re.match(r"[+-]?[\d.,]+\s*[A-Za-z%µ/]", number):
        return ": write the number alone, the unit in the column name"
    return "; leave the cell empty or write NA where there is no value"


def _shown(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
