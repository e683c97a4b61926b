"""Reading what an analysis says: a CSV or JSON text, or a table in memory."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.auditing.claims import (
    NUMBERS,
    OPTIONAL,
    REQUIRED,
    Asked,
    Claims,
    notes_of,
    read_claims,
)
from simulator.auditing.outcome import Outcome
from simulator.errors import DataError, Problem

if TYPE_CHECKING:
    import pandas as pd

#: Bytes of the largest result that is read.
LARGEST: Final = 8 << 20
#: Longest message that is kept.
LONGEST: Final = 500
#: The columns that are read.
_OURS: Final = (*REQUIRED, *OPTIONAL, "family")
_DELIMITERS: Final = ",;\t"
#: More rows, beyond ten for every comparison, or columns than this are not looked at.
_MOST_ROWS, _MOST_COLUMNS = 1000, 1000
_DECIMAL_COMMA: Final = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")
_FORMS: Final = (
    'a CSV table with a header, a JSON list of objects, or an object with "comparisons", is due'
)

_Table = tuple[Sequence[str], Sequence[Sequence[Any]]]


class UnreadableError(Exception):
    """A text that is no table at all."""


def outcome_of_bytes(raw: bytes, asked: Asked, *, source: str, no_table: str = "") -> Outcome:
    """Return the outcome of an analysis that wrote these bytes.

    Parameters
    ----------
    source : what to call them in a message.
    no_table : what to do where they are not, or not only, a table with the columns that are due.
    """
    try:
        return Outcome(claims_of_bytes(raw, asked, source=source))
    except UnreadableError as error:
        said = f"{source}: {error}"[: LONGEST - len(no_table)]
        return Outcome(None, "unreadable result", f"{said}{no_table}")
    except DataError as error:
        if not any(_is_of_the_form(one) for one in error.problems):
            no_table = ""
        said = said_by(error)[: LONGEST - len(no_table)]
        return Outcome(None, "wrong result", f"{said}{no_table}")


def said_by(error: DataError) -> str:
    """Return the problems of a result in one line."""
    problems = "; ".join(f"{one.path}: {one.message}" for one in error.problems)
    return printable(f"{error.source}: {problems}")[:LONGEST]


def _is_of_the_form(problem: Problem) -> bool:
    return problem.path in ("cells", "table") or problem.message.startswith("column is missing")


def printable(text: str) -> str:
    """Return a foreign text with nothing in it that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def claims_of_bytes(raw: bytes, asked: Asked, *, source: str) -> Claims:
    """Return what a CSV or JSON text says.

    CSV is separated by commas, semicolons or tabs, and may have row names without a column name
    (R) and, unless separated by commas, decimal commas. JSON may have NaN and Infinity.

    Raises
    ------
    UnreadableError : neither CSV nor JSON, or too large.
    DataError : a table that does not answer what is asked (see `claims.read_claims`).
    """
    if len(raw) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST >> 20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"is not UTF-8 text (byte {error.start + 1}); {_FORMS}") from None
    if "\x00" in text:
        raise UnreadableError(f"is not a text; {_FORMS}")
    start = text.lstrip()
    if not start:
        raise UnreadableError(f"is empty; {_FORMS}")
    names, rows = _json(start, source) if start[0] in "[{" else _csv(text, asked, source)
    _check_names(names, source)
    _check_size(len(rows), asked, source)
    return read_claims(names, rows, asked, source=source)


def _check_names(names: Sequence[str], source: str) -> None:
    twice = [name for name in _OURS if names.count(name) > 1]
    if twice:
        raise DataError(source, [Problem(name, "is the name of two columns") for name in twice])


def _check_size(rows: int, asked: Asked, source: str) -> None:
    # every row too many is an error; thousands of them need not be looked at
    size = len(asked.comparisons)
    if rows > _MOST_ROWS + 10 * size:
        text = f"are {rows:,}, and the plan has {size} comparison{'s' if size != 1 else ''}"
        raise DataError(source, [Problem("rows", text)])


# CSV


def _csv(text: str, asked: Asked, source: str) -> _Table:
    lines = text.splitlines(keepends=True)
    while lines and (not lines[0].strip() or lines[0].startswith("sep=")):
        del lines[0]  # `sep=;` is a spreadsheet's hint to itself
    text = "".join(lines)
    delimiter = _delimiter(lines[0] if lines else "")
    try:
        header, *rows = [
            cells
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if any(cell.strip() for cell in cells)
        ]
    except (csv.Error, ValueError) as error:
        raise UnreadableError(f"is not a CSV table: {error}; {_FORMS}") from None
    names = [name.strip() for name in header]
    if len(names) < 2:
        start = printable(text.strip()[:60])
        raise UnreadableError(f'is not a table, it starts "{start}"; {_FORMS}')
    if len(names) > _MOST_COLUMNS:
        raise UnreadableError(f"has {len(names):,} columns; {_FORMS}")
    if _has_row_names(names, rows, asked):
        names.insert(0, "")
    _check_widths(names, rows, delimiter, source)
    if delimiter != ",":
        _replace_decimal_commas(names, rows)
    return names, rows


def _delimiter(header: str) -> str:
    """Return the mark that splits the header into most of our columns, else into most columns."""

    def fits(mark: str) -> tuple[int, int]:
        names = [name.strip().strip('"') for name in header.split(mark)]
        return sum(name in names for name in _OURS), len(names)

    return max(_DELIMITERS, key=fits)


def _has_row_names(names: Sequence[str], rows: Sequence[Sequence[str]], asked: Asked) -> bool:
    """Return whether rows start with names for which there is no column (R's write.table)."""
    if "endpoint" not in names or any(len(cells) != len(names) + 1 for cells in rows):
        return False
    endpoints = {one.endpoint for one in asked.comparisons}
    place = names.index("endpoint") + 1
    return any(cells[place].strip() in endpoints for cells in rows)


def _check_widths(
    names: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str, source: str
) -> None:
    for line, cells in enumerate(rows, start=1):
        if len(cells) > len(names) and any(cells[len(names) :]):
            hint = "; decimal commas? write decimal points" if delimiter == "," else ""
            text = f"row {line} has {len(cells)} cells where the header has {len(names)}{hint}"
            raise DataError(source, [Problem("cells", text)])


def _replace_decimal_commas(names: Sequence[str], rows: Sequence[list[str]]) -> None:
    places = [place for place, name in enumerate(names) if name in NUMBERS]
    for cells in rows:
        for place in places:
            if place < len(cells) and _DECIMAL_COMMA.fullmatch(cells[place]):
                cells[place] = cells[place].replace(",", ".")


# JSON


def _json(text: str, source: str) -> _Table:
    try:
        # whole numbers as floats: one of a thousand digits is then infinite and not an error
        found = json.loads(text, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not JSON: {error}; {_FORMS}") from None
    if isinstance(found, dict):
        found = found.get("comparisons", found)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        hint = ' (pandas: to_json(orient="records"))' if isinstance(found, dict) else ""
        raise DataError(source, [Problem("table", f"{_FORMS}{hint}")])
    if not found:
        raise DataError(source, [Problem("table", "is an empty list")])
    there = dict.fromkeys(name for one in found for name in one)
    ours = [name for name in _OURS if name in there]
    others = [name for name in there if name not in _OURS][:_MOST_COLUMNS]
    return [*ours, *others], [[_cell(name, one.get(name)) for name in ours] for one in found]


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1:  # R's jsonlite, unless told otherwise
        value = value[0]
    return str(value) if isinstance(value, bool) and name in NUMBERS else value


# A table in memory


def claims_of_frame(frame: pd.DataFrame, asked: Asked, *, source: str) -> Claims:
    """Return what a DataFrame says.

    Raises
    ------
    DataError : not a DataFrame, or one that does not answer (see `claims.read_claims`).
    """
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        problem = Problem("table", f"is a {type(frame).__name__}: a pandas DataFrame is due")
        raise DataError(source, [problem])
    found = _quick(frame, asked)
    if found is not None:
        return found
    names = [str(name) for name in frame.columns][:_MOST_COLUMNS]
    _check_names(names, source)
    _check_size(len(frame), asked, source)
    columns = []
    for place, name in enumerate(names):
        column = frame.iloc[:, place].astype(object)
        cells = column.where(column.notna(), None).tolist() if name in _OURS else []
        if name in NUMBERS:
            cells = [_cell(name, _plain(cell)) for cell in cells]
        columns.append(cells or [None] * len(frame))
    return read_claims(names, zip(*columns, strict=True), asked, source=source)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _quick(frame: pd.DataFrame, asked: Asked) -> Claims | None:
    """Return what a table says in which all is as it should be; None where it may not be."""
    columns = list(frame.columns)
    if len(set(columns)) < len(columns) or not all(name in columns for name in REQUIRED):
        return None
    size = len(asked.comparisons)
    keys = ("endpoint", "treated", "control", *(["family"] if "family" in columns else []))
    named = zip(*(frame[name].tolist() for name in keys), strict=True)
    try:
        places = [asked.places[names] for names in named]
    except (KeyError, TypeError):
        return None
    if any(len(one) > 1 for one in places):
        return None
    at = [one[0] for one in places]
    if len(set(at)) < len(at):
        return None
    every = at == list(range(size))
    found: dict[str, NDArray[np.float64]] = {}
    for name in (*NUMBERS, "rejected"):
        values = np.full(size, np.nan)
        if name in columns:
            cells = frame[name].to_numpy()
            if cells.dtype.kind not in ("b" if name == "rejected" else "fiu"):
                return None
            if every:
                values[:] = cells
            else:
                values[at] = cells
            if name in ("p_value", "p_adjusted") and not _are_probabilities(values):
                return None
        found[name] = values
    return Claims(**found, notes=notes_of(tuple(map(str, columns))))


def _are_probabilities(values: NDArray[np.float64]) -> bool:
    inside = (values >= 0) & (values <= 1)
    return bool((inside | np.isnan(values)).all())
