"""Reading a bench CSV in either layout into the one tidy table that an analysis takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from simulator.errors import DataError, Problem
from simulator.tables.columns import BENCH_COLUMNS, CENSORED, OBSERVATION_COLUMNS
from simulator.tables.numbers import Cell, decimal_mark, is_missing, read_number
from simulator.tables.repeats import Place, repeats
from simulator.tables.roles import LAYOUTS, READ_ON, find_cage, find_roles, plain, wide_columns
from simulator.tables.sheet import Sheet, read_sheet

if TYPE_CHECKING:
    import pandas as pd

#: Most problems of one kind listed one by one.
_LISTED = 20


_Row = tuple[str, str, str, float, str, str | None]


class _Reading(NamedTuple):
    """One value of one animal, as text; `column` is where the file has it, `cage` may be empty."""

    line: int
    subject: str
    arm: str
    endpoint: str
    column: str
    text: str
    limit: str
    when: str
    cage: str


class _Readings(NamedTuple):
    """All values of a sheet, the columns they come from, and what must be said of the others."""

    readings: list[_Reading]
    caged: bool
    used: list[str]
    notes: tuple[str, ...]
    problems: list[Problem]


def read_bench(path: str | Path, *, endpoints: Iterable[str] | None = None) -> pd.DataFrame:
    """Read bench data from a CSV file, tidy or wide.

    Delimiter comma, semicolon or tab; UTF-8 or UTF-16; ``<2`` and ``>4096`` are values outside
    the range, ``1:256`` is 256; empty, NA and NaN are missing and kept as NaN. Decimal commas
    are understood where the delimiter is not a comma and no other reading is possible.

    Parameters
    ----------
    endpoints : those that will be analysed; default all. A wide column so named (whatever its
        case) is read whatever it looks like; a value of any other endpoint that cannot be used
        is a note and not an error.

    Returns
    -------
    Columns `columns.BENCH_COLUMNS`, one row per animal and endpoint, and ``cage`` where the file
    has a column of cages (missing where a cell is empty). ``attrs`` hold ``source`` (the file),
    ``ignored`` (its columns that were not used) and ``notes`` (what was left out or
    taken for something, and why), which `analysis.analyse` passes on.

    Raises
    ------
    DataError : the file cannot be used; lists every problem with its line and column.
    """
    sheet = read_sheet(path)
    roles, problems = find_roles(sheet)
    if problems or not sheet.rows:  # without a sound header nothing that follows can be trusted
        raise DataError(sheet.source, [*sheet.problems, *problems])
    wanted = frozenset(name.casefold() for name in endpoints or ())
    found = _tidy(sheet, roles) if "endpoint" in roles else _wide(sheet, roles, wanted)
    needed = [
        reading for reading in found.readings if not wanted or reading.endpoint.casefold() in wanted
    ]
    mark, unclear = decimal_mark(_cells(needed), delimiter=sheet.delimiter)
    if not any(mark in one.text for one in needed):  # then the other endpoints tell
        mark, _ = decimal_mark(_cells(found.readings), delimiter=sheet.delimiter)
    rows, wrong = _values(found.readings, mark=mark)
    bad = {} if unclear else {name: wrong[name] for name in wrong if _is_in(name, needed)}
    problems = [*sheet.problems, *found.problems, *unclear, *_listed(bad)]
    problems += repeats(
        Place(one.line, one.subject, one.arm, one.endpoint, one.when) for one in needed
    )
    if problems:
        problems.sort(key=lambda problem: (problem.line is None, problem.line or 0))
        raise DataError(sheet.source, problems)
    notes = [
        f'endpoint not read: "{name}" (line {first[0].line}: {first[0].message})'
        for name, first in wrong.items()
    ]
    import pandas as pd

    kept = [row for row in rows if row[2] not in wrong]
    frame = pd.DataFrame(kept, columns=[*BENCH_COLUMNS, "cage"]).astype({"value": "float64"})
    if not found.caged:
        del frame["cage"]
    frame.attrs["source"] = sheet.source
    frame.attrs["ignored"] = tuple(name for name in sheet.header if name not in found.used)
    frame.attrs["notes"] = (*found.notes, *notes)
    return frame


def _cells(readings: list[_Reading]) -> Iterator[Cell]:
    return (Cell(one.line, one.column, one.endpoint, one.text) for one in readings)


def _is_in(endpoint: str, readings: list[_Reading]) -> bool:
    return any(reading.endpoint == endpoint for reading in readings)


def _tidy(sheet: Sheet, roles: dict[str, int]) -> _Readings:
    problems: list[Problem] = []
    readings: list[_Reading] = []
    cage = find_cage(sheet, taken=roles.values())
    moments = [place for place, name in enumerate(sheet.header) if plain(name) in READ_ON]
    for line, cells in sheet.rows:
        for role in ("subject_id", "arm", "endpoint"):
            if is_missing(cells[roles[role]]):
                problems.append(Problem(role, "is empty", line))
        limit = cells[roles["censored"]] if "censored" in roles else ""
        named = (cells[roles[role]] for role in ("subject_id", "arm", "endpoint", "value"))
        subject, arm, endpoint, value = named
        when = " ".join(f"{sheet.header[place]} {cells[place]}" for place in moments)
        home = "" if cage is None else cells[cage]
        readings.append(_Reading(line, subject, arm, endpoint, "value", value, limit, when, home))
    used = [sheet.header[place] for place in (*roles.values(), *([] if cage is None else [cage]))]
    # the columns of our own observations need no word
    left = [name for name in sheet.header if name not in (*used, *OBSERVATION_COLUMNS)]
    notes = (f"columns not analysed: {', '.join(left)}",) if left else ()
    return _Readings(readings, cage is not None, used, notes, problems)


def _wide(sheet: Sheet, roles: dict[str, int], wanted: frozenset[str]) -> _Readings:
    columns = wide_columns(sheet, roles, wanted=wanted)
    problems: list[Problem] = []
    if not columns.endpoints:
        said = "".join(f"; {note}" for note in columns.notes)
        problems.append(Problem("file", f"has no column of numbers; {LAYOUTS}{said}", 1))
    taken = [place for place in (columns.subject, roles["arm"]) if place is not None]
    readings: list[_Reading] = []
    for line, cells in sheet.rows:
        for place in taken:
            if is_missing(cells[place]):
                problems.append(Problem(sheet.header[place], "is empty", line))
        subject = f"line-{line}" if columns.subject is None else cells[columns.subject]
        arm = cells[roles["arm"]]
        home = "" if columns.cage is None else cells[columns.cage]
        for place in columns.endpoints:
            name = sheet.header[place]
            readings.append(_Reading(line, subject, arm, name, name, cells[place], "", "", home))
    known = [place for place in (*taken, columns.cage) if place is not None]
    used = [sheet.header[place] for place in (*known, *columns.endpoints)]
    return _Readings(readings, columns.cage is not None, used, columns.notes, problems)


def _values(readings: list[_Reading], *, mark: str) -> tuple[list[_Row], dict[str, list[Problem]]]:
    """Return the rows of the table, and the cells that are no numbers by endpoint."""
    rows: list[_Row] = []
    wrong: dict[str, list[Problem]] = {}
    for one in readings:
        try:
            value, censored = _value(one.text, one.limit, mark=mark)
        except ValueError as error:
            problem = Problem(one.column, str(error), one.line)
            wrong.setdefault(one.endpoint, []).append(problem)
        else:
            cage = None if is_missing(one.cage) else one.cage
            rows.append((one.subject, one.arm, one.endpoint, value, censored, cage))
    return rows, wrong


def _value(text: str, limit: str, *, mark: str) -> tuple[float, str]:
    value, censored = read_number(text, mark=mark)
    stated = "" if is_missing(limit) else limit.casefold()
    if stated not in CENSORED:
        raise ValueError(f'censored is "{limit}"; allowed: empty, below, above')
    if stated and censored and stated != censored:
        raise ValueError(f'"{text}" contradicts censored "{limit}"')
    return value, stated or censored


def _listed(wrong: dict[str, list[Problem]]) -> list[Problem]:
    problems: list[Problem] = []
    for found in wrong.values():
        problems += found[:_LISTED]
        if len(found) > _LISTED:
            more = f"and {len(found) - _LISTED} more cells that are not numbers"
            problems.append(Problem(found[0].path, more))
    return problems
