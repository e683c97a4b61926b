"""Compiled inner loops of ``timed_course``: AFC of animals that each have their own times.

Only the two states that AFC needs (dividing blasts B and plaques P, see ``immune_response``) are
integrated; what depends on time alone is read off fine tables.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@kernel
def _insert(mark: float, starts: Floats, count: int) -> int:
    """Put a time into ascending times, the first ``count`` of ``starts``; return their number."""
    place = count
    while place > 0 and starts[place - 1] > mark:
        starts[place] = starts[place - 1]
        place -= 1
    starts[place] = mark
    return count + 1


@kernel
def _stretches(
    read: float, given: Floats, longest: Floats, after: float, starts: Floats, steps: Ints
) -> int:
    """Write the stretches between immunization, doses and reading; return how many.

    ``starts`` gets their starts, ascending, and the reading after the last; ``steps`` how many
    equal steps each is cut into, shorter ones for ``after`` days from every dose.
    """
    count = 1
    starts[0] = 0.0
    for dose in given:
        if 0.0 < dose < read:
            count = _insert(dose, starts, count)
            if 0.0 < after < read - dose:
                count = _insert(dose + after, starts, count)
    starts[count] = read
    for i in range(count):
        step = longest[0]
        for dose in given:
            if 0.0 < dose <= starts[i] < dose + after:
                step = longest[1]
        steps[i] = max(1, math.ceil((starts[i + 1] - starts[i]) / step - 1e-9))
    return count


@kernel
def _nodes(stretches: int, starts: Floats, steps: Ints, nodes: Floats) -> int:
    """Write the times of the start, middle and end of every step; return how many."""
    n = 0
    for s in range(stretches):
        half = (starts[s + 1] - starts[s]) / (2 * steps[s])
        for i in range(2 * steps[s]):
            nodes[n] = starts[s] + i * half
            n += 1
    nodes[n] = starts[stretches]
    return n + 1


@kernel
def _add_site(
    nodes: Floats, given: float, mass: float, per_day: float, unit: Floats, site: Floats
) -> None:
    """Add what one dose puts at the effect site."""
    for i in range(np.searchsorted(nodes, given, side="right"), nodes.size):
        age = (nodes[i] - given) * per_day
        j = int(age)
        site[i] += mass * (unit[j] + (age - j) * (unit[j + 1] - unit[j]))


@kernel
def _multiply(site: Floats, hill: float, emax: float, half_effect: Floats, factor: Floats) -> None:
    """Multiply a factor (nodes, G) by what a drug does at its effect site."""
    for i in range(site.size):
        if site[i] > 0.0:
            e = site[i] if hill == 1.0 else site[i] ** hill
            for g in range(half_effect.size):
                factor[i, g] *= max(0.0, 1.0 + emax * (e / (half_effect[g] + e)))


@kernel
def _look_up(nodes: Floats, per_day: float, forcing: Floats, forced: Floats) -> None:
    """Write recruitment, division and differentiation at the nodes."""
    for i in range(nodes.size):
        x = nodes[i] * per_day
        row = int(x)
        for c in range(3):
            low = forcing[row, c]
            forced[i, c] = low + (x - row) * (forcing[row + 1, c] - low)


@kernel
def _advance(
    width: float,
    node: int,
    forced: Floats,
    divide: Floats,
    recruit: Floats,
    rise: Floats,
    rates: Floats,
    blasts: Floats,
    plaques: Floats,
) -> None:
    """Take one fourth-order Runge-Kutta step of B and P for every sensitivity."""
    loss, dp, pbg = rates[0], rates[1], rates[2]
    half, sixth = 0.5 * width, width / 6.0
    grow, enter = rise[0], rise[1]
    e0, e1, e2 = forced[node, 0], forced[node + 1, 0], forced[node + 2, 0]
    g0, g1, g2 = forced[node, 1], forced[node + 1, 1], forced[node + 2, 1]
    d0, d1, d2 = forced[node, 2], forced[node + 1, 2], forced[node + 2, 2]
    for g in range(blasts.size):
        b, p = blasts[g], plaques[g]
        r1 = enter * e1 * recruit[node + 1, g]
        a1 = grow * g1 * divide[node + 1, g] - d1 - loss
        k1 = enter * e0 * recruit[node, g] + (grow * g0 * divide[node, g] - d0 - loss) * b
        b2 = b + half * k1
        k2 = r1 + a1 * b2
        b3 = b + half * k2
        k3 = r1 + a1 * b3
        b4 = b + width * k3
        k4 = enter * e2 * recruit[node + 2, g] + (grow * g2 * divide[node + 2, g] - d2 - loss) * b4
        q1 = d0 * b + dp * (pbg - p)
        q2 = d1 * b2 + dp * (pbg - p - half * q1)
        q3 = d1 * b3 + dp * (pbg - p - half * q2)
        q4 = d2 * b4 + dp * (pbg - p - width * q3)
        blasts[g] = b + sixth * (k1 + 2.0 * (k2 + k3) + k4)
        plaques[g] = p + sixth * (q1 + 2.0 * (q2 + q3) + q4)


@kernel
def _rise(
    start: float, given: Floats, factors: Floats, begun_by: Bools, on_division: Bools, rise: Floats
) -> None:
    """Write the constant factors on division and recruitment of the stretch from ``start``."""
    rise[:] = 1.0
    for j in range(factors.size):
        for dose in range(given.size):
            if begun_by[j, dose] and given[dose] <= start:
                rise[0 if on_division[j] else 1] *= factors[j]
                break


@kernel
def integrate_each(
    read: Floats,
    given: Floats,
    longest: Floats,
    after: float,
    per_day: float,
    forcing: Floats,
    rates: Floats,
    masses: Floats,
    units: Floats,
    hill: Floats,
    emax: Floats,
    half_effect: Floats,
    on_division: Bools,
    rises: Floats,
    begun_by: Bools,
    rises_division: Bools,
    out: Floats,
) -> None:
    """Integrate AFC of every animal from the immunization to its own reading.

    Parameters
    ----------
    read : (M,) days from the immunization to the reading.
    given : (M, D) days from the immunization to each dose; infinite for one never given.
    longest : (2,) longest step in days, elsewhere and for ``after`` days from every dose.
    after : days. Steps end on every dose and at the end of these days.
    per_day : points per day of ``forcing`` and ``units``, which begin at 0.
    forcing : (T, 3) recruitment, division and differentiation by time since immunization.
    rates : loss of blasts kS + muB, dP, Pbg.
    masses : (K, D) ug/kg of each graded drug in each dose.
    units : (K, U) effect-site concentration by time since a dose of 1 ug/kg.
    hill, emax : (K,). half_effect : (K, G) EC50 to the power of the Hill coefficient.
    on_division : (K,) whether the factor is on division (else on recruitment).
    rises : (J,) constant factors. begun_by : (J, D) which doses begin them.
    rises_division : (J,) whether they are on division.
    out : (M, G) AFC, filled; background for readings up to the immunization.
    """
    doses, size = given.shape[1], half_effect.shape[1]
    # every stretch adds at most one step to those of an unbroken course
    days = max(0.0, read.max())
    count = int(days / longest[0]) + int(doses * min(days, after) / longest[1]) + 2 * doses + 2
    most = 2 * count + 1
    starts, steps = np.empty(2 * doses + 2), np.empty(2 * doses + 1, dtype=np.int64)
    nodes, site, forced = np.empty(most), np.empty(most), np.empty((most, 3))
    divide, recruit = np.empty((most, size)), np.empty((most, size))
    rise, blasts = np.empty(2), np.empty(size)
    for m in range(read.size):
        plaques = out[m]
        plaques[:] = rates[2]
        if read[m] <= 0.0:
            continue
        blasts[:] = 0.0
        stretches = _stretches(read[m], given[m], longest, after, starts, steps)
        n = _nodes(stretches, starts, steps, nodes)
        divide[:n] = 1.0
        recruit[:n] = 1.0
        for k in range(emax.size):
            site[:n] = 0.0
            for dose in range(doses):
                if masses[k, dose] > 0.0:
                    _add_site(nodes[:n], given[m, dose], masses[k, dose], per_day, units[k], site)
            factor = divide if on_division[k] else recruit
            _multiply(site[:n], hill[k], emax[k], half_effect[k], factor)
        _look_up(nodes[:n], per_day, forcing, forced)
        node = 0
        for s in range(stretches):
            width = (starts[s + 1] - starts[s]) / steps[s]
            _rise(starts[s], given[m], rises, begun_by, rises_division, rise)
            for _ in range(steps[s]):
                _advance(width, node, forced, divide, recruit, rise, rates, blasts, plaques)
                node += 2
    if not math.isfinite(out.sum()):
        raise FloatingPointError("the immune response left the range of numbers")
