"""Binomial counts of a few hundred trials by a table, at a third of the cost of rejection.

Thinning is exact: of n trials, X succeed with the probability ``g`` just below p for which there
is a table, and of the n - X others each with ``(p - g)/(1 - g)``. X comes from an alias table;
the second count is mostly 0, which one product tells.

A record of the table is 4 bytes, so that it stays in the processor's cache between two uses: the
alias, and the first bits of the cut-off. The others are looked up where those do not decide, once
in 8 million.

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
#: By row and column, the alias in the low 9 bits and above them the first 23 bits of the cut-off.
Records = NDArray[np.uint32]
#: The cut-offs in steps of 2^-55.
Cutoffs = NDArray[np.uint64]

#: Most trials for which a table is made (an alias has 9 bits).
_LARGEST = 500
#: Probabilities of the table are multiples of this; above 1/2 the failures are counted.
_STEP = 2.0**-10
_ROWS = 513

_ALIAS = np.uint64(2**9 - 1)
_ALIAS_BITS, _REST_BITS, _WORD_BITS = np.uint64(9), np.uint64(32), np.uint64(64)
#: Steps of a cut-off, and the largest number of them below all that a float can hold.
_FINE, _NEARLY_ALL = 2.0**55, 2.0**55 - 4.0


def fill_binomial(words: Words, n: int, values: Floats) -> None:
    """Replace probabilities by counts out of ``n``, one after the other (flat array).

    A probability outside 0..1 gives NaN.
    """
    if n <= _LARGEST:
        _fill_thinned(words, n, *alias_table(n), values)
    else:
        _fill(words, n, values)


@lru_cache(maxsize=8)
def alias_table(n: int) -> tuple[Records, Cutoffs]:
    """Return (rows, 2^c) records and cut-offs of the binomials of p = 0, 1/1024, .. 1/2.

    A column is taken at random; its count is the column where a uniform number lies below the
    cut-off, else the alias.
    """
    columns = 1 << n.bit_length()
    records = np.empty((_ROWS, columns), dtype=np.uint32)
    cutoffs = np.empty((_ROWS, columns), dtype=np.uint64)
    _build(n, records, cutoffs)
    return records, cutoffs


@kernel
def _build(n: int, records: Records, cutoffs: Cutoffs) -> None:
    columns = records.shape[1]
    share = np.empty(columns)  # becomes the cut-offs in place
    alias = np.empty(columns, dtype=np.int64)
    small = np.empty(columns, dtype=np.int64)
    large = np.empty(columns, dtype=np.int64)
    for row in range(records.shape[0]):
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
            alias[column] = column  # what is left over at the end is 1 but for rounding
            if share[column] < 1.0:
                small[lows] = column
                lows += 1
            else:
                large[highs] = column
                highs += 1
        while lows and highs:
            lows -= 1
            low, high = small[lows], large[highs - 1]
            alias[low] = high
            share[high] -= 1.0 - share[low]
            if share[high] < 1.0:
                highs -= 1
                small[lows] = high
                lows += 1
        for column in range(columns):
            fine = np.uint64(min(share[column] * _FINE, _NEARLY_ALL))
            cutoffs[row, column] = fine
            records[row, column] = ((fine >> _REST_BITS) << _ALIAS_BITS) | np.uint64(alias[column])


@kernel
def _fill_thinned(words: Words, n: int, records: Records, cutoffs: Cutoffs, values: Floats) -> None:
    state = opened(words)
    bits, size = np.uint64(0), records.shape[1]
    while size > 1:
        bits, size = bits + np.uint64(1), size >> 1
    for i in range(values.size):
        p = values[i]
        count, state = _thinned(n, min(p, 1.0 - p), bits, records, cutoffs, state)
        values[i] = count if p <= 0.5 else n - count
    closed(state, words)


@kernel
def _thinned(
    n: int, p: float, bits: np.uint64, records: Records, cutoffs: Cutoffs, state: State
) -> tuple[float, State]:
    """Return a binomial count for p up to 1/2; a row has 2^bits columns."""
    if not p >= 0.0:
        return math.nan, state
    row = np.uint64(p / _STEP)
    drawn = word(state)
    state = stepped(state)
    column = drawn >> (_WORD_BITS - bits)
    place = (drawn << bits) >> _ALIAS_BITS  # in steps of 2^-55
    record = np.uint64(records[row, column])
    first, cutoff = place >> _REST_BITS, record >> _ALIAS_BITS
    # both are at hand: a guess which it is would fail half the time
    count = np.int64(column if first < cutoff else record & _ALIAS)
    if first == cutoff and place < cutoffs[row, column]:
        count = np.int64(column)
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
