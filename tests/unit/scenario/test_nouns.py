"""The nouns by themselves: sizes, names of arms, spreads, quantities, digest."""

from __future__ import annotations

import math

import pytest
from pydantic import ValidationError

from simulator.scenario import Design
from simulator.scenario.decision import Decision
from simulator.scenario.design import Continuous
from simulator.scenario.levels import as_written, control_level, own_unit, without_unit
from simulator.scenario.quantities import format_quantity, parse_quantity
from simulator.scenario.truth import Spread
from simulator.scenario_files import load_scenario, load_text
from simulator.scenario_files.catalogue import catalogue


def design() -> Design:
    return Design.model_validate(
        {
            "arms": {
                "saline": {"role": "control", "n": 12},
                "drug-10": {"role": "test", "group": "drug"},
                "drug-20": {"role": "test", "group": "drug", "ratio": 1.5},
            },
            "endpoints": {
                "afc": {"kind": "plaque_count", "day": 5},
                "titer": {"kind": "titer", "day": 9, "satellite": True, "terminal": True},
            },
        }
    )


def test_sizes_follow_ratio_and_fixed_n() -> None:
    assert design().sizes(5) == {"saline": 12, "drug-10": 5, "drug-20": 8}


def test_arms_are_called_by_id_dose_list_or_role() -> None:
    assert design().arms_of("saline") == ("saline",)
    assert design().arms_of("drug") == ("drug-10", "drug-20")
    assert design().arms_of("test") == ("drug-10", "drug-20")
    assert design().arms_of("placebo") == ()


def test_the_kill_is_that_of_the_main_animals() -> None:
    assert design().killed_on == 5


def test_nouns_are_frozen_and_refuse_unknown_keys() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        design().attrition = None  # type: ignore[misc, assignment]
    with pytest.raises(ValidationError, match="colour"):
        Design.model_validate({**design().model_dump(), "colour": "red"})


@pytest.mark.parametrize(
    ("spread", "log_sd"),
    [
        ({"sd_ln": 0.6}, 0.6),
        ({"sd_log2": 1.6}, 1.6 * math.log(2)),
        # a log-normal with ln sd s has cv sqrt(exp(s^2) - 1)
        ({"cv": math.sqrt(math.exp(0.09) - 1)}, 0.3),
    ],
)
def test_every_form_of_spread_is_a_log_sd(spread: dict[str, float], log_sd: float) -> None:
    found = Spread.model_validate(spread).log_sd
    assert found == pytest.approx(log_sd, rel=1e-12)  # rounding of exp and log only


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("35 ug/kg", "microgram/kilogram", 35),
        ("0.035 mg/kg", "microgram/kilogram", 35),
        ("10 uL/kg", "microliter/kilogram", 10),
        ("0.01 mL/kg", "microliter/kilogram", 10),
        ("3.5 mg/mL", "microgram/microliter", 3.5),
        ("120 h", "day", 5),
        ("2e8 cells", "cell", 2e8),
        ("5e4 /spleen", "1/spleen", 5e4),
        ("1 1/h", "1/day", 24),
        ("45 %", "dimensionless", 0.45),
    ],
)
def test_quantities_are_converted(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value, rel=1e-12)  # unit factors round


@pytest.mark.parametrize("number", [0.1, 1 / 3, 1e-300, 123456789.123456789, 2e8])
@pytest.mark.parametrize("unit", ["day", "microgram/kilogram", "cell", "1/spleen"])
def test_a_written_quantity_reads_back_exactly(number: float, unit: str) -> None:
    assert parse_quantity(format_quantity(number, unit), unit) == number


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os') 5", "5 d; ls", "10**10**10 d", "5 " + "d*" * 30, "(5) d", "5 d 3",
        "nan d", "inf d", "1e999 d", "", "d", "5 ((((", "5 d**d", "٣ d",
    ],
)  # fmt: skip
def test_text_is_never_evaluated(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|large|unit"):
        parse_quantity(text, "day")


def test_control_levels_are_in_the_endpoint_s_unit() -> None:
    endpoints = load_scenario("secretome-healthy-mice").design.endpoints
    assert control_level("5e4 /spleen", endpoints["afc"]) == 5e4
    assert control_level("55 %", endpoints["phagocytosis"]) == 55
    assert control_level(5.0, endpoints["phagocytic-number"]) == 5
    assert control_level(5e4, endpoints["afc"]) == 5e4  # a number is in this unit already
    with pytest.raises(ValueError, match="120 % is not between"):
        control_level("120 %", endpoints["phagocytosis"])


@pytest.mark.parametrize("amount", [8.0, 0.1, 1 / 3, 57.3, 1e-7, 123456.789])
def test_a_written_level_reads_back_exactly(amount: float) -> None:
    endpoints = load_scenario("secretome-healthy-mice").design.endpoints
    weight = Continuous(kind="continuous", day=5, measured_in="mg")
    for endpoint in (*endpoints.values(), weight):
        assert own_unit(as_written(amount, endpoint), endpoint) == amount
        assert without_unit(as_written(amount, endpoint), endpoint) is None


def test_a_bare_number_is_a_guess_where_the_unit_is_not_obvious() -> None:
    endpoints = load_scenario("secretome-healthy-mice").design.endpoints
    assert without_unit(5e4, endpoints["afc"]) == "50000 has no unit: write e.g. 5e4 /spleen"
    message = "0.08 has no unit: write 0.08 % if it is in percent"
    assert without_unit(0.08, endpoints["phagocytosis"]) == message
    assert without_unit(200, endpoints["titer"]) is None


def test_the_digest_changes_with_any_number() -> None:
    text = catalogue()[0].path.read_text(encoding="utf-8")
    digest = load_text(text).scenario.digest
    assert load_text(text.replace("drug: 3}", "drug: 3.0}")).scenario.digest == digest
    for old, new in (("drug: 3}", "drug: 3.1}"), ("45 %", "46 %"), ("20261122", "20261123")):
        assert old in text
        assert load_text(text.replace(old, new)).scenario.digest != digest


def test_the_null_twin_has_no_effect_and_the_same_noise() -> None:
    for name in ("quick-start", "secretome-healthy-mice"):
        scenario = load_scenario(name)
        twin = scenario.null_twin()
        assert twin.truth.effects == {}
        assert twin.truth.variability == scenario.truth.variability
        assert twin.design == scenario.design
        for truth in twin.truth.endpoints.values():
            assert getattr(truth.response, "folds", {}) == {}


def test_a_wanted_error_sets_the_replicates() -> None:
    """The standard error of a probability is at most sqrt(1/4 / replicates)."""
    for mcse, replicates in ((0.05, 100), (0.01, 2500), (0.0035, 20_409)):
        found = Decision.model_validate({"mcse": mcse})
        assert found.replicates_for_mcse == replicates
        assert (0.25 / replicates) ** 0.5 <= mcse * (1 + 1e-9)
