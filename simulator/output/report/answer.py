"""The answer of a run: in one line, and then in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.output.wording.answer import OF, capital, headline, reasons
from simulator.output.wording.worlds import for_all_text

if TYPE_CHECKING:
    from simulator.output.run import Run


def answer_lines(run: Run) -> Sequence[str]:
    """Return the answer in one line; then what it rests on, or why there is none."""
    found = run.size
    if found is None:
        return _of_power(run)
    everywhere = for_all_text(run)
    worlds = [] if everywhere is None else [f"{capital(everywhere)}."]
    return (f"{headline(run)}.", *reasons(found, run.scenario), *worlds)


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
        f"{headline(run)}.",
        f"It is {of if several else 'the power'} of {family}, in {result.replicates:,} simulated "
        f"studies; wanted is {wish.target:g}, and it is {held}. No number of mice is "
        "certified here: afcsim size searches for one.",
    )
