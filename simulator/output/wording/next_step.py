"""What a planner can do where no number of animals is certified."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult
    from simulator.scenario import AnalysisPlan, Design, Scenario

#: Times the budget that are worth trying where it did not tell two n apart.
_TIMES = 5
#: Nobody plans larger arms; beyond this we do not look for the first n with a hope.
_LARGEST = 200


def out_of_reach(scenario: Scenario, *, n: int, family: str) -> str | None:
    """Say why nothing in a family can be significant with n per arm, and from which n on it can.

    Returns None where something can.
    """
    reason = _hopeless(scenario.design, scenario.analysis, n=n, family=family)
    if reason is None:
        return None
    first = _first_within_reach(scenario, above=n, family=family)
    return reason if first is None else f"{reason}; it comes within reach at n = {first}"


def next_step(found: SampleSizeResult, scenario: Scenario) -> str | None:
    """Say what to change where no number is certified; None where one is."""
    if found.status == "certified":
        return None
    if found.status == "unresolved":
        return _to_resolve(found, scenario)
    top = scenario.decision.n.stop
    family = found.result.decision_family
    limit = scenario.decision.limits.animals
    if limit is not None and found.animals.purchased > limit:
        return (
            "allow more animals (decision.limits.animals) and, where that is not enough, a larger "
            f"n (decision.n.to, now {top}); or test fewer arms, or ask for a stronger effect or "
            "less power"
        )
    if out_of_reach(scenario, n=top, family=family) is not None:
        return _for_reach(scenario, top=top, family=family)
    if found.cause == "laboratory":
        return _for_laboratory(found, scenario)
    if found.cause == "losses":
        more = f"raise decision.n.to, now {top}"
        if scenario.design.attrition.inflate is None:
            more = f"set design.attrition.inflate (0.9, say), or {more}"
        return f"lose fewer animals, or enrol more for them: {more}"
    if found.cause == "no test":
        return "widen the range of the assay, or read something that differs between animals"
    return _for_power(found, scenario)


def _to_resolve(found: SampleSizeResult, scenario: Scenario) -> str:
    """Return how to come to a number where the simulated studies did not tell some n apart."""
    decision = scenario.decision
    if found.cause == "time":
        more = f"allow more time (decision.max_minutes, now {decision.max_minutes:g})"
    else:
        budget = max(decision.max_replicates, 2 * decision.replicates)
        more = f"allow more simulated studies (decision.max_replicates: {_TIMES * budget})"
    largest = max(found.candidates, default=decision.n.stop)
    if largest >= decision.n.stop:
        return f"raise decision.n.to, now {decision.n.stop}, and {more}"
    return (
        f"to plan with {largest} per arm, let the search begin there (decision.n.from: {largest}), "
        f"which certifies it if it is enough; to learn whether fewer do, {more}"
    )


def _for_power(found: SampleSizeResult, scenario: Scenario) -> str:
    """Return what helps where nothing but few animals, or a weak effect, keeps the power low.

    The n that the simulated curve points to goes before those of the formulas, which know of no
    laboratory, no cages and no losses; where the simulation contradicts them they are not told.
    """
    from simulator.evaluation.advice import false_alarms
    from simulator.evaluation.shifts import fits_shifts
    from simulator.evaluation.sizing.beyond import reached_beyond

    deciding = replace(found.result, comparisons=found.result.curve_comparisons)
    if false_alarms(deciding, scenario) is not None:
        return (
            "mend what makes the false alarms, which are part of this power (afcsim diagnose says "
            "what it is); then search again"
        )
    top = scenario.decision.n.stop
    otherwise = "ask for a stronger effect or less power"
    formulas = sorted(check.n_per_arm for check in found.cross_checks if check.n_per_arm)
    fixed = _fixed(found, scenario) if found.cause == "flat power" else []
    if fixed:
        paths = ", ".join(f"design.arms.{arm}.n" for arm in fixed)
        return f"give the arms of fixed size more animals ({paths}), or {otherwise}"
    if not formulas and scenario.analysis.unit == "animal":
        return _no_effect(found)
    about = reached_beyond(found.result.curve, target=found.target)
    beyond = [] if found.warnings else [n for n in formulas if n > top]
    if about is not None:
        way = (
            f"raise decision.n.to, now {top}, to {_room(about)}, say: the simulated curve points "
            f"to the target at about n = {about}"
        )
        if fits_shifts(scenario, about) is False:
            way += ", whose work takes more technicians or days (afcsim conduct)"
    elif beyond:
        told = f"{beyond[0]}" if beyond[0] == beyond[-1] else f"{beyond[0]} to {beyond[-1]}"
        way = f"raise decision.n.to, now {top}, well above the formulas' n of about {told}"
    else:
        way = f"raise decision.n.to, now {top}"
    return f"{way}; or {otherwise}"


def _room(n: int) -> int:
    """Return a top of the range that leaves room above the n that is looked for."""
    return -(-3 * n // 2)


def _fixed(found: SampleSizeResult, scenario: Scenario) -> list[str]:
    """Return the arms of fixed size in the comparison with the least power."""
    rows = [row for row in found.result.comparisons if row.family == found.result.decision_family]
    least = min(rows, key=lambda row: row.power.value)
    arms = scenario.design.arms
    return [arm for arm in (least.treated, least.control) if arms[arm].n is not None]


def _no_effect(found: SampleSizeResult) -> str:
    none = "no formula gives a number either: the truth has no effect to be found"
    if len(found.result.comparisons) == 1:
        return f"{none}; afcsim power shows how often one is claimed all the same"
    return (
        f"{none} in the comparison with the least power: state one, or ask for the power of the "
        "arms that have one (decision.power.arms)"
    )


def _for_laboratory(found: SampleSizeResult, scenario: Scenario) -> str:
    """Return what lets the work be done in time: never more animals."""
    from simulator.evaluation.sizing.crowding import runs

    conduct = scenario.design.conduct
    if conduct is None:
        return "see afcsim conduct"
    ways = [f"more technicians (design.conduct.staff, now {conduct.staff})"]
    ways.append(f"several days (design.conduct.days, now {conduct.days})")
    if conduct.plating == "after-all":
        ways.append("spleens plated at once (design.conduct.plating: at-once)")
    curve = found.result.curve
    clear = [p.n for p in curve if p.target.interval(found.confidence)[0] >= found.target]
    if clear:
        ways.append(f"lower decision.n.to, now {curve[-1].n}, to {runs(clear)[0][1]}")
        return f"{', or '.join(ways)}"
    return f"{', or '.join(ways)}; more animals do not help before that"


def _hopeless(design: Design, plan: AnalysisPlan, *, n: int, family: str) -> str | None:
    from simulator.scenario.attainable import hopeless

    return hopeless(plan, family, sizes=design.units(design.sizes(n), unit=plan.unit))


def _first_within_reach(scenario: Scenario, *, above: int, family: str) -> int | None:
    for n in range(above + 1, _LARGEST + 1):
        if _hopeless(scenario.design, scenario.analysis, n=n, family=family) is None:
            return n
    return None  # arms of fixed size, or far too small an alpha


def _for_reach(scenario: Scenario, *, top: int, family: str) -> str:
    """Return the changes that bring significance within reach, each alone; no effect does."""
    plan, design = scenario.analysis, scenario.design
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
        if _hopeless(design, plan.model_copy(update=change), n=top, family=family) is None:
            ways.append(words)
    if plan.unit == "cage":
        ways += _for_cages(design, plan, top=top, family=family)
    return ", or ".join(ways) or "more animals per arm, or a less strict alpha"


def _for_cages(design: Design, plan: AnalysisPlan, *, top: int, family: str) -> list[str]:
    """Return how the same animals make more units: in more cages, or with the arms mixed."""
    ways = []
    for mates in range(design.animals.per_cage - 1, 0, -1):
        housed = design.animals.model_copy(update={"per_cage": mates})
        roomier = design.model_copy(update={"animals": housed})
        if _hopeless(roomier, plan, n=top, family=family) is None:
            ways.append(f"house {mates} per cage (design.animals.per_cage)")
            break
    by_animal = plan.model_copy(update={"unit": "animal"})
    if _hopeless(design, by_animal, n=top, family=family) is None:
        ways.append(
            "mix the arms in every cage (design.animals.arms_share_cages: true, analysis.unit: "
            "animal)"
        )
    return ways
