"""Which mice die is said by arm, and never that 0 % do where some do."""

from __future__ import annotations

import pytest

from simulator.output.wording.laboratory import losses_text
from simulator.scenario.attrition import Attrition


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        ({"by_arm": {"high": 0.3}}, "30 % of arm high die, and none of the other arms"),
        (
            {"by_arm": {"high": 0.3, "low": 0.3, "control": 0}},
            "30 % of arm high, 30 % of arm low die, and none of the other arms",
        ),
        ({"loss": 0.05, "by_arm": {"high": 0.3}}, "5 % die (high 30 %)"),
        ({"loss": 0.05, "by_arm": {"control": 0}}, "5 % die (control 0 %)"),
        ({"loss": 0.05}, "5 % die"),
        ({}, ""),
    ],
)
def test_who_dies(losses: dict[str, object], told: str) -> None:
    assert losses_text(Attrition.model_validate(losses)) == told
