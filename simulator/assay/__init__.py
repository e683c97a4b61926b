"""What the laboratory reads from the true value of an animal: plaques, titer, phagocytosis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.assay.phagocytosis import read_number, read_percentage
from simulator.assay.plaques import read_plaques
from simulator.assay.titer import read_titer, titer_limits
from simulator.scenario import Endpoint
from simulator.scenario.truth import AssayNoise
from simulator.streams import Words

__all__ = ["censoring", "read"]

Floats = NDArray[np.float64]


def read(endpoint: Endpoint, latent: Floats, *, noise: AssayNoise, words: Words) -> Floats:
    """Return what the laboratory writes down, in the endpoint's unit.

    Parameters
    ----------
    endpoint : kind and assay settings.
    latent : true values, any shape.
    noise : errors of reading.
    words : fresh stream of this endpoint's reading, which is advanced. Animals draw one after
        the other, so the first of them (axis 0) read the same in a larger study.

    Returns
    -------
    same shape. Titers are reciprocal dilutions, with half the first dilution below the range.
    """
    if endpoint.kind == "plaque_count":
        return read_plaques(endpoint, latent, noise=noise, words=words)
    if endpoint.kind == "titer":
        return read_titer(endpoint, latent, noise=noise, words=words)
    if endpoint.kind == "phagocytic_percentage":
        return read_percentage(endpoint, latent, words=words)
    if endpoint.kind == "phagocytic_number":
        return read_number(endpoint, latent, words=words)
    return np.array(latent, dtype=np.float64)


def censoring(endpoint: Endpoint, values: Floats) -> NDArray[np.str_]:
    """Return "", "below" or "above" for each value (same shape); missing values give ""."""
    found = np.full(np.shape(values), "", dtype="<U5")
    if endpoint.kind == "titer":
        below, above = titer_limits(endpoint)
        found[np.asarray(values) <= below] = "below"
        found[np.asarray(values) >= above] = "above"
    return found
