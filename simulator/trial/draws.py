"""What chance gives the animals of a block, drawn once however often they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.model.animals import Animals, draw_animals
from simulator.model.response_table import Responses
from simulator.scenario import Scenario

Floats = NDArray[np.float64]
_BySlot = dict[tuple[str, str], Floats]


@dataclass(frozen=True)
class Draws:
    """The animals of a block at their largest number, and what was drawn for them so far.

    Attributes
    ----------
    scenario, responses : the study, and what its animals respond.
    animals : by arm, the main animals.
    satellites : by endpoint and arm, the extra animals of satellite endpoints.
    """

    scenario: Scenario
    responses: Responses
    animals: Mapping[str, Animals]
    satellites: Mapping[str, Mapping[str, Animals]]
    _deviates: _BySlot = field(default_factory=dict, repr=False)
    _expected: _BySlot = field(default_factory=dict, repr=False)

    def with_responses(self, scenario: Scenario, responses: Responses) -> Draws:
        """Return the same animals with other responses."""
        return Draws(scenario, responses, self.animals, self.satellites, self._deviates)

    def animals_of(self, endpoint: str) -> Mapping[str, Animals]:
        """Return the animals in which an endpoint is read, by arm."""
        return self.satellites.get(endpoint, self.animals)

    def deviate(self, endpoint: str, arm: str) -> Floats:
        """Return the animals' standard normal deviates, (largest n, replicates)."""
        slot = endpoint, arm
        if slot not in self._deviates:
            self._deviates[slot] = self.animals_of(endpoint)[arm].deviates(endpoint)
        return self._deviates[slot]

    def expected(self, endpoint: str, arm: str) -> Floats:
        """Return ln of the animals' expected responses as planned, (largest n, replicates).

        (1, 1) where it is the same for all.
        """
        slot = endpoint, arm
        if slot not in self._expected:
            group = self.animals_of(endpoint)[arm]
            # where no response depends on the sensitivity none is drawn: one 0 stands for all
            graded = self.responses.graded(arm, endpoint)
            shift = group.shift if graded else np.zeros((1, 1))
            self._expected[slot] = self.responses.log_response(
                arm, endpoint, shift, group.immunized
            )
        return self._expected[slot]


def draw(
    scenario: Scenario, responses: Responses, *, block: int, sizes: Mapping[str, int]
) -> Draws:
    """Return the animals of a block; nothing is drawn before it is asked for."""
    satellites = {
        key: draw_animals(scenario, block=block, sizes=sizes, satellites_of=key)
        for key, endpoint in scenario.design.endpoints.items()
        if endpoint.satellite
    }
    main = draw_animals(scenario, block=block, sizes=sizes)
    return Draws(scenario, responses, main, satellites)
