"""Doses and days: what the laboratory cannot do as planned."""

from __future__ import annotations

import math

from simulator.scenario import Scenario
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report


def _without_stock(report: Report, where: Location, substance: str) -> None:
    report.error(
        where,
        f"a dose by mass needs a stock concentration to be injected: give "
        f"design.substances.{substance}.stock, e.g. 3.5 mg/mL",
    )


def doses_of_refused_arms(scenario: Scenario, report: Report) -> None:
    """A mass dose without stock is named even where something else in its arm was refused."""
    arms = report.tree.get("design", "arms")
    for key, arm in arms.items() if arms is not None and arms.is_map else ():
        regimens = arm.get("regimens") if arm.is_map else None
        if key in scenario.design.arms or regimens is None or not regimens.is_list:
            continue
        for i, regimen in enumerate(regimens.value):
            name = regimen.get("substance") if regimen.is_map else None
            dose = regimen.get("dose") if regimen.is_map else None
            if name is None or not isinstance(name.value, str) or dose is None or not dose.is_map:
                continue
            substance = scenario.design.substances.get(name.value)
            if substance is None or substance.role == "vehicle" or substance.stock is not None:
                continue
            if dose.get("mass") is not None:
                _without_stock(report, ("design", "arms", key, "regimens", i, "dose"), name.value)


def dose_views(scenario: Scenario, report: Report) -> None:
    """Mass and volume of a dose must be convertible, and must agree where both are given."""
    for key, substance in scenario.design.substances.items():
        if substance.role == "vehicle" and substance.stock is not None:
            report.error(
                ("design", "substances", key, "stock"),
                "a vehicle has no stock concentration: leave it out, or change the role",
            )
    for key, arm in scenario.design.arms.items():
        for i, regimen in enumerate(arm.regimens):
            substance, dose = scenario.design.substances[regimen.substance], regimen.dose
            where = ("design", "arms", key, "regimens", i, "dose")
            if substance.role == "vehicle":
                if dose.mass is not None and substance.stock is None:
                    report.error(
                        where,
                        f"{regimen.substance} is a vehicle and is dosed by volume: "
                        "write e.g. 10 uL/kg",
                    )
            elif substance.stock is None and dose.mass is not None:
                _without_stock(report, where, regimen.substance)
            elif substance.stock is not None and dose.mass is not None and dose.volume is not None:
                mass = dose.volume * substance.stock
                # Computed views are rounded to 12 digits; what people write differs by more.
                if not math.isclose(mass, dose.mass, rel_tol=1e-9):
                    report.error(
                        where,
                        f"{dose.volume:g} uL/kg of {substance.stock:g} mg/mL is {mass:g} ug/kg, "
                        f"not {dose.mass:g}: give one of them",
                    )


def reading_after_kill(scenario: Scenario, report: Report) -> None:
    """Nothing is read in a dead mouse."""
    killed = scenario.design.killed_on
    if killed is None:
        return
    endpoints = scenario.design.endpoints
    by = next(
        key for key, e in endpoints.items() if e.terminal and not e.satellite and e.day == killed
    )
    for key, endpoint in endpoints.items():
        if endpoint.day > killed and not endpoint.satellite:
            report.error(
                ("design", "endpoints", key, "day"),
                f"day {endpoint.day:g} is after the kill on day {killed:g} (endpoint {by} is "
                f"terminal): read it by day {killed:g}, or say satellite: true to buy extra "
                "mice for it",
            )


def reading_before_immunization(scenario: Scenario, report: Report) -> None:
    """An immune response is read after the immunization."""
    day = scenario.design.immunization.day
    for key, endpoint in scenario.design.endpoints.items():
        if endpoint.immune and endpoint.day <= day:
            report.error(
                ("design", "endpoints", key, "day"),
                f"day {endpoint.day:g} is not after the immunization on day {day:g}: there is no "
                "response to read yet",
            )


def dosing_after_last_reading(scenario: Scenario, report: Report) -> None:
    """Doses after the kill never happen; doses after the last reading change nothing."""
    design = scenario.design
    killed = design.killed_on
    last = max(endpoint.day for endpoint in design.endpoints.values())
    for key, arm in design.arms.items():
        for i, regimen in enumerate(arm.regimens):
            times = design.schedules[regimen.schedule].times
            late = [day for day in times if day > (last if killed is None else max(killed, last))]
            if not late:
                continue
            why = (
                f"after the kill on day {killed:g}: those doses never happen"
                if killed is not None and killed >= last
                else f"after the last reading on day {last:g}: those doses change nothing"
            )
            days = ", ".join(f"{day:g}" for day in late[:5]) + (", ..." if len(late) > 5 else "")
            report.warning(
                ("design", "arms", key, "regimens", i, "schedule"),
                f"{regimen.schedule} doses on day {days}, {why}",
            )


def fixed_and_ratio(scenario: Scenario, report: Report) -> None:
    """A fixed number of animals leaves nothing for a ratio to do."""
    for key, arm in scenario.design.arms.items():
        if arm.n is not None and arm.ratio != 1:
            report.warning(
                ("design", "arms", key, "ratio"),
                f"does nothing, because n: {arm.n} fixes the number of animals",
            )
