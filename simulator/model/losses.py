"""Which values of the animals are lost: deaths and their day, samples, exclusions."""

from __future__ import annotations

import math
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.enrolment import death_of, death_window, readings_of
from simulator.streams import BLOCK_SIZE
from simulator.streams.normal import fill_mixture

if TYPE_CHECKING:
    from simulator.model.animals import Animals

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Losses:
    """The losses of n animals of one arm in each of ``BLOCK_SIZE`` replicates.

    All arrays are (n, replicates); None stands for "nowhere", at no cost.
    """

    def __init__(self, animals: Animals) -> None:
        self._animals, self._design = animals, animals.scenario.design
        self._satellite_of = animals.prefix.removesuffix("/") or None
        self._window = death_window(self._design, satellite_of=self._satellite_of)

    @cached_property
    def _dies(self) -> Bools | None:
        """Whether the animal dies in the days of death.

        With ``attrition.with_response`` = r by a threshold of the liability
        ``r*responder + sqrt(1 - r^2)*own``, standard normal as well: the share that dies is the
        same for every r.
        """
        animals, r = self._animals, self._design.attrition.with_response
        chance = death_of(self._design, animals.arm)
        if not chance or self._window is None:
            return None
        if not r:
            return animals.below("lost", chance)
        own, liability = math.sqrt(1.0 - r * r), np.empty((animals.n, BLOCK_SIZE))
        words = animals.words("death-liability")
        fill_mixture(words, own, r, animals.responder.reshape(-1), liability.reshape(-1))
        return liability > NormalDist().inv_cdf(1.0 - chance)

    @cached_property
    def death_day(self) -> Floats:
        """Study day of death, NaN where it lives, or is killed before."""
        day = np.full((self._animals.n, BLOCK_SIZE), np.nan)
        if self._dies is None or self._window is None:
            return day
        first, last = self._window
        found = first + (last - first) * self._animals.life
        np.copyto(day, found, where=self._dies)
        killed = self._killed_on
        if killed is not None and last > killed:
            day[found > killed] = np.nan
        return day

    @property
    def _killed_on(self) -> float | None:
        if self._satellite_of is None:
            return self._design.killed_on
        endpoint = self._design.endpoints[self._satellite_of]
        return endpoint.day if endpoint.terminal else None

    def _dead_on(self, day: float) -> Bools | None:
        """Whether the animal has died by a day or on it."""
        if self._dies is None or self._window is None or self._window[0] >= day:
            return None
        if self._window[1] <= day:
            return self._dies
        died: Bools = self.death_day <= day  # NaN is not
        return died

    @property
    def unread(self) -> Bools:
        """Whether the animal dies before its first reading."""
        read = readings_of(self._design, satellite_of=self._satellite_of)
        dead = self._dead_on(min(read.values())) if read else None
        return np.zeros((self._animals.n, BLOCK_SIZE), dtype=np.bool_) if dead is None else dead

    @cached_property
    def _excluded(self) -> Bools | None:
        """Whether every value of the animal is left out of the analysis."""
        animals, attrition = self._animals, self._design.attrition
        found = None
        if attrition.exclusions:
            found = animals.below("excluded", attrition.exclusions)
        if attrition.failed_immunization and animals.immunized is not None:
            noticed = animals.below("failure-noticed", attrition.failed_immunization)
            found = _either(found, noticed & ~animals.immunized)
        return found

    def missing(self, endpoint: str) -> Bools | None:
        """Return whether a value is not analysed.

        The animal has died by the day of the endpoint or on it, its sample is lost, or it is
        excluded: as it happens, or because its immunization was seen to fail.
        """
        found = _either(self._dead_on(self._design.endpoints[endpoint].day), self._excluded)
        chance = self._design.attrition.samples.get(endpoint, 0.0)
        if chance:
            found = _either(found, self._animals.below(f"{endpoint}/sample-lost", chance))
        return found


def _either(one: Bools | None, other: Bools | None) -> Bools | None:
    """Return where one or the other is true."""
    if one is None or other is None:
        return other if one is None else one
    return one | other
