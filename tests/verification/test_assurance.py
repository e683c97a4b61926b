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
from simulator.evaluation.power import power
from simulator.scenario_files.loading import load_text

K = 4
DRAWS = 2000
PER_DRAW = 500

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

    # Each draw's power is seen in 500 studies: the share that reaches the target, so blurred
    seen = float(weights @ stats.binom.sf(0.5 * PER_DRAW - 1, PER_DRAW, powers)) / 2
    assert abs(found.reached.value - seen) < K * math.sqrt(seen * (1 - seen) / DRAWS)
    # and the blur is small beside the error of 400 draws (0.025)
    grid = prior.ppf(np.linspace(0, 1, 4002)[1:-1])
    sharp = np.mean(exact_power(np.log(grid) / 0.5) >= 0.5)
    assert abs(sharp - seen) < 0.01


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
