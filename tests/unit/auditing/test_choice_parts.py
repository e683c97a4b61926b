"""What is compared, on which side, what is reported, and what is said of it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from simulator.auditing.choices import Catalogue, DataSet, either
from simulator.auditing.choices.choice import Choice
from simulator.auditing.choices.tails import tails

from .choice_tables import (
    ARMS,
    RTOL,
    SIDES,
    cases,
    draw,
    p_of,
    plan_of,
    r_auto,
    table_of,
    ways,
)

T_TEST = stats.ttest_ind


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
