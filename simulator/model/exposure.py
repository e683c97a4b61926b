"""From injections to the effect site: depot, plasma, effect site, all linear and so exact.

Time is in days, amounts in ug/kg. One effect site per substance and route; its doses superpose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from simulator.model.rate_kernels import propagate
from simulator.scenario.kinetics import Exposure


@dataclass(frozen=True)
class ActiveRegimen:
    """Every dose of one substance by one route, and what it does to the response.

    Attributes
    ----------
    substance, route : whose effect site this is.
    doses : (day, ug/kg) of every injection, ascending.
    on : the rate that is multiplied: ``division`` or ``recruitment``.
    emax, ec50, hill : factor ``1 + emax * E^hill / (ec50^hill + E^hill)``, ec50 in ug/kg;
        ``emax`` 0 where the effect is a constant rise.
    rise : factor ``1 + rise`` from the instant of the first dose on, for ever.
    """

    substance: str
    route: str
    doses: tuple[tuple[float, float], ...]
    on: str = "division"
    emax: float = 0.0
    ec50: float = 1.0
    hill: float = 1.0
    rise: float = 0.0


@dataclass(frozen=True)
class Absorption:
    """Rates (per day) of one route: ``ka`` is None for a bolus into plasma (IV)."""

    ka: float | None
    F: float
    kel: float
    ke0: float

    @property
    def fastest(self) -> float:
        """Fastest rate, per day; it sets the step of the integration."""
        return max(self.ka or 0.0, self.kel, self.ke0)


def absorption(exposure: Exposure, *, route: str) -> Absorption:
    """Return the rates of a route; IV is a bolus: C = dose * exp(-kel * t)."""
    kel, ke0 = exposure.kel.value, exposure.ke0.value
    if route == "IV":
        return Absorption(None, 1.0, kel, ke0)
    given = getattr(exposure, route)
    return Absorption(given.ka.value, given.F.value, kel, ke0)


def plasma(time: NDArray[np.float64], *, dose: float, rates: Absorption) -> NDArray[np.float64]:
    """Return the plasma concentration (ug/kg) after one dose at time 0.

    Bateman's function, F*D*ka/(ka-kel) * (exp(-kel t) - exp(-ka t)), written with ``expm1`` so
    that its limit at ka = kel, F*D*k*t*exp(-k t), needs no special case.

    Parameters
    ----------
    time : days since the dose, any shape; zero before it.
    dose : ug/kg.
    rates : of the route.
    """
    t = np.maximum(np.asarray(time, dtype=np.float64), 0.0)
    amount = rates.F * dose * np.exp(-rates.kel * t)
    if rates.ka is None:
        return np.where(np.asarray(time) >= 0.0, amount, 0.0)
    gap = (rates.ka - rates.kel) * t
    safe = np.where(np.abs(gap) < 1e-12, 1.0, gap)
    ratio = np.where(np.abs(gap) < 1e-12, 1.0, -np.expm1(-safe) / safe)
    return amount * rates.ka * t * ratio


def _flow(rates: Absorption) -> NDArray[np.float64]:
    """Return the matrix of (depot, plasma, effect site)' = matrix @ state."""
    ka = rates.ka or 0.0
    return np.array([[-ka, 0, 0], [ka, -rates.kel, 0], [0, rates.kel, -rates.ke0]], dtype=float)


def effect_site(
    doses: Sequence[tuple[float, float]],
    *,
    rates: Absorption,
    starts: NDArray[np.float64],
    ends: NDArray[np.float64],
    counts: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the effect-site concentration at the start, middle and end of every step.

    ``E' = kel*C - ke0*E`` with C by superposed doses, propagated by matrix exponentials: exact
    at every point whatever the step, and without the degenerate cases of the closed form.

    Parameters
    ----------
    doses : (day, ug/kg), ascending. Every dose after the first start must be a start.
    starts, ends, counts : segments without a dose inside, and their number of equal steps.

    Returns
    -------
    array (sum of counts, 3), ug/kg.
    """
    flow = _flow(rates)
    entry = np.array([0.0, rates.F, 0.0]) if rates.ka is None else np.array([rates.F, 0.0, 0.0])
    state, now, given = np.zeros(3), -math.inf, 0
    out = np.empty((int(counts.sum()), 3))
    row = 0
    for start, end, count in zip(starts, ends, counts, strict=True):
        while given < len(doses) and doses[given][0] <= start:
            day, mass = doses[given]
            if math.isfinite(now):
                state = expm(flow * (day - now)) @ state
            state, now, given = state + entry * mass, day, given + 1
        if math.isfinite(now):
            state, now = expm(flow * (start - now)) @ state, float(start)
        half = expm(flow * ((end - start) / (2 * count)))
        state = propagate(half, state, out[row : row + count])
        now = float(end) if math.isfinite(now) else now
        row += int(count)
    return out
