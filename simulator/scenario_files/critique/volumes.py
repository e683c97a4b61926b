"""How much may be injected into a mouse.

Good practice and possible maximum per injection: SC 10 and 40 mL/kg, IP 20 and 80, IV 5 and 25;
IM 0.05 and 0.1 mL per site (Diehl et al. 2001, J Appl Toxicol 21:15-23, and design 3).
"""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario_files.critique.report import Report

#: Route -> (good practice, maximum), mL per kg of body weight.
PER_KG = {"SC": (10.0, 40.0), "IP": (20.0, 80.0), "IV": (5.0, 25.0)}
#: IM: mL per site of one mouse.
PER_SITE = (0.05, 0.1)


def injected_volumes(scenario: Scenario, report: Report) -> None:
    """Compare every injection with good practice for a mouse of mean weight."""
    weight = scenario.design.animals.weight.mean
    for key, arm in scenario.design.arms.items():
        for i, regimen in enumerate(arm.regimens):
            if regimen.dose.volume is None:
                continue
            per_kg = regimen.dose.volume / 1000  # uL/kg -> mL/kg
            per_mouse = per_kg * weight / 1000  # mL
            if regimen.route == "IM":
                value, limits, unit = per_mouse, PER_SITE, "mL per site"
                amount = f"IM {per_mouse:.3g} mL in a mouse of {weight:g} g"
            else:
                value, limits, unit = per_kg, PER_KG[regimen.route], "mL/kg"
                amount = (
                    f"{regimen.route} {per_kg:.3g} mL/kg "
                    f"({per_mouse:.3g} mL in a mouse of {weight:g} g)"
                )
            good, most = limits
            where = ("design", "arms", key, "regimens", i, "dose")
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
