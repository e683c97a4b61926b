"""Every test and adjustment that a plan can ask for: the engine decides as ``analyse`` does."""

import numpy as np
import pandas as pd
import pytest

from simulator.analysis.analyse import analyse
from simulator.errors import ScenarioError
from simulator.evaluation.decisions.decide import decide
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.decisions.thresholds import UNTESTABLE
from simulator.scenario import Scenario

ARMS = ("saline", "low", "high")
NS = (2, 4, 7)


def scenario(family=None, trend=None, loss=0.0, **plan):
    """Three arms, one endpoint, one family against saline, one trend."""
    arms = {arm: {"role": "test"} for arm in ARMS}
    arms["saline"] = {"role": "control"}
    families = {"f": {"endpoint": "y", "arms": list(ARMS[1:]), "against": "saline"}}
    families["f"].update(family or {})
    trends = {"dose": {"endpoint": "y", "arms": list(ARMS), **(trend or {})}}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "tests",
            "question": "does the engine decide as the bench does?",
            "seed": 1,
            "design": {
                "arms": arms,
                "endpoints": {"y": {"kind": "continuous", "day": 1, "measured_in": "mg"}},
                "attrition": {"loss": loss},
            },
            "analysis": {"families": families, "trends": trends, "resamples": 199, **plan},
            "decision": {"n": {"from": NS[0], "to": NS[-1]}},
        }
    )


def values_of(layout, *, distinct, lost, replicates=25):
    rng = np.random.default_rng(8)
    shape = (len(layout.slots), max(NS), replicates)
    values = (
        rng.normal(size=shape) if distinct is None else 1.0 * rng.integers(distinct, size=shape)
    )
    values += np.arange(len(layout.slots))[:, None, None] * 0.8
    values[:, :, 0] = 3.0  # a replicate with nothing to rank
    values[1, :, 1] += 50.0  # complete separation
    values[rng.random(shape) < lost] = np.nan
    return values


def bench(study, layout, values, k, r):
    """The analysis of one replicate at the k-th n."""
    rows = [
        {"subject_id": f"{arm}-{animal}", "arm": arm, "endpoint": "y", "value": value}
        for slot, (_, arm) in enumerate(layout.slots)
        for animal, value in enumerate(values[slot, : layout.sizes[slot, k], r])
        if not np.isnan(value)
    ]
    return analyse(pd.DataFrame(rows), study.analysis)


def level(p, thresholds):
    return UNTESTABLE if p is None else int((p <= thresholds * (1 + 1e-9)).sum())


CASES = {
    "mid-p": {"method": "mid-p"},
    "mid-p doubling less": {"method": "mid-p", "convention": "doubling", "alternative": "less"},
    "brunner-munzel": {"test": "brunner_munzel"},
    "brunner-munzel greater": {"test": "brunner_munzel", "alternative": "greater"},
    "permutation": {"test": "permutation"},
    "permutation less": {"test": "permutation", "alternative": "less"},
    "of the family": {"test": "permutation", "family": {"test": "mann_whitney", "method": "exact"}},
    "steel": {"family": {"adjust": "steel"}},
    "steel exact": {"family": {"adjust": "steel", "method": "exact"}},
    "steel greater": {"family": {"adjust": "steel", "method": "exact"}, "alternative": "greater"},
    "steel normal": {"family": {"adjust": "steel", "method": "asymptotic"}},
    "trend exact": {"trend": {"method": "exact", "alternative": "increasing"}},
    "trend normal": {"trend": {"method": "asymptotic"}},
}


@pytest.mark.parametrize("lost", [0.0, 0.2])
@pytest.mark.parametrize("distinct", [None, 2, 5])
@pytest.mark.parametrize("options", CASES.values(), ids=CASES)
def test_the_engine_decides_as_the_bench(options, distinct, lost):
    study = scenario(loss=lost, **options)
    steel = study.analysis.families["f"].adjust == "steel"
    if steel and lost and study.analysis.spec("f").method != "asymptotic":
        with pytest.raises(ScenarioError, match="steel by relabeling cannot be simulated with"):
            layout_of(study, NS)
        return
    layout = layout_of(study, NS)
    values = values_of(layout, distinct=distinct, lost=lost)
    tested = decide(layout, values)
    thresholds = layout.steps[0].thresholds
    for r in range(values.shape[2]):
        for k in range(len(NS)):
            found = bench(study, layout, values, k, r)
            levels = [level(row.p_value, thresholds) for row in found.comparisons]
            assert tested.levels[:, k, r].tolist() == levels
            rejected = [row.rejected for row in found.comparisons]
            assert tested.rejected[:, k, r].tolist() == rejected
            trend = level(found.trends[0].p_value, np.array([0.05]))
            assert tested.trend_levels[0, k, r] == trend
    assert 0 < tested.rejected.sum() < tested.rejected.size


def test_what_cannot_be_simulated_is_said_before():
    with pytest.raises(ScenarioError, match="permutation cannot be simulated with losses in arms"):
        layout_of(scenario(test="permutation", loss=0.1), [30])
    with pytest.raises(
        ScenarioError, match=r"trends\.dose\.method .* the trend has 405 at n = 135"
    ):
        layout_of(scenario(trend={"method": "exact"}), [4, 135])
    with pytest.raises(ScenarioError, match=r"mid-p tests at most 400 .* 201 v 201 at n = 201"):
        layout_of(scenario(method="mid-p"), [4, 201, 300])


@pytest.mark.parametrize("distinct", [None, 4])
@pytest.mark.parametrize(
    "options", [{}, {"family": {"adjust": "steel", "method": "exact"}}], ids=["holm", "steel"]
)
def test_values_that_are_missing_without_losses_in_the_design(options, distinct):
    """No table was made for such sizes: slower, and the same decisions."""
    study = scenario(**options)
    layout = layout_of(study, NS)
    values = values_of(layout, distinct=distinct, lost=0.3, replicates=8)
    tested = decide(layout, values)
    for r in range(values.shape[2]):
        for k in range(len(NS)):
            found = bench(study, layout, values, k, r)
            rejected = [row.rejected for row in found.comparisons]
            assert tested.rejected[:, k, r].tolist() == rejected
            trend = level(found.trends[0].p_value, np.array([0.05]))
            assert tested.trend_levels[0, k, r] == trend


def test_a_family_too_large_to_decide_is_refused():
    study = scenario(family={"adjust": "bh"})
    family = study.analysis.families["f"].model_copy(update={"endpoint": ("y",) * 76})
    plan = study.analysis.model_copy(update={"families": {"f": family}})
    with pytest.raises(ScenarioError, match="152 comparisons are too many for adjust: bh"):
        layout_of(study.model_copy(update={"analysis": plan}), NS)
