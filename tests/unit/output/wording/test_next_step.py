"""What to do where no n of the range is enough: nothing that the simulation contradicts."""

from __future__ import annotations

import re
from statistics import NormalDist

import pytest

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.power_result import CurvePoint
from simulator.evaluation.sizing.beyond import reached_beyond
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.evaluation.sizing.size_result import SampleSizeResult
from simulator.output.wording.next_step import next_step
from simulator.scenario import Scenario
from simulator.scenario_files import load_scenario


def _up_to(name: str, top: int, *, replicates: int = 2000) -> tuple[SampleSizeResult, str]:
    """Return the answer about a catalogue scenario with another top of its range, and advice."""
    scenario = _cut(load_scenario(name), top)
    found = find_sample_size(scenario, replicates=replicates)
    return found, next_step(found, scenario) or ""


def _cut(scenario: Scenario, top: int) -> Scenario:
    n = scenario.decision.n.model_copy(update={"stop": top})
    decision = scenario.decision.model_copy(update={"n": n})
    return scenario.model_copy(update={"decision": decision})


def _curve(ns: range, *, slope: float, start: float = -1.5) -> list[CurvePoint]:
    """Return a curve whose power is Phi(start + slope sqrt(n)) in a million studies."""
    total, law = 1_000_000, NormalDist()
    powers = [Probability(round(total * law.cdf(start + slope * n**0.5)), total) for n in ns]
    return [
        CurvePoint(n, {"a": n}, (power,), power, power, power, power)
        for n, power in zip(ns, powers, strict=True)
    ]


@pytest.mark.parametrize("target", [0.8, 0.9])
def test_a_curve_that_is_as_the_law_says_is_followed_to_the_target(target: float) -> None:
    law = NormalDist()
    exact = ((law.inv_cdf(target) + 1.5) / 0.5) ** 2
    found = reached_beyond(_curve(range(3, 13), slope=0.5), target=target)
    assert found is not None
    assert exact <= found <= exact + 1.1  # a whole number of animals, on rounded powers


def test_a_curve_that_says_too_little_is_not_followed() -> None:
    assert reached_beyond(_curve(range(3, 13), slope=0.2), target=0.8) is None  # 0.21 at the top
    assert reached_beyond(_curve(range(3, 13), slope=-0.1, start=0.5), target=0.8) is None
    assert reached_beyond(_curve(range(12, 13), slope=0.5), target=0.8) is None  # one point
    assert reached_beyond(_curve(range(3, 13), slope=0.4), target=0.99999) is None  # far away


def test_too_short_a_range_is_raised_to_where_the_curve_points() -> None:
    found, step = _up_to("pilot-to-confirmatory", 10)
    assert found.status == "infeasible"
    said = re.match(
        r"raise decision\.n\.to, now 10, to (\d+), say: the simulated curve points to the target "
        r"at about n = (\d+); or ask for a stronger effect or less power$",
        step,
    )
    assert said is not None, step
    top, about = int(said[1]), int(said[2])
    longer, _ = _up_to("pilot-to-confirmatory", top)
    assert longer.n_per_arm is not None
    assert 10 < longer.n_per_arm <= top
    assert abs(about - longer.n_per_arm) <= 0.25 * longer.n_per_arm


def test_the_formulas_speak_where_the_curve_is_too_low() -> None:
    found, step = _up_to("pilot-to-confirmatory", 4)
    assert found.power.value < 0.3
    answers = sorted(check.n_per_arm for check in found.cross_checks if check.n_per_arm)
    if found.warnings:
        assert "formulas" not in step
    else:
        assert f"well above the formulas' n of about {answers[0]}" in step


def test_power_of_false_alarms_is_not_to_be_raised() -> None:
    """Regression: 25 animals of the formulas, though the curve was just below the target."""
    found, step = _up_to("arm-by-arm-kill", 10)
    assert found.status == "infeasible"
    assert step == (
        "mend what makes the false alarms, which are part of this power (afcsim diagnose says "
        "what it is); then search again"
    )


def test_unresolved_tells_both_ways_to_a_number() -> None:
    """The largest n in question is certified when the search begins there, as the advice says."""
    scenario = load_scenario("quick-start")
    decision = scenario.decision.model_copy(
        update={"replicates": 200, "max_replicates": 400, "n": scenario.decision.n}
    )
    poor = scenario.model_copy(update={"decision": decision})
    found = find_sample_size(poor)
    assert found.status == "unresolved"
    largest = max(found.candidates)
    advice = next_step(found, poor)
    assert advice is not None
    assert f"(decision.n.from: {largest})" in advice
    assert "(decision.max_replicates: 2000)" in advice
    n = decision.n.model_copy(update={"start": largest})
    rich = scenario.decision.model_copy(update={"n": n})
    again = find_sample_size(scenario.model_copy(update={"decision": rich}))
    assert (again.status, again.n_per_arm) == ("certified", largest)
