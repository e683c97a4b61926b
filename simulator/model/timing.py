"""What realised times do to the immune response: late readings, late and missed doses.

Two things act. The reading comes some days after the immunization, and after its peak ln AFC
falls by about 0.6 a day. And every dose comes at its own time after the immunization: what the
blasts do not divide without the drug is not made up for later. All times here are relative to
the animal's own immunization: one that is equally late with everything is as planned.

Times act in the kinetic model only; stated folds and dose curves hold whenever one reads.
"""

from __future__ import annotations

from threading import RLock

import numpy as np
from numpy.typing import NDArray

from simulator.model.immune_response import solve
from simulator.model.kinetic_table import REACH
from simulator.model.regimens import active_regimens
from simulator.model.response_table import titer_exponent
from simulator.model.timed_course import TimedCourse
from simulator.model.timed_fold import TimedFold
from simulator.scenario import Scenario

Floats = NDArray[np.float64]

#: The grid of sensitivities is as fine as linear interpolation needs to be this close in ln
#: response, for readings and doses that are this late or early.
TOLERANCE, PROBED = 1e-4, 4 / 24
#: Points of the grid: the first that will do, at worst the last.
SIZES = (5, 9, 17, 33, 65, 129)
#: Days between points of the drug-free response's table, read linearly (error below 1e-4 of ln).
PLAIN_STEP = 0.01


class TimingTable:
    """ln response of animals at their realised times, minus that at the planned times.

    Parameters
    ----------
    scenario : resolved scenario.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._courses: dict[str, TimedCourse] = {}
        self._grids: dict[tuple[str, str], Floats] = {}
        self._folds: dict[object, TimedFold] = {}
        self._drug_free: dict[str, Floats] = {}
        self._lock = RLock()

    def rounds(self, arm: str) -> tuple[float, ...]:
        """Return the planned days (D,) of the doses that can change a reading, ascending.

        Left out: substances without an effect, and doses planned after the last reading.
        """
        return self._course(arm).rounds

    def grid(self, arm: str, endpoint: str) -> Floats:
        """Return the sensitivities (G,), evenly spaced shifts of ln EC50, of the answers.

        Between them the answers are to be read linearly. A single 0 where an animal's
        sensitivity does not matter.
        """
        key = (arm, endpoint)
        with self._lock:
            if key not in self._grids:
                self._grids[key] = self._choose(arm, endpoint)
            return self._grids[key]

    def change(
        self,
        arm: str,
        endpoint: str,
        *,
        interval: Floats,
        delays: Floats,
        exact: bool = False,
    ) -> Floats | None:
        """Return ln expected response at the realised times minus at the planned (M, G).

        None where times do not act: endpoints without the kinetic model. A row's answer does not
        depend on the other rows.

        Parameters
        ----------
        arm, endpoint : ids.
        interval : (M,) lateness of the sampling minus that of the immunization, days.
        delays : (M, D) lateness of each dose minus that of the immunization, days; infinite for
            a dose that is never given.
        exact : solve every row; else those near the planned times are read off polynomials,
            within 5e-4 of that (``delay_polynomial``).

        Raises
        ------
        ValueError : the shapes do not fit, or a time is not a number.
        """
        if not self._acts(endpoint):
            return None
        interval, delays = np.asarray(interval, dtype=float), np.asarray(delays, dtype=float)
        wanted = (interval.size, len(self.rounds(arm)))
        if interval.ndim != 1 or delays.shape != wanted:
            raise ValueError(f"delays: {delays.shape}, where {wanted} is due")
        if not (np.isfinite(interval).all() and (delays > -np.inf).all()):
            raise ValueError("a realised time is not a number")
        return self._change(arm, endpoint, interval, delays, self.grid(arm, endpoint), exact)

    def missed(
        self, arm: str, endpoint: str, *, patterns: NDArray[np.bool_] | None = None
    ) -> Floats | None:
        """Return ln expected response without some doses minus with all, at planned times.

        None where times do not act. Effects of several missed doses do not add up (with five
        daily doses the sum is off by up to 0.6 for two, 1.3 for three): name them together.

        Parameters
        ----------
        arm, endpoint : ids.
        patterns : (K, D) which of the doses are missed; by default each one alone (K = D).

        Returns
        -------
        array (K, G).

        Raises
        ------
        ValueError : the shape does not fit.
        """
        if not self._acts(endpoint):
            return None
        count = len(self.rounds(arm))
        patterns = np.eye(count, dtype=np.bool_) if patterns is None else patterns
        if patterns.ndim != 2 or patterns.shape[1] != count:
            raise ValueError(
                f"patterns: {patterns.shape}, where {(patterns.shape[0], count)} is due"
            )
        never = np.where(patterns, np.inf, 0.0)
        grid = self.grid(arm, endpoint)
        return self._change(arm, endpoint, np.zeros(len(never)), never, grid, True)

    def _acts(self, endpoint: str) -> bool:
        kinetic = self._scenario.truth.response_of(endpoint).model == "kinetic"
        return kinetic and self._scenario.design.endpoints[endpoint].immune

    def _course(self, arm: str) -> TimedCourse:
        if arm not in self._courses:
            endpoints = self._scenario.design.endpoints
            read = [endpoint.day for key, endpoint in endpoints.items() if self._acts(key)]
            last = max(read, default=-np.inf)
            # where no times act, nothing else of the regimens is asked for
            given = active_regimens(self._scenario, arm) if read else ()
            regimens = tuple(r for r in given if r.emax != 0.0 or r.rise != 0.0)
            rounds = sorted({day for r in regimens for day, _ in r.doses if day <= last})
            self._courses[arm] = TimedCourse(
                self._scenario.truth.kinetics,
                self._scenario.design.immunization.dose,
                regimens,
                tuple(rounds),
            )
        return self._courses[arm]

    def _exponent(self, arm: str) -> float:
        """Return the power of the AFC fold that the titer follows."""
        return titer_exponent(self._scenario, active_regimens(self._scenario, arm))

    def _change(
        self,
        arm: str,
        endpoint: str,
        interval: Floats,
        delays: Floats,
        shift: Floats,
        exact: bool,
    ) -> Floats:
        read = self._scenario.design.endpoints[endpoint]
        planned = read.day - self._scenario.design.immunization.day
        # titer = titer without drugs * (AFC fold) ^ exponent, all at the realised interval
        titer = read.kind == "titer"
        exponent = self._exponent(arm) if titer else 1.0
        with self._lock:
            plain = self._plain("titer" if titer else "afc", planned + np.append(interval, 0.0))
            changed = (plain[:-1] - plain[-1])[:, None]
            if not (self._course(arm).regimens and exponent):
                return np.repeat(changed, shift.size, axis=1)
            fold = self._fold(arm, planned, shift)
            found: Floats = changed + exponent * fold.change(interval, delays, exact=exact)
            return found

    def _fold(self, arm: str, planned: float, shift: Floats) -> TimedFold:
        """Return the fold of what an arm gets; arms that get the same share it."""
        course = self._course(arm)
        key = course.regimens, course.rounds, planned, shift.tobytes()
        if key not in self._folds:
            self._folds[key] = TimedFold(
                course,
                read=planned,
                zero=self._scenario.design.immunization.day,
                shift=shift,
                plain=lambda read: self._plain("afc", read),
            )
        return self._folds[key]

    def _plain(self, what: str, read: Floats) -> Floats:
        """Return ln of AFC or titer without any drug at days since the immunization."""
        points = 1 + round((int(max(0.0, read.max(initial=0.0))) + 1) / PLAIN_STEP)
        if not self._drug_free or self._drug_free[what].size < points:
            solved = solve(
                self._scenario.truth.kinetics,
                antigen=self._scenario.design.immunization.dose,
                days=(PLAIN_STEP * np.arange(points)).tolist(),
            )
            self._drug_free = {"afc": np.log(solved.afc[0]), "titer": np.log(solved.titer[0])}
        table = self._drug_free[what]
        return np.interp(read / PLAIN_STEP, np.arange(table.size), table)

    def _choose(self, arm: str, endpoint: str) -> Floats:
        """Return the coarsest grid that linear interpolation can live with."""
        sd = self._scenario.truth.variability.sensitivity.sd_ln.value
        graded = any(r.emax != 0.0 for r in self._course(arm).regimens)
        titer = self._scenario.design.endpoints[endpoint].kind == "titer"
        flat = titer and not self._exponent(arm)
        if not (sd and graded and self._acts(endpoint)) or flat:
            return np.zeros(1)
        count = len(self.rounds(arm))
        late = np.vstack([np.eye(count), np.ones((2, count)), np.zeros((1, count))])
        late[count] *= -1.0
        interval = np.append(np.zeros(count + 2), PROBED)
        finest = np.linspace(-REACH * sd, REACH * sd, SIZES[-1])
        probes = self._change(arm, endpoint, interval, PROBED * late, finest, True)
        for size in SIZES[:-1]:
            stride = (SIZES[-1] - 1) // (size - 1)
            coarse = finest[::stride]
            read = [np.interp(finest, coarse, probe[::stride]) for probe in probes]
            if np.abs(np.array(read) - probes).max() < TOLERANCE:
                return coarse.copy()
        return finest
