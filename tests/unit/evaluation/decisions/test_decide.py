"""The growing kernels against the analysis' own tests, replicate by replicate, n by n."""

import numpy as np
import pytest

from simulator.analysis.mann_whitney import mann_whitney
from simulator.analysis.multiplicity import adjust
from simulator.analysis.trend import jonckheere
from simulator.evaluation.decisions.comparing import compare
from simulator.evaluation.decisions.decide import decide
from simulator.evaluation.decisions.growing import earlier_equals
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.decisions.rules import rules_of
from simulator.evaluation.decisions.thresholds import UNTESTABLE, decide_family, steps_of
from simulator.evaluation.replicates import counts_of
from simulator.scenario import Scenario
from simulator.scenario.analysis_plan import TestSpec

ARMS = ("saline", "low", "mid", "high")


def scenario(**analysis):
    """Four arms, one endpoint, two families and a trend; n from 1 to 9, mid half as large."""
    plan = {
        "families": {
            "first": {"endpoint": "y", "arms": list(ARMS[1:]), "against": "saline"},
            "second": {
                "endpoint": ["y"],
                "arms": ["high", "mid"],
                "against": "low",
                "adjust": "bh",
                "alpha": 0.2,
            },
        },
        "trends": {"dose": {"endpoint": "y", "arms": list(ARMS), "alternative": "increasing"}},
    }
    arms = {arm: {"role": "test"} for arm in ARMS}
    arms["saline"] = {"role": "control", "n": 7}
    arms["mid"] = {"role": "test", "ratio": 0.5}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "kernel",
            "question": "does the kernel do what the analysis does?",
            "seed": 1,
            "design": {
                "arms": arms,
                "endpoints": {"y": {"kind": "continuous", "day": 1, "measured_in": "mg"}},
                "attrition": {"loss": 0.2},
            },
            "analysis": {**plan, **analysis},
            "decision": {"n": {"from": 1, "to": 9}},
        }
    )


def values_of(layout, *, distinct, replicates=40):
    """Values with losses; ``distinct`` of them, or continuous where None."""
    rng = np.random.default_rng(5)
    shape = (len(layout.slots), int(layout.sizes.max()), replicates)
    values = (
        rng.normal(size=shape) if distinct is None else 1.0 * rng.integers(distinct, size=shape)
    )
    values += np.arange(len(layout.slots))[:, None, None] * 0.5
    values[rng.random(shape) < 0.2] = np.nan
    values[:, :, 0] = 3.0  # a replicate with nothing to rank
    values[1, :, 1] = np.nan  # a replicate without one arm
    return values


def present(values, layout, slot, k, r):
    """The slot's values at the k-th n in one replicate, without the lost animals."""
    column = values[slot, : layout.sizes[slot, k], r]
    return column[~np.isnan(column)]


def level(p, thresholds):
    """How many thresholds a p-value passes; UNTESTABLE without one."""
    if np.isnan(p):
        return UNTESTABLE
    return int((p <= thresholds * (1 + 1e-9)).sum())


@pytest.mark.parametrize("distinct", [None, 1, 2, 6])
@pytest.mark.parametrize(
    "options",
    [
        {"method": "auto"},
        {"method": "auto", "alternative": "less"},
        {"method": "exact", "convention": "far-tail"},
        {"method": "exact", "convention": "doubling"},
        {"method": "exact", "alternative": "greater"},
        {"method": "asymptotic", "continuity": False},
        {"method": "asymptotic", "continuity": True, "alternative": "greater"},
    ],
)
def test_every_decision_is_the_analysis_own(options, distinct):
    study = scenario(**options)
    layout = layout_of(study, range(1, 10))
    values = values_of(layout, distinct=distinct)
    tested = decide(layout, values)
    holm, bh = (steps.thresholds for steps in layout.steps)
    np.testing.assert_allclose(holm, [0.05, 0.025, 0.05 / 3], rtol=1e-15)
    np.testing.assert_allclose(bh, [0.2, 0.1], rtol=1e-15)
    for r in range(values.shape[2]):
        for k in range(9):
            p = []
            for c in range(len(layout.comparisons)):
                treated = present(values, layout, layout.treated[c], k, r)
                control = present(values, layout, layout.control[c], k, r)
                peer = mann_whitney(treated, control, **options)
                p.append(np.nan if peer.p_value is None else peer.p_value)
            expected = [level(one, holm) for one in p[:3]] + [level(one, bh) for one in p[3:]]
            assert tested.levels[:, k, r].tolist() == expected
            adjusted = np.concatenate([adjust(p[:3], "holm"), adjust(p[3:], "bh")])
            with np.errstate(invalid="ignore"):
                rejected = adjusted <= np.array([0.05] * 3 + [0.2] * 2) * (1 + 1e-9)
            assert tested.rejected[:, k, r].tolist() == rejected.tolist()
            groups = [present(values, layout, slot, k, r) for slot in layout.trend_slots[0]]
            peer = jonckheere(groups, alternative="increasing")
            empty = any(group.size == 0 for group in groups)  # no trend of an empty arm
            trend_p = np.nan if empty else peer.p_value
            assert tested.trend_levels[0, k, r] == level(trend_p, np.array([0.05]))


def test_the_levels_are_not_all_alike():
    # what the comparison above compares: every level occurs
    layout = layout_of(scenario(), range(1, 10))
    tested = decide(layout, values_of(layout, distinct=6, replicates=400))
    assert set(np.unique(tested.levels[:3])) == {0, 1, 2, 3, UNTESTABLE}
    assert set(np.unique(tested.trend_levels)) == {0, 1, UNTESTABLE}


def test_no_test_is_no_rejection():
    layout = layout_of(scenario(), range(1, 10))
    tested = decide(layout, values_of(layout, distinct=None))
    assert not tested.testable[:, :, 0].any()
    assert not tested.rejected[:, :, 0].any()
    assert not tested.unadjusted[:, :, 0].any()
    assert not tested.trend_rejected[:, :, 0].any()
    lost = layout.slots[1][1]
    for c, comparison in enumerate(layout.comparisons):
        if lost in (comparison.treated, comparison.control):
            assert not tested.testable[c, :, 1].any()
            assert not tested.rejected[c, :, 1].any()


def test_counts_are_sums_of_decisions():
    layout = layout_of(scenario(), range(1, 10))
    values = values_of(layout, distinct=None, replicates=300)
    values[layout.treated[2]] += 3.0
    tested = decide(layout, values)
    counts = counts_of(layout, tested)
    assert counts.replicates == 300
    np.testing.assert_array_equal(counts.adjusted, tested.rejected.sum(axis=2))
    np.testing.assert_array_equal(counts.any_family[0], tested.rejected[:3].any(axis=0).sum(axis=1))
    np.testing.assert_array_equal(counts.all_family[1], tested.rejected[3:].all(axis=0).sum(axis=1))
    np.testing.assert_array_equal(counts.any_target, counts.any_family[0])
    assert counts.adjusted[2, -1] > counts.adjusted[2, 2] > 0  # the test can fail
    np.testing.assert_array_equal(counts.untestable, (~tested.testable).sum(axis=2))
    assert counts.untestable[0, -1] >= 1  # the replicate with nothing to rank
    pooled = counts + counts.at(list(range(9)))
    assert pooled.replicates == 600
    np.testing.assert_array_equal(pooled.trends, 2 * counts.trends)


def test_p_exactly_on_alpha_rejects():
    study = scenario(
        method="exact",
        alternative="greater",
        families={"one": {"endpoint": "y", "arms": ["low"], "against": "high"}},
        trends={},
    )
    layout = layout_of(study, [3])
    values = np.zeros((2, 3, 1))
    values[layout.treated[0], :, 0] = [4, 5, 6]
    values[layout.control[0], :, 0] = [1, 2, 3]  # p = 1/20
    assert decide(layout, values).rejected[0, 0, 0]


def test_large_arms_by_the_exact_method():
    # no table of 55 v 55 animals is kept: the same law by the other road
    size = 55
    one = {"one": {"endpoint": "y", "arms": ["low"], "against": "high", "adjust": "none"}}
    layout = layout_of(scenario(method="exact", families=one, trends={}), [size])
    rng = np.random.default_rng(2)
    values = rng.normal(size=(2, size, 200))
    values[layout.treated[0]] += 0.3
    tested = decide(layout, values)
    p = [
        mann_whitney(
            values[layout.treated[0], :, r], values[layout.control[0], :, r], method="exact"
        ).p_value
        for r in range(200)
    ]
    assert tested.levels[0, 0].tolist() == [level(one, np.array([0.05])) for one in p]
    assert 0 < tested.rejected.sum() < 200


@pytest.mark.parametrize("method", ["auto", "asymptotic"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_a_threshold_on_the_very_p_value_is_passed(method, alternative):
    """The normal p is held against z; where it lands on alpha, the p-value itself decides."""
    rng = np.random.default_rng(7)
    values = 1.0 * rng.integers(5, size=(2, 8, 60))
    for r in range(60):
        x, y = values[0, :, r], values[1, :, r]
        p = mann_whitney(x, y, method=method, alternative=alternative).p_value
        for alpha, passes in ((p, True), (p * (1 + 3e-9), True), (p * (1 - 3e-9), False)):
            if not 0 < alpha < 0.5:
                continue
            rules = rules_of(
                TestSpec(method=method, alternative=alternative),
                np.array([alpha]),
                np.array([[8]]),
                np.array([[8]]),
                losses=False,
            )
            found = np.empty((1, 1), dtype=np.uint16)
            own = np.zeros((2, 8, 1), dtype=np.int16)
            one = np.ascontiguousarray(values[:, :, r : r + 1])
            for arm in range(2):
                earlier_equals(one[arm], own[arm])
            size = np.array([8])
            compare(one[0], one[1], own[0], own[1], size, size, rules, found)
            assert bool(found[0, 0]) is passes


@pytest.mark.parametrize(
    "adjusting", ["none", "bonferroni", "holm", "hochberg", "fixed-sequence", "bh"]
)
@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_levels_decide_as_adjusted_p_values(adjusting, size):
    """Random p-values, some equal, some missing, some exactly on a threshold."""
    rng = np.random.default_rng([size, len(adjusting)])
    alpha = 0.05
    steps = steps_of(adjusting, size=size, alpha=alpha)
    p = rng.beta(0.4, 4, size=(size, 4000))
    on_threshold = rng.random(p.shape) < 0.3
    p[on_threshold] = rng.choice(steps.thresholds, size=p.shape)[on_threshold]
    p[rng.random(p.shape) < 0.1] = np.nan
    levels = np.array([[level(one, steps.thresholds) for one in row] for row in p], dtype=np.uint16)
    rejected = np.empty((size, 1, p.shape[1]), dtype=bool)
    decide_family(levels[:, None], steps.way, steps.need, rejected)
    adjusted = np.array([adjust(column, adjusting) for column in p.T]).T
    np.testing.assert_array_equal(
        rejected[:, 0], np.nan_to_num(adjusted, nan=2) <= alpha * (1 + 1e-9)
    )
    assert 0 < rejected.sum() < p.size


def test_a_family_with_too_many_thresholds_is_refused():
    with pytest.raises(ValueError, match="a family of 500 comparisons is too large for bh"):
        steps_of("bh", size=500, alpha=0.05)
