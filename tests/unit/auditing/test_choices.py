"""Every known choice gives the p-values that others give who make it: scipy, statsmodels, R, or
the list of all relabelings."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import subprocess
from functools import lru_cache, partial

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from simulator.auditing.choices import Catalogue, DataSet, either
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.exact_tails import signed_rank_p, smirnov
from simulator.auditing.choices.rank_tests import RANK_TESTS
from simulator.auditing.choices.tails import tails
from simulator.scenario import AnalysisPlan

ARMS = ("saline", "low", "high")
SIDES = ("two-sided", "greater", "less")
RTOL = 1e-9


def plan_of(alternative="two-sided", *, endpoints=("afc",), unit="animal", **family):
    return AnalysisPlan.model_validate(
        {
            "alternative": alternative,
            "unit": unit,
            "families": {
                "all": {
                    "endpoint": list(endpoints),
                    "arms": ["low", "high"],
                    "against": "saline",
                    **family,
                }
            },
        }
    )


def table_of(values, marks=None, *, cages=None):
    """A table of ``{endpoint: {arm: values}}``, in this order."""
    rows = [
        {
            "subject_id": f"{arm}-{k}",
            "arm": arm,
            "cage": cages[arm][k] if cages else f"{arm}-{k}",
            "endpoint": endpoint,
            "value": value,
            "censored": (marks or {}).get((endpoint, arm), [""] * len(there))[k],
        }
        for endpoint, arms in values.items()
        for arm, there in arms.items()
        for k, value in enumerate(there)
    ]
    return pd.DataFrame(rows)


def draw(rng, sizes=(8, 7, 9), *, tied, shift=0.8):
    """Positive values of three arms, the later ones higher."""
    found = {}
    for k, (arm, n) in enumerate(zip(ARMS, sizes, strict=True)):
        values = np.exp(rng.normal(shift * k, 0.7, n) + 1)
        found[arm] = np.rint(values) + 1 if tied else values
    return found


def cases(*, seed=20261122, sizes=(8, 7, 9), count=4):
    rng = np.random.default_rng(seed)
    for tied in (False, True):
        for _ in range(count):
            yield draw(rng, sizes, tied=tied, shift=rng.uniform(0, 0.8))


def ways(name, table, plan):
    """The choices of a name that differ from the plan in this alone."""
    found = [one for one in Catalogue(table, plan).differing_in(1) if one.id == name]
    assert found, name
    return found


def p_of(choice, table, plan):
    data = DataSet(table, plan)
    return np.array([choice.p_value(data, k) for k in range(len(plan.comparisons))])


def u_of(x, y):
    return float(np.sum(x[:, None] > y) + 0.5 * np.sum(x[:, None] == y))


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


def r_auto(x, y, alternative):
    tied = np.unique(np.append(x, y)).size < x.size + y.size
    method = "asymptotic" if tied else "exact"
    return stats.mannwhitneyu(x, y, alternative=alternative, method=method).pvalue


def of_scipy(test, **options):
    return lambda x, y, alternative: test(x, y, alternative=alternative, **options).pvalue


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
    "brunner-munzel": of_scipy(stats.brunnermunzel),
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


def test_logarithms_of_what_is_not_positive_are_none():
    plan = plan_of()
    table = table_of({"afc": {"saline": [0.0, 2, 3], "low": [4.0, 5, 7], "high": [1.0, 1, 1]}})
    for name in ("welch-log", "student-log", "paired-t-log", "anova-log", "pooled-t-log"):
        assert np.isnan(p_of(ways(name, table, plan)[0], table, plan)).all()
    assert not np.isnan(p_of(ways("welch-log1p", table, plan)[0], table, plan)).any()


def two_sided(x, y):
    return r_auto(np.asarray(x), np.asarray(y), "two-sided")


MARKED = {
    "saline": ([4.0, 4, 6, 9, 5, 2], ["below", "", "", "", "", "below"]),
    "low": ([7.0, 8, 12, 20, 16, 3], ["", "", "", "above", "above", ""]),
}


def marked():
    values = {arm: there for arm, (there, _) in MARKED.items()}
    marks = {("afc", arm): marks for arm, (_, marks) in MARKED.items()}
    high = {"high": [5.0, 11, 13, 2, 1, 30]}
    return table_of({"afc": {**values, **high}}, marks)


def test_censored_values():
    plan, table = plan_of(), marked()
    (left_out,) = ways("censored-dropped", table, plan)
    (recorded,) = ways("censored-as-recorded", table, plan)
    assert p_of(left_out, table, plan)[0] == pytest.approx(
        two_sided([7, 8, 12, 3], [4, 6, 9, 5]), rel=RTOL
    )
    assert p_of(recorded, table, plan)[0] == pytest.approx(
        two_sided([7, 8, 12, 20, 16, 3], [4, 4, 6, 9, 5, 2]), rel=RTOL
    )
    # the plan's: below is lowest, above is highest
    assert p_of(Choice(), table, plan)[0] == pytest.approx(
        two_sided([7, 8, 12, 99, 99, 3], [0, 4, 6, 9, 5, 0]), rel=RTOL
    )
    # a test of means has but the recorded values
    (welch,) = ways("welch-raw", table, plan)
    assert p_of(welch, table, plan)[0] == pytest.approx(
        T_TEST(MARKED["low"][0], MARKED["saline"][0], equal_var=False).pvalue, rel=RTOL
    )


def test_missing_values_as_zero():
    plan = plan_of(endpoints=("afc", "titer"))
    table = table_of(
        {
            "afc": {"saline": [3.0, 4, np.nan, 6], "low": [5.0, 9, 8, 7], "high": [9.0, 9, 9, 8]},
            "titer": {"saline": [1.0, 2, 3, 4], "low": [5.0, 6], "high": [2.0, 4, 6, 8]},
        }
    )
    (zero,) = ways("missing-as-zero", table, plan)
    found = p_of(zero, table, plan)
    assert found[0] == pytest.approx(two_sided([5, 9, 8, 7], [3, 4, 0, 6]), rel=RTOL)
    # two animals of the arm have no row of the titer: empty cells of a wide table
    assert found[2] == pytest.approx(two_sided([5, 6, 0, 0], [1, 2, 3, 4]), rel=RTOL)


def test_cages():
    cages = {arm: [f"{arm}-{k // 2}" for k in range(6)] for arm in ARMS}
    values = {
        arm: np.round(next(cases(seed=k, sizes=(6, 6, 6)))["low"], 2).tolist()
        for k, arm in enumerate(ARMS)
    }
    table = table_of({"afc": values}, cages=cages)
    means = {arm: np.mean(np.reshape(there, (3, 2)), axis=1) for arm, there in values.items()}
    for plan, names in (
        (plan_of(), ("cage-medians", "cage-means")),
        (plan_of(unit="cage"), ("cage-means",)),
    ):
        for name in names:  # of two animals the mean is the median
            (way,) = ways(name, table, plan)
            assert p_of(way, table, plan)[0] == pytest.approx(
                two_sided(means["low"], means["saline"]), rel=RTOL
            )
    (animals,) = ways("animals", table, plan_of(unit="cage"))
    assert p_of(animals, table, plan_of(unit="cage"))[0] == pytest.approx(
        two_sided(values["low"], values["saline"]), rel=RTOL
    )
    # where cages hold several arms they are no choice
    shared = {arm: [f"c{k}" for k in range(6)] for arm in ARMS}
    names = {
        one.id
        for one in Catalogue(table_of({"afc": values}, cages=shared), plan_of()).differing_in(1)
    }
    assert not names & {"cage-medians", "cage-means"}


def test_rows_and_arms_that_are_chosen_otherwise():
    plan = plan_of("greater")
    values = {
        "saline": [3.0, 5, 4, 6, 5, 40],
        "low": [5.0, 9, 8],
        "high": [5.0, 7, 7, 2, 3, 30],
        "sham": [1.0, 2, 3, 4],
    }
    table = table_of({"afc": values})
    greater = partial(r_auto, alternative="greater")
    low, saline = np.array(values["low"]), np.array(values["saline"])
    for name, x, y in (
        ("arms-swapped", saline, low),
        ("against-high", low, np.array(values["high"])),
        ("against-sham", low, np.array(values["sham"])),
        ("cut-to-equal-sizes", low, saline[:3]),
        ("rows-doubled", np.repeat(low, 2), np.repeat(saline, 2)),
        # quartiles 4.25 and 5.75: 40 is far beyond 5.75 + 1.5 * 1.5
        ("outliers-dropped-fences", low, saline[:5]),
        ("outliers-dropped-sd", low, saline[:5]),
    ):
        (way,) = ways(name, table, plan)
        assert p_of(way, table, plan)[0] == pytest.approx(greater(x, y), rel=RTOL), name


def test_ties_broken_by_the_order_of_the_rows():
    for values in cases():
        plan, table = plan_of(), table_of({"afc": values})
        x, y = values["high"], values["saline"]
        ranks = stats.rankdata(np.append(y, x), method="ordinal")
        control_first = two_sided(ranks[y.size :], ranks[: y.size])
        ranks = stats.rankdata(np.append(x, y), method="ordinal")
        treated_first = two_sided(ranks[: x.size], ranks[x.size :])
        found = [p_of(way, table, plan)[1] for way in ways("ties-by-row-order", table, plan)]
        np.testing.assert_allclose(found, [control_first, treated_first], rtol=RTOL)


def test_sides_of_a_test():
    for values in cases():
        table = table_of({"afc": values})
        x, y = values["low"], values["saline"]
        two, greater, less = (r_auto(x, y, side) for side in SIDES)
        expected = {
            "one-sided-greater": greater,
            "one-sided-less": less,
            "halved": two / 2,
            "one-sided-as-seen": min(greater, less),
            "doubled-greater": min(1, 2 * greater),
            "doubled-less": min(1, 2 * less),
        }
        assert {one.id for one in tails("two-sided")} == expected.keys()
        for name, p in expected.items():
            (way,) = ways(name, table, plan_of())
            assert p_of(way, table, plan_of())[0] == pytest.approx(p, rel=RTOL)
        (way,) = ways("two-sided", table, plan_of("greater"))
        assert way.valid
        assert p_of(way, table, plan_of("greater"))[0] == pytest.approx(two, rel=RTOL)
        (way,) = ways("one-sided-less", table, plan_of("greater"))
        assert p_of(way, table, plan_of("greater"))[0] == pytest.approx(less, rel=RTOL)


def test_what_is_reported():
    plan = plan_of(endpoints=("afc", "titer"))
    rng = np.random.default_rng(4)
    names = {
        "bonferroni": "bonferroni",
        "holm": "holm",
        "hochberg": "simes-hochberg",
        "bh": "fdr_bh",
    }
    for _ in range(4):
        table = table_of({name: draw(rng, tied=False, shift=0.5) for name in ("afc", "titer")})
        plain = p_of(Choice(), table, plan)
        for ours, theirs in names.items():
            (way,) = ways(f"p-value-{ours}", table, plan)
            found = p_of(way, table, plan)
            np.testing.assert_allclose(found, multipletests(plain, method=theirs)[1], rtol=RTOL)
            (way,) = ways(f"p-value-{ours}-over-endpoint-and-control", table, plan)
            found = p_of(way, table, plan)
            expected = [multipletests(part, method=theirs)[1] for part in (plain[:2], plain[2:])]
            np.testing.assert_allclose(found, np.concatenate(expected), rtol=RTOL)
        best = ways("best-endpoint", table, plan)
        for way in best:
            expected = np.tile(np.minimum(plain[:2], plain[2:]), 2)
            np.testing.assert_allclose(p_of(way, table, plan), expected, rtol=RTOL)


def test_the_best_of_endpoints_that_the_plan_does_not_have():
    plan = plan_of()
    rng = np.random.default_rng(4)
    values = {name: draw(rng, tied=False, shift=0.5) for name in ("afc", "titer")}
    table = table_of(values)
    (way,) = ways("best-endpoint", table, plan)
    expected = [
        min(two_sided(values[name][arm], values[name]["saline"]) for name in values)
        for arm in ("low", "high")
    ]
    np.testing.assert_allclose(p_of(way, table, plan), expected, rtol=RTOL)


def test_what_the_plan_itself_adjusts_by_the_data():
    plan = plan_of(adjust="fixed-sequence")
    table = table_of({"afc": next(cases())})
    (way,) = ways("p-value-as-adjusted", table, plan)
    plain = p_of(Choice(), table, plan)
    np.testing.assert_allclose(p_of(way, table, plan), np.maximum.accumulate(plain), rtol=RTOL)
    welch = Choice(test=ways("welch-raw", table, plan)[0].test, report=way.report)
    assert np.isnan(p_of(welch, table, plan)).all()  # adjusted from other p-values: not known


def test_a_quick_look_never_denies_what_is_said():
    plan = plan_of(endpoints=("afc", "titer"))
    rng = np.random.default_rng(9)
    table = table_of({name: draw(rng, tied=True, shift=0.5) for name in ("afc", "titer")})
    data = DataSet(table, plan)
    for parts in (1, 2):
        for choice in Catalogue(table, plan).differing_in(parts):
            p = choice.p_value(data, 1)
            if choice.report.id and not np.isnan(p):
                assert choice.could_say(p, data, 1, slack=1e-9)


def test_what_is_said():
    plan, table = plan_of("two-sided"), marked()
    catalogue = Catalogue(table, plan)
    said = {one.id: one.sentence for parts in (1, 2, 3) for one in catalogue.differing_in(parts)}
    assert said["one-sided-greater"] == "your p-values are those of a one-sided test (greater)"
    assert said["censored-dropped+one-sided-greater"] == (
        "your p-values are those of a one-sided test (greater), with the censored values left out"
    )
    assert said["welch-raw+one-sided-greater"] == (
        "your p-values are those of Welch's t test of the values as they are, one-sided (greater)"
    )
    assert said["p-value-holm"] == "your p_value column holds Holm-adjusted p-values"
    assert said["scipy-auto+p-value-holm"].startswith(
        "your p_value column holds Holm-adjusted p-values, of the Mann-Whitney test as scipy's"
    )
    assert all(said.values())
    assert not any("  " in text or text.endswith((".", " ", ",")) for text in said.values())
    one, two, three, four = (
        ways(name, table, plan)[0] for name in ("normal", "welch-raw", "halved", "rows-doubled")
    )
    assert either([one]) == one.sentence
    assert either([two, three]) == (
        "your p-values are those of Welch's t test of the values as they are, or of a test that is "
        "two-sided and then halved, whatever the direction (alike on these data)"
    )
    assert either([one, two, three, four]).endswith(", or of 1 more (alike on these data)")


R_SCRIPT = r"""
options(warn = -1)
suppressMessages(library(coin))
of <- function(x, y, z, side) {
  both <- data.frame(v = c(x, y), g = factor(rep(c("b", "a"), c(length(x), length(y))),
                                             levels = c("b", "a")))
  all <- data.frame(v = c(x, y, z), g = factor(rep(c("x", "y", "z"),
                                             c(length(x), length(y), length(z)))))
  c("r-auto" = wilcox.test(x, y, alternative = side)$p.value,
    "normal" = wilcox.test(x, y, alternative = side, exact = FALSE)$p.value,
    "normal-no-continuity" =
      wilcox.test(x, y, alternative = side, exact = FALSE, correct = FALSE)$p.value,
    "exact-far-tail" = as.numeric(pvalue(
      wilcox_test(v ~ g, data = both, alternative = side, distribution = "exact"))),
    "welch-raw" = t.test(x, y, alternative = side)$p.value,
    "welch-log" = t.test(log(x), log(y), alternative = side)$p.value,
    "student-raw" = t.test(x, y, alternative = side, var.equal = TRUE)$p.value,
    "signed-rank" = wilcox.test(x, y, alternative = side, paired = TRUE)$p.value,
    "paired-t-raw" = t.test(x, y, alternative = side, paired = TRUE)$p.value,
    "kolmogorov-smirnov" = ks.test(x, y, exact = TRUE)$p.value,
    "kruskal-wallis-all-arms" = kruskal.test(v ~ g, data = all)$p.value,
    "anova-raw" = anova(lm(v ~ g, data = all))[["Pr(>F)"]][1],
    "pooled-t-raw" = {
      t <- summary(lm(v ~ relevel(g, "y"), data = all))$coefficients[2, "t value"]
      df <- nrow(all) - 3
      if (side == "two.sided") 2 * pt(-abs(t), df) else pt(t, df, lower.tail = side == "less")
    })
}
"""
#: Which of several ways of a name is R's.
OF_R = {"kolmogorov-smirnov": 1, "signed-rank": 0}


@lru_cache(maxsize=1)
def rscript():
    found = shutil.which("Rscript")
    command = [found or "", "-e", "library(coin)"]
    if found is None or subprocess.run(command, capture_output=True, check=False).returncode:
        missing = "Rscript with coin is not installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def test_r_says_the_same_of_fresh_data(tmp_path):
    """Other data at every run; the claim is equality, so no seed can be unlucky."""
    found, seed = rscript(), secrets.randbelow(2**31)
    print("seed", seed)  # shown when the test fails
    sets = list(cases(seed=seed, sizes=(8, 8, 9), count=5))
    lines = [R_SCRIPT]
    for values in sets:
        arms = ", ".join(
            f"c({', '.join(map(repr, values[arm].tolist()))})" for arm in ("low", "saline", "high")
        )
        lines += [
            f'cat(paste(names(p <- of({arms}, "{side.replace("-", ".")}")), sprintf("%.15g", p)), '
            'sep = "\\n"); cat("\\n")'
            for side in SIDES
        ]
    (tmp_path / "choices.R").write_text("\n".join(lines))
    said = subprocess.run(
        [found, "choices.R"], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=120
    )
    pairs = [line.split(" ") for line in said.stdout.splitlines()]
    answers = iter(pairs)
    for values in sets:
        table = table_of({"afc": values})
        for side in SIDES:
            plan = plan_of(side)
            for name, p in itertools.islice(answers, 13):
                way = ways(name, table, plan)[OF_R.get(name, 0)]
                ours = p_of(way, table, plan)[0]
                assert ours == pytest.approx(float(p), rel=1e-8), (name, side)
    assert next(answers, None) is None
