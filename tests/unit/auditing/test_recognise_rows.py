"""P-values that stand in the rows of other comparisons, and estimates of another kind."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.auditing.recognise import recognise

from .scripts import (
    AFC,
    SECRETOME,
    TITER,
    as_r,
    by_pairs,
    decided,
    findings,
    script,
    study,
)

MANN_WHITNEY = stats.mannwhitneyu


def rows_of(plan, endpoint):
    return [k for k, one in enumerate(plan.comparisons) if one.endpoint == endpoint]


def exchanging(test, places):
    """A script that writes the p-values of some comparisons in the rows of others."""

    def analysis(table, plan):
        p = by_pairs(test, table, plan)
        for endpoint in (AFC, TITER):
            at = rows_of(plan, endpoint)
            p[[at[k] for k in places]] = p[[at[k] for k in reversed(places)]]
        return {"p_value": p, "rejected": decided(p, plan)}

    return analysis


@pytest.mark.parametrize(
    ("test", "n", "by"),
    [
        (as_r, 8, ""),
        (
            lambda x, y: MANN_WHITNEY(x, y).pvalue,
            10,
            " (by the Mann-Whitney test as scipy's mannwhitneyu chooses it",
        ),
    ],
    ids=["the plan's test", "another right one"],
)
def test_two_treated_arms_that_are_mixed_up_are_named(test, n, by):
    found = findings(exchanging(test, (0, 1)), n=n)
    one = next(one for one in found if one.id == "rows-exchanged" and AFC in one.endpoints)
    first, second = (study(SECRETOME, n).plan.comparisons[k] for k in (0, 1))
    names = [f"{one.treated} v {one.control}" for one in (first, second)]
    assert one.sentence.startswith(
        f"your p-values of {names[0]} are those of {names[1]}, of {names[1]} those of "
        f"{names[0]}: rows or arms are mixed up{by}"
    )
    assert (one.valid, one.explains) == (False, "p-values")
    assert one.matched >= 0.995 * one.told_apart > 30


def test_rows_that_are_where_they_belong_are_not_mixed_up():
    strange = lambda x, y: min(1, 1.001 * as_r(x, y))  # noqa: E731
    for test in (as_r, strange):
        assert all(one.id != "rows-exchanged" for one in findings(script(test), replicates=12))


def median_shift(x, y):
    return float(np.median(np.subtract.outer(x, y)))


KINDS = {
    "hodges_lehmann_shift": median_shift,
    "difference_of_means": lambda x, y: x.mean() - y.mean(),
    "difference_of_medians": lambda x, y: np.median(x) - np.median(y),
    "fold_of_means": lambda x, y: x.mean() / y.mean(),
    "fold_of_geometric_means": lambda x, y: stats.gmean(x) / stats.gmean(y),
    "relative_effect": lambda x, y: MANN_WHITNEY(x, y)[0] / (x.size * y.size),
}


def estimates(kind, change=lambda values: values):
    """The evidence of estimates of a kind, held against folds of medians."""
    one = study(SECRETOME, 8)
    runs = one.run(script(as_r), 6)
    for world, run in runs.items():
        for replicate in range(6):
            table, fold = one.frame(world, replicate), lambda x, y: np.median(x) / np.median(y)
            run.plan_estimate[replicate] = by_pairs(fold, table, one.plan)
            run.estimate[replicate] = change(by_pairs(kind, table, one.plan))
    return recognise(runs, one.frame, one.plan)


@pytest.mark.parametrize("name", KINDS)
def test_estimates_of_another_kind_are_named(name):
    (found,) = estimates(KINDS[name])
    assert (found.id, found.valid) == (f"estimates-{name}", False)
    assert found.sentence.startswith(f"your estimates are of another kind, {name} (")
    assert found.sentence.endswith(f"use --estimand {name}")
    assert found.matched == found.told_apart > 50


def test_estimates_of_no_known_kind_are_not_named():
    fold = lambda x, y: np.median(x) / np.median(y)  # noqa: E731
    assert estimates(fold) == ()
    assert estimates(median_shift, lambda values: 1.01 * values) == ()
