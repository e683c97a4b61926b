"""Numbers as hands write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.completion import is_inbred
from simulator.scenario.numerals import comma_advice, thousands_advice
from simulator.scenario.quantities import format_quantity, parse_quantity


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("0,035 mg/kg", "decimal comma? write 0.035 mg/kg"),
        ("0,80", "decimal comma? write 0.80"),
        ("50,000 /spleen", "decimal comma? write 50 /spleen; for thousands write 50000 /spleen"),
        ("50,000,000", "thousands are written without commas: write 50000000"),
        ("50 000 /spleen", "thousands are written without spaces: write 50000 /spleen"),
        ("0, 1, 2", "several numbers: write a list, [0, 1, 2]"),
        ("10 uL/kg, 20 uL/kg", "several numbers: write a list, [10 uL/kg, 20 uL/kg]"),
        ("50.000", None),
        ("5e4 /spleen", None),
        ("a, b", None),
        ("mice, 5 of them", None),
    ],
)
def test_commas(text: str, advice: str | None) -> None:
    assert comma_advice(text) == advice


@pytest.mark.parametrize("text", ["0.500", "1.28", "1.2800", "50.000e3", "1000.000", "50.000.000"])
def test_a_point_that_can_only_be_decimal(text: str) -> None:
    assert thousands_advice(text) is None


def test_a_point_before_three_digits() -> None:
    assert thousands_advice("50.000 /spleen") == (
        "50.000 may be 50000 or 50: write 50000 /spleen or 5e4 /spleen, "
        "without a point between thousands"
    )


@given(st.integers(1, 999), st.integers(0, 999), st.sampled_from(["cell", "1/spleen"]))
def test_thousandths_survive_the_dump(whole: int, rest: int, unit: str) -> None:
    number = float(f"{whole}.{rest:03d}")
    assert parse_quantity(format_quantity(number, unit), unit) == number


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("35 %", "dimensionless", 0.35),
        ("3.5\u00a0mg/mL", "microgram/microliter", 3.5),
        ("5e4\u202f/spleen", "1/spleen", 5e4),
        ("5e4 PFC/spleen", "1/spleen", 5e4),
        ("5e4 afc / spleen", "1/spleen", 5e4),
    ],
)
def test_spellings(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"), [("35 ppm", "microgram/kilogram"), ("35 mg/kg", "dimensionless")]
)
def test_a_share_is_not_a_dose(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match=r"is a (fraction|mass per body weight); a"):
        parse_quantity(text, unit)


@given(st.floats(1e-3, 1e6))
def test_a_concentration_is_the_same_number_in_mg_per_ml(number: float) -> None:
    unit = "microgram/microliter"
    assert parse_quantity(format_quantity(number, unit), unit) == number


@pytest.mark.parametrize("strain", ["BDF1", "B6D2F1", "CB6F1", "(CBA x C57Bl/6)F1", "BALB/c"])
def test_uniform_strains(strain: str) -> None:
    assert is_inbred(strain)


@pytest.mark.parametrize("strain", ["outbred white mouse", "not inbred", "non-inbred", "ICR", "F2"])
def test_mixed_strains(strain: str) -> None:
    assert not is_inbred(strain)
