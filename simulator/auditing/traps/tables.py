"""The tables of the traps: a small cohort of the scenario with some of its values replaced."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from simulator.auditing.traps.numbers import Cell, Group
from simulator.scenario import Scenario
from simulator.tables import OBSERVATION_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

#: Animals in an arm of ratio 1: 8 v 8 has no more relabelings than a permutation test goes through.
ANIMALS: Final = 8
#: Cages, where the cage is the unit.
_CAGES: Final = 6
#: First number of the animals that are made up: far above those of the cohort.
_FIRST: Final = 101

#: Values by endpoint and arm.
Groups = Mapping[tuple[str, str], Group]


class Cohort:
    """One small cohort of a scenario: the first of its seed."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @cached_property
    def table(self) -> pd.DataFrame:
        """The observations, by endpoint and arm."""
        from simulator.trial.cohort.studies import Studies

        cages = self.scenario.analysis.unit == "cage"
        n = _CAGES * self.scenario.design.animals.per_cage if cages else ANIMALS
        observations, column = Studies(self.scenario, n=n).of(0)
        return observations.frame(column).reset_index(drop=True)

    def with_values(self, groups: Groups) -> pd.DataFrame:
        """Return the table with other animals in some arms of some endpoints.

        Every one of them has a cage of its own, so that the median of a cage is its value.
        """
        import pandas as pd

        parts = []
        left = dict(groups)
        for key, rows in self.table.groupby(["endpoint", "arm"], sort=False):
            endpoint, arm = map(str, key)
            group = left.pop((endpoint, arm), None)
            parts.append(rows if group is None else self._rows(endpoint, arm, group))
        parts += [self._rows(*key, group) for key, group in left.items()]
        parts = [part for part in parts if len(part)]  # an empty one would change the types
        if any(isinstance(cell, str) for group in groups.values() for cell in group.cells):
            parts = [part.assign(value=list(map(_written, part["value"]))) for part in parts]
        return pd.concat(parts, ignore_index=True)

    def _rows(self, endpoint: str, arm: str, group: Group) -> pd.DataFrame:
        import pandas as pd

        read = self.scenario.design.endpoints[endpoint]
        marks = group.marks or ("",) * len(group.cells)
        rows = [
            (f"{arm}-{k}", arm, f"{arm}-cage-{k}", endpoint, read.day, cell, read.unit, mark)
            for k, (cell, mark) in enumerate(zip(group.cells, marks, strict=True), start=_FIRST)
        ]
        return pd.DataFrame(rows, columns=list(OBSERVATION_COLUMNS))


def _written(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return "" if math.isnan(cell) else repr(float(cell))


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table as it is to be read: text in the column value is no value."""
    import pandas as pd

    return table.assign(value=pd.to_numeric(table["value"], errors="coerce"))


def shuffled(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in another order, the same at every call, the last of them first."""
    size = len(table)
    step = max(1, round(0.618 * size))
    while math.gcd(step, size) > 1:
        step += 1
    return table.iloc[[(size - 1 - k * step) % size for k in range(size)]].reset_index(drop=True)


def by_value(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in the order of their values."""
    return table.sort_values("value", kind="stable").reset_index(drop=True)


def arms_turned(table: pd.DataFrame, *, control: str) -> pd.DataFrame:
    """Return the blocks of the arms in another order, in which the control is not the first."""
    order = table["arm"].unique().tolist()[::-1]
    if order[0] == control:
        order = [*order[1:], control]
    endpoints = table["endpoint"].unique().tolist()
    place = table["endpoint"].map(endpoints.index) * len(order) + table["arm"].map(order.index)
    return table.iloc[place.argsort(kind="stable")].reset_index(drop=True)


def with_more_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with columns before and after ours, with names like those of a result."""
    found = table.copy()
    count = len(found)
    found.insert(0, "row", range(1, count + 1))
    found.insert(1, "p_value", 0.001)
    found["Value"] = [float(count - k) for k in range(count)]
    found["treatment"] = "yes"
    return found


def scaled(table: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Return the table in another unit."""
    return table.assign(value=table["value"] * factor)


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with numbers as the animals' ids."""
    import pandas as pd

    codes, _ = pd.factorize(table["subject_id"])
    return table.assign(subject_id=codes.astype("int64") + 1)


def renamed(table: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with other names of the arms."""
    return table.assign(arm=table["arm"].map(lambda arm: names.get(arm, arm)))
