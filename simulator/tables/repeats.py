"""One animal, one arm, one value: a rank test on repeated readings counts too much evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from simulator.errors import Problem

#: Most problems of one kind listed one by one.
_LISTED = 20


class Place(NamedTuple):
    """Where one value stands; `when` is its day or date as the file has it, or empty."""

    line: int
    subject: str
    arm: str
    endpoint: str
    when: str


def repeats(places: Iterable[Place]) -> list[Problem]:
    """Return every animal that is in two arms or has two values of an endpoint.

    An endpoint that was read on several days, once per animal and day, is one problem.
    """
    home: dict[str, Place] = {}
    first: dict[tuple[str, str], Place] = {}
    twice: dict[str, list[tuple[Place, Place]]] = {}
    moved: dict[tuple[int, str], Problem] = {}
    whens: dict[str, dict[str, None]] = {}
    once: set[tuple[str, str, str]] = set()
    same_day: set[str] = set()
    for place in places:
        if not place.subject:
            continue
        whens.setdefault(place.endpoint, {})[place.when] = None
        reading = (place.subject, place.endpoint, place.when)
        if reading in once:
            same_day.add(place.endpoint)
        once.add(reading)
        before = home.setdefault(place.subject, place)
        if before.arm != place.arm:
            text = (
                f'"{place.subject}" is in arm "{place.arm}" here but in arm "{before.arm}" on '
                f"line {before.line}: give every animal an id of its own, and one arm"
            )
            moved[place.line, place.subject] = Problem("subject_id", text, place.line)
            continue
        seen = first.setdefault((place.subject, place.endpoint), place)
        if seen.line != place.line:
            twice.setdefault(place.endpoint, []).append((seen, place))
    problems = _cut(list(moved.values()), "more animals in two arms")
    for endpoint, pairs in twice.items():
        days = [when for when in whens[endpoint] if when]
        if endpoint not in same_day and len(days) > 1:
            problems.append(_by_day(endpoint, days, pairs[0][1].line))
            continue
        found = [Problem("subject_id", _already(seen, place), place.line) for seen, place in pairs]
        problems += _cut(found, "more repeated values")
    return problems


def _by_day(endpoint: str, days: list[str], line: int) -> Problem:
    shown = f"{', '.join(days[:4])}{', ...' if len(days) > 4 else ''}"
    text = (
        f'"{endpoint}" was read more than once per animal ({shown}): give each an endpoint of '
        f"its own, such as {endpoint}-{_short(days[0])} and {endpoint}-{_short(days[1])}"
    )
    return Problem("endpoint", text, line)


def _already(seen: Place, place: Place) -> str:
    return f'"{place.subject}" has a value of "{place.endpoint}" on line {seen.line} already'


def _short(when: str) -> str:
    name, _, value = when.partition(" ")
    return f"{name[0].lower()}{value}" if value.isdigit() else value.replace(" ", "-")


def _cut(problems: list[Problem], more: str) -> list[Problem]:
    if len(problems) <= _LISTED:
        return problems
    return [*problems[:_LISTED], Problem("subject_id", f"and {len(problems) - _LISTED} {more}")]
