"""The answers about power and sample size, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from simulator.output.wording.laboratory import cages_text
from simulator.output.wording.next_step import next_step
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.output.run import Run
    from simulator.scenario import Scenario
    from simulator.scenario.attrition import Headcount

#: Of what the power is wanted.
OF: Final = {"each": "each comparison", "any": "any comparison", "all": "all comparisons"}


def headline(run: Run) -> str:
    """Say the answer of a run in a few words, without a stop; what is read first."""
    found, none = run.size, "no number of mice is certified"
    if found is None:
        return f"With {_number_of_mice(run)}: power {share(run.power)}"
    if found.status == "certified":
        return f"{_number_of_mice(run)}, {_animals(found.animals)}, certified"
    if found.status == "unresolved":
        several = len(found.candidates) > 1
        open_ = f"; {candidates_text(found.candidates)} per arm are not told apart"
        return f"Unresolved: {none}{open_ * several}"
    wanted = run.scenario.decision.n
    searched = " to ".join(dict.fromkeys((f"{wanted.start}", f"{wanted.stop}")))
    return f"Infeasible as planned: {none} (n = {searched} searched)"


def top_text(run: Run) -> str:
    """Say of an n that nobody asked for that it is only the end of the range."""
    return (
        f"n = {run.result.n_per_arm} is only the top of the range (decision.n): --n asks for "
        "another, and afcsim size finds the n that is enough"
    )


def reasons(found: SampleSizeResult, scenario: Scenario) -> Iterator[str]:
    """Yield in whole sentences what the answer rests on, or why there is none and what to do."""
    if found.status == "certified":
        yield f"{capital(certified_power(found, scenario))}."
        return
    yield f"{capital(found.reason)}."
    advice = next_step(found, scenario)
    if advice is not None:
        yield f"Next: {advice}."


def candidates_text(candidates: Sequence[int]) -> str:
    """Return the n that were not told apart, of many the first and the last; "" for none."""
    if len(candidates) > 3:
        return f"{candidates[0]} to {candidates[-1]}"
    return " or ".join(f"{n}" for n in candidates)


def capital(text: str) -> str:
    """Return a sentence that begins with a capital, unless its first word is the symbol n."""
    return text if text.startswith("n ") else text[:1].upper() + text[1:]


def certified(found: SampleSizeResult, scenario: Scenario) -> str:
    """Say in one sentence how many mice are certified, and why."""
    n = found.n_per_arm
    cages = in_cages(scenario, found.result.n_per_arm)
    equal = len(set(found.sizes.values())) == 1
    unequal = "" if equal else f" ({_sizes(found)})"
    if found.animals.kept is not None:
        each = f"{max(found.sizes.values())} enrolled per arm"
        unequal = f" after losses ({each if equal else f'{_sizes(found)} enrolled'})"
    return f"{n} mice per arm{cages}{unequal}, certified: {certified_power(found, scenario)}"


def certified_power(found: SampleSizeResult, scenario: Scenario) -> str:
    """Say of what the power was shown to be enough at the certified number, and how surely."""
    n, target = found.n_per_arm, stated(found.target)
    arms = scenario.decision.power.arms
    meant = "" if arms is None else f" ({', '.join(arms)})"
    if found.power_below is None:
        below = f" (n = {n} is the start of the range: smaller n were not looked at)"
    else:
        below = f", with {(n or 0) - 1} it is not ({share(found.power_below)})"
    family = found.result.decision_family
    return (
        f"power of {OF[found.of]} of {family}{meant} is at least {target} "
        f"({share(found.power)}){below}; confirmed on {found.power.replicates:,} fresh simulated "
        f"studies at {100 * found.confidence:.6g}% confidence"
    )


def stated(share: float) -> str:
    """Return a share that somebody stated, with two decimals or as many as it has."""
    text = f"{share:.2f}"
    return text if float(text) == share else f"{share:g}"


def _sizes(found: SampleSizeResult) -> str:
    return ", ".join(f"{arm} {count}" for arm, count in found.sizes.items())


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


def in_cages(scenario: Scenario, n: int) -> str:
    cages = cages_text(scenario, n)
    return f" ({cages})" if cages else ""
