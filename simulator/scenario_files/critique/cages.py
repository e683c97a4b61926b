"""Cages: whether there are enough, and whether the analysis counts what was randomized."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario.housing import cages_needed, groups_of
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
        needed = cages_needed(scenario.design, scenario.design.sizes(size))
        if needed > cages:
            say(
                where,
                f"{_count(cages)} cannot hold the study with n = {size}: "
                f"{_held(scenario, size)} need {needed}",
            )
            return


def _count(cages: int) -> str:
    return "1 cage" if cages == 1 else f"{cages} cages"


def _held(scenario: Scenario, n: int) -> str:
    """Return what the cages of a study have to hold."""
    design = scenario.design
    groups = groups_of(design)
    apart = " (satellites in cages of their own)" if groups > 1 else ""
    animals = (
        f"{groups * sum(design.sizes(n).values())} animals{apart}, "
        f"{design.animals.per_cage} per cage,"
    )
    return animals if design.animals.arms_share_cages else f"{animals} every arm in whole cages,"


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
