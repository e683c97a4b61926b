"""The fixed numbers of the traps: treated and control values whose right answer is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

#: What is written in a cell: a number, nothing (NaN), or text.
Cell = float | str


@dataclass(frozen=True)
class Group:
    """The values of one arm, and which of them are outside the assay's range.

    Attributes
    ----------
    cells : as written in the column value.
    marks : as written in the column censored; empty where none is outside.
    """

    cells: tuple[Cell, ...]
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """The values of the arms of one comparison."""

    treated: Group
    control: Group


def pair(treated: tuple[Cell, ...], control: tuple[Cell, ...]) -> Pair:
    """Return a pair of arms in which nothing is outside the range."""
    return Pair(Group(treated), Group(control))


_NONE: Final = math.nan

ALL_EQUAL: Final = pair((120.0,) * 8, (120.0,) * 8)
#: Readings capped at 300: the five below the cap are all in one arm.
CAPPED: Final = pair((120.0, 180.0, 210.0, 240.0, 280.0, *(300.0,) * 7), (300.0,) * 12)
#: U = 22.5.
HALF_INTEGER: Final = pair(
    tuple(float(k) for k in range(1, 11)), tuple(float(k) for k in range(2, 25, 2))
)
EMPTY: Final = pair((), (1.2, 2.5, 3.3, 4.8, 5.9, 6.1, 7.7))
ONE_ANIMAL: Final = pair((8.2,), (1.2, 2.5, 3.3, 4.8, 5.9, 6.1, 7.7))
MISSING: Final = pair((5.1, _NONE, 6.2, 9.3, _NONE, 7.9, 8.4), (4.0, 5.6, _NONE, 3.2, 6.6, 2.7))
#: Permeability of a membrane at term and between 12 and 26 weeks.
HOLLANDER_WOLFE: Final = pair(
    (0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46), (1.15, 0.88, 0.90, 0.74, 1.21)
)
REVERSED: Final = pair((1.1, 2.3, 3.8, 4.4, 0.7, 2.9), (5.2, 3.1, 6.6, 7.3, 4.9, 8.0))
TEXT: Final = pair((6.2, "n.d.", 7.7, 5.9, 8.8, 9.4), (4.1, 5.0, "clotted", 3.3, 6.6, 2.9))
NEGATIVE: Final = pair((-3.2, 1.4, 0.6, 2.2, -0.5, 3.1), (-4.1, -2.7, -0.9, 0.2, -1.8, -3.6))


def stretched(*, start: float = 0.0, step: float) -> Pair:
    """Return twelve values so far apart, seven treated among five controls."""
    treated, control = (2, 5, 6, 8, 10, 11, 12), (1, 3, 4, 7, 9)
    return pair(tuple(start + step * k for k in treated), tuple(start + step * k for k in control))


#: Titers by their place among those that can be written, from the lowest, which is below the
#: range; and of others by their place from the highest, which is above it.
LOWEST: Final = pair((1, 1, 1, 2, 3, 4, 4), (0, 0, 0, 0, 1, 2, 3))
HIGHEST: Final = pair((-1, -1, -1, -1, -2, -3, -4), (-2, -2, -2, -3, -4, -5, -5))


@dataclass(frozen=True)
class Candidate:
    """Data whose exact p-value is a simple fraction, and how it is counted."""

    treated: tuple[float, ...]
    control: tuple[float, ...]
    count: str


def _of_ranks(size: int, *treated: int, count: str) -> Candidate:
    others = tuple(float(k) for k in range(1, size + 1) if k not in treated)
    return Candidate(tuple(map(float, treated)), others, count)


#: Data for a p-value of exactly alpha, tried in this order, also with the arms exchanged: by
#: enumeration of all sizes below 50 the smallest for 0.1, 0.05, 0.025 and 0.01 and their parts in
#: a family. Without ties no exact two-sided p is 0.05 there: one tail would be 1/40 of C(m+n, m).
CANDIDATES: Final = (
    _of_ranks(6, 4, 5, 6, count="1 of C(6,3) = 20 relabelings in a tail"),
    Candidate(
        (6.0, 7.0, 9.0),
        (1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 8.0),
        "3 of C(10,3) = 120 relabelings in either tail",
    ),
    _of_ranks(16, 11, 15, 16, count="7 of C(16,3) = 560 relabelings in a tail"),
    _of_ranks(10, 8, 9, 10, count="1 of C(10,3) = 120 relabelings in a tail"),
    _of_ranks(10, 7, 9, 10, count="2 of C(10,3) = 120 relabelings in a tail"),
    _of_ranks(10, 6, 9, 10, count="4 of C(10,3) = 120 relabelings in a tail"),
    _of_ranks(25, 17, 24, 25, count="23 of C(25,3) = 2300 relabelings in a tail"),
    Candidate(
        (23.0, 24.0),
        tuple(float(k) for k in range(1, 24)),
        "3 of C(25,2) = 300 relabelings as far from the middle",
    ),
)
