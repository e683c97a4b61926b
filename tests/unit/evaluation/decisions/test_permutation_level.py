"""The decision of the permutation test without its p-value: always that of the p-value."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.analysis.multiplicity import rejects
from simulator.analysis.permutation import permutation_p
from simulator.evaluation.decisions.permutation_level import permutation_level
from simulator.evaluation.decisions.thresholds import UNTESTABLE

THRESHOLDS = np.array([1.5, 1.0, 0.7, 0.3, 0.05, 0.04, 0.02, 0.01, 0.002, 1e-6])


def level(p, thresholds):
    passed = 0
    while passed < len(thresholds) and rejects(p, thresholds[passed]):
        passed += 1
    return passed


@pytest.mark.parametrize("code", [0, 1, -1])
@pytest.mark.parametrize(("m", "n"), [(2, 3), (5, 5), (7, 12), (11, 10)])
def test_level_is_that_of_the_p_value(m, n, code):
    """Random and complete lists, tied; p-values that are thresholds themselves included."""
    rng = np.random.default_rng([m, n, code + 1])
    for shift in np.linspace(-2, 2, 25):
        for levels in (2, 5, 12):
            x = np.sort(np.clip(rng.normal(levels / 2 + shift, levels / 4, m).round(), 0, levels))
            y = np.sort(np.clip(rng.normal(levels / 2, levels / 4, n).round(), 0, levels))
            p = permutation_p(x, y, code, 999)
            if math.isnan(p):
                assert permutation_level(x, y, code, 999, THRESHOLDS) == UNTESTABLE
                continue
            assert permutation_level(x, y, code, 999, THRESHOLDS) == level(p, THRESHOLDS)
            # the most adversarial ones: p itself, and just out of tolerance below it
            for threshold in (p, p * (1 - 1e-8), 0.05):
                one = np.array([threshold])
                assert permutation_level(x, y, code, 999, one) == rejects(p, threshold)


def test_level_of_untied_data():
    rng = np.random.default_rng(5)
    for shift in (0.0, 0.6, 0.9, 1.2):
        x, y = np.sort(rng.normal(shift, 1, 10)), np.sort(rng.normal(0, 1, 10))
        found = permutation_level(x, y, 0, 99, THRESHOLDS)
        assert found == level(permutation_p(x, y, 0, 99), THRESHOLDS)


def test_no_level_without_a_test():
    """Too small an arm, an empty one, all equal."""
    for x, y in (([], [1.0, 2]), ([1.0, 2], [1.0]), ([3.0, 3], [3.0, 3])):
        assert permutation_level(np.array(x), np.array(y), 0, 99, THRESHOLDS) == UNTESTABLE
    x, y = np.array([1.0, 1, 2]), np.array([1.0, 3])
    assert permutation_level(x, y, 0, 99, np.zeros(0)) == 0
