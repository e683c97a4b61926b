"""Plaque count: from antibody-forming cells in a spleen to the number in the notebook."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.design import PlaqueCount
from simulator.scenario.truth import AssayNoise

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
    """
    counting, reading = stream.spawn(2)
    seen = mean_seen(endpoint, afc, crowding=noise.crowding.value)
    count = counting.poisson(endpoint.plates * seen).astype(np.float64)
    cv = noise.reader_cv.value
    if cv:
        error = reading.standard_normal(count.shape)
        error *= math.sqrt(math.log1p(cv**2))
        np.exp(error, out=error)
        count *= error
        np.rint(count, out=count)
    return count / (endpoint.plates * endpoint.plated)
