"""The forms: which facts they ask for, in which order and under which names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.output.document import Block, Bullets, Section, listed, say
from simulator.output.statement import (
    analysis,
    animals,
    bias,
    effect,
    gaps,
    losses,
    origin,
    power,
    reach,
    study,
    summary,
)
from simulator.output.statement.stated import gap

if TYPE_CHECKING:
    from simulator.output.statement.stated import Stated

Sections = tuple[Section, ...]


def arrive(stated: Stated) -> Sections:
    """Return the items of ARRIVE 2.0, essential 10, that a plan can fill (Percie du Sert 2020)."""
    return (
        Section("1 Study design", (*study.treatments(stated), study.unit(stated))),
        Section("2a Sample size: exact numbers", animals.numbers(stated)),
        Section("2b Sample size: how it was decided", _decided(stated)),
        Section(
            "3 Inclusion and exclusion criteria", (animals.exclusions(), losses.losses(stated))
        ),
        Section("4 Randomisation", (bias.randomization(stated),)),
        Section("5 Blinding", (bias.blinding(),)),
        Section("6 Outcome measures", (study.outcomes(stated),)),
        Section("7 Statistical methods", (analysis.statistics(stated),)),
        Section(
            "8 and 9 Experimental animals and procedures",
            (
                study.mice(stated),
                gaps.animals(stated),
                study.immunization(stated),
                gaps.procedures(stated),
            ),
        ),
        Section(
            "12, 14 and 16 Background, ethics, care and monitoring (Recommended Set)",
            (gaps.recommended(),),
        ),
        *_closing(stated),
    )


def iacuc(stated: Stated) -> Sections:
    """Return what a US animal care and use committee asks (docs/statement.md names the sources)."""
    return (
        Section(
            "Species and number of animals",
            (study.mice(stated), gaps.animals(stated), *animals.numbers(stated)),
        ),
        Section(
            "Rationale for animals, species and numbers",
            (_rationale(), *summary.summary(stated)),
        ),
        Section(
            "Statistical justification of the number",
            (study.outcomes(stated), *_behind(stated), analysis.statistics(stated)),
        ),
        Section(
            "Proposed use of the animals",
            (
                *study.treatments(stated),
                study.unit(stated),
                study.immunization(stated),
                gaps.procedures(stated),
            ),
        ),
        Section(
            "Randomization, blinding and losses",
            (bias.randomization(stated), bias.blinding(), losses.losses(stated)),
        ),
        Section(
            "Discomfort, pain and euthanasia",
            (
                listed(
                    [
                        say("Pain category: ", gap("category of pain or distress, per group")),
                        say("Relief: ", gap("analgesia and anaesthesia, or why none")),
                        say("Humane endpoints: ", gap("signs at which an animal is killed early")),
                        say("Euthanasia: ", gap("method of killing")),
                        say("Protocol: ", gap("protocol number")),
                    ]
                ),
                animals.exclusions(),
            ),
        ),
        *_closing(stated),
    )


def eu(stated: Stated) -> Sections:
    """Return what Directive 2010/63/EU asks: Annex VI, and the summary of Decision 2020/569."""
    return (
        Section(
            "Annex VI, 1(a): use of animals, origin, numbers, species, life stages",
            (
                study.mice(stated),
                gaps.animals(stated),
                *animals.numbers(stated),
            ),
        ),
        Section(
            "Annex VI, 2: replacement, reduction, refinement",
            (
                listed(
                    [
                        say("Replacement: ", gap("why no method without animals will do")),
                        gaps.alternatives(),
                        say("Reduction: see item 6 and the non-technical summary below."),
                        say("Refinement: ", gap("how harm to the animals is kept small")),
                    ]
                ),
            ),
        ),
        Section(
            "Annex VI, 5, 8 and 11: humane end-points, severity, killing",
            (
                listed(
                    [
                        say("Humane end-points: ", gap("signs at which an animal is killed early")),
                        say("Severity: ", gap("proposed classification of every procedure")),
                        say("Killing: ", gap("method of killing")),
                        say("Authorisation: ", gap("numbers of project and establishment")),
                    ]
                ),
            ),
        ),
        Section(
            "Annex VI, 6: experimental strategy and statistical design to minimise numbers",
            (
                *study.treatments(stated),
                study.unit(stated),
                study.immunization(stated),
                gaps.procedures(stated),
                study.outcomes(stated),
                *_decided(stated),
                analysis.statistics(stated),
                bias.randomization(stated),
                bias.blinding(),
                animals.exclusions(),
                losses.losses(stated),
            ),
        ),
        Section(
            "Non-technical project summary: Reduction",
            (
                summary.in_plain_words(stated),
                say("Further steps: ", gap("pilot studies, shared tissue, reuse of animals")),
            ),
        ),
        *_closing(stated),
    )


def _rationale() -> Bullets:
    return listed(
        [
            say("Why animals: ", gap("why no method without animals will do")),
            gaps.alternatives(),
            say("Why mice of this strain and age: ", gap("appropriateness of the species")),
        ]
    )


def _decided(stated: Stated) -> tuple[Block | Section, ...]:
    """Return item 2b: one paragraph to be copied, then what stands behind each of its words."""
    return (*summary.summary(stated), *_behind(stated))


def _behind(stated: Stated) -> tuple[Block | Section, ...]:
    return (
        power.decided(stated),
        Section("Effect to be found, and why", effect.expected(stated)),
        Section("Variability and its source", (effect.variability(stated),)),
        Section("Power and type I error", power.characteristics(stated)),
        Section("What the number does not cover", (reach.not_covered(stated),)),
    )


def _closing(stated: Stated) -> Sections:
    return (
        Section("Warnings of the program", (power.warnings(stated),)),
        Section("Software and how to repeat the numbers", (origin.software(stated),)),
        Section("Assumptions", origin.everything_assumed(stated)),
    )
