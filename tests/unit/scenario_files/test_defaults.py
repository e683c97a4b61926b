"""What a file does not state is listed, whatever its author calls things, and nothing else."""

from __future__ import annotations

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import load_text

PLAN = """
schema_version: 1
id: plan
question: Is there an effect?
seed: 1
design:
  substances: {drug: {role: test, stock: 3.5 mg/mL}}
  arms:
    saline: {role: control}
    drug: {role: test, substance: drug, dose: 70 ug/kg, route: IM, schedule: daily}
  schedules: {daily: {start: 0 d, every: 1 d, count: 5}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
  RANDOMIZATION
truth: {response: kinetic, effects: {drug: {IM: EFFECT}}}
analysis: {families: {NAME: {endpoint: afc, arms: drug, against: saline}}}
"""


def assumed(
    *, name: str = "own", effect: str = "{rise: 10 %}", randomization: str = ""
) -> set[str]:
    text = PLAN.replace("NAME", name).replace("EFFECT", effect)
    loaded = load_text(text.replace("RANDOMIZATION", randomization))
    return {one.path for one in loaded.defaults}


def test_a_family_may_be_called_as_one_of_our_keys() -> None:
    for name in ("own", "primary", "days"):
        found = assumed(name=name)
        assert {f"analysis.families.{name}.adjust", f"analysis.families.{name}.alpha"} <= found


def test_the_family_that_we_make_is_told_as_one() -> None:
    text = PLAN.replace("RANDOMIZATION", "").replace("EFFECT", "{rise: 10 %}")
    loaded = load_text(text[: text.index("analysis:")])
    families = [one.path for one in loaded.defaults if one.path.startswith("analysis.families")]
    assert families == ["analysis.families.primary"]


def test_a_constant_rise_has_no_slope() -> None:
    slope = "truth.effects.drug.IM.hill"
    assert slope not in assumed()
    assert slope in assumed(effect="{emax: 0.49, ec50: 57.3 ug/kg}")


def test_how_the_arms_are_made_alike() -> None:
    balance = "design.randomization.balance"
    assert balance in assumed()
    assert balance not in assumed(randomization="randomization: {balance: [weight, cage]}")


@pytest.mark.parametrize(
    ("plan", "listed"),
    [
        ("{}", {"test", "method", "continuity", "alternative"}),
        ("{method: exact}", {"test", "convention", "alternative"}),
        ("{method: mid-p, alternative: greater}", {"test"}),
        ("{method: asymptotic}", {"test", "continuity", "alternative"}),
        ("{test: brunner_munzel}", {"alternative"}),
        ("{test: permutation}", {"alternative", "resamples"}),
    ],
)
def test_options_of_the_analysis_that_no_test_reads_are_not_listed(
    plan: str, listed: set[str]
) -> None:
    text = PLAN.replace("RANDOMIZATION", "").replace("EFFECT", "{rise: 10 %}")
    text = text[: text.index("analysis:")] + f"analysis: {plan}\n"
    paths = [one.path.split(".") for one in load_text(text).defaults]
    assert {path[1] for path in paths if path[0] == "analysis"} - {"families"} == listed


def test_an_exact_trend_and_steel_may_relabel() -> None:
    text = (
        PLAN.replace("RANDOMIZATION", "").replace("EFFECT", "{rise: 10 %}").replace("NAME", "own")
    )
    trend = "trends: {t: {endpoint: afc, arms: [saline, drug], method: exact}}, families"
    exact = text.replace("analysis: {families", "analysis: {" + trend)
    steel = text.replace("against: saline}", "against: saline, adjust: steel, method: exact}")
    for changed, expected in ((text, False), (exact, True), (steel, True)):
        found = {one.path for one in load_text(changed).defaults}
        assert ("analysis.resamples" in found) == expected


def test_the_budget_holds_a_first_look_and_its_confirmation() -> None:
    text = (
        PLAN.replace("RANDOMIZATION", "").replace("EFFECT", "{rise: 10 %}").replace("NAME", "own")
    )
    many = load_text(f"{text}decision: {{replicates: 300000}}\n").scenario.decision
    assert many.max_replicates == 600_000
    assert load_text(text).scenario.decision.max_replicates == 400_000
    with pytest.raises(ScenarioError, match="is below twice the replicates"):
        load_text(f"{text}decision: {{replicates: 300000, max_replicates: 500000}}\n")
