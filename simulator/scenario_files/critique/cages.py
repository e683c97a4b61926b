"""Cages: whether there are enough, and whether the analysis counts what was randomized."""

from __future__ import annotations

import math

from simulator.scenario import Scenario
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report, listing

_HOUSING: Location = ("design", "animals", "arms_share_cages")


def enough_cages(scenario: Scenario, report: Report) -> None:
    """The animal house must hold the smallest study, and should hold the largest."""
    cages, n = scenario.design.animals.cages, scenario.decision.n
    if cages is None:
        return
    where = ("design", "animals", "cages")
    for size, say in ((n.start, report.error), (n.stop, report.warning)):
        needed, held = _cages_needed(scenario, size)
        if needed > cages:
            say(
                where,
                f"{_count(cages)} cannot hold the study with n = {size}: {held} need {needed}",
            )
            return


def _count(cages: int) -> str:
    return "1 cage" if cages == 1 else f"{cages} cages"


def _cages_needed(scenario: Scenario, n: int) -> tuple[int, str]:
    """Return the cages of a study, and what has to be held.

    Satellite animals have cages of their own, like the main ones.
    """
    design = scenario.design
    per_cage, sizes = design.animals.per_cage, design.sizes(n)
    satellites = sum(endpoint.satellite for endpoint in design.endpoints.values())
    groups = satellites + (satellites < len(design.endpoints))
    apart = " (satellites in cages of their own)" if groups > 1 else ""
    animals = f"{groups * sum(sizes.values())} animals{apart}, {per_cage} per cage,"
    if design.animals.arms_share_cages:
        return groups * math.ceil(sum(sizes.values()) / per_cage), animals
    whole = groups * sum(math.ceil(size / per_cage) for size in sizes.values())
    return whole, f"{animals} every arm in whole cages,"


def cage_as_unit(scenario: Scenario, report: Report) -> None:
    """A cage has one value only where all its animals got the same."""
    if scenario.analysis.unit != "cage":
        return
    if scenario.design.animals.arms_share_cages:
        report.error(
            ("analysis", "unit"),
            "a cage that several arms share belongs to none of them: write "
            "design.animals.arms_share_cages: false, or unit: animal",
        )


def pseudoreplication(scenario: Scenario, report: Report) -> None:
    """Cage-mates that are alike and get one treatment are not independent animals."""
    plan = scenario.analysis
    known = "pseudoreplication" in plan.acknowledge
    alike = _alike_in_cages(scenario)
    if not alike:
        if known:
            report.warning(
                ("analysis", "acknowledge"),
                "pseudoreplication is acknowledged, but this plan has none: leave it out",
            )
        return
    per_cage, icc = scenario.design.animals.per_cage, max(alike.values())
    worth = per_cage / (1 + (per_cage - 1) * icc)
    said = (
        f"pseudoreplication: whole cages of {per_cage} get one treatment and cage-mates are alike "
        f"(cage_icc {icc:g} of {listing(alike)}), but the test counts mice ({per_cage} are worth "
        f"{worth:.2g}), so false alarms come more often than alpha"
    )
    if known:
        report.warning(("analysis", "acknowledge"), said)
        return
    report.error(
        _HOUSING,
        f"{said}: write analysis.unit: cage, or arms_share_cages: true, or, to have it knowingly, "
        "analysis.acknowledge: pseudoreplication",
    )


def _alike_in_cages(scenario: Scenario) -> dict[str, float]:
    """Return the cage ICC of compared endpoints whose mice are wrongly counted as independent."""
    animals, plan = scenario.design.animals, scenario.analysis
    if animals.arms_share_cages or animals.per_cage == 1 or plan.unit == "cage":
        return {}
    compared = [c.endpoint for c in plan.comparisons] + [t.endpoint for t in plan.trends.values()]
    icc_of = scenario.truth.variability.icc_of
    return {key: icc_of(key) for key in dict.fromkeys(compared) if icc_of(key) > 0}
