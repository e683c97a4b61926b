"""Scripts that make a known choice are recognised, and nothing is made up of others.

Each script is written with scipy or statsmodels alone, from the table that it would read.
"""

from __future__ import annotations

from functools import partial
from time import process_time

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from simulator.analysis.samples import gather
from simulator.auditing.recognise import recognise
from simulator.auditing.reference import answers

from .scripts import (
    AFC,
    QUICK,
    SECRETOME,
    TITER,
    adjusted,
    arms_of,
    as_r,
    by_pairs,
    decided,
    findings,
    script,
    study,
)

PHAGOCYTOSIS = ("phagocytosis", "phagocytic-number")
ALL = (AFC, TITER, *PHAGOCYTOSIS)
RNG = np.random.default_rng(20261122)


def uncensored(table):
    return table[table["censored"] == ""] if "censored" in table else table


MANN_WHITNEY = stats.mannwhitneyu
TESTS = {
    "one-sided-greater": partial(as_r, alternative="greater"),
    "one-sided-less": partial(as_r, alternative="less"),
    "halved": lambda x, y: as_r(x, y) / 2,
    "doubled-greater": lambda x, y: min(1, 2 * as_r(x, y, "greater")),
    "one-sided-as-seen": lambda x, y: min(as_r(x, y, "greater"), as_r(x, y, "less")),
    "normal": lambda x, y: MANN_WHITNEY(x, y, method="asymptotic").pvalue,
    "normal-no-continuity": lambda x, y: stats.kruskal(x, y).pvalue,
    "normal-bare": lambda x, y: stats.ranksums(x, y).pvalue,
    "ties-ignored": lambda x, y: MANN_WHITNEY(x, y, method="exact").pvalue,
    "welch-raw": lambda x, y: stats.ttest_ind(x, y, equal_var=False).pvalue,
    "welch-log": lambda x, y: stats.ttest_ind(np.log(x), np.log(y), equal_var=False).pvalue,
    "student-raw": lambda x, y: stats.ttest_ind(x, y).pvalue,
    "student-log1p": lambda x, y: stats.ttest_ind(np.log1p(x), np.log1p(y)).pvalue,
    "paired-t-raw": lambda x, y: stats.ttest_rel(x, y).pvalue,
    "brunner-munzel": lambda x, y: stats.brunnermunzel(x, y).pvalue,
    "kolmogorov-smirnov": lambda x, y: stats.ks_2samp(x, y).pvalue,
    "signed-rank": lambda x, y: stats.wilcoxon(x, y).pvalue,
    "welch-raw+one-sided-greater": lambda x, y: (
        stats.ttest_ind(x, y, equal_var=False, alternative="greater").pvalue
    ),
    "rows-doubled": lambda x, y: as_r(np.repeat(x, 2), np.repeat(y, 2)),
}


@pytest.mark.parametrize("name", TESTS)
def test_the_test_that_a_script_makes_is_recognised(name):
    # scipy lists all sign changes of 8 tied pairs: some ms a test
    few = {"replicates": 4} if name == "signed-rank" else {}
    (found,) = findings(script(TESTS[name]), **few)
    assert found.id == name
    assert set(ALL) >= set(found.endpoints)
    assert found.matched == found.told_apart > 50
    assert found.valid == (name == "normal")
    assert found.sentence.startswith("your p-values are those of ")


def test_the_plans_own_analysis_has_no_findings():
    assert findings(script(as_r)) == ()
    assert findings(script(as_r), QUICK, replicates=60) == ()
    assert findings(script(lambda x, y: MANN_WHITNEY(x, y).pvalue)) == ()  # n = 8: scipy is exact


@pytest.mark.parametrize("name", ["one-sided-greater", "welch-raw", "signed-rank", "halved"])
def test_two_arms_and_one_endpoint_are_enough(name):
    (found,) = findings(script(TESTS[name]), QUICK, replicates=60)
    assert (found.id, found.endpoints) == (name, ("afc",))


def test_scipy_with_more_than_8_animals_is_another_right_choice():
    (found,) = findings(script(lambda x, y: MANN_WHITNEY(x, y).pvalue), n=10)
    assert found.valid
    assert found.id == "scipy-auto"
    assert found.sentence.startswith(
        "your p-values are those of the Mann-Whitney test as scipy's mannwhitneyu chooses it"
    )
    (found,) = findings(script(lambda x, y: MANN_WHITNEY(x, y, alternative="greater").pvalue), n=10)
    assert found.id == "scipy-auto+one-sided-greater"
    assert found.endpoints == ALL


def test_censored_values_left_out():
    (found,) = findings(script(as_r, prepare=uncensored), replicates=40)
    assert (found.id, found.endpoints, found.valid) == ("censored-dropped", (TITER,), False)
    assert found.sentence == (
        "your p-values are those of the plan's test with the censored values left out"
    )


def test_two_choices_that_show_in_different_endpoints():
    scipy = script(lambda x, y: MANN_WHITNEY(x, y).pvalue, prepare=uncensored)
    found = findings(scipy, n=10, replicates=40)
    assert [one.id for one in found] == ["scipy-auto", "censored-dropped"]
    assert set(found[0].endpoints) == {AFC, "phagocytic-number"}  # titers are always tied
    assert found[1].endpoints == (TITER,)


def test_each_endpoint_may_have_its_own_choice():
    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        welch = by_pairs(TESTS["welch-raw"], table, plan)
        ranks = by_pairs(TESTS["normal-no-continuity"], table, plan)
        for k, one in enumerate(plan.comparisons):
            p[k] = {AFC: welch[k], TITER: ranks[k]}.get(one.endpoint, p[k])
        return {"p_value": p, "rejected": decided(p, plan)}

    first, second = findings(analysis)
    assert (first.id, first.endpoints) == ("welch-raw", (AFC,))
    assert (second.id, second.endpoints) == ("normal-no-continuity", (TITER,))


@pytest.mark.parametrize("digits", [3, 4])
def test_rounding_alone_is_no_other_choice(digits):
    (found,) = findings(script(as_r, rounded=lambda p: round(p, digits)))
    assert (found.id, found.endpoints, found.valid) == ("rounded", ALL, True)
    assert found.sentence == f"your p-values are the plan's, rounded to {digits} decimals"
    (found,) = findings(script(as_r, rounded=lambda p: float(f"{p:.{digits}g}")))
    assert found.sentence.endswith(f"rounded to {digits} significant digits")
    assert findings(script(as_r, rounded=lambda p: float(f"{p:.7g}"))) == ()


def test_another_choice_is_recognised_through_rounding():
    (found,) = findings(script(TESTS["welch-raw"], rounded=lambda p: round(p, 3)))
    assert found.id == "welch-raw"
    assert found.sentence.endswith(
        "Welch's t test of the values as they are, rounded to 3 decimals"
    )


@pytest.mark.parametrize("method", ["bonferroni", "holm", "simes-hochberg", "fdr_bh"])
def test_the_scripts_adjust_as_statsmodels_does(method):
    for _ in range(5):
        p = np.round(RNG.uniform(size=7) ** 2, 2)
        np.testing.assert_allclose(adjusted(p, method), multipletests(p, method=method)[1])


def adjusting(method, groups):
    """A script whose column p_value holds adjusted p-values."""

    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        said, keys = p.copy(), np.array([groups(one) for one in plan.comparisons])
        for key in dict.fromkeys(keys.tolist()):
            said[keys == key] = adjusted(p[keys == key], method)
        return {"p_value": said, "rejected": decided(p, plan)}

    return analysis


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("holm", "Holm"),
        ("bonferroni", "Bonferroni"),
        ("simes-hochberg", "Hochberg"),
        ("fdr_bh", "Benjamini-Hochberg"),
    ],
)
def test_adjusted_p_values_in_the_column_of_p_values(method, name):
    (found,) = findings(adjusting(method, lambda one: one.family))
    assert found.sentence == f"your p_value column holds {name}-adjusted p-values"
    assert found.valid
    assert found.endpoints == ALL
    (found,) = findings(adjusting(method, lambda _: ""))
    assert found.sentence.endswith(f"{name}-adjusted p-values over all comparisons at once")


def test_the_best_endpoint_picked():
    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        pairs = [(one.treated, one.control) for one in plan.comparisons]
        said = [min(p[j] for j, other in enumerate(pairs) if other == pair) for pair in pairs]
        return {"p_value": said, "rejected": decided(np.array(said), plan)}

    (found,) = findings(analysis)
    assert (found.id, found.endpoints, found.valid) == ("best-endpoint", ALL, False)
    assert "the best endpoint picked" in found.sentence


def test_another_control_than_the_plans():
    def analysis(table, plan):
        arms = arms_of(table)
        p = np.array(
            [
                as_r(arms[one.endpoint, one.treated], arms[one.endpoint, "control"])
                for one in plan.comparisons
            ]
        )
        return {"p_value": p, "rejected": decided(p, plan)}

    (found,) = findings(analysis)
    assert (found.id, found.endpoints) == ("against-control", (AFC,))
    assert found.sentence == (
        "your p-values are those of the plan's test against control, whatever control the plan "
        "names"
    )


def test_swapped_groups_show_in_one_sided_p_in_u_and_in_the_estimate():
    def analysis(table, plan, *, back=False):
        p = by_pairs(lambda x, y: as_r(y, x, plan.alternative), table, plan)
        u = by_pairs(lambda x, y: MANN_WHITNEY(*((x, y) if back else (y, x)))[0], table, plan)
        return {"p_value": p, "u": u, "rejected": decided(p, plan)}

    # two-sided: the p-values are the plan's
    (found,) = findings(analysis)
    assert (found.id, found.endpoints) == ("u-swapped", ALL)
    # one-sided: u tells the swap from the other alternative
    one, other = findings(analysis, alternative="greater")
    assert (one.id, other.id) == ("arms-swapped", "u-swapped")
    (found,) = findings(partial(analysis, back=True), alternative="greater")
    assert found.id == "one-sided-less"


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("u-smaller", lambda x, y: min(MANN_WHITNEY(x, y)[0], MANN_WHITNEY(y, x)[0])),
        ("rank-sum", lambda x, y: stats.rankdata(np.append(x, y))[: x.size].sum()),
        ("rank-sum-control", lambda x, y: stats.rankdata(np.append(x, y))[x.size :].sum()),
    ],
)
def test_other_statistics_than_u(name, of):
    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        return {"p_value": p, "rejected": decided(p, plan), "u": by_pairs(of, table, plan)}

    (found,) = findings(analysis)
    assert (found.id, found.valid) == (name, True)


def test_inverted_estimates():
    one = study(SECRETOME, 8)
    runs = one.run(script(as_r), 5)
    rng = np.random.default_rng(1)
    for run in runs.values():
        run.plan_estimate[:] = rng.uniform(0.5, 4, run.plan_estimate.shape)
    for invert in (lambda own: 1 / own, lambda own: -own, lambda own: 1 - own):
        for run in runs.values():
            run.estimate[:] = invert(run.plan_estimate)
        (found,) = recognise(runs, one.frame, one.plan)
        assert (found.id, found.valid) == ("estimate-swapped", False)
    for run in runs.values():
        run.estimate[:] = run.plan_estimate * 1.1
    assert recognise(runs, one.frame, one.plan) == ()


def test_cages_where_the_plan_counts_animals_and_the_other_way_round():
    def by_cage(x):
        return x.groupby(["arm", "endpoint", "cage"], as_index=False)["value"]

    def medians(table):
        return by_cage(table).median()

    def means(table):
        return by_cage(table).mean()

    name, sizes = "whole-cage-arms", {"n": 40, "replicates": 30}
    exact = lambda x, y: MANN_WHITNEY(x, y, method="exact").pvalue  # noqa: E731
    assert findings(script(exact), name, **sizes) == ()
    for prepare, choice in ((medians, "cage-medians"), (means, "cage-means")):
        (found,) = findings(script(exact, prepare=prepare), name, **sizes)
        assert (found.id, found.valid) == (choice, True)
    (found,) = findings(script(exact), name, unit="cage", **sizes)
    assert (found.id, found.valid) == ("animals", False)
    (found,) = findings(script(exact, prepare=means), name, unit="cage", **sizes)
    assert found.id == "cage-means"


def mixed(share, *tests, seed=5):
    """A script that makes now this test and now that."""
    rng = np.random.default_rng(seed)

    def test(x, y):
        return tests[int(rng.uniform() < share)](x, y)

    return test


STRANGE = {
    "random": lambda *_: float(RNG.uniform()),
    "half one-sided": mixed(0.5, as_r, TESTS["one-sided-greater"]),
    "5 % Welch": mixed(0.05, as_r, TESTS["welch-raw"]),
    "95 % Welch": mixed(0.95, as_r, TESTS["welch-raw"]),
    "a thousandth more": lambda x, y: min(1, 1.001 * as_r(x, y)),
    "square root": lambda x, y: as_r(x, y) ** 0.5,
    "median test": lambda x, y: (
        stats.median_test(x, y, ties="above").pvalue if np.unique(np.append(x, y)).size > 2 else 1.0
    ),
    "always 0.04": lambda *_: 0.04,
    "nothing": lambda *_: np.nan,
}


@pytest.mark.parametrize("name", STRANGE)
def test_nothing_is_made_up_of_other_p_values(name):
    assert findings(script(STRANGE[name]), replicates=12) == ()
    assert findings(script(STRANGE[name]), QUICK, replicates=40) == ()


def test_a_test_with_an_exception_in_a_few_is_still_recognised():
    def test(x, y):
        p = TESTS["welch-raw"](x, y)
        return 1.0 if p > 0.998 else p

    (found,) = findings(script(test))
    assert found.id == "welch-raw"
    assert 0.995 * found.told_apart < found.matched < found.told_apart


def test_failed_runs_and_missing_p_values_are_left_out():
    one = study(SECRETOME, 8)
    runs = one.run(script(TESTS["welch-raw"]), 12)
    for run in runs.values():
        run.p_value[3:6] = np.nan
        run.p_value[:, 2] = np.nan
    (found,) = recognise(runs, one.frame, one.plan)
    assert (found.id, found.told_apart) == ("welch-raw", found.matched)
    assert found.matched <= 2 * 9 * 29
    for run in runs.values():
        run.p_value[:] = np.nan
    assert recognise(runs, one.frame, one.plan) == ()


def test_rare_differences_are_looked_for_beyond_the_first_replicates():
    # of 120 data sets 12 are analysed in another way, none of them among the first 60
    one, late = study(SECRETOME, 8), {"n": 0}

    def test(table, plan):
        late["n"] += 1
        chosen = TESTS["welch-raw"] if late["n"] % 60 > 54 else as_r
        return {"p_value": by_pairs(chosen, table, plan)}

    runs = one.run(test, 60)
    for run in runs.values():
        run.rejected[:] = run.plan_rejected
    differs = [(run.p_value != run.plan_p_value).any(axis=1).sum() for run in runs.values()]
    assert min(differs) >= 5
    asked = []

    def frame(world, replicate):
        asked.append(replicate)
        return one.frame(world, replicate)

    assert recognise(runs, frame, one.plan, most=8) == ()  # a mixture
    assert len({*asked}) <= 16
    assert max(asked) >= 54


def test_it_takes_seconds():
    """For 400 studies of 30 comparisons, of a choice that is known and of one that is not."""
    one = study(SECRETOME, 8)
    greater = one.plan.model_copy(update={"alternative": "greater"})

    def runs_of(factor):
        def analysis(table, plan):
            p = np.minimum(1, factor * answers(gather(table), greater).p_value)
            return {"p_value": p, "rejected": decided(p, plan)}

        return one.run(analysis, 200)

    for factor, known in ((1, "one-sided-greater"), (1.1, None)):
        runs = runs_of(factor)
        began = process_time()
        found = recognise(runs, one.frame, one.plan)
        assert process_time() - began < 15  # about 2 s where nothing else runs
        assert [choice.id for choice in found] == ([known] if known else [])
