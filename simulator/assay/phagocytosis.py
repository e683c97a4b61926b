"""Phagocytosis by polymorphonuclear cells: share of cells that ate, and how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.design import PhagocyticNumber, PhagocyticPercentage

Floats = NDArray[np.float64]


def read_percentage(
    endpoint: PhagocyticPercentage, percent: Floats, *, stream: np.random.Generator
) -> Floats:
    """Return the percentage among the counted cells: binomial around the animal's own."""
    share = np.clip(percent / 100.0, 0.0, 1.0)
    count = stream.binomial(endpoint.cells, share).astype(np.float64)
    return count * 100.0 / endpoint.cells


def read_number(
    endpoint: PhagocyticNumber, number: Floats, *, stream: np.random.Generator
) -> Floats:
    """Return the mean number of particles in the counted cells: Poisson around the true one."""
    count = stream.poisson(number * endpoint.cells).astype(np.float64)
    return count / endpoint.cells
