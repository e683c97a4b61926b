"""The study: question, groups, experimental unit, mice, endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.output.document import Block, Bullets, Marked, Paragraph, Table, listed, say
from simulator.output.statement.stated import gap
from simulator.output.wording.plan import ARM_COLUMNS, arm_rows

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated

#: What is read, by the kind of the endpoint.
_KINDS = {
    "plaque_count": "antibody-forming cells per spleen, by direct plaques",
    "titer": "hemagglutinin titer, by two-fold dilution",
    "phagocytic_percentage": "share of phagocytes that ingested a particle",
    "phagocytic_number": "particles per phagocyte",
    "continuous": "a measurement",
}


def _groups(stated: Stated) -> Table:
    """Return the groups that are compared, with the controls among them."""
    return Table(
        caption="Groups compared",
        columns=("group", *ARM_COLUMNS[1:4]),
        rows=tuple(row[:4] for row in arm_rows(stated.scenario)),
    )


def treatments(stated: Stated) -> tuple[Block, ...]:
    """Return the groups, and a gap where the scenario does not say what they are given."""
    bare = ", ".join(name for name, arm in stated.design.arms.items() if not arm.regimens)
    if not bare:
        return (_groups(stated),)
    missing = gap("substance, dose, route and days, or that nothing is given")
    return (_groups(stated), say(f"Treatment of {bare}: ", missing))


def unit(stated: Stated) -> Paragraph:
    """Return what the experimental unit is, and what makes it so."""
    animals, plan = stated.design.animals, stated.scenario.analysis
    mates = stated.say("design.animals.per_cage", f"{animals.per_cage} mice per cage")
    shared = "design.animals.arms_share_cages"
    if plan.unit == "cage":
        return say(
            "Experimental unit: the cage (",
            mates,
            "): all mice of a cage get one treatment, and the median of a cage is one value of "
            "the analysis.",
        )
    if animals.arms_share_cages:
        return say(
            "Experimental unit: the single mouse. Treatment is given mouse by mouse; ",
            stated.say(shared, "mice of different groups share cages"),
            "; ",
            mates,
            ".",
        )
    known = " (the plan acknowledges it)" if "pseudoreplication" in plan.acknowledge else ""
    return say(
        "Experimental unit of the analysis: the single mouse, although ",
        stated.say(shared, "every cage holds mice of one group only"),
        "; ",
        mates,
        f". What is assigned to a treatment is the cage: this is pseudoreplication{known}.",
    )


def mice(stated: Stated) -> Paragraph:
    """Return which mice they are."""
    animals = stated.design.animals
    weight = animals.weight
    return say(
        "Mice: strain ",
        stated.say("design.animals.strain", animals.strain),
        "; sex ",
        stated.say("design.animals.sex", animals.sex),
        "; body weight ",
        stated.say("design.animals.weight.mean", f"{weight.mean:g} g"),
        " with a standard deviation of ",
        stated.say("design.animals.weight.sd", f"{weight.sd:g} g"),
        ".",
    )


def immunization(stated: Stated) -> Paragraph:
    """Return how the mice are immunized."""
    given, path = stated.design.immunization, "design.immunization"
    return say(
        "Immunization of every mouse: ",
        stated.say(f"{path}.antigen", given.antigen),
        ", ",
        stated.say(f"{path}.dose", f"{given.dose:,.0f} cells"),
        " ",
        stated.say(f"{path}.route", given.route),
        " on day ",
        stated.say(f"{path}.day", f"{given.day:g}"),
        ".",
    )


def outcomes(stated: Stated) -> Bullets:
    """Return the primary outcome, and what else is read."""
    endpoints = stated.design.endpoints
    marked = [name for name, endpoint in endpoints.items() if endpoint.primary]
    first: list[str | Marked] = ["Primary outcome: "]
    if marked:
        first.append("; ".join(outcome(stated, name) for name in marked))
    else:
        decisive = stated.scenario.analysis.families[stated.run.result.decision_family].endpoint
        named = "; ".join(outcome(stated, name) for name in decisive)
        first.append(
            Marked("assumed", f"{named} (none is marked primary; the number rests on this)")
        )
        marked = list(decisive)
    others = [outcome(stated, name) for name in endpoints if name not in marked]
    told = "; ".join(others) or "none"
    return listed([say(*first, "."), say(f"Other outcomes: {told}.")])


def outcome(stated: Stated, name: str) -> str:
    """Return an endpoint with what is read, its unit and its day."""
    endpoint = stated.design.endpoints[name]
    own = ", in mice of its own" if endpoint.satellite else ""
    killed = ", terminal" if endpoint.terminal else ""
    what = f"{name} ({_KINDS[endpoint.kind]}, {endpoint.unit})"
    return f"{what}, read on day {endpoint.day:g}{own}{killed}"
