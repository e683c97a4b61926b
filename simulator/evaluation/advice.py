"""What must be said of a result: false alarms, work that does not fit, cages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.errors import Problem
from simulator.evaluation.shifts import fits_shifts
from simulator.scenario.housing import cages_needed

if TYPE_CHECKING:
    from simulator.evaluation.characteristics import Probability
    from simulator.evaluation.detectable.result import Detectable
    from simulator.evaluation.power_result import PowerResult
    from simulator.scenario import Family, Scenario

#: Confidence that a type I error is above alpha before it is said: no warning by chance.
_CONFIDENCE = 0.9999


def false_alarms(result: PowerResult, scenario: Scenario) -> str | None:
    """Say which comparison claims an effect too often where there is none; None if none does."""
    families = scenario.analysis.families
    above = [row for row in result.comparisons if surely_above(row.type_i, families[row.family])]
    if not above:
        return None
    worst = max(above, key=lambda row: row.type_i.value)
    many = f"; so do {len(above) - 1} more comparisons" if above[2:] else ""
    many = "; so does one more comparison" if len(above) == 2 else many
    return (
        f"{worst.endpoint}, {worst.treated} v {worst.control}: where no drug does anything it is "
        f"called active in {worst.type_i.value:.1%} of the studies, more than the "
        f"{100 * families[worst.family].alpha:g} % allowed{many}: part of the power is false "
        "alarms (afcsim diagnose says where they come from)"
    )


def alarms_at(found: Detectable, scenario: Scenario) -> tuple[Problem, ...]:
    """Return the n at which what is detected would be claimed too often without an effect."""
    family = scenario.analysis.families[found.family]
    compared = scenario.analysis.comparisons_of(found.family)
    several = found.of == "any" and len(compared) > 1
    return tuple(
        Problem(
            f"n = {point.n}",
            f"where nothing has an effect the same is claimed in {point.without} of the studies, "
            f"more than alpha {family.alpha:g}: part of the power is false alarms "
            "(afcsim diagnose)",
            severity="warning",
        )
        for point in found.points
        if point.status == "found" and surely_above(point.without, family, several=several)
    )


def surely_above(rate: Probability, family: Family, *, several: bool = False) -> bool:
    """Return whether claims without any effect are surely more frequent than alpha.

    Parameters
    ----------
    several : the rate is that of a claim in any of several comparisons: where the plan asks for
        no adjustment, its being above alpha is no flaw but what was asked for.
    """
    chosen = several and family.adjust == "none"
    return not chosen and rate.interval(_CONFIDENCE)[0] > family.alpha


def too_much_work(scenario: Scenario, n: int) -> str | None:
    """Say that the laboratory cannot do a study of n per arm in its shifts; None where it can."""
    if fits_shifts(scenario, n) is not False:
        return None
    return (
        f"the work of n = {n} per arm does not fit the shifts; these numbers are with what is done "
        "late (afcsim conduct says which day, and what helps)"
    )


def in_practice(scenario: Scenario, n: int) -> tuple[Problem, ...]:
    """Return what the laboratory and the animal house make of n per arm, as warnings."""
    late = too_much_work(scenario, n)
    work = () if late is None else (Problem("design.conduct", late, severity="warning"),)
    return (*work, *about_cages(scenario, n))


def about_cages(scenario: Scenario, n: int) -> tuple[Problem, ...]:
    """Return what must be said of the cages of n per arm, as warnings."""
    told = {
        "design.animals.cages": too_few_cages(scenario, n),
        "analysis.unit": partial_cages(scenario, n),
    }
    return tuple(
        Problem(path, text, severity="warning") for path, text in told.items() if text is not None
    )


def too_few_cages(scenario: Scenario, n: int) -> str | None:
    """Say that the animal house cannot hold n per arm; None where it can.

    Nothing is said of the top of the range either: the file's own warnings do.
    """
    cages, design = scenario.design.animals.cages, scenario.design
    if cages is None or n == scenario.decision.n.stop:
        return None
    needed = cages_needed(design, design.sizes(n))
    if needed <= cages:
        return None
    return f"n = {n} per arm takes {needed} cages; the animal house has {cages}"


def partial_cages(scenario: Scenario, n: int) -> str | None:
    """Say that the last cage of an arm holds fewer mice, where each cage has one value."""
    design, per_cage = scenario.design, scenario.design.animals.per_cage
    if scenario.analysis.unit != "cage":
        return None
    sizes = design.sizes(n)
    partial = {arm: size for arm, size in sizes.items() if size > per_cage and size % per_cage}
    if not partial:
        return None
    arm, size = next(iter(partial.items()))
    full, rest = divmod(size, per_cage)
    cages = "1 cage" if full == 1 else f"{full} cages"
    told = f"{cages} of {per_cage} and one of {rest}, which counts as much"
    low, high = full * per_cage, (full + 1) * per_cage
    if set(sizes.values()) == {n}:
        return f"n = {n} per arm is {told}: full cages are {high}, or {low} with less power"
    return f"arm {arm} with n = {n} has {size} mice, {told}: {low} or {high} mice are full cages"
