"""What a report says of a run, in the order in which a planner reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.output.document import Block, Document, Section, listed, say
from simulator.output.report.answer import answer_lines
from simulator.output.report.evidence import evidence_tables
from simulator.output.report.pictures import cohort_pictures, plan_picture, power_picture
from simulator.output.report.shortened import shortened
from simulator.output.report.tables import (
    animal_table,
    arm_table,
    assurance_table,
    check_table,
    comparison_tables,
    endpoint_table,
    family_tables,
    plan_table,
    trend_table,
    truth_table,
    version_table,
    world_table,
)
from simulator.output.wording.answer import OF, capital
from simulator.output.wording.assurance import assurance_lines, believed_lines
from simulator.output.wording.formulas import against_formulas
from simulator.output.wording.laboratory import laboratory_lines, part_filled_text
from simulator.output.wording.plan import trend_lines
from simulator.output.wording.repeat import repeat_lines
from simulator.output.wording.searched import searched_text
from simulator.output.wording.truth import chance_text
from simulator.output.wording.worlds import changes_text

if TYPE_CHECKING:
    from simulator.output.run import Run


def report_of(run: Run) -> Document:
    """Return the report; its figures are drawn from the run, its numbers are those of the run."""
    scenario, world = run.scenario, run.origin.settings.get("world")
    cohort = list(cohort_pictures(run))
    dosed = any(picture.name == "dose-response" for picture in cohort)
    parts: dict[str, Sequence[Block]] = {
        "Warnings": _warnings(run),
        "Power": _power(run),
        "Assurance": _assurance(run),
        "Comparisons": _comparisons(run),
        "Plan": _plan(run),
        "Dose-response" if dosed else "One simulated study": cohort,
        "Other comparisons": _other_comparisons(run),
        "Other worlds": _worlds(run),
        "Laboratory, cages and losses": _laboratory(run),
        "Cross-checks by formula": _checks(run),
        "Assumptions and their evidence": _evidence(run),
        "Provenance": _provenance(run),
    }
    return Document(
        title=shortened(scenario.question),
        subtitle=f"Report on the planned study {scenario.id}, simulated before any animal is used",
        sections=tuple(Section(name, tuple(blocks)) for name, blocks in parts.items() if blocks),
        facts={
            "study": scenario.id,
            **({"world": str(world)} if world is not None else {}),
            "animals": str(run.animals),
            "made": f"{run.origin.made_at[:10]} by afcsim {run.origin.versions.get('afcsim', '')}",
        },
        notice=tuple(answer_lines(run)),
    )


def _warnings(run: Run) -> list[Block]:
    told = [f"{one.path}: {one.message}" if one.path else one.message for one in run.warnings]
    return [listed(map(shortened, told))] if told else []


def _power(run: Run) -> list[Block]:
    """Draw what was found, and say what was wanted."""
    decision, found = run.scenario.decision, run.size
    wish, searched = decision.power, decision.n
    of = OF[wish.of] + ("" if wish.arms is None else f" ({', '.join(wish.arms)})")
    ns = " to ".join(dict.fromkeys((f"{searched.start}", f"{searched.stop}")))
    told = (
        f"Wanted: power {wish.target:g} of {of} in {run.result.decision_family}; looked at: n = "
        f"{ns} per arm"
    )
    if found is None:
        spent = f"{run.result.replicates:,} simulated studies speak about n = "
        return [power_picture(run), say(f"{told}. {spent}{run.result.n_per_arm}.")]
    told += f"; certifying a number asks for {100 * found.confidence:g} % confidence"
    return [power_picture(run), say(f"{told}."), say(searched_text(found))]


def _assurance(run: Run) -> list[Block]:
    """Show the power to be expected over what is believed, if the file says what that is."""
    if run.assurance is None:
        return []
    return [
        *(say(f"{capital(line)}.") for line in assurance_lines(run.assurance)),
        say("Believed, each independently of the others:"),
        listed(believed_lines(run.assurance.priors)),
        assurance_table(run.assurance),
    ]


def _comparisons(run: Run) -> list[Block]:
    """Show the comparisons of the family that decides."""
    family = run.result.decision_family
    intro = (
        f"With n = {run.result.n_per_arm} per arm, in {run.result.replicates:,} simulated studies"
        + (" of the search" if run.certified is not None else "")
        + ". Power: share of them that reject, after adjustment; type I error: the same where "
        "nothing has an effect. True fold of medians and true P(X>Y): simulated truth, before "
        f"assay noise and losses. {chance_text(run.scenario)}. Intervals are those of the "
        "simulation."
    )
    return [say(intro), *comparison_tables(run, [family]), *family_tables(run, [family])]


def _other_comparisons(run: Run) -> list[Block]:
    """Show the families that do not decide, and the trends."""
    others = [one.family for one in run.result.families]
    others.remove(run.result.decision_family)
    tables: list[Block] = [*comparison_tables(run, others), *family_tables(run, others)]
    trends = trend_table(run)
    tables += [] if trends is None else [trends]
    if not tables:
        return []
    return [
        say("These do not decide the number of mice. Columns are those of Comparisons."),
        *tables,
    ]


def _plan(run: Run) -> list[Block]:
    scenario = run.scenario
    return [
        plan_picture(run),
        animal_table(run),
        arm_table(run),
        endpoint_table(run),
        plan_table(run),
        *(say(f"{capital(line)}.") for line in trend_lines(scenario)),
        say(
            f"Tests are {scenario.analysis.alternative}; the experimental unit is the "
            f"{scenario.analysis.unit}."
        ),
        truth_table(run),
    ]


def _worlds(run: Run) -> list[Block]:
    """Show the worlds side by side, and say in what they differ from the plan."""
    if not run.worlds:
        return []
    differs = [
        f"{name}: {changes}" for name in run.worlds if (changes := changes_text(run.scenario, name))
    ]
    return [world_table(run), say("What each takes for true:"), listed(map(shortened, differs))]


def _laboratory(run: Run) -> list[Block]:
    lines = [capital(line) for line in laboratory_lines(run.scenario)]
    part = part_filled_text(run.scenario, run.result.n_per_arm)
    lines += [] if part is None else [capital(part)]
    lines.append(f"Animals at n = {run.result.n_per_arm} per arm: {run.animals}")
    if run.scenario.design.conduct is None:
        lines.append("No laboratory is stated: everything happens at its planned time")
    return [listed(f"{line}." for line in lines)]


def _checks(run: Run) -> list[Block]:
    """Show the formulas' numbers, what they are of, and why they differ from the simulation's."""
    found = check_table(run)
    if found is None or run.size is None:
        return []
    bases = "; ".join(dict.fromkeys(one.basis for one in run.size.cross_checks))
    answered = any(one.n_per_arm is not None for one in run.size.cross_checks)
    told = [
        f"The formulas are for {bases}" if answered else f"No formula has an answer: {bases}",
        against_formulas(run.size, run.scenario),
    ]
    return [found, *(say(f"{line}.") for line in told if line is not None)]


def _evidence(run: Run) -> list[Block]:
    """Show what the answer rests on, and what speaks for it."""
    return list(evidence_tables(run))


def _provenance(run: Run) -> list[Block]:
    """Say what it takes to have the same numbers again."""
    origin, result = run.origin, run.result
    told = [
        f"Digest of the scenario (SHA-256): {origin.digest}",
        f"Seed: {origin.seed}; simulated studies: {result.replicates:,}, drawn in blocks of "
        f"{origin.block_size:,}",
        f"Made at {origin.made_at} (UTC) on {origin.machine}",
        *repeat_lines(origin),
    ]
    return [listed(shortened(f"{line}.") for line in told), version_table(run)]
