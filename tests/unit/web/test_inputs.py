"""Inputs: every value that is shown is one that the file could hold; what is changed is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.errors import Problem, ScenarioError
from simulator.scenario_files import catalogue, load_scenario, read_scenario
from simulator.scenario_files.changes import change
from simulator.web.fields import field_sets
from simulator.web.inputs import Sheet, inputs, new_sheet, notes
from simulator.web.plan import catalogue_plan

IDS = [entry.id for entry in catalogue()]
STUDY = "secretome-healthy-mice"


def sheet_of(scenario: str, changes: Mapping[str, str] | None = None) -> Sheet:
    return new_sheet(catalogue_plan(scenario, changes), 1)


def untouched(sheet: Sheet) -> dict[str, Any]:
    """Return what the inputs say before anybody touches them."""
    said: dict[str, Any] = {sheet.more: ""}
    for name, field in sheet.fields.items():
        now = sheet.values.get(field.path, field.value)
        said[name] = float(now) if field.kind == "number" else now
        if field.kind == "several":
            said[name] = tuple(now.strip('[]"').split('", "'))
    return said


@pytest.mark.parametrize("scenario", IDS)
def test_setting_a_value_to_itself_changes_nothing(scenario: str) -> None:
    base = read_scenario(scenario)
    for group in field_sets(base.scenario):
        for field in group.fields:
            found = change(base, {field.path: field.value}).scenario
            if not field.path.startswith("truth."):  # there a value becomes a stated one
                assert found == base.scenario, field
            assert field_sets(found) == field_sets(base.scenario)


@pytest.mark.parametrize("scenario", IDS)
def test_untouched_inputs_say_no_change(scenario: str) -> None:
    sheet = sheet_of(scenario)
    said = untouched(sheet)
    assert sheet.read(said.__getitem__) == {}


def test_changes_are_read_by_path() -> None:
    sheet = sheet_of(STUDY)
    said = untouched(sheet)
    ids = {field.path: name for name, field in sheet.fields.items()}
    said[ids["design.arms.secretome-im-10.dose"]] = " 40 ug/kg "
    said[ids["decision.power.target"]] = 0.9
    said[ids["decision.n.to"]] = None  # emptied
    said[ids["analysis.families.afc-over-control.arms"]] = ("secretome-im-50", "secretome-im-10")
    said[sheet.more] = "truth.assay.misread = 0.2\n\nno sign"
    assert sheet.read(said.__getitem__) == {
        "design.arms.secretome-im-10.dose": "40 ug/kg",
        "decision.power.target": "0.9",
        "analysis.families.afc-over-control.arms": '["secretome-im-10", "secretome-im-50"]',
        "truth.assay.misread": "0.2",
        "no sign": "",
    }


def test_a_browser_may_say_anything() -> None:
    sheet = sheet_of(STUDY)
    for odd in ({"a": 1}, ["x"], "x" * 10_000, True, -1e300, []):
        changes = sheet.read(dict.fromkeys([*sheet.fields, sheet.more], odd).__getitem__)
        with pytest.raises(ScenarioError):
            catalogue_plan(STUDY, changes).loaded()


@pytest.mark.parametrize(
    ("path", "said", "change"),
    [
        ("design.schedules.daily.days", "0, 1,2", "[0, 1,2]"),  # brackets are the file's
        ("design.schedules.daily.days", "0,1,2,3, 4", None),
        ("design.schedules.daily.days", "[0, 1]", "[0, 1]"),
        ("decision.power.target", "0.80", None),
        ("decision.power.target", "85 %", "85 %"),
        ("design.arms.secretome-im-10.dose", "10.0 uL/kg", None),
        ("design.arms.secretome-im-10.dose", "10 ug/kg", "10 ug/kg"),
        ("truth.variability.cage_icc", "0.0", None),
    ],
)
def test_the_same_value_written_otherwise_is_no_change(
    path: str, said: str, change: str | None
) -> None:
    sheet = sheet_of(STUDY)
    ids = {field.path: name for name, field in sheet.fields.items()}
    found = sheet.read({**untouched(sheet), ids[path]: said}.__getitem__)
    assert found == ({} if change is None else {path: change})
    assert catalogue_plan(STUDY, found).loaded()


def test_an_emptied_input_says_which_value_holds() -> None:
    sheet = sheet_of(STUDY)
    ids = {field.path: name for name, field in sheet.fields.items()}
    days, adjust = ids["design.schedules.daily.days"], ids["decision.n.to"]
    said = {**untouched(sheet), days: " ", adjust: None}
    emptied = sheet.emptied(said.__getitem__)
    assert emptied == {days, adjust}
    found = notes(sheet, (), changes={}, scenario=sheet.scenario, emptied=emptied)
    assert found[days] == {"hint": "empty: 0, 1, 2, 3, 4 holds, as in the file"}
    assert found[adjust] == {"hint": "empty: 30 holds, as in the file"}


def test_hints_give_another_view_of_a_value() -> None:
    changes = {"design.attrition.loss": "10 %"}
    sheet = sheet_of(STUDY, changes)
    ids = {field.path: name for name, field in sheet.fields.items()}
    found = notes(sheet, (), changes=changes, scenario=sheet.plan.loaded().scenario)
    spread = found[ids["truth.variability.afc.sd_ln"]]["hint"]
    assert spread == "about 66 % coefficient of variation"  # sqrt(exp(0.36) - 1) = 0.658
    assert "design.attrition.inflate = 0.9" in found[ids["design.attrition.loss"]]["hint"]
    more = {**changes, "design.attrition.inflate": "0.9"}
    changed = catalogue_plan(STUDY, more).loaded().scenario
    assert ids["design.attrition.loss"] not in notes(sheet, (), changes=more, scenario=changed)


def test_paths_have_the_names_of_the_page() -> None:
    sheet = sheet_of(STUDY)
    names = {
        "design.arms.secretome-im-10.regimens[0].dose.volume": "secretome-im-10: secretome IM",
        "design.arms.control": "Arm control",
        "decision.n.to": "Mice per arm: to",
        "truth.assay.misread": "Share of titers read one well too high, and too low",
        "no.such": None,
    }
    assert {path: sheet.label_of(path) for path in names} == names


def test_a_link_fills_the_inputs() -> None:
    changes = {
        "decision.power.target": "70 %",  # no number input can show it
        "analysis.families.primary.arms": '["drug"]',
        "truth.assay.misread": "0.2",
    }
    sheet = sheet_of("quick-start", changes)
    html = str(inputs(sheet))
    assert 'value="70 %"' in html
    assert "truth.assay.misread = 0.2" in html


def test_hostile_names_are_text() -> None:
    changes = {"design.schedules.<script>alert(1)</script>": "<b onclick=x>"}
    html = str(inputs(sheet_of("quick-start", changes)))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; = &lt;b onclick=x&gt;" in html


def test_problems_stand_beside_what_caused_them() -> None:
    changes = {"decision.n.to": "2", "truth.assay.misread": "x"}
    sheet = sheet_of(STUDY, changes)
    ids = {field.path: name for name, field in sheet.fields.items()}
    problems = [
        Problem("decision.n", "to (2) is below from (3)"),
        Problem("design.arms.secretome-im-10.regimens[0].dose.volume", "much", severity="warning"),
        Problem("design.arms.control", "is compared otherwise", severity="warning"),
        Problem("truth.assay.misread", "no number \u202e"),
    ]
    found = notes(sheet, problems, changes=changes, scenario=load_scenario(STUDY))
    assert found[ids["decision.n.to"]] == {"why": ["to (2) is below from (3)"], "kind": "error"}
    dose = found[ids["design.arms.secretome-im-10.dose"]]
    assert dose == {"hint": "10 µL/kg (35 µg/kg)", "why": ["much"], "kind": "warning"}
    assert found[sheet.more] == {"why": ["no number ⟨U+202E⟩"], "kind": "error"}
    assert not any("compared" in str(note.get("why")) for note in found.values())
