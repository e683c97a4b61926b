"""Phagocytosis by polymorphonuclear cells: share of cells that ate, and how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.assay.binomial_table import fill_binomial
from simulator.assay.counts import by_animal, fill_poisson, refuse_impossible
from simulator.scenario.design import PhagocyticNumber, PhagocyticPercentage
from simulator.streams import Words

Floats = NDArray[np.float64]


def read_percentage(endpoint: PhagocyticPercentage, percent: Floats, *, words: Words) -> Floats:
    """Return the percentage among the counted cells: binomial around the animal's own.

    Raises
    ------
    ValueError : a true value is no number.
    """
    count = np.array(percent, dtype=np.float64, order="C")
    count /= 100.0
    np.clip(count, 0.0, 1.0, out=count)
    fill_binomial(words, endpoint.cells, count.reshape(-1))
    refuse_impossible(count)
    count *= 100.0
    count /= endpoint.cells
    return count


def read_number(endpoint: PhagocyticNumber, number: Floats, *, words: Words) -> Floats:
    """Return the mean number of particles in the counted cells: Poisson around the true one.

    Raises
    ------
    ValueError : a true value is negative or no number.
    """
    count = np.array(number, dtype=np.float64, order="C")
    count *= endpoint.cells
    fill_poisson(words, by_animal(count))
    refuse_impossible(count)
    count /= endpoint.cells
    return count
