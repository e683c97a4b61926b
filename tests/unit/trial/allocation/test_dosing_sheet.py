"""The injections of an allocated study."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.errors import ScenarioError
from simulator.scenario import Scenario
from simulator.tables.animals import ListedAnimal
from simulator.trial.allocation.allocate import allocate
from simulator.trial.allocation.dosing_sheet import DosingSheet, days_text, dosing_sheet
from tests.unit.model.studies import arm, fold_study, kinetic_study


def sheet(study: Scenario, n: int = 4, grams: float | None = None) -> DosingSheet:
    groups = len(study.design.arms) * n * (1 + any(e.satellite for e in _endpoints(study)))
    listed = None
    if grams is not None:
        listed = [ListedAnimal(f"m{k}", grams, "") for k in range(groups)]
    return dosing_sheet(study, allocate(study, n=n, animals=listed))


def _endpoints(study: Scenario) -> list[Any]:
    return list(study.design.endpoints.values())


def test_injected_volume_is_dose_times_weight_times_dilution() -> None:
    study = kinetic_study()
    found = allocate(study, n=4)
    dosing = dosing_sheet(study, found)
    arm_of = {one.label: one.arm for one in found.animals}
    weight_of = {one.label: one.weight for one in found.animals}
    factor = {one.code: one.filling.factor for one in dosing.syringes}
    assert len(dosing.injections) == 32 * 5
    for line in dosing.injections:
        (regimen,) = study.design.arms[arm_of[line.label]].regimens
        neat = regimen.dose.volume * weight_of[line.label] / 1000
        assert found.syringes[arm_of[line.label], 0] == line.code
        assert line.route == regimen.route
        if regimen.substance != "saline":
            assert line.volume / factor[line.code] == pytest.approx(neat, rel=1e-9)


def test_preparations_by_hand() -> None:
    # mice of 20 g: IM 10, 20, 50, 60 uL/kg and saline meet at 1000 uL/kg = 20 uL or more; 4 mice
    arms = {
        "control": arm("control", "saline"),
        "low": arm("test", "secretome", volume=10, mass=35),
        "high": arm("test", "secretome", volume=50, mass=175),
    }
    dosing = sheet(kinetic_study(arms=arms), grams=20.0)
    mixed = {(one.syringe.arm, one.day): one.mixed for one in dosing.preparations}
    assert len(mixed) == 3 * 5
    # 4 x 20 uL + 10 % = 88 uL: 1:100 needs 10 uL of stock at least, 1:20 takes 4.4 -> 10
    assert (mixed["low", 0].stock, mixed["low", 0].vehicle) == (10.0, 990.0)
    assert (mixed["high", 0].stock, mixed["high", 0].vehicle) == (10.0, 190.0)
    assert mixed["control", 0].stock == 0
    assert mixed["control", 0].vehicle == pytest.approx(88.0)
    assert dosing.notes == ()
    assert {one.diluent for one in dosing.syringes} == {"saline"}
    assert {one.animals for one in dosing.preparations} == {4}


def test_animals_are_dosed_until_they_are_killed() -> None:
    design = {
        "endpoints": {
            "afc": {"kind": "plaque_count", "day": 2},
            "late": {"kind": "continuous", "day": 9, "unit": "mg", "satellite": True},
        }
    }
    arms = {"control": arm("control", "saline"), "drug": arm("test", "secretome", mass=35)}
    endpoints = design["endpoints"]
    endpoints["late"] = {"kind": "titer", "day": 9, "satellite": True}
    study = kinetic_study(arms=arms, design=design)
    found = allocate(study, n=2)
    purpose = {one.label: one.satellite_of for one in found.animals}
    days: dict[str, set[float]] = {}
    for line in dosing_sheet(study, found).injections:
        days.setdefault(purpose[line.label], set()).add(line.day)
    assert days == {"": {0, 1, 2}, "late": {0, 1, 2, 3, 4}}


def test_an_arm_without_injections_is_told() -> None:
    arms = {"control": {"role": "control"}, "drug": arm("test", "secretome", mass=35)}
    (note,) = sheet(kinetic_study(arms=arms)).notes
    assert "can tell these groups of arms apart" in note
    assert "none: control" in note


def test_a_study_without_injections_has_an_empty_sheet() -> None:
    found = sheet(fold_study())
    assert found.injections == found.syringes == found.preparations == ()
    assert found.notes == ("the design names no injections: there is nothing to dose",)


def test_without_a_stock_a_mass_cannot_be_drawn_up() -> None:
    arms = {"control": arm("control", "saline"), "drug": arm("test", "x", volume=None, mass=35)}
    substances = {"saline": {"role": "vehicle"}, "x": {"role": "test"}}
    study = kinetic_study(arms=arms, effects={}, design={"substances": substances})
    with pytest.raises(ScenarioError, match=r"has no stock concentration: give design\.substances"):
        sheet(study, grams=20.0)


def test_no_sheet_is_made_without_an_arm_that_cannot_be_injected() -> None:
    arms = {
        "control": arm("control", "saline"),
        "drug": arm("test", "secretome", volume=10_000, mass=35_000),
    }
    with pytest.raises(ScenarioError, match=r"2 problems") as caught:
        sheet(kinetic_study(arms=arms), grams=20.0)
    arm_told, sheets_told = caught.value.problems
    assert arm_told.path == "design.arms.drug.regimens.0"
    assert arm_told.message.startswith("secretome cannot be injected: 10000 uL/kg")
    assert "none was written" in sheets_told.message


def test_a_volume_that_tells_the_dose_is_told() -> None:
    arms = {
        "control": arm("control", "saline"),
        "drug": arm("test", "secretome", volume=3000, mass=10_500),
    }
    found = sheet(kinetic_study(arms=arms), grams=22.0)
    assert found.notes[0].startswith("drug, secretome: 3000 uL/kg IM is over good practice")
    assert (
        "IM, days 0 to 4: the volume tells arms apart (1000 uL/kg control; 3000" in found.notes[1]
    )


def test_a_dose_of_nothing_is_vehicle() -> None:
    arms = {
        "control": arm("control", "secretome", volume=0, mass=0),
        "drug": arm("test", "secretome", mass=35),
    }
    found = sheet(kinetic_study(arms=arms), grams=20.0)
    mixed = {one.syringe.arm: one.mixed for one in found.preparations}
    assert mixed["control"].stock == 0
    assert {one.filling.per_kg for one in found.syringes} == {1000.0}


@pytest.mark.parametrize(
    ("days", "text"),
    [((0,), "day 0"), ((0, 1), "days 0, 1"), ((0, 1, 2), "days 0 to 2"), ((-1, 0, 3.5),) * 2],
)
def test_days_in_words(days: tuple[float, ...], text: str) -> None:
    assert days_text(days) == (text if isinstance(text, str) else "days -1, 0, 3.5")
