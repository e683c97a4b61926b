"""The lines of an audit, counted by hand and by outside formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from simulator.auditing.estimands import ESTIMANDS
from simulator.auditing.lines.agreement import agreement, decisions
from simulator.auditing.lines.decisions import failures, family_wise, power, type_i
from simulator.auditing.lines.estimates import estimate_lines
from simulator.auditing.lines.judge import judge
from simulator.auditing.result import Finding
from simulator.evaluation.characteristics import Estimate
from tests.unit.auditing.lines.evidence_by_hand import evidence

LEVEL = 1e-3
FOLD = ESTIMANDS["fold_of_medians"]


def lines_of(questions):
    return [question(LEVEL) for question in questions]


def uniform(replicates, seed):
    return np.random.default_rng(seed).random((replicates, 2))


def test_decisions_are_said_or_made_of_p():
    nan = math.nan
    run = evidence(
        p=[[0.05, 0.01], [0.04, 0.04], [0.04, 0.2], [nan, nan]],
        p_adjusted=[[nan, nan], [0.08, 0.08], [0.08, 0.2], [nan, nan]],
        rejected=[[nan, nan], [nan, nan], [1, 1], [nan, nan]],
    )
    assert run.decisions.tolist() == [[True, True], [False, False], [True, True], [False, False]]


def test_failures_are_counted_by_kind():
    runs = {
        "as written": evidence(p=uniform(10, 1), failed=[2, 5]),
        "null": evidence(p=uniform(10, 2)),
    }
    line = failures(runs)
    assert (line.value.count, line.value.replicates, line.verdict) == (2, 20, "fail")
    assert line.note == "crashed 2"
    assert failures({"null": evidence(p=uniform(3, 1))}).verdict == "pass"


def test_shares_are_counts_of_replicates():
    p = np.full((100, 2), 0.5)
    p[:7, 0] = 0.05  # at alpha is below it
    p[5:9, 1] = 0.001
    null = evidence("null", p=p, failed=[99])
    counts = [
        (line.treated, line.value.count, line.value.replicates) for line in lines_of(type_i(null))
    ]
    assert counts == [("low", 7, 99), ("high", 4, 99)]
    (fwer,) = lines_of(family_wise(null))
    assert (fwer.value.count, fwer.family) == (9, "afc")
    found = lines_of(power(evidence(p=p, plan_p=np.full((100, 2), 0.01))))
    assert [(line.value.count, line.plan.count) for line in found] == [(7, 100), (4, 100)]
    assert [line.verdict for line in found] == ["fail", "fail"]


@pytest.mark.parametrize(("rate", "verdict"), [(0.04, "pass"), (0.15, "fail"), (0.08, None)])
def test_type_i_error_is_judged_by_its_count(rate, verdict):
    p = np.ones((500, 2))
    p[: round(500 * rate)] = 0.01
    line = lines_of(type_i(evidence("null", p=p)))[0]
    assert line.verdict == (verdict or "not enough replicates")
    if verdict is None:  # 0.08 of them: the figure at which a binomial test would fail it
        count = round(0.08 * line.needed)
        assert binom.sf(count - 1, line.needed, 0.05) <= LEVEL
        assert line.needed < 1_500


def test_a_plan_that_fails_too_is_named():
    p = np.ones((500, 2))
    p[:100] = 0.01
    own = lines_of(type_i(evidence("null", p=p)))[0]
    assert "so has the plan's own analysis" in own.note
    other = lines_of(type_i(evidence("null", p=p, plan_p=np.ones((500, 2)))))[0]
    assert other.note == ""
    assert own.verdict == other.verdict == "fail"


def test_power_needs_replicates_even_where_nothing_differs():
    p = np.full((5, 2), 0.01)
    assert lines_of(power(evidence(p=p)))[0].verdict == "not enough replicates"
    assert lines_of(power(evidence(p=np.repeat(p, 40, axis=0))))[0].verdict == "pass"


def test_agreement_is_excused_by_a_right_choice_only():
    p = uniform(50, 3)
    runs = {"as written": evidence(p=p / 2, plan_p=p), "null": evidence("null", p=p / 2, plan_p=p)}
    (line,) = agreement(runs, (), own_test=False)
    assert (line.verdict, line.value.count, line.value.replicates) == ("fail", 0, 200)
    assert line.note == f"largest difference {np.max(p / 2):.3g}"
    (decided,) = decisions(runs, (), own_test=False)
    changed = int(((p / 2 <= 0.05) != (p <= 0.05)).any(axis=1).sum())
    assert (decided.value.count, decided.verdict) == (100 - 2 * changed, "fail")
    assert decided.note == f"they differ in {2 * changed} of 100 data sets"
    for valid, verdict in ((True, "pass"), (False, "fail")):
        finding = Finding("x", "x", valid, ("afc",), 200, 200, "p-values")
        assert next(agreement(runs, (finding,), own_test=False)).verdict == verdict
    for useless in (
        Finding("x", "x", True, ("afc",), 199, 200, "p-values"),  # not all of them
        Finding("x", "x", True, ("afc",), 200, 200, "other"),
        Finding("x", "x", True, ("titer",), 200, 200, "p-values"),
    ):
        assert next(agreement(runs, (useless,), own_test=False)).verdict == "fail"
    for of in (agreement, decisions):
        assert next(of(runs, (), own_test=True)).verdict == "not judged"


def estimates(replicates=400, *, bias=0.0, spread=0.3, seed=7):
    rng = np.random.default_rng(seed)
    own = np.exp(np.log(3.0) + 0.3 * rng.standard_normal((replicates, 2)))
    said = np.exp(
        np.log(own) + bias + math.sqrt(max(0, spread**2 - 0.09)) * rng.standard_normal(own.shape)
    )
    return said, own


def estimate_found(said, own, **columns):
    run = evidence(p=np.full(said.shape, 0.01), estimate=said, plan_estimate=own, **columns)
    truth = (Estimate(3.0, 0.001), Estimate(3.0, 0.001))
    found = lines_of(estimate_lines(run, FOLD, truth, confidence=0.95))
    return {line.measure: line for line in found if line.treated == "low"}


def test_bias_and_rmse_are_the_textbook_s():
    said, own = estimates(bias=0.02)
    found = estimate_found(said, own)
    e = np.log(said[:, 0] / 3.0)
    n = e.size
    assert found["bias"].value.value == pytest.approx(e.mean())
    assert found["bias"].value.mcse == pytest.approx(math.sqrt(e.var(ddof=1) / n))
    mse = (e**2).mean()
    mcse = math.sqrt(((e**2 - mse) ** 2).sum() / (n * (n - 1)))  # Morris et al. 2019
    assert found["rmse"].value.value == pytest.approx(math.sqrt(mse))
    assert found["rmse"].value.mcse == pytest.approx(mcse / (2 * math.sqrt(mse)))
    assert {line.verdict for line in found.values()} == {"pass"}
    exaggeration = np.abs(np.log(said[:, 0])) / math.log(3.0)
    assert found["type_m"].value.value == pytest.approx(exaggeration.mean())


def test_bias_of_the_plan_s_own_estimator_is_nobody_s_fault():
    said, own = estimates()
    off = {name: line.verdict for name, line in estimate_found(1.5 * own, 1.5 * own).items()}
    assert set(off.values()) == {"pass"}
    assert estimate_found(1.25 * own, own)["bias"].verdict == "fail"  # ln 1.25 is 0.74 sd
    assert estimate_found(said / 1.25, own)["bias"].verdict == "fail"


def test_what_varies_more_than_it_must_fails_by_its_rmse():
    assert estimate_found(*estimates(spread=0.6))["rmse"].verdict == "fail"


def test_swapped_groups_have_the_wrong_sign():
    _, own = estimates()
    found = estimate_found(1 / own, own)
    assert found["type_s"].value.value == 1.0
    assert found["type_s"].verdict == "fail"


def test_coverage():
    said, own = estimates()
    half = np.exp(1.96 * 0.3)
    found = estimate_found(said, own, ci_low=own / half, ci_high=own * half)
    covers = np.abs(np.log(own[:, 0] / 3)) <= 1.96 * 0.3
    assert found["coverage"].value.count == int(covers.sum())
    assert found["coverage"].verdict == "pass"
    short = estimate_found(said, own, ci_low=own / 1.2, ci_high=own * 1.2)
    assert short["coverage"].verdict == "fail"


def test_estimates_that_cannot_be_used_are_counted():
    said, own = estimates(100)
    said[:30, 0] = 0.0
    found = estimate_found(said, own)
    assert "30 of 100 replicates have no usable estimate" in found["bias"].note


def test_false_alarm_is_shared_among_the_lines():
    """41 of 500 are too many at 0.1 for all five lines, and not at 0.0001."""
    p = np.ones((500, 2))
    p[:41] = 0.01
    runs = {"as written": evidence(p=uniform(500, 1)), "null": evidence("null", p=p)}
    wide = judge(runs, (), estimand=FOLD, truth=(), false_alarm=0.1)
    narrow = judge(runs, (), estimand=FOLD, truth=(), false_alarm=1e-4)
    tail = float(binom.sf(40, 500, 0.05))  # 41 or more
    questions = 2 + 2 + 1  # power, type I error, family
    assert 1e-4 / questions < tail <= 0.1 / questions
    verdicts = [
        [line.verdict for line in found if line.measure == "type_i"] for found in (wide, narrow)
    ]
    assert verdicts[0] == ["fail", "fail"]
    assert "fail" not in verdicts[1]


def test_nothing_ran():
    run = evidence(p=np.full((20, 2), np.nan), plan_p=uniform(20, 1), failed=range(20))
    runs = {"as written": run, "null": run}
    found = judge(runs, (), estimand=FOLD, truth=(), false_alarm=0.01)
    assert [line.measure for line in found] == ["failures"]
