"""Compiled inner loops of the kinetic model: formulas only, see ``immune_response``."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel


@kernel
def propagate(
    half: NDArray[np.float64], state: NDArray[np.float64], out: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Fill ``out`` (steps, 3) with the last compartment at start, middle, end of each step.

    ``half`` (3, 3) carries the state over half a step. Returns the state after the last step.
    """
    a, b, c = state[0], state[1], state[2]
    for step in range(out.shape[0]):
        out[step, 0] = c
        for point in (1, 2):
            a, b, c = (
                half[0, 0] * a + half[0, 1] * b + half[0, 2] * c,
                half[1, 0] * a + half[1, 1] * b + half[1, 2] * c,
                half[2, 0] * a + half[2, 1] * b + half[2, 2] * c,
            )
            out[step, point] = c
    return np.array([a, b, c])


@kernel
def integrate(
    width: NDArray[np.float64],
    forcing: NDArray[np.float64],
    rises: NDArray[np.float64],
    sites: NDArray[np.float64],
    emax: NDArray[np.float64],
    half_effect: NDArray[np.float64],
    on_division: NDArray[np.bool_],
    rates: NDArray[np.float64],
    start: NDArray[np.float64],
    reads: NDArray[np.int64],
    out: NDArray[np.float64],
) -> None:
    """Integrate the immune response by fourth-order Runge-Kutta for every sensitivity.

    Parameters
    ----------
    width : (T,) width of each step, days.
    forcing : (T, 3, 4) at start, middle, end of a step: recruitment N0*Ag/(Ag+KAg)*on',
        division rho*g, differentiation d, net growth of the switched pool.
    rises : (T, 2) constant factors on division and recruitment.
    sites : (K, T, 3) effect-site concentrations to the power of the Hill coefficient.
    emax : (K,); half_effect : (G, K) EC50 to the power of the Hill coefficient.
    on_division : (K,) whether the factor is on division (else on recruitment).
    rates : kS, muB, dP, Pbg, rS, dQ, kM, dM, Mnat, kI, dI.
    start : (6,) B, P, S, Q, M, I.
    reads : (D,) number of steps done when the state is read.
    out : (G, D, 6), filled.
    """
    ks, mub, dp, pbg, rs, dq, km, dm, mnat, ki, di = rates
    factor = np.empty((3, 2))
    k = np.empty((4, 6))
    y = np.empty(6)
    z = np.empty(6)
    for g in range(half_effect.shape[0]):
        y[:] = start
        read = 0
        while read < reads.shape[0] and reads[read] == 0:
            out[g, read] = y
            read += 1
        for step in range(width.shape[0]):
            h = width[step]
            for point in range(3):
                divide, recruit = rises[step, 0], rises[step, 1]
                for site in range(emax.shape[0]):
                    e = sites[site, step, point]
                    effect = max(0.0, 1.0 + emax[site] * (e / (half_effect[g, site] + e)))
                    if on_division[site]:
                        divide *= effect
                    else:
                        recruit *= effect
                factor[point, 0] = divide
                factor[point, 1] = recruit
            for stage in range(4):
                point = (stage + 1) // 2
                reach = 0.0 if stage == 0 else (h if stage == 3 else 0.5 * h)
                for i in range(6):
                    z[i] = y[i] + (reach * k[stage - 1, i] if stage > 0 else 0.0)
                d = forcing[step, point, 2]
                k[stage, 0] = (
                    forcing[step, point, 0] * factor[point, 1]
                    + (forcing[step, point, 1] * factor[point, 0] - d - ks - mub) * z[0]
                )
                k[stage, 1] = d * z[0] + dp * (pbg - z[1])
                k[stage, 2] = ks * z[0] + forcing[step, point, 3] * z[2]
                k[stage, 3] = rs * z[2] - dq * z[3]
                k[stage, 4] = km * (z[1] - pbg) + dm * (mnat - z[4])
                k[stage, 5] = ki * z[3] - di * z[5]
            for i in range(6):
                y[i] += h / 6.0 * (k[0, i] + 2.0 * k[1, i] + 2.0 * k[2, i] + k[3, i])
            while read < reads.shape[0] and reads[read] == step + 1:
                out[g, read] = y
                read += 1
    if not math.isfinite(out.sum()):
        raise FloatingPointError("the immune response left the range of numbers")
