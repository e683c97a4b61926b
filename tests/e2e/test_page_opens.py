"""The planner page opens in a real browser, answers a change, and gives the plan away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.scenario_files import load_text
from tests.e2e.page_steps import DOSE, STUDY, curve, new_curve, person, taken

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

#: So small a question that its answers take no time.
_SMALL = f"{STUDY}&set=decision.n.to%3D8&set=decision.replicates%3D1000"


def test_a_dose_is_changed_and_the_plan_taken_away(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    with person(browser, address + _SMALL) as page:
        before = curve(page)
        page.get_by_label(DOSE).fill("40 uL/kg")
        new_curve(page, before)
        text = taken(page, "Scenario (YAML)", tmp_path).read_text(encoding="utf-8")
    arm = load_text(text).scenario.design.arms["secretome-im-10"]
    assert arm.regimens[0].dose.volume == 40  # µL/kg
