"""The laboratory, the cages and the losses of a plan, a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.scenario import Scenario
    from simulator.scenario.attrition import Attrition
    from simulator.scenario.conduct import Conduct


def laboratory_lines(scenario: Scenario) -> Iterator[str]:
    """Yield what a plan says of its laboratory, cages and losses; nothing of what it has not."""
    conduct = scenario.design.conduct
    if conduct is not None:
        yield f"laboratory: {laboratory_text(conduct)}"
        yield f"minutes per mouse: {_minutes(scenario)}"
    housed = _housing(scenario)
    if housed:
        yield f"cages: {housed}"
    lost = losses_text(scenario.design.attrition)
    if lost:
        yield f"losses: {lost}"


def laboratory_text(conduct: Conduct) -> str:
    """Return staff, hours, equipment, order and days in one sentence."""
    hours, equipment = conduct.hours, conduct.equipment
    pause = "no break" if hours.pause is None else f"break {hours.pause[0]} to {hours.pause[1]}"
    told = (
        f"{_number(conduct.staff, 'technician')}, {hours.opens} to {hours.closes}, {pause}; "
        f"{_number(equipment.balances, 'balance')}, {_number(equipment.baths, 'bath')} of "
        f"{equipment.per_bath}, {_number(equipment.readers, 'reader')}; order {conduct.order}, "
        f"plating {conduct.plating}"
    )
    if conduct.days > 1:
        told += f"; over {conduct.days} days, {conduct.split}"
    missed = _percent(conduct.missed_doses) if conduct.missed_doses else "none"
    told += f"; missed injections: {missed}"
    return told


def cages_text(scenario: Scenario, n: int) -> str | None:
    """Return how many cages the animals of an arm are; None where the test counts animals."""
    design, plan = scenario.design, scenario.analysis
    if plan.unit != "cage":
        return None
    counts = sorted(set(design.units(design.sizes(n), unit="cage").values()))
    few = _number(counts[0], "cage")
    return few if len(counts) == 1 else f"{counts[0]} to {_number(counts[-1], 'cage')}"


def part_filled_text(scenario: Scenario, n: int) -> str | None:
    """Say why the last cage of an arm is not full, and what follows; None where all are full."""
    design, per_cage = scenario.design, scenario.design.animals.per_cage
    if scenario.analysis.unit != "cage":
        return None
    rest = {arm: size % per_cage for arm, size in design.sizes(n).items() if size % per_cage}
    if not rest:
        return None
    counts = set(rest.values())
    if len(counts) == 1 and len(rest) == len(design.arms):
        held = f"the last cage of every arm holds {counts.pop()} of {per_cage} mice"
    else:
        each = ", ".join(f"{arm} {count}" for arm, count in rest.items())
        held = f"the last cage of an arm is not full: {each} of {per_cage} mice"
    return (
        f"{held}, because n counts mice and need not fill whole cages; its median counts as much "
        "as that of a full cage, but varies more; more mice in it make no further cage"
    )


def _housing(scenario: Scenario) -> str | None:
    """Return how whole cages are given to the arms, and what the test counts."""
    animals, wanted = scenario.design.animals, scenario.decision.n
    if animals.arms_share_cages and scenario.analysis.unit != "cage":
        return None
    mixed = "arms share cages" if animals.arms_share_cages else "every cage holds one arm"
    housed = f"{mixed}, {animals.per_cage} mice each"
    if scenario.analysis.unit != "cage":
        return f"{housed}; the test counts mice"
    ends = dict.fromkeys((wanted.start, wanted.stop))
    told = ", ".join(f"n = {n}: {cages_text(scenario, n)} per arm" for n in ends)
    return f"{housed}; the test counts cages, the median of each ({told})"


def _minutes(scenario: Scenario) -> str:
    """Return the mean minutes of the tasks that this study has."""
    from simulator.trial.laboratory.programme import programmes

    design = scenario.design
    if design.conduct is None:
        return ""
    done = {task for one in programmes(design) for _, task in one.steps}
    tasks = design.conduct.tasks
    return ", ".join(
        f"{name} {getattr(tasks, name).takes:g}{' (in the bath)' * (name == 'incubation')}"
        for name in type(tasks).model_fields
        if name in done
    )


def losses_text(attrition: Attrition) -> str:
    """Return what is lost, and what is enrolled for it; empty where nothing is."""
    parts = []
    if attrition.loss or attrition.by_arm:
        parts.append(_deaths(attrition))
    if any(attrition.samples.values()):
        parts.append(f"samples lost: {_each(attrition.samples)}")
    for share, words in (
        (attrition.exclusions, "excluded"),
        (attrition.failed_immunization, "of failed immunizations noticed and excluded"),
        (attrition.before, "of the purchased not fit to be enrolled"),
    ):
        if share:
            parts.append(f"{_percent(share)} {words}")
    if attrition.inflate is not None:
        parts.append(
            "enrolled for it: so many that every arm keeps its n (in its worst endpoint) with "
            f"probability {_percent(attrition.inflate)}"
        )
    return "; ".join(parts)


def _deaths(attrition: Attrition) -> str:
    """Return how many die, of the arms that have a share of their own by their names."""
    own = {arm: share for arm, share in attrition.by_arm.items() if share or attrition.loss}
    if attrition.loss:
        told = _each(own)
        return f"{_percent(attrition.loss)} die" + (f" ({told})" if told else "")
    if not own:
        return "no mouse dies"
    die = ", ".join(f"{_percent(share)} of arm {arm}" for arm, share in own.items())
    return f"{die} die, and none of the other arms"


def _each(shares: Mapping[str, float]) -> str:
    if len(shares) > 1 and len(set(shares.values())) == 1:
        return f"each {_percent(next(iter(shares.values())))}"
    return ", ".join(f"{name} {_percent(share)}" for name, share in shares.items())


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
