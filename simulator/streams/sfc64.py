"""SFC64 inside kernels: the words of ``numpy.random.SFC64``, kept in registers.

A state is a tuple of four words that every kernel takes and returns; ``opened`` and ``closed``
move it from and to the array that outlives the kernel.

Source: C. Doty-Humphrey, PractRand (sfc64).
"""

from __future__ import annotations

import numpy as np

from simulator.compiled import kernel
from simulator.streams import Words

#: Three words and a counter.
State = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

_ONE = np.uint64(1)
_3, _11, _24, _40 = np.uint64(3), np.uint64(11), np.uint64(24), np.uint64(40)
_UNIT = 2.0**-53


@kernel
def opened(words: Words) -> State:
    """Return the state kept in an array."""
    return words[0], words[1], words[2], words[3]


@kernel
def closed(state: State, words: Words) -> None:
    """Keep a state in the array."""
    words[0], words[1], words[2], words[3] = state


@kernel
def word(state: State) -> np.uint64:
    """Return the next 64 bits; ``stepped`` is the state after them."""
    return state[0] + state[1] + state[3]


@kernel
def stepped(state: State) -> State:
    """Return the state after the next word."""
    a, b, c, counter = state
    return (
        b ^ (b >> _11),
        c + (c << _3),
        ((c << _24) | (c >> _40)) + (a + b + counter),
        counter + _ONE,
    )


@kernel
def unit(bits: np.uint64) -> float:
    """Return a word as a number on [0, 1), in steps of 2^-53."""
    return np.int64(bits >> _11) * _UNIT
