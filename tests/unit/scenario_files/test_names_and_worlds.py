"""Names that are nothing, and what a world makes of the numbers of nature."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import catalogue, load_scenario, load_text


def test_a_name_that_is_nothing_is_answered_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no such file, folder or scenario; afcsim scenarios"):
        load_scenario("qqqqqqq")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("nothere")
    assert "suppression-and-rescue" not in str(caught.value)
    (tmp_path / "my-study.yaml").write_text("schema_version: 1\n")
    with pytest.raises(ScenarioError, match=r'did you mean ".*my-study\.yaml"\?'):
        load_scenario(tmp_path / "my-studdy.yaml")
    with pytest.raises(ScenarioError, match="no such file, folder or scenario; afcsim"):
        load_scenario(tmp_path / "none" / "my-study.yaml")


def test_a_number_that_only_a_world_says_is_assumed() -> None:
    """A world is a set of assumptions; evidence that it states for a number is kept."""
    text = catalogue()[1].path.read_text(encoding="utf-8")
    assert catalogue()[1].id == "secretome-healthy-mice"
    measured = "{value: 0.8, status: measured, source: own pilot}"
    text = text.replace(
        "    no-effect:", f"    ours: {{truth.variability.afc.sd_ln: {measured}}}\n    no-effect:"
    )
    spread = load_text(text, world="pessimistic").scenario.truth.variability.endpoints["afc"].sd_ln
    assert spread is not None
    assert (spread.value, spread.status) == (0.9, "assumed")
    assert spread.source == "taken for the world pessimistic"
    own = load_text(text, world="ours").scenario.truth.variability.endpoints["afc"].sd_ln
    assert own is not None
    assert (own.value, own.status, own.source) == (0.8, "measured", "own pilot")
    planned = load_text(text).scenario.truth.effects["secretome"].IM
    lower = load_text(text, world="pessimistic").scenario.truth.effects["secretome"].IM
    assert planned is not None
    assert planned.emax is not None
    assert lower is not None
    assert lower.emax is not None
    assert (planned.emax.status, lower.emax.status) == ("fitted", "assumed")


def test_a_spread_of_another_form_in_a_world_is_assumed() -> None:
    text = catalogue()[1].path.read_text(encoding="utf-8")
    text = text.replace(
        "    no-effect:",
        "    other: {truth.variability.afc.cv: 70 %}\n    no-effect:",
    )
    other = load_text(text, world="other").scenario.truth.variability.endpoints["afc"]
    assert other.cv is not None
    assert (other.cv.status, other.sd_ln) == ("assumed", None)
