"""Verdicts on shares and means: how often they are wrong, and how many replicates would decide."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from simulator.auditing.lines.rates import at_least, at_most, mean_at_most, replicates_needed


@pytest.mark.parametrize("total", [20, 200, 500, 5_000])
@pytest.mark.parametrize("level", [0.01, 1e-4])
def test_chance_of_failing_what_is_at_the_limit(total, level):
    counts = np.arange(total + 1)
    verdicts = [at_most(int(c), total, limit=0.05, intolerable=0.1, level=level) for c in counts]
    failed = np.array([verdict == "fail" for verdict in verdicts])
    assert binom.pmf(counts, total, 0.05)[failed].sum() <= level
    passed = np.array([verdict == "pass" for verdict in verdicts])
    assert binom.pmf(counts, total, 0.1)[passed].sum() <= 0.05
    assert failed.any()


@pytest.mark.parametrize("count", [0, 1, 26, 40, 60])
def test_verdict_is_that_of_scipy_s_binomial_test(count):
    above = binomtest(count, 500, 0.05, alternative="greater").pvalue <= 0.001
    below = binomtest(count, 500, 0.1, alternative="less").pvalue <= 0.05
    expected = "fail" if above else "pass" if below else "not enough replicates"
    assert at_most(count, 500, limit=0.05, intolerable=0.1, level=0.001) == expected


def test_at_least_is_the_opposite():
    settings = {"level": 0.001}
    assert at_least(480, 500, limit=0.93, intolerable=0.9, **settings) == "pass"
    assert at_least(430, 500, limit=0.93, intolerable=0.9, **settings) == "fail"
    assert at_least(10, 10, limit=0.93, intolerable=0.9, **settings) == "not enough replicates"


def test_means():
    limits = {"limit": 1.0, "intolerable": 2.0, "level": 0.01}
    assert mean_at_most(1.0, 0.0, **limits) == "pass"
    assert mean_at_most(1.1, 0.0, **limits) == "fail"
    assert mean_at_most(1.5, 0.2, **limits) == "fail"  # 1.5 - 2.326 * 0.2 = 1.035
    assert mean_at_most(1.5, 0.25, **limits) == "pass"  # 1.5 + 1.645 * 0.25 = 1.91
    assert mean_at_most(1.5, 0.4, **limits) == "not enough replicates"
    assert mean_at_most(math.nan, 0.1, **limits) == "not enough replicates"


def test_replicates_needed_decide():
    def verdict(times):
        return at_most(
            round(7 * times), round(100 * times), limit=0.05, intolerable=0.1, level=0.01
        )

    needed = replicates_needed(verdict, 100)
    assert needed is not None
    assert verdict(needed / 100) != "not enough replicates"
    assert verdict(0.8 * needed / 100) == "not enough replicates"
    assert replicates_needed(lambda _: "not enough replicates", 100) is None
