"""What a planner must know of the best pair besides its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from simulator.evaluation.advice import in_practice, surely_above
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.control_ratio.families import FamilyAt
from simulator.evaluation.control_ratio.plan import Pair
from simulator.evaluation.control_ratio.removal import Removal
from simulator.evaluation.control_ratio.search import Found, Search
from simulator.scenario.enrolment import planned_sizes

#: A plan that keeps less than this share of its target without one animal is called fragile.
_KEPT = 0.5


def notes(
    search: Search, found: Found, lost: Sequence[Removal], families: Sequence[FamilyAt]
) -> Iterator[str]:
    """Yield what was left out of the search, and what is unwise in its answer."""
    plan, field, best = search.plan, search.field, found.best
    animals = plan.scenario.design.animals
    if plan.fixed:
        yield f"{', '.join(plan.fixed)}: fixed numbers of animals, kept"
    ratios = {plan.scenario.design.arms[arm].ratio for arm in plan.treated}
    if len(ratios) > 1:
        yield "the treated arms differ in ratio: animals per treated arm are those of ratio 1"
    if field.whole_cages:
        yield (
            f"arms have cages of their own: only full cages of {animals.per_cage} were looked at"
        )
    elif not animals.arms_share_cages:
        yield "no pair in the range of n fills its cages: they were not asked to be full"
    if field.coarse:
        controls = sorted(search.controls)
        apart = max((b - a for a, b in pairwise(controls)), default=field.step)
        yield (
            f"arms are large: numbers were looked at in steps of {field.step} treated and {apart} "
            "control animals"
        )
    if best is None:
        return
    yield from _fragile(search, lost)
    yield from _false_alarms(search, families)
    yield from _blocks(search, found, best)
    if best[0] == max(search.controls):
        yield "the best pair has the most controls that were looked at: more may be better"
    elif field.sparing and best[0] == min(search.controls):
        yield "the best pair has the fewest controls that were looked at: fewer may be better"
    for problem in in_practice(plan.with_control(best[0]), best[1]):
        yield problem.message


def _fragile(search: Search, lost: Sequence[Removal]) -> Iterator[str]:
    """Say that the plan stands or falls with single animals."""
    if not lost:
        return
    single = min((one for one in lost if one.arm), key=lambda one: one.power.value)
    if single.power.value >= _KEPT * search.target:
        return
    yield (
        f"fragile: with {_few(single.taken)} less in {single.arm} power is {single.power} "
        f"({single.of}); "
        "plan for losses (design.attrition.loss, design.attrition.inflate)"
    )


def _false_alarms(search: Search, families: Sequence[FamilyAt]) -> Iterator[str]:
    """Say where the decision's family does not keep its level, though it is adjusted to."""
    plan = search.plan.scenario.analysis
    family = plan.families[search.plan.family]
    several = len(plan.comparisons_of(search.plan.family)) > 1
    for one in families:
        if one.family == search.plan.family and surely_above(one.fwer, family, several=several):
            yield (
                f"{one.at}: where nothing has an effect {one.fwer} of the studies claim one, more "
                f"than alpha {one.alpha:g}: part of the power is false alarms (afcsim diagnose)"
            )


def _few(animals: int) -> str:
    return "one animal" if animals == 1 else f"a cage of {animals}"


def _blocks(search: Search, found: Found, best: Pair) -> Iterator[str]:
    """Say how the pair goes into randomization blocks."""
    m, n = best
    planned = planned_sizes(search.plan.with_control(m).design, n)
    alike = all(planned[arm] == n for arm in search.plan.treated)
    if m % n == 0 or search.field.whole_cages or not alike:
        return
    if m > n:
        each = f"{m // n} control{'s' if m // n > 1 else ''}"
        text = (
            f"{m} is no multiple of {n}: of {n} randomization blocks with {each} and one of "
            f"each treated arm, {m % n} control{'s are' if m % n > 1 else ' is'} left over"
        )
    else:
        text = f"{m} is fewer than {n}: not every randomization block has a control"
    lines = [*search.lines(), search.equal_line()]
    ends = [one.enough for one in lines if one.enough and one.enough not in found.open]
    whole = [pair for pair in ends if pair[0] % pair[1] == 0]
    if whole:
        near = min(whole, key=lambda pair: (search.total(pair), pair))
        text += (
            f"; {near[0]} and {near[1]} have none left over: "
            f"{search.total(near)} animals, power {_power(search, found, near)}"
        )
    yield text


def _power(search: Search, found: Found, pair: Pair) -> Probability:
    fresh = found.fresh.get(pair)
    return search.power(pair) if fresh is None else search.pairs.power(fresh)
