"""What the loss of an animal costs: paired differences of power on the same animals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from simulator.analysis.kernel_types import Bools
from simulator.engine.local import Progress, run_blocks
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.control_ratio.pairs import Pairs
from simulator.evaluation.control_ratio.plan import Pair, Plan
from simulator.evaluation.decisions.decide import Tested
from simulator.evaluation.decisions.layout import Layout
from simulator.scenario import Scenario
from simulator.scenario.enrolment import planned_sizes, study_headcount
from simulator.streams import BLOCK_SIZE


@dataclass(frozen=True)
class Removal:
    """Animals less in an arm (or in every treated arm), all else as in the best pair.

    Attributes
    ----------
    arm : the arm that loses them; empty where every treated arm does.
    taken : how many each of them loses: one, or a full cage where only full cages are wanted.
    of : whose power it is: the comparison it hurts (treated arm and endpoint), or any or all.
    power : without them.
    lost, gained : studies that lose their finding without them, and that gain one.
    animals : fewer purchased.
    """

    arm: str
    taken: int
    of: str
    power: Probability
    lost: int
    gained: int
    animals: int

    @property
    def loss(self) -> Estimate:
        """Power lost: a paired difference on the same animals.

        With b studies that lose their finding and c that gain one, of R, its error is
        sqrt(b + c - (b - c)^2/R)/R; it is not known (nan) where no study changes.
        """
        b, c, total = self.lost, self.gained, self.power.replicates
        if b + c == 0:
            return Estimate(0.0, math.nan)
        error = math.sqrt(max(0.0, b + c - (b - c) ** 2 / total)) / total
        return Estimate((b - c) / total, error)

    @property
    def loss_ci(self) -> tuple[float, float]:
        """Score interval of the power lost at 95 %: of no width nowhere."""
        return paired_interval(self.lost, self.gained, self.power.replicates, confidence=0.95)

    @property
    def per_animal(self) -> Estimate:
        """Power lost for each animal purchased less."""
        if self.animals <= 0:
            return Estimate(math.nan, math.nan)
        return Estimate(self.loss.value / self.animals, self.loss.mcse / self.animals)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        low, high = self.loss_ci
        return {
            "arm": self.arm or "every treated arm",
            "taken": self.taken,
            "of": self.of,
            "power": self.power.to_dict(),
            "power_lost": self.loss.to_dict() | {"ci": [low, high]},
            "animals_fewer": self.animals,
            "power_lost_per_animal": self.per_animal.to_dict(),
        }


def removals(
    pairs: Pairs,
    pair: Pair,
    *,
    replicates: int,
    first_block: int,
    taken: int = 1,
    progress: Progress | None = None,
) -> tuple[Removal, ...]:
    """Return the power that an animal less costs: in the control, in each treated arm, in all.

    Where each comparison must reach the target, a treated arm's loss is that of its own
    comparison, and the control's that of the comparison with the least power.

    Parameters
    ----------
    pair : (control, treated) animals that they are taken from.
    replicates : studies, in blocks of 500 from ``first_block`` on.
    taken : animals that an arm loses; arms that have no more are left out.
    """
    plan = pairs.plan
    m, n = pair
    base = plan.tested(plan.with_control(m))
    planned = planned_sizes(base.design, n)
    arms = [arm for arm in (plan.control, *plan.treated) if planned[arm] > taken]
    studies = [(base, n)] + [(_without(base, [arm], n, taken), n) for arm in arms]
    every = len(plan.treated) > 1 and all(planned[arm] > taken for arm in plan.treated)
    if every:
        studies.append((_without(base, plan.treated, n, taken), n))
    events = _events(pairs, studies, replicates, first_block, progress)
    whole = plan.animals(pair)
    found = []
    for index, arm in enumerate([*arms, *([""] if every else [])], start=1):
        label, event = _concerned(plan, events.layout, events.found[0], arm)
        before, after = event(events.found[0]), event(events.found[index])
        lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
        fewer = whole - study_headcount(studies[index][0], n).purchased
        found.append(
            Removal(
                arm=arm,
                taken=taken,
                of=label,
                power=Probability(int(after.sum()), replicates),
                lost=lost,
                gained=gained,
                animals=fewer,
            )
        )
    return tuple(found)


def paired_interval(
    lost: int, gained: int, total: int, *, confidence: float
) -> tuple[float, float]:
    """Return the score interval of a paired difference of shares, (lost - gained)/total.

    Tango, Statistics in Medicine 17, 891-908, 1998: the differences that a score test does not
    reject, the share of gains estimated under each. Where nothing changes it reaches z^2/(R + z^2)
    either way, as far as Wilson's for an event that was never seen.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)

    def score(difference: float) -> float:
        spare = difference * (1 - difference)
        middle = (2 * total - lost + gained) * difference - lost - gained
        root = math.sqrt(max(0.0, middle**2 + 8 * total * gained * spare))
        gains = (root - middle) / (4 * total)
        variance = total * (2 * gains + spare)
        apart = lost - gained - total * difference
        return apart / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, apart)

    def where(wanted: float, low: float, high: float) -> float:
        for _ in range(60):  # the score falls as the difference grows
            half = (low + high) / 2
            low, high = (half, high) if score(half) > wanted else (low, half)
        return (low + high) / 2

    seen = (lost - gained) / total
    return where(z, -1.0, seen), where(-z, seen, 1.0)


@dataclass(frozen=True)
class _Events:
    """Decisions (C, R) of every study in the same replicates; C the decision's family."""

    layout: Layout
    found: list[Bools]


def _events(
    pairs: Pairs,
    studies: Sequence[tuple[Scenario, int]],
    replicates: int,
    first_block: int,
    progress: Progress | None,
) -> _Events:
    test = pairs.tester([(scenario, [n]) for scenario, n in studies])

    def work(block: int) -> list[Bools]:
        used = min(BLOCK_SIZE, replicates - (block - first_block) * BLOCK_SIZE)
        tested: list[Tested] = [one for _, one in test(block, used)]
        return [one.rejected[:, 0] for one in tested]

    blocks = range(first_block, first_block + -(-replicates // BLOCK_SIZE))
    parts = list(run_blocks(work, blocks, threads=pairs.threads, progress=progress))
    found = [np.concatenate([part[k] for part in parts], axis=1) for k in range(len(studies))]
    return _Events(test.layouts[0], found)


def _without(scenario: Scenario, arms: Sequence[str], n: int, taken: int) -> Scenario:
    """Return the study with fewer animals in some arms; the others have theirs at n."""
    design = scenario.design
    planned = planned_sizes(design, n)
    changed = {
        key: arm.model_copy(update={"n": planned[key] - taken}) if key in arms else arm
        for key, arm in design.arms.items()
    }
    fewer = design.model_copy(update={"arms": changed})
    return scenario.model_copy(update={"design": fewer})


def _concerned(plan: Plan, layout: Layout, base: Bools, arm: str) -> tuple[str, _Event]:
    """Return whose power an arm's animal is about, and how to see it in the decisions."""
    wish = plan.scenario.decision.power.of
    target: list[int] = np.flatnonzero(layout.target).tolist()
    if wish != "each":
        return f"{wish} of the comparisons", _Event(tuple(target), wish == "all")
    own = [c for c in target if layout.comparisons[c].treated == arm]
    hurt = min(own or target, key=lambda c: int(base[c].sum()))
    one = layout.comparisons[hurt]
    return f"{one.treated}, {one.endpoint}", _Event((hurt,), True)


@dataclass(frozen=True)
class _Event:
    """All, or any, of some comparisons find something."""

    comparisons: tuple[int, ...]
    every: bool

    def __call__(self, rejected: Bools) -> Bools:
        chosen = rejected[list(self.comparisons)]
        return np.asarray(chosen.all(axis=0) if self.every else chosen.any(axis=0))
