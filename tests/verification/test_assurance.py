"""Assurance against quadrature over the prior of a power that is computed without simulation.

Three against three, one-sided at 0.05: the exact test rejects where every treated value is above
every control value (p = 1/20), so with normal values its power is one integral. Prior draws,
engine and test are the program's; integral and quadrature are this file's.

Tolerance: 4 standard errors of the simulation (two-sided false-alarm rate 6.3e-5 per check, about
twenty checks: one seed in eight hundred fails a correct program). The seeds were not searched for.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.evaluation.assurance import assurance, drawn
from simulator.evaluation.assurance_result import QUANTILES
from simulator.evaluation.power import power
from simulator.scenario_files.loading import load_text

K = 4
DRAWS = 2000

STUDY = """
schema_version: 1
id: three-against-three
question: What does the smallest study show, as far as we know?
seed: {seed}
design:
  arms:
    saline: {{role: control}}
    drug: {{role: test}}
  endpoints:
    y: {{kind: continuous, day: 7, measured_in: mg}}
truth:
  y: {{control: 10 mg, sd_ln: {spread}, response: {{model: fold, drug: {fold}}}}}
analysis:
  method: exact
  alternative: greater
decision:
  power: {target}
  n: {{from: 3, to: 4}}
"""


#: Gauss-Legendre nodes over the values of saline that matter (beyond 9 sd: 1e-19).
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def exact_power(shift):
    """P(every one of 3 normal values, moved by ``shift``, exceeds every one of 3 others)."""
    x = 9 * NODES
    density = 27 * WEIGHTS * stats.norm.pdf(x) * stats.norm.cdf(x) ** 2
    return stats.norm.sf(x - np.asarray(shift)[..., None]) ** 3 @ density


def _study(*, fold: str, spread: str = "0.5", target: float = 0.5, seed: int = 20261122):
    return load_text(
        STUDY.format(fold=fold, spread=spread, target=target, seed=seed), name="study"
    ).scenario


def test_the_integral_is_the_power_of_the_fixed_study() -> None:
    """Once by another integrator, once by the program's ordinary power."""
    again, _ = integrate.quad(
        lambda x: 3 * stats.norm.pdf(x) * stats.norm.cdf(x) ** 2 * stats.norm.sf(x - 2.0) ** 3,
        -9,
        9,
        epsabs=1e-12,
    )
    assert float(exact_power(2.0)) == pytest.approx(again, abs=1e-9)
    found = power(_study(fold="3"), n=3, replicates=40_000).comparisons[0].power
    expected = float(exact_power(math.log(3) / 0.5))
    assert abs(found.value - expected) < K * math.sqrt(expected * (1 - expected) / 40_000)


@pytest.mark.parametrize(
    ("written", "prior"),
    [
        ("{lognormal: [3, 0.4]}", stats.lognorm(0.4, scale=3)),
        ("{uniform: [1.5, 6]}", stats.uniform(1.5, 4.5)),
        ("{normal: [3, 1]}", stats.truncnorm(-3, np.inf, loc=3)),
    ],
)
def test_assurance_is_the_integral_of_power_over_the_prior(written, prior) -> None:
    nodes, weights = np.polynomial.legendre.leggauss(80)
    folds = prior.ppf((nodes + 1) / 2)
    powers = exact_power(np.log(folds) / 0.5)
    expected = float(weights @ powers) / 2
    found = assurance(_study(fold=written), n=3, draws=DRAWS).point
    assert abs(found.assurance.value - expected) < K * found.assurance.mcse

    grid = exact_power(np.log(prior.ppf(np.linspace(0, 1, 4002)[1:-1])) / 0.5)
    assert abs(found.reached.value - np.mean(grid >= 0.5)) < K * found.reached.mcse
    # a quantile of m draws: its share is a beta variable, sd sqrt(q (1 - q) / m)
    for share, quantile in zip(QUANTILES, found.quantiles, strict=True):
        error = K * math.sqrt(share * (1 - share) / DRAWS)
        low, high = np.quantile(grid, (max(0.0, share - error), share + error))
        assert low - 0.005 < quantile < high + 0.005  # 0.005: the regression's own error


ARMS = "abcdef"


def _six(spread: str, target: float):
    """Six equal arms against one control, each tested alone: one power, seen six times."""
    text = STUDY.format(fold=3, spread=spread, target=target, seed=20261124)
    text = text.replace("    drug: {role: test}\n", "")
    text = text.replace(
        "  endpoints:\n", "".join(f"    {a}: {{role: test}}\n" for a in ARMS) + "  endpoints:\n", 1
    )
    text = text.replace("drug: 3", ", ".join(f"{a}: 3" for a in ARMS))
    text = text.replace(
        "  alternative: greater\n",
        "  alternative: greater\n  families: {all: {endpoint: y, arms: [a, b, c, d, e, f], "
        "against: saline, adjust: none}}\n",
    )
    text = text.replace(f"power: {target}", f"power: {{target: {target}, of: each, family: all}}")
    return load_text(text, name="six").scenario


def test_the_least_of_several_comparisons_is_not_taken_for_less_than_it_is() -> None:
    """As seen in 500 studies the least of six equal powers is 0.02 too small.

    The true power is one integral: it is at the target where sd_ln is at ``crossing``.
    """
    target = float(exact_power(math.log(3) / 0.5))
    wide = assurance(_six("{uniform: [0.42, 0.6]}", target), n=3, draws=DRAWS)
    expected = (0.5 - 0.42) / (0.6 - 0.42)
    assert abs(wide.point.reached.value - expected) < K * wide.point.reached.mcse
    noisy = np.mean(np.array(wide.powers) >= target)
    assert noisy < expected - K * wide.point.reached.mcse  # what was once printed

    # every draw is above the target, by less than the error of 500 studies
    narrow = assurance(_six("{uniform: [0.48, 0.482]}", target), n=3, draws=DRAWS)
    assert exact_power(math.log(3) / 0.482) > target + 0.015
    assert narrow.point.reached.value == 1.0
    assert np.mean(np.array(narrow.powers) >= target) < 0.8
    truth = exact_power(math.log(3) / np.array([0.482, 0.48]))
    # least of six fits, p of 7 coefficients: sd below 0.022 sqrt(7 / 2000) = 0.0013, four of them
    assert truth[0] - 0.0053 < narrow.point.quantiles[0]
    assert narrow.point.quantiles[-1] < truth[1] + 0.0053


@pytest.mark.long
def test_the_interval_of_the_share_that_reaches_the_target_covers_it() -> None:
    target, expected = float(exact_power(math.log(3) / 0.5)), (0.5 - 0.42) / (0.6 - 0.42)
    inside = 0
    for seed in range(100):
        study = _six("{uniform: [0.42, 0.6]}", target).model_copy(update={"seed": seed})
        low, high = assurance(study, n=3, draws=200).point.reached.ci
        inside += low <= expected <= high
    # nominal 95 %, up to 3 points less by the error of the least of six fits: false alarm 1e-4
    assert inside >= stats.binom(100, 0.92).ppf(1e-4)


def test_findings_opposite_to_the_plan_are_told_apart() -> None:
    """Two-sided at 0.1: all values of one arm above all of the other, either way."""
    text = STUDY.format(fold="{lognormal: [1.5, 0.7]}", spread="0.5", target=0.5, seed=20261125)
    text = text.replace(
        "alternative: greater",
        "alternative: two-sided\n"
        "  families: {all: {endpoint: y, arms: drug, against: saline, alpha: 0.1}}",
    )
    found = assurance(load_text(text, name="two-sided").scenario, n=3, draws=DRAWS)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    shift = np.log(stats.lognorm(0.7, scale=1.5).ppf((nodes + 1) / 2)) / 0.5
    both = exact_power(shift) + exact_power(-shift)
    value, way = found.point.assurance, found.point.planned_way
    assert abs(value.value - float(weights @ both) / 2) < K * value.mcse
    # the jump at no effect lies between two of 400 nodes: below 0.1 / 400
    assert abs(way.value - float(weights @ (both * (shift > 0))) / 2) < K * way.mcse + 0.0003
    other = stats.lognorm(0.7, scale=1.5).cdf(1.0)
    assert abs(found.other_way.value - other) < K * found.other_way.mcse
    # what is in the planned direction indeed differs little: by the alpha of draws near no effect
    exact = float(weights @ exact_power(shift)) / 2
    assert abs(exact - float(weights @ (both * (shift > 0))) / 2) < 0.01


def test_two_priors_are_drawn_independently() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(40)
    shares = (nodes + 1) / 2
    folds, spreads = stats.lognorm(0.3, scale=3).ppf(shares), stats.uniform(0.3, 0.5).ppf(shares)
    powers = exact_power(np.log(folds)[:, None] / spreads)
    expected = float(weights @ powers @ weights) / 4
    found = assurance(
        _study(fold="{lognormal: [3, 0.3]}", spread="{uniform: [0.3, 0.8]}"), n=3, draws=DRAWS
    ).point
    assert abs(found.assurance.value - expected) < K * found.assurance.mcse


def test_the_error_of_an_assurance_is_that_of_its_draws() -> None:
    """Forty seeds: standardised deviations from the integral have the spread of a normal."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    folds = stats.lognorm(0.4, scale=3).ppf((nodes + 1) / 2)
    expected = float(weights @ exact_power(np.log(folds) / 0.5)) / 2
    away = []
    for seed in range(40):
        found = assurance(_study(fold="{lognormal: [3, 0.4]}", seed=seed), n=3, draws=100).point
        away.append((found.assurance.value - expected) / found.assurance.mcse)
    # the sum of squares is about chi-squared (heavier by t with 99 df: 2 %), two-sided 1e-4
    low, high = stats.chi2(40).ppf([5e-5, 1 - 5e-5])
    assert low < sum(x * x for x in away) / (99 / 97) < high


def test_draws_follow_their_prior() -> None:
    scenario = _study(fold="{lognormal: [3, 0.4]}")
    seen = [
        drawn(scenario, block=b).truth.endpoints["y"].response.folds["drug"].value
        for b in range(500)
    ]
    assert stats.kstest(seen, stats.lognorm(0.4, scale=3).cdf).pvalue > 1e-4
