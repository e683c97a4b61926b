"""Reading a bench CSV in either layout into the one tidy table that an analysis takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import DataError, Problem
from simulator.tables.columns import BENCH_COLUMNS, CENSORED
from simulator.tables.numbers import Cell, decimal_mark, has_digit, is_missing, read_number
from simulator.tables.sheet import Sheet, read_sheet

if TYPE_CHECKING:
    import pandas as pd

#: Other names of our columns, compared without case, blanks, dashes and underscores.
_ROLES = {
    "subject_id": ("subjectid", "subject", "animalid", "animal", "mouseid", "mouse", "id"),
    "arm": ("arm", "group", "treatment"),
    "endpoint": ("endpoint",),
    "value": ("value",),
    "censored": ("censored",),
}
#: Columns of a wide table that describe the animal or the reading and are no endpoint.
_DESCRIBING = frozenset(
    [
        "cage",
        "sex",
        "strain",
        "day",
        "date",
        "time",
        "unit",
        "block",
        "batch",
        "note",
        "notes",
        "comment",
        "comments",
    ]
)
_LAYOUTS = (
    "allowed layouts: tidy, with columns subject_id, arm, endpoint, value (and censored); or "
    "wide, one row per animal, with a column arm, a column of numbers per endpoint, and "
    "perhaps subject_id"
)
#: Most problems of one kind listed one by one.
_LISTED = 20

#: (line, subject, arm, endpoint, text of the value, text of censored)
_Reading = tuple[int, str, str, str, str, str]


def read_bench(path: str | Path) -> pd.DataFrame:
    """Read bench data from a CSV file, tidy or wide.

    Delimiter comma, semicolon or tab; UTF-8 or UTF-16; ``<2`` and ``>4096`` are values outside
    the range; empty, NA and NaN are missing and kept as NaN. Decimal commas are understood where
    the delimiter is not a comma and no other reading is possible.

    Returns
    -------
    Columns `columns.BENCH_COLUMNS`, one row per animal and endpoint; ``attrs["ignored"]`` names
    the columns of the file that were not used.

    Raises
    ------
    DataError : the file cannot be used; lists every problem with its line and column.
    """
    sheet = read_sheet(path)
    roles, problems = _roles(sheet)
    if problems or not sheet.rows:  # without a sound header nothing that follows can be trusted
        raise DataError(sheet.source, [*sheet.problems, *problems])
    tidy = "endpoint" in roles
    readings, used, problems = _tidy(sheet, roles) if tidy else _wide(sheet, roles)
    rows: list[tuple[str, str, str, float, str]] = []
    mark, unclear = decimal_mark(_cells(readings, tidy=tidy), delimiter=sheet.delimiter)
    problems += unclear
    wrong: dict[str, list[Problem]] = {}
    for line, subject, arm, endpoint, text, limit in readings:
        try:
            value, censored = _value(text, limit, mark=mark)
        except ValueError as error:
            if not unclear:
                column = "value" if tidy else endpoint
                wrong.setdefault(column, []).append(Problem(column, str(error), line))
        else:
            rows.append((subject, arm, endpoint, value, censored))
    for column, found in wrong.items():
        problems += found[:_LISTED]
        if len(found) > _LISTED:
            problems.append(
                Problem(column, f"and {len(found) - _LISTED} more cells that are not numbers")
            )
    problems += _repeated(readings)
    if problems or sheet.problems:
        everything = [*sheet.problems, *problems]
        everything.sort(key=lambda found: (found.line is None, found.line or 0))
        raise DataError(sheet.source, everything)
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(BENCH_COLUMNS)).astype({"value": "float64"})
    frame.attrs["ignored"] = tuple(name for name in sheet.header if name not in used)
    return frame


def _plain(name: str) -> str:
    return "".join(mark for mark in name.casefold() if mark not in " _-.")


def _roles(sheet: Sheet) -> tuple[dict[str, int], list[Problem]]:
    """Return which column has which role, and what is missing."""
    roles: dict[str, int] = {}
    problems: list[Problem] = []
    plain = [_plain(name) for name in sheet.header]
    for role, names in _ROLES.items():
        found = [place for place, name in enumerate(plain) if name in names]
        own = [place for place in found if plain[place] == _plain(role)]
        if len(own or found) > 1:
            alike = ", ".join(f'"{sheet.header[place]}"' for place in found)
            problems.append(Problem(role, f"may be any of {alike}: name one of them {role}", 1))
        elif found:
            roles[role] = (own or found)[0]
    needed = ("subject_id", "arm", "value") if "endpoint" in roles else ("arm",)
    unclear = {problem.path for problem in problems}
    missing = [role for role in needed if role not in roles and role not in unclear]
    free = [name for place, name in enumerate(sheet.header) if place not in roles.values()]
    for role in missing:
        message = f"column is missing{_near(role, free)}; {_LAYOUTS}"
        problems.append(Problem(role, message, 1))
    return roles, problems


def _near(role: str, names: list[str]) -> str:
    by_plain = {_plain(name): name for name in names}
    for known in _ROLES[role]:
        match = difflib.get_close_matches(known, by_plain, n=1, cutoff=0.7)
        if match:
            return f'; did you mean "{by_plain[match[0]]}"?'
    return ""


def _tidy(sheet: Sheet, roles: dict[str, int]) -> tuple[list[_Reading], list[str], list[Problem]]:
    problems: list[Problem] = []
    readings: list[_Reading] = []
    for line, cells in sheet.rows:
        for role in ("subject_id", "arm", "endpoint"):
            if is_missing(cells[roles[role]]):
                problems.append(Problem(role, "is empty", line))
        limit = cells[roles["censored"]] if "censored" in roles else ""
        named = (cells[roles[role]] for role in ("subject_id", "arm", "endpoint", "value"))
        subject, arm, endpoint, value = named
        readings.append((line, subject, arm, endpoint, value, limit))
    return readings, [sheet.header[place] for place in roles.values()], problems


def _wide(sheet: Sheet, roles: dict[str, int]) -> tuple[list[_Reading], list[str], list[Problem]]:
    taken = {roles[role] for role in ("subject_id", "arm") if role in roles}
    endpoints = [
        place
        for place, name in enumerate(sheet.header)
        if place not in taken
        and _plain(name) not in _DESCRIBING
        # a column without a single digit is a description (a colour, a name), not an endpoint
        and has_digit([cells[place] for _, cells in sheet.rows])
    ]
    problems: list[Problem] = []
    if not endpoints:
        problems.append(Problem("file", f"has no column of numbers; {_LAYOUTS}", 1))
    readings: list[_Reading] = []
    for line, cells in sheet.rows:
        for role in ("subject_id", "arm"):
            if role in roles and is_missing(cells[roles[role]]):
                problems.append(Problem(sheet.header[roles[role]], "is empty", line))
        subject = cells[roles["subject_id"]] if "subject_id" in roles else f"line-{line}"
        arm = cells[roles["arm"]]
        readings += [
            (line, subject, arm, sheet.header[place], cells[place], "") for place in endpoints
        ]
    return readings, [sheet.header[place] for place in (*taken, *endpoints)], problems


def _cells(readings: Iterable[_Reading], *, tidy: bool) -> Iterable[Cell]:
    return (
        (line, "value" if tidy else endpoint, text) for line, _, _, endpoint, text, _ in readings
    )


def _value(text: str, limit: str, *, mark: str) -> tuple[float, str]:
    value, censored = read_number(text, mark=mark)
    stated = "" if is_missing(limit) else limit.casefold()
    if stated not in CENSORED:
        raise ValueError(f'censored is "{limit}"; allowed: empty, below, above')
    if stated and censored and stated != censored:
        raise ValueError(f'"{text}" contradicts censored "{limit}"')
    return value, stated or censored


def _repeated(readings: list[_Reading]) -> list[Problem]:
    # One animal, one value: a rank test on repeated readings counts too much evidence.
    first: dict[tuple[str, str], tuple[int, str]] = {}
    problems: list[Problem] = []
    for line, subject, arm, endpoint, _, _ in readings:
        if not subject:
            continue
        seen = first.setdefault((subject, endpoint), (line, arm))
        if seen[0] != line:
            text = f'"{subject}" has a value of "{endpoint}" on line {seen[0]} already'
            if seen[1] != arm:
                text += f' (arm "{seen[1]}"): give every animal an id of its own'
            problems.append(Problem("subject_id", text, line))
    if len(problems) > _LISTED:
        more = f"and {len(problems) - _LISTED} more repeated values"
        return [*problems[:_LISTED], Problem("subject_id", more)]
    return problems
