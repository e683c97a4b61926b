"""ln AFC of every exposure of a study over the drug sensitivity of the animals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from simulator.compiled import kernel
from simulator.model.immune_response import ActiveRegimen, solve
from simulator.scenario import Scenario
from simulator.scenario.kinetics import Kinetics

#: Reach of the table in standard deviations of the sensitivity; animals beyond it (1 in 5e8)
#: are solved one by one.
REACH = 6.0
#: Distance of grid points in ln EC50 at a Hill coefficient of 1 (interpolation error < 1e-6).
GRID_STEP = 0.1

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Spline:
    """A cubic spline over evenly spaced points.

    Attributes
    ----------
    grid : (m + 1,) the points.
    coefficients : (m, 4) of each interval, for powers 0..3 of the distance from its left point.
    """

    grid: Floats
    coefficients: Floats

    @classmethod
    def through(cls, grid: Floats, values: Floats) -> Spline:
        """Return the not-a-knot spline through the values."""
        return cls(grid, np.ascontiguousarray(CubicSpline(grid, values).c[::-1].T))

    def __call__(self, x: Floats) -> Floats:
        """Return the values at ``x`` (any shape), NaN outside the grid."""
        found = np.empty(np.shape(x))
        _evaluate(self.grid, self.coefficients, np.ravel(x), found.reshape(-1))
        return found


@kernel
def _evaluate(grid: Floats, coefficients: Floats, x: Floats, found: Floats) -> None:
    """Write the values of a spline; the interval follows from the even spacing."""
    last = coefficients.shape[0] - 1
    start, end = grid[0], grid[last + 1]
    per_step = (last + 1) / (end - start)
    for i in range(x.size):
        if not start <= x[i] <= end:
            found[i] = math.nan
            continue
        # a point taken for its neighbour's costs nothing: the spline is smooth there
        j = np.uint64(min((x[i] - start) * per_step, float(last)))
        c = coefficients[j]
        t = x[i] - grid[j]
        found[i] = c[0] + t * (c[1] + t * (c[2] + t * c[3]))


@dataclass(frozen=True)
class AfcCurve:
    """ln AFC of one exposure on one day: a spline over the sensitivity, and the model itself."""

    kinetics: Kinetics
    antigen: float
    immunized_on: float
    regimens: tuple[ActiveRegimen, ...]
    day: float
    spline: Spline | None
    reach: float
    at_zero: float

    def ln_afc(self, shift: Floats, *, exact: bool) -> Floats:
        """Return ln AFC (shape of ``shift``), interpolated inside the grid, solved outside."""
        if self.spline is None and not exact:
            return np.full(np.shape(shift), self.at_zero)
        if exact or self.spline is None:
            return self._solve(shift)
        found = self.spline(shift)
        if np.isnan(found.sum()):
            beyond = np.abs(shift) > self.reach
            found[beyond] = self._solve(shift[beyond])
        return found

    def _solve(self, shift: Floats) -> Floats:
        solved = solve(
            self.kinetics,
            antigen=self.antigen,
            immunized_on=self.immunized_on,
            regimens=self.regimens,
            shift=np.ravel(shift),
            days=[self.day],
        )
        return np.log(solved.afc[:, 0]).reshape(np.shape(shift))


class ExposureTables:
    """Solves each distinct exposure once, at every day that AFC or titer is read."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._solved: dict[tuple[ActiveRegimen, ...], dict[float, AfcCurve]] = {}
        self._plain_titer: dict[float, float] = {}

    def curve(self, regimens: tuple[ActiveRegimen, ...], *, day: float) -> AfcCurve:
        """Return ln AFC of an exposure on a day."""
        if regimens not in self._solved:
            self._solved[regimens] = self._solve(regimens)
        return self._solved[regimens][day]

    def plain_titer(self, day: float) -> float:
        """Return the titer (HAU) of the same immunization without any drug."""
        self.curve((), day=day)
        return self._plain_titer[day]

    def _solve(self, regimens: tuple[ActiveRegimen, ...]) -> dict[float, AfcCurve]:
        scenario = self._scenario
        immunization, rates = scenario.design.immunization, scenario.truth.kinetics
        days = sorted({e.day for e in scenario.design.endpoints.values() if e.immune})
        grid = self._grid(regimens)
        solved = solve(
            rates,
            antigen=immunization.dose,
            immunized_on=immunization.day,
            regimens=regimens,
            shift=grid,
            days=days,
        )
        if not regimens:
            self._plain_titer = dict(zip(days, solved.titer[0].tolist(), strict=True))
        ln_afc = np.log(solved.afc)
        return {
            day: AfcCurve(
                kinetics=rates,
                antigen=immunization.dose,
                immunized_on=immunization.day,
                regimens=regimens,
                day=day,
                spline=Spline.through(grid, ln_afc[:, column]) if grid.size > 1 else None,
                reach=float(grid[-1]),
                at_zero=float(ln_afc[grid.size // 2, column]),
            )
            for column, day in enumerate(days)
        }

    def _grid(self, regimens: Sequence[ActiveRegimen]) -> Floats:
        """Return shifts of ln EC50, odd in number and symmetric; a single 0 where none matters."""
        sd = self._scenario.truth.variability.sensitivity.sd_ln.value
        graded = [r for r in regimens if r.emax != 0.0]
        if sd == 0.0 or not graded:
            return np.zeros(1)
        step = GRID_STEP / max(1.0, *(r.hill for r in graded))
        half = max(4, math.ceil(REACH * sd / step))
        return np.linspace(-REACH * sd, REACH * sd, 2 * half + 1)
