"""A block of replicates as arrays: animals, their true values, what the laboratory reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.assay import read
from simulator.model.animals import Animals, draw_animals
from simulator.model.latent import latent_values
from simulator.model.response_table import Responses
from simulator.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CohortBlock:
    """``BLOCK_SIZE`` replicates of a study.

    Attributes
    ----------
    values : by endpoint and arm, (animals, replicates) as read; NaN where the animal is lost.
    latent : the same before reading and without losses: the animals' true values.
    animals : by arm, the main animals.
    satellites : by endpoint and arm, the extra animals of satellite endpoints.
    """

    values: Mapping[str, Mapping[str, Floats]]
    latent: Mapping[str, Mapping[str, Floats]]
    animals: Mapping[str, Animals]
    satellites: Mapping[str, Mapping[str, Animals]]

    def animals_of(self, endpoint: str) -> Mapping[str, Animals]:
        """Return the animals in which an endpoint is read, by arm."""
        return self.satellites.get(endpoint, self.animals)


def cohort_block(
    scenario: Scenario, responses: Responses, *, block: int, sizes: Mapping[str, int]
) -> CohortBlock:
    """Simulate a block of replicates.

    Deterministic in (seed, block): the first animals of larger ``sizes`` are those of smaller
    ones, and another arm leaves the animals as they are (where arms share cages that are alike,
    another arm changes who lives with whom).

    Parameters
    ----------
    scenario : resolved scenario.
    responses : its response table, see ``model.response_table.respond``.
    block : index of the block, from 0.
    sizes : animals per arm, for the arms wanted.

    Raises
    ------
    ValueError : ``sizes`` names an arm that the design lacks, or the truth lacks a number.
    """
    unknown = [arm for arm in sizes if arm not in scenario.design.arms]
    if unknown:
        raise ValueError(f"no such arm: {', '.join(unknown)}; {', '.join(scenario.design.arms)}")
    main = draw_animals(scenario, block=block, sizes=sizes)
    satellites: dict[str, Mapping[str, Animals]] = {}
    values: dict[str, dict[str, Floats]] = {}
    latent: dict[str, dict[str, Floats]] = {}
    for key, endpoint in scenario.design.endpoints.items():
        animals: Mapping[str, Animals] = main
        if endpoint.satellite:
            animals = draw_animals(scenario, block=block, sizes=sizes, satellites_of=key)
            satellites[key] = animals
        values[key], latent[key] = {}, {}
        for arm, group in animals.items():
            expected = responses.log_response(arm, key, group.shift, group.immunized)
            true = latent_values(scenario, key, log_response=expected, deviate=group.deviates(key))
            found = read(
                endpoint,
                true,
                noise=scenario.truth.assay,
                stream=group.generator(f"{key}/assay"),
            )
            found[group.lost] = np.nan
            values[key][arm], latent[key][arm] = found, true
    return CohortBlock(values, latent, main, satellites)
