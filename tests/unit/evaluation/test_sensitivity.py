"""Which assumption moves n: what is varied, between which ends, and what is said of it."""

from __future__ import annotations

import pytest

from simulator import load_scenario, sensitivity
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.detectable.one_effect import decision_only
from simulator.evaluation.sensitivity.no_effect import without_effect
from simulator.evaluation.sensitivity.result import Reached
from simulator.evaluation.sensitivity.sensitivity import reached_by
from simulator.evaluation.sensitivity.varied import at, varied
from simulator.scenario import Scenario
from simulator.scenario_files import catalogue, load_text
from simulator.scenario_files.catalogue import catalogue_path


def quick_start(old: str, new: str) -> Scenario:
    """Return the quick start with something of its text replaced."""
    path = catalogue_path("quick-start")
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert old in text
    return load_text(text.replace(old, new)).scenario


def ends(scenario: Scenario) -> dict[str, tuple[float, float, str]]:
    found, _ = varied(decision_only(scenario))
    return {one.path: (one.low, one.high, one.basis) for one in found}


def test_the_range_of_a_number_comes_first() -> None:
    own = quick_start("drug: 3", "drug: {value: 3, range: [1.5, 4]}")
    assert ends(own)["truth.afc.response.drug"] == (1.5, 4.0, "its range")


def test_the_range_of_a_default_is_not_taken_for_one_of_the_file() -> None:
    place = "truth.variability.immunization_failure"
    assert ends(load_scenario("quick-start"))[place] == (0.0, 0.05, "range of the default")
    own = quick_start(
        "truth:", "truth:\n  variability: {immunization_failure: {value: 0, range: [0, 0.1]}}"
    )
    assert ends(own)[place] == (0.0, 0.1, "its range")


def test_ends_on_both_sides_of_no_effect_have_the_worst_between_them() -> None:
    own = quick_start("drug: 3", "drug: {value: 3, range: [0.2, 4]}")
    found = sensitivity(own, replicates=500)
    top = found.rows[0]
    assert top.path == "truth.afc.response.drug"
    assert (top.low.turned, top.high.turned) == (True, False)
    assert top.between is not None
    assert top.between.value == "1"
    assert top.between.reached == Reached(None, None, None)
    assert top.between.power is not None
    assert top.between.power.ci[0] < 0.05  # the size of the exact test
    assert top.at_least
    assert top.swing == max(row.swing for row in found.rows)
    assert [row.path for row in found.rows if row.between or row.low.turned] == [top.path]
    assert set(found.to_frame()["end"]) == {"low", "high", "between"}


def test_no_effect_is_found_wherever_it_lies() -> None:
    own = quick_start("drug: 3", "drug: {value: 0.5, range: [0.2, 4]}")
    one = next(one for one in varied(decision_only(own))[0] if "response" in one.place)
    assert without_effect(decision_only(own), one) == [1.0]
    beside = quick_start("drug: 3", "drug: {value: 3, range: [1, 4]}")
    one = next(one for one in varied(decision_only(beside))[0] if "response" in one.place)
    assert without_effect(decision_only(beside), one) == []


def test_at_the_start_of_the_range_fewer_may_do() -> None:
    scenario = load_scenario("quick-start")
    late = scenario.decision.n.model_copy(update={"start": 8, "stop": 20})
    decision = scenario.decision.model_copy(update={"n": late})
    found = sensitivity(scenario.model_copy(update={"decision": decision}), replicates=500)
    assert found.words(found.planned) == "≤ 8"
    assert all(row.at_least for row in found.rows)
    assert found.to_dict()["smallest_n"] == 8


def test_a_prior_gives_its_quantiles() -> None:
    own = quick_start("drug: 3", "drug: {uniform: [2, 4]}")
    low, high, basis = ends(own)["truth.afc.response.drug"]
    assert (low, high) == pytest.approx((2.1, 3.9))
    assert basis == "5 % to 95 % of its distribution"


def test_a_stated_number_without_a_range_takes_that_of_the_default() -> None:
    found = ends(load_scenario("secretome-healthy-mice"))
    expected = (0.0, 0.5, "range of the default")
    assert found["truth.variability.sensitivity.sd_ln"] == expected


def test_others_go_a_fifth_either_way_and_losses_up_to_a_tenth() -> None:
    found = ends(load_scenario("quick-start"))
    low, high, basis = found["truth.afc.response.drug"]
    assert (low, high) == pytest.approx((2.4, 3.6))
    assert basis == "20 % either way, assumed"
    assert found["design.attrition.loss"] == (0.0, 0.1, "up to 10 %, assumed")
    planned = ends(load_scenario("pilot-to-confirmatory"))["design.attrition.loss"]
    assert planned[:2] == pytest.approx((0.04, 0.06))


def test_only_what_the_decision_uses_is_varied() -> None:
    found = ends(load_scenario("secretome-healthy-mice"))
    assert "truth.kinetics.rho" in found
    assert "truth.kinetics.exposure.SC.F" in found
    not_of_this_family = ("titer", "phagocyt", "thymalin", "kM", "igg_half_life", "misread", "IP")
    assert [path for path in found if any(word in path for word in not_of_this_family)] == []
    plain = ends(load_scenario("quick-start"))
    assert not any("kinetics" in path or "effects" in path for path in plain)


def test_no_effect_is_left_as_it_is() -> None:
    _, left = varied(decision_only(load_scenario("two-day-kill")))
    assert left == {"truth.afc.response.low": "no effect, and no range is stated"}


@pytest.mark.parametrize("name", [entry.id for entry in catalogue()])
def test_every_number_at_its_planned_value_is_the_plan(name: str) -> None:
    scenario = decision_only(load_scenario(name))
    free = scenario.decision.model_copy(update={"worlds": {}})
    plan = scenario.model_copy(update={"decision": free})
    for one in varied(scenario)[0]:
        same = at(scenario, one, one.value).scenario
        assert same is not None
        if one.basis != "5 % to 95 % of its distribution":  # a number has no distribution then
            assert same.digest == plan.digest, one.path


def test_what_cannot_be_is_said() -> None:
    scenario = load_scenario("no-effect")
    plan = scenario.analysis.model_copy(
        update={"families": {"phagocytosis": scenario.analysis.families["phagocytosis"]}}
    )
    wish = scenario.decision.power.model_copy(update={"family": "phagocytosis"})
    decision = scenario.decision.model_copy(update={"power": wish})
    other = scenario.model_copy(update={"analysis": plan, "decision": decision})
    spread = next(
        one for one in varied(other)[0] if one.path == "truth.variability.phagocytosis.sd"
    )
    wide = at(other, spread, 60.0)
    assert wide.scenario is None
    assert "impossible" in wide.problem or "must be below" in wide.problem


def shares(*counts: int) -> list[tuple[Probability, ...]]:
    return [(Probability(count, 1000),) for count in counts]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((500, 700, 900, 950), Reached(6, 6, 6)),
        ((500, 790, 810, 950), Reached(6, 5, 7)),
        ((500, 900, 700, 950), Reached(7, 7, 7)),  # a tooth that sticks out is no sample size
        ((900, 950, 990, 999), Reached(4, 4, 4)),
        ((100, 200, 300, 400), Reached(None, None, None)),
        ((100, 200, 300, 790), Reached(None, 7, None)),
        ((100, 200, 300, 810), Reached(7, 7, None)),
    ],
)
def test_where_a_curve_reaches_the_target(counts: tuple[int, ...], expected: Reached) -> None:
    assert reached_by(range(4, 8), shares(*counts), target=0.8) == expected


def test_the_strongest_assumption_is_on_top_and_threads_change_nothing() -> None:
    scenario = load_scenario("quick-start")
    found = sensitivity(scenario, replicates=1_000, threads=1)
    assert [row.swing for row in found.rows] == sorted((r.swing for r in found.rows), reverse=True)
    assert {row.path for row in found.rows[:2]} == {"truth.afc.response.drug", "truth.afc.cv"}
    assert found.to_dict() == sensitivity(scenario, replicates=1_000, threads=2).to_dict()
    assert len(found.to_frame()) == 2 * len(found.rows)
    assert "truth.afc.cv" in repr(found)
    failure = next(row for row in found.rows if row.path.endswith("immunization_failure"))
    assert failure.low.power == found.power  # 0 is what is planned


def test_an_n_beyond_the_range_is_said_as_such() -> None:
    scenario = load_scenario("quick-start")
    narrow = scenario.decision.n.model_copy(update={"start": 4, "stop": 5})
    decision = scenario.decision.model_copy(update={"n": narrow})
    found = sensitivity(scenario.model_copy(update={"decision": decision}), replicates=1_000)
    top = found.rows[0]
    assert top.at_least
    assert found.words(top.low.reached) == "> 5" or found.words(top.high.reached) == "> 5"
    assert None in (top.low.reached and top.low.reached.n, top.high.reached and top.high.reached.n)


def test_no_replicates_are_refused() -> None:
    with pytest.raises(ValueError, match="replicates must be at least 1"):
        sensitivity(load_scenario("quick-start"), replicates=0)
