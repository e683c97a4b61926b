"""The only place that builds a random generator.

Every draw belongs to a stream named by (block of replicates, key, purpose). Streams do not
share state, so neither the number of threads, nor the order of work, nor another arm in the
design changes the numbers that an arm's animals get. Within a stream animals are drawn one
after the other (axis 0), so the first animals of a larger study are those of a smaller one.

A stream is a numpy generator, or the four words of its state for the kernels of this package
(``seeding``, ``sfc64``, ``normal``): the same numbers without the price of the object.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: State of a stream for kernels: SFC64's three words and its counter.
Words = NDArray[np.uint64]

#: Replicates drawn together. Part of the definition of the numbers: changing it changes them.
BLOCK_SIZE = 500

# Who draws from which blocks of replicates. The ranges never meet, so what is drawn for one
# purpose is news to the others.
#: Power, the search for a sample size, and simulated cohorts.
SEARCH_BLOCK = 0
#: Fresh replicates that confirm the sample size a search found.
CONFIRM_BLOCK = 2**28
#: Large samples for the truth beside the power, and for the formulas.
TRUTH_BLOCK = 2**30


@lru_cache(maxsize=4096)
def name_key(name: str) -> int:
    """Return a stable 32-bit key for a name (Python's own hash is salted per process)."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")


def stream(seed: int, *, block: int, owner: str, purpose: str) -> np.random.Generator:
    """Return the generator of one stream.

    Parameters
    ----------
    seed : the scenario's seed.
    block : index of the block of replicates, from 0.
    owner : whose draws these are, usually an arm id.
    purpose : what is drawn, e.g. ``responder`` or ``afc/plaques``.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(block, name_key(owner), name_key(purpose)))
    return np.random.Generator(np.random.SFC64(sequence))
