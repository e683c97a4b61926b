"""The page's figures are drawn without a browser."""

from __future__ import annotations

from dataclasses import replace

from simulator import assurance, load_scenario, power
from simulator.evaluation.staying import n_reaching
from simulator.web.pictures import power_picture


def test_a_curve_is_drawn_with_its_sentence() -> None:
    scenario = load_scenario("quick-start")
    shown = power_picture(power(scenario, replicates=100), scenario=scenario)
    assert shown is not None
    assert "<svg" in shown.svg
    assert "power" in shown.told.lower()


def test_the_n_that_is_told_is_the_one_from_which_on_the_target_is_met() -> None:
    scenario = load_scenario("quick-start")
    result, target = power(scenario, replicates=100), scenario.decision.power.target
    once = n_reaching(result.curve, target)
    assert once is not None
    low = result.curve[0].target
    curve = [replace(p, target=low) if p.n == once + 1 else p for p in result.curve]
    assert next(point.n for point in curve if point.target.value >= target) == once
    shown = power_picture(replace(result, curve=tuple(curve)), scenario=scenario)
    assert shown is not None
    assert f" at n = {once + 2}," in shown.told
    assert f" at n = {once}," not in shown.told


def test_assurance_is_drawn_and_told() -> None:
    scenario = load_scenario("uncertain-effect")
    result, believed = power(scenario, replicates=100), assurance(scenario, draws=10)
    shown = power_picture(result, scenario=scenario, assurance=believed)
    assert shown is not None
    assert "assurance" in shown.svg
    last = believed.curve[-1]
    assert f"{last.assurance.value:.2f} at n = {last.n}." in shown.told
