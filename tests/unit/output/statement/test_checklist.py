"""Every item that checklists ask for is in the statement of the study, under every form."""

from __future__ import annotations

import pytest

from simulator.output.markdown import to_markdown
from simulator.output.statement.statement import Form, statement
from tests.unit.output.statement.runs import STUDY, answers, marks, of_catalogue, tables, told

FORMS: tuple[Form, ...] = ("arrive", "iacuc", "eu")

#: What the checklists of ARRIVE 2.0 and of committees ask, and how the statement of the study
#: begins to answer it. Numbers are compared with the run elsewhere.
ITEMS = {
    "2a: units per group and in total": "| total |",
    "2a: total animals used": "Mice: ",
    "2b: how the sample size was decided": "are the smallest number that is shown to give a power",
    "experimental unit": "Experimental unit: the single mouse",
    "primary outcome": "Primary outcome: afc (antibody-forming cells per spleen",
    "expected difference": "expected fold of medians",
    "why this difference": "secretome IM, largest effect on the rate of division: 0.49 (fitted; ",
    "source of the difference": "Source named in the scenario, study: Moskalov",
    "variability": "afc, standard deviation of the natural logarithm between mice: ",
    "species": "Species: mouse; **[TO BE WRITTEN: scientific name",
    "one sex only": "Why female mice only: **[TO BE WRITTEN",
    "injected volumes": "Injected volumes: **[TO BE WRITTEN: volume per mouse and injection by IP",
    "blood": "Blood for titer: **[TO BE WRITTEN",
    "search for alternatives": "Search for alternatives to animals: **[TO BE WRITTEN",
    "source of the variability": "0.6 (outbred mice)",
    "test": "Of every family, test: Mann-Whitney U",
    "method": "Of every family, p-values: exact without ties",
    "sidedness": "Sidedness: two-sided",
    "alpha": "alpha 0.05",
    "multiplicity": "adjustment for multiplicity: Holm",
    "power": "of at least 0.8: ",
    "Monte Carlo error": "Monte Carlo standard error",
    "animals purchased, and why": "Purchased: ",
    "randomization": "Allocation in the plan: ",
    "blinding": "Who is blinded: **[TO BE WRITTEN",
    "allowance for losses": "Losses: ",
    "software and version": "Software: afcsim ",
    "run digest": "Run digest (SHA-256",
    "seed": "Seed: 20261122",
}
#: What no program may write for the applicant.
GAPS = {
    "arrive": ("severity", "killed", "without animals", "criteria", "blinded", "licence"),
    "iacuc": ("pain", "killed early", "without animals", "criteria", "method of killing"),
    "eu": ("classification", "killed early", "without animals", "criteria", "project"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("item", ITEMS)
def test_every_item_is_there(item: str, form: Form) -> None:
    page = to_markdown(statement(of_catalogue(STUDY), form=form))
    assert ITEMS[item] in page


@pytest.mark.parametrize("form", FORMS)
def test_what_only_the_applicant_can_write_is_a_gap(form: Form) -> None:
    lines = told(of_catalogue(STUDY), form=form).splitlines()
    gaps = [line.casefold() for line in lines if "[TO BE WRITTEN: " in line]
    for what in GAPS[form]:
        assert any(what in line for line in gaps), what


def test_items_of_arrive_stand_in_their_order() -> None:
    headings = [one.heading for one in statement(of_catalogue(STUDY)).sections]
    starts = [heading.split()[0] for heading in headings[:9]]
    assert starts == ["1", "2a", "2b", "3", "4", "5", "6", "7", "8"]


def test_the_elements_of_annex_vi_are_named_as_there() -> None:
    headings = [one.heading for one in statement(of_catalogue(STUDY), form="eu").sections]
    told_of = [heading for heading in headings if heading.startswith("Annex VI, ")]
    assert [heading.split(":")[0] for heading in told_of] == [
        "Annex VI, 1(a)",
        "Annex VI, 2",
        "Annex VI, 5, 8 and 11",
        "Annex VI, 6",
    ]
    assert "Non-technical project summary: Reduction" in headings


def test_the_warnings_of_the_run_are_told() -> None:
    run = of_catalogue(STUDY)
    assert run.warnings
    for warning in run.warnings:
        assert f"{warning.path}: {warning.message}" in told(run)


def test_everything_assumed_is_listed_in_words_choices_apart() -> None:
    run = of_catalogue(STUDY)
    nature, choices = tables(statement(run).sections[-1])
    listed = {(row[3], row[1], row[2]) for row in (*nature.rows, *choices.rows)}
    assert listed == {(one["path"], one["value"], one["source"]) for one in answers(run)["assumed"]}
    assert {row[3].partition(".")[0] for row in nature.rows} == {"truth", "design"}
    assert {row[3].partition(".")[0] for row in choices.rows} <= {"analysis", "decision", "design"}
    assert nature.columns[1] == "ASSUMED"
    assert choices.columns[1] == "used"
    spread = next(row for row in nature.rows if row[3] == "truth.variability.afc.sd_ln")
    assert spread[0] == "spread of afc between animals (sd on the natural log scale)"


def test_no_gap_is_filled_by_the_program() -> None:
    for text in marks(of_catalogue(STUDY), "gap"):
        assert not any(character.isdigit() for character in text), text
