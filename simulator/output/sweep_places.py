"""What stands where in the figure of a sweep: paths for columns, rows and lines, values drawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.scenario_files.laying import shown
from simulator.sweeping.grid import Grid, Point

#: Most columns, rows and lines of the figure.
_COLUMNS, _ROWS, _CURVES = 5, 5, 5
#: Most values that the caption lists as left out.
_LISTED = 12
#: The "path" of the names of named designs.
_NAME = "design"


@dataclass(frozen=True)
class Axis:
    """Values of a swept path that are drawn.

    Attributes
    ----------
    values : all of them; ``drawn`` are the indices of those in the figure.
    fold : whether numbers are folds over control.
    """

    path: str
    values: tuple[Any, ...]
    drawn: tuple[int, ...] = (0,)
    fold: bool = False

    def word(self, index: int) -> str:
        """Return a value as one says it."""
        value = self.values[index]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{shown(value)}-fold" if self.fold and number else shown(value)

    def named(self, place: int) -> str:
        """Return the value at a place of the figure with its path; a named design by its name."""
        value = self.word(self.drawn[place])
        return value if self.path == _NAME else f"{short(self.path)}: {value}"

    @property
    def not_drawn(self) -> str:
        """The values that are left out, the first of very many."""
        rest = [self.word(k) for k in range(len(self.values)) if k not in self.drawn]
        more = f" and {len(rest) - _LISTED} more" if rest[_LISTED:] else ""
        return f"{short(self.path)} {', '.join(rest[:_LISTED])}{more}" if rest else ""


@dataclass(frozen=True)
class Places:
    """What stands where: a swept path for the columns, the rows and the lines of the figure."""

    columns: Axis
    rows: Axis
    lines: Axis
    left_out: tuple[str, ...]


def planned(grid: Grid, folds: Collection[str] = ()) -> Places:
    """Give the first paths of the sweep their places; lines come before rows."""
    axes: list[tuple[str, tuple[Any, ...]]] = []
    if grid.named:
        axes.append((_NAME, tuple(grid.named)))
    axes += [(path, values) for path, values in grid.axes.items() if len(values) > 1]
    if not axes:
        axes = list(grid.axes.items())[:1]
    nothing: tuple[str, tuple[Any, ...]] = ("", (None,))
    if len(axes) == 1:
        places = [nothing, nothing, axes[0]]
        if len(axes[0][1]) > _CURVES:
            places = [axes[0], nothing, nothing]
    elif len(axes) == 2:
        places = [axes[0], nothing, axes[1]]
    else:
        places = [axes[0], axes[1], axes[2]]
    cut = [
        Axis(path, values, _spread(values, most), path in folds)
        for (path, values), most in zip(places, (_COLUMNS, _ROWS, _CURVES), strict=True)
    ]
    held = [Axis(path, values, fold=path in folds) for path, values in axes[3:]]
    left_out = [axis.not_drawn for axis in (*cut, *held) if axis.path and axis.not_drawn]
    return Places(cut[0], cut[1], cut[2], tuple(left_out))


def _spread(values: Sequence[Any], most: int) -> tuple[int, ...]:
    """Return the indices of values spread over all of them, with the smallest and the largest."""
    count = len(values)
    if count <= most:
        return tuple(range(count))
    order = sorted(range(count), key=lambda k: _size(values[k]))  # equal ones as in the file
    places = np.linspace(0, count - 1, most).round().astype(int)
    return tuple(sorted(order[place] for place in places))


def _size(value: Any) -> float:
    """Return the number that a value begins with; 0 where it is none, so that order stays."""
    if isinstance(value, int | float):
        return float(value)
    first = str(value).split("%")[0].split()
    try:
        return float(first[0]) if first else 0.0
    except ValueError:
        return 0.0


def points_of(grid: Grid, plan: Places) -> Sequence[tuple[int, int, int, Point]]:
    """Return column, row, line and design of every curve."""
    found = []
    for c, column in enumerate(plan.columns.drawn):
        for r, row in enumerate(plan.rows.drawn):
            for k, line in enumerate(plan.lines.drawn):
                places, name = {}, ""
                for axis, at in ((plan.columns, column), (plan.rows, row), (plan.lines, line)):
                    if axis.path == _NAME:
                        name = str(axis.values[at])
                    elif axis.path:
                        places[axis.path] = at
                if not name and grid.named:
                    name = next(iter(grid.named))
                found.append((c, r, k, grid.at(name, places)))
    return found


def short(path: str) -> str:
    """Return the end of a path, which tells what it is of."""
    parts = path.split(".")
    return ".".join(parts[-2:])
