"""What the loss of an animal costs: paired differences of power on the same animals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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
    loss : power lost, a paired difference on the same animals.
    animals : fewer purchased.
    """

    arm: str
    taken: int
    of: str
    power: Probability
    loss: Estimate
    animals: int

    @property
    def per_animal(self) -> Estimate:
        """Power lost for each animal purchased less."""
        if self.animals <= 0:
            return Estimate(math.nan, math.nan)
        return Estimate(self.loss.value / self.animals, self.loss.mcse / self.animals)

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        low, high = self.loss.interval(0.95)
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
    comparison, and the control's that of the comparison with the least power. The error is that
    of a paired difference: with b studies that lose their finding and c that gain one, of R, it
    is sqrt(b + c - (b - c)^2/R)/R.

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
        change = lost - gained
        error = math.sqrt(max(0.0, lost + gained - change**2 / replicates)) / replicates
        fewer = whole - study_headcount(studies[index][0], n).purchased
        found.append(
            Removal(
                arm=arm,
                taken=taken,
                of=label,
                power=Probability(int(after.sum()), replicates),
                loss=Estimate(change / replicates, error),
                animals=fewer,
            )
        )
    return tuple(found)


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
