"""Doses are named to a reader in both views."""

from __future__ import annotations

import pytest

from simulator import load_scenario
from simulator.output.arm_labels import (
    arm_dose,
    arm_label,
    dose_text,
    dose_unit,
    number,
    short_dose,
)
from simulator.scenario.design import Dose


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (35.0, "35"), (0.5, "0.5"), (1234.0, "1230"), (2e8, "2e+08"), (12.345, "12.3")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_doses_in_the_views_that_are_known() -> None:
    both = Dose.model_validate({"volume": "20 uL/kg", "mass": "70 ug/kg"})
    assert dose_text(both) == "20 µL/kg (70 µg/kg)"
    assert short_dose(both) == "70 µg/kg"
    volume = Dose.model_validate({"volume": "10 uL/kg"})
    assert (dose_text(volume), short_dose(volume)) == ("10 µL/kg", "10 µL/kg")
    assert dose_text(Dose.model_validate({"mass": "2.5 mg/kg"})) == "2.5 mg/kg"


def test_large_doses_are_in_the_larger_unit() -> None:
    large = Dose.model_validate({"volume": "10000 uL/kg", "mass": "200000 ug/kg"})
    assert dose_text(large) == "10 mL/kg (200 mg/kg)"
    assert short_dose(Dose.model_validate({"volume": "1000 uL/kg"})) == "1 mL/kg"
    assert short_dose(Dose.model_validate({"volume": "999 uL/kg"})) == "999 µL/kg"
    assert dose_unit(5000, mass=True) == ("mg/kg", 1000)
    assert dose_unit(999, mass=False) == ("µL/kg", 1)


def test_arms_of_the_study() -> None:
    design = load_scenario("secretome-healthy-mice").design
    assert arm_label("secretome-im-50", design) == "secretome-im-50, 175 µg/kg"
    assert arm_label("control", design) == "control"
    assert arm_dose("secretome-sc-10", design) == "10 µL/kg (35 µg/kg) SC"
    assert arm_dose("drug", load_scenario("quick-start").design) == ""
