"""Where the run claims no number of mice, neither does the statement."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from simulator.output.statement.statement import Form, statement
from tests.unit.output.statement.runs import (
    answers,
    marks,
    of_catalogue,
    powered,
    sized,
    small,
    tables,
    told,
)

FORMS: tuple[Form, ...] = ("arrive", "iacuc", "eu")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["too-small", "whole-cage-arms"])
def test_an_infeasible_search_gives_no_n(name: str, form: Form) -> None:
    run = of_catalogue(name)
    page, text = statement(run, form=form), told(run, form=form)
    assert page.notice[0] == "No number of mice is claimed: the search is infeasible."
    assert page.facts["Answer"].startswith("infeasible, no number of mice is claimed: ")
    assert answers(run)["reason"] in text
    assert "smallest number" not in text
    assert not re.search(r"\d+ (mice|enrolled|purchased)", text.replace("5 mice per cage", ""))
    assert not [t for t in tables(page) if t.caption.startswith("Experimental units")]
    assert any(gap.startswith("number of mice per group") for gap in marks(run, "gap", form=form))


@pytest.mark.parametrize("form", FORMS)
def test_an_unresolved_search_gives_no_n(form: Form) -> None:
    run = sized(small(decision=", replicates: 100, max_replicates: 200"), replicates=100)
    assert run.size is not None
    assert run.size.status == "unresolved"
    page, text = statement(run, form=form), told(run, form=form)
    assert page.notice[0] == "No number of mice is claimed: the search is unresolved."
    assert answers(run)["reason"] in text
    assert "smallest number" not in text
    powers = [t.caption for t in tables(page) if t.caption.startswith("Power at n")]
    assert all("which is not claimed to be enough" in caption for caption in powers)


@pytest.mark.parametrize("form", FORMS)
def test_a_chosen_n_is_not_called_searched_for(form: Form) -> None:
    run = powered(small(), n=8)
    page, text = statement(run, form=form), told(run, form=form)
    assert page.notice[0].startswith("The number of mice was not searched for")
    assert page.facts["Answer"] == (
        "power at n = 8 per group, a number that was chosen and not searched for"
    )
    assert "smallest number" not in text
    assert "certified" not in text
    assert any("why this number" in gap for gap in marks(run, "gap")) or form == "eu"


def test_an_n_outside_of_the_range_has_its_own_power() -> None:
    run = powered(small(), n=40)
    (last,) = [point for point in answers(run)["curve"] if point["n"] == 40]
    assert f"{last['target']['value']:.3f} [" in told(run).partition("With n = 40 per group")[2]


def test_another_world_is_said_first() -> None:
    page = statement(powered(small(), n=8, world="pessimistic"))
    assert any("the world pessimistic" in line for line in page.notice)


def test_the_start_of_the_range_is_not_called_too_many() -> None:
    strong = small(analysis="analysis: {alternative: greater}").scenario
    n = strong.decision.n.model_copy(update={"start": 14})
    decision = strong.decision.model_copy(update={"n": n})
    loaded = replace(small(), scenario=strong.model_copy(update={"decision": decision}))
    run = sized(loaded)
    assert run.size is not None
    assert (run.size.n_per_arm, run.size.power_below) == (14, None)
    assert "the smallest number that was looked at, are shown" in told(run)
    plain = told(run, form="eu")
    assert "with one mouse less per group" not in plain


def test_what_the_number_does_not_cover_is_said() -> None:
    """The study of the catalogue at 8 per group: each family, and each world, by its numbers."""
    run = of_catalogue("secretome-healthy-mice")
    part = told(run)
    result, target = run.result, run.scenario.decision.power.target
    low = {row.family for row in result.comparisons if row.power.value < target}
    assert low - {result.decision_family}
    idle = {"phagocytosis"}  # the abstract says that phagocytic activity is unchanged
    for family in result.families:
        named = f"does not rest on {family.family}:" in part
        other = family.family in low and family.family != result.decision_family
        assert named == (other and family.family not in idle)
        assert (f"{family.family}: no effect is assumed" in part) == (family.family in idle)
    assert "phagocytosis is not adjusted for its several comparisons" in part
    spread = "spread of afc between animals (sd on the natural log scale): 0.9"
    assert f"In the world pessimistic ({spread}" in part
    assert "0) nothing has an effect; the study claims one all the same in" in part
