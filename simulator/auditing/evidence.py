"""What an analysis said of many data sets, beside what the plan says of the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.multiplicity import rejected
from simulator.auditing.outcome import Failure
from simulator.scenario import AnalysisPlan

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: The scenario as it is written, and its null twin, in which nothing has an effect.
World = Literal["as written", "null"]
WORLDS: tuple[World, ...] = ("as written", "null")


@dataclass(frozen=True)
class FailedRun:
    """A data set of which the analysis made nothing."""

    world: World
    replicate: int
    failure: Failure
    message: str


@dataclass(frozen=True)
class Evidence:
    """One world's replicates; arrays are (replicates, comparisons of the plan).

    Attributes
    ----------
    p_value, p_adjusted, estimate, ci_low, ci_high, u, rejected : what the analysis said, NaN
        where nothing; ``rejected`` is 1, 0 or NaN. Rows of failed runs are NaN.
    plan_p_value, plan_p_adjusted, plan_u, plan_estimate : the plan's own, NaN where there is none
        (``plan_estimate`` also where the analysis gave no estimate).
    plan_rejected : of bool.
    failed : runs without a result.
    notes : hints at what the analysis wrote that was not read.
    """

    world: World
    plan: AnalysisPlan
    p_value: Floats
    p_adjusted: Floats
    estimate: Floats
    ci_low: Floats
    ci_high: Floats
    u: Floats
    rejected: Floats
    plan_p_value: Floats
    plan_p_adjusted: Floats
    plan_u: Floats
    plan_estimate: Floats
    plan_rejected: Bools
    failed: tuple[FailedRun, ...]
    notes: tuple[str, ...] = ()

    @property
    def replicates(self) -> int:
        """Data sets that the analysis was given."""
        return int(self.p_value.shape[0])

    @cached_property
    def ran(self) -> Bools:
        """Which replicates have a result, shape (replicates,)."""
        found = np.ones(self.replicates, dtype=np.bool_)
        found[[one.replicate for one in self.failed]] = False
        return found

    @cached_property
    def decisions(self) -> Bools:
        """What the analysis rejects: as it says, else by its adjusted p, else by its p."""
        alpha = np.array([self.plan.families[c.family].alpha for c in self.plan.comparisons])
        p = np.where(np.isnan(self.p_adjusted), self.p_value, self.p_adjusted)
        return np.where(np.isnan(self.rejected), rejected(p, alpha), self.rejected == 1)

    def covers(self, k: int, truth: float) -> tuple[Bools, Bools]:
        """Return which replicates have an interval of a comparison, and which hold the truth.

        An end within a relative 1e-9 of the truth holds it: of counts and titers ends and truth are
        often one number, computed in two ways.

        Parameters
        ----------
        k : place of the comparison.
        truth : the true value, on the scale of the intervals.
        """
        low, high = self.ci_low[:, k], self.ci_high[:, k]
        given = ~(np.isnan(low) | np.isnan(high))
        slack = 1e-9 * abs(truth)
        return given, given & (low <= truth + slack) & (truth - slack <= high)

    def says(self, name: str) -> bool:
        """Return whether the analysis ever says anything in a column."""
        values: Floats = getattr(self, name)
        return not bool(np.isnan(values).all())


#: The evidence of both worlds.
Both = Mapping[World, Evidence]
