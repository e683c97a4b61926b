"""How the number of mice was decided, and what the study does with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.output.document import Block, Bullets, Marked, Paragraph, Table, listed, say
from simulator.output.statement import analysis, animals
from simulator.output.statement.effect import decisive
from simulator.output.statement.stated import gap
from simulator.output.wording.answer import OF, certified, in_cages
from simulator.output.wording.next_step import next_step, out_of_reach
from simulator.output.wording.numbers import share
from simulator.output.wording.worlds import WORLD_COLUMNS, world_rows

if TYPE_CHECKING:
    from simulator.evaluation.characteristics import Probability
    from simulator.output.run import Run
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


def caveats(run: Run) -> tuple[str, ...]:
    """Return what must stand wherever the number stands: false alarms, another world."""
    told = [one.message for one in run.warnings if one.path == "type_i"]
    world = run.origin.settings.get("world")
    if world is not None:
        told.append(f"Judged under the assumptions of the world {world}, not of the plan itself.")
    return tuple(told)


def with_error(found: Probability) -> str:
    """Return a probability with interval, Monte Carlo standard error and simulated studies."""
    return (
        f"{share(found)} (95 % interval in brackets; Monte Carlo standard error "
        f"{error(found)}; {found.replicates:,} simulated studies)"
    )


def error(found: Probability) -> str:
    """Return the Monte Carlo standard error with two digits."""
    return f"{found.mcse:.2g}"


def summary(stated: Stated) -> Paragraph:
    """Return the whole justification as one paragraph, to be copied into a form."""
    plan, run = stated.scenario.analysis, stated.run
    name = run.result.decision_family
    family = plan.families[name]
    compared = f"{', '.join(family.endpoint)} of {', '.join(family.arms)} with {family.against}"
    return say(
        "The study compares ",
        stated.family(name, "arms", compared),
        " by the ",
        analysis.test(stated, name),
        " test, ",
        stated.say("analysis.alternative", analysis.SIDES[plan.alternative]),
        ", at alpha ",
        stated.family(name, "alpha", f"{family.alpha:g}"),
        "; adjustment for several comparisons: ",
        analysis.adjustment(stated, name),
        ". ",
        *_claim(stated),
        *(f" Caution: {told}" for told in caveats(run)),
    )


def _claim(stated: Stated) -> Iterator[str | Marked]:
    """Yield the sentences about n: what is claimed, or that nothing is."""
    size, wish = stated.run.size, stated.scenario.decision.power
    of = stated.say("decision.power.of", OF[wish.of])
    target = stated.say("decision.power.target", f"{wish.target:g}")
    if size is None:
        yield f"With n = {stated.run.result.n_per_arm} per group its power (of "
        yield from (of, f"{_meant(stated)}) is {with_error(stated.run.power)}. ")
        yield gap("why this number, or the result of afcsim size, which searches for it")
        return
    if size.status != "certified":
        yield from ("A power of ", target, " of ", of, f"{_meant(stated)} was asked for. ")
        yield f"The search is {size.status}: {size.reason}. No number of mice is claimed."
        return
    n = size.n_per_arm or 0
    yield f"{_each(stated)} are the smallest number that is shown to give a power (of "
    yield from (of, f"{_meant(stated)}) of at least ", target, f": {with_error(size.power)}")
    if size.power_below is not None:
        why = out_of_reach(stated.scenario, n=n - 1, family=size.result.decision_family)
        because = "" if why is None else f", as {why.partition(':')[0]}"
        yield f"; with {n - 1} it is {share(size.power_below)}{because}."
    else:
        yield "; smaller numbers were not looked at."


def _each(stated: Stated) -> str:
    """Return how many mice a group has at the certified n."""
    size = stated.run.size
    assert size is not None  # the caller asked for it
    n, counts = size.n_per_arm, set(size.sizes.values())
    cages = in_cages(stated.scenario, size.result.n_per_arm)
    if counts == {n}:
        return f"{n} mice per group{cages}"
    enrolled = ", ".join(f"{arm} {count}" for arm, count in size.sizes.items())
    enrolled = f"{min(counts)} each" if len(counts) == 1 else enrolled
    left = "" if size.animals.kept is None else "left "
    return f"{n} mice {left}per group{cages} (enrolled: {enrolled})"


def decided(stated: Stated) -> Bullets:
    """Return how the number was decided, step by step."""
    decision, size = stated.scenario.decision, stated.run.size
    items = [
        say(
            "Power asked for: ",
            stated.say("decision.power.target", f"{decision.power.target:g}"),
            " of ",
            stated.say("decision.power.of", OF[decision.power.of]),
            f"{_meant(stated)} of {stated.run.result.decision_family}",
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


def _meant(stated: Stated) -> str:
    arms = stated.scenario.decision.power.arms
    return "" if arms is None else f" (groups {', '.join(arms)})"


def characteristics(stated: Stated) -> tuple[Block, ...]:
    """Return power and attained type I error at the n of the run, and other assumptions."""
    result = stated.run.result
    at = f"n = {result.n_per_arm} per group"
    size = stated.run.size
    if size is not None and size.status != "certified":
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
        + (" (the number was confirmed on others)" if size is not None else "")
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


def in_plain_words(stated: Stated) -> Paragraph:
    """Return how the number was found, for readers who are no statisticians."""
    size, n = stated.run.size, animals.per_arm(stated)
    how = (
        "Before any mouse is ordered the whole study was repeated on a computer, {} times, with "
        "mice that differ as real ones are expected to."
    )
    if size is None or size.status != "certified":
        times = stated.run.result.replicates if size is None else size.replicates_spent
        told = f"{how.format(f'{times:,}')} The answer: {answer(stated)}. "
        return say(told, gap("how many mice, and why so many"))
    counted = stated.run.animals
    more = ""
    if counted.purchased != counted.enrolled:
        more = ", with the extra mice of readings of their own and those not fit to be enrolled"
    kept = stated.say("decision.power.target", f"{100 * size.target:.4g} of 100")
    return say(
        f"{how.format(f'{size.replicates_spent:,}')} With ",
        n,
        f" mice in each of {len(size.sizes)} groups {_found(stated)} in at least ",
        kept,
        f" such studies; with n = {(size.n_per_arm or 0) - 1} per group not in so many."
        if size.power_below is not None
        else " such studies.",
        f" The study enrols {counted.enrolled} mice; {counted.purchased} are bought{more}.",
        *(f" Caution: {told}" for told in caveats(stated.run)),
    )


def _found(stated: Stated) -> str:
    """Return what is found in so many of the studies: of several comparisons, which."""
    family = stated.scenario.analysis.families[stated.run.result.decision_family]
    wish = stated.scenario.decision.power
    arms = family.arms if wish.arms is None else wish.arms
    what = f"{' and '.join(family.endpoint)} of {', '.join(arms)} against {family.against}"
    if len(arms) * len(family.endpoint) == 1:
        return f"the difference in {what} is found"
    which = {
        "each": "each difference, taken by itself, is found",
        "any": "at least one difference is found",
        "all": "all differences are found together",
    }[wish.of]
    return f"{which} ({what})"
