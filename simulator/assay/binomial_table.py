"""Binomial counts of a few hundred trials by a table, at a third of the cost of rejection.

Thinning is exact: of n trials, X succeed with the probability ``g`` just below p for which there
is a table, and of the n - X others each with ``(p - g)/(1 - g)``. X comes from an alias table;
the second count is mostly 0, which one product tells.

Source: M. D. Vose, A linear algorithm for generating random numbers with a given distribution,
IEEE Transactions on Software Engineering 17(9), 1991 (alias tables).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.assay.counts import binomial, searched
from simulator.compiled import kernel
from simulator.streams import Words
from simulator.streams.sfc64 import State, closed, opened, stepped, unit, word

Floats = NDArray[np.float64]
Columns = NDArray[np.int16]

#: Most trials for which a table is made (5 MB).
_LARGEST = 500
#: Probabilities of the table are multiples of this; above 1/2 the failures are counted.
_STEP = 2.0**-10
_ROWS = 513


def fill_binomial(words: Words, n: int, values: Floats) -> None:
    """Replace probabilities by counts out of ``n``, one after the other (flat array).

    A probability outside 0..1 gives NaN.
    """
    if n <= _LARGEST:
        _fill_thinned(words, n, *alias_table(n), values)
    else:
        _fill(words, n, values)


@lru_cache(maxsize=8)
def alias_table(n: int) -> tuple[Floats, Columns]:
    """Return (513, 2^c) cut-offs and aliases of the binomials of p = 0, 1/1024, .. 1/2.

    A column is taken at random; its count is the column where a uniform number lies below the
    cut-off, else the alias.
    """
    columns = 1 << n.bit_length()
    cutoff = np.ones((_ROWS, columns))
    alias = np.zeros((_ROWS, columns), dtype=np.int16)
    _build(n, cutoff, alias)
    return cutoff, alias


@kernel
def _build(n: int, cutoff: Floats, alias: Columns) -> None:
    columns = cutoff.shape[1]
    small = np.empty(columns, dtype=np.int64)
    large = np.empty(columns, dtype=np.int64)
    for row in range(cutoff.shape[0]):
        share = cutoff[row]  # becomes the cut-offs in place
        share[:] = 0.0
        p = row * _STEP
        mode = int((n + 1) * p)
        share[mode] = 1.0
        for k in range(mode, n):
            share[k + 1] = share[k] * (n - k) * p / ((k + 1) * (1.0 - p))
        for k in range(mode, 0, -1):
            share[k - 1] = share[k] * k * (1.0 - p) / ((n - k + 1) * p)
        share *= columns / share.sum()
        lows = highs = 0
        for column in range(columns):
            if share[column] < 1.0:
                small[lows] = column
                lows += 1
            else:
                large[highs] = column
                highs += 1
        while lows and highs:
            lows -= 1
            low, high = small[lows], large[highs - 1]
            alias[row, low] = high
            share[high] -= 1.0 - share[low]
            if share[high] < 1.0:
                highs -= 1
                small[lows] = high
                lows += 1
        # what is left over differs from 1 by rounding only
        for i in range(lows):
            share[small[i]] = 1.0
        for i in range(highs):
            share[large[i]] = 1.0


@kernel
def _fill_thinned(words: Words, n: int, cutoff: Floats, alias: Columns, values: Floats) -> None:
    state = opened(words)
    for i in range(values.size):
        p = values[i]
        count, state = _thinned(n, min(p, 1.0 - p), cutoff, alias, state)
        values[i] = count if p <= 0.5 else n - count
    closed(state, words)


@kernel
def _thinned(n: int, p: float, cutoff: Floats, alias: Columns, state: State) -> tuple[float, State]:
    """Return a binomial count for p up to 1/2."""
    if not p >= 0.0:
        return math.nan, state
    row = np.uint64(p / _STEP)
    place = unit(word(state)) * cutoff.shape[1]
    state = stepped(state)
    column = np.uint64(place)
    other = np.int64(alias[row, column])  # read in any case: a guess would fail half the time
    kept = place - np.int64(column) < cutoff[row, column]
    count = np.int64(column) if kept else other
    grid = row * _STEP
    again = (p - grid) / (1.0 - grid)
    luck = unit(word(state))
    state = stepped(state)
    others = n - count
    if luck < 1.0 - others * again:  # (1 - again)^others is at least this: none of them
        return float(count), state
    more, state = searched(float(others), again, luck, state)
    return count + more, state


@kernel
def _fill(words: Words, n: int, values: Floats) -> None:
    state = opened(words)
    for i in range(values.size):
        values[i], state = binomial(float(n), values[i], state)
    closed(state, words)
