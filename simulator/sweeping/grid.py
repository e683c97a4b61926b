"""The designs of a sweep, by number: a product that is never written out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from simulator.scenario.decision import Sweep
from simulator.scenario_files.laying import shown


@dataclass(frozen=True)
class Point:
    """One design of a sweep.

    Attributes
    ----------
    number : from 1, in the order of the file; the last path of the grid runs fastest.
    name : of the named design; empty where there are none.
    overrides : value by path, as the file writes them.
    """

    number: int
    name: str
    overrides: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What to call it: its number, its name, its values."""
        values = ", ".join(f"{path}: {shown(value)}" for path, value in self.overrides.items())
        named = " ".join(part for part in (f"design {self.number}", self.name) if part)
        return f"{named} ({values})" if values else named


class Grid(Sequence[Point]):
    """All designs of a sweep. Holds the lists, not the product."""

    def __init__(self, sweep: Sweep) -> None:
        self.named: dict[str, dict[str, Any]] = {
            name: dict(overrides) for name, overrides in sweep.designs.items()
        }
        self.axes: dict[str, tuple[Any, ...]] = {
            path: tuple(values) for path, values in sweep.grid.items()
        }
        self._names = list(self.named) or [""]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that some design changes: those of the grid, then those of named designs."""
        named = [path for overrides in self.named.values() for path in overrides]
        return tuple(dict.fromkeys([*self.axes, *named]))

    def __len__(self) -> int:
        return len(self._names) * math.prod(len(values) for values in self.axes.values())

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Point]: ...
    def __getitem__(self, index: int | slice) -> Point | Sequence[Point]:
        if isinstance(index, slice):
            return [self[k] for k in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        rest, chosen = index, {}
        for path, values in reversed(self.axes.items()):
            rest, k = divmod(rest, len(values))
            chosen[path] = values[k]
        name = self._names[rest]
        grid = {path: chosen[path] for path in self.axes}
        return Point(index + 1, name, {**self.named.get(name, {}), **grid})

    def __iter__(self) -> Iterator[Point]:
        return (self[index] for index in range(len(self)))

    def at(self, name: str, places: Mapping[str, int]) -> Point:
        """Return the design of a name (empty: none) with these values, by their places in the
        lists; the first of every path that is not named.
        """
        index = self._names.index(name) if name else 0
        for path, values in self.axes.items():
            index = index * len(values) + places.get(path, 0)
        return self[index]
