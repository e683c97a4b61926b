"""Which pairs of sizes are looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.evaluation.control_ratio.plan import Pair, Plan
from simulator.evaluation.staying import stays_from

#: About so many numbers of treated animals are looked at up to the n of equal arms; where that is
#: larger, numbers go in steps.
FINE = 40
#: Most numbers of controls where arms are large, and how much more than the guess at the fewest
#: animals a pair may take by the same guess.
_MOST_CONTROLS, _WORTH = 12, 1.05
#: Steps around the normal-theory guess that are looked at, at least.
_NEAR = 2


@dataclass(frozen=True)
class Field:
    """Numbers of control and of treated animals, on a lattice.

    Attributes
    ----------
    step : between neighbouring numbers: 1, the animals of a cage, or more where n is large.
    whole_cages : whether only full cages are looked at.
    treated : ascending.
    sparing : whether a pair costs so much that only those near the normal-theory guess are
        looked at: every number of controls is simulated by itself, or arms are large.
    """

    plan: Plan
    step: int
    whole_cages: bool
    sparing: bool
    treated: tuple[int, ...]

    @property
    def coarse(self) -> bool:
        """Whether arms are so large that numbers go in steps."""
        return self.step > (self.plan.scenario.design.animals.per_cage if self.whole_cages else 1)

    def controls(self, low: float, high: float) -> list[int]:
        """Return the numbers of controls of the lattice from low to high."""
        first = max(self.treated[0], math.ceil(low / self.step - 1e-9) * self.step)
        return list(range(first, math.floor(high) + 1, self.step))

    def nearest(self, m: float) -> int:
        """Return the number of controls of the lattice that is nearest."""
        return max(self.treated[0], math.floor(m / self.step + 0.5) * self.step)

    def lines(self, enough: int) -> dict[int, list[int]]:
        """Return where the best pair is looked for: by number of controls, treated animals.

        Parameters
        ----------
        enough : about how many animals per arm equal arms need.
        """
        # normal theory: the best m is half of (rule + 1) enough, and these are far from it
        low, high = 0.6 * enough, (self.plan.rule + 1.0) * enough + 3
        controls = self.controls(low, high)
        if not self.sparing:
            return {m: list(self.treated) for m in controls}
        top = max(enough + 3 * self.step, math.ceil(1.25 * enough))
        guesses = {m: guess for m in controls for guess in [_guess(m, enough)] if guess <= top}
        total = {m: self.plan.animals((m, max(1, round(n)))) for m, n in guesses.items()}
        worth = min(total.values(), default=0) * _WORTH + 2
        kept = [m for m in guesses if total[m] <= worth]
        if self.coarse:
            kept = kept[:: -(-len(kept) // _MOST_CONTROLS)]
        reach = max(_NEAR * self.step, 0.12 * enough)
        return {m: [n for n in self.treated if abs(n - guesses[m]) <= reach] for m in kept}


def _guess(m: int, enough: int) -> float:
    """Return the n with the variance of a difference, 1/m + 1/n, that equal arms have."""
    rest = 2.0 / enough - 1.0 / m
    return 1.0 / rest if rest > 0 else math.inf


def field_of(plan: Plan, *, enough: int) -> Field:
    """Return the lattice of a study.

    Parameters
    ----------
    enough : about how many animals per arm equal arms need.
    """
    decision, animals = plan.scenario.decision, plan.scenario.design.animals
    first = max(1, round(decision.n.start * plan.scale))
    last = max(first, round(decision.n.stop * plan.scale))
    own, mates = not animals.arms_share_cages, animals.per_cage
    coarse = max(1, round(enough / FINE))
    sparing = not plan.alike or coarse > 1
    if own:
        step = mates * max(1, round(coarse / mates))
        start = -(-first // step) * step
        whole = tuple(n for n in range(start, last + 1, step) if plan.full_cages((n, n)))
        if whole:
            return Field(plan, step, True, sparing, whole)
    start = first if coarse == 1 else -(-first // coarse) * coarse
    numbers = tuple(range(start, last + 1, coarse)) or (first,)
    return Field(plan, coarse, False, sparing, numbers)


def diagonal(plan: Plan) -> list[int]:
    """Return the n of equal arms in the range of the file."""
    decision = plan.scenario.decision
    first = max(1, round(decision.n.start * plan.scale))
    return list(range(first, max(first, round(decision.n.stop * plan.scale)) + 1))


def line_of(pairs: list[Pair]) -> dict[int, list[int]]:
    """Return pairs by their number of controls, ascending."""
    found: dict[int, list[int]] = {}
    for m, n in sorted(set(pairs)):
        found.setdefault(m, []).append(n)
    return found


def crossing(ns: Sequence[int], power: Sequence[float], target: float) -> int:
    """Return the smallest n from which power is above the target; the last where it is not."""
    found = stays_from(ns, [value >= target for value in power])
    return ns[-1] if found is None else found
