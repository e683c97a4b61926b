"""What the conduct of a study does to its values: times, waiting spleens, tired readers, days.

A study of given sizes has one timeline (in some variants); each replicate gives its animals
places in it. All of it is an addition to the ln of an animal's expected response.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.compiled import kernel
from simulator.model.animals import Animals, draw_animals
from simulator.model.timing import TimingTable
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE
from simulator.streams.normal import fill_normal
from simulator.streams.seeding import stream_words
from simulator.trial.laboratory.timeline import Line, Timeline, timeline
from simulator.trial.order import places_of, places_per_day

Floats = NDArray[np.float64]
#: Changes are kept as singles: 1e-8 of ln, at half the memory.
Singles = NDArray[np.float32]
Places = Mapping[str, NDArray[np.int64]]


@kernel
def _look_up(
    places: NDArray[np.int64],
    first: int,
    table: Singles,
    grid: Floats,
    shift: Floats,
    found: Floats,
) -> None:
    """Write the change of every animal, linear in its sensitivity between the grid points.

    Parameters
    ----------
    places : (n, R), of which ``first`` is the table's first; table : (P, V, G); grid : (G,) evenly
        spaced; shift : (n, R), or (1, 1) for all; found : (n, R).
    """
    variants, last = table.shape[1], grid.size - 1
    per_step = last / (grid[last] - grid[0]) if last > 0 else 0.0
    alike = shift.shape[0] == 1
    for i in range(places.shape[0]):
        for r in range(places.shape[1]):
            row = table[places[i, r] - first, r % variants]
            if last == 0:
                found[i, r] = row[0]
                continue
            where = (shift[0, 0] if alike else shift[i, r]) - grid[0]
            j = min(max(int(where * per_step), 0), last - 1)
            share = min(max(where * per_step - j, 0.0), 1.0)
            found[i, r] = row[j] + share * (row[j + 1] - row[j])


@kernel
def _add(places: NDArray[np.int64], table: Floats, found: Floats) -> None:
    """Add to every animal's change what its place alone does; table : (P, V)."""
    variants = table.shape[1]
    for i in range(places.shape[0]):
        for r in range(places.shape[1]):
            found[i, r] += table[places[i, r], r % variants]


@dataclass(frozen=True)
class Realised:
    """The timeline of a study of given sizes, and what it does to each arm and endpoint.

    Attributes
    ----------
    scenario, sizes : the study.
    timing : what realised times do to its immune response.
    """

    scenario: Scenario
    sizes: Mapping[str, int]
    timing: TimingTable

    @cached_property
    def timeline(self) -> Timeline:
        """When everything happens, by group and place."""
        return timeline_of(self.scenario, self.sizes)

    @cached_property
    def _reach(self) -> Mapping[str, tuple[int, int]]:
        """The first place that animals of an arm can have, and the one after the last."""
        design = self.scenario.design
        if design.conduct is None or design.conduct.order != "by-arm":
            return {}
        # chance has no part in this order, so any block tells
        found = self.places(draw_animals(self.scenario, block=0, sizes=self.sizes))
        return {arm: (int(of.min()), int(of.max()) + 1) for arm, of in found.items()}

    @cached_property
    def _tables(self) -> dict[tuple[str, str], Singles]:
        return {}

    @cached_property
    def _handled(self) -> dict[str, Floats | None]:
        return {}

    @cached_property
    def _alike(self) -> dict[tuple[int, str, str], bool]:
        return {}

    @cached_property
    def _missed(self) -> dict[tuple[str, str], dict[bytes, Floats]]:
        return {}

    def concerns(self, endpoint: str) -> bool:
        """Return whether an endpoint's values depend on when and in which order things happen."""
        return self.scenario.design.endpoints[endpoint].immune

    def prepare(self) -> None:
        """Make the tables of every arm and endpoint that time concerns."""
        for endpoint in filter(self.concerns, self.scenario.design.endpoints):
            for arm in self.sizes:
                self.table(arm, endpoint)
            self._handling(endpoint)

    def table(self, arm: str, endpoint: str) -> Singles:
        """Return the change of ln response by place, variant and sensitivity, (p, V, G).

        The places are those within reach of the arm.
        """
        key = arm, endpoint
        if key not in self._tables:
            self._tables[key] = self._table(arm, endpoint)
        return self._tables[key]

    def _line(self, endpoint: str) -> Line:
        satellite = self.scenario.design.endpoints[endpoint].satellite
        return self.timeline.lines[endpoint if satellite else None]

    def _table(self, arm: str, endpoint: str) -> Singles:
        line = self._line(endpoint)
        first, end = self._reach.get(arm, (0, line.immunized.shape[1]))
        immunized = line.immunized[:, first:end]
        variants, places = immunized.shape
        interval = line.sampled[endpoint][:, first:end] - immunized
        rounds = self.timing.rounds(arm)
        delays = np.empty((variants * places, len(rounds)))
        for j, day in enumerate(rounds):
            late = line.dosed.get(day)  # None: planned after the last reading of these animals
            delays[:, j] = 0.0 if late is None else (late[:, first:end] - immunized).ravel()
        change = self.timing.change(arm, endpoint, interval=interval.ravel(), delays=delays)
        found = np.zeros((1, 1)) if change is None else change
        table = np.broadcast_to(found, (variants * places, found.shape[1]))
        by_place = table.reshape(variants, places, -1).transpose(1, 0, 2)
        return np.ascontiguousarray(by_place, dtype=np.float32)

    def _handling(self, endpoint: str) -> Floats | None:
        """Return what waiting and reading do to ln of a value, (P, V); None where nothing."""
        if endpoint not in self._handled:
            self._handled[endpoint] = self._handle(endpoint)
        return self._handled[endpoint]

    def _handle(self, endpoint: str) -> Floats | None:
        line, handling = self._line(endpoint), self.scenario.truth.handling
        if self.scenario.design.endpoints[endpoint].kind != "plaque_count":
            return None
        lost = math.log1p(-handling.spleen_loss.value) * line.waited
        drift = math.log1p(handling.reader_drift.value) * line.reading
        found = np.ascontiguousarray((lost + drift).T)
        return found if found.any() else None

    def same(self, other: Realised, arm: str, endpoint: str) -> bool:
        """Return whether time does the same to an arm in both."""
        key = id(other), arm, endpoint
        if key not in self._alike:
            one, two = self.table(arm, endpoint), other.table(arm, endpoint)
            self._alike[key] = np.array_equal(one, two)
        return self._alike[key]

    def places(self, animals: Mapping[str, Animals]) -> Places:
        """Return the place of each animal of a group in each replicate, (n, R) by arm."""
        return places_of(self.scenario.design, animals)

    def change(self, animals: Animals, endpoint: str, places: NDArray[np.int64]) -> Floats:
        """Return what is added to ln of each animal's expected response, (n, R)."""
        arm = animals.arm
        grid = self.timing.grid(arm, endpoint)
        shift = animals.shift if grid.size > 1 else np.zeros((1, 1))
        found = np.empty(places.shape)
        first, _ = self._reach.get(arm, (0, 0))
        _look_up(places, first, self.table(arm, endpoint), grid, shift, found)
        without = self._without_missed(animals, endpoint, grid, shift)
        if without is not None:
            found += without
        if animals.immunized is not None:
            found[~animals.immunized] = 0.0  # the background knows no time
        handled = self._handling(endpoint)
        if handled is not None:
            _add(places, handled, found)
        if self._days > 1:
            found += self._day_effects(animals.block)[self._line(endpoint).day_of[places], _COLUMNS]
        return found

    def _without_missed(
        self, animals: Animals, endpoint: str, grid: Floats, shift: Floats
    ) -> Floats | None:
        """Return what the doses that were left out would have added, (n, R); None where nothing.

        Effects of several missed doses of an animal do not add up, so every combination that
        occurs is solved.
        """
        conduct, rounds = self.scenario.design.conduct, self.timing.rounds(animals.arm)
        if conduct is None or conduct.missed_doses == 0.0 or not rounds:
            return None
        missed = np.stack([animals.missed_dose(j) for j in range(len(rounds))], axis=-1)
        patterns, which = np.unique(missed.reshape(-1, len(rounds)), axis=0, return_inverse=True)
        rows = self._missed_rows(animals.arm, endpoint, patterns)
        if rows is None:
            return None
        found = np.empty(missed.shape[:2])
        table = rows[:, None, :].astype(np.float32)
        _look_up(which.reshape(found.shape).astype(np.int64), 0, table, grid, shift, found)
        return found

    def _missed_rows(self, arm: str, endpoint: str, patterns: NDArray[np.bool_]) -> Floats | None:
        """Return the change of ln response by combination of missed doses, (K, G)."""
        known = self._missed.setdefault((arm, endpoint), {})
        if len(known) > _MOST_KEPT:
            known.clear()
        new = [pattern for pattern in patterns if pattern.tobytes() not in known]
        if new:
            rows = self.timing.missed(arm, endpoint, patterns=np.array(new))
            if rows is None:
                return None
            known.update((p.tobytes(), row) for p, row in zip(new, rows, strict=True))
        return np.array([known[pattern.tobytes()] for pattern in patterns])

    @property
    def _days(self) -> int:
        conduct = self.scenario.design.conduct
        return 1 if conduct is None else conduct.days

    def _day_effects(self, block: int) -> Floats:
        """Return what the animals of one day have in common, (days, R)."""
        effects = np.empty((self._days, BLOCK_SIZE))
        words = stream_words(self.scenario.seed, block=block, owner="days", purpose="day")
        fill_normal(words, effects.reshape(-1))
        return effects * self.scenario.truth.handling.day_sd_ln.value


#: Most combinations of missed doses of one arm whose effect is kept.
_MOST_KEPT = 2_000
_COLUMNS = np.arange(BLOCK_SIZE)


def timeline_of(scenario: Scenario, sizes: Mapping[str, int]) -> Timeline:
    """Return the timeline of a study of given sizes, its satellites included."""
    design = scenario.design
    groups: dict[str | None, tuple[int, ...]] = {None: places_per_day(design, sizes)}
    for key, endpoint in design.endpoints.items():
        if endpoint.satellite:
            groups[key] = groups[None]
    if all(endpoint.satellite for endpoint in design.endpoints.values()):
        del groups[None]
    return timeline(scenario, places=groups)
