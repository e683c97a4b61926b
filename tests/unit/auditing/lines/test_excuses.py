"""What a right choice excuses, and what it does not."""

# ruff: noqa: ARG001, ARG005 (every analysis is offered all that is known)

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulator import audit, load_scenario
from simulator.auditing.lines.rates import mean_at_most

QUICK = load_scenario("quick-start")
NAN = float("nan")


def analysis(said):
    """Return an analysis of quick-start that says what ``said(treated, control, p, u)`` gives."""

    def run(observations):
        arms = {arm: rows["value"].to_numpy() for arm, rows in observations.groupby("arm")}
        x, y = arms["drug"], arms["saline"]
        tied = np.unique(np.concatenate([x, y])).size < x.size + y.size
        method = "asymptotic" if tied else "exact"
        found = stats.mannwhitneyu(x, y, method=method)
        row = {"endpoint": "afc", "treated": "drug", "control": "saline"}
        return pd.DataFrame([row | said(x, y, float(found.pvalue), float(found.statistic))])

    return run


WRONG = {
    "p too small, u of the other side": lambda x, y, p, u: {
        "p_value": 0.9 * p,
        "u": min(u, x.size * y.size - u),
    },
    "always rejects, p rounded": lambda x, y, p, u: {"p_value": round(p, 4), "rejected": True},
    "another alpha, p rounded": lambda x, y, p, u: {"p_value": round(p, 4), "rejected": p <= 0.06},
    "only small p are told": lambda x, y, p, u: {
        "p_value": q if (q := stats.mannwhitneyu(x, y, method="asymptotic").pvalue) <= 0.05 else NAN
    },
    "p too small in few data sets": lambda x, y, p, u: {
        "p_value": stats.mannwhitneyu(x, y, method="asymptotic").pvalue / (100 if x[0] < 8e4 else 1)
    },
    "estimates of small p only": lambda x, y, p, u: {
        "p_value": p,
        "estimate": np.median(x) / np.median(y) if p <= 0.05 else NAN,
    },
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG)
def test_a_wrong_analysis_is_not_excused(said):
    found = audit(analysis(said), QUICK, replicates=120, n=5)
    assert found.verdict == "fail"


def test_another_right_test_is_excused_with_its_decisions():
    def normal(x, y, p, u):
        return {"p_value": stats.mannwhitneyu(x, y, method="asymptotic").pvalue}

    found = audit(analysis(normal), QUICK, replicates=120, n=5)
    (line,) = found.of("agreement")
    assert line.value.value < 0.5
    assert (line.verdict, found.of("decisions")[0].verdict) == ("pass", "pass")
    assert all(one.valid and one.explains == "p-values" for one in found.findings)


def test_claims_are_counted_where_a_family_does_not_adjust():
    family = QUICK.analysis.families["primary"].model_copy(update={"adjust": "none"})
    plan = QUICK.analysis.model_copy(update={"families": {"primary": family}})
    scenario = QUICK.model_copy(update={"analysis": plan})

    def always(x, y, p, u):
        return {"p_value": p, "rejected": True}

    found = audit(analysis(always), scenario, replicates=120, n=5, own_test=True)
    (line,) = found.of("type_i")
    assert line.value.value == 1.0
    assert line.verdict == "fail"


def test_an_interval_that_ends_at_the_truth_holds_it():
    """Ends and truth of a ratio of titers are powers of two, computed in two ways."""
    from tests.unit.auditing.lines.evidence_by_hand import evidence

    low, truth = np.full((3, 2), 4.0), 3.999999999999999
    run = evidence(p=np.full((3, 2), 0.5), ci_low=low, ci_high=2 * low)
    given, covers = run.covers(0, truth)
    assert given.all()
    assert covers.all()
    assert not run.covers(0, 3.99)[1].any()


@pytest.mark.parametrize("replicates", [5, 10, 50])
def test_chance_of_failing_a_mean_at_its_limit_with_few_replicates(replicates):
    """Student's t: exact for normal values. 20,000 means, 4 standard errors (1 in 30,000)."""
    rng, level, trials = np.random.default_rng(replicates), 0.01, 20_000
    values = rng.standard_normal((trials, replicates))
    errors = values.std(axis=1, ddof=1) / np.sqrt(replicates)
    failed = [
        mean_at_most(m, e, limit=0.0, intolerable=9.0, level=level, freedom=replicates - 1)
        == "fail"
        for m, e in zip(values.mean(axis=1), errors, strict=True)
    ]
    assert abs(np.mean(failed) - level) < 4 * np.sqrt(level * (1 - level) / trials)
