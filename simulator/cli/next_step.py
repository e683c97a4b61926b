"""What a planner can do where no size of the range is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.scenario import Scenario

#: Nobody plans larger arms; beyond this we do not look for the first n with a hope.
_LARGEST = 200


def out_of_reach(scenario: Scenario, *, n: int, family: str) -> str | None:
    """Say why nothing in a family can be significant with n per arm, and from which n on it can.

    Returns None where something can.
    """
    from simulator.scenario.attainable import hopeless

    reason = hopeless(scenario.analysis, family, sizes=scenario.design.sizes(n))
    if reason is None:
        return None
    first = _first_within_reach(scenario, above=n, family=family)
    return reason if first is None else f"{reason}; it comes within reach at n = {first}"


def next_step(found: SampleSizeResult, scenario: Scenario) -> str | None:
    """Say what to change where the answer is ``infeasible``; None for any other answer."""
    if found.status != "infeasible":
        return None
    top = scenario.decision.n.stop
    family = found.result.decision_family
    limit = scenario.decision.limits.animals
    if limit is not None and found.animals.purchased > limit:
        return (
            "allow more animals (decision.limits.animals), test fewer arms, or ask for a stronger "
            "effect or less power"
        )
    if out_of_reach(scenario, n=top, family=family) is not None:
        return _for_reach(scenario, top=top, family=family)
    if found.cause == "losses":
        return f"lose fewer animals, or enrol more for them: raise decision.n.to, now {top}"
    if found.cause == "no test":
        return "widen the range of the assay, or read something that differs between animals"
    formulas = sorted(check.n_per_arm for check in found.cross_checks if check.n_per_arm)
    beyond = [n for n in formulas if n > top]
    if beyond:
        lowest, highest = beyond[0], beyond[-1]
        about = f"{lowest}" if lowest == highest else f"{lowest} to {highest}"
        return (
            f"raise decision.n.to, now {top}, well above the formulas' n of about {about} - or "
            "ask for a stronger effect or less power"
        )
    if formulas:
        return f"raise decision.n.to, now {top}, or ask for a stronger effect or less power"
    return (
        "no formula gives a number either: look at the effect of the comparison that has the "
        "least power, and state a stronger one or leave the comparison out of the family"
    )


def _first_within_reach(scenario: Scenario, *, above: int, family: str) -> int | None:
    from simulator.scenario.attainable import hopeless

    for n in range(above + 1, _LARGEST + 1):
        if hopeless(scenario.analysis, family, sizes=scenario.design.sizes(n)) is None:
            return n
    return None  # arms of fixed size, or far too small an alpha


def _for_reach(scenario: Scenario, *, top: int, family: str) -> str:
    """Return the changes that bring significance within reach, each alone; no effect does."""
    from simulator.scenario.attainable import hopeless

    plan, sizes = scenario.analysis, scenario.design.sizes(top)
    unadjusted = plan.families[family].model_copy(update={"adjust": "none"})
    changes: dict[str, dict[str, Any]] = {
        "compare fewer arms or choose a weaker adjustment": {
            "families": {**plan.families, family: unadjusted}
        },
        "test one-sided if only one direction matters": {"alternative": "greater"},
    }
    first = _first_within_reach(scenario, above=top, family=family)
    ways = [] if first is None else [f"raise decision.n.to, now {top}, to {first} or more"]
    for words, change in changes.items():
        if hopeless(plan.model_copy(update=change), family, sizes=sizes) is None:
            ways.append(words)
    return ", or ".join(ways) or "more animals per arm, or a less strict alpha"
