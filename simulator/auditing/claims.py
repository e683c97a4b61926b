"""What an analysis says of one data set."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.samples import did_you_mean
from simulator.auditing.column_names import notes_on
from simulator.auditing.not_in_plan import not_in_plan
from simulator.errors import DataError, Problem
from simulator.scenario import AnalysisPlan, Comparison

Floats = NDArray[np.float64]

#: Columns that a result must have, and those that it may have.
REQUIRED: Final = ("endpoint", "treated", "control", "p_value")
NUMBERS: Final = ("p_value", "p_adjusted", "estimate", "ci_low", "ci_high", "u")
OPTIONAL: Final = (*NUMBERS[1:], "rejected")

_YES: Final = frozenset({"true", "t", "yes", "1", "1.0"})
_NO: Final = frozenset({"false", "f", "no", "0", "0.0"})
_MISSING: Final = frozenset({"", "na", "nan", "n/a", "none", "null"})
#: How far rounding may carry a p-value beyond 1.
_SLACK: Final = 1e-9
#: Most problems listed one by one.
_LISTED: Final = 5


@dataclass(frozen=True)
class Claims:
    """The result of one analysis, comparison by comparison in the plan's order.

    Attributes
    ----------
    p_value, p_adjusted, estimate, ci_low, ci_high, u : shape (comparisons,), NaN where nothing
        is said.
    rejected : shape (comparisons,), 1, 0, or NaN where nothing is said.
    notes : hints at columns that were not read.
    """

    p_value: Floats
    p_adjusted: Floats
    estimate: Floats
    ci_low: Floats
    ci_high: Floats
    u: Floats
    rejected: Floats
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, list[float | None]]:
        """Return the columns in which anything is said, as plain numbers."""
        columns = {name: getattr(self, name).tolist() for name in (*NUMBERS, "rejected")}
        return {
            name: [None if math.isnan(one) else one for one in found]
            for name, found in columns.items()
            if not all(map(math.isnan, found))
        }

    @classmethod
    def from_dict(
        cls,
        columns: Mapping[str, Sequence[float | None]],
        *,
        size: int,
        notes: tuple[str, ...] = (),
    ) -> Claims:
        """Return the claims of so many comparisons from what `to_dict` gave."""
        nothing = [None] * size
        return cls(
            **{
                name: np.array(
                    [math.nan if one is None else one for one in columns.get(name, nothing)]
                )
                for name in (*NUMBERS, "rejected")
            },
            notes=notes,
        )


@dataclass(frozen=True)
class Asked:
    """What a plan asks for; made once, for many results.

    Attributes
    ----------
    comparisons : of the plan, in its order.
    places : where a comparison stands among them, by endpoint, treated and control (in several
        places where several families make it), and by these and its family.
    """

    comparisons: tuple[Comparison, ...]
    places: Mapping[tuple[str, ...], tuple[int, ...]]

    @classmethod
    def of(cls, plan: AnalysisPlan) -> Asked:
        """Return what a plan asks for."""
        comparisons = plan.comparisons
        places: dict[tuple[str, ...], tuple[int, ...]] = {}
        for k, one in enumerate(comparisons):
            names = (one.endpoint, one.treated, one.control)
            places[names] = (*places.get(names, ()), k)
            places[*names, one.family] = (k,)
        return cls(comparisons, places)


def read_claims(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], asked: Asked, *, source: str
) -> Claims:
    """Return what the rows of a result say.

    Rows of comparisons that the plan does not have are an error: a mistyped name would otherwise
    be a comparison of which nothing is said. Comparisons without a row say nothing.

    Parameters
    ----------
    columns : names, in the order of the cells; others than ours are not read, and noted where they
        are like ours. A column ``family`` tells apart what the plan compares in several families;
        without it a row is of each.
    rows : cells as text, numbers, truth values or None.
    source : what to call the result in an error.

    Raises
    ------
    DataError : a required column is missing, a cell cannot be read, or a row is of no comparison
        of the plan or of one that was there before; with the first problems of all of them.
    """
    names = [str(name).strip() for name in columns]
    problems = [
        Problem(name, f"column is missing{did_you_mean(name, names)}")
        for name in REQUIRED
        if name not in names
    ]
    if problems:
        raise DataError(source, problems)
    place: dict[str, int] = {
        name: names.index(name) for name in (*REQUIRED, *OPTIONAL, "family") if name in names
    }
    said = {name: [math.nan] * len(asked.comparisons) for name in (*NUMBERS, "rejected")}
    seen: dict[int, int] = {}
    for line, row in enumerate(rows, start=1):
        try:
            at = _which(row, place, asked)
            if at[0] in seen:
                text = f"is the same comparison as row {seen[at[0]]}"
                raise _CellError("endpoint", text)
            seen |= dict.fromkeys(at, line)
            for name, values in said.items():
                if name in place:
                    cell = row[place[name]]
                    value = _truth(cell) if name == "rejected" else _number(name, cell)
                    for k in at:
                        values[k] = value
        except _CellError as error:
            problems.append(Problem(error.column, f"row {line}: {error.message}"))
    if problems:
        more = len(problems) - _LISTED
        listed = problems[:_LISTED]
        if more > 0:
            listed.append(Problem("rows", f"and {more} more problems"))
        raise DataError(source, listed)
    notes = notes_of(names)
    return Claims(**{name: np.array(values) for name, values in said.items()}, notes=notes)


def notes_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Return hints at columns that are not read, from the names of all columns of a result."""
    return notes_on(tuple(columns), (*OPTIONAL, "family"))


class _CellError(Exception):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def _which(row: Sequence[Any], place: Mapping[str, int], asked: Asked) -> tuple[int, ...]:
    if len(row) <= max(place.values()):
        raise _CellError("cells", f"has {len(row)}, too few for the columns")
    columns = [name for name in ("endpoint", "treated", "control", "family") if name in place]
    names = tuple(str(row[place[name]]).strip() for name in columns)
    if names in asked.places:
        return asked.places[names]
    families = list(dict.fromkeys(one.family for one in asked.comparisons))
    if len(names) > 3 and names[3] not in families:
        text = f'"{names[3][:60]}" is not in the plan{did_you_mean(names[3], families)}'
        raise _CellError("family", text)
    endpoint, treated, control = names[:3]
    raise _CellError(*not_in_plan(endpoint, treated, control, asked.comparisons))


def _number(name: str, cell: Any) -> float:
    if cell is None:
        return math.nan
    try:
        value = math.nan if isinstance(cell, bool) else float(cell)
    except (TypeError, ValueError, OverflowError):
        if str(cell).strip().lower() in _MISSING:
            return math.nan
        raise _CellError(name, f'"{str(cell)[:60]}" is not a number') from None
    if isinstance(cell, bool):
        raise _CellError(name, f'"{cell}" is not a number')
    if name in ("p_value", "p_adjusted") and not (math.isnan(value) or 0 <= value <= 1 + _SLACK):
        raise _CellError(name, f"{value:g} is not between 0 and 1")
    return value


def _truth(cell: Any) -> float:
    text = "" if cell is None else str(cell).strip().lower()
    if text in _MISSING:
        return math.nan
    if text in _YES or text in _NO:
        return float(text in _YES)
    raise _CellError("rejected", f'"{text[:60]}" is neither TRUE nor FALSE')
