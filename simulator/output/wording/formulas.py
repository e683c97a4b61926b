"""How the sample sizes by formula compare with the simulated one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.output.wording.answer import OF

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.scenario import Scenario
    from simulator.scenario.analysis_plan import Family

#: Fewer animals in an arm allow so few p-values that the formulas' smooth laws miss them.
_FEW: Final = 10
#: Adjustments for which the formulas take alpha itself, though the family can be stricter.
_STRICTER: Final = ("hochberg", "bh", "steel", "fixed-sequence")


def against_formulas(found: SampleSizeResult, scenario: Scenario) -> str | None:
    """Say how the formulas' numbers lie to the certified one, and what may make the difference.

    Returns None where no number is certified, or no formula has one.
    """
    numbers = sorted(one.n_per_arm for one in found.cross_checks if one.n_per_arm is not None)
    n = found.n_per_arm
    if n is None or not numbers:
        return None
    low, high = numbers[0], numbers[-1]
    told = f"{low}" if low == high else f"{low} to {high}"
    if low == high == n:
        return f"The formulas and the simulation agree: n = {n}"
    if low <= n <= high:
        return f"The formulas give n = {told}, and the certified n = {n} is in this range"
    if high < n and found.power_below is None:
        return (
            f"The formulas ask for fewer mice per arm (n = {told}) than the start of the range, "
            f"n = {n}: the search did not look at fewer"
        )
    more = low > n
    reasons = list(_more(found, scenario) if more else _fewer(found, scenario))
    why = "; ".join(reasons) or "they are approximations for many animals"
    return (
        f"The formulas ask for {'more' if more else 'fewer'} mice per arm (n = {told}) than the "
        f"simulation (n = {n}). Likely reason: {why}"
    )


def _more(found: SampleSizeResult, scenario: Scenario) -> Iterator[str]:
    """Yield what makes a formula ask for more animals than the study needs."""
    family, count = _family(found, scenario)
    if family.adjust == "holm" and count > 1:
        yield (
            f"they hold each comparison to the strictest level, alpha/{count}, and Holm's method "
            "relaxes that level once another comparison is significant"
        )
    if scenario.design.attrition.inflate is not None:
        yield "on average more mice than n are left, because enrolment makes up for losses"
    if found.of == "any" and count > 1:
        yield f"they look at one comparison, and here {OF['any']} is enough"


def _fewer(found: SampleSizeResult, scenario: Scenario) -> Iterator[str]:
    """Yield what makes a formula ask for fewer animals than the study needs."""
    family, count = _family(found, scenario)
    if found.of == "all" and count > 1:
        yield f"they look at one comparison, and here {OF['all']} must be significant together"
    if family.adjust in _STRICTER and count > 1:
        yield "they know nothing of the adjustment for several comparisons"
    design = scenario.design
    if design.animals_may_be_lost and design.attrition.inflate is None:
        yield "they count no lost mice"
    if any(scenario.truth.variability.icc_of(endpoint) for endpoint in family.endpoint):
        yield "they take cage mates for no more alike than other mice"
    if design.conduct is not None:
        yield "they do not know how the work of the laboratory changes the readings"
    if min(found.sizes.values()) < _FEW:
        yield "they are made for many animals, and so few mice allow only a few p-values"


def _family(found: SampleSizeResult, scenario: Scenario) -> tuple[Family, int]:
    """Return the decision's family, and how many comparisons it has."""
    name = found.result.decision_family
    plan = scenario.analysis
    return plan.families[name], len(plan.comparisons_of(name))
