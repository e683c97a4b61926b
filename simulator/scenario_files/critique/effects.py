"""What substances do: curves, effects and exponents that the response models need."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario.truth import EmaxResponse
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report, listing, response_place


def dose_curves(scenario: Scenario, report: Report) -> None:
    """An emax response needs a curve and a mass for every test substance and route."""
    for key in scenario.design.endpoints:
        response = scenario.truth.response_of(key)
        if not isinstance(response, EmaxResponse):
            continue
        where = response_place(report, key)
        for arm, regimen_index, substance, route, mass in _given(scenario):
            curves = response.curves.get(substance)
            curve = getattr(curves, route) if curves is not None else None
            if curve is None and scenario.design.substances[substance].role == "test":
                report.error(where, f"{arm} gets {substance} {route}, which has no curve here")
            elif curve is not None and mass is None:
                _no_mass(report, arm, regimen_index, substance)


def kinetic_effects(scenario: Scenario, report: Report) -> None:
    """Under the kinetic model every substance given needs an effect, and every effect a use."""
    effects = scenario.truth.effects
    kinetic = [
        k for k in scenario.design.endpoints if scenario.truth.response_of(k).model == "kinetic"
    ]
    if not kinetic:
        for substance in effects:
            report.warning(
                ("truth", "effects", substance),
                "is not used: only the kinetic response knows effects",
            )
        return
    given = list(_given(scenario))
    for arm, index, substance, route, mass in given:
        role = scenario.design.substances[substance].role
        effect = effects[substance].by(route) if substance in effects else None
        if effect is None and role != "vehicle":
            message = (
                f"{substance} {route} has no effect stated: write truth.effects.{substance}.{route}"
                " (emax: 0 with an ec50 for none)"
            )
            where: Location = ("design", "arms", arm, "regimens", index, "route")
            if role == "test":
                report.error(where, message)
            else:
                report.warning(where, message)
        elif effect is not None and effect.rise is None and mass is None:
            _no_mass(report, arm, index, substance)
    used = {(substance, route) for _, _, substance, route, _ in given}
    for substance, effect_of in effects.items():
        for route in ("IM", "SC", "IP", "IV"):
            if getattr(effect_of, route) is not None and (substance, route) not in used:
                report.warning(
                    ("truth", "effects", substance, route),
                    f"is not used: no arm gets {substance} {route}",
                )
        open_routes = {r for s, r in used if s == substance and getattr(effect_of, r) is None}
        if effect_of.any_route is not None and not open_routes:
            report.warning(
                ("truth", "effects", substance), f"is not used: no arm gets {substance} so"
            )


def titer_exponents(scenario: Scenario, report: Report) -> None:
    """Substances given together must move the titer alike."""
    titers = [
        key
        for key, endpoint in scenario.design.endpoints.items()
        if endpoint.kind == "titer" and scenario.truth.response_of(key).model == "kinetic"
    ]
    if not titers:
        return
    effects = scenario.truth.effects
    for key, arm in scenario.design.arms.items():
        active = [
            r.substance
            for r in arm.regimens
            if r.substance in effects and effects[r.substance].by(r.route) is not None
        ]
        exponents = {name: effects[name].titer_exponent.value for name in active}
        if len(set(exponents.values())) > 1:
            stated = listing(f"{name} {value:g}" for name, value in exponents.items())
            report.error(
                ("design", "arms", key),
                f"its substances have different titer exponents ({stated}): the titer of the "
                "combination is not defined; give them one exponent",
            )


def _given(scenario: Scenario) -> list[tuple[str, int, str, str, float | None]]:
    """Return (arm, index, substance, route, mass) of every regimen."""
    return [
        (arm, index, regimen.substance, regimen.route, regimen.dose.mass)
        for arm, plan in scenario.design.arms.items()
        for index, regimen in enumerate(plan.regimens)
    ]


def _no_mass(report: Report, arm: str, index: int, substance: str) -> None:
    report.error(
        ("design", "arms", arm, "regimens", index, "dose"),
        f"the effect depends on the mass given, which a volume does not tell: give "
        f"design.substances.{substance}.stock, e.g. 3.5 mg/mL",
    )
