"""What ``validate`` says of the laboratory, the cages and the losses of a plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app
from simulator.output.wording.laboratory import laboratory_lines, part_filled_text
from simulator.output.wording.truth import chance_text
from simulator.scenario_files import load_scenario, load_text

LAB = Path(__file__).parents[3] / "scenarios" / "valid" / "lab.yaml"
PLAN = """
schema_version: 1
id: plan
question: Is there a laboratory?
seed: 1
design:
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
  LAB
truth: {afc: {control: 5e4 /spleen, response: {model: fold, drug: 3}}}
"""


def lines(lab: str = "") -> list[str]:
    return list(laboratory_lines(load_text(PLAN.replace("LAB", lab)).scenario))


def validated(*words: str) -> str:
    done = CliRunner().invoke(app, ["validate", *words], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    return " ".join(done.stdout.split())


def test_a_plan_without_a_laboratory_has_nothing_to_say() -> None:
    assert lines() == []


def test_every_part_of_the_laboratory_has_its_place() -> None:
    assert list(laboratory_lines(load_scenario(LAB))) == [
        "laboratory: 3 technicians, 8:00 to 16:30, break 12:00 to 12:45; 2 balances, 2 baths of "
        "20, 2 readers; order by-cage, plating after-all; over 2 days, balanced; missed "
        "injections: 1 %",
        "minutes per mouse: weighing 0.5, immunization 1, dosing 0.75, sampling 2, killing 6, "
        "plating 3, incubation 60 (in the bath), reading 2.5",
        "cages: every cage holds one arm, 4 mice each; the test counts cages, the median of each "
        "(n = 16: 5 to 7 cages per arm, n = 24: 7 to 10 cages per arm)",
        "losses: 4 % die (control 2 %, drug-10 10 %, drug-20 20 %); samples lost: each 2 %; 1 % "
        "excluded; 80 % of failed immunizations noticed and excluded; 5 % of the purchased not "
        "fit to be enrolled; enrolled for it: so many that every arm keeps its n (in its "
        "worst endpoint) with probability "
        "90 %",
    ]


def test_only_tasks_of_the_study_are_timed() -> None:
    laboratory, minutes = lines("conduct: {staff: 1, hours: {break: none}}")
    assert "1 technician, 08:00 to 17:00, no break" in laboratory
    assert minutes == (
        "minutes per mouse: weighing 0.5, immunization 1, killing 4, plating 3, incubation 60 (in "
        "the bath), reading 2"
    )


@pytest.mark.parametrize(
    ("lab", "line"),
    [
        ("attrition: 5 %", ["losses: 5 % die"]),
        ("animals: {arms_share_cages: false}",
         ["cages: every cage holds one arm, 5 mice each; the test counts mice"]),
    ],
)  # fmt: skip
def test_losses_and_housing_have_a_line_each(lab: str, line: list[str]) -> None:
    assert lines(lab) == line


def test_defaults_of_the_laboratory_take_one_row() -> None:
    told = validated("arm-by-arm-kill")
    assert told.count("design.conduct ") == 1
    assert "design.conduct.tasks" not in told
    assert "as above: equipment; hours;" in told
    assert "wanted: power 0.8 of each of a, b; searched: n = 4 to 10 per arm" in told
    assert '"design.conduct.tasks.reading.takes"' in validated("arm-by-arm-kill", "--json")


WHOLE = "animals: {per_cage: 5, arms_share_cages: false}\nanalysis: {unit: cage}"


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (20, None),
        (23, "the last cage of every arm holds 3 of 5 mice, because n counts mice"),
        (24, "the last cage of every arm holds 4 of 5 mice, because n counts mice"),
    ],
)
def test_a_cage_that_is_not_full_is_explained(n: int, told: str | None) -> None:
    said = part_filled_text(load_text(PLAN.replace("LAB", WHOLE)).scenario, n)
    assert said is None if told is None else said is not None and said.startswith(told)
    mixed = load_text(PLAN.replace("LAB", "animals: {per_cage: 5}")).scenario
    assert part_filled_text(mixed, n) is None


def test_only_the_arms_with_such_a_cage_are_named() -> None:
    text = PLAN.replace("LAB", WHOLE).replace("drug: {role: test}", "drug: {role: test, ratio: 2}")
    said = part_filled_text(load_text(text).scenario, 15)
    assert said is None  # 15 and 30 mice
    said = part_filled_text(load_text(text).scenario, 12)
    assert said is not None
    assert "saline 2, drug 4 of 5 mice" in said


def test_a_chance_is_of_mice_and_says_so_where_cages_are_tested() -> None:
    mice, cages = (load_text(PLAN.replace("LAB", lab)).scenario for lab in ("", WHOLE))
    assert "cage" not in chance_text(mice)
    assert chance_text(cages).startswith(chance_text(mice))
    assert "the test compares cage medians" in chance_text(cages)
