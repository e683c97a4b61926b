"""From the bytes of a CSV file to a header and numbered rows of text cells."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from simulator.errors import DataError, Problem

_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_LARGEST = 50_000_000  # bytes; a bench table of this size is a mistake
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE_AS = 'save it from the spreadsheet as "CSV UTF-8"'

Row = tuple[int, tuple[str, ...]]


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    Attributes
    ----------
    header : column names, stripped; none empty, no two alike.
    rows : (1-based line of the file, cells as many as the header, stripped); no blank rows.
    problems : rows that do not fit the header; they are not among `rows`.
    """

    source: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    delimiter: str
    problems: tuple[Problem, ...]


def read_sheet(path: str | Path) -> Sheet:
    """Read a CSV file whose delimiter is a comma, semicolon or tab.

    Raises
    ------
    DataError : not a readable text table.
    """
    source = str(path)
    text = _decode(_bytes(path, source), source)
    if not text.strip():
        raise DataError(source, [Problem("file", "is empty: a header and rows are due")])
    if text.startswith("sep="):  # a spreadsheet's hint to itself; the rows say it as well
        text = text[len(text.splitlines()[0]) :]
    delimiter, lines = _split(text, source)
    (header_line, header), *rows = lines
    while header and not header[-1]:  # spreadsheets leave empty columns on the right
        header = header[:-1]
    problems = _header_problems(header_line, header)
    kept: list[Row] = []
    for line, cells in rows:
        if not any(cells):
            continue
        while len(cells) > len(header) and not cells[-1]:
            cells = cells[:-1]
        if len(cells) == len(header):
            kept.append((line, cells))
        else:
            problems.append(_ragged(line, len(cells), len(header), delimiter))
    if not kept and not problems:
        problems.append(Problem("file", "has a header but no rows", header_line))
    return Sheet(source, header, tuple(kept), delimiter, tuple(problems))


def _bytes(path: str | Path, source: str) -> bytes:
    try:
        size = Path(path).stat().st_size
        if size > _LARGEST:
            text = f"has {size / 1e6:.0f} MB; a bench table has at most {_LARGEST / 1e6:.0f} MB"
            raise DataError(source, [Problem("file", text)])
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError(source, [Problem("file", "does not exist")]) from None
    except OSError as error:
        text = f"cannot be read: {error.strerror or error}"
        raise DataError(source, [Problem("file", text)]) from error


def _decode(raw: bytes, source: str) -> str:
    if raw[:4] == b"PK\x03\x04" or raw[:4] == b"\xd0\xcf\x11\xe0":
        raise DataError(
            source, [Problem("file", f"is a spreadsheet workbook, not text: {_SAVE_AS}")]
        )
    encoding = next((name for mark, name in _BOMS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = f"is not {'UTF-8' if encoding != 'utf-16' else 'UTF-16'} text: {_SAVE_AS}"
        raise DataError(source, [Problem("file", text, line)]) from None
    if "\x00" in text:
        raise DataError(source, [Problem("file", f"is not a text file: {_SAVE_AS}")])
    return text


def _split(text: str, source: str) -> tuple[str, list[Row]]:
    # The right delimiter splits the header, and every row into as many cells as the header.
    readings: dict[str, list[Row]] = {}
    failure: Problem | None = None
    for delimiter in _DELIMITERS:
        try:
            rows = list(_rows(text, delimiter))
        except csv.Error as error:
            failure = Problem("file", f"is not a CSV table: {error.args[0]}", error.args[1])
            continue
        if len(rows[0][1]) > 1:
            readings[delimiter] = rows
    if not readings:
        if failure is not None:
            raise DataError(source, [failure])
        found = text.strip().splitlines()[0].strip()
        shown = found if len(found) <= 60 else found[:57] + "..."
        message = f'only one column, "{shown}": separate columns by comma, semicolon or tab'
        raise DataError(source, [Problem("file", message, 1)])
    fitting = [mark for mark, rows in readings.items() if _is_even(rows)]
    if len(fitting) > 1:
        names = " or ".join(_DELIMITERS[mark] for mark in fitting)
        message = f"the delimiter may be {names}: quote the cells that contain the other mark"
        raise DataError(source, [Problem("file", message, 1)])
    best = fitting[0] if fitting else max(readings, key=lambda mark: len(readings[mark][0][1]))
    return best, readings[best]


def _rows(text: str, delimiter: str) -> Iterable[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    started = False
    line = 1
    while True:
        try:
            cells = tuple(cell.strip() for cell in next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            raise csv.Error(str(error), line) from error
        if started or any(cells):  # blank lines above the header are no header
            started = True
            yield line, cells
        line = reader.line_num + 1


def _is_even(rows: list[Row]) -> bool:
    def width(cells: tuple[str, ...]) -> int:
        return max((place + 1 for place, cell in enumerate(cells) if cell), default=0)

    columns = width(rows[0][1])
    return columns > 1 and all(
        width(cells) <= columns <= len(cells) or not any(cells) for _, cells in rows
    )


def _header_problems(line: int, header: tuple[str, ...]) -> list[Problem]:
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for place, name in enumerate(header, start=1):
        if not name:
            problems.append(Problem(f"column {place}", "has no name in the header", line))
        elif name.casefold() in first:
            text = f"is the name of column {first[name.casefold()]} and of column {place}"
            problems.append(Problem(name, text, line))
        else:
            first[name.casefold()] = place
    return problems


def _ragged(line: int, cells: int, columns: int, delimiter: str) -> Problem:
    hint = ""
    if delimiter == "," and cells > columns:
        hint = "; decimal commas? write decimal points, or separate columns by semicolons"
    return Problem("row", f"has {cells} cells where the header has {columns}{hint}", line)
