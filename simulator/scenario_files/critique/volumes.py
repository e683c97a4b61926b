"""How much may be injected into a mouse.

Regimens by one route on one day are added up. Good practice and possible maximum: SC 10 and
40 mL/kg, IP 20 and 80, IV 5 and 25; IM 0.05 and 0.1 mL per site (Diehl et al. 2001, J Appl
Toxicol 21:15-23, and design 3).
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario import Arm, Scenario
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report, listing

#: Route -> (good practice, maximum), mL per kg of body weight.
PER_KG = {"SC": (10.0, 40.0), "IP": (20.0, 80.0), "IV": (5.0, 25.0)}
#: IM: mL per site of one mouse.
PER_SITE = (0.05, 0.1)


def injected_volumes(scenario: Scenario, report: Report) -> None:
    """Compare what a mouse of mean weight gets by one route on one day with good practice."""
    weight = scenario.design.animals.weight.mean
    for key, arm in scenario.design.arms.items():
        for route, together in _given_together(scenario, arm):
            volumes = [arm.regimens[i].dose.volume or 0.0 for i in together]
            per_kg = sum(volumes) / 1000  # uL/kg -> mL/kg
            per_mouse = per_kg * weight / 1000  # mL
            if route == "IM":
                value, limits, unit = per_mouse, PER_SITE, "mL per site"
                amount = f"IM {per_mouse:.3g} mL in a mouse of {weight:g} g"
            else:
                value, limits, unit = per_kg, PER_KG[route], "mL/kg"
                amount = (
                    f"{route} {per_kg:.3g} mL/kg ({per_mouse:.3g} mL in a mouse of {weight:g} g)"
                )
            where: Location = ("design", "arms", key, "regimens", together[0], "dose")
            if len(together) > 1:
                where = ("design", "arms", key)
                names = listing(arm.regimens[i].substance for i in together)
                amount += f" on one day, {names} together,"
            good, most = limits
            # A relative 1e-9 keeps rounding from crossing a limit that is met exactly.
            if value > most * (1 + 1e-9):
                report.error(
                    where,
                    f"{amount} is more than a mouse can take "
                    f"({most:g} {unit}): use a stronger stock or a smaller dose",
                )
            elif value > good * (1 + 1e-9):
                report.warning(
                    where,
                    f"{amount} is over good practice ({good:g} {unit}; the maximum is {most:g})",
                )


def _given_together(scenario: Scenario, arm: Arm) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield route and regimens (by index) of one day: each set once, none that is part of one."""
    schedules = scenario.design.schedules
    days: dict[tuple[str, float], list[int]] = {}
    for i, regimen in enumerate(arm.regimens):
        for day in set(schedules[regimen.schedule].times) if regimen.dose.volume else ():
            days.setdefault((regimen.route, day), []).append(i)
    found = dict.fromkeys((route, tuple(members)) for (route, _), members in days.items())
    for route, members in found:
        if not any(r == route and set(members) < set(others) for r, others in found):
            yield route, members
