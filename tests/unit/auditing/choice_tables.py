"""Small tables of three arms, and the p-values that a choice has of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from simulator.auditing.choices import Catalogue, DataSet
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


def r_auto(x, y, alternative):
    tied = np.unique(np.append(x, y)).size < x.size + y.size
    method = "asymptotic" if tied else "exact"
    return stats.mannwhitneyu(x, y, alternative=alternative, method=method).pvalue
