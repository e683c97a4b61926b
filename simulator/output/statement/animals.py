"""How many experimental units and mice, and what they are bought for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from simulator.output.document import Block, Marked, Paragraph, Table, say
from simulator.output.statement.losses import percent
from simulator.output.statement.stated import gap
from simulator.output.wording.laboratory import part_filled_text
from simulator.scenario.enrolment import planned_sizes
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
    return (_table(stated, sizes), *_cages(stated), _mice(stated), purchases(stated))


def _cages(stated: Stated) -> Iterator[Paragraph]:
    """Yield why the last cages are not full, where that is so, and what follows."""
    told = part_filled_text(stated.scenario, stated.run.result.n_per_arm)
    if told is not None:
        yield say(f"Cages: {told}.")


def _mice(stated: Stated) -> Paragraph:
    """Return how many mice are enrolled, how many are bought, and how many are read in the end."""
    counted = stated.run.animals
    enrolled, analysed = counted.enrolled, counted.analysed
    if analysed == enrolled:
        read = "all of them are expected to be analysed"
    else:
        read = f"{analysed:.1f} of them are expected to be analysed, as a mean over many studies"
    sets = groups_of(stated.design)
    more = f" in each of {sets} sets, {in_procedures(stated)} in procedures" if sets > 1 else ""
    told = f"Mice: {enrolled} enrolled{more}; {read}; {counted.purchased} purchased"
    if counted.kept is not None:
        # rounded down: what is promised is not more than what is
        kept = math.floor(1000 * counted.kept) / 10
        told += (
            f". With a probability of {kept:g} % every group keeps its number ({left(stated)}), "
            "in the endpoint that loses most"
        )
    return say(f"{told}.")


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
            f"{percent(attrition.before)} of the mice bought are expected not to be fit for "
            "enrolment"
        )
    if attrition.inflate is not None:
        why.append("more are enrolled than the analysis needs, to make up for losses")
    reason = "; ".join(why) or "no mice are bought beyond those enrolled"
    return say(f"Purchased: {counted.purchased}. Why: {reason}.")


def in_procedures(stated: Stated) -> int:
    """Return how many mice are used: those of the groups, and those of readings of their own."""
    return stated.run.animals.enrolled * groups_of(stated.design)


def left(stated: Stated) -> str:
    """Return how many mice every group is to have left, where more are enrolled for that."""
    planned = planned_sizes(stated.design, stated.run.result.n_per_arm)
    if len(set(planned.values())) == 1:
        return f"{next(iter(planned.values()))} each"
    return ", ".join(f"{arm} {count}" for arm, count in planned.items())


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
