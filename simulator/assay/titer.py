"""Hemagglutinin titer: two-fold wells, misread by one, censored at both ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.design import Titer
from simulator.scenario.truth import AssayNoise

Floats = NDArray[np.float64]


def titer_limits(endpoint: Titer) -> tuple[float, float]:
    """Return the values written where no well, or every well, agglutinates."""
    return endpoint.first_dilution / 2.0, endpoint.first_dilution * 2.0 ** (endpoint.wells - 1)


def read_titer(
    endpoint: Titer, titer: Floats, *, noise: AssayNoise, stream: np.random.Generator
) -> Floats:
    """Return the last agglutinating dilution, as read.

    Dilution ``first*2^j`` (j = 0..wells-1) agglutinates where it is at most the true titer. The
    reader is one well up, and as often one down, with probability ``misread`` each; the value
    stays between half the first dilution (no well) and the last dilution (every well).
    """
    (misreading,) = stream.spawn(1)
    last = endpoint.first_dilution * np.ldexp(1.0, np.arange(endpoint.wells))
    # compared with the dilutions themselves: a titer that equals one reaches it
    well = np.searchsorted(last, titer, side="right") - 1
    chance = noise.misread.value
    if chance:
        luck = misreading.random(well.shape)
        well += (luck < chance).astype(np.int64)
        well -= (luck >= 1.0 - chance).astype(np.int64)
        np.clip(well, -1, endpoint.wells - 1, out=well)
    return endpoint.first_dilution * np.ldexp(1.0, well)
