"""The animals of a block of replicates: who they are before anything is read.

Every property has a stream of its own, named by arm and purpose, and is drawn animal by animal
(axis 0), so neither a larger study nor another arm or endpoint changes the animals there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE, stream

Floats = NDArray[np.float64]

#: Body weights are clipped to this share and this multiple of the mean: no mouse is weightless.
WEIGHT_LIMITS = (0.5, 2.0)


@dataclass(frozen=True)
class Animals:
    """n animals of one arm in each of ``BLOCK_SIZE`` replicates.

    Attributes
    ----------
    scenario, block, arm, n : what the draws belong to.
    prefix : "" for the main animals, ``<endpoint>/`` for the satellites of an endpoint.
    cage : (n,) index of each animal's cage, among all animals' cages where arms share cages,
        else among the arm's own.
    """

    scenario: Scenario
    block: int
    arm: str
    n: int
    prefix: str
    cage: NDArray[np.int64]

    def generator(self, purpose: str, *, owner: str | None = None) -> np.random.Generator:
        """Return the fresh generator of one purpose."""
        return stream(
            self.scenario.seed,
            block=self.block,
            owner=owner if owner is not None else self.arm,
            purpose=self.prefix + purpose,
        )

    def _normal(self, purpose: str) -> Floats:
        return self.generator(purpose).standard_normal((self.n, BLOCK_SIZE))

    def _below(self, purpose: str, chance: float) -> NDArray[np.bool_]:
        if chance == 0.0:
            return np.zeros((self.n, BLOCK_SIZE), dtype=np.bool_)
        return self.generator(purpose).random((self.n, BLOCK_SIZE)) < chance

    @cached_property
    def shift(self) -> Floats:
        """Shift of ln EC50 (n, replicates), normal around 0."""
        sd = self.scenario.truth.variability.sensitivity.sd_ln.value
        return sd * self._normal("sensitivity") if sd else np.zeros((self.n, BLOCK_SIZE))

    @cached_property
    def immunized(self) -> NDArray[np.bool_] | None:
        """Whether the immunization took (n, replicates); None where it always does."""
        failure = self.scenario.truth.variability.immunization_failure.value
        return ~self._below("immunized", failure) if failure else None

    @cached_property
    def lost(self) -> NDArray[np.bool_]:
        """Whether the animal is lost before it is read (n, replicates)."""
        return self._below("lost", self.scenario.design.attrition.loss)

    @cached_property
    def life(self) -> Floats:
        """Share of the time from immunization to reading that a lost animal lives (n, reps)."""
        return self.generator("death").random((self.n, BLOCK_SIZE))

    @cached_property
    def weight(self) -> Floats:
        """Body weight in grams (n, replicates)."""
        weight = self.scenario.design.animals.weight
        low, high = WEIGHT_LIMITS
        drawn = weight.mean + weight.sd * self._normal("weight")
        return np.clip(drawn, low * weight.mean, high * weight.mean)

    @cached_property
    def _responder(self) -> Floats:
        return self._normal("responder")

    @cached_property
    def _cage_effect(self) -> Floats:
        owner = "cages" if self.scenario.design.animals.arms_share_cages else self.arm
        cages = int(self.cage.max()) + 1
        drawn = self.generator("cage", owner=owner).standard_normal((cages, BLOCK_SIZE))
        return drawn[self.cage]

    def deviates(self, endpoint: str) -> Floats:
        """Return the standard normal deviate of each animal on an endpoint (n, replicates).

        ``sqrt(icc)*cage + sqrt(1-icc)*(sqrt(rho)*responder + sqrt(1-rho)*own)``; rho is the
        responder correlation for AFC and titer, 0 for the others. The cage effect is one for
        all endpoints.
        """
        variability = self.scenario.truth.variability
        immune = self.scenario.design.endpoints[endpoint].immune
        rho = variability.responder_correlation.value if immune else 0.0
        icc = variability.cage_icc.value
        z = self._normal(f"{endpoint}/own")
        if rho:
            z *= math.sqrt(1.0 - rho)
            z += math.sqrt(rho) * self._responder
        if icc:
            z *= math.sqrt(1.0 - icc)
            z += math.sqrt(icc) * self._cage_effect
        return z


def draw_animals(
    scenario: Scenario, *, block: int, sizes: Mapping[str, int], satellites_of: str | None = None
) -> dict[str, Animals]:
    """Return the animals of each arm in a block.

    Parameters
    ----------
    scenario : resolved scenario.
    block : index of the block of replicates.
    sizes : animals per arm.
    satellites_of : endpoint whose extra animals are meant; the main animals by default.
    """
    cages = assign_cages(scenario, sizes=sizes)
    prefix = f"{satellites_of}/" if satellites_of is not None else ""
    return {
        arm: Animals(scenario, block, arm, sizes[arm], prefix, cages[arm])
        for arm in scenario.design.arms
        if arm in sizes
    }


def assign_cages(scenario: Scenario, *, sizes: Mapping[str, int]) -> dict[str, NDArray[np.int64]]:
    """Return each animal's cage index, by arm.

    Cages of one arm hold consecutive animals of it. Shared cages are dealt animal by animal
    through the arms in design order, an arm of ratio 2 twice as often, whatever the sizes: the
    cages of a smaller study are the first cages of a larger one.
    """
    per_cage = scenario.design.animals.per_cage
    present = {key: arm for key, arm in scenario.design.arms.items() if key in sizes}
    if not scenario.design.animals.arms_share_cages:
        return {key: np.arange(sizes[key], dtype=np.int64) // per_cage for key in present}
    cages = {}
    order = list(present)
    for key in order:
        turn = (np.arange(sizes[key]) + 0.5) / _pace(scenario, key)
        place = np.zeros(sizes[key], dtype=np.int64)
        for other in order:
            # animals i of the other arm whose turn (i + 1/2) / pace is before this one's; on
            # a tie the arm that comes first in the design goes first (rounded: i is an integer)
            reach = np.round(turn * _pace(scenario, other) - 0.5, 9)
            first = order.index(other) < order.index(key)
            place += (np.floor(reach) + 1 if first else np.ceil(reach)).astype(np.int64)
        cages[key] = place // per_cage
    return cages


def _pace(scenario: Scenario, arm: str) -> float:
    found = scenario.design.arms[arm]
    return found.ratio if found.n is None else 1.0
