"""The smallest detectable effect by second methods, and put back in as the effect.

Tolerances are 4 standard errors of the difference: a false-alarm rate of 6e-5 per check.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import mannwhitneyu, norm

from simulator import (
    Scenario,
    load_scenario,
    power,
    power_by_enumeration,
    smallest_detectable_effect,
)
from simulator.evaluation.detectable.one_effect import OneEffect, decision_only
from simulator.evaluation.detectable.result import DetectableAt
from simulator.scenario_files import load_text
from simulator.scenario_files.catalogue import catalogue_path

TWO_NORMALS = """
schema_version: 1
id: two-normals
question: Which shift between two normal distributions is detected?
seed: 20261123
design:
  substances: {saline: {role: vehicle}, drug: {role: test}}
  schedules: {daily: {start: 0 d, every: 1 d, count: 3}}
  arms:
    saline: {substance: saline, dose: 10 uL/kg, route: IM, schedule: daily}
    drug: {substance: drug, dose: 10 uL/kg, route: IM, schedule: daily}
  endpoints: {y: {kind: continuous, measured_in: mg, day: 5, distribution: normal}}
truth:
  y: {control: 100 mg, sd: 10 mg, response: {model: fold, drug: 1.2}}
analysis: {method: exact}
decision: {power: 0.80, n: {from: 3, to: 30}}
"""
SD = 10.0


def shift_of(point: DetectableAt) -> tuple[float, float]:
    """Return the detectable shift in standard deviations, and its standard error."""
    effect, fold = point.effects[0], point.fold
    assert fold is not None
    assert fold.low is not None
    assert fold.high is not None
    ends = [100 * (end - 1) / SD for end in (fold.low, fold.high)]
    shift = effect.difference(fold.value)
    assert shift is not None
    return shift / SD, (ends[1] - ends[0]) / (2 * 1.96)


def separated(shift: float, n: int) -> float:
    """Return P(all n treated lie beyond all n controls, either way), by quadrature.

    This is the power of the exact two-sided Mann-Whitney test at 5 % with 4 v 4 animals: only
    complete separation has p = 2/70 = 0.029; one pair out of order has 4/70 = 0.057.
    """

    def density(x: float, d: float) -> float:  # of the largest control, all treated above it
        return float(n * norm.pdf(x) * norm.cdf(x) ** (n - 1) * norm.sf(x - d) ** n)

    return sum(quad(density, -12, 12, args=(d,), epsabs=1e-12)[0] for d in (shift, -shift))


def test_four_against_four_by_quadrature() -> None:
    scenario = load_text(TWO_NORMALS).scenario
    found = smallest_detectable_effect(scenario, n=4, replicates=40_000)
    exact = brentq(lambda d: separated(d, 4) - 0.80, 0.5, 6)
    shift, error = shift_of(found.points[0])
    assert abs(shift - exact) <= 4 * error
    assert error < 0.01 * exact  # so that this says something


@pytest.mark.parametrize("n", [8, 20])
def test_scipy_has_the_target_power_at_the_detectable_shift(n: int) -> None:
    scenario = load_text(TWO_NORMALS).scenario
    found = smallest_detectable_effect(scenario, n=n, replicates=40_000)
    shift, _ = shift_of(found.points[0])
    replicates = 20_000
    x, y = np.random.default_rng(20261124).normal(size=(2, replicates, n))
    p = mannwhitneyu(x, y + shift, axis=1, method="exact").pvalue
    share = float((p <= 0.05).mean())
    error = math.sqrt(0.8 * 0.2 * (1 / replicates + 1 / 40_000))
    assert abs(share - 0.80) <= 4 * error


def test_a_titer_by_enumeration_of_every_outcome() -> None:
    text = TWO_NORMALS.replace("continuous, measured_in: mg", "titer").replace(
        ", distribution: normal", ""
    )
    text = text.replace("control: 100 mg, sd: 10 mg", "control: 60, sd_log2: 0.8")
    replicates = 40_000
    found = smallest_detectable_effect(load_text(text).scenario, n=5, replicates=replicates)
    fold = found.points[0].fold
    assert fold is not None
    put_in = load_text(text.replace("drug: 1.2", f"drug: {fold.value!r}")).scenario
    exact = power_by_enumeration(put_in, n=5).comparisons[0].power
    assert abs(exact - 0.80) <= 4 * math.sqrt(0.8 * 0.2 / replicates)


def test_in_a_file_of_its_own_it_gives_the_target() -> None:
    path = catalogue_path("quick-start")
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert text.count("drug: 3") == 1
    replicates = 20_000
    found = smallest_detectable_effect(load_text(text).scenario, n=7, replicates=replicates)
    fold = found.points[0].fold
    assert fold is not None
    other = load_text(text.replace("drug: 3", f"drug: {fold.value!r}"), seed=77).scenario
    (comparison,) = power(other, n=7, replicates=replicates).comparisons
    error = math.sqrt(0.8 * 0.2 * 2 / replicates)
    assert abs(comparison.power.value - 0.80) <= 4 * error
    # the truth beside that power is another sample of animals, the same but for its seed
    relative, beside = found.points[0].effects[0].relative_effect, comparison.relative_effect
    assert abs(relative.value - beside.value) <= 4 * math.hypot(relative.mcse, beside.mcse)


def changed(name: str, of: str) -> Scenario:
    scenario = load_scenario(name)
    wish = scenario.decision.power.model_copy(update={"of": of})
    decision = scenario.decision.model_copy(update={"power": wish})
    return scenario.model_copy(update={"decision": decision})


@pytest.mark.parametrize(
    ("name", "n", "of", "direction"),
    [
        ("quick-start", 4, "each", "up"),
        ("quick-start", 12, "each", "down"),
        ("pilot-to-confirmatory", 15, "each", "up"),
        pytest.param("suppression-and-rescue", 6, "each", "up", marks=pytest.mark.long),
        ("whole-cage-arms", 10, "each", "up"),
        pytest.param("schedule-matters", 8, "any", "up", marks=pytest.mark.long),
        pytest.param("schedule-matters", 8, "all", "down", marks=pytest.mark.long),
        pytest.param("two-day-kill", 6, "each", "up", marks=pytest.mark.long),
        pytest.param("arm-by-arm-kill", 6, "all", "up", marks=pytest.mark.long),
    ],
)
def test_put_back_in_it_gives_the_target(name: str, n: int, of: str, direction: str) -> None:
    scenario = changed(name, of)
    replicates = 10_000
    found = smallest_detectable_effect(
        scenario,
        n=n,
        direction=direction,  # type: ignore[arg-type]
        replicates=replicates,
    )
    fold = found.points[0].fold
    assert fold is not None
    put_in = OneEffect(decision_only(scenario)).put_in(fold.value)
    fresh = put_in.model_copy(update={"seed": scenario.seed + 1})
    point = next(p for p in power(fresh, n=n, replicates=replicates).curve if p.n == n)
    target = found.target
    error = math.sqrt(target * (1 - target) * 2 / replicates)
    assert abs(point.target.value - target) <= 4 * error
