"""The known tests give the p-values of others who make them: scipy, statsmodels, or the list of
all relabelings."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from simulator.auditing.choices import Catalogue
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.exact_tails import signed_rank_p, smirnov
from simulator.auditing.choices.rank_tests import RANK_TESTS
from simulator.scenario import AnalysisPlan

from .choice_tables import (
    RTOL,
    SIDES,
    cases,
    draw,
    p_of,
    plan_of,
    r_auto,
    table_of,
    u_of,
    ways,
)


def relabelled(x, y):
    """U of every way to call as many animals treated."""
    both = np.append(x, y)
    for chosen in itertools.combinations(range(both.size), x.size):
        treated = np.zeros(both.size, dtype=bool)
        treated[list(chosen)] = True
        yield u_of(both[treated], both[~treated])


def enumerated(x, y, alternative, *, doubling, mid):
    found, seen = np.array(list(relabelled(x, y))), u_of(x, y)
    weight = 0.5 if mid else 1.0
    same = np.mean(found == seen)
    upper, lower = np.mean(found > seen) + weight * same, np.mean(found < seen) + weight * same
    if alternative != "two-sided":
        return upper if alternative == "greater" else lower
    if doubling:
        return min(1.0, 2 * min(upper, lower))
    gap = np.abs(found - x.size * y.size / 2)
    far = abs(seen - x.size * y.size / 2)
    return np.mean(gap > far) + weight * np.mean(gap == far)


def no_tie_correction(x, y, alternative):
    # scipy's ranksums has neither correction: take the continuity from U
    m, n = x.size, y.size
    spread, gap = np.sqrt(m * n * (m + n + 1) / 12), u_of(x, y) - m * n / 2
    if alternative == "two-sided":
        return min(1.0, 2 * stats.norm.sf((abs(gap) - 0.5) / spread))
    sign = 1 if alternative == "greater" else -1
    return stats.norm.sf((sign * gap - 0.5) / spread)


def of_scipy(test, **options):
    return lambda x, y, alternative: test(x, y, alternative=alternative, **options).pvalue


def brunner_munzel(x, y, alternative):
    u = u_of(x, y)
    if 0 < u < x.size * y.size:
        return stats.brunnermunzel(x, y, alternative=alternative).pvalue
    p = 1 / math.comb(x.size + y.size, x.size)  # separated: the plan's own way out
    if alternative == "two-sided":
        return 2 * p
    return p if (alternative == "greater") == (u > 0) else 1.0


def of_logs(test, log, **options):
    return lambda x, y, side: test(log(x), log(y), alternative=side, **options).pvalue


MANN_WHITNEY, T_TEST = stats.mannwhitneyu, stats.ttest_ind
TWO_SAMPLES = {
    "r-auto": r_auto,
    "scipy-auto": of_scipy(MANN_WHITNEY),
    "normal": of_scipy(MANN_WHITNEY, method="asymptotic"),
    "normal-no-continuity": of_scipy(MANN_WHITNEY, method="asymptotic", use_continuity=False),
    "normal-no-ties": no_tie_correction,
    "normal-bare": of_scipy(stats.ranksums),
    "ties-ignored": of_scipy(MANN_WHITNEY, method="exact"),
    "brunner-munzel": brunner_munzel,
    "welch-raw": of_scipy(T_TEST, equal_var=False),
    "welch-log": of_logs(T_TEST, np.log, equal_var=False),
    "welch-log1p": of_logs(T_TEST, np.log1p, equal_var=False),
    "student-raw": of_scipy(T_TEST),
    "student-log": of_logs(T_TEST, np.log),
    "student-log1p": of_logs(T_TEST, np.log1p),
    "kolmogorov-smirnov": lambda x, y, _: stats.ks_2samp(x, y).pvalue,
}


@pytest.mark.parametrize("alternative", SIDES)
@pytest.mark.parametrize("name", TWO_SAMPLES)
def test_tests_of_two_samples_are_scipys(name, alternative):
    plan = plan_of(alternative)
    for values in cases():
        table = table_of({"afc": values})
        expected = [
            TWO_SAMPLES[name](values[arm], values["saline"], alternative) for arm in ("low", "high")
        ]
        found = p_of(ways(name, table, plan)[0], table, plan)
        np.testing.assert_allclose(found, expected, rtol=RTOL)


def test_scipy_is_normal_where_both_arms_are_larger_than_8():
    plan, expected = plan_of(), of_scipy(MANN_WHITNEY)
    for sizes in ((9, 8, 9), (12, 9, 30)):
        for values in cases(sizes=sizes, count=2):
            table = table_of({"afc": values})
            found = p_of(ways("scipy-auto", table, plan)[0], table, plan)
            for p, arm in zip(found, ("low", "high"), strict=True):
                assert p == pytest.approx(
                    expected(values[arm], values["saline"], "two-sided"), rel=RTOL
                )


@pytest.mark.parametrize("alternative", SIDES)
@pytest.mark.parametrize(
    ("name", "doubling", "mid"),
    [
        ("exact-far-tail", False, False),
        ("exact-doubling", True, False),
        ("mid-p", False, True),
        ("mid-p-doubling", True, True),
    ],
)
def test_exact_tests_are_those_of_all_relabelings(name, doubling, mid, alternative):
    plan = plan_of(alternative)
    for values in cases(sizes=(5, 4, 3)):
        table = table_of({"afc": values})
        expected = [
            enumerated(values[arm], values["saline"], alternative, doubling=doubling, mid=mid)
            for arm in ("low", "high")
        ]
        np.testing.assert_allclose(
            p_of(ways(name, table, plan)[0], table, plan), expected, rtol=RTOL
        )


def test_permutation_is_that_of_all_relabelings_of_the_statistic():
    plan = plan_of()
    rng = np.random.default_rng(3)
    for tied in (False, True):
        values = draw(rng, (5, 5, 5), tied=tied, shift=0.3)
        table = table_of({"afc": values})
        found = p_of(ways("permutation", table, plan)[0], table, plan)
        for p, arm in zip(found, ("low", "high"), strict=True):
            both = np.append(values[arm], values["saline"])
            statistics = []
            for chosen in itertools.combinations(range(10), 5):
                treated = np.isin(np.arange(10), chosen)
                x, y = both[treated], both[~treated]
                u = u_of(x, y)  # separated arms: infinite, and scipy warns
                separated = {0.0: -np.inf, 25.0: np.inf}
                statistics.append(
                    separated[u] if u in separated else stats.brunnermunzel(y, x).statistic
                )
            seen = statistics[0]  # the first five are called treated
            upper = np.mean(np.array(statistics) >= seen - 1e-9)
            lower = np.mean(np.array(statistics) <= seen + 1e-9)
            assert p == pytest.approx(min(1, 2 * min(upper, lower)), rel=1e-12)


def test_brunner_munzel_of_separated_arms():
    plan = plan_of()
    table = table_of({"afc": {"saline": [1, 2, 3], "low": [4, 5, 6], "high": [2, 3, 4]}})
    both = [p_of(one, table, plan) for one in ways("brunner-munzel", table, plan)]
    # the statistic is infinite: p is 0 by the book, 2 of 20 relabelings by the plan's test
    assert [one[0] for one in both] == [pytest.approx(0.1), 0.0]
    assert (
        both[0][1] == both[1][1] == pytest.approx(stats.brunnermunzel([2, 3, 4], [1, 2, 3]).pvalue)
    )


def test_smirnov_with_ties_is_that_of_all_relabelings():
    rng = np.random.default_rng(8)
    for _ in range(6):
        x, y = rng.integers(0, 5, 5), rng.integers(0, 5, 4)
        both = np.append(x, y)
        counts = np.unique(both, return_counts=True)[1]

        def gap(treated, both=both):
            one, other = both[treated], both[~treated]
            at = np.arange(5)
            return round(
                20 * max(abs(np.mean(one[:, None] <= at, 0) - np.mean(other[:, None] <= at, 0)))
            )

        gaps = [gap(np.isin(np.arange(9), some)) for some in itertools.combinations(range(9), 5)]
        seen = gap(np.arange(9) < 5)
        expected = np.mean(np.array(gaps) >= seen)
        assert smirnov(seen, 5, 4, tuple(counts.tolist())) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("alternative", SIDES)
def test_signed_ranks_are_scipys(alternative):
    rng = np.random.default_rng(11)
    for n in (6, 13, 14, 30, 51):
        for digits in (6, 0):
            gaps = np.round(rng.normal(0.5, 2, n), digits)
            expected = stats.wilcoxon(gaps, alternative=alternative).pvalue
            assert signed_rank_p(gaps, alternative, "scipy") == pytest.approx(expected, rel=RTOL)
            tied = np.unique(np.abs(gaps)).size < n or (gaps == 0).any()
            method = "asymptotic" if tied or n > 50 else "exact"
            expected = stats.wilcoxon(
                gaps, alternative=alternative, method=method, correction=False
            ).pvalue
            assert signed_rank_p(gaps, alternative, "normal") == pytest.approx(expected, rel=RTOL)
            if tied or n > 50:
                expected = stats.wilcoxon(
                    gaps, alternative=alternative, method="asymptotic", correction=True
                ).pvalue
            assert signed_rank_p(gaps, alternative, "r") == pytest.approx(expected, rel=RTOL)


@pytest.mark.parametrize("alternative", SIDES)
def test_pairs_are_made_by_the_order_of_the_rows(alternative):
    plan = plan_of(alternative)
    for values in cases(sizes=(7, 7, 8)):
        table = table_of({"afc": values})
        x, y = values["low"], values["saline"]
        for name, expected in (
            ("signed-rank", stats.wilcoxon(x, y, alternative=alternative).pvalue),
            ("paired-t-raw", stats.ttest_rel(x, y, alternative=alternative).pvalue),
            (
                "paired-t-log",
                stats.ttest_rel(np.log(x), np.log(y), alternative=alternative).pvalue,
            ),
        ):
            found = p_of(ways(name, table, plan)[name == "signed-rank"], table, plan)
            assert found[0] == pytest.approx(expected, rel=RTOL)
            assert np.isnan(found[1])  # 8 animals have no pairs among 7


def test_tests_of_all_arms_are_scipys_and_statsmodels():
    plan = plan_of()
    for values in cases():
        table = table_of({"afc": values})
        arms = list(values.values())
        logs = [np.log(one) for one in arms]
        for name, expected in (
            ("kruskal-wallis-all-arms", stats.kruskal(*arms).pvalue),
            ("anova-raw", stats.f_oneway(*arms).pvalue),
            ("anova-log", stats.f_oneway(*logs).pvalue),
        ):
            for way in ways(name, table, plan):
                np.testing.assert_allclose(p_of(way, table, plan), [expected] * 2, rtol=RTOL)
        codes = np.repeat([0, 1, 2], [one.size for one in arms])
        design = np.column_stack([np.ones(codes.size), codes == 1, codes == 2])
        for name, of in (("pooled-t-raw", arms), ("pooled-t-log", logs)):
            fitted = sm.OLS(np.concatenate(of), design).fit()
            found = p_of(ways(name, table, plan)[0], table, plan)
            np.testing.assert_allclose(found, fitted.pvalues[1:], rtol=RTOL)


def test_dunns_z_add_up_to_kruskal_and_wallis():
    """Of k arms of one size the squared z of all pairs add up to k/2 times H."""
    names = {"saline": ("low", "high"), "low": ("saline", "high"), "high": ("saline", "low")}
    for values in cases(sizes=(6, 6, 6)):
        table, total = table_of({"afc": values}), 0.0
        for against, others in names.items():
            plan = AnalysisPlan.model_validate(
                {"families": {"f": {"endpoint": "afc", "arms": others, "against": against}}}
            )
            p = p_of(ways("dunn", table, plan)[0], table, plan)
            total += float((stats.norm.isf(p / 2) ** 2).sum()) / 2  # each pair comes twice
        assert total == pytest.approx(1.5 * stats.kruskal(*values.values()).statistic, rel=1e-8)


def test_the_arms_of_the_family_or_all_in_the_data():
    values = next(cases())
    other = {**values, "reference": values["high"] * 3}
    plan, table = plan_of(), table_of({"afc": other})
    family, data = (p_of(way, table, plan)[0] for way in ways("anova-raw", table, plan))
    assert family == pytest.approx(stats.f_oneway(*values.values()).pvalue, rel=RTOL)
    assert data == pytest.approx(stats.f_oneway(*other.values()).pvalue, rel=RTOL)


def test_nothing_of_several_arms_where_there_are_two():
    values = next(cases())
    two = {arm: values[arm] for arm in ("saline", "low")}
    plan = AnalysisPlan.model_validate(
        {"families": {"f": {"endpoint": "afc", "arms": "low", "against": "saline"}}}
    )
    names = {one.id for one in Catalogue(table_of({"afc": two}), plan).differing_in(1)}
    assert {"welch-raw", "one-sided-greater"} <= names
    assert not names & {"dunn", "anova-raw", "kruskal-wallis-all-arms", "best-endpoint"}
    assert not any(name.startswith("p-value-") for name in names)


@pytest.mark.parametrize(
    ("name", "test"),
    [(one.id, one) for one in RANK_TESTS if one.id in ("normal", "ties-ignored", "mid-p")],
)
def test_no_values_no_p_value(name, test):  # noqa: ARG001 (the name of the case)
    plan = plan_of()
    table = table_of({"afc": {"saline": [1.0, 2.0], "low": []}})
    assert np.isnan(p_of(Choice(test=test), table, plan)).all()
