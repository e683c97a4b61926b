"""A polynomial in an animal's times, in place of solving its own course of doses.

ln AFC is smooth in the interval to the reading and in the delay of every dose. Close to the
planned times a polynomial that is exact there and at other fixed points does, and whatever two
doses do together is in it. It is of low total degree, the interval counting for less than a delay
(sparse interpolation on Leja points, in Newton's form: Chkifa, Cohen, Schwab, Found Comput Math
2014;14:601). Every row is evaluated by itself, in the same order: it does not depend on others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Terms that are added up at once: the results pass through memory less often.
TOGETHER = 4
#: With more terms than these an animal's own course is solved as fast.
MOST_TERMS = 600
#: A polynomial is used where it is this close, in ln response, at this many points between.
TOLERANCE, PROBES = 3e-4, 48


@dataclass(frozen=True)
class Box:
    """Where a polynomial holds, and its terms.

    Attributes
    ----------
    interval : first and last lateness of the reading, days.
    delay : largest lateness and earliness of a dose, days.
    degrees : largest degree in the interval by total degree in the delays.
    alone : largest degree in one delay where nothing else is late, no less than in all together.
    """

    interval: tuple[float, float]
    delay: float
    degrees: tuple[int, ...]
    alone: int

    def holds(self, rows: Floats) -> NDArray[np.bool_]:
        """Return which rows (M, 1 + D) of interval and delays lie inside (M,)."""
        first, last = self.interval
        late = (rows[:, 0] >= first) & (rows[:, 0] <= last)
        return late & (np.abs(rows[:, 1:]) <= self.delay).all(axis=1)


#: A day's usual lateness, with readings up to the next one; a short day's, which will do where the
#: response is read before division has ended; and, with more terms, that of a long day, with
#: readings that wait for three nights. A row is in the first that contains it and has a polynomial.
BOXES = (
    Box((-0.25, 1.25), 0.1, (8, 5, 2, 0), 3),
    Box((-0.1, 0.5), 0.06, (8, 5, 2, 0), 3),
    Box((-0.25, 3.25), 0.26, (8, 6, 4, 2, 0), 6),
)


@dataclass(frozen=True)
class DelayPolynomial:
    """Polynomial of N terms in 1 + D variables, for G sensitivities.

    Attributes
    ----------
    nodes : (1 + D, L) points of each variable, the planned time (0) first.
    parent, axis, degree : (N,) a term is its parent times one more factor, that of this variable
        and its point number ``degree - 1``.
    weights : (N, G) of the terms; rows of 0 after them, up to a multiple of ``TOGETHER``.
    """

    nodes: Floats
    parent: Ints
    axis: Ints
    degree: Ints
    weights: Floats

    def evaluate(self, rows: Floats) -> Floats:
        """Return the values (M, G) at rows (M, 1 + D) of interval and delays."""
        found = np.empty((len(rows), self.weights.shape[1]))
        evaluate(rows, self.nodes, self.parent, self.axis, self.degree, self.weights, found)
        return found


@dataclass(frozen=True)
class _Plan:
    """What the polynomials of a box have in common, and the rows that are to be solved."""

    nodes: Floats
    parent: Ints
    axis: Ints
    degree: Ints
    points: Floats
    probes: Floats


def fit(solve: Callable[[Floats], Floats], *, doses: int, box: Box) -> DelayPolynomial | None:
    """Return the polynomial of a box, 0 at planned times, or None where none is close enough.

    Parameters
    ----------
    solve : gives ln response (M, G), minus that at planned times, of rows (M, 1 + D).
    doses : number of delays, D, at least 1.
    """
    plan = _plan(doses, box)
    if plan is None:
        return None
    count = len(plan.points)
    solved = solve(np.vstack([plan.points, plan.probes]))
    weights = np.zeros((plan.parent.size, solved.shape[1]))
    weights[:count] = solved[:count]
    interpolate(plan.points, plan.nodes, plan.parent, plan.axis, plan.degree, weights)
    found = DelayPolynomial(plan.nodes, plan.parent, plan.axis, plan.degree, weights)
    error = np.abs(found.evaluate(plan.probes) - solved[count:]).max()
    return found if error < TOLERANCE else None


@cache
def _plan(doses: int, box: Box) -> _Plan | None:
    """Return the terms and points of a box, or None where the terms are too many."""
    counts = (
        (most + 1) * math.comb(total + doses - 1, total) for total, most in enumerate(box.degrees)
    )
    if sum(counts) > MOST_TERMS:
        return None
    terms = _terms(doses, box)
    interval = _leja(*box.interval, 1 + max(box.degrees))
    delay = _leja(-box.delay, box.delay, interval.size)
    nodes = np.vstack([interval, *[delay] * doses])
    places = {term: index for index, term in enumerate(terms)}
    size = TOGETHER * -(-len(terms) // TOGETHER)
    parent, axis, degree = (np.zeros(size, dtype=np.int64) for _ in range(3))
    for index, term in enumerate(terms[1:], 1):
        last = max(j for j, power in enumerate(term) if power)
        axis[index], degree[index] = last, term[last]
        parent[index] = places[(*term[:last], term[last] - 1, *term[last + 1 :])]
    points = np.take_along_axis(nodes, np.array(terms).T, axis=1).T.copy()
    return _Plan(nodes, parent, axis, degree, points, _probes(doses, box))


def _terms(doses: int, box: Box) -> list[tuple[int, ...]]:
    """Return the powers of the interval and of the delays in every term, parents first."""

    def shares(total: int, parts: int) -> Iterator[tuple[int, ...]]:
        if parts == 0:
            if total == 0:
                yield ()
            return
        for first in range(total + 1):
            for rest in shares(total - first, parts - 1):
                yield (first, *rest)

    found = [
        (power, *delays)
        for total, most in enumerate(box.degrees)
        for delays in shares(total, doses)
        for power in range(most + 1)
    ]
    found += [
        (*[0] * (1 + dose), power, *[0] * (doses - 1 - dose))
        for dose in range(doses)
        for power in range(len(box.degrees), box.alone + 1)
    ]
    return sorted(found, key=lambda term: (sum(term), term))


def _leja(low: float, high: float, count: int) -> Floats:
    """Return points of an interval, 0 first, each as far from those before as it can be."""
    candidates = np.linspace(low, high, 2001)
    points, apart = [0.0], np.abs(candidates)
    while len(points) < count:
        points.append(float(candidates[np.argmax(apart)]))
        apart = apart * np.abs(candidates - points[-1])
    return np.array(points)


def _probes(doses: int, box: Box) -> Floats:
    """Return rows in which to look for the largest error: in corners, and between the points."""
    index = np.arange(1, PROBES + 1)[:, None]
    # an additive sequence fills the box evenly (Weyl: multiples of square roots of primes)
    primes = [p for p in range(2, 20 * (doses + 2)) if all(p % q for q in range(2, p))]
    even = (index * np.sqrt(primes[: 1 + doses])) % 1.0
    low, high = box.interval
    found = box.delay * (2.0 * even - 1.0)
    found[::2] = np.copysign(box.delay, found[::2])
    found[:, 0] = low + (high - low) * even[:, 0]
    # the ends, where a dose may fall behind the reading
    ends = np.repeat([[low, box.delay], [low, -box.delay], [high, box.delay]], [1, doses], axis=1)
    return np.asarray(np.vstack([found, ends]), dtype=np.float64)


@kernel
def _write_terms(
    row: Floats, nodes: Floats, parent: Ints, axis: Ints, degree: Ints, term: Floats
) -> None:
    """Write the value of every term at a row."""
    term[0] = 1.0
    for a in range(1, term.size):
        j = axis[a]
        term[a] = term[parent[a]] * (row[j] - nodes[j, max(0, degree[a] - 1)])


@kernel
def interpolate(
    points: Floats, nodes: Floats, parent: Ints, axis: Ints, degree: Ints, weights: Floats
) -> None:
    """Turn values at the points (N, 1 + D) into weights, in place: divided differences.

    A term is 0 at every point before its own.
    """
    term = np.empty(len(points))
    for a in range(len(points)):
        _write_terms(points[a], nodes, parent, axis, degree, term[: a + 1])
        for b in range(a):
            if term[b] != 0.0:
                for g in range(weights.shape[1]):
                    weights[a, g] -= term[b] * weights[b, g]
        for g in range(weights.shape[1]):
            weights[a, g] /= term[a]


@kernel
def evaluate(
    rows: Floats,
    nodes: Floats,
    parent: Ints,
    axis: Ints,
    degree: Ints,
    weights: Floats,
    found: Floats,
) -> None:
    """Write the polynomial at every row, each by itself.

    Parameters
    ----------
    rows : (M, 1 + D); found : (M, G); the others as in ``DelayPolynomial``.
    """
    term = np.empty(len(weights))
    for m in range(len(rows)):
        _write_terms(rows[m], nodes, parent, axis, degree, term)
        value = found[m]
        value[:] = 0.0
        for a in range(0, term.size, 4):  # TOGETHER
            t0, t1, t2, t3 = term[a], term[a + 1], term[a + 2], term[a + 3]
            w0, w1, w2, w3 = weights[a], weights[a + 1], weights[a + 2], weights[a + 3]
            for g in range(value.size):
                value[g] += (t0 * w0[g] + t1 * w1[g]) + (t2 * w2[g] + t3 * w3[g])
