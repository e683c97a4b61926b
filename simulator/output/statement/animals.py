"""How many experimental units and mice, bought for what, and what is lost of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.output.document import Block, Marked, Paragraph, Table, say
from simulator.output.statement.stated import gap
from simulator.output.wording.laboratory import losses_text
from simulator.scenario.housing import groups_of

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated


def numbers(stated: Stated) -> tuple[Block, ...]:
    """Return the exact numbers, and why so many are bought; a gap where no n is found."""
    size = stated.run.size
    if size is not None and size.n_per_arm is None:
        wanted = "number of mice per group and in total, once a search has found it"
        return (say(f"The search for it is {size.status}: no number is claimed. ", gap(wanted)),)
    sizes = stated.run.result.sizes if size is None else size.sizes
    return (_table(stated, sizes), say(f"Mice: {stated.run.animals}."), purchases(stated))


def _table(stated: Stated, sizes: Mapping[str, int]) -> Table:
    """Return units and mice of every group and in total."""
    by_cage = stated.scenario.analysis.unit == "cage"
    units = stated.design.units(sizes, unit=stated.scenario.analysis.unit)
    rows = [(arm, f"{units[arm]}", f"{size}") for arm, size in sizes.items()]
    rows.append(("total", f"{sum(units.values())}", f"{sum(sizes.values())}"))
    columns = ("group", f"experimental units ({'cages' if by_cage else 'mice'})", "mice enrolled")
    return Table(
        caption="Experimental units and mice at the start of the study",
        columns=columns,
        rows=tuple(rows),
        number=columns[1:],
    )


def purchases(stated: Stated) -> Paragraph:
    """Return why as many mice are bought as are bought."""
    design, attrition = stated.design, stated.design.attrition
    counted, why = stated.run.animals, []
    times = groups_of(design)
    if times > 1:
        own = ", ".join(name for name, one in design.endpoints.items() if one.satellite)
        why.append(
            f"the {counted.enrolled} of the table are needed {times} times, because mice of their "
            f"own are read for {own}"
        )
    if attrition.before:
        why.append(
            f"{100 * attrition.before:.4g} % of the mice bought are expected not to be fit for "
            "enrolment"
        )
    if attrition.inflate is not None:
        why.append("more are enrolled than the analysis needs, to make up for losses")
    reason = "; ".join(why) or "no mice are bought beyond those enrolled"
    return say(f"Purchased: {counted.purchased}. Why: {reason}.")


def losses(stated: Stated) -> Paragraph:
    """Return what is expected to be lost between enrolment and analysis."""
    told = losses_text(stated.design.attrition)
    if not told:
        expected = stated.say("design.attrition.loss", "no mouse and no sample is lost")
        return say("Losses: ", expected, ".")
    inflated = stated.design.attrition.inflate is not None
    rest = "" if inflated else "; the losses are in the power, no mice are added for them"
    return say(f"Losses: {told}{rest}.")


def exclusions() -> Paragraph:
    """Return that the criteria of exclusion are for the applicant to write."""
    return say("Criteria: ", gap("criteria, set beforehand, for excluding animals and data points"))


def per_arm(stated: Stated) -> str | Marked:
    """Return how many mice a group has, for a sentence."""
    size = stated.run.size
    if size is not None and size.n_per_arm is None:
        return gap("number of mice per group")
    sizes = stated.run.result.sizes if size is None else size.sizes
    each = sorted(set(sizes.values()))
    return f"{each[0]}" if len(each) == 1 else f"{each[0]} to {each[-1]}"
