"""How the number of mice was decided, and what the study does with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.output.document import Block, Bullets, Paragraph, Table, listed, say
from simulator.output.statement.effect import decisive
from simulator.output.statement.titles import series
from simulator.output.wording.answer import OF, certified
from simulator.output.wording.assurance import assurance_lines, believed_lines
from simulator.output.wording.formulas import against_formulas
from simulator.output.wording.next_step import next_step
from simulator.output.wording.numbers import share
from simulator.output.wording.worlds import WORLD_COLUMNS, for_all_text, world_rows

if TYPE_CHECKING:
    from simulator.evaluation.characteristics import Probability
    from simulator.output.statement.stated import Stated


def answer(stated: Stated) -> str:
    """Return what the run says about the number of mice, and claim no more."""
    size, result = stated.run.size, stated.run.result
    if size is None:
        return (
            f"power at n = {result.n_per_arm} per group, a number that was chosen and not "
            "searched for"
        )
    if size.status == "certified":
        return certified(size, stated.scenario)
    return f"{size.status}, no number of mice is claimed: {size.reason}"


def caveats(stated: Stated) -> tuple[str, ...]:
    """Return what must stand wherever the number stands: false alarms, cages, another world."""
    run = stated.run
    told = [one.message for one in run.warnings if one.path == "type_i"]
    told += _pseudoreplication(stated)
    world = run.origin.settings.get("world")
    if world is not None:
        told.append(f"Judged under the assumptions of the world {world}, not of the plan itself.")
    return tuple(told)


def _pseudoreplication(stated: Stated) -> Iterator[str]:
    """Yield that mice are counted though cages are treated, where that is so."""
    animals, plan = stated.design.animals, stated.scenario.analysis
    if plan.unit == "cage" or animals.arms_share_cages or animals.per_cage == 1:
        return
    known = "pseudoreplication, which the plan acknowledges"
    if "pseudoreplication" in plan.acknowledge:
        follows = "cage-mates are alike, so false alarms come more often than alpha allows"
    else:
        known = "pseudoreplication"
        follows = "the number is right only if cage-mates are no more alike than other mice"
    yield (
        f"The test counts mice, although whole cages of {animals.per_cage} get one treatment "
        f"({known}): {follows}."
    )


def with_error(found: Probability) -> str:
    """Return a probability with interval, Monte Carlo standard error and simulated studies."""
    known = found.known_mcse is not None
    told = f"Monte Carlo standard error {error(found)}; " if known else ""
    return (
        f"{share(found)} (95 % interval in brackets; {told}{found.replicates:,} simulated studies)"
    )


def error(found: Probability) -> str:
    """Return the Monte Carlo standard error with two digits; a dash where all studies agree."""
    return "-" if found.known_mcse is None else f"{found.known_mcse:.2g}"


def decided(stated: Stated) -> Bullets:
    """Return how the number was decided, step by step."""
    decision, size = stated.scenario.decision, stated.run.size
    items = [
        say(
            "Power asked for: ",
            stated.say("decision.power.target", f"{decision.power.target:g}"),
            " of ",
            stated.say("decision.power.of", OF[decision.power.of]),
            f" of the family {stated.run.result.decision_family}{_some(stated)}",
        ),
    ]
    if size is not None:
        items += _searched(stated)
        advice = next_step(size, stated.scenario)
        items += [] if advice is None else [say(f"What can be changed: {advice}")]
        formulas = "; ".join(
            f"{one.name} {'no answer' if one.n_per_arm is None else one.n_per_arm} ({one.method})"
            for one in size.cross_checks
        )
        basis = "; ".join(dict.fromkeys(one.basis for one in size.cross_checks))
        if formulas:
            items.append(say(f"By formula, as a cross-check: {formulas}; for {basis}"))
            compared = against_formulas(size, stated.scenario)
            items += [] if compared is None else [say(f"{compared}.")]
    return Bullets(tuple(items))


def _searched(stated: Stated) -> list[Paragraph]:
    decision, size = stated.scenario.decision, stated.run.size
    assert size is not None  # the caller asked for it
    return [
        say(
            "Method: the whole study was simulated (doses, mice, assay, planned test) with n from ",
            stated.say("decision.n.from", f"{decision.n.start}"),
            " to ",
            stated.say("decision.n.to", f"{decision.n.stop}"),
            " per group; a number counts only if the lower limit of its power, at confidence ",
            stated.say("decision.confidence", f"{size.confidence:g}"),
            ", clears the target there and at every larger number, and again in fresh studies. ",
            f"Simulated studies spent: {size.replicates_spent:,}.",
        )
    ]


def _some(stated: Stated) -> str:
    """Return the groups that the power is of, where the plan names some."""
    arms = stated.scenario.decision.power.arms
    return "" if arms is None else f", for {series(arms)} only"


def characteristics(stated: Stated) -> tuple[Block, ...]:
    """Return power and attained type I error at the n of the run, and other assumptions."""
    result = stated.run.result
    at = f"n = {result.n_per_arm} per group"
    size = stated.run.size
    certified_n = size is not None and size.status == "certified"
    if size is not None and not certified_n:
        at += ", which is not claimed to be enough"
    columns = ("comparison", "power [95 % CI]", "Monte Carlo error", "type I error [95 % CI]")
    rows = tuple(
        (
            f"{row.endpoint}: {row.treated} against {row.control}",
            share(row.power),
            error(row.power),
            share(row.type_i),
        )
        for row in decisive(stated)
    )
    family = ("family", "any found", "all found", "family-wise type I error")
    families = tuple(
        (one.family, share(one.any), share(one.all), share(one.fwer)) for one in result.families
    )
    caption = (
        f"Power at {at}, in {result.replicates:,} simulated studies"
        + (" (the number was confirmed on others)" if certified_n else "")
        + "; type I error: the same where nothing has an effect"
    )
    found: list[Block] = [
        Table(caption=caption, columns=columns, rows=rows, number=columns[1:]),
        Table(
            caption=f"All families of comparisons at {at}, of which the number rests on "
            f"{result.decision_family} [95 % CI]",
            columns=family,
            rows=families,
            number=family[1:],
        ),
    ]
    if stated.run.assurance is not None:
        told = [
            *assurance_lines(stated.run.assurance),
            *believed_lines(stated.run.assurance.priors),
        ]
        found.append(listed(f"{line[0].upper()}{line[1:]}." for line in told))
    everywhere = for_all_text(stated.run)
    if everywhere is not None:
        found.append(say(f"{everywhere[0].upper()}{everywhere[1:]}."))
    if stated.run.worlds:
        found.append(
            Table(
                caption=f"The same {result.n_per_arm} per group under other assumptions",
                columns=WORLD_COLUMNS,
                rows=tuple(world_rows(stated.run)),
                number=WORLD_COLUMNS[1:],
            )
        )
    return tuple(found)


def warnings(stated: Stated) -> Bullets:
    """Return what the program warns of."""
    told = [f"{one.path}: {one.message}" for one in stated.run.warnings]
    return listed(told or ["none"])
