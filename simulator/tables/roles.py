"""What each column of a bench sheet is: arm, animal, endpoint, or a description."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from simulator.errors import Problem
from simulator.tables.numbers import is_date, is_missing, looks_like_number
from simulator.tables.sheet import Sheet

#: Other names of our columns, compared without case, blanks, dashes and underscores.
_ROLES = {
    "subject_id": ("subjectid", "subject", "animalid", "animal", "mouseid", "mouse", "id"),
    "arm": ("arm", "group", "treatment"),
    "endpoint": ("endpoint",),
    "value": ("value",),
    "censored": ("censored",),
}
#: Names of an animal's number. Unlike those above they bind nobody: a repeat is no error.
_NUMBERED = frozenset(("no", "nr", "maus", "tier", "tiernummer", "мышь", "номер"))
#: Names of columns that tell when a value was read.
READ_ON = frozenset(("day", "tag", "день", "date", "datum", "дата", "time", "zeit"))
_WEIGHTS = frozenset(("weight", "bodyweight", "bw", "gewicht", "вес"))
_CAGES = frozenset(("cage", "box", "käfig", "kaefig", "клетка"))
#: Names of numbers that describe the animal or the reading and are no endpoint. Short on
#: purpose: columns of text, of dates and of running numbers are known by their cells.
_DESCRIBING = (
    READ_ON
    | _WEIGHTS
    | _CAGES
    | frozenset(("sex", "geschlecht", "пол", "strain"))
    | frozenset(("age", "alter", "dose", "dosis", "unit", "block", "batch"))
    | frozenset(("note", "notes", "comment", "comments"))
)
#: Words that may follow such a name: ``Käfig Nr.``, ``weight_g``, ``dose (mg/kg)``.
_AFTER = frozenset(("g", "mg", "kg", "µg", "ug", "ml", "µl", "ul", "d", "h", "no", "nr", "id"))
#: Rows from which 1, 2, 3, ... is a running number, and consecutive numbers that start
#: elsewhere are one too; below, an endpoint may look like that by chance.
_RUN_FROM_ONE, _RUN = 4, 8
LAYOUTS = (
    "allowed layouts: tidy, with columns subject_id, arm, endpoint, value (and censored); or "
    "wide, one row per animal, with a column arm, a column of numbers per endpoint, and "
    "perhaps subject_id"
)


@dataclass(frozen=True)
class WideColumns:
    """The columns of a wide sheet, by place.

    Attributes
    ----------
    subject, cage : the columns that name the animals and their cages, or None.
    endpoints : columns of numbers to analyse.
    notes : what was left out or taken, and why.
    """

    subject: int | None
    cage: int | None
    endpoints: tuple[int, ...]
    notes: tuple[str, ...]


def plain(name: str) -> str:
    """Return a column's name without case, blanks, dashes, underscores and points."""
    return "".join(mark for mark in name.casefold() if mark not in " _-.")


def find_roles(sheet: Sheet) -> tuple[dict[str, int], list[Problem]]:
    """Return which column has which role by its name, and what is missing."""
    roles: dict[str, int] = {}
    problems: list[Problem] = []
    names = [plain(name) for name in sheet.header]
    for role, known in _ROLES.items():
        found = [place for place, name in enumerate(names) if name in known]
        own = [place for place in found if names[place] == plain(role)]
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
        problems.append(Problem(role, f"column is missing{_near(role, free)}; {LAYOUTS}", 1))
    return roles, problems


def find_cage(sheet: Sheet, *, taken: Collection[int]) -> int | None:
    """Return the column that names the cages; None where there is none, or several are like it.

    Parameters
    ----------
    taken : columns that are something else.
    """
    found = [
        place
        for place, name in enumerate(sheet.header)
        if place not in taken and _is_named(name, _CAGES)
    ]
    own = [place for place in found if plain(sheet.header[place]) == "cage"]
    return (own or found)[0] if len(own or found) == 1 else None


def _near(role: str, names: list[str]) -> str:
    by_plain = {plain(name): name for name in names}
    for known in _ROLES[role]:
        match = difflib.get_close_matches(known, by_plain, n=1, cutoff=0.7)
        if match:
            return f': rename "{by_plain[match[0]]}" to {role}, if that is it'
    return ""


def wide_columns(sheet: Sheet, roles: dict[str, int], *, wanted: Collection[str]) -> WideColumns:
    """Return what the columns of a wide sheet are.

    Parameters
    ----------
    roles : of `find_roles`.
    wanted : endpoints asked for, in lower case: analysed whatever they look like.
    """
    arms = [cells[roles["arm"]] for _, cells in sheet.rows]
    subject = roles.get("subject_id")
    endpoints: list[int] = []
    left: dict[int, str] = {}
    ids: dict[int, str] = {}  # columns that may name the animals, and what they hold
    for place, name in enumerate(sheet.header):
        cells = [row[place] for _, row in sheet.rows]
        if place in (roles["arm"], subject):
            continue
        if name.casefold() in wanted:
            endpoints.append(place)
        elif _is_named(name, _NUMBERED.union(_ROLES["subject_id"])):
            left[place] = "names the animal"
            if len(set(cells)) == len(cells) and not any(map(is_missing, cells)):
                ids[place] = ""
        elif reason := _why_not(name, cells):
            left[place] = reason
        elif _is_run(cells):
            left[place] = f"{min(map(int, cells))} to {max(map(int, cells))}, a running number"
            ids[place] = f", the numbers {min(map(int, cells))} to {max(map(int, cells))}"
        elif _is_run_in_each_arm(cells, arms):
            left[place] = "a running number in every arm"
        else:
            endpoints.append(place)
    if not endpoints:  # then such numbers are all there is to analyse
        spare = [place for place in left if _is_spare(sheet.header[place], left[place])]
        endpoints = spare[:1]
        left = {place: reason for place, reason in left.items() if place not in endpoints}
        ids = {place: text for place, text in ids.items() if place not in endpoints}
    cage = find_cage(
        sheet, taken=[*endpoints, roles["arm"], *([] if subject is None else [subject])]
    )
    left = {place: reason for place, reason in left.items() if place != cage}
    notes = []
    if subject is None and ids:
        subject = next(iter(ids))
        del left[subject]
        name = sheet.header[subject]
        notes.append(f'column taken for the animals\' ids, not analysed: "{name}"{ids[subject]}')
    if left:
        notes.append(_left_out(sheet, left))
    return WideColumns(subject, cage, tuple(endpoints), tuple(notes))


def _left_out(sheet: Sheet, left: dict[int, str]) -> str:
    names: dict[str, list[str]] = {}
    for place, reason in left.items():
        names.setdefault(reason, []).append(sheet.header[place])
    parts = [f"{', '.join(alike)} ({reason})" for reason, alike in names.items()]
    return f"columns not analysed: {', '.join(parts)}; name one as the endpoint to analyse it"


def _is_named(name: str, known: Collection[str]) -> bool:
    first, *others = [word for word in re.split(r"[\W_]+", name.casefold()) if word] or [""]
    return plain(name) in known or (first in known and _AFTER.issuperset(others))


def _is_spare(name: str, reason: str) -> bool:
    return "running number" in reason or _is_named(name, _WEIGHTS)


def _why_not(name: str, cells: Sequence[str]) -> str:
    """Return why a column is no endpoint, by its name or by what its cells say; empty if it is."""
    there = [cell for cell in cells if not is_missing(cell)]
    if not there:
        return "no values"
    if all(map(is_date, there)):
        return "dates"
    # Most cells decide: a comment that starts with a digit makes no endpoint, and a word among
    # numbers is a slip to be reported.
    if 2 * sum(map(looks_like_number, there)) < len(there):
        return "text"
    return "describes the animal or the reading" if _is_named(name, _DESCRIBING) else ""


def _whole(cells: Sequence[str]) -> list[int]:
    if not all(re.fullmatch(r"\d{1,15}", cell, re.ASCII) for cell in cells):
        return []
    return [int(cell) for cell in cells]


def _is_run(cells: Sequence[str]) -> bool:
    numbers = _whole(cells)
    if len(numbers) < _RUN_FROM_ONE:
        return False
    run = list(range(min(numbers), min(numbers) + len(numbers)))
    if run[0] == 1:
        return sorted(numbers) == run
    return len(numbers) >= _RUN and numbers == run


def _is_run_in_each_arm(cells: Sequence[str], arms: Sequence[str]) -> bool:
    numbers = _whole(cells)
    of_arm: dict[str, list[int]] = {}
    for number, arm in zip(numbers, arms, strict=False):  # no numbers, no arms
        of_arm.setdefault(arm, []).append(number)
    return len(of_arm) > 1 and all(
        len(found) >= _RUN_FROM_ONE and found == list(range(1, len(found) + 1))
        for found in of_arm.values()
    )
