"""The benchmarks run, and the programs they time give the same answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks import study_numpy, trend_numpy
from benchmarks.agreement import FALSE_ALARM, same_p_values, same_power
from benchmarks.report import Row, Section, Wanted, page, seconds
from benchmarks.run import MEASURES, main
from benchmarks.timing import alternate
from simulator import load_scenario
from simulator.analysis.mann_whitney import mann_whitney
from simulator.analysis.multiplicity import adjust
from simulator.analysis.trend import jonckheere
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import simulate_counts

# seconds each, but several processes or a slow peer: not on every run
SLOW = {"scaling", "study", "sweeping"}
NAMES = [pytest.param(n, marks=[pytest.mark.long] if n in SLOW else []) for n in MEASURES]


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_runs_and_both_sides_agree(name, tmp_path):
    target = tmp_path / "page.md"
    assert main(["--quick", "--only", name, "--page", str(target)]) == 0
    text = target.read_text(encoding="utf-8")
    assert "Quick mode" in text
    assert text.count("\n## ") == 2  # versions, and the one comparison
    assert "not measured: no" not in text or "| not there |" in text


@pytest.mark.long
def test_the_plain_program_and_the_engine_find_the_same_power():
    scenario = load_scenario("secretome-healthy-mice")
    ns, ours, theirs = [3, 4, 6, 9, 14, 22], 20_000, 6_000
    counts, _ = simulate_counts(scenario, layout_of(scenario, ns), replicates=ours)
    plain = study_numpy.power(study_numpy.study_of(scenario), ns, replicates=theirs, seed=101)
    for name, found, power in (
        ("comparisons", counts.adjusted, plain.adjusted),
        ("trend", counts.trends, plain.trends),
    ):
        check = same_power(name, found / ours, power, replicates=(ours, theirs))
        assert check.holds, check.text


@pytest.fixture
def arms():
    """Small tied arms of several sizes of step: (arms, data sets, n)."""
    rng = np.random.default_rng(31)
    return rng.integers(0, 9, (4, 60, 7)).astype(np.float64) + 3 * np.arange(4)[:, None, None] // 4


@pytest.mark.parametrize("step", [0.0, 0.013], ids=["tied", "untied"])
def test_plain_trend_is_the_bench_trend(arms, step):
    values = arms + step * np.arange(arms.shape[0] * 7).reshape(4, 1, 7)  # all apart, or as tied
    statistics = trend_numpy.statistics(list(values))
    for n in (2, 5, 7):
        pooled = np.concatenate(list(values[:, :, :n]), axis=1)
        p = trend_numpy.p_values(statistics[n - 1], pooled, 4)
        expected = [jonckheere(list(values[:, r, :n])).p_value for r in range(values.shape[1])]
        check = same_p_values("trend", expected, p, tolerance=1e-12)  # rounding of one formula
        assert check.holds, check.text


def test_plain_trend_is_normal_in_large_groups():
    rng = np.random.default_rng(13)
    values = rng.normal(size=(3, 20, 25)) + 0.2 * np.arange(3)[:, None, None]
    p = trend_numpy.p_values(
        trend_numpy.statistics(list(values))[24], np.concatenate(list(values), axis=1), 3
    )
    expected = [jonckheere(list(values[:, r])).p_value for r in range(20)]
    check = same_p_values("trend", expected, p, tolerance=1e-12)  # rounding of one formula
    assert check.holds, check.text


def test_plain_test_chooses_the_method_per_data_set(arms):
    treated, control = arms[3], arms[0].copy()
    control[::2] += 0.25 * np.arange(1, 8)  # some data sets with, some without ties
    treated[::2] += 0.01 * np.arange(7)
    found = [mann_whitney(x, y) for x, y in zip(treated, control, strict=True)]
    assert {test.method for test in found} == {"exact", "asymptotic"}
    p = study_numpy.mann_whitney_p(treated, control)
    check = same_p_values("mann-whitney", [test.p_value for test in found], p, tolerance=1e-12)
    assert check.holds, check.text


def test_plain_holm_is_holm():
    p = np.random.default_rng(5).random((6, 40)) ** 3
    expected = np.array([adjust(column, "holm") for column in p.T]).T
    np.testing.assert_allclose(study_numpy.holm(p), expected, rtol=1e-14)  # products round alike


def test_wrong_power_is_noticed_and_right_power_is_not():
    rng = np.random.default_rng(8)
    truth = np.linspace(0.02, 0.9995, 50)
    ours, theirs = (rng.binomial(size, truth) / size for size in (20_000, 2_000))
    assert same_power("same", ours, theirs, replicates=(20_000, 2_000)).holds
    theirs[7] += 0.09
    wrong = same_power("wrong", ours, theirs, replicates=(20_000, 2_000))
    assert not wrong.holds
    assert "BEYOND" in wrong.text


def test_agreement_is_fishers_exact_test():
    # one pair of powers: 3 of 40 and 20 of 60
    check = same_power("one", [3 / 40], [20 / 60], replicates=(40, 60))
    table = [[3, 37], [20, 40]]
    p = 2 * stats.fisher_exact(table, alternative="less").pvalue
    assert f"{p:.2g}" in check.text
    assert check.holds == (p >= FALSE_ALARM)


def test_p_values_apart_are_noticed():
    assert same_p_values("same", [0.1, 0.2], [0.1, 0.2 + 1e-12]).holds
    assert not same_p_values("apart", [0.1, 0.2], [0.1, 0.2 + 1e-9]).holds
    assert not same_p_values("none", [0.1, math.nan], [0.1, 0.2]).holds


def test_jobs_take_turns_and_their_own_seconds_count():
    order = []
    times = alternate(
        {"a": lambda: order.append("a"), "b": lambda: float(order.append("b") or 3.5)}, rounds=2
    )
    assert order == ["a", "b", "a", "b"]
    assert times["b"] == 3.5
    assert 0 <= times["a"] < 3.5


def test_a_page_says_what_was_missed_and_what_was_not_measured():
    rows = (
        Row("us", seconds(0.002)),
        Row("peer", seconds(0.2), 100.0, Wanted(60)),
        Row("draws", seconds(1e-7), 2.5, Wanted(2, at_least=False)),
        Row("other", "not measured: no Rscript", None, Wanted(700)),
    )
    text = page([Section("Work", "All of it.", rows)], [], quick=False)
    assert "| us | 2 ms |  |  |  |" in text
    assert "| peer | 200 ms | 100 | at least 60 | reached |" in text
    assert "| draws | 100 ns | 2.50 | at most 2 | missed |" in text
    assert "| other | not measured: no Rscript |  | at least 700 |  |" in text
