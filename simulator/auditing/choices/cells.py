"""What an analysis said of the comparisons of some data sets, beside what the plan says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.auditing.agreement import equal_p, printed_as
from simulator.auditing.choices.data_set import Bools, DataSet, Floats, Ints
from simulator.auditing.evidence import WORLDS, Both, Evidence, World
from simulator.scenario import AnalysisPlan

if TYPE_CHECKING:
    import pandas as pd

#: The observations of a replicate, as the analysis was given them.
Frame = Callable[[World, int], "pd.DataFrame"]


class Cells:
    """Comparisons of data sets; arrays are (data sets, comparisons of the plan).

    Parameters
    ----------
    frame : observations of a replicate of a world; asked for as they are needed, in order.
    most : data sets of each world: the first in which the analysis differs from the plan, and
        for a quarter at least, if there are, the first in which it does not.

    Attributes
    ----------
    printed : how the p-values of the analysis are rounded.
    said, own : p-values of the analysis and of the plan.
    there : where both have one.
    same : where they are equal.
    """

    def __init__(self, runs: Both, frame: Frame, plan: AnalysisPlan, *, most: int) -> None:
        self.plan, self._frame = plan, frame
        self.printed = printed_as(
            np.concatenate([run.p_value[run.ran].ravel() for run in runs.values()])
        )
        chosen = {world: _chosen(runs[world], self, most) for world in WORLDS if world in runs}
        self._where = [
            (world, replicate) for world, found in chosen.items() for replicate in found.tolist()
        ]
        self._chosen, self._runs = chosen, runs
        self._data: dict[int, DataSet] = {}
        self.said, self.own = self.column("p_value"), self.column("plan_p_value")
        self.there: Bools = ~(np.isnan(self.said) | np.isnan(self.own))
        self.same: Bools = self.equal(self.said, self.own)

    def column(self, name: str) -> Floats:
        """Return a column of the evidence."""
        found = [getattr(self._runs[world], name)[at] for world, at in self._chosen.items()]
        return np.concatenate(found) if found else np.zeros((0, len(self.plan.comparisons)))

    def equal(self, said: Floats, other: Floats) -> Bools:
        """Return which p-values are equal, as far as those of the analysis are printed."""
        return equal_p(said, other, printed=self.printed)

    @property
    def size(self) -> int:
        """Data sets."""
        return len(self._where)

    @property
    def null(self) -> NDArray[np.bool_]:
        """Which data sets are of the world without effects."""
        return np.array([world == "null" for world, _ in self._where], dtype=np.bool_)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Of the plan's comparisons, in their order."""
        return tuple(dict.fromkeys(one.endpoint for one in self.plan.comparisons))

    def of(self, endpoint: str) -> Ints:
        """Return the places of an endpoint's comparisons."""
        found = [k for k, one in enumerate(self.plan.comparisons) if one.endpoint == endpoint]
        return np.array(found, dtype=np.int64)

    def frame(self, number: int) -> pd.DataFrame:
        """Return the observations of a data set."""
        return self._frame(*self._where[number])

    def data(self, number: int) -> DataSet:
        """Return a data set."""
        if number not in self._data:
            self._data[number] = DataSet(self.frame(number), self.plan)
        return self._data[number]


def _chosen(run: Evidence, cells: Cells, most: int) -> Ints:
    differs = ~cells.equal(run.p_value, run.plan_p_value).all(axis=1)
    differing, alike = np.flatnonzero(run.ran & differs), np.flatnonzero(run.ran & ~differs)
    first = differing[: max(most * 3 // 4, most - alike.size)]
    return np.sort(np.concatenate([first, alike[: most - first.size]]))
