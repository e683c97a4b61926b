"""ASSUMED stands where the scenario is silent, and nowhere else; gaps where only people know."""

from __future__ import annotations

import pytest

from simulator.output.statement.statement import statement
from tests.unit.output.statement.runs import (
    STUDY,
    marks,
    of_catalogue,
    powered,
    sized,
    small,
    tables,
    told,
)

#: Choices that quick-start leaves to the program, as the statement says them.
LEFT = (
    "Mann-Whitney U",
    "two-sided",
    "alpha 0.05",
    "afc: drug against saline",
    "each comparison",
    "n from 3",
    "to 30",
    "at confidence 0.99",
    "groups alike in weight and cage",
)
#: What quick-start leaves open of the mice and the laboratory, as the statement says it.
SILENT = (
    "outbred white mouse",
    "female",
    "20 g",
    "1.2 g",
    "mice of different groups share cages",
    "5 mice per cage",
    "ram erythrocytes",
    "200,000,000 cells",
    "IP",
    "no mouse and no sample is lost",
    "0 (cage-mates no more alike than others)",
    "5 % (repeat counts of one plate)",
)


@pytest.mark.parametrize("text", LEFT)
def test_choices_that_quick_start_leaves_open_are_defaults_and_not_assumed(text: str) -> None:
    run = of_catalogue("quick-start")
    assert f"{text} (default)" in told(run)
    assert not any(text in one for one in marks(run, "assumed"))


def test_a_choice_that_is_stated_is_no_default() -> None:
    assert "two-sided (default)" not in told(of_catalogue(STUDY)).partition("Trend")[0]
    assert "Holm (default)" not in told(of_catalogue(STUDY))


@pytest.mark.parametrize("text", SILENT)
def test_what_quick_start_leaves_open_is_assumed(text: str) -> None:
    assert text in marks(of_catalogue("quick-start"), "assumed")


@pytest.mark.parametrize(
    "text",
    [
        "3 (stated in the scenario)",
        "45 % (stated in the scenario)",
        "50,000 AFC/spleen (stated in the scenario)",
        "of at least 0.8: ",
    ],
)
def test_what_quick_start_states_is_not(text: str) -> None:
    assert text in told(of_catalogue("quick-start"))


def test_what_the_study_states_is_not_assumed() -> None:
    assumed = marks(of_catalogue(STUDY), "assumed")
    for text in ("Mann-Whitney U", "two-sided", "Holm", "female", "outbred white", "20 g", "IP"):
        assert text not in assumed
    text = told(of_catalogue(STUDY))
    assert "strain outbred white; sex female; body weight 20 g" in text
    assert "alpha 0.05; adjustment for multiplicity: Holm" in text
    assert "intraclass correlation): 0 (stated in the scenario)" in text


def test_what_a_file_itself_calls_assumed_is_marked_with_its_source() -> None:
    assumed = marks(of_catalogue(STUDY), "assumed")
    assert "0.25 (no clear dose dependence SC)" in assumed
    assert "0.49 (3.0 and 10.5 fold)" not in assumed  # fitted


def test_each_statement_in_the_file_takes_its_mark_away() -> None:
    loaded = small(
        design="animals: {strain: BALB/c, sex: male, per_cage: 4, arms_share_cages: true, "
        "weight: {mean: 25 g, sd: 2 g}}\n  attrition: 0\n  "
        "immunization: {antigen: sheep erythrocytes, dose: 1e8 cells, route: IV, day: 0}\n  "
        "randomization: {balance: [weight]}\n  conduct: {order: randomized}",
        analysis="analysis: {test: brunner_munzel, alternative: greater, "
        "families: {only: {endpoint: titer, arms: drug, against: saline, adjust: none, "
        "alpha: 0.01}}}",
        decision=", confidence: 0.95",
    )
    run = powered(loaded, n=8)
    left = {
        "0 (cage-mates no more alike than others)",
        "0 % (every injection reaches the peritoneum)",
        "10 % (one well up, and as often one down)",
    }
    assert set(marks(run, "assumed")) == left
    text = told(run)
    for stated in (
        "BALB/c", "male", "25 g", "2 g", "4 mice per cage", "sheep erythrocytes",
        "100,000,000 cells IV", "Brunner-Munzel", "one-sided: larger values under treatment",
        "alpha 0.01", "groups alike in weight.", "killing and reading: all mice in random order",
    ):  # fmt: skip
        assert stated in text


def test_a_study_without_sources_asks_for_them() -> None:
    run = powered(small(), n=8)
    assert any("where effect and variability are from" in gap for gap in marks(run, "gap"))
    assert not any("variability are from" in gap for gap in marks(of_catalogue(STUDY), "gap"))


def test_groups_without_a_treatment_in_the_file_ask_for_it() -> None:
    assert "Treatment of saline, drug: [TO BE WRITTEN" in told(of_catalogue("quick-start"))
    assert "Treatment of " not in told(of_catalogue(STUDY))


def test_no_primary_outcome_is_said() -> None:
    loaded = small()
    endpoints = {
        name: one.model_copy(update={"primary": False})
        for name, one in loaded.scenario.design.endpoints.items()
    }
    design = loaded.scenario.design.model_copy(update={"endpoints": endpoints})
    run = powered(loaded, n=8)
    changed = type(run)(
        run.scenario.model_copy(update={"design": design}),
        run.answer, run.worlds, run.warnings, run.assumed, run.origin,
    )  # fmt: skip
    assert any("none is marked primary" in text for text in marks(changed, "assumed"))


@pytest.mark.parametrize(
    ("design", "unit"),
    [
        ("animals: {arms_share_cages: true}", "Experimental unit: the single mouse."),
        (
            "animals: {arms_share_cages: false, per_cage: 2}",
            "What is assigned to a treatment is the cage: this is pseudoreplication.",
        ),
    ],
)
def test_the_unit_follows_from_the_cages(design: str, unit: str) -> None:
    assert unit in told(powered(small(design=design), n=8))


def test_cages_are_counted_where_they_are_the_unit() -> None:
    run = powered(
        small(
            design="animals: {arms_share_cages: false, per_cage: 2}",
            analysis="analysis: {unit: cage}",
        ),
        n=12,
    )
    text = told(run)
    assert "Experimental unit: the cage (2 mice per cage)" in text
    (units,) = [t for t in tables(statement(run)) if t.caption.startswith("Experimental units")]
    assert units.columns[1] == "experimental units (cages)"
    assert units.rows == (("saline", "6", "12"), ("drug", "6", "12"), ("total", "12", "24"))


def test_purchases_are_explained() -> None:
    plain = told(powered(small(), n=8))
    assert "Purchased: 16. Why: no mice are bought beyond those enrolled." in plain
    run = sized(small(design="attrition: {loss: 10 %, before: 20 %, inflate: 90 %}"))
    assert run.size is not None
    text = told(run)
    assert f"Purchased: {run.size.animals.purchased}. Why: 20 % of the mice bought" in text
    assert "more are enrolled than the analysis needs, to make up for losses" in text
    each = next(iter(run.size.sizes.values()))
    assert f"{run.size.n_per_arm} mice left per group (enrolled: {each} each)" in text
    assert "Losses: 10 % of the mice are expected to die; so many mice are enrolled" in text
