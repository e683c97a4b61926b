"""The answer of a run: in one line, and then in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.output.wording.answer import OF, certified_power, in_cages
from simulator.output.wording.next_step import next_step
from simulator.output.wording.numbers import share
from simulator.output.wording.worlds import for_all_text

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.output.run import Run
    from simulator.scenario.attrition import Headcount


def answer_lines(run: Run) -> Sequence[str]:
    """Return the answer in one line; then what it rests on, or why there is none."""
    found = run.size
    if found is None:
        return _of_power(run)
    everywhere = for_all_text(run)
    worlds = [] if everywhere is None else [f"{_capital(everywhere)}."]
    if found.status == "certified":
        return (
            f"Certified: {_number_of_mice(run)}, {_animals(found.animals)}.",
            f"{_capital(certified_power(found, run.scenario))}.",
            *worlds,
        )
    advice = next_step(found, run.scenario)
    why = (f"{_capital(found.reason)}.",) + ((f"Next: {advice}.",) if advice else ())
    return (f"{_no_number(found, run)}.", *why, *worlds)


def _no_number(found: SampleSizeResult, run: Run) -> str:
    if found.status == "unresolved":
        told = " or ".join(f"{n}" for n in found.candidates)
        return "Unresolved: no number of mice is certified" + (
            f"; the simulation does not tell {told} per arm apart" if told else ""
        )
    wanted = run.scenario.decision.n
    searched = " to ".join(dict.fromkeys((f"{wanted.start}", f"{wanted.stop}")))
    return f"Infeasible as planned: no number of mice is certified (n = {searched} searched)"


def _of_power(run: Run) -> Sequence[str]:
    scenario, result = run.scenario, run.result
    wish, family = scenario.decision.power, result.decision_family
    plan = scenario.analysis.families[family]
    several = len(plan.arms) * len(plan.endpoint) > 1
    power = run.power
    of = {"each": "the least power of the comparisons"}.get(wish.of, f"the power of {OF[wish.of]}")
    if wish.arms is not None:
        of += f" of {', '.join(wish.arms)}"
    low, high = power.ci
    held = (
        "above that"
        if low >= wish.target
        else "below that"
        if high < wish.target
        else "not told apart from that by so many simulated studies"
    )
    return (
        f"With {_number_of_mice(run)}: power {share(power)}.",
        f"It is {of if several else 'the power'} of {family}, in {result.replicates:,} simulated "
        f"studies; wanted is {wish.target:g}, and it is {held}. No number of mice is "
        "certified here: afcsim size searches for one.",
    )


def _number_of_mice(run: Run) -> str:
    n, sizes = run.result.n_per_arm, run.result.sizes
    cages = in_cages(run.scenario, n)
    if set(sizes.values()) == {n}:
        return f"{n} mice per arm{cages}"
    told = ", ".join(f"{arm} {count}" for arm, count in sizes.items())
    return f"n = {n} per arm{cages} (enrolled: {told})"


def _animals(animals: Headcount) -> str:
    more = animals.purchased != animals.enrolled
    return f"{animals.enrolled} in all" + f" ({animals.purchased} to be purchased)" * more


def _capital(text: str) -> str:
    return text if text.startswith("n ") else text[:1].upper() + text[1:]
