"""Hemagglutinin titer: two-fold wells, misread by one, censored at both ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.scenario.design import Titer
from simulator.scenario.truth import AssayNoise
from simulator.streams import Words
from simulator.streams.sfc64 import closed, opened, stepped, unit, word

Floats = NDArray[np.float64]


def titer_limits(endpoint: Titer) -> tuple[float, float]:
    """Return the values written where no well, or every well, agglutinates."""
    return endpoint.first_dilution / 2.0, endpoint.first_dilution * 2.0 ** (endpoint.wells - 1)


def read_titer(endpoint: Titer, titer: Floats, *, noise: AssayNoise, words: Words) -> Floats:
    """Return the last agglutinating dilution, as read.

    Dilution ``first*2^j`` (j = 0..wells-1) agglutinates where it is at most the true titer. The
    reader is one well up, and as often one down, with probability ``misread`` each; the value
    stays between half the first dilution (no well) and the last dilution (every well).
    """
    written = endpoint.first_dilution * np.ldexp(1.0, np.arange(-1, endpoint.wells))
    found = np.empty(np.shape(titer))
    _read(words, np.ravel(titer), written, noise.misread.value, found.reshape(-1))
    return found


@kernel
def _read(words: Words, titer: Floats, written: Floats, misread: float, found: Floats) -> None:
    """Write the dilution read for each titer; ``written[0]`` is for no well."""
    state = opened(words)
    last = written.size - 1
    for i in range(titer.size):
        well = 0
        # compared with the dilutions themselves: a titer that equals one reaches it
        for j in range(1, last + 1):
            well += titer[i] >= written[j]
        if misread > 0.0:
            luck = unit(word(state))
            state = stepped(state)
            well += (luck < misread) - (luck >= 1.0 - misread)
            well = min(max(well, 0), last)
        found[i] = written[well]
    closed(state, words)
