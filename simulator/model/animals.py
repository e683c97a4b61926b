"""The animals of a block of replicates: who they are before anything is read.

Every property has a stream of its own, named by arm and purpose, and is drawn animal by animal
(axis 0), so neither a larger study nor another arm or endpoint changes the animals there are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from simulator.model.losses import Losses
from simulator.scenario import Design, Scenario
from simulator.streams import BLOCK_SIZE, Words, stream
from simulator.streams.normal import fill_mixture, fill_normal
from simulator.streams.seeding import stream_words

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

    def generator(self, purpose: str) -> np.random.Generator:
        """Return the fresh generator of one purpose."""
        return stream(
            self.scenario.seed, block=self.block, owner=self.arm, purpose=self.prefix + purpose
        )

    def words(self, purpose: str, owner: str | None = None) -> Words:
        """Return the same stream for kernels; another owner's where one is named."""
        return stream_words(
            self.scenario.seed,
            block=self.block,
            owner=self.arm if owner is None else owner,
            purpose=self.prefix + purpose,
        )

    def _normal(self, purpose: str, *, owner: str | None = None, rows: int | None = None) -> Floats:
        drawn = np.empty((self.n if rows is None else rows, BLOCK_SIZE))
        fill_normal(self.words(purpose, owner), drawn.reshape(-1))
        return drawn

    def below(self, purpose: str, chance: float) -> NDArray[np.bool_]:
        """Return whether something of this chance happens (n, replicates)."""
        if chance == 0.0:
            return np.zeros((self.n, BLOCK_SIZE), dtype=np.bool_)
        return self.generator(purpose).random((self.n, BLOCK_SIZE)) < chance

    @cached_property
    def shift(self) -> Floats:
        """Shift of ln EC50 (n, replicates), normal around 0."""
        sd = self.scenario.truth.variability.sensitivity.sd_ln.value
        if not sd:
            return np.zeros((self.n, BLOCK_SIZE))
        drawn = self._normal("sensitivity")
        drawn *= sd
        return drawn

    @cached_property
    def immunized(self) -> NDArray[np.bool_] | None:
        """Whether the immunization took (n, replicates); None where it always does."""
        failure = self.scenario.truth.variability.immunization_failure.value
        return ~self.below("immunized", failure) if failure else None

    @cached_property
    def _losses(self) -> Losses:
        return Losses(self)

    @property
    def lost(self) -> NDArray[np.bool_]:
        """Whether the animal dies before it is read at all (n, replicates)."""
        return self._losses.unread

    @property
    def death_day(self) -> Floats:
        """Study day of death (n, replicates), NaN where it lives, or is killed before."""
        return self._losses.death_day

    def missing(self, endpoint: str) -> NDArray[np.bool_] | None:
        """Return whether a value is not analysed (n, replicates); None where none can be lost."""
        return self._losses.missing(endpoint)

    def missed_dose(self, index: int) -> NDArray[np.bool_]:
        """Return whether an injection is left out (n, replicates).

        Parameters
        ----------
        index : of the arm's day of dosing, from 0.
        """
        conduct = self.scenario.design.conduct
        chance = 0.0 if conduct is None else conduct.missed_doses
        return self.below(f"missed-dose/{index}", chance)

    @cached_property
    def life(self) -> Floats:
        """Share of the days of death that an animal that dies in them lives (n, replicates)."""
        return self.generator("death").random((self.n, BLOCK_SIZE))

    @cached_property
    def weight(self) -> Floats:
        """Body weight in grams (n, replicates)."""
        weight = self.scenario.design.animals.weight
        low, high = WEIGHT_LIMITS
        drawn = weight.mean + weight.sd * self._normal("weight")
        return np.clip(drawn, low * weight.mean, high * weight.mean)

    @cached_property
    def responder(self) -> Floats:
        """Responsiveness (n, replicates), standard normal; AFC and titer share it."""
        return self._normal("responder")

    @cached_property
    def _cage_effect(self) -> Floats:
        owner = "cages" if self.scenario.design.animals.arms_share_cages else self.arm
        cages = int(self.cage.max()) + 1
        return self._normal("cage", owner=owner, rows=cages)[self.cage]

    def deviates(self, endpoint: str) -> Floats:
        """Return the standard normal deviate of each animal on an endpoint (n, replicates).

        ``sqrt(icc)*cage + sqrt(1-icc)*(sqrt(rho)*responder + sqrt(1-rho)*own)``; rho is the
        responder correlation for AFC and titer, 0 for the others. The cage effect is one for
        all endpoints, its share of the variance (icc) each endpoint's own.
        """
        variability = self.scenario.truth.variability
        immune = self.scenario.design.endpoints[endpoint].immune
        rho = variability.responder_correlation.value if immune else 0.0
        icc = variability.icc_of(endpoint)
        if rho:
            z = np.empty((self.n, BLOCK_SIZE))
            own, shared = math.sqrt(1.0 - rho), math.sqrt(rho)
            words = self.words(f"{endpoint}/own")
            fill_mixture(words, own, shared, self.responder.reshape(-1), z.reshape(-1))
        else:
            z = self._normal(f"{endpoint}/own")
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
    cages = assign_cages(scenario.design, sizes=sizes)
    prefix = f"{satellites_of}/" if satellites_of is not None else ""
    return {
        arm: Animals(scenario, block, arm, sizes[arm], prefix, cages[arm])
        for arm in scenario.design.arms
        if arm in sizes
    }


def assign_cages(design: Design, *, sizes: Mapping[str, int]) -> Mapping[str, NDArray[np.int64]]:
    """Return each animal's cage index, by arm.

    Cages of one arm hold consecutive animals of it. Shared cages are dealt animal by animal
    through the arms in design order, an arm of ratio 2 twice as often, whatever the sizes: the
    cages of a smaller study are the first cages of a larger one.
    """
    animals = design.animals
    present = tuple((key, arm.pace, sizes[key]) for key, arm in design.arms.items() if key in sizes)
    return _deal(present, animals.per_cage, animals.arms_share_cages)


@lru_cache(maxsize=256)  # the same for every block
def _deal(
    arms: tuple[tuple[str, float, int], ...], per_cage: int, shared: bool
) -> Mapping[str, NDArray[np.int64]]:
    """Return the cages of arms given by id, pace of dealing and size."""
    cages = {}
    for place_of, (key, pace, size) in enumerate(arms):
        if not shared:
            cages[key] = np.arange(size, dtype=np.int64) // per_cage
            continue
        turn = (np.arange(size) + 0.5) / pace
        place = np.zeros(size, dtype=np.int64)
        for other_place, (_, other_pace, _) in enumerate(arms):
            # animals i of the other arm whose turn (i + 1/2) / pace is before this one's; on
            # a tie the arm that comes first in the design goes first (rounded: i is an integer)
            reach = np.round(turn * other_pace - 0.5, 9)
            first = other_place < place_of
            place += (np.floor(reach) + 1 if first else np.ceil(reach)).astype(np.int64)
        cages[key] = place // per_cage
    for cage in cages.values():
        cage.flags.writeable = False
    return MappingProxyType(cages)
