"""Losses and expected numbers in full sentences; what only the applicant can add."""

from __future__ import annotations

import pytest

from simulator.scenario_files import load_text
from tests.unit.output.statement.runs import STUDY, of_catalogue, powered, small, told


def _losses(attrition: str) -> str:
    text = told(powered(small(design=f"attrition: {attrition}"), n=8))
    (line,) = [one for one in text.splitlines() if one.startswith("Losses: ")]
    return line


@pytest.mark.parametrize(
    ("attrition", "said"),
    [
        ("10 %", "10 % of the mice are expected to die; the power takes this into account"),
        ("{by_arm: {drug: 30 %}}", "mice expected to die: 30 % in drug, none in other groups"),
        ("{loss: 5 %, by_arm: {drug: 30 %}}", "to die: 30 % in drug, 5 % in other groups"),
        ("{samples: {titer: 4 %}}", "of the samples 4 % of titer are expected to be lost"),
        ("{exclusions: 3 %}", "3 % of the mice are expected to be excluded"),
        ("{loss: 10 %, inflate: 90 %}", "keeps its number, in the endpoint that loses most, with"),
    ],
)
def test_losses_are_told_in_sentences(attrition: str, said: str) -> None:
    line = _losses(attrition)
    assert said in line
    assert "0 % die" not in line
    assert ("design.attrition.inflate" in line) == ("inflate" not in attrition)


def test_what_is_expected_is_said() -> None:
    text = told(powered(small(design="attrition: 10 %"), n=14))
    assert "Mice: 28 enrolled; 25.2 of them are expected to be analysed, as a mean over" in text
    assert "Mice: 16 enrolled; all of them are expected" in told(powered(small(), n=8))


def test_no_loss_in_spite_of_many_injections_is_a_caution() -> None:
    said = "a mouse gets up to 6 injections. If some mice die"
    assert said in told(of_catalogue(STUDY))
    assert "design.attrition.inflate enrols more" in told(of_catalogue(STUDY))
    assert "Caution: a mouse" not in told(powered(small(), n=8))


def test_gaps_are_asked_for_where_they_matter_only() -> None:
    text = told(powered(small(design="animals: {sex: both}"), n=8))
    assert "mice only: " not in text
    assert "Why male mice only: " in told(powered(small(design="animals: {sex: male}"), n=8))
    assert "Blood for titer: " in text
    assert "volume per mouse and injection by IP, after" in text
    plan = """
schema_version: 1
id: weighed
question: Is the spleen heavier?
seed: 3
design:
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {spleen: {kind: continuous, day: 5, measured_in: mg, primary: true}}
truth: {spleen: {control: 100 mg, cv: 20 %, response: {model: fold, drug: 2}}}
decision: {n: {from: 4, to: 8}}
"""
    assert "Blood for" not in told(powered(load_text(plan), n=8))
