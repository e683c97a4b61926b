"""Why formulas ask for other numbers: true for the case at hand, and nothing where they agree."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from simulator.evaluation.sizing.size_result import SampleSizeResult
from simulator.output.run import Run
from simulator.output.wording.formulas import against_formulas
from simulator.output.wording.searched import searched_text
from simulator.scenario import Scenario
from simulator.scenario_files import load_text
from tests.unit.output.made_run import sized

PLAN = """
schema_version: 1
id: plan
question: What do formulas say?
seed: 1
design:
  arms: {saline: {role: control}, low: {role: test}, high: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
  ATTRITION
truth: {afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, low: 4, high: 5}}}
analysis: {families: {primary: {endpoint: afc, arms: [low, high], against: saline, adjust: ADJUST}}}
decision: {power: {target: 0.8, of: OF}, n: {from: 3, to: 12}}
"""


@pytest.fixture(scope="module")
def run() -> Run:
    return sized("quick-start", replicates=1000)


def plan(*, adjust: str = "none", of: str = "each", attrition: str = "") -> Scenario:
    text = PLAN.replace("ADJUST", adjust).replace("OF", of).replace("ATTRITION", attrition)
    return load_text(text).scenario


def answered(run: Run, n: int, *numbers: int | None, **changes: Any) -> SampleSizeResult:
    """Return a certified answer of n, where the formulas gave some numbers."""
    assert run.size is not None
    checks = tuple(
        replace(one, n_per_arm=number)
        for one, number in zip(run.size.cross_checks, numbers, strict=True)
    )
    sizes = dict.fromkeys(run.size.sizes, n)
    return replace(run.size, n_per_arm=n, sizes=sizes, cross_checks=checks, **changes)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((5, 5, 5), "The formulas and the simulation agree: n = 5"),
        ((5, None, 5), "The formulas and the simulation agree: n = 5"),
        ((7, 4, 5), "The formulas give n = 4 to 7, and the certified n = 5 is in this range"),
    ],
)
def test_where_they_agree_no_reason_is_given(
    run: Run, numbers: tuple[int | None, ...], told: str
) -> None:
    assert against_formulas(answered(run, 5, *numbers), plan(adjust="holm")) == told


@pytest.mark.parametrize(
    ("plan_of", "of", "n", "why"),
    [
        ({"adjust": "holm"}, "each", 5, "strictest level, alpha/2, and Holm's method relaxes"),
        ({"adjust": "bonferroni"}, "each", 5, "approximations for many animals"),
        ({"of": "any"}, "any", 5, "they look at one comparison, and here any comparison is enough"),
        ({"of": "all"}, "all", 20, "here all comparisons must be significant together"),
        ({"adjust": "hochberg"}, "each", 20, "nothing of the adjustment"),
        ({"attrition": "attrition: 10 %"}, "each", 20, "they count no lost mice"),
        ({}, "each", 20, "approximations for many animals"),
        ({}, "each", 9, "so few mice allow only a few p-values"),
    ],
)
def test_the_reason_fits_the_plan_and_the_direction(
    run: Run, plan_of: dict[str, str], of: str, n: int, why: str
) -> None:
    numbers = (8, 8, 8) if n != 5 else (11, 12, 13)
    told = against_formulas(answered(run, n, *numbers, of=of), plan(**plan_of))
    assert told is not None
    more = "ask for more mice per arm (n = 11 to 13) than the simulation (n = 5)"
    fewer = f"ask for fewer mice per arm (n = 8) than the simulation (n = {n})"
    assert (more if n == 5 else fewer) in told
    assert why in told
    assert ("Holm" in told) == (plan_of.get("adjust") == "holm")


def test_holm_is_no_reason_for_fewer_or_for_one_comparison(run: Run) -> None:
    fewer = against_formulas(answered(run, 20, 8, 8, 8), plan(adjust="holm"))
    alone = against_formulas(answered(run, 5, 8, 8, 8), run.scenario)
    assert "Holm" not in f"{fewer} {alone}"


def test_without_a_certified_number_or_a_formula_nothing_is_said(run: Run) -> None:
    none = answered(run, 5, None, None, None)
    assert against_formulas(none, plan()) is None
    open_ = replace(answered(run, 5, 8, 8, 8), n_per_arm=None, status="unresolved")
    assert against_formulas(open_, plan()) is None


def test_search_and_confirmation_are_told_apart(run: Run) -> None:
    found = run.size
    assert found is not None
    told = searched_text(found)
    fresh = found.power.replicates
    assert f"{found.replicates_spent - fresh:,} of the search" in told
    assert f"{fresh:,} fresh ones that confirmed it" in told
    unresolved = replace(found, status="unresolved", n_per_arm=None)
    assert searched_text(unresolved) == (
        f"{found.replicates_spent:,} simulated studies speak about n = {found.result.n_per_arm}; "
        "they certify no number."
    )
