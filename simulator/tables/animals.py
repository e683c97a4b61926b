"""Reading the list of animals that a study is to be drawn from: id, body weight, cage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from simulator.errors import DataError, Problem
from simulator.tables.numbers import (
    Cell,
    decimal_mark,
    is_missing,
    looks_like_number,
    read_number,
)
from simulator.tables.roles import plain
from simulator.tables.sheet import Row, Sheet, read_sheet

#: Other names of the columns, compared without case, blanks and signs.
_NAMES = {
    "id": (
        *("id", "animal", "animalid", "mouse", "mouseid", "subject", "subjectid", "no", "nr"),
        *("maus", "tier", "tiernummer", "мышь", "номер"),
    ),
    "weight_g": (
        *("weightg", "weight", "bodyweight", "bodyweightg", "bw", "bwg"),
        *("gewicht", "gewichtg", "вес", "весг"),
    ),
    "cage": ("cage", "cageid", "cageno", "box", "käfig", "kaefig", "клетка"),
}
#: Grams of a mouse that can be in a study: from weaned to very fat.
_LIGHTEST, _HEAVIEST = 5.0, 200.0
#: Most problems of one kind listed one by one.
_LISTED = 5
_WEIGH = "weigh the animal, or take it off the list"
_LAYOUT = "the list needs the columns id, weight_g (in grams) and, if cages count, cage"


class ListedAnimal(NamedTuple):
    """One animal before the draw: weight in grams, cage empty where none is known."""

    animal: str
    weight: float
    cage: str


def read_animals(path: str | Path) -> tuple[ListedAnimal, ...]:
    """Read the animals of a study from a CSV file, in the order of the file.

    Delimiter comma, semicolon or tab, decimal commas where they can be told, as in bench data.
    Columns other than the id, the weight and the cage are not read.

    Parameters
    ----------
    path : CSV with the columns ``id``, ``weight_g`` (grams) and perhaps ``cage``.

    Raises
    ------
    DataError : the file cannot be used; with every problem and its line.
    """
    sheet = read_sheet(path)
    problems = list(sheet.problems)
    places = _columns(sheet, problems)
    if "id" not in places or "weight_g" not in places:
        raise DataError(sheet.source, problems)
    animals = _animals(sheet, places, problems)
    if problems:
        raise DataError(sheet.source, sorted(problems, key=lambda problem: problem.line or 0))
    return animals


def _columns(sheet: Sheet, problems: list[Problem]) -> dict[str, int]:
    names = [re.sub(r"\W", "", plain(name)) for name in sheet.header]
    found: dict[str, int] = {}
    for role, known in _NAMES.items():
        meant = [place for place, name in enumerate(names) if name in known]
        own = [place for place in meant if names[place] == plain(role)]
        if len(own or meant) > 1:
            alike = ", ".join(f'"{sheet.header[place]}"' for place in meant)
            problems.append(Problem(role, f"may be any of {alike}: name one of them {role}", 1))
        elif meant:
            found[role] = (own or meant)[0]
        elif role != "cage":
            problems.append(Problem(role, f"column is missing; {_LAYOUT}", 1))
    return found


def _animals(
    sheet: Sheet, places: dict[str, int], problems: list[Problem]
) -> tuple[ListedAnimal, ...]:
    column = sheet.header[places["weight_g"]]
    cells = [
        Cell(line, column, "weight", row[places["weight_g"]])
        for line, row in sheet.rows
        if not is_missing(row[places["weight_g"]])
    ]
    mark, unclear = decimal_mark(cells, delimiter=sheet.delimiter)
    problems += unclear
    animals, first = [], dict[str, int]()
    wrong: list[Problem] = []
    for line, row in sheet.rows:
        animal = row[places["id"]]
        if is_missing(animal):
            wrong.append(Problem(sheet.header[places["id"]], "is empty", line))
        elif animal in first:
            text = f'"{animal}" is on line {first[animal]} already: every animal needs an own id'
            wrong.append(Problem(sheet.header[places["id"]], text, line))
        first.setdefault(animal, line)
        cage = row[places["cage"]] if "cage" in places else ""
        if "cage" in places and is_missing(cage):
            text = "is empty: give every animal its cage, or leave the column out"
            wrong.append(Problem(sheet.header[places["cage"]], text, line))
        weight = _weight((line, row), places["weight_g"], column, mark, wrong)
        animals.append(ListedAnimal(animal, weight, cage))
    problems += _shortened(wrong)
    return tuple(animals)


def _shortened(wrong: list[Problem]) -> list[Problem]:
    """Return the first problems of every kind, and how many more there are of it."""
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for problem in wrong:
        kind = re.sub(r'".*"|\d+', "", problem.message)
        kinds.setdefault((problem.path, kind), []).append(problem)
    found: list[Problem] = []
    for (path, _), alike in kinds.items():
        found += alike[:_LISTED]
        if len(alike) > _LISTED:
            text = f"and {len(alike) - _LISTED} more like line {alike[_LISTED - 1].line}"
            found.append(Problem(path, text, alike[_LISTED].line))
    return found


def _weight(row: Row, place: int, column: str, mark: str, wrong: list[Problem]) -> float:
    line, cells = row
    text = cells[place]
    if is_missing(text):
        wrong.append(Problem(column, f"is empty: {_WEIGH}", line))
        return 0.0
    if not looks_like_number(text):
        wrong.append(Problem(column, f'"{text[:40]}" is not a number: {_WEIGH}', line))
        return 0.0
    try:
        weight, limit = read_number(text, mark=mark)
    except ValueError as error:
        wrong.append(Problem(column, str(error), line))
        return 0.0
    if limit or not _LIGHTEST <= weight <= _HEAVIEST:
        wrong.append(
            Problem(
                column,
                f'"{text}" is not the weight of a mouse in grams: '
                f"{_LIGHTEST:g} to {_HEAVIEST:g} is allowed",
                line,
            )
        )
    return weight
