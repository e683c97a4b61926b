"""Assurance: what does not change its numbers, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from scipy import stats

from simulator.evaluation.assurance import assurance, drawn
from simulator.evaluation.power import power
from simulator.evaluation.stored import stored_assurance
from simulator.output.wording.assurance import assurance_lines, needed_for_assurance
from simulator.scenario import Scenario
from simulator.scenario.priors import parameters, priors, with_values
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
    known = {p: float(one.value) for p, one in parameters(scenario) if p in priors(scenario)}
    planned = with_values(scenario, known)
    assert known
    assert not priors(planned)
    of_both = [power(one, n=8, replicates=1_000) for one in (scenario, planned)]
    assert of_both[0].comparisons == of_both[1].comparisons
    assert of_both[0].curve == of_both[1].curve


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


def _quick(fold: str, analysis: str = "") -> Scenario:
    from simulator.scenario_files.loading import load_text

    text = FILE.read_text(encoding="utf-8")
    text = text.replace("{lognormal: [3, 0.2], value: 2.8, source: pilot of 6 mice}", fold)
    return load_text(text + analysis, name="quick").scenario


def test_few_draws_say_nothing_of_single_draws() -> None:
    """The interval of two draws is that of Student's t, 12.7 standard errors."""
    found = assurance(load_scenario(FILE), n=5, draws=2)
    value = found.point.assurance
    reach = stats.t(1).ppf(0.975) * value.mcse
    assert value.ci == pytest.approx((max(0, value.value - reach), min(1, value.value + reach)))
    assert found.point.reached is None
    assert found.to_dict()["power_quantiles"] is None
    words = " ".join(assurance_lines(found))
    assert "2 draws are too few" in words
    assert "90 % of the draws" not in words


def test_findings_opposite_to_the_plan_are_told() -> None:
    found = assurance(_quick("{lognormal: [1.5, 0.7]}"), n=10, draws=60)
    point = found.point
    assert found.other_way is not None
    assert point.planned_way is not None
    assert 0.1 < found.other_way.value < 0.5
    assert point.planned_way.value < point.assurance.value - 0.05
    assert "in the planned direction it is" in " ".join(assurance_lines(found))
    assert stored_assurance(json.loads(json.dumps(found.to_dict()))) == found
    # one-sided nothing of the other direction counts
    one_sided = _quick("{lognormal: [1.5, 0.7]}", "analysis: {alternative: greater}\n")
    assert assurance(one_sided, n=10, draws=3).other_way is None
    # no effect is planned: the likelier direction
    none = assurance(_quick("{lognormal: [1, 1]}"), n=10, draws=40)
    assert "in the likelier direction it is" in " ".join(assurance_lines(none))


def test_more_animals_are_useless_only_where_the_curve_is_flat() -> None:
    rising = assurance(_quick("{lognormal: [1.3, 0.5]}"), n=12, draws=40)
    assert "still rises there: widen decision.n" in needed_for_assurance(rising)
    flat = replace(rising, still_rising=False)
    assert "more animals do not make the effect more certain" in needed_for_assurance(flat)
