"""Who is injected with what, how much and when; what is prepared for it; what gives it away."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Design, Scenario
from simulator.scenario.design import Regimen
from simulator.trial.allocation.allocate import Allocated, Allocation
from simulator.trial.allocation.dilution import Filling, Mixture, Neat, fillings, mixture


@dataclass(frozen=True)
class Syringe:
    """What one syringe code stands for: a regimen of an arm. Part of the key.

    Attributes
    ----------
    days : of dosing; no animal of the arm lives to see others.
    diluent : the vehicle, by name; "vehicle" where the design names none.
    """

    code: str
    arm: str
    regimen: Regimen
    days: tuple[float, ...]
    vehicle: bool
    diluent: str
    filling: Filling


@dataclass(frozen=True)
class Injection:
    """One line for the bench: uL of a syringe for an animal on a day; it names no arm."""

    label: str
    animal: str
    cage: str
    weight: float
    day: float
    code: str
    route: str
    volume: float


@dataclass(frozen=True)
class Preparation:
    """What is mixed for one syringe code on one day."""

    syringe: Syringe
    day: float
    animals: int
    mixed: Mixture


@dataclass(frozen=True)
class DosingSheet:
    """Everything about the injections of a study.

    Attributes
    ----------
    injections : for the bench, by day, cage and label.
    syringes, preparations : for whoever prepares them, who thereby knows the key.
    notes : what is over good practice, and what tells the arms apart.
    """

    injections: tuple[Injection, ...]
    syringes: tuple[Syringe, ...]
    preparations: tuple[Preparation, ...]
    notes: tuple[str, ...]


def dosing_sheet(
    scenario: Scenario, allocation: Allocation, *, source: str | None = None
) -> DosingSheet:
    """Return the injections of all enrolled animals and what is prepared for them.

    Injected volume = dose in uL/kg x body weight, of a stock diluted as ``dilution`` proposes.

    Parameters
    ----------
    source : what the scenario was read from, for messages.

    Raises
    ------
    ScenarioError : an arm cannot be injected. There is no sheet without it: the animals that
        are missing there would tell their arm.
    """
    design = scenario.design
    syringes = _syringes(design, allocation)
    _refuse_impossible(design, syringes, source or scenario.id)
    by_arm: dict[str, list[Syringe]] = {}
    for syringe in syringes:
        by_arm.setdefault(syringe.arm, []).append(syringe)
    injections: list[Injection] = []
    given: dict[tuple[str, float], list[float]] = {}
    for animal in allocation.animals:
        for syringe in by_arm.get(animal.arm, ()):
            volume = syringe.filling.per_kg * animal.weight / 1000
            for day in _days(design, animal.satellite_of, syringe.regimen):
                line = (animal.label, animal.animal, animal.cage, animal.weight, day)
                injections.append(Injection(*line, syringe.code, syringe.regimen.route, volume))
                given.setdefault((syringe.code, day), []).append(volume)
    preparations = [
        Preparation(
            syringe,
            day,
            len(given[syringe.code, day]),
            mixture(
                syringe.filling, injected=sum(given[syringe.code, day]), vehicle=syringe.vehicle
            ),
        )
        for syringe in syringes
        for day in syringe.days
        if (syringe.code, day) in given
    ]
    return DosingSheet(
        injections=tuple(sorted(injections, key=lambda one: one.day)),  # stable: cages, labels
        syringes=tuple(syringes),
        preparations=tuple(sorted(preparations, key=lambda one: (one.day, one.syringe.code))),
        notes=tuple(_notes(design, syringes)),
    )


def _refuse_impossible(design: Design, syringes: Sequence[Syringe], source: str) -> None:
    """Raise with every arm that cannot be injected, and why."""
    problems = [
        Problem(
            f"design.arms.{one.arm}.regimens.{design.arms[one.arm].regimens.index(one.regimen)}",
            f"{one.regimen.substance} cannot be injected: {one.filling.impossible}",
        )
        for one in syringes
        if one.filling.impossible
    ]
    if problems:
        text = "none was written: animals that are missing on a blinded sheet tell their arm"
        raise ScenarioError(source, [*problems, Problem("sheets", text)])


def days_text(days: Sequence[float]) -> str:
    """Return ``day 0``, ``days 0 to 4`` or ``days 0, 2, 7``."""
    if len(days) == 1:
        return f"day {days[0]:g}"
    if len(days) > 2 and all(b - a == 1 for a, b in itertools.pairwise(days)):
        return f"days {days[0]:g} to {days[-1]:g}"
    return f"days {', '.join(f'{day:g}' for day in days)}"


def _days(design: Design, satellite_of: str, regimen: Regimen) -> tuple[float, ...]:
    """Return the days of dosing that an animal lives to see."""
    killed = design.killed_on
    if satellite_of:
        endpoint = design.endpoints[satellite_of]
        killed = endpoint.day if endpoint.terminal else None
    days = design.schedules[regimen.schedule].times
    return tuple(dict.fromkeys(day for day in days if killed is None or day <= killed))


def _syringes(design: Design, allocation: Allocation) -> list[Syringe]:
    kinds = dict.fromkeys(animal.satellite_of for animal in allocation.animals)
    regimens = {
        (arm, i): regimen
        for arm, one in design.arms.items()
        for i, regimen in enumerate(one.regimens)
    }
    days = {
        key: tuple(sorted({day for kind in kinds for day in _days(design, kind, regimen)}))
        for key, regimen in regimens.items()
    }
    together: dict[tuple[str, tuple[float, ...]], list[tuple[str, int]]] = {}
    for key, regimen in regimens.items():
        together.setdefault((regimen.route, days[key]), []).append(key)
    found: dict[tuple[str, int], Filling] = {}
    for (route, _), keys in together.items():
        neat = {}
        for key in keys:
            volume = regimens[key].dose.volume
            if volume is None:
                text = (
                    "the dose is a mass, and the substance has no stock concentration: give "
                    f"design.substances.{regimens[key].substance}.stock, e.g. 5 mg/mL"
                )
                found[key] = Filling(1.0, 0.0, impossible=text)
            else:
                neat[key] = Neat(volume, vehicle=_is_vehicle(design, regimens[key]))
        weights = _weights(allocation.animals, {arm for arm, _ in keys})
        shared = max(_at_once(design, arm, route) for arm, _ in keys)
        found |= fillings(
            neat, route=route, lightest=min(weights), heaviest=max(weights), together=shared
        )
    diluent = _diluent(design)
    return [
        Syringe(
            code=allocation.syringes[key],
            arm=key[0],
            regimen=regimen,
            days=days[key],
            vehicle=_is_vehicle(design, regimen),
            diluent=regimen.substance
            if design.substances[regimen.substance].role == "vehicle"
            else diluent,
            filling=found[key],
        )
        for key, regimen in regimens.items()
    ]


def _is_vehicle(design: Design, regimen: Regimen) -> bool:
    """Return whether nothing but vehicle is injected: a dose of 0 is vehicle as well."""
    return design.substances[regimen.substance].role == "vehicle" or regimen.dose.volume == 0


def _weights(animals: Iterable[Allocated], arms: set[str]) -> list[float]:
    return [animal.weight for animal in animals if animal.arm in arms]


def _at_once(design: Design, arm: str, route: str) -> int:
    """Return the largest number of injections by a route that an animal gets on one day."""
    days = [
        day
        for regimen in design.arms[arm].regimens
        if regimen.route == route
        for day in set(design.schedules[regimen.schedule].times)
    ]
    return max((days.count(day) for day in days), default=1)


def _diluent(design: Design) -> str:
    """Return the vehicle in which stocks are diluted: the control's, or the only one."""
    vehicles = [key for key, one in design.substances.items() if one.role == "vehicle"]
    of_control = [
        regimen.substance
        for arm in design.arms.values()
        if arm.role == "control"
        for regimen in arm.regimens
        if regimen.substance in vehicles
    ]
    return next(iter([*of_control, *vehicles]), "vehicle")


def _notes(design: Design, syringes: Sequence[Syringe]) -> list[str]:
    if not syringes:
        return ["the design names no injections: there is nothing to dose"]
    notes = []
    for syringe in syringes:
        filling, what = syringe.filling, f"{syringe.arm}, {syringe.regimen.substance}"
        if filling.warning:
            notes.append(f"{what}: {filling.warning}")
    kinds: dict[tuple[str, tuple[float, ...]], dict[float, list[str]]] = {}
    for syringe in syringes:
        volumes = kinds.setdefault((syringe.regimen.route, syringe.days), {})
        volumes.setdefault(round(syringe.filling.per_kg, 6), []).append(syringe.arm)
    for (route, days), volumes in kinds.items():
        if len(volumes) > 1:
            each = "; ".join(
                f"{volume:.4g} uL/kg {', '.join(arms)}" for volume, arms in volumes.items()
            )
            notes.append(f"{route}, {days_text(days)}: the volume tells arms apart ({each})")
    schemes: dict[tuple[tuple[str, tuple[float, ...]], ...], list[str]] = {}
    for arm in design.arms:
        own = [(one.regimen.route, one.days) for one in syringes if one.arm == arm]
        schemes.setdefault(tuple(sorted(own)), []).append(arm)
    if len(schemes) > 1:
        each = "; ".join(
            f"{' + '.join(f'{route} {days_text(days)}' for route, days in scheme) or 'none'}: "
            f"{', '.join(arms)}"
            for scheme, arms in schemes.items()
        )
        notes.append(f"who injects can tell these groups of arms apart, whatever is coded ({each})")
    return notes
