"""How many animals to analyse, enrol and buy, as ``power`` and ``size`` print it."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from scipy import stats
from typer.testing import CliRunner

from simulator.cli.app import app

STUDY = """\
schema_version: 1
id: titers
question: How many mice show a fourfold titer?
seed: 1
design:
  arms:
    saline: {role: control}
    drug: {role: test}
  endpoints:
    titer: {kind: titer, day: 5, first_dilution: 2, wells: 8}
  attrition: {ATTRITION}
truth:
  titer: {control: 8, response: {model: fold, drug: 8}}
  variability: {titer: {sd_log2: 1.2}}
decision: {n: {from: 3, to: 9}}
"""


def said(folder: Path, attrition: str, *command: str) -> str:
    """Return what a command prints of the study with these losses, on one line."""
    path = folder / "titers.yaml"
    path.write_text(STUDY.replace("ATTRITION", attrition), encoding="utf-8")
    found = CliRunner().invoke(app, [command[0], str(path), "-r", "1000", *command[1:]])
    assert found.exit_code == 0, found.stderr
    return " ".join(found.stdout.split())


@pytest.mark.parametrize(
    ("attrition", "line"),
    [
        ("loss: 0.1, before: 0.2", "14.4 expected to be analysed, 16 enrolled, 20 purchased"),
        ("by_arm: {drug: 0.5}", "12 expected to be analysed, 16 enrolled, 16 purchased"),
    ],
)
def test_power_says_how_many_animals_it_takes(tmp_path: Path, attrition: str, line: str) -> None:
    assert f"animals: {line} " in said(tmp_path, attrition, "power", "--n", "8")


def test_power_has_nothing_to_say_where_every_animal_is_analysed(tmp_path: Path) -> None:
    assert "animals:" not in said(tmp_path, "loss: 0", "power", "--n", "8")


def test_size_says_with_which_probability_every_arm_keeps_its_n(tmp_path: Path) -> None:
    attrition = "loss: 0.1, inflate: 0.9"
    text = said(tmp_path, attrition, "size")
    data = json.loads(said(tmp_path, attrition, "size", "--json"))
    n, m = data["n_per_arm"], data["animals"]["enrolled"] // 2
    # both arms keep their n with sqrt(0.9) each, and one animal fewer would not do
    assert stats.binom.sf(n - 1, m, 0.9) ** 2 >= 0.9 > stats.binom.sf(n - 1, m - 1, 0.9) ** 2
    kept = stats.binom.sf(n - 1, m, 0.9) ** 2
    assert data["animals"]["kept"] == pytest.approx(kept)
    assert data["sizes"] == {"saline": m, "drug": m}
    assert f"{n} mice per arm after losses ({m} enrolled per arm), certified" in text
    percent = math.floor(1000 * kept) / 10  # never more than there is
    assert (
        f"animals: {2 * m * 0.9:g} expected to be analysed, {2 * m} enrolled, {2 * m} purchased; "
        f"every arm keeps its n (in its worst endpoint) with probability {percent:g} %"
    ) in text
