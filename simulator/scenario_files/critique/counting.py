"""Readings: more plaques than can be counted, titers outside the row of wells."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simulator.scenario import Scenario
from simulator.scenario.truth import EmaxResponse, FoldResponse
from simulator.scenario_files.critique.report import Report, listing

#: Plaques per plate between which a count is of use; the usual 300 is that of colony counts.
MOST_PLAQUES = 300.0
FEWEST_PLAQUES = 5.0
#: What a plate should hold when we suggest a share.
_GOOD_PLAQUES = 100.0


def countable_plaques(scenario: Scenario, report: Report) -> None:
    """Compare the plaques expected on a plate with what an eye can count."""
    for key, endpoint in scenario.design.endpoints.items():
        if endpoint.kind != "plaque_count":
            continue
        plates = {arm: level * endpoint.plated for arm, level in _levels(scenario, key).items()}
        crowded = {arm: count for arm, count in plates.items() if count > MOST_PLAQUES}
        sparse = {arm: count for arm, count in plates.items() if count < FEWEST_PLAQUES}
        where = ("design", "endpoints", key, "plated")
        if crowded:
            most = max(crowded.values())
            less = _one_digit(endpoint.plated * _GOOD_PLAQUES / most)
            report.warning(
                where,
                f"about {_round(most)} plaques per plate are expected ({listing(crowded)}), more "
                f"than the {MOST_PLAQUES:g} one can count: plate less, e.g. plated: {less:g}",
            )
        if sparse:
            report.warning(
                where,
                f"about {_round(min(sparse.values()))} plaques per plate are expected "
                f"({listing(sparse)}), too few for a count (below {FEWEST_PLAQUES:g}): plate more",
            )


def titers_in_range(scenario: Scenario, report: Report) -> None:
    """Compare expected titers with the first and the last well."""
    for key, endpoint in scenario.design.endpoints.items():
        if endpoint.kind != "titer":
            continue
        levels = _levels(scenario, key)
        first = endpoint.first_dilution
        last = first * 2.0 ** (endpoint.wells - 1)
        below = {arm: level for arm, level in levels.items() if level < first}
        above = {arm: level for arm, level in levels.items() if level > last}
        if below:
            report.warning(
                ("design", "endpoints", key, "first_dilution"),
                f"a titer of {_round(min(below.values()))} is expected ({listing(below)}), below "
                f"the first well (1:{first:g}): such sera read as negative",
            )
        if above:
            most = max(above.values())
            wells = math.ceil(math.log2(most / first)) + 1
            report.warning(
                ("design", "endpoints", key, "wells"),
                f"a titer of {_round(most)} is expected ({listing(above)}), above the last well "
                f"(1:{last:g}): use more wells (at least {wells}) or a higher first dilution",
            )


def _levels(scenario: Scenario, key: str) -> Mapping[str, float]:
    """Return the median expected in every arm, as far as the file states it.

    Arms without a fold of their own are at the level of the control. The kinetic model is not
    solved here.
    """
    stated = scenario.truth.endpoints.get(key)
    control = stated.control.value if stated is not None and stated.control is not None else None
    if control is None or isinstance(control, str) or control <= 0:
        return {}
    response = scenario.truth.response_of(key)
    levels: dict[str, float] = {}
    for arm, plan in scenario.design.arms.items():
        log_fold = 0.0
        if isinstance(response, FoldResponse):
            fold = response.folds.get(arm)
            log_fold = math.log(fold.value) if fold is not None else 0.0
        elif isinstance(response, EmaxResponse):
            for regimen in plan.regimens:
                routes, mass = response.curves.get(regimen.substance), regimen.dose.mass
                curve = getattr(routes, regimen.route) if routes is not None else None
                if curve is not None and mass:
                    odds = curve.hill.value * (math.log(curve.ed50.value) - math.log(mass))
                    log_fold += curve.emax.value / (1 + math.exp(min(odds, 700.0)))
        levels[arm] = math.exp(min(math.log(control) + log_fold, 700.0))
    return levels


def _round(number: float) -> str:
    return f"{float(f'{number:.2g}'):.15g}"


def _one_digit(number: float) -> float:
    return float(f"{number:.1g}")
