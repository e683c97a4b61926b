"""Every test, method and adjustment a plan can choose reaches the rows."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.analysis import analyse, brunner_munzel, mann_whitney, permutation
from simulator.analysis.steel_family import steel
from simulator.analysis.trend import jonckheere
from simulator.errors import DataError
from simulator.scenario.analysis_plan import AnalysisPlan, Trend
from tests.unit.analysis.bench_tables import DRUG, SALINE, family, only, table


def test_every_family_has_its_own_test_and_method():
    arms = {"saline": SALINE, "drug": DRUG}
    plan = AnalysisPlan(
        method="asymptotic",
        families={
            "plain": family(),
            "exact": family(method="exact"),
            "bm": family(test="brunner_munzel"),
            "perm": family(test="permutation"),
        },
    )
    rows = {row.family: row for row in analyse(table(arms), plan).comparisons}
    assert {name: (row.test, row.method) for name, row in rows.items()} == {
        "plain": ("mann_whitney", "asymptotic"),
        "exact": ("mann_whitney", "exact"),
        "bm": ("brunner_munzel", "brunner-munzel t"),
        "perm": ("permutation", "permutation (complete)"),
    }
    assert rows["exact"].p_value == mann_whitney(DRUG, SALINE, method="exact").p_value
    assert rows["bm"].p_value == brunner_munzel(DRUG, SALINE).p_value
    assert rows["perm"].p_value == permutation(DRUG, SALINE).p_value
    assert rows["perm"].convention == "doubling"
    assert len({row.u for row in rows.values()}) == 1
    assert len({row.relative_effect_ci for row in rows.values()}) == 1
    # the interval of the shift does not depend on the test; 5 v 5 untied is exact
    assert rows["bm"].hodges_lehmann_ci == rows["exact"].hodges_lehmann_ci


def test_alternative_and_resamples_reach_every_test():
    rng = np.random.default_rng(4)
    drug, saline = rng.normal(1, 1, 12), rng.normal(0, 1, 12)
    frame = table({"saline": saline, "drug": drug})
    for test, function in (("brunner_munzel", brunner_munzel), ("permutation", permutation)):
        for alternative in ("two-sided", "greater", "less"):
            options = {"resamples": 199} if test == "permutation" else {}
            row = only(frame, test=test, alternative=alternative, resamples=199)
            expected = function(drug, saline, alternative=alternative, **options)
            assert row.p_value == expected.p_value
    assert only(frame, test="permutation", resamples=199).method == "permutation"
    tied = table({"saline": saline.round(), "drug": drug.round()})
    times = only(tied, test="permutation", resamples=199).p_value * 100
    assert times == pytest.approx(round(times))


@pytest.mark.parametrize("test", ["brunner_munzel", "permutation"])
def test_complete_separation_has_a_p_value(test):
    row = only(table({"saline": [1.0, 2, 3, 4], "drug": [5.0, 6, 7, 8]}), test=test)
    assert row.p_value == pytest.approx(2 / 70)
    assert ("complete separation" in row.note) == (test == "brunner_munzel")


@pytest.mark.parametrize("test", ["brunner_munzel", "permutation"])
def test_other_tests_also_say_why_not(test):
    for arms, note in (
        ({"saline": SALINE, "drug": [3.0]}, "only 1 value in the treated arm"),
        ({"saline": SALINE, "drug": [math.nan] * 3}, "the treated arm is empty"),
        ({"saline": [7.0] * 4, "drug": [7.0] * 4}, "all values are equal"),
    ):
        row = only(table(arms), test=test)
        assert (row.p_value, row.p_adjusted, row.method, row.rejected) == (None, None, None, False)
        assert note in row.note


def test_steel_adjusts_the_family():
    rng = np.random.default_rng(9)
    arms = {
        name: np.sort(rng.normal(shift, 1, 3)) for name, shift in zip("sab", (0, 1, 2), strict=True)
    }
    arms["gone"] = [math.nan]
    frame = table({name: list(values) for name, values in arms.items()})
    plan = AnalysisPlan(
        alternative="greater",
        families={
            "f": family(arms=["gone", "a", "b"], against="s", adjust="steel"),
            "n": family(arms=["a", "b"], against="s", adjust="steel", method="asymptotic"),
        },
    )
    rows = analyse(frame, plan).comparisons
    exact = steel(arms["s"], [arms["a"], arms["b"]], alternative="greater")
    normal = steel(arms["s"], [arms["a"], arms["b"]], alternative="greater", method="asymptotic")
    assert [row.p_adjusted for row in rows[1:]] == [*exact.p_adjusted, *normal.p_adjusted]
    assert [row.adjustment for row in rows] == ["steel, permutation (complete)"] * 3 + [
        "steel, multivariate normal"
    ] * 2
    for row in rows[1:3]:  # its own p is that of the plain test
        expected = mann_whitney(arms[row.treated], arms["s"], alternative="greater")
        assert (row.p_value, row.method) == (expected.p_value, "exact")
    assert (rows[0].p_value, rows[0].p_adjusted, rows[0].rejected) == (None, None, False)


def test_steel_of_what_it_cannot_adjust_is_refused():
    frame = table({"saline": SALINE, "drug": DRUG})
    plan = AnalysisPlan(
        method="mid-p",
        families={
            "a": family(adjust="steel"),
            "b": family(adjust="steel", test="permutation"),
            "c": family(adjust="steel", method="exact", endpoint=["afc", "titer"]),
        },
    )
    with pytest.raises(DataError, match="observations: 3 problems") as caught:
        analyse(frame, plan)
    for text in (
        "families.a.adjust  steel has no mid-p p-value: choose auto, exact or asymptotic",
        "families.b.adjust  steel adjusts the test mann_whitney, not permutation",
        "families.c.adjust  steel is for one endpoint, not 2: make a family of each",
    ):
        assert text in str(caught.value)


def test_method_of_a_trend():
    arms = {"saline": [1.0, 2, 3], "low": [2.5, 3.5, 4], "high": [4.5, 5, 6]}
    tied = {"saline": [1.0, 2, 3], "low": [2.0, 3, 4], "high": [4.0, 5, 6]}
    trends = {
        method: Trend(endpoint="afc", arms=["saline", "low", "high"], method=method)
        for method in ("auto", "exact", "asymptotic")
    }
    for values, methods in (
        (arms, ["exact", "exact", "asymptotic"]),
        (tied, ["asymptotic", "permutation (complete)", "asymptotic"]),
    ):
        found = analyse(table(values), AnalysisPlan(trends=trends)).trends
        assert [row.method for row in found] == methods
        for row in found:
            groups = [np.array(group) for group in values.values()]
            expected = jonckheere(groups, method=row.name)
            assert (row.p_value, row.z) == (expected.p_value, expected.z)
