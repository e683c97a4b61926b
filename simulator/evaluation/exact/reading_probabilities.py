"""Probability of every reading of one animal, where the laboratory reads one of a few values."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import ndtr

from simulator.errors import Problem, ScenarioError
from simulator.model.response_table import Responses
from simulator.scenario import Scenario
from simulator.scenario.design import PhagocyticPercentage, Titer

Floats = NDArray[np.float64]

#: Readings of one endpoint that are enumerated at most: 12 wells and "no well", or 12 cells.
MOST_READINGS = 13
#: Nodes of Gauss-Hermite quadrature over the sensitivity. The integrand is a smooth law of the
#: response, and 80 nodes reach 12 standard deviations.
NODES = 80


def reading_probabilities(
    scenario: Scenario, responses: Responses, *, endpoint: str, arm: str
) -> Floats:
    """Return the probability of each reading, low to high, of an animal that is not lost.

    Titer: the true titer is log-normal around the expected response, which a normal shift of
    ln EC50 moves (integrated by Gauss-Hermite quadrature); immunization failure mixes in the
    background; the well is misread up or down and kept within the plate. Phagocytic
    percentage: beta-binomial count of eating cells.

    Parameters
    ----------
    responses : of this scenario or of its null twin.

    Raises
    ------
    ScenarioError : the readings are too many to enumerate, or not of a few values.
    """
    kind = scenario.design.endpoints[endpoint]
    if isinstance(kind, Titer) and kind.wells + 1 <= MOST_READINGS:
        return _titer(scenario, responses, kind, endpoint, arm)
    if isinstance(kind, PhagocyticPercentage) and kind.cells + 1 <= MOST_READINGS:
        return _percentage(scenario, responses, kind, endpoint, arm)
    what = {
        "titer": f"wells (at most {MOST_READINGS - 1})",
        "phagocytic_percentage": f"cells (at most {MOST_READINGS - 1})",
    }.get(kind.kind)
    why = f"too many {what}" if what is not None else "its readings are not a few values"
    text = f"{why}: power cannot be enumerated; simulate it (leave out --method)"
    raise ScenarioError(scenario.id, [Problem(f"design.endpoints.{endpoint}", text)])


def _titer(
    scenario: Scenario, responses: Responses, plate: Titer, endpoint: str, arm: str
) -> Floats:
    variability, noise = scenario.truth.variability, scenario.truth.assay
    dilutions = np.log(plate.first_dilution) + math.log(2.0) * np.arange(plate.wells)
    spread = variability.endpoints[endpoint].log_sd
    if spread is None:
        raise ValueError(f"truth.variability.{endpoint}: give sd_ln, sd_log2 or cv, not sd")
    shifts, weights = _sensitivities(scenario)
    if spread == 0.0 and shifts.size > 1:
        text = "without spread between animals the quadrature over sensitivity is not exact"
        raise ScenarioError(scenario.id, [Problem(f"truth.variability.{endpoint}", text)])

    def wells(expected: Floats) -> Floats:
        """Return (shifts, wells + 1) from ln of the expected titer."""
        gap = expected[:, None] - dilutions
        reached = ndtr(gap / spread) if spread else (gap >= 0.0).astype(np.float64)
        edges = np.hstack([np.ones((gap.shape[0], 1)), reached, np.zeros((gap.shape[0], 1))])
        return edges[:, :-1] - edges[:, 1:]

    found = weights @ wells(responses.log_response(arm, endpoint, shifts))
    failure = variability.immunization_failure.value
    if failure:
        never = np.zeros_like(shifts, dtype=np.bool_)
        background = wells(responses.log_response(arm, endpoint, shifts, never))[0]
        found = (1.0 - failure) * found + failure * background
    return _misread(found, noise.misread.value)


def _misread(wells: Floats, chance: float) -> Floats:
    """Return the law of the well that is written down: one up or down, within the plate."""
    up, down = np.roll(wells, 1), np.roll(wells, -1)
    up[0], up[-1] = 0.0, wells[-2] + wells[-1]
    down[-1], down[0] = 0.0, wells[0] + wells[1]
    return (1.0 - 2.0 * chance) * wells + chance * (up + down)


def _percentage(
    scenario: Scenario,
    responses: Responses,
    reading: PhagocyticPercentage,
    endpoint: str,
    arm: str,
) -> Floats:
    spread = scenario.truth.variability.endpoints[endpoint]
    control = scenario.truth.endpoints[endpoint].control
    if control is None:
        raise ValueError(f"truth.{endpoint}.control: the level of control animals is missing")
    mean, log_sd = control.value / 100.0, spread.log_sd
    sd = spread.sd.value / 100.0 if spread.sd is not None else math.nan
    if log_sd is not None:
        sd = math.sqrt(math.expm1(log_sd**2)) * mean
    shifts, weights = _sensitivities(scenario)
    shares = np.exp(responses.log_response(arm, endpoint, shifts)) / 100.0
    counts = np.arange(reading.cells + 1)
    if sd == 0.0:
        laws = stats.binom.pmf(counts, reading.cells, shares[:, None])
    else:  # the beta law of control animals' precision, moved to each animal's mean
        precision = mean * (1.0 - mean) / sd**2 - 1.0
        a, b = shares[:, None] * precision, (1.0 - shares[:, None]) * precision
        laws = stats.betabinom.pmf(counts, reading.cells, a, b)
    return np.asarray(weights @ laws)


def _sensitivities(scenario: Scenario) -> tuple[Floats, Floats]:
    """Return shifts of ln EC50 and their weights; one shift where animals do not differ."""
    sd = scenario.truth.variability.sensitivity.sd_ln.value
    if not sd:
        return np.zeros(1), np.ones(1)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return sd * nodes, weights / weights.sum()
