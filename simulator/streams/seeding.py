"""The seed of a stream, hashed by a kernel: numpy's ``SeedSequence`` and ``SFC64``, bit for bit.

numpy spends 35 microseconds on the objects of one stream, as much as on thousands of numbers of
it; a block of replicates opens dozens of streams.

Source: M. E. O'Neill, Developing a seed_seq alternative (2015); NumPy's ``SeedSequence``, whose
streams NumPy promises to keep.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.streams import Words, name_key
from simulator.streams.sfc64 import closed, opened, stepped

#: Words of 32 bits in the pool that the hash fills.
_POOL = 4
_LOW = np.uint64(2**32 - 1)
_HALF, _WORD = np.uint64(16), np.uint64(32)
#: First constants and their multipliers, of what enters the pool and of what leaves it.
_IN, _IN_STEP = np.uint64(0x43B0D7E5), np.uint64(0x931E8875)
_OUT, _OUT_STEP = np.uint64(0x8B51F9DD), np.uint64(0x58F38DED)
_MIX_LEFT, _MIX_RIGHT = np.uint64(0xCA01F9DD), np.uint64(0x4973F715)
#: Rounds by which SFC64 mixes its seed.
_ROUNDS = 12


def stream_words(seed: int, *, block: int, owner: str, purpose: str) -> Words:
    """Return the fresh state (4,) of the stream of this name, as ``streams.stream`` has it.

    Kernels draw from it and advance it.

    Raises
    ------
    ValueError : the seed or the block is negative.
    """
    entropy = (*_start(seed, block), name_key(owner), name_key(purpose))
    return seeded(np.array(entropy, dtype=np.uint32))


@lru_cache(maxsize=64)  # the streams of a block are opened one after the other
def _start(seed: int, block: int) -> tuple[int, ...]:
    """Return the words that all streams of a block share, the seed's padded to a whole pool."""
    own = _words_of(seed)
    return (*own, *[0] * (_POOL - len(own)), *_words_of(block))


def _words_of(number: int) -> list[int]:
    """Return a number in words of 32 bits, the lowest first; at least one."""
    if number < 0:
        raise ValueError(f"a stream is named by numbers from 0 up, not by {number}")
    return [number >> shift & 0xFFFFFFFF for shift in range(0, max(number.bit_length(), 1), 32)]


@kernel
def seeded(entropy: NDArray[np.uint32]) -> Words:
    """Return the state (4,) of SFC64 seeded by words of 32 bits, at least a pool of them (4)."""
    pool = np.empty(_POOL, dtype=np.uint64)
    constant = _IN
    for i in range(_POOL):
        pool[i], constant = _hashed(np.uint64(entropy[i]), constant, _IN_STEP)
    for source in range(_POOL):
        for i in range(_POOL):
            if i != source:
                found, constant = _hashed(pool[source], constant, _IN_STEP)
                pool[i] = _mixed(pool[i], found)
    for source in range(_POOL, entropy.size):
        for i in range(_POOL):
            found, constant = _hashed(np.uint64(entropy[source]), constant, _IN_STEP)
            pool[i] = _mixed(pool[i], found)
    words = np.empty(4, dtype=np.uint64)
    constant = _OUT
    for i in range(3):
        low, constant = _hashed(pool[(2 * i) % _POOL], constant, _OUT_STEP)
        high, constant = _hashed(pool[(2 * i + 1) % _POOL], constant, _OUT_STEP)
        words[i] = low | (high << _WORD)
    words[3] = np.uint64(1)  # the counter
    state = opened(words)
    for _ in range(_ROUNDS):
        state = stepped(state)
    closed(state, words)
    return words


@kernel
def _hashed(value: np.uint64, constant: np.uint64, step: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the hash of a 32-bit word, and the constant for the next."""
    following = (constant * step) & _LOW
    found = ((value ^ constant) * following) & _LOW
    return found ^ (found >> _HALF), following


@kernel
def _mixed(x: np.uint64, y: np.uint64) -> np.uint64:
    """Return the mixture of two 32-bit words."""
    found = (_MIX_LEFT * x - _MIX_RIGHT * y) & _LOW
    return found ^ (found >> _HALF)
