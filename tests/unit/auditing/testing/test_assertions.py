"""The assertion for test suites: its false alarms are as stated, and wrong analyses are caught."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulator import analyse, assert_operating_characteristics, load_scenario
from simulator.auditing.lines.rates import at_most
from simulator.auditing.testing.promises import (
    TEETH,
    Promise,
    most_allowed,
    on_fwer,
    on_power,
    on_type_i,
)
from simulator.evaluation.characteristics import Probability

QUICK = load_scenario("quick-start")
#: Three arms against one, compared without adjustment and by Holm.
ARMS = load_scenario("two-day-kill")


def by_plan(observations, scenario=QUICK):
    return analyse(observations, scenario.analysis).to_frame()


def rows(scenario, p, **columns):
    """Return a result: p and other columns, one value per comparison of the plan."""
    found = pd.DataFrame(
        [(one.endpoint, one.treated, one.control) for one in scenario.analysis.comparisons],
        columns=["endpoint", "treated", "control"],
    )
    return found.assign(p_value=p, **columns)


def promise(limit=0.05, *, at_least=False, wrong=0.1, share=None):
    return Promise("rate", "everything", limit, at_least, wrong, lambda _: share)


def tail(total, p, beyond):
    """Return P(X > beyond) of a binomial, in whole fractions."""
    p = Fraction(p)
    terms = (
        math.comb(total, k) * p**k * (1 - p) ** (total - k) for k in range(beyond + 1, total + 1)
    )
    return sum(terms, Fraction(0))


@pytest.mark.parametrize("total", [1, 7, 60, 500])
@pytest.mark.parametrize("limit", ["1/20", "1/5", "19/20"])
@pytest.mark.parametrize("level", [1e-2, 1e-3, 1e-3 / 30])
def test_false_alarms_by_exact_fractions(total, limit, level):
    """At the limit it breaks with at most the level; one count less would break too often."""
    most = most_allowed(total, limit=float(Fraction(limit)), level=level)
    assert tail(total, limit, most) <= level
    assert most == 0 or tail(total, limit, most - 1) > level


@pytest.mark.parametrize("at_least", [False, True])
def test_a_promise_breaks_beyond_the_allowed_count_and_no_sooner(at_least):
    level = 1e-3
    limit, wrong = (0.9, 0.8) if at_least else (0.05, 0.1)
    most = most_allowed(500, limit=1 - limit if at_least else limit, level=level)
    for against, breaks in ((0, False), (most, False), (most + 1, True), (500, True)):
        count = 500 - against if at_least else against
        made = promise(limit, at_least=at_least, wrong=wrong, share=Probability(count, 500))
        assert bool(made.broken({}, level)) == breaks
        verdict = at_most(against, 500, limit=0.1 if at_least else 0.05, intolerable=1, level=level)
        assert (verdict == "fail") == breaks  # the audit's own lines say the same


def test_chance_of_finding_what_is_wrong():
    made = promise(0.05, wrong=0.1)
    most = most_allowed(500, limit=0.05, level=1e-3)
    assert made.chance_found(500, 1e-3) == pytest.approx(stats.binom.sf(most, 500, 0.1), rel=1e-9)
    least = promise(0.8, at_least=True, wrong=0.7)
    most = most_allowed(300, limit=0.2, level=1e-3)
    assert least.chance_found(300, 1e-3) == pytest.approx(
        stats.binom.cdf(300 - most - 1, 300, 0.7), rel=1e-9
    )
    assert promise(0.05, wrong=0.1).chance_found(1, 1e-3) == 0.0


def test_results_of_too_few_studies_are_no_pass():
    assert "too few" in promise(share=Probability(0, 20)).broken({}, 1e-3)
    assert "says nothing" in promise(share=None).broken({}, 1e-3)


def test_which_promises_are_made():
    assert [one.of for one in on_type_i(ARMS, 0.05)] == [
        f"afc, {arm} v saline" for arm in ("low", "middle", "high")
    ]
    assert len(list(on_fwer(ARMS, 0.05))) == len(ARMS.analysis.families)
    with_effect = list(on_power(ARMS, 0.5))
    assert [one.of for one in with_effect] == ["afc, middle v saline", "afc, high v saline"]
    one = list(on_power(ARMS, {"afc": 0.3, ("afc", "high"): 0.9}))
    assert [made.limit for made in one] == [0.3, 0.3, 0.9]
    assert one[2].wrong == pytest.approx(0.8)
    (only,) = on_power(ARMS, {("afc", "high"): 0.1})
    assert only.wrong == pytest.approx(0.05)


def test_a_right_analysis_keeps_every_promise():
    def analysis(observations):
        found = by_plan(observations)
        names = {"hodges_lehmann_low": "ci_low", "hodges_lehmann_high": "ci_high"}
        return found.rename(columns={**names, "hodges_lehmann": "estimate"})

    assert_operating_characteristics(
        analysis,
        scenario="quick-start",
        type_i_at_most=0.05,
        fwer_at_most=0.05,
        power_at_least=0.95,
        coverage_at_least=0.95,
        agreement=True,
        estimand="hodges_lehmann_ratio",
    )


def failure(analysis, scenario=QUICK, **limits):
    with pytest.raises(AssertionError) as found:
        assert_operating_characteristics(analysis, scenario=scenario, **limits)
    return str(found.value)


def test_too_many_false_alarms_are_caught():
    def eager(observations):
        found = by_plan(observations)
        return found.assign(p_value=found["p_value"] * 0.2)[
            ["endpoint", "treated", "control", "p_value"]
        ]

    said = failure(eager, type_i_at_most=0.05)
    headline, row, chance = said.splitlines()
    assert headline.endswith(
        "eager on quick-start, n = 10, seed 20261122: 500 studies with the effects, 500 without"
    )
    assert row.startswith("  type I error of afc, drug v saline: 0.")
    assert row.endswith(" of 500), not at most 0.05; 41 or fewer would pass")
    assert chance == "  An analysis just at this limit fails with a chance of at most 0.001."


def test_a_one_sided_test_is_recognised_and_does_not_agree():
    def one_sided(observations):
        values = observations.groupby("arm")["value"]
        test = stats.mannwhitneyu(
            values.get_group("drug"), values.get_group("saline"), alternative="greater"
        )
        return rows(QUICK, [test.pvalue])

    said = failure(one_sided, agreement=True, replicates=60)
    assert "agreement on afc: " in said
    assert re.search(r"recognised: .*one-sided", said)


def test_no_adjustment_is_caught():
    def unadjusted(observations):
        found = analyse(observations, ARMS.analysis).to_frame()
        found["rejected"] = found["p_value"] <= 0.05
        return found

    said = failure(unadjusted, ARMS, fwer_at_most=0.05, replicates=260)
    assert "family-wise error of " in said


def test_lost_power_is_caught_by_the_arm_it_is_lost_in():
    def timid(observations):
        found = by_plan(observations, ARMS)
        return found.assign(rejected=found["p_value"] < 1e-4)

    said = failure(timid, ARMS, power_at_least={("afc", "high"): 0.8}, replicates=200)
    assert "power of afc, high v saline: 0." in said
    assert "not at least 0.8; " in said
    assert "or more would pass" in said


def test_intervals_that_are_too_narrow_are_caught_and_right_ones_are_not():
    def t_interval(confidence):
        def analysis(observations):
            logs = np.log(observations.set_index("arm")["value"])
            found = stats.ttest_ind(logs["drug"], logs["saline"])
            interval = found.confidence_interval(confidence)
            low, high = math.exp(interval.low), math.exp(interval.high)
            return rows(QUICK, [found.pvalue], ci_low=low, ci_high=high)

        return analysis

    limits = {"coverage_at_least": 0.95, "estimand": "fold_of_geometric_means", "replicates": 260}
    assert_operating_characteristics(t_interval(0.95), scenario=QUICK, **limits)
    said = failure(t_interval(0.8), **limits)
    assert "coverage of afc, drug v saline: 0." in said
    said = failure(by_plan, **limits)
    assert "coverage of afc, drug v saline: the analysis says nothing in any study" in said


def test_failures_are_told_with_the_first_of_them():
    seen = []

    def sometimes(observations):
        seen.append(1)
        if len(seen) % 10 == 0:
            raise KeyError("no such column")
        return by_plan(observations)

    said = failure(sometimes, replicates=50)
    assert "10 of 100 runs without a result (crashed 10); first study 4 without effects" in said
    assert "KeyError: 'no such column'" in said
    seen.clear()
    assert_operating_characteristics(
        sometimes, scenario=QUICK, type_i_at_most=0.05, no_failures=False, replicates=330
    )


def test_an_analysis_that_never_works_is_given_up():
    def broken(_):
        raise RuntimeError("it never works")

    said = failure(broken, no_failures=False, type_i_at_most=0.05)
    assert "20 of 20 runs without a result" in said
    assert "so no more were made" in said
    assert "type I error" not in said


def test_saying_nothing_keeps_no_promise():
    def silent(_):
        return rows(ARMS, [math.nan, 0.5, 0.5])

    said = failure(silent, ARMS, type_i_at_most=0.05, replicates=330)
    assert "type I error of afc, low v saline: the analysis says nothing in any study" in said
    assert "middle" not in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"no_failures": False}, "nothing is asserted"),
        ({"type_i_at_most": 0}, "type_i_at_most must be between 0 and 1, not 0"),
        (
            {"fwer_at_most": 5, "coverage_at_least": 95, "replicates": 0, "estimand": "fold"},
            'fwer_at_most .*not 5; coverage_at_least .*not 95; replicates 0: .*estimand "fold"',
        ),
        ({"power_at_least": {"afc": 80}}, "power_at_least of afc must be between 0 and 1"),
        ({"power_at_least": {"acf": 0.8}}, "'acf' is not in the plan; did you mean \"afc\""),
        ({"false_alarm": 1}, "false_alarm must be between 0 and 1"),
        ({"n": 0}, "n 0: must be from 1"),
        (
            {"type_i_at_most": 0.05, "replicates": 50},
            "replicates 50: too few for a test that can fail: a type I error of 0.1 in place of "
            r"0.05 \(afc, drug v saline\) would be found with a chance of 0.058; in 260 rep",
        ),
        ({"coverage_at_least": 0.95, "replicates": 50}, "a coverage of 0.9 in place of 0.95"),
        ({"power_at_least": 0.8, "replicates": 50}, "a power of 0.7 in place of 0.8"),
    ],
)
def test_what_cannot_be_asserted(options, message):
    with pytest.raises(ValueError, match=message):
        assert_operating_characteristics(by_plan, scenario=QUICK, **options)


def test_no_effect_to_be_found():
    with pytest.raises(ValueError, match="no comparison of the scenario has an effect"):
        assert_operating_characteristics(by_plan, scenario="no-effect", power_at_least=0.8)


def test_replicates_that_are_named_are_enough():
    made = promise(0.05, wrong=0.1)
    assert made.chance_found(260, 1e-3) >= TEETH > made.chance_found(50, 1e-3)


def test_a_result_that_is_wrong_in_form_is_a_failed_run():
    def other_names(observations):
        return by_plan(observations).rename(columns={"p_value": "p"})

    said = failure(other_names)
    assert "wrong result 20" in said
    assert "p_value" in said
