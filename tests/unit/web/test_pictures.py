"""The page's figures are drawn without a browser."""

from __future__ import annotations

from simulator import load_scenario, power
from simulator.web.pictures import power_picture


def test_a_curve_is_drawn_with_its_sentence() -> None:
    scenario = load_scenario("quick-start")
    shown = power_picture(power(scenario, replicates=100), scenario=scenario)
    assert shown is not None
    assert "<svg" in shown.svg
    assert "power" in shown.told.lower()
