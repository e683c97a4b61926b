"""The table that an analysis reads, replicate by replicate of a block."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.analysis.sample import Sample, sample_of
from simulator.analysis.samples import Samples
from simulator.assay import censoring
from simulator.tables import OBSERVATION_COLUMNS
from simulator.trial.block import CohortBlock
from simulator.trial.cohort.subjects import cage_id, subject_id

Bools = NDArray[np.bool_]

_MARKS = np.array(["", "below", "above"], dtype=object)


class Observations:
    """The observations of the replicates of a block.

    Who is read, where and when is the same in all of them and is made once; what is read differs.

    Parameters
    ----------
    block : of replicates.
    """

    def __init__(self, block: CohortBlock) -> None:
        self.block = block
        self._ordered: dict[tuple[str, str], tuple[NDArray[np.float64], list[int]]] = {}

    def frame(self, column: int) -> pd.DataFrame:
        """Return one replicate's table: one row per value that was read and is analysed.

        Parameters
        ----------
        column : which replicate of the block.
        """
        values, marks = self._values[column], self._marks[column]
        fixed, there = self._fixed, ~np.isnan(values)
        if not there.all():
            fixed, values, marks = fixed[there], values[there], marks[there]
        found = fixed.copy()  # a careless analysis may write into it
        found["value"] = values
        if marks.any():
            found["censored"] = _MARKS[marks]
        return found

    def samples(self, column: int) -> Samples:
        """Return one replicate's samples, as `analysis.samples.gather` makes them of its table."""
        block = self.block
        unit = block.scenario.analysis.unit
        found = {}
        for (key, arm), (first, last) in self._rows.items():
            cage = block.animals_of(key)[arm].cage if unit == "cage" else None
            if cage is None and not self._marked[key, arm][column]:
                ordered, counts = self._sorted(key, arm)  # with all others, the lost last
                size = counts[column]
                sample = Sample(ordered[column, :size], ordered[column, :size], animals=size)
            else:
                values = self._values[column, first:last]
                marks = self._marks[column, first:last]
                there = ~np.isnan(values)  # the table has no rows of the lost
                cage = None if cage is None else cage[there]
                sample = sample_of(values[there], marks[there] == 1, marks[there] == 2, cage)
            if sample.animals:
                found[key, arm] = sample
        arms = tuple(dict.fromkeys(arm for _, arm in found))
        endpoints = tuple(dict.fromkeys(key for key, _ in found))
        return Samples(arms, endpoints, found, unit)

    def _sorted(self, key: str, arm: str) -> tuple[NDArray[np.float64], list[int]]:
        """Return the values of an arm ascending, (replicates, animals), and how many are there."""
        if (key, arm) not in self._ordered:
            first, last = self._rows[key, arm]
            values = self._values[:, first:last]
            there = np.count_nonzero(~np.isnan(values), axis=1).tolist()
            self._ordered[key, arm] = np.sort(values, axis=1), there
        return self._ordered[key, arm]

    @cached_property
    def _marked(self) -> dict[tuple[str, str], Bools]:
        """In which replicates any value of an arm is outside its range."""
        found: dict[tuple[str, str], Bools] = {}
        for slot, (first, last) in self._rows.items():
            found[slot] = np.asarray(self._marks[:, first:last].any(axis=1))
        return found

    @cached_property
    def _rows(self) -> dict[tuple[str, str], tuple[int, int]]:
        """First and last row of every endpoint and arm."""
        found, row = {}, 0
        for key, arms in self.block.values.items():  # noqa: PD011 (not a data frame)
            for arm in self.block.animals_of(key):
                found[key, arm] = row, row + len(arms[arm])
                row += len(arms[arm])
        return found

    @cached_property
    def _values(self) -> NDArray[np.float64]:
        """All values, (replicates, rows)."""
        values = self.block.values  # noqa: PD011 (not a data frame)
        return np.concatenate([values[key][arm] for key, arm in self._rows]).T.copy()

    @cached_property
    def _marks(self) -> NDArray[np.int8]:
        """Places in the marks of values outside an assay's range, (replicates, rows)."""
        found = np.zeros(self._values.shape, dtype=np.int8)
        for (key, _), (first, last) in self._rows.items():
            flags = censoring(
                self.block.scenario.design.endpoints[key], self._values[:, first:last]
            )
            found[:, first:last] += (flags == "below") + 2 * (flags == "above")
        return found

    @cached_property
    def _fixed(self) -> pd.DataFrame:
        """The columns that are the same in every replicate."""
        rows = []
        for key, arm in self._rows:
            endpoint, animals = (
                self.block.scenario.design.endpoints[key],
                self.block.animals_of(key),
            )
            rows += [
                (
                    subject_id(animals[arm], k),
                    arm,
                    cage_id(animals[arm], k),
                    key,
                    endpoint.day,
                    endpoint.unit,
                )
                for k in range(animals[arm].n)
            ]
        names = [name for name in OBSERVATION_COLUMNS if name not in ("value", "censored")]
        found = pd.DataFrame(rows, columns=names).assign(value=0.0, censored="")
        return found[list(OBSERVATION_COLUMNS)]
