"""The analysis and the decision: comparisons that mean nothing, or cannot succeed."""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario.attainable import hopeless
from simulator.scenario.references import several_arms
from simulator.scenario_files.critique.report import Report, listing

#: Fewest arms between which a trend is more than a comparison.
_TREND_ARMS = 3


def controls(scenario: Scenario, report: Report) -> None:
    """Without families there must be one control and something to compare with it."""
    arms = scenario.design.arms
    found = [key for key, arm in arms.items() if arm.role == "control"]
    written = report.tree.get("analysis", "families")
    stated = written is not None and bool(written.keys())
    place = ("design", "arms")
    if not found:
        message = "no arm has the role control (a vehicle arm has it by itself)"
        if stated:
            report.warning(place, message)
        else:
            report.error(place, message + ": nothing can be compared")
    elif len(found) > 1 and not stated:
        report.error(
            place,
            f"{len(found)} arms are controls ({', '.join(found)}): say under analysis.families "
            "which arms are compared with which",
        )
    elif not stated and not any(arm.role == "test" for arm in arms.values()):
        report.error(
            place,
            "no arm has the role test: nothing is compared; give one the role, or write "
            "analysis.families",
        )


def families(scenario: Scenario, report: Report) -> None:
    """A family compares arms that exist with one other arm."""
    arms = scenario.design.arms
    for key, family in scenario.analysis.families.items():
        where = ("analysis", "families", key)
        if family.against not in arms:
            many = scenario.design.arms_of(family.against)
            report.error((*where, "against"), several_arms(family.against, many))
        if family.against in family.arms:
            report.error(
                (*where, "arms"),
                f"{family.against} would be compared with itself: take it out of arms, or "
                "compare against another",
            )
        if len(set(family.endpoint)) < len(family.endpoint):
            report.error((*where, "endpoint"), "names an endpoint twice")


def trends(scenario: Scenario, report: Report) -> None:
    """A trend needs at least three arms."""
    for key, trend in scenario.analysis.trends.items():
        count = len(trend.arms)
        where = ("analysis", "trends", key, "arms")
        if count < 2:
            report.error(
                where, "a trend over one arm does not exist: name at least three, in order"
            )
        elif count < _TREND_ARMS:
            report.warning(where, "a trend over two arms is a comparison: name at least three")


def power_target(scenario: Scenario, report: Report) -> None:
    """The target must be about comparisons that are made."""
    decision, plan = scenario.decision, scenario.analysis
    power = decision.power
    if power.family is not None and power.family not in plan.families:
        names = ", ".join(plan.families) or "none is declared"
        report.error(
            ("decision", "power", "family"), f'unknown family "{power.family}"; families: {names}'
        )
        return
    if power.arms is not None and power.family is not None:
        treated = plan.families[power.family].arms
        outside = [arm for arm in power.arms if arm not in treated]
        if outside:
            report.error(
                ("decision", "power", "arms"),
                f"the family {power.family} does not compare {listing(outside)}; "
                f"it compares {', '.join(treated)}",
            )
    if decision.max_replicates < 2 * decision.replicates:
        report.error(
            ("decision", "max_replicates"),
            f"max_replicates ({decision.max_replicates:,}) is below twice the replicates "
            f"({decision.replicates:,}): a sample size is confirmed on as many fresh ones",
        )


def out_of_reach(scenario: Scenario, report: Report) -> None:
    """Power is zero whatever the effect where even perfect separation is not significant."""
    plan = scenario.analysis
    sizes = scenario.design.sizes(scenario.decision.n.stop)
    sizes = scenario.design.units(sizes, unit=plan.unit)
    for key, family in plan.families.items():
        if family.against not in sizes or family.against in family.arms:
            continue
        why = hopeless(plan, key, sizes=sizes)
        if why is not None:
            written = report.tree.get("analysis", "families", key)
            top = ("decision", "n", "to")
            report.warning(("analysis", "families", key) if written is not None else top, why)


def equal_arms(scenario: Scenario, report: Report) -> None:
    """Two arms of one role that get the same are one arm, bought twice."""
    design = scenario.design
    first: dict[object, str] = {}
    for key, arm in design.arms.items():
        given = frozenset(
            (r.substance, r.route, r.dose.volume, r.dose.mass, design.schedules[r.schedule].times)
            for r in arm.regimens
        )
        twin = first.setdefault((arm.role, given), key)
        if arm.regimens and twin != key:
            report.warning(
                ("design", "arms", key),
                f"{key} gets exactly what {twin} gets: leave one of them out, unless it is meant",
            )


def unlike_controls(scenario: Scenario, report: Report) -> None:
    """A control should differ from the treated arm in the substance only."""
    design = scenario.design
    pairs: dict[str, dict[str, list[str]]] = {}
    for comparison in scenario.analysis.comparisons:
        if comparison.control not in design.arms or comparison.treated == comparison.control:
            continue
        treated, control = (
            design.arms[name].regimens for name in (comparison.treated, comparison.control)
        )
        if not treated or not control:
            continue
        differs = pairs.setdefault(comparison.control, {})
        aspects = (
            ("route", lambda r: r.route),
            ("volume", lambda r: r.dose.volume),
            ("schedule", lambda r: design.schedules[r.schedule].times),
        )
        for aspect, view in aspects:
            known = [view(r) for r in (*treated, *control)]
            if None not in known and {view(r) for r in treated} != {view(r) for r in control}:
                names = differs.setdefault(aspect, [])
                if comparison.treated not in names:
                    names.append(comparison.treated)
    for control_id, differs in pairs.items():
        if differs:
            what = "; ".join(f"{aspect}: {', '.join(names)}" for aspect, names in differs.items())
            remedy = ""
            if "volume" in differs:
                remedy = "; afcsim allocate dilutes the stocks to one volume per kg for each route"
            report.warning(
                ("design", "arms", control_id),
                f"is compared with arms injected otherwise ({what}): a difference may come from "
                f"the injection{remedy}",
            )


def animal_limit(scenario: Scenario, report: Report) -> None:
    """The smallest study must fit the limit."""
    limit, start = scenario.decision.limits.animals, scenario.decision.n.start
    needed = scenario.design.headcount(start).purchased
    if limit is not None and needed > limit:
        report.warning(
            ("decision", "limits", "animals"),
            f"{limit} animals are fewer than the {needed} of the smallest n searched ({start})",
        )
