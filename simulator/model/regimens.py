"""What an arm gets that has an effect in the kinetic model, read off a scenario."""

from __future__ import annotations

from simulator.model.exposure import ActiveRegimen
from simulator.scenario import Scenario
from simulator.scenario.truth import RouteEffect


def known_mass(mass: float | None, substance: str) -> float:
    """Return the mass of a dose.

    Raises
    ------
    ValueError : the substance has no stock concentration, so the mass is unknown.
    """
    if mass is None:
        raise ValueError(f"design.substances.{substance}.stock: missing, so its mass is unknown")
    return mass


def active_regimens(scenario: Scenario, arm_id: str) -> tuple[ActiveRegimen, ...]:
    """Return what an arm gets that has an effect: one entry per substance and route.

    A constant rise stated for any route is one effect, whatever the number of routes.
    """
    doses: dict[tuple[str, str], list[tuple[float, float]]] = {}
    effects: dict[tuple[str, str], RouteEffect] = {}
    for regimen in scenario.design.arms[arm_id].regimens:
        substance = scenario.truth.effects.get(regimen.substance)
        effect = substance.by(regimen.route) if substance is not None else None
        if substance is None or effect is None or 0.0 in (regimen.dose.mass, regimen.dose.volume):
            continue
        if effect.rise is None:
            route: str = regimen.route
            mass = known_mass(regimen.dose.mass, regimen.substance)
        else:
            # a constant rise does not ask how much was given, so it needs no stock concentration
            one = getattr(substance, regimen.route) is None
            route = "any" if one else regimen.route
            mass = regimen.dose.mass or 0.0
        key = (regimen.substance, route)
        effects[key] = effect
        times = scenario.design.schedules[regimen.schedule].times
        doses.setdefault(key, []).extend((day, mass) for day in times)
    return tuple(
        ActiveRegimen(
            substance=substance_id,
            route=route,
            doses=tuple(sorted(doses[substance_id, route])),
            on=effect.on,
            emax=effect.emax.value if effect.emax is not None else 0.0,
            ec50=effect.ec50.value if effect.ec50 is not None else 1.0,
            hill=effect.hill.value,
            rise=effect.rise.value if effect.rise is not None else 0.0,
        )
        for (substance_id, route), effect in effects.items()
    )
