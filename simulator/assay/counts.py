"""Exact Poisson and binomial counts inside kernels.

Large means: transformed rejection with squeeze, both tests of every attempt made, until one is
accepted. Small means: the count of uniform factors that stay above exp(-mean), and inversion by
search from zero. All of them are the distribution itself, to the last bits of a float.

Source: W. Hormann, The transformed rejection method for generating Poisson random variables,
Insurance: Mathematics and Economics 12, 1993 (PTRS); The generation of binomial random variates,
Journal of Statistical Computation and Simulation 46, 1993 (BTRS).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.streams import Words
from simulator.streams.sfc64 import State, closed, opened, stepped, unit, word

Floats = NDArray[np.float64]

#: Mean from which transformed rejection is valid.
_REJECTION = 10.0
#: ln k! up to here comes from a table; beyond, Stirling's series is exact to the last bit.
_TABLE = 1024
_LN_FACTORIAL: Floats = np.array([math.lgamma(k + 1.0) for k in range(_TABLE)])
_2_PI = 2.0 * math.pi
#: Counts from which four terms of Stirling's series are exact to 1e-14.
_FEW = 16.0
#: Counts up to which k times the rounding of a logarithm near 1 is nothing (1e-10).
_MANY = 1e6
#: Largest mean of a count: whole numbers are floats up to here.
_LARGEST = 2.0**52


def refuse_impossible(counts: Floats) -> None:
    """Raise where a count could not be drawn (NaN).

    Raises
    ------
    ValueError : the mean or the probability was negative, too large, or no number.
    """
    if np.isnan(counts.sum()):
        raise ValueError("a mean to be counted is negative, above 2^52, or no number")


def by_animal(values: Floats) -> Floats:
    """Return a view (animals, the rest): numbers are drawn animal by animal."""
    rows = values.shape[0] if values.ndim else 1
    return values.reshape(rows, values.size // max(1, rows))


@kernel
def fill_poisson(words: Words, values: Floats) -> None:
    """Replace means by counts, row after row (2-D array)."""
    state = opened(words)
    columns = values.shape[1]
    u, v, found = np.empty(columns), np.empty(columns), np.empty(columns)
    for row in range(values.shape[0]):
        state = poisson_row(values[row], u, v, found, state)
    closed(state, words)


@kernel
def poisson_row(means: Floats, u: Floats, v: Floats, found: Floats, state: State) -> State:
    """Replace one animal's means by counts and return the state after them.

    First the numbers of every first attempt, then all attempts at once (vector code: nothing
    in that loop branches), then one by one what they left open.

    Parameters
    ----------
    means : shape (size,), replaced; NaN where the mean is not in 0..2^52.
    u, v, found : shape (size,), scratch.
    """
    size = means.size
    for i in range(size):
        u[i] = unit(word(state)) - 0.5
        state = stepped(state)
    for i in range(size):
        v[i] = 1.0 - unit(word(state))  # never 0
        state = stepped(state)
    for i in range(size):
        mean = means[i]
        b = 0.931 + 2.53 * math.sqrt(max(mean, 0.0))
        us = 0.5 - abs(u[i])
        k = np.floor((2.0 * (-0.059 + 0.02483 * b) / us + b) * u[i] + mean + 0.43)
        # us >= 0.07 keeps the division away from 0 where it counts
        quick = (us >= 0.07) & (v[i] * (b - 2.0) <= 0.9277 * (b - 2.0) - 3.6224)
        quick &= (mean >= _REJECTION) & (mean <= _LARGEST)
        found[i] = k if quick else -1.0
    for i in range(size):
        if found[i] < 0.0:
            found[i], state = _settled(means[i], u[i], v[i], state)
        means[i] = found[i]
    return state


@kernel
def ln_factorial(k: float) -> float:
    """Return ln k! of a whole number k >= 0."""
    if k < _TABLE:
        return _LN_FACTORIAL[np.uint64(k)]
    return (k + 0.5) * math.log(k) - k + 0.5 * math.log(_2_PI) + _stirling(1.0 / k)


@kernel
def _settled(mean: float, u: float, v: float, state: State) -> tuple[float, State]:
    """Return the count where the squeeze of the first attempt (u, v) did not give it."""
    if not _REJECTION <= mean <= _LARGEST:
        return _few(mean, state)
    count = _attempted(mean, u, v)
    while count < 0.0:
        u = unit(word(state)) - 0.5
        state = stepped(state)
        v = 1.0 - unit(word(state))
        state = stepped(state)
        count = _attempted(mean, u, v)
    return count, state


@kernel
def _attempted(mean: float, u: float, v: float) -> float:
    """Return the count of one attempt of PTRS, or -1 if it is rejected."""
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    us = 0.5 - abs(u)
    if us < 0.013 and v > us:  # us > 0 from here on, as v > 0
        return -1.0
    k = math.floor((2.0 * a / us + b) * u + mean + 0.43)
    if us >= 0.07 and v * (b - 2.0) <= 0.9277 * (b - 2.0) - 3.6224:
        return k
    height = v * (1.1239 + 1.1328 / (b - 3.4)) * us * us / (a + b * us * us)
    if k >= 0.0 and _below_poisson(height, k, mean):
        return k
    return -1.0


@kernel
def _below_poisson(height: float, k: float, mean: float) -> bool:
    """Return whether a height lies below the probability of a count.

    ``ln P = k*ln(mean/k) + k - mean - ln(sqrt(2 pi k)) - rest``: the large terms cancel before
    they are rounded, so that a mean of 1e12 loses no more than one of 10.
    """
    if k < _FEW:
        return math.log(height) <= k * math.log(mean) - mean - ln_factorial(k)
    share = 1.0 / k
    ln_ratio = math.log(mean * share) if k < _MANY else math.log1p((mean - k) / k)
    return math.log(height * math.sqrt(_2_PI * k)) + _stirling(share) <= k * ln_ratio + (k - mean)


@kernel
def _stirling(share: float) -> float:
    """Return ln k! less (k + 1/2) ln k - k + ln(2 pi)/2, for share = 1/k and k >= 16."""
    square = share * share
    rest = 1.0 / 360.0 - (1.0 / 1260.0 - square / 1680.0) * square
    return (1.0 / 12.0 - rest * square) * share


@kernel
def _few(mean: float, state: State) -> tuple[float, State]:
    """Return a Poisson count of a small mean: uniform factors until below exp(-mean)."""
    if not 0.0 <= mean < _REJECTION:
        return math.nan, state
    end = math.exp(-mean)
    product, k = 1.0, -1.0
    while product > end or k < 0.0:
        product *= unit(word(state))
        state = stepped(state)
        k += 1.0
    return k, state


@kernel
def binomial(n: float, p: float, state: State) -> tuple[float, State]:
    """Return a binomial count and the state after it; NaN where p is not in 0..1.

    Whole n >= 0. Above p = 1/2 the failures are counted.
    """
    if not 0.0 <= p <= 1.0:
        return math.nan, state
    if p <= 0.5:
        return _rare_half(n, p, state)
    failures, state = _rare_half(n, 1.0 - p, state)
    return n - failures, state


@kernel
def _rare_half(n: float, p: float, state: State) -> tuple[float, State]:
    if n * p < _REJECTION:
        luck = unit(word(state))
        return searched(n, p, luck, stepped(state))
    spread = math.sqrt(n * p * (1.0 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    u = unit(word(state)) - 0.5
    state = stepped(state)
    v = 1.0 - unit(word(state))  # never 0
    state = stepped(state)
    us = 0.5 - abs(u)
    if us >= 0.07 and v <= 0.92 - 4.2 / b:
        return math.floor((2.0 * a / us + b) * u + n * p + 0.5), state
    return _binomial_tested(n, p, a, b, u, v, state)


@kernel
def _binomial_tested(
    n: float, p: float, a: float, b: float, u: float, v: float, state: State
) -> tuple[float, State]:
    """Return the count where the squeeze does not settle the first attempt."""
    spread = math.sqrt(n * p * (1.0 - p))
    alpha = (2.83 + 5.1 / b) * spread
    ln_odds = math.log(p / (1.0 - p))
    mode = math.floor((n + 1.0) * p)
    top = ln_factorial(mode) + ln_factorial(n - mode)
    squeeze = 0.92 - 4.2 / b
    while True:
        us = 0.5 - abs(u)
        if us >= 0.013 or v <= us:  # us > 0 from here on, as v > 0
            k = math.floor((2.0 * a / us + b) * u + n * p + 0.5)
            if us >= 0.07 and v <= squeeze:
                return k, state
            if 0.0 <= k <= n:
                height = math.log(v * alpha / (a / (us * us) + b))
                ratio = top - ln_factorial(k) - ln_factorial(n - k) + (k - mode) * ln_odds
                if height <= ratio:
                    return k, state
        u = unit(word(state)) - 0.5
        state = stepped(state)
        v = 1.0 - unit(word(state))
        state = stepped(state)


@kernel
def searched(n: float, p: float, luck: float, state: State) -> tuple[float, State]:
    """Return a binomial count of a small mean n*p: inversion of ``luck``, from zero upwards."""
    odds = p / (1.0 - p)
    none = math.exp(n * math.log1p(-p))
    while True:
        chance, k = none, 0.0
        while luck >= chance and k < n:
            luck -= chance
            chance *= (n - k) / (k + 1.0) * odds
            k += 1.0
        if luck < chance:
            return k, state
        # the rounding of the sum left a gap of some 1e-16 below 1: draw again
        luck = unit(word(state))
        state = stepped(state)
