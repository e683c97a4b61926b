"""Plaque count: from antibody-forming cells in a spleen to the number in the notebook."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.assay.counts import poisson, refuse_impossible
from simulator.compiled import kernel
from simulator.scenario.design import PlaqueCount
from simulator.scenario.truth import AssayNoise
from simulator.streams import Words
from simulator.streams.normal import normal
from simulator.streams.sfc64 import closed, opened, split_words

Floats = NDArray[np.float64]


def mean_seen(endpoint: PlaqueCount, afc: Floats, *, crowding: float) -> Floats:
    """Return the mean number of plaques seen on one plate.

    ``lambda/(1+lambda/K)``, lambda = AFC * plated, K the true plaques at which half are seen.
    """
    plaques = afc * endpoint.plated
    return plaques / (1.0 + plaques / crowding)


def read_plaques(
    endpoint: PlaqueCount, afc: Floats, *, noise: AssayNoise, stream: np.random.Generator
) -> Floats:
    """Return AFC per spleen as counted: Poisson plates, crowding, reader error.

    The plates' sum is one Poisson number. The reader multiplies the total by a log-normal error
    of median 1 and CV ``reader_cv`` and writes an integer; value = count/(plates*plated).

    Raises
    ------
    ValueError : a true value is negative or no number.
    """
    seen = mean_seen(endpoint, afc, crowding=noise.crowding.value)
    count = np.array(endpoint.plates * seen, dtype=np.float64, order="C")
    sd = math.sqrt(math.log1p(noise.reader_cv.value**2))
    error = np.empty(count.shape if sd else 0)
    _count(split_words(stream), sd, count.reshape(-1), error.reshape(-1))
    refuse_impossible(count)
    if sd:
        np.exp(error, out=error)
        count *= error
        np.rint(count, out=count)
    count /= endpoint.plates * endpoint.plated
    return count


@kernel
def _count(words: Words, sd: float, counts: Floats, errors: Floats) -> None:
    """Replace means by counts, one animal after the other, and draw the reader's ln errors."""
    state = opened(words)
    for i in range(counts.size):
        counts[i], state = poisson(counts[i], state)
        if errors.size:
            z, state = normal(state)
            errors[i] = sd * z
    closed(state, words)
