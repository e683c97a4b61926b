"""A right analysis falls into no trap, whatever the scenario and the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulator.analysis import analyse
from simulator.auditing.traps import battery, run_traps
from simulator.scenario_files import catalogue, load_scenario

from .lab_analysis import RIGHT, rank_test, told
from .plans import with_plan


def verdicts(analysis, scenario, **options):
    analyst = told(analysis)
    found = run_traps(
        lambda frame: analyst(frame, scenario.analysis), scenario, told_plan=analyst, **options
    )
    return {one.id: one.verdict for one in found}, [one for one in found if one.verdict == "fail"]


def by_our_own(frame, plan):
    return analyse(frame, plan).to_frame()


@pytest.mark.parametrize("name", ["quick-start", "secretome-healthy-mice", "too-small"])
def test_scipy_by_the_rule_of_r(name):
    scenario = load_scenario(name)
    found, failed = verdicts(RIGHT, scenario)
    assert failed == []
    unfit = {trap_id for trap_id, verdict in found.items() if verdict == "not applicable"}
    limits = {"below-detection-limit", "above-detection-limit"}
    assert unfit == (set() if name == "secretome-healthy-mice" else limits)


@pytest.mark.parametrize(
    "shown",
    [lambda p: round(p, 3), lambda p: round(p, 5), lambda p: float(f"{p:.3g}")],
    ids=["3 decimals", "5 decimals", "3 digits"],
)
def test_p_values_as_they_are_printed(shown):
    assert verdicts(replace(RIGHT, shown=shown), load_scenario("quick-start"))[1] == []


def relabeled(x, y, _alternative):
    """scipy's own permutations of the mean rank; complete, so exact given the ties."""
    p = rank_test(x, y, "two-sided")
    pool = np.concatenate([x, y])
    if np.isnan(p) or np.unique(pool).size == pool.size or pool.size > 14:
        return p
    ranks = stats.rankdata(pool)
    # twice the smaller tail: the convention doubling
    return stats.permutation_test(
        (ranks[: x.size], ranks[x.size :]),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        vectorized=True,
        n_resamples=np.inf,
    ).pvalue


def test_scipy_exact_given_the_ties():
    assert verdicts(replace(RIGHT, test=relabeled), load_scenario("quick-start"))[1] == []


def without_names(frame, plan):
    """Say nothing of what cannot be tested."""
    found = RIGHT(frame, plan)
    return found[found["p_value"].notna()]


def test_no_row_where_there_is_no_test():
    assert verdicts(without_names, load_scenario("quick-start"))[1] == []


def one_where_all_are_equal(x, y, alternative):
    p = rank_test(x, y, alternative)
    return 1.0 if np.isnan(p) and x.size and y.size else p


def test_p_of_one_where_all_are_equal():
    assert (
        verdicts(replace(RIGHT, test=one_where_all_are_equal), load_scenario("quick-start"))[1]
        == []
    )


@pytest.mark.parametrize("name", [entry.id for entry in catalogue()])
def test_our_own_analysis_of_the_catalogue(name):
    found, failed = verdicts(by_our_own, load_scenario(name))
    assert failed == []
    assert found["text-cells"] == "pass"  # it refuses, with the row


@pytest.mark.parametrize(
    "changes",
    [
        {"test": "brunner_munzel"},
        {"test": "permutation"},
        {"test": "permutation", "alternative": "greater"},
        {"method": "mid-p"},
        {"method": "asymptotic", "continuity": False},
        {"alternative": "less", "adjust": "fixed-sequence"},
        {"alternative": "greater", "adjust": "bonferroni"},
        {"adjust": "hochberg"},
        {"adjust": "bh"},
        {"adjust": "steel"},
        {"adjust": "steel", "method": "exact"},
    ],
    ids=str,
)
def test_our_own_analysis_by_other_plans(changes):
    assert verdicts(by_our_own, with_plan("schedule-matters", **changes))[1] == []


def cages(alternative="two-sided"):
    return with_plan("whole-cage-arms", unit="cage", acknowledge=(), alternative=alternative)


def of_cages(frame, plan):
    """The median of every cage, and of those the test."""
    numbers = frame.assign(value=pd.to_numeric(frame["value"], errors="coerce"))
    keys = ["endpoint", "arm", "cage"]
    medians = numbers.groupby(keys, as_index=False)["value"].median()
    return RIGHT(medians.assign(censored=""), plan)


@pytest.mark.parametrize("alternative", ["two-sided", "greater"])
def test_cages(alternative):
    scenario = cages(alternative)
    for analysis in (of_cages, by_our_own):
        found, failed = verdicts(analysis, scenario)
        assert failed == []
        assert found["p-at-alpha"] == "pass"
    # six cages in an arm; animals counted one by one are another test
    plain = next(trap for trap in battery(scenario) if trap.id == "plain-table")
    assert plain.table.groupby("arm")["cage"].nunique().tolist() == [6, 6]
    assert "plain-table" in {one.id for one in verdicts(RIGHT, scenario)[1]}


def test_several_at_a_time_give_the_same():
    scenario = load_scenario("quick-start")
    analyst = told(RIGHT)

    def alone(frame):
        return analyst(frame, scenario.analysis)

    assert run_traps(alone, scenario, jobs=3) == run_traps(alone, scenario)
