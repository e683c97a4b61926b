"""What a report says of a run, in the order in which a planner reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.output.document import Block, Document, Section, Table, listed, say
from simulator.output.report.answer import answer_lines
from simulator.output.report.evidence import (
    EVIDENCE_COLUMNS,
    SOURCE_COLUMNS,
    assumed_rows,
    shown_rows,
    source_rows,
)
from simulator.output.report.pictures import cohort_pictures, plan_picture, power_picture
from simulator.output.report.shortened import shortened
from simulator.output.report.tables import (
    animal_table,
    arm_table,
    check_table,
    comparison_tables,
    endpoint_table,
    family_table,
    plan_table,
    trend_table,
    truth_table,
    version_table,
    world_table,
)
from simulator.output.wording.laboratory import laboratory_lines
from simulator.output.wording.plan import trend_lines
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
        "Comparisons": _comparisons(run),
        "Plan": _plan(run),
        "Dose-response" if dosed else "One simulated study": cohort,
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
    of = wish.of if wish.arms is None else f"{wish.of} of {', '.join(wish.arms)}"
    spent = run.result.replicates if found is None else found.replicates_spent
    ns = " to ".join(dict.fromkeys((f"{searched.start}", f"{searched.stop}")))
    told = (
        f"Wanted: power {wish.target:g} of {of} in {run.result.decision_family}; looked at: n = "
        f"{ns} per arm. {spent:,} simulated studies speak about n = {run.result.n_per_arm}"
    )
    if found is not None:
        told += f"; certifying a number asks for {100 * found.confidence:g} % confidence"
    return [power_picture(run), say(f"{told}.")]


def _comparisons(run: Run) -> list[Block]:
    tables: list[Block] = [*comparison_tables(run), family_table(run)]
    trends = trend_table(run)
    return [
        say(
            f"With n = {run.result.n_per_arm} per arm, in {run.result.replicates:,} simulated "
            "studies. Power: share of them that reject, after adjustment; type I error: the same "
            "where nothing has an effect. True fold of medians and P(X>Y), the probability that "
            "a mouse of this arm has more than one of the arm it is compared with: simulated "
            "truth, before assay noise and losses. Intervals are those of the simulation."
        ),
        *tables,
        *([trends] if trends is not None else []),
    ]


def _plan(run: Run) -> list[Block]:
    scenario = run.scenario
    return [
        plan_picture(run),
        animal_table(run),
        arm_table(run),
        endpoint_table(run),
        plan_table(run),
        *(say(f"{_capital(line)}.") for line in trend_lines(scenario)),
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
    lines = [_capital(line) for line in laboratory_lines(run.scenario)]
    lines.append(f"Animals at n = {run.result.n_per_arm} per arm: {run.animals}")
    if run.scenario.design.conduct is None:
        lines.append("No laboratory is stated: everything happens at its planned time")
    return [listed(f"{line}." for line in lines)]


def _checks(run: Run) -> list[Block]:
    found = check_table(run)
    return [] if found is None else [found]


def _evidence(run: Run) -> list[Block]:
    """Show what is assumed, and what has something that speaks for it."""
    nature, rest = assumed_rows(run)
    tables = (
        Table("Assumed of nature: nobody has shown these", EVIDENCE_COLUMNS, tuple(nature)),
        Table("Not stated in the file: what stands in", EVIDENCE_COLUMNS, tuple(rest)),
        Table("Of nature, stated or with evidence", EVIDENCE_COLUMNS, tuple(shown_rows(run))),
        Table("Sources that the file names", SOURCE_COLUMNS, tuple(source_rows(run.scenario))),
    )
    return [table for table in tables if table.rows]


def _provenance(run: Run) -> list[Block]:
    """Say what it takes to have the same numbers again."""
    origin, result = run.origin, run.result
    told = [
        f"Digest of the scenario (SHA-256): {origin.digest}",
        f"Seed: {origin.seed}; simulated studies: {result.replicates:,}, drawn in blocks of "
        f"{origin.block_size:,}",
        f"Made at {origin.made_at} (UTC) on {origin.machine}",
    ]
    typed = origin.settings.get("command_line")
    if typed:
        told.append(f"Command: {typed}")
    again = _again(run)
    if again:
        told.append(
            f"To have the same numbers again: {again} in the run folder; neither the machine nor "
            "the number of processors changes them"
        )
    return [listed(shortened(f"{line}.") for line in told), version_table(run)]


def _again(run: Run) -> str:
    """Return the command that repeats the run from the scenario in its folder."""
    origin = run.origin
    if origin.made_with not in ("size", "power"):
        return ""
    words = ["afcsim", origin.made_with, "scenario.yaml"]
    for name in ("n", "replicates"):
        if name in origin.settings and (name != "n" or origin.made_with == "power"):
            words += [f"--{name}", f"{origin.settings[name]}"]
    return " ".join(words)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
