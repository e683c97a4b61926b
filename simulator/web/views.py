"""What each view of the page says, as tags."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from htmltools import Tag, TagList, tags

from simulator.evaluation.staying import n_reaching
from simulator.output.wording.answer import OF, capital, headline, reasons
from simulator.output.wording.assurance import assurance_lines
from simulator.output.wording.formulas import against_formulas
from simulator.output.wording.laboratory import laboratory_lines, laboratory_text
from simulator.output.wording.names import name_of
from simulator.output.wording.next_step import out_of_reach
from simulator.output.wording.numbers import estimate, share
from simulator.output.wording.plan import (
    ARM_COLUMNS,
    COMPARISON_COLUMNS,
    ENDPOINT_COLUMNS,
    arm_rows,
    comparison_rows,
    endpoint_rows,
    trend_lines,
    wanted,
)
from simulator.output.wording.searched import searched_text
from simulator.output.wording.truth import chance_text, truth_rows
from simulator.output.wording.worlds import WORLD_COLUMNS, world_rows
from simulator.web.pieces import figure, said, sentences, table
from simulator.web.plan import differences

if TYPE_CHECKING:
    from simulator.evaluation.power_result import CurvePoint
    from simulator.scenario import Scenario
    from simulator.scenario_files import Loaded
    from simulator.web.known import Answer, LabDay, Responses

_JOINT = ("family", "any of them", "all of them", "family-wise error")
_TRENDS = ("trend", "power", "type I error")
_FORMULAS = ("formula", "n per arm", "method")
_COMPARED = (
    "answer",
    "at n per arm",
    "power of the decision",
    "family-wise type I error",
    "animals to order",
    "simulated studies",
)
_DOSE = re.compile(r"design\.arms\.([^.]+)\.regimens\.\d+\.dose\.(volume|mass)")
#: Rows of differences that are shown at once, and in all.
_MANY, _MOST_ROWS = 20, 200
_NUMBERS = ("power [95 % CI]", "type I error", "true fold", "P(X>Y)")


def sentence(answer: Answer) -> Tag:
    """Say the answer in a sentence, under its question."""
    words = answer_words(answer)[1]
    return tags.div(
        tags.p(said(capital(words))),
        tags.p(said(answer.loaded.scenario.question), class_="question"),
    )


def answer_words(answer: Answer) -> tuple[str, str]:
    """Return the answer in few words, and in a sentence."""
    scenario, run = answer.loaded.scenario, answer.run
    target, of = scenario.decision.power.target, OF[scenario.decision.power.of]
    if run is None or run.size is None:
        near = n_reaching(answer.result.curve, target)
        first = f"first look, {answer.result.replicates:,} simulated studies"
        if near is None:
            top = answer.result.curve[-1]
            said = f"at n = {top.n} the power of {of} is {share(top.target)}, target {target:g}"
            return f"More than {top.n} mice per arm?", f"{first}: {said}"
        edge = " or fewer" if near == answer.result.curve[0].n else ""
        at = next(point for point in answer.result.curve if point.n == near)
        said = f"power of {of} {share(at.target)} at n = {near}, target {target:g}"
        yet = "" if answer.stage == "ended" else " yet"
        return f"About {near}{edge} mice per arm", f"{first}: {said}; not certified{yet}"
    return headline(run), " ".join(reasons(run.size, scenario))


def numbers(answer: Answer) -> TagList:
    """Return the tables of the answer: comparisons, animals, worlds, formulas."""
    from simulator.output.arm_labels import arm_label

    scenario, result, run = answer.loaded.scenario, answer.result, answer.run
    pieces: list[Tag] = []
    if run is None:
        why = out_of_reach(scenario, n=result.n_per_arm, family=result.decision_family)
        return TagList(tags.p(said(why)) if why else None)
    groups = dict.fromkeys((c.family, c.endpoint) for c in result.comparisons)
    for family, endpoint in groups:
        plan = scenario.analysis.families[family]
        rows = [
            (
                arm_label(c.treated, scenario.design),
                share(c.power),
                share(c.type_i),
                estimate(c.fold_of_medians),
                estimate(c.relative_effect),
            )
            for c in result.comparisons
            if (c.family, c.endpoint) == (family, endpoint)
        ]
        caption = (
            f"{family}: {endpoint} against {plan.against} ({plan.adjust}, alpha {plan.alpha:g}), "
            f"n = {result.n_per_arm}, {result.replicates:,} simulated studies"
        )
        pieces.append(table(caption, ("arm", *_NUMBERS), rows, number=_NUMBERS))
    pieces.append(tags.p(said(_meanings(scenario)), class_="legend"))
    joint = [(f.family, share(f.any), share(f.all), share(f.fwer)) for f in result.families]
    pieces.append(table("Families of comparisons", _JOINT, joint, number=_JOINT[1:]))
    if result.trends:
        trends = [(t.name, share(t.power), share(t.type_i)) for t in result.trends]
        pieces.append(table("Trends over dose", _TRENDS, trends, number=_TRENDS[1:]))
    if run.worlds:
        caption = f"The same {result.n_per_arm} per arm in other worlds"
        pieces.append(table(caption, WORLD_COLUMNS, world_rows(run), number=WORLD_COLUMNS[1:]))
    if run.assurance is not None:
        pieces.append(sentences(capital(line) for line in assurance_lines(run.assurance)))
    if run.size is not None:
        pieces.insert(0, tags.p(said(f"{searched_text(run.size)}"), class_="legend"))
        pieces.append(tags.p(tags.strong("Animals: "), said(str(run.size.animals))))
        checks = [
            (c.name, "no answer" if c.n_per_arm is None else str(c.n_per_arm), c.method)
            for c in run.size.cross_checks
        ]
        if checks:
            caption = "By formula, as a cross-check (approximations, never the answer)"
            pieces.append(table(caption, _FORMULAS, checks, number=_FORMULAS[1:2]))
            pieces.append(tags.p(said(f"For {run.size.cross_checks[0].basis}."), class_="legend"))
            how = against_formulas(run.size, scenario)
            pieces.append(tags.p(said(f"{how}."), class_="legend") if how else tags.p())
    return TagList(*pieces)


def _meanings(scenario: Scenario) -> str:
    """Say what the columns of ``_NUMBERS`` are."""
    return (
        "Power: share of the simulated studies in which the comparison is significant. Type I "
        "error: the same share where no substance does anything. True fold: ratio of the medians "
        f"over very many mice. {chance_text(scenario)}."
    )


def study(drawn: Responses) -> TagList:
    """Return the response curves and the simulated study."""
    told = (
        f"Simulated study {drawn.replicate} of this plan with n = {drawn.n} mice per arm: one of "
        "the many that could come out."
    )
    none = "No substance is given at two doses or more, so there is no response curve."
    missing = none if drawn.whole else "The response curves are being drawn …"
    return TagList(tags.p(told), figure(drawn.doses, missing=missing), figure(drawn.cohort))


def lab(day: LabDay) -> TagList:
    """Return what the laboratory can do."""
    found = day.found
    verdict = found.verdict[0].upper() + found.verdict[1:]
    lines = [f"n = {found.n_per_arm} per arm, {found.animals} animals"]
    least = "at least " if found.largest_at_cap else ""
    lines.append(f"largest study that fits: {least}n = {found.largest} per arm")
    if not found.fits and found.staff_needed is not None:
        lines.append(f"with {found.staff_needed} technicians every day fits")
    whence = "assumed, as the file states no laboratory" if found.assumed else "as stated"
    lines.append(f"laboratory ({whence}): {laboratory_text(found.conduct)}")
    if found.long_wait is not None:
        lines.append(f"spleens wait up to {found.long_wait:.0f} h for plating: too long to count")
    return TagList(tags.h3(verdict), sentences(lines), figure(day.picture))


def plan_tables(loaded: Loaded) -> TagList:
    """Return the plan as tables, and what it assumes."""
    from simulator.output.assumptions import assumptions

    scenario = loaded.scenario
    decision = scenario.decision
    assumed = [
        (name_of(a.path).words, a.value, a.source, a.path)
        for a in assumptions(scenario, loaded.defaults)
    ]
    endpoints = [
        (name, kind.replace("_", " "), *rest) for name, kind, *rest in endpoint_rows(scenario)
    ]
    truth_columns = ("endpoint", "control", "spread", "response")
    return TagList(
        table("Arms", ARM_COLUMNS, arm_rows(scenario)),
        table("Endpoints", (*ENDPOINT_COLUMNS[:-1], "marks"), endpoints),
        table("What nature is taken to be", truth_columns, truth_rows(scenario)),
        table("Comparisons", COMPARISON_COLUMNS, comparison_rows(scenario)),
        sentences([*trend_lines(scenario), *laboratory_lines(scenario), wanted(scenario)]),
        table("Assumed, not stated", ("what", "assumed", "source", "path in the file"), assumed),
        tags.p(f"worlds: {', '.join(decision.worlds)}") if decision.worlds else None,
    )


def compare(kept: Answer | None, now: Answer, *, pending: bool = False) -> TagList | Tag:
    """Return two plans side by side: what differs, what each takes, and their curves.

    Parameters
    ----------
    pending : whether the plan has changed since and its answer is still to come.
    """
    if kept is None:
        return tags.p(
            "Keep the plan as it is now, then change an input: both stand here side by side."
        )
    heads = ("kept plan", "plan now")
    rows = list(zip(_COMPARED, _facts(kept), _facts(now), strict=True))
    columns = ("what", *heads)
    told = table("The two plans", columns, rows)
    pictures = tags.div(
        *(
            tags.div(tags.h3(head), figure(one.picture))
            for head, one in zip(heads, (kept, now), strict=True)
        ),
        class_="two",
    )
    return TagList(told, _differing(kept, now, pending=pending), pictures)


def _differing(kept: Answer, now: Answer, *, pending: bool) -> Tag:
    """Return what differs between two plans; of very different ones on demand."""
    changed = differences(kept.loaded.scenario, now.loaded.scenario)
    if not changed:
        if pending:
            return tags.p("The plan was changed: its answer is on its way …")
        return tags.p("The two plans do not differ yet: change an input.")
    rows = [(_words(path), *values, path) for path, *values in changed[:_MOST_ROWS]]
    shown = table("What differs", ("what", "kept plan", "plan now", "path in the file"), rows)
    if len(changed) <= _MANY:
        return shown
    more = f", the first {_MOST_ROWS} here" if len(changed) > _MOST_ROWS else ""
    return tags.details(tags.summary(f"{len(changed)} values differ{more}"), shown)


def _words(path: str) -> str:
    """Return what a value of a plan is called."""
    dose = _DOSE.fullmatch(path)
    return name_of(path).words if dose is None else f"dose of {dose[1]}, {dose[2]}"


def _facts(answer: Answer) -> tuple[str, ...]:
    """Return what ``_COMPARED`` names."""
    point, size = _at(answer), None if answer.run is None else answer.run.size
    return (
        answer_words(answer)[0],
        f"{answer.n}",
        share(point.target if size is None else size.power),
        share(point.fwer),
        _purchased(answer),
        f"{answer.result.replicates:,}",
    )


def _at(answer: Answer) -> CurvePoint:
    """Return the curve at the n that is shown."""
    return next(point for point in answer.result.curve if point.n == answer.n)


def _purchased(answer: Answer) -> str:
    """Return how many animals to order; of a plan that does not reach its target, for which n."""
    from simulator.scenario.enrolment import study_headcount

    count = study_headcount(answer.loaded.scenario, answer.n).purchased
    size = None if answer.run is None else answer.run.size
    if size is None or size.status == "certified":
        return f"{count}"
    return f"{count} for n = {answer.n}, which is not shown to be enough"
