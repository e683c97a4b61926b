"""Adjusted p-values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.analysis import adjust
from simulator.analysis.multiplicity import ADJUSTMENT_CODES, adjust_into, rejects
from tests.second_opinion import ranks

METHODS = ["none", "bonferroni", "holm", "hochberg", "bh"]


@pytest.mark.parametrize("method", METHODS)
def test_agrees_with_the_second_opinion(method):
    rng = np.random.default_rng(3)
    for size in range(1, 12):
        p = np.round(rng.beta(0.5, 2, size), 2)  # rounded, so that some are equal
        expected = ranks.adjust(p_values=p.tolist(), method=method)
        assert adjust(p, method).tolist() == pytest.approx(expected, rel=1e-14)


def test_fixed_sequence_stops_at_the_first_failure():
    assert adjust([0.01, 0.04, 0.03, 0.2, 0.001], "fixed-sequence").tolist() == [
        0.01,
        0.04,
        0.04,
        0.2,
        0.2,
    ]


def test_fixed_sequence_stops_at_a_test_that_could_not_be_made():
    found = adjust([0.01, math.nan, 0.001], "fixed-sequence")
    assert found.tolist() == pytest.approx([0.01, math.nan, 1.0], nan_ok=True)
    assert [rejects(p, 0.05) for p in found] == [True, False, False]


@pytest.mark.parametrize("method", METHODS)
def test_missing_tests_are_not_counted(method):
    found = adjust([math.nan, 0.02, 0.03, math.nan], method)
    without = adjust([0.02, 0.03], method)
    assert np.isnan(found[[0, 3]]).all()
    assert found[[1, 2]].tolist() == without.tolist()


@pytest.mark.parametrize("method", [*METHODS, "fixed-sequence"])
def test_nothing_to_adjust(method):
    assert adjust([], method).tolist() == []
    assert np.isnan(adjust([math.nan], method)).all()


def test_steel_is_not_made_of_p_values():
    with pytest.raises(ValueError, match="adjust steel needs the data, not p-values"):
        adjust([0.01, 0.02], "steel")
    with pytest.raises(ValueError, match='unknown adjustment "holmes"; allowed: none, bonferroni'):
        adjust([0.01, 0.02], "holmes")


def test_kernel_needs_no_clean_scratch_and_leaves_p_alone():
    p = np.array([0.03, 0.01, 0.02])
    out = np.full(3, -1.0)
    adjust_into(p, np.array([7, 7, 7, 7, 7]), out, ADJUSTMENT_CODES["holm"])
    assert p.tolist() == [0.03, 0.01, 0.02]
    assert out.tolist() == pytest.approx([0.04, 0.03, 0.04])


def test_rejects_on_alpha_and_never_on_nan():
    assert rejects(0.05, 0.05)
    assert rejects(0.05 * (1 + 5e-10), 0.05)  # rounding must not decide
    assert not rejects(0.05 * (1 + 2e-9), 0.05)
    assert not rejects(math.nan, 0.05)


def test_unknown_method_is_refused():
    with pytest.raises(ValueError, match='unknown adjustment "sidak"; allowed: none, bonferroni'):
        adjust([0.1], "sidak")
