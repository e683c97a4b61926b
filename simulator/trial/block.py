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
    scenario, responses : the study, and what its animals respond.
    values : by endpoint and arm, (animals, replicates) as read; NaN where the animal is lost.
        Empty where nothing was to be read.
    latent : the same before reading and without losses: the animals' true values.
    animals : by arm, the main animals.
    satellites : by endpoint and arm, the extra animals of satellite endpoints.
    """

    scenario: Scenario
    responses: Responses
    values: Mapping[str, Mapping[str, Floats]]
    latent: Mapping[str, Mapping[str, Floats]]
    animals: Mapping[str, Animals]
    satellites: Mapping[str, Mapping[str, Animals]]

    def animals_of(self, endpoint: str) -> Mapping[str, Animals]:
        """Return the animals in which an endpoint is read, by arm."""
        return self.satellites.get(endpoint, self.animals)


def cohort_block(
    scenario: Scenario,
    responses: Responses,
    *,
    block: int,
    sizes: Mapping[str, int],
    reading: bool = True,
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
    reading : whether the laboratory reads the values, or only the true ones are wanted.

    Raises
    ------
    ValueError : ``sizes`` names an arm that the design lacks, or the truth lacks a number.
    """
    unknown = [arm for arm in sizes if arm not in scenario.design.arms]
    if unknown:
        raise ValueError(f"no such arm: {', '.join(unknown)}; {', '.join(scenario.design.arms)}")
    main = draw_animals(scenario, block=block, sizes=sizes)
    satellites = {
        key: draw_animals(scenario, block=block, sizes=sizes, satellites_of=key)
        for key, endpoint in scenario.design.endpoints.items()
        if endpoint.satellite
    }
    bare = CohortBlock(scenario, responses, {}, {}, main, satellites)
    return _filled(bare, scenario, responses, like=None, reading=reading)


def with_responses(
    block: CohortBlock, scenario: Scenario, responses: Responses
) -> tuple[CohortBlock, frozenset[tuple[str, str]]]:
    """Simulate the same animals with other responses, as `cohort_block` would, at less cost.

    Parameters
    ----------
    scenario : differs from the block's in the responses of its truth only.

    Returns
    -------
    the block, and the (endpoint, arm) whose values differ from those of the given one.

    Raises
    ------
    ValueError : the scenarios differ in more: their animals are not the same.
    """
    for what, one, two in (
        ("seed", block.scenario.seed, scenario.seed),
        ("design", block.scenario.design, scenario.design),
        ("variability", block.scenario.truth.variability, scenario.truth.variability),
        ("assay noise", block.scenario.truth.assay, scenario.truth.assay),
    ):
        if one is not two and one != two:
            raise ValueError(f"the {what} of the two scenarios differs: simulate them apart")
    other = _filled(block, scenario, responses, like=block, reading=bool(block.values))
    differ = [
        (key, arm)
        for key, arms in other.latent.items()
        for arm in arms
        if arms[arm] is not block.latent[key][arm]
    ]
    return other, frozenset(differ)


def _filled(
    block: CohortBlock,
    scenario: Scenario,
    responses: Responses,
    *,
    like: CohortBlock | None,
    reading: bool,
) -> CohortBlock:
    """Return the block's animals with their values; those of ``like`` where responses agree."""
    values: dict[str, dict[str, Floats]] = {}
    latent: dict[str, dict[str, Floats]] = {}
    for key, endpoint in scenario.design.endpoints.items():
        values[key], latent[key] = {}, {}
        for arm, group in block.animals_of(key).items():
            if like is not None and responses.same(like.responses, arm, key):
                latent[key][arm] = like.latent[key][arm]
                if reading:
                    values[key][arm] = like.values[key][arm]
                continue
            # where no response depends on the sensitivity none is drawn: one 0 stands for all
            shift = group.shift if responses.graded(arm, key) else np.zeros((1, 1))
            expected = responses.log_response(arm, key, shift, group.immunized)
            true = latent_values(scenario, key, log_response=expected, deviate=group.deviates(key))
            latent[key][arm] = true
            if reading:
                found = read(
                    endpoint,
                    true,
                    noise=scenario.truth.assay,
                    words=group.words(f"{key}/assay"),
                )
                if scenario.design.animals_may_be_lost:
                    found[group.lost] = np.nan
                values[key][arm] = found
    return CohortBlock(scenario, responses, values, latent, block.animals, block.satellites)
