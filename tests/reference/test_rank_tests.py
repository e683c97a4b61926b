"""Our rank tests against R's, on the data sets of rank_tests.R."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from simulator.analysis import adjust
from simulator.analysis.effect import hodges_lehmann
from simulator.analysis.trend import jonckheere

from .agreement import (
    CLOSE,
    agree_on_mid_p,
    agree_with_exactranktests,
    agree_with_r,
    is_tied,
)

REFERENCE = json.loads(Path(__file__).with_name("rank_tests.json").read_text())
CASES = REFERENCE["cases"]


def _ids(case: dict) -> str:
    return f"{case['kind']}-{len(case['x'])}v{len(case['y'])}"


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_p_values_are_those_of_r(case):
    """coin gives the exact ones, wilcox.test the rest and the choice between them."""
    agree_with_r(case)


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_exact_p_values_are_those_of_exactranktests(case):
    """A second R package, with its own code."""
    agree_with_exactranktests(case)


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_mid_p_values_are_those_of_coin(case):
    """coin's midpvalue: the exact p less half the mass of the outcomes exactly as extreme."""
    agree_on_mid_p(case)


def test_one_p_value_of_exactranktests_is_rounded_away():
    """The two-sided p that differs: coin and every outcome counted say 0.388, it says 0.274."""
    differ = [c for c in CASES if abs(c["exact"][0] - c["exact_rank_tests"][0]) > 1e-10]
    assert [_ids(case) for case in differ] == ["heavy-7v18"]


@pytest.mark.parametrize("case", [c for c in CASES if "shift" in c], ids=_ids)
def test_hodges_lehmann_interval_is_that_of_r(case):
    """wilcox.test(conf.int = TRUE), on the shift scale and, of exp(data), on the ratio scale."""
    x, y = np.sort(case["x"]), np.sort(case["y"])
    low, high, estimate = case["shift"]
    pool = [*case["x"], *case["y"]]
    untied = len(set(pool)) == len(pool) and max(len(x), len(y)) < 50
    moved = 1 + max(x.max(), y.max())  # so that no value is positive
    shift = hodges_lehmann(x - moved, y - moved, exact=untied)
    ratio = hodges_lehmann(np.exp(x), np.exp(y), exact=untied)
    assert (shift.scale, ratio.scale) == ("shift", "ratio")
    # R finds the tied interval by a root search to about 1e-10 of the data's scale
    assert shift.interval == pytest.approx((low, high), rel=1e-8, abs=1e-8)
    logs = [math.log(limit) for limit in ratio.interval]
    assert logs == pytest.approx([low, high], rel=1e-8, abs=1e-8)
    if untied:  # with ties R estimates otherwise: a root of the test statistic
        assert shift.estimate == pytest.approx(estimate, rel=1e-8, abs=1e-8)
        assert math.log(ratio.estimate) == pytest.approx(estimate, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("case", REFERENCE["adjust"])
@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg", "bh"])
def test_adjusted_p_values_are_those_of_r(case, method):
    """p.adjust, with NA where a test could not be made."""
    p = [math.nan if value is None else value for value in case["p"]]
    expected = [math.nan if value is None else value for value in case[method]]
    assert adjust(p, method).tolist() == pytest.approx(expected, rel=1e-13, nan_ok=True)


@pytest.mark.parametrize("case", REFERENCE["trend"])
def test_trend_is_kendalls_test_of_arm_number_and_value(case):
    """cor.test(method = "kendall") has the same statistic and tie-corrected variance."""
    edges = np.cumsum(case["sizes"])[:-1]
    groups = np.split(np.array(case["value"], dtype=float), edges)
    found = jonckheere(groups, method="asymptotic")
    assert found.z == pytest.approx(case["z"], **CLOSE)
    assert found.p_value == pytest.approx(case["p"], **CLOSE)


def test_the_reference_is_varied():
    """At least 520 different tied data sets of many kinds, and both sides of the auto rule."""
    tied = [case for case in CASES if is_tied(case)]
    assert len({(tuple(case["x"]), tuple(case["y"])) for case in tied}) >= 520
    assert len({case["kind"] for case in tied}) == 10
    assert sum(len(case["x"]) != len(case["y"]) for case in tied) > 200
    assert sum(min(len(case["x"]), len(case["y"])) >= 30 for case in tied) >= 9
    exact = sum(case["auto"] == case["exact"] for case in CASES)
    assert 40 <= exact <= len(CASES) - len(tied)
    assert any(len(case["x"]) == 50 for case in CASES)
