"""One data set as a choice sees it: rows in the order of the table, then values to compare."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.units import one_per_cage
from simulator.scenario import AnalysisPlan, Comparison

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
#: Which arms a test of several arms takes: those of the plan's family, or all in the data.
Company = Literal["family", "data"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class Rows:
    """The rows of one endpoint and arm, in the order of the table.

    Attributes
    ----------
    subject, cage : in numbers; -1 where there is none.
    below, above : which values lie outside the assay's range.
    """

    subject: Ints
    recorded: Floats
    below: Bools
    above: Bools
    cage: Ints


@dataclass(frozen=True)
class Values:
    """The values of one arm that enter a test, in the order of the table, none missing.

    Attributes
    ----------
    recorded : as recorded; what a test of means takes.
    ranked : what a rank test takes: -inf below the range, inf above it.
    """

    recorded: Floats
    ranked: Floats

    @cached_property
    def ordered(self) -> Floats:
        """``ranked``, ascending."""
        return np.sort(self.ranked)

    def changed(self, change: Callable[[Floats], Floats]) -> Values:
        """Return values of which both kinds are changed alike."""
        return Values(change(self.recorded), change(self.ranked))


@dataclass(frozen=True)
class Contrast:
    """Two arms to compare, and the company that they are in.

    Attributes
    ----------
    company : values of several arms of the same endpoint, those compared among them.
    """

    treated: Values
    control: Values
    company: Callable[[Company], tuple[Values, ...]]

    @cached_property
    def counts(self) -> tuple[int, int, Ints]:
        """Twice U of the treated arm, the tie sum and the tie counts of the pooled sample."""
        return count_pairs(self.treated.ordered, self.control.ordered)

    @property
    def sizes(self) -> tuple[int, int]:
        """Values of the treated arm and of the control."""
        return self.treated.ranked.size, self.control.ranked.size


def values_of(rows: Rows, *, cages: bool) -> Values:
    """Return the values of some rows as the plan takes them.

    Parameters
    ----------
    cages : the median of every cage is one value.
    """
    used = ~np.isnan(rows.recorded)
    values, below, above = rows.recorded[used], rows.below[used], rows.above[used]
    if cages and values.size:
        values, below, above = one_per_cage(values, below, above, rows.cage[used])
    if not (below.any() or above.any()):
        return Values(values, values)
    return Values(values, np.where(below, -np.inf, np.where(above, np.inf, values)))


class DataSet:
    """A data set, with what was already computed of it.

    Parameters
    ----------
    observations : the table that the analysis was given.
    """

    def __init__(self, observations: pd.DataFrame, plan: AnalysisPlan) -> None:
        import pandas as pd

        self.observations, self.plan = observations, plan
        self.comparisons = plan.comparisons
        self.specs = {name: plan.spec(name) for name in plan.families}
        arm, arms = pd.factorize(observations["arm"])
        endpoint, endpoints = pd.factorize(observations["endpoint"])
        self.arms: tuple[str, ...] = tuple(map(str, arms))
        self.endpoints: tuple[str, ...] = tuple(map(str, endpoints))
        nothing = np.full(len(observations), -1)
        codes = {
            name: pd.factorize(observations[name])[0] if name in observations else nothing
            for name in ("subject_id", "cage")
        }
        marks = observations["censored"].to_numpy() if "censored" in observations else nothing
        columns: tuple[Any, ...] = (
            codes["subject_id"],
            observations["value"].to_numpy(dtype=np.float64),
            np.asarray(marks == "below", dtype=np.bool_),
            np.asarray(marks == "above", dtype=np.bool_),
            codes["cage"].astype(np.int64),
        )
        cell = endpoint * len(arms) + arm
        order = np.argsort(cell, kind="stable")
        self._rows: dict[tuple[str, str], Rows] = {}
        for rows in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
            where, who = divmod(int(cell[rows[0]]), len(arms))
            key = self.endpoints[where], self.arms[who]
            self._rows[key] = Rows(*(column[rows] for column in columns))
        self._kept: dict[Hashable, Any] = {}

    def rows(self, endpoint: str, arm: str) -> Rows:
        """Return the rows of one endpoint and arm; none where the table has none."""
        nothing = np.zeros(0, dtype=np.int64)
        no_marks = np.zeros(0, dtype=np.bool_)
        none = Rows(nothing, np.zeros(0), no_marks, no_marks, nothing)
        return self._rows.get((endpoint, arm), none)

    def subjects(self, arm: str) -> Ints:
        """Return the animals of an arm, of whatever endpoint, ascending."""
        found = [rows.subject for (_, who), rows in self._rows.items() if who == arm]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)

    def keep(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """Return what was made before under this key, or make it."""
        if key not in self._kept:
            self._kept[key] = make()
        found: _T = self._kept[key]
        return found

    def company(self, comparison: Comparison, which: Company) -> tuple[str, ...]:
        """Return the arms that a test of several arms takes."""
        if which == "data":
            return tuple(arm for arm in self.arms if (comparison.endpoint, arm) in self._rows)
        family = self.plan.families[comparison.family]
        return (comparison.control, *(arm for arm in family.arms if arm != comparison.control))
