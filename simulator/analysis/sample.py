"""The values of one endpoint in one arm, sorted for a rank test."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from simulator.analysis.effect import Quartiles, quartiles
from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.analysis.units import one_per_cage

_NO_VALUES: Floats = np.zeros(0)


@dataclass(frozen=True)
class Sample:
    """The values of one endpoint in one arm: of its animals, or of its cages (their medians).

    Attributes
    ----------
    recorded : shape (n,), values as recorded and used, ascending.
    ranked : shape (n,), the same for ranking, ascending: -inf below the range, inf above it.
    missing : animals without a value.
    below, above : how many of the values lie outside the assay's range.
    mixed : an uncensored value lies beyond the recorded limit of a censored one.
    animals : that have a value.
    """

    recorded: Floats = field(default_factory=lambda: _NO_VALUES)
    ranked: Floats = field(default_factory=lambda: _NO_VALUES)
    missing: int = 0
    below: int = 0
    above: int = 0
    mixed: bool = False
    animals: int = 0

    @cached_property
    def quartiles(self) -> Quartiles | None:
        """Quartiles of the recorded values, None of an empty sample."""
        return quartiles(self.recorded) if self.recorded.size else None

    def remarks(self, who: str) -> list[str]:
        """Return what a reader must know of this sample."""
        found = []
        total = self.animals + self.missing
        values = "values"
        if self.missing:
            found.append(f"{self.missing} of {total} {who} values missing, not used")
        if self.animals > self.recorded.size:
            total, values = self.recorded.size, "cage medians"
        for count, where, rank in ((self.below, "below", "low"), (self.above, "above", "high")):
            if count:
                found.append(
                    f"{count} of {total} {who} {values} {where} the range: {rank}est rank in the "
                    "test, recorded value in the effects"
                )
        if self.mixed:
            found.append(f"a {who} value lies beyond the limit of one recorded as out of range")
        return found


def sample_of(values: Floats, below: Bools, above: Bools, cage: Ints | None = None) -> Sample:
    """Return the sample of one endpoint in one arm.

    Parameters
    ----------
    values : shape (n,), NaN where an animal has no value.
    below, above : shape (n,), which lie outside the assay's range.
    cage : shape (n,), each animal's cage in any numbers, where the cage is the unit.
    """
    used = ~np.isnan(values)
    animals = int(used.sum())
    missing = int(values.size - animals)
    if missing:
        values, below, above = values[used], below[used], above[used]
    mixed = _mixed(values, below, above)
    if cage is not None and animals:
        values, below, above = one_per_cage(values, below, above, cage[used])
    if not (below.any() or above.any()):
        ordered = np.sort(values)
        return Sample(ordered, ordered, missing, mixed=mixed, animals=animals)
    ranked = np.sort(np.where(below, -np.inf, np.where(above, np.inf, values)))
    low, high = int(below.sum()), int(above.sum())
    return Sample(np.sort(values), ranked, missing, low, high, mixed, animals)


def _mixed(values: Floats, below: Bools, above: Bools) -> bool:
    inside = values[~(below | above)]
    return bool(
        (below.any() and inside.size and inside.min() < values[below].max())
        or (above.any() and inside.size and inside.max() > values[above].min())
    )
