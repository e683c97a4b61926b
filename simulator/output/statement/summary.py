"""The justification in one paragraph, to be copied, and in plain words for the public."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.output.arm_labels import number
from simulator.output.document import Block, Paragraph, say
from simulator.output.statement import analysis, animals
from simulator.output.statement.effect import decisive
from simulator.output.statement.power import answer, caveats, with_error
from simulator.output.statement.stated import gap, number_text
from simulator.output.statement.titles import endpoints, mice, series
from simulator.output.wording.answer import OF, in_cages
from simulator.output.wording.next_step import out_of_reach
from simulator.output.wording.numbers import share
from simulator.output.wording.rank_test_names import TEST_NAMES
from simulator.scenario.housing import groups_of

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated

_SPREADS: Final = {
    "cv": "a coefficient of variation between mice of {}",
    "sd_ln": "a standard deviation between mice of {} on the natural log scale",
    "sd_log2": "a standard deviation between mice of {} in two-fold steps",
    "sd": "a standard deviation between mice of {}",
}


def summary(stated: Stated) -> tuple[Block, ...]:
    """Return the whole justification as one paragraph without marks, to be copied into a form.

    Of a number that was chosen and not searched for, why is asked in a paragraph of its own.
    """
    told = [_compared(stated), *_expected(stated), *_claim(stated), *_in_all(stated)]
    told += _defaults(stated)
    told += [f"Caution: {one}" for one in _cautions(stated)]
    found: tuple[Block, ...] = (say(" ".join(told)),)
    if stated.run.size is None:
        wanted = gap("why this number, or the result of afcsim size, which searches for it")
        found = (*found, say("Why this number: ", wanted))
    return found


def _compared(stated: Stated) -> str:
    """Return what is compared with what, and how."""
    plan, design, name = stated.scenario.analysis, stated.design, stated.run.result.decision_family
    family = plan.families[name]
    count = len(plan.comparisons_of(name))
    adjusted = (
        f"; adjustment for the {count} comparisons: {analysis.ADJUSTMENTS[family.adjust]}"
        if count > 1 or family.adjust == "steel"
        else ""
    )
    unit = "" if plan.unit == "animal" else " of cage medians"
    return (
        f"The study compares {mice(design, family.arms)} with {mice(design, [family.against])} in "
        f"{endpoints(design, family.endpoint)}, by the {TEST_NAMES[plan.spec(name).test]} "
        f"test{unit}, {analysis.SIDES[plan.alternative]}, at alpha {family.alpha:g}{adjusted}."
    )


def _expected(stated: Stated) -> Iterator[str]:
    """Yield the effect and the spread that are expected of each endpoint."""
    names = tuple(dict.fromkeys(row.endpoint for row in decisive(stated)))
    for name in names:
        folds = [row.fold_of_medians.value for row in decisive(stated) if row.endpoint == name]
        folds = sorted(fold for fold in folds if math.isfinite(fold))
        if not folds:
            continue
        ends = list(dict.fromkeys(number(fold) for fold in (folds[0], folds[-1])))
        of = f" of {endpoints(stated.design, [name])}" if len(names) > 1 else ""
        told = [f"medians{of} {' to '.join(ends)} times those of {_compared_with(stated)}"]
        told += _spreads(stated, name)
        yield f"Expected are {series(told)}."


def _compared_with(stated: Stated) -> str:
    family = stated.scenario.analysis.families[stated.run.result.decision_family]
    role = stated.design.arms[family.against].role
    return "the control" if role == "control" else "the group compared with"


def _spreads(stated: Stated, name: str) -> Iterator[str]:
    """Yield how mice, and where it matters cages, are expected to differ in an endpoint."""
    of = f"truth.variability.{name}"
    wanted = {f"{of}.{key}": words for key, words in _SPREADS.items()}
    if not stated.design.animals.arms_share_cages:
        own = stated.node(f"{of}.cage_icc") is not None
        path = f"{of}.cage_icc" if own else "truth.variability.cage_icc"
        wanted[path] = "an intraclass correlation of cage-mates of {}"
    for path, words in wanted.items():
        node = stated.node(path)
        if node is not None:
            assumed = f" ({node['status']})" if node["status"] != "stated" else ""
            yield f"{words.format(number_text(node['value'], path))}{assumed}"


def _claim(stated: Stated) -> Iterator[str]:
    """Yield the sentences about n: what is claimed, or that nothing is."""
    size, target = stated.run.size, f"{stated.scenario.decision.power.target:g}"
    of = _of(stated)
    if size is None:
        n = stated.run.result.n_per_arm
        yield f"With n = {n} per group its power{of} is {with_error(stated.run.power)}."
        return
    if size.status != "certified":
        yield f"A power of {target}{of} was asked for."
        yield f"The search is {size.status}: {size.reason}. No number of mice is claimed."
        return
    n = size.n_per_arm or 0
    if size.power_below is None:
        yield (
            f"{_each(stated)}, the smallest number that was looked at, are shown to give a power"
            f"{of} of at least {target}: {with_error(size.power)}."
        )
        return
    told = (
        f"{_each(stated)} are the smallest number that is shown to give a power{of} of at least "
        f"{target}: {with_error(size.power)}"
    )
    why = out_of_reach(stated.scenario, n=n - 1, family=size.result.decision_family)
    because = "" if why is None else f", as {why.partition(':')[0]}"
    yield f"{told}; with {n - 1} it is {share(size.power_below)}{because}."


def _in_all(stated: Stated) -> Iterator[str]:
    """Yield how many mice that is in all, and how many of them are expected to be lost."""
    if stated.run.size is not None and stated.run.size.status != "certified":
        return
    counted = stated.run.animals
    used, sets = animals.in_procedures(stated), groups_of(stated.design)
    told = f"That is {used} mice in all"
    if sets > 1:
        told += (
            f" ({counted.enrolled} in each of {sets} sets, as some readings take mice of their own)"
        )
    if counted.purchased != used:
        told += f", for which {counted.purchased} are bought"
    if stated.design.animals_may_be_lost:
        of = "of them" if sets == 1 else f"of {counted.enrolled}"
        yield f"{told}; {counted.analysed:.1f} {of} are expected to be analysed."
    elif "design.attrition.loss" in stated.assumed:
        yield f"{told}; it is assumed that none is lost."
    else:
        yield f"{told}; none is expected to be lost."


def _of(stated: Stated) -> str:
    """Return of which comparisons the power is; nothing where there is only one."""
    if len(decisive(stated)) == 1:
        return ""
    wish = stated.scenario.decision.power
    some = "" if wish.arms is None else f" of {mice(stated.design, wish.arms)}"
    return f" (of {OF[wish.of]}{some})"


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
    if size.animals.kept is None:
        return f"{n} mice per group{cages} (enrolled: {enrolled})"
    left = animals.left(stated)
    told = f"{n} mice left per group" if "," not in left else f"Groups with {left} mice left"
    return f"{told}{cages} (enrolled: {enrolled})"


def _defaults(stated: Stated) -> Iterator[str]:
    """Yield which choices of this paragraph the plan does not state."""
    plan, name = stated.scenario.analysis, stated.run.result.decision_family
    family = plan.families[name]
    several = len(plan.comparisons_of(name)) > 1
    wish = stated.scenario.decision.power
    left = {
        "what is compared": stated.left_in_family(name, "arms"),
        "the test": family.test is None and stated.left("analysis.test"),
        "its sidedness": stated.left("analysis.alternative"),
        "alpha": stated.left_in_family(name, "alpha"),
        "the adjustment": several and stated.left_in_family(name, "adjust"),
        "the target of the power": stated.left("decision.power.target"),
        f"power of {OF[wish.of]}": several and stated.left("decision.power.of"),
    }
    names = [words for words, is_left in left.items() if is_left]
    if names:
        yield f"Left at the default of the program: {series(names)}."


def _cautions(stated: Stated) -> Iterator[str]:
    """Yield what must be copied with the number."""
    run = stated.run
    worst = max(run.result.curve_comparisons, key=lambda row: row.type_i.value, default=None)
    alpha = stated.scenario.analysis.families[run.result.decision_family].alpha
    alarm = {one.message for one in run.warnings if one.path == "type_i"}
    for told in caveats(stated):
        if told in alarm and worst is not None and worst.type_i.value > alpha:
            yield (
                "where the treatment does nothing, a difference is claimed in "
                f"{share(worst.type_i)} of the studies, more than alpha {alpha:g} allows."
            )
        else:
            own = told[:1].lower() + told[1:] if told not in alarm else told
            yield own if own.endswith(".") else f"{own}."


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
    if counted.purchased != animals.in_procedures(stated):
        more = ", with those not fit to be enrolled"
    kept = f"{100 * size.target:.4g} of 100"
    return say(
        f"{how.format(f'{size.replicates_spent:,}')} With ",
        n,
        f" mice in each of {len(size.sizes)} groups {_found(stated)} in at least {kept}",
        f" such studies; with groups one size smaller ({_smaller(stated)}) not in so many."
        if size.power_below is not None
        else " such studies; smaller groups were not looked at.",
        *(f" {told}" for told in _expected(stated)),
        f" The study uses {animals.in_procedures(stated)} mice; {counted.purchased} are bought"
        f"{more}.",
        *(f" Caution: {told}" for told in _cautions(stated)),
    )


def _smaller(stated: Stated) -> str:
    """Return the mice of a group in the study that is one size smaller."""
    size = stated.run.size
    assert size is not None  # the caller asked for it
    each = sorted(set(stated.design.sizes((size.n_per_arm or 0) - 1).values()))
    return f"{each[0]}" if len(each) == 1 else f"{each[0]} to {each[-1]}"


def _found(stated: Stated) -> str:
    """Return what is found in so many of the studies: of several comparisons, which."""
    family = stated.scenario.analysis.families[stated.run.result.decision_family]
    wish, design = stated.scenario.decision.power, stated.design
    arms = family.arms if wish.arms is None else wish.arms
    treated = "the treated mice" if len(arms) == 1 else "the treated groups"
    what = f"in {endpoints(design, family.endpoint)} between {treated} and {_compared_with(stated)}"
    if len(arms) * len(family.endpoint) == 1:
        return f"the difference {what} is found"
    which = {
        "each": "each difference, taken by itself, is found",
        "any": "at least one difference is found",
        "all": "all differences are found together",
    }[wish.of]
    return f"{which} ({what})"
