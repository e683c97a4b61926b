"""The printed sheets: complete, sound HTML, and the blinded one tells nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from simulator.output.blinding import reveals, shows_ids, telling_animals, telling_cages
from simulator.output.printable import page, section, table
from simulator.output.provenance import provenance
from simulator.output.sheets import (
    REHEARSAL,
    allocation_page,
    dosing_page,
    preparation_page,
    write_sheets,
)
from simulator.scenario import Scenario
from simulator.tables.animals import ListedAnimal
from simulator.trial.allocation.allocate import Allocation, allocate
from simulator.trial.allocation.dosing_sheet import DosingSheet, dosing_sheet
from tests.unit.model.studies import arm, fold_study, kinetic_study

_VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Checks that tags are closed in order; keeps cells, text and everything that loads."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.boxes = 0
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)
        self.loads += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "data")]
        if tag in ("link", "script", "img", "iframe", "object"):
            self.loads.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self.boxes += tag == "td" and ("class", "box") in attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data + "\n"
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def parsed(text: str) -> Reader:
    assert text.startswith("<!DOCTYPE html>")
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    assert reader.loads == []
    assert not re.search(r"url\(|@import|https?:", text)
    return reader


@pytest.fixture(scope="module")
def study() -> Scenario:
    return kinetic_study()


@pytest.fixture(scope="module")
def drawn(study: Scenario) -> tuple[Allocation, DosingSheet]:
    listed = [ListedAnimal(f"tail-{k:02d}", 18 + k / 16, f"box {k // 5 + 1}") for k in range(66)]
    found = allocate(study, n=8, animals=listed)
    return found, dosing_sheet(study, found)


def test_the_key_links_label_animal_and_arm(drawn: tuple[Allocation, DosingSheet]) -> None:
    found, _ = drawn
    reader = parsed(allocation_page(found))
    for text in (found.scenario_id, found.question, str(found.seed), found.digest, "KEY"):
        assert text in reader.text
    rows = {row[0]: row for row in reader.rows}
    for one in found.animals:
        assert rows[one.label][:5] == [one.label, one.animal, one.arm, str(one.block), one.cage]
        assert rows[one.label][6] == found.syringes[one.arm, 0]
    assert all(one.animal in rows for one in found.reserve)
    assert REHEARSAL not in reader.text


def test_the_preparation_sheet_has_every_code_and_what_is_assumed(
    drawn: tuple[Allocation, DosingSheet],
) -> None:
    found, dosing = drawn
    reader = parsed(preparation_page(found, dosing))
    for one in dosing.syringes:
        (content, mixed) = (row for row in reader.rows if row[0] == one.code)
        assert content[1:3] == [one.arm, one.regimen.substance]
        assert mixed[1] == "8"
    for text in ("IM 20 µL", "SC 50 µL", "10 % (assumed)", "Days 0 to 4, for each of them"):
        assert text in reader.text


def test_the_blinded_page_names_no_arm_no_substance_and_no_seed(
    study: Scenario, drawn: tuple[Allocation, DosingSheet]
) -> None:
    found, dosing = drawn
    text = dosing_page(found, dosing, scenario=study)
    reader = parsed(text)
    plain = text.casefold()
    design = study.design
    secret = {*design.arms, *design.substances, str(found.seed), "stock", "vehicle", "dose "}
    secret |= {found.question.casefold()}
    assert not [word for word in secret if word.casefold() in plain]
    assert len([row for row in reader.rows if row[0].startswith("box")]) == 64
    assert reader.boxes == 64 * 5
    rows = {row[1]: row for row in reader.rows}
    volumes = {line.label: line for line in dosing.injections}
    for one in found.animals:
        line = volumes[one.label]
        assert rows[one.label][:7] == [
            *(one.cage, one.label, one.animal, f"{one.weight:.1f}"),
            *(line.code, line.route, f"{line.volume:.1f}"),
        ]


def test_rows_of_the_blinded_page_do_not_follow_the_arms(study: Scenario) -> None:
    # without cages the order is that of the labels, which are random
    listed = [ListedAnimal(f"m{k}", 20.0, "") for k in range(64)]
    found = allocate(study, n=8, animals=listed)
    labels = [one.label for one in found.animals]
    assert labels == sorted(labels)
    dosing = dosing_sheet(study, found)
    assert [line.label for line in dosing.injections[:64]] == labels


def test_a_study_whose_name_tells_the_substance_is_not_named(study: Scenario) -> None:
    assert not reveals("kinetic-study", study)
    for name in ("secretome-healthy-mice", "Thymalin 2", "my-SECRETOME", "im-1"):
        assert reveals(name, study)
    named = study.model_copy(update={"id": "secretome-mice"})
    found = allocate(named, n=2)
    text = dosing_page(found, dosing_sheet(named, found), scenario=named)
    assert "secretome" not in text
    assert found.digest[:12] in text


def test_animals_called_after_an_arm_are_not_named(study: Scenario) -> None:
    listed = [ListedAnimal(f"thymalin-{k}", 20.0, "") for k in range(8)]
    found = allocate(study, n=1, animals=listed)
    assert not shows_ids(found, scenario=study)
    assert "labels only, no ids" in telling_animals(found, scenario=study)[0]
    page_text = dosing_page(found, dosing_sheet(study, found), scenario=study)
    assert "thymalin" not in page_text
    assert not shows_ids(allocate(study, n=1), scenario=study)  # simulated mice have no ids


def test_sheets_keep_the_order_of_the_design_and_whole_numbers(tmp_path: Path) -> None:
    doses = {"control": arm("control", "saline")}
    for k in (1, 3, 10):
        doses[f"dose-{k}"] = arm("test", "secretome", "SC", 10 * k, 35 * k)
    study = kinetic_study(arms=doses)
    listed = [ListedAnimal(f"m{k}", 20.123456 + k / 7, "") for k in range(16)]
    found = allocate(study, n=4, animals=listed)
    assert [row[0] for row in parsed(allocation_page(found)).rows[1:5]] == list(doses)
    dosing = dosing_sheet(study, found)
    write_sheets(tmp_path, found, dosing, scenario=study, origin=provenance(study))
    prepared = pd.read_csv(tmp_path / "key" / "preparation.csv", dtype=str)
    assert set(prepared["day"]) == {"0", "1", "2", "3", "4"}
    assert set(prepared["animals"]) == {"4"}
    blinded = pd.read_csv(tmp_path / "blinded" / "dosing.csv", dtype=str)
    assert set(blinded["animal"]) == {one.animal for one in listed}
    assert set(blinded["day"]) == {"0", "1", "2", "3", "4"}
    assert blinded["weight_g"].str.fullmatch(r"\d+\.\d").all()


def test_cages_called_after_an_arm_are_told(study: Scenario) -> None:
    for cage, told in {"Thymalin 1": 1, "box 1": 0}.items():
        listed = [ListedAnimal(f"m{k}", 20.0, cage) for k in range(8)]
        notes = telling_cages(allocate(study, n=1, animals=listed), scenario=study)
        assert len(notes) == told


def test_a_rehearsal_says_so_on_every_page(study: Scenario) -> None:
    found = allocate(study, n=2)
    dosing = dosing_sheet(study, found)
    for text in (
        allocation_page(found),
        preparation_page(found, dosing),
        dosing_page(found, dosing, scenario=study),
    ):
        assert REHEARSAL in parsed(text).text


def test_days_that_differ_have_pages_of_their_own() -> None:
    first = arm("test", "secretome", mass=35)["regimens"][0]
    regimens = [first, {**first, "substance": "saline", "route": "IP", "schedule": "once"}]
    study = kinetic_study(
        arms={"control": {"role": "control", "regimens": regimens}, "drug": {"role": "test"}},
        design={"schedules": {"daily": {"days": [0, 1, 2]}, "once": {"days": [1]}}},
    )
    found = allocate(study, n=2)
    text = dosing_page(found, dosing_sheet(study, found), scenario=study)
    assert "<h2>Days 0, 2</h2>" in text
    assert "<h2>Day 1</h2>" in text
    assert text.count('class="new-page"') == 1


def test_a_long_schedule_is_cut_into_tables_that_fit() -> None:
    study = kinetic_study(
        design={
            "schedules": {"daily": {"days": list(range(20))}},
            "endpoints": {"titer": {"kind": "titer", "day": 30}},
        }
    )
    found = allocate(study, n=1)
    reader = parsed(dosing_page(found, dosing_sheet(study, found), scenario=study))
    assert max(len(row) for row in reader.rows) == 6 + 8
    assert reader.boxes == 8 * 20


def test_text_is_never_markup() -> None:
    text = page("<b>", facts={"<i>": "&"}, body=[section("<s>", table(["<u>"], [["<script>"]]))])
    reader = parsed(text)
    assert reader.rows == [["<u>"], ["<script>"]]
    assert "<b>" in reader.text


def test_pages_are_set_for_print() -> None:
    text = page("x", facts={}, body=[table(["a", "b"], [["1", "-"]], box=["b"])])
    for rule in ("size: A4", "table-header-group", "break-inside: avoid", "break-before: page"):
        assert rule in text
    assert parsed(text).boxes == 0  # "-" has no box


def test_what_is_written(tmp_path: Path, study: Scenario) -> None:
    found = allocate(study, n=3)
    dosing = dosing_sheet(study, found)
    write_sheets(tmp_path, found, dosing, scenario=study, origin=provenance(study))
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    assert files == {
        "key/allocation.csv", "key/allocation.html", "key/preparation.csv",
        "key/preparation.html", "blinded/dosing.csv", "blinded/dosing.html",
        "provenance.json", "scenario.yaml",
    }  # fmt: skip
    key = pd.read_csv(tmp_path / "key" / "allocation.csv")
    blinded = pd.read_csv(tmp_path / "blinded" / "dosing.csv")
    assert list(blinded.columns) == [
        "label", "cage", "weight_g", "day", "syringe", "route", "volume_ul"
    ]  # fmt: skip
    assert set(blinded["label"]) == set(key["label"])
    assert (key["status"] == "enrolled").all()
    prepared = pd.read_csv(tmp_path / "key" / "preparation.csv")
    assert len(prepared) == 8 * 5
    # what is mixed is enough for what is injected, with a tenth to spare
    needed = blinded.groupby(["syringe", "day"])["volume_ul"].sum() * 1.1
    made = prepared.set_index(["syringe", "day"])["total_ul"]
    assert (made >= needed.reindex(made.index) - 0.5).all()
    assert json.loads((tmp_path / "provenance.json").read_text())["made_by"] == "afcsim"


def test_a_study_without_injections_still_has_its_sheets(tmp_path: Path) -> None:
    study = fold_study()
    found = allocate(study, n=3)
    dosing = dosing_sheet(study, found)
    write_sheets(tmp_path, found, dosing, scenario=study, origin=provenance(study))
    assert "Nothing is injected." in (tmp_path / "blinded" / "dosing.html").read_text()
    assert "there is nothing to dose" in (tmp_path / "key" / "preparation.html").read_text()
