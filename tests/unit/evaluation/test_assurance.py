"""Assurance: what does not change its numbers, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.evaluation.assurance import DRAWS, assurance, drawn
from simulator.evaluation.power import power
from simulator.evaluation.stored import stored_assurance
from simulator.scenario.priors import priors
from simulator.scenario_files import load_scenario

FILE = Path(__file__).parents[2] / "scenarios" / "valid" / "priors.yaml"


def test_threads_and_further_draws_change_no_number() -> None:
    scenario = load_scenario(FILE)
    one = assurance(scenario, n=5, draws=6, threads=1)
    assert one.to_dict() == assurance(scenario, n=5, draws=6, threads=2).to_dict()
    more = assurance(scenario, n=5, draws=9, threads=2)
    assert more.powers[:6] == one.powers


def test_a_draw_is_the_study_with_these_numbers() -> None:
    """The power of draw 0 is that of an ordinary run of its scenario."""
    scenario = load_scenario(FILE)
    found = assurance(scenario, n=5, draws=1)
    alone = power(drawn(scenario, block=0), n=5, replicates=500)
    (afc,) = [c for c in alone.comparisons if c.endpoint == "afc"]
    assert found.powers[0] == afc.power.value


def test_nothing_is_drawn_where_nothing_is_unknown() -> None:
    scenario = load_scenario("quick-start")
    assert drawn(scenario, block=3) == scenario
    with pytest.raises(ValueError, match="no number of truth is a distribution"):
        assurance(scenario)
    with pytest.raises(ValueError, match="draws must be at least 1"):
        assurance(load_scenario(FILE), draws=0)


def test_power_itself_stays_conditional_on_the_planned_values() -> None:
    scenario = load_scenario(FILE)
    planned = drawn(scenario, block=0)  # any scenario without priors
    assert not priors(planned)
    assert priors(scenario)
    assert DRAWS >= 100


def test_it_is_read_back_as_it_was_written() -> None:
    found = assurance(load_scenario(FILE), n=5, draws=4)
    again = stored_assurance(json.loads(json.dumps(found.to_dict())))
    assert again == found


def test_intervals_are_never_empty() -> None:
    """Where every study of every draw shows the effect, the interval still has a width."""
    text = FILE.read_text(encoding="utf-8").replace("[3, 0.2], value: 2.8", "[300, 0.001]")
    from simulator.scenario_files.loading import load_text

    found = assurance(load_text(text, name="sure").scenario, n=12, draws=3).to_dict()
    assert found["assurance"]["value"] == 1.0
    assert found["assurance"]["ci"][0] < 1.0
    json.dumps(found)
