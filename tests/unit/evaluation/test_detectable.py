"""The smallest detectable effect: the search, the changed study, and what is said of it."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from simulator import load_scenario, power, smallest_detectable_effect
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.detectable.one_effect import (
    OneEffect,
    decision_only,
    family_endpoints_only,
)
from simulator.evaluation.detectable.result import DetectableAt
from simulator.evaluation.detectable.search import crossing
from simulator.scenario import Scenario
from simulator.scenario_files import load_text

PHI = NormalDist()


def study(response: str, *, endpoint: str = "", analysis: str = "", decision: str = "") -> Scenario:
    """Return a small study of one endpoint called y."""
    kind = endpoint or "{kind: continuous, measured_in: mg, day: 5, distribution: normal}"
    text = f"""
schema_version: 1
id: small
question: Does it?
seed: 7
design:
  substances: {{saline: {{role: vehicle}}, drug: {{role: test}}}}
  schedules: {{daily: {{start: 0 d, every: 1 d, count: 3}}}}
  arms:
    saline: {{substance: saline, dose: 10 uL/kg, route: IM, schedule: daily}}
    drug: {{substance: drug, dose: 10 uL/kg, route: IM, schedule: daily}}
  endpoints: {{y: {kind}}}
truth:
  y: {response}
analysis: {{{analysis}}}
decision: {{power: 0.80, n: {{from: 3, to: 12}}{decision}}}
"""
    return load_text(text).scenario


NORMAL = "{control: 100 mg, sd: 10 mg, response: {model: fold, drug: 1.2}}"


# -- the search, on powers that are known --------------------------------------------------------


def test_the_crossing_of_a_known_curve_is_the_formulas() -> None:
    total = 10**9  # hardly any rounding

    def powers(x: float, replicates: int) -> tuple[Probability, ...]:  # noqa: ARG001
        return (Probability(round(PHI.cdf(3 * x - 1.5) * total), total),)

    found = crossing(powers, target=0.8, replicates=2_000, furthest=5.0)
    error = 1.959964 * math.sqrt(0.8 * 0.2 / 2_000)
    exact = [(PHI.inv_cdf(level) + 1.5) / 3 for level in (0.8, 0.8 - error, 0.8 + error)]
    assert (found.at, found.low, found.high) == pytest.approx(exact, abs=1e-6)


def test_the_interval_covers_the_true_effect() -> None:
    # Each replicate rejects from an effect of its own on: the true crossing is a quantile.
    # 400 sets of studies at 95 %: the tolerance of 4 MCSE has a false-alarm rate of 6e-5.
    sets, replicates, target = 400, 500, 0.8
    true = PHI.inv_cdf(target) + 2
    thresholds = np.random.default_rng(20261123).normal(2.0, 1.0, (sets, replicates))
    covered = 0
    for one in np.sort(thresholds, axis=1):

        def powers(x: float, few: int, one: np.ndarray = one) -> tuple[Probability, ...]:  # noqa: ARG001
            return (Probability(int(np.searchsorted(one, x)), replicates),)

        found = crossing(powers, target=target, replicates=replicates, furthest=8.0)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true <= found.high
    assert abs(covered / sets - 0.95) <= 4 * math.sqrt(0.95 * 0.05 / sets)


def test_a_power_that_levels_off_below_the_target_is_not_met() -> None:
    def powers(x: float, replicates: int) -> tuple[Probability, ...]:
        return (Probability(round(replicates * min(0.7, x)), replicates),)

    found = crossing(powers, target=0.8, replicates=1_000, furthest=5.0)
    assert (found.at, found.high, found.power.value) == (None, None, 0.7)


def test_a_power_that_levels_off_just_above_the_target_has_no_upper_end() -> None:
    def powers(x: float, replicates: int) -> tuple[Probability, ...]:
        return (Probability(round(replicates * min(0.802, 0.3 * x)), replicates),)

    found = crossing(powers, target=0.8, replicates=1_000, furthest=5.0)
    assert found.at == pytest.approx(0.8 / 0.3, rel=0.01)
    assert found.low is not None
    assert found.low < found.at
    assert found.high is None


def test_no_effect_is_needed_where_false_alarms_reach_the_target() -> None:
    found = crossing(
        lambda x, r: (Probability(r, r),),  # noqa: ARG005
        target=0.8,
        replicates=100,
        furthest=5.0,
    )
    assert found.at == 0.0


# -- the study with the effect -------------------------------------------------------------------


def test_putting_in_the_planned_fold_changes_nothing() -> None:
    scenario = load_scenario("quick-start")
    same = OneEffect(scenario).put_in(3.0)
    before, after = (power(s, n=8, replicates=500).to_dict() for s in (scenario, same))
    assert after | {"digest": ""} == before | {"digest": ""}


def test_the_control_and_other_arms_and_endpoints_stay() -> None:
    effect = OneEffect(decision_only(load_scenario("suppression-and-rescue")))
    changed = OneEffect(effect.put_in(2.0))
    for arm in ("healthy", "suppressed"):
        assert changed.levels[arm, "afc"] == pytest.approx(effect.levels[arm, "afc"], rel=1e-12)
    assert changed.planned_fold(changed.comparisons[0]) == pytest.approx(2.0, rel=1e-12)
    before, after = effect.scenario, changed.scenario
    assert after.design == before.design
    assert after.truth.variability == before.truth.variability


@pytest.mark.parametrize("name", ["no-effect", "one-technician", "pilot-to-confirmatory"])
def test_what_is_left_out_does_not_change_a_decision_of_the_family(name: str) -> None:
    scenario = load_scenario(name)
    alone = decision_only(scenario)
    studies = (scenario, alone, family_endpoints_only(alone))
    whole, *rest = ([p.target for p in power(s, n=6, replicates=500).curve] for s in studies)
    assert rest == [whole, whole]


def test_endpoints_stay_where_a_laboratory_or_losses_depend_on_them() -> None:
    for name, stay in (("no-effect", False), ("one-technician", True)):
        alone = decision_only(load_scenario(name))
        assert (family_endpoints_only(alone) is alone) is stay


# -- what is said --------------------------------------------------------------------------------


def answer(scenario: Scenario, n: int, **options: object) -> DetectableAt:
    found = smallest_detectable_effect(scenario, n=n, replicates=300, **options)  # type: ignore[arg-type]
    return found.points[0]


def test_three_against_three_has_no_detectable_effect() -> None:
    point = answer(study(NORMAL, analysis="method: exact"), 3)
    assert (point.status, point.effects) == ("out of reach", ())
    assert "smallest p is 0.1" in point.reason
    assert point.verdict(3.0) is None


def test_a_one_sided_plan_is_asked_in_its_own_direction() -> None:
    scenario = study(
        "{control: 100 mg, sd: 10 mg, response: {model: fold, drug: 0.8}}",
        analysis="alternative: less",
    )
    found = answer(scenario, 6)
    assert found.fold is not None
    assert 0 < found.fold.value < 1
    assert found.fold.low is not None
    assert found.fold.low < found.fold.value
    wrong = answer(scenario, 6, direction="up")
    assert (wrong.status, wrong.effects) == ("out of reach", ())
    assert "only for the other direction (less): ask --down" in wrong.reason


def test_a_percentage_ends_at_100() -> None:
    scenario = study(
        "{control: 97 %, sd: 4 %, response: {model: fold, drug: 1.01}}",
        endpoint="{kind: phagocytic_percentage, day: 5}",
    )
    point = answer(scenario, 4)
    assert point.status == "out of reach"
    assert "y ends at 100 %: 99.5 % was tried, over 97 % in saline" in point.reason


def test_a_titer_at_the_last_well_cannot_rise() -> None:
    scenario = study(
        "{control: 500, sd_log2: 1, response: {model: fold, drug: 1.5}}",
        endpoint="{kind: titer, day: 5, wells: 8}",
    )
    point = answer(scenario, 5)
    assert point.status == "out of reach"
    assert "power levels off at" in point.reason
    assert "the wells of y end at 256, with 500 in saline" in point.reason


def test_a_plan_of_false_alarms_needs_no_effect() -> None:
    # any one of two thousand unadjusted tests at alpha 0.5 would do; here: power wanted 0.3
    scenario = study(
        NORMAL,
        analysis="families: {f: {endpoint: y, arms: drug, against: saline, alpha: 0.5}}",
    )
    wish = scenario.decision.power.model_copy(update={"target": 0.3})
    decision = scenario.decision.model_copy(update={"power": wish})
    point = answer(scenario.model_copy(update={"decision": decision}), 8)
    assert point.status == "none needed"
    assert "where there is none" in point.reason


def test_the_planned_effect_is_set_against_the_detectable_one() -> None:
    found = smallest_detectable_effect(load_scenario("quick-start"), n=[4, 8], replicates=2_000)
    four, eight = found.points
    assert (four.verdict(3.0), eight.verdict(3.0)) == ("smaller", "larger")
    assert eight.fold is not None
    assert eight.verdict(eight.fold.value) == "not told apart"
    assert (eight.verdict(0.2), eight.verdict(1.0)) == ("other direction", "none planned")
    assert found.planned[0].fold == 3.0
    data = found.to_dict()
    assert [p["n"] for p in data["points"]] == [4, 8]
    assert list(found.to_frame()["n"]) == [4, 8]
    assert "n = 8: " in repr(found)


def test_the_answer_at_one_n_does_not_depend_on_the_others_nor_on_threads() -> None:
    scenario = load_scenario("quick-start")
    several = smallest_detectable_effect(scenario, n=[5, 8], replicates=500, threads=1)
    alone = smallest_detectable_effect(scenario, n=8, replicates=500, threads=2)
    assert several.points[1] == alone.points[0]


def test_false_alarms_are_told_beside_the_power() -> None:
    # mice of whole-cage arms counted as if each were alone: more false alarms than alpha
    point = answer(load_scenario("whole-cage-arms"), 10)
    assert point.without.replicates == 300
    assert point.without.ci[0] > 0.05
    # a level of 0.04988 by enumeration: false-alarm rate of this line 5e-5
    assert answer(study(NORMAL), 8).without.interval(0.9999)[0] <= 0.05


def test_units_of_the_planner() -> None:
    point = answer(study(NORMAL), 6)
    effect = point.effects[0]
    assert (effect.scale, effect.unit, effect.control) == ("difference", "mg", 100.0)
    assert effect.difference(effect.fold.value) == pytest.approx(100 * (effect.fold.value - 1))
    # of two normal distributions: P(X > Y) = Phi(difference / (sd sqrt 2)), the error is its own
    shift = effect.difference(effect.fold.value)
    assert shift is not None
    exact = PHI.cdf(shift / 10 / math.sqrt(2))
    assert abs(effect.relative_effect.value - exact) <= 4 * effect.relative_effect.mcse


@pytest.mark.parametrize(("n", "count"), [(0, 100), ([], 100), (4, 0)])
def test_impossible_numbers_are_refused(n: object, count: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        smallest_detectable_effect(
            load_scenario("quick-start"),
            n=n,  # type: ignore[arg-type]
            replicates=count,
        )
