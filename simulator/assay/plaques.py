"""Plaque count: from antibody-forming cells in a spleen to the number in the notebook."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.assay.counts import by_animal, poisson_row, refuse_impossible
from simulator.compiled import kernel
from simulator.scenario.design import PlaqueCount
from simulator.scenario.truth import AssayNoise
from simulator.streams import Words
from simulator.streams.normal import normal
from simulator.streams.sfc64 import closed, opened

Floats = NDArray[np.float64]


def mean_seen(endpoint: PlaqueCount, afc: Floats, *, crowding: float) -> Floats:
    """Return the mean number of plaques seen on one plate.

    ``lambda/(1+lambda/K)``, lambda = AFC * plated, K the true plaques at which half are seen.
    """
    plaques = afc * endpoint.plated
    return plaques / (1.0 + plaques / crowding)


def read_plaques(endpoint: PlaqueCount, afc: Floats, *, noise: AssayNoise, words: Words) -> Floats:
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
    rows = by_animal(count)
    error = np.empty(rows.shape if sd else (0, 0))
    _count(words, sd, rows, error)
    refuse_impossible(count)
    if sd:
        np.exp(error, out=error)
        rows *= error
        np.rint(count, out=count)
    count /= endpoint.plates * endpoint.plated
    return count


@kernel
def _count(words: Words, sd: float, counts: Floats, errors: Floats) -> None:
    """Replace means by counts, one animal (row) after the other; draw the reader's ln errors."""
    state = opened(words)
    columns = counts.shape[1]
    u, v, found = np.empty(columns), np.empty(columns), np.empty(columns)
    for row in range(counts.shape[0]):
        state = poisson_row(counts[row], u, v, found, state)
        if errors.size:
            for i in range(columns):
                z, state = normal(state)
                errors[row, i] = sd * z
    closed(state, words)
