"""AFC of animals that get one course of doses, each at its own times.

The equations of ``immune_response``, without the states that AFC does not need and with longer
steps, so that thousands of animals are solved one by one: nothing is assumed about
which dose was late, by how much, or together with which other. Changes of ln AFC are within
1.5e-4 of ``immune_response.solve``'s (``tests/verification/test_timing.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.model.exposure import Absorption, ActiveRegimen, absorption, effect_site
from simulator.model.immune_response import forcing
from simulator.model.timing_kernels import integrate_each
from simulator.scenario.kinetics import Kinetics

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Longest step in days: about one per width (0.1 d) of the fastest switch.
LONGEST_STEP = 0.08
#: For this long after a dose steps are shorter: at most this long, and this share of the fastest
#: time constant of a drug, because its effect saturates long before it has arrived.
AFTER_DOSE, STEP_AFTER_DOSE, SHARE_OF_FASTEST = 0.15, 0.025, 0.6
#: Points per day of the tables of time, at least; and per fastest time constant. Powers of two,
#: so that a longer table has exactly the same points.
POINTS, POINTS_OF_FASTEST = 512, 32


@dataclass(frozen=True)
class TimedCourse:
    """A course of doses whose times differ between animals.

    Attributes
    ----------
    kinetics : rates.
    antigen : cells injected.
    regimens : what the arm gets; planned times.
    rounds : (D,) planned study days of the doses that are looked at; others are left out.
    """

    kinetics: Kinetics
    antigen: float
    regimens: tuple[ActiveRegimen, ...]
    rounds: tuple[float, ...]

    def ln_afc(self, *, read: Floats, given: Floats, shift: Floats) -> Floats:
        """Return ln AFC (M, G) of M animals of G sensitivities.

        Parameters
        ----------
        read : (M,) days from the immunization to the reading.
        given : (M, D) days from the immunization to each dose; infinite for one never given.
        shift : (G,) added to ln EC50 of every effect.

        Raises
        ------
        FloatingPointError : the rates let the response grow beyond the range of numbers.
        """
        graded = [r for r in self.regimens if r.emax != 0.0]
        raising = [r for r in self.regimens if r.rise != 0.0]
        paths = [absorption(self.kinetics.exposure, route=r.route) for r in graded]
        fastest = max((path.fastest for path in paths), default=0.0)
        per_day = POINTS
        while per_day < POINTS_OF_FASTEST * fastest:
            per_day *= 2
        short = min(STEP_AFTER_DOSE, SHARE_OF_FASTEST / fastest) if fastest else LONGEST_STEP
        end = max(0.0, float(read.max()))
        earliest = min(0.0, float(given.min(initial=0.0)))
        hill = np.array([r.hill for r in graded])
        ln_ec50 = np.log(np.array([r.ec50 for r in graded]))
        exponent = hill[:, None] * (ln_ec50[:, None] + shift)
        k = self.kinetics
        found = np.empty((read.size, shift.size))
        integrate_each(
            read,
            given,
            np.array([LONGEST_STEP, short]),
            AFTER_DOSE if graded else 0.0,
            float(per_day),
            forcing(k, self.antigen, _times(end, per_day))[:, :3].copy(),
            np.array([k.kS.value + k.muB.value, k.dP.value, k.Pbg.value]),
            self._masses(graded),
            self._units(graded, end - earliest, per_day),
            hill,
            np.array([r.emax for r in graded]),
            np.exp(np.clip(exponent, -700.0, 700.0)),
            _on_division(graded),
            np.array([max(0.0, 1.0 + r.rise) for r in raising]),
            self._masses(raising, each=1.0) > 0.0,
            _on_division(raising),
            found,
        )
        return np.log(found, out=found)

    def _masses(self, regimens: Sequence[ActiveRegimen], *, each: float | None = None) -> Floats:
        masses = np.zeros((len(regimens), len(self.rounds)))
        for row, regimen in enumerate(regimens):
            for day, mass in regimen.doses:
                if day in self.rounds:
                    masses[row, self.rounds.index(day)] += mass if each is None else each
        return masses

    def _units(self, regimens: Sequence[ActiveRegimen], span: float, per_day: int) -> Floats:
        """Return the effect site's course after 1 ug/kg (K, U), exact at every point."""
        points = _times(span, per_day).size
        units = np.empty((len(regimens), points))
        for row, regimen in enumerate(regimens):
            units[row] = _unit(
                absorption(self.kinetics.exposure, route=regimen.route), points, per_day
            )
        return units


@lru_cache(maxsize=32)
def _unit(rates: Absorption, points: int, per_day: int) -> Floats:
    """Return the effect site's course after 1 ug/kg; arms and endpoints share it."""
    return effect_site(
        ((0.0, 1.0),),
        rates=rates,
        starts=np.zeros(1),
        ends=np.array([points / per_day]),
        counts=np.array([points]),
    )[:, 0]


def _times(span: float, per_day: int) -> Floats:
    """Return the points of a table that reaches beyond a number of days."""
    return np.arange((math.floor(span) + 2) * per_day) / per_day


def _on_division(regimens: Sequence[ActiveRegimen]) -> Bools:
    return np.array([r.on == "division" for r in regimens], dtype=np.bool_)
