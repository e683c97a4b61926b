"""The kinetic immune response to one injection of erythrocytes (design 4).

Days, erythrocytes at 0, per spleen and per HAU::

    B' = N0*Ag/(Ag+KAg)*(1+Rmax*h)*on' + rho*g*(1+Emax*h)*B - (d+kS+muB)*B   dividing blasts
    P' = d*B + Pbg*dP - dP*P                                   IgM AFC per spleen
    S' = kS*B + gS*s((6-t)/0.3)*S - rS*S                       switched pool
    Q' = rS*S - dQ*Q                                           IgG AFC
    M' = kM*(P-Pbg) + Mnat*dM - dM*M      I' = kI*Q - dI*I     HA titer = M + I
    s(x) = 1/(1+exp(-x)); on = s((t-0.9)/0.1); off = s((t-3.7)/0.15); g = on*(1-off)
    d = d0*on + d1*off; h = E^n/(EC50^n+E^n)

At the immunization the animal is at rest (B=S=Q=I=0, P=Pbg, M=Mnat); doses before it move the
effect site only. Effects of several drugs multiply. The fixed step is proven against an
adaptive solver in ``tests/verification/test_kinetics.py``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from simulator.model.exposure import ActiveRegimen, absorption, effect_site
from simulator.model.rate_kernels import integrate
from simulator.scenario.kinetics import Kinetics

__all__ = ["ActiveRegimen", "ImmuneResponse", "solve"]

#: Longest step in days: ten steps per width (0.1 d) of the fastest switch.
LONGEST_STEP = 0.01
#: Shortest step in days, where a drug's own rates are fast.
SHORTEST_STEP = 0.001


@dataclass(frozen=True)
class ImmuneResponse:
    """Solution for G sensitivities at D days.

    Attributes
    ----------
    days : (D,) days asked for, in the order asked.
    afc : (G, D) IgM antibody-forming cells per spleen (P).
    igg_afc : (G, D) IgG antibody-forming cells per spleen (Q).
    titer : (G, D) hemagglutinin in HAU as the equations give it (M + I); the titer exponent of
        a substance is applied by ``response_table``.
    """

    days: tuple[float, ...]
    afc: NDArray[np.float64]
    igg_afc: NDArray[np.float64]
    titer: NDArray[np.float64]


def solve(
    kinetics: Kinetics,
    *,
    antigen: float,
    immunized_on: float = 0.0,
    regimens: Sequence[ActiveRegimen] = (),
    shift: ArrayLike = 0.0,
    days: Sequence[float],
) -> ImmuneResponse:
    """Solve the immune response for a set of drug sensitivities.

    Parameters
    ----------
    kinetics : rates.
    antigen : cells injected.
    immunized_on : study day of the immunization.
    regimens : what the arm gets, one entry per substance and route.
    shift : (G,) added to ln EC50 of every effect.
    days : study days to read; background on days up to the immunization.

    Raises
    ------
    FloatingPointError : the rates let the response grow beyond the range of numbers.
    """
    shifts = np.atleast_1d(np.asarray(shift, dtype=np.float64)).ravel()
    asked = sorted({float(day) for day in days if day > immunized_on})
    state = np.empty((shifts.size, len(asked), 6))
    if asked:
        _solve_after(kinetics, antigen, immunized_on, regimens, shifts, asked, state)
    full = np.empty((shifts.size, len(days), 6))
    for column, day in enumerate(days):
        full[:, column] = (
            state[:, asked.index(float(day))] if day > immunized_on else _rest(kinetics)
        )
    return ImmuneResponse(
        tuple(days), full[..., 1].copy(), full[..., 3].copy(), full[..., 4] + full[..., 5]
    )


def _rest(kinetics: Kinetics) -> NDArray[np.float64]:
    return np.array([0.0, kinetics.Pbg.value, 0.0, 0.0, kinetics.Mnat.value, 0.0])


def _solve_after(
    kinetics: Kinetics,
    antigen: float,
    zero: float,
    regimens: Sequence[ActiveRegimen],
    shifts: NDArray[np.float64],
    asked: list[float],
    out: NDArray[np.float64],
) -> None:
    graded = [r for r in regimens if r.emax != 0.0 and r.doses]
    paths = [absorption(kinetics.exposure, route=r.route) for r in graded]
    fastest = max((path.fastest for path in paths), default=0.0)
    step = max(SHORTEST_STEP, min(LONGEST_STEP, 0.25 / fastest)) if fastest else LONGEST_STEP
    dosed = {day for r in regimens for day, _ in r.doses if zero < day < asked[-1]}
    marks = np.array(sorted({zero, *asked, *dosed}))
    starts, ends = marks[:-1], marks[1:]
    counts = np.maximum(1, np.ceil((ends - starts) / step - 1e-9)).astype(np.int64)
    width = np.repeat((ends - starts) / counts, counts)
    within = np.concatenate([np.arange(count) for count in counts])
    left = np.repeat(starts, counts) + within * width
    time = left[:, None] + np.array([0.0, 0.5, 1.0]) * width[:, None] - zero
    sites = np.empty((len(graded), width.size, 3))
    for index, (regimen, path) in enumerate(zip(graded, paths, strict=True)):
        level = effect_site(regimen.doses, rates=path, starts=starts, ends=ends, counts=counts)
        sites[index] = np.maximum(level, 0.0) ** regimen.hill
    hill = np.array([r.hill for r in graded])
    ec50 = np.log(np.array([r.ec50 for r in graded]))
    integrate(
        width,
        forcing(kinetics, antigen, time),
        np.repeat(_rises(regimens, starts), counts, axis=0),
        sites,
        np.array([r.emax for r in graded]),
        np.exp(np.clip(hill * (ec50 + shifts[:, None]), -700.0, 700.0)),
        np.array([r.on == "division" for r in graded], dtype=np.bool_),
        _rates(kinetics),
        _rest(kinetics),
        np.cumsum(counts)[np.searchsorted(ends, asked)],
        out,
    )


def forcing(kinetics: Kinetics, antigen: float, time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return recruitment, division, differentiation, switched growth at times (T, 3)."""
    value = antigen / (antigen + kinetics.KAg.value) if antigen > 0 else 0.0
    on = expit((time - 0.9) / 0.1)
    off = expit((time - 3.7) / 0.15)
    growth = kinetics.gS.value * expit((6.0 - time) / 0.3) - kinetics.rS.value
    return np.stack(
        [
            kinetics.N0.value * value * on * (1.0 - on) / 0.1,
            kinetics.rho.value * on * (1.0 - off),
            kinetics.d0.value * on + kinetics.d1.value * off,
            growth,
        ],
        axis=-1,
    )


def _rises(regimens: Sequence[ActiveRegimen], starts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the constant factors (segments, 2) on division and recruitment, never below 0."""
    factors = np.ones((starts.size, 2))
    for regimen in regimens:
        if regimen.rise and regimen.doses:
            column = 0 if regimen.on == "division" else 1
            since = starts >= regimen.doses[0][0]
            factors[since, column] *= max(0.0, 1.0 + regimen.rise)
    return factors


def _rates(kinetics: Kinetics) -> NDArray[np.float64]:
    k = kinetics
    return np.array(
        [
            k.kS.value,
            k.muB.value,
            k.dP.value,
            k.Pbg.value,
            k.rS.value,
            k.dQ.value,
            k.kM.value,
            math.log(2) / k.igm_half_life.value,
            k.Mnat.value,
            k.kI.value,
            math.log(2) / k.igg_half_life.value,
        ]
    )
