"""The incremental kernel against the analysis' own tests, replicate by replicate, n by n."""

import numpy as np
import pytest

from simulator.analysis.mann_whitney import mann_whitney
from simulator.analysis.multiplicity import adjust
from simulator.analysis.trend import jonckheere
from simulator.evaluation.layout import layout_of
from simulator.evaluation.replicates import counts_of, decide
from simulator.scenario import Scenario

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
def test_every_test_is_the_analysis_own(options, distinct):
    study = scenario(**options)
    layout = layout_of(study, range(1, 10))
    values = values_of(layout, distinct=distinct)
    tested = decide(layout, values)
    for r in range(values.shape[2]):
        for k in range(9):
            expected = []
            for c in range(len(layout.comparisons)):
                treated = present(values, layout, layout.treated[c], k, r)
                control = present(values, layout, layout.control[c], k, r)
                peer = mann_whitney(treated, control, **options)
                assert peer.u is None or tested.u2[r, c, k] == 2 * peer.u
                expected.append(np.nan if peer.p_value is None else peer.p_value)
            np.testing.assert_array_equal(tested.p[r, :, k], expected)
            families = np.concatenate([adjust(expected[:3], "holm"), adjust(expected[3:], "bh")])
            np.testing.assert_array_equal(tested.adjusted[r, :, k], families)
            groups = [present(values, layout, slot, k, r) for slot in layout.trend_slots]
            trend = jonckheere(groups, alternative="increasing")
            assert tested.jt2[r, 0, k] == 2 * trend.statistic
            empty = any(group.size == 0 for group in groups)  # no trend of an empty arm
            expected_trend = np.nan if empty else trend.p_value
            np.testing.assert_array_equal(tested.trend_p[r, 0, k], expected_trend)


def test_no_test_is_no_rejection():
    layout = layout_of(scenario(), range(1, 10))
    tested = decide(layout, values_of(layout, distinct=None))
    assert np.isnan(tested.p[0]).all()
    assert not tested.rejected[0].any()
    assert np.isnan(tested.trend_p[0]).all()
    assert not tested.trend_rejected[0].any()
    lost = layout.slots[1][1]
    for c, comparison in enumerate(layout.comparisons):
        if lost in (comparison.treated, comparison.control):
            assert np.isnan(tested.p[1, c]).all()
            assert not tested.rejected[1, c].any()


def test_counts_are_sums_of_decisions():
    layout = layout_of(scenario(), range(1, 10))
    values = values_of(layout, distinct=None, replicates=300)
    values[layout.treated[2]] += 3.0
    tested = decide(layout, values)
    counts = counts_of(layout, tested)
    assert counts.replicates == 300
    alpha = np.array([0.05, 0.05, 0.05, 0.2, 0.2])[None, :, None]
    rejected = np.nan_to_num(tested.adjusted, nan=1.0) <= alpha * (1 + 1e-9)
    np.testing.assert_array_equal(counts.adjusted, rejected.sum(axis=0))
    np.testing.assert_array_equal(counts.any_family[0], rejected[:, :3].any(axis=1).sum(axis=0))
    np.testing.assert_array_equal(counts.all_family[1], rejected[:, 3:].all(axis=1).sum(axis=0))
    np.testing.assert_array_equal(counts.any_target, counts.any_family[0])
    assert counts.adjusted[2, -1] > counts.adjusted[2, 2] > 0  # the test can fail
    np.testing.assert_array_equal(counts.untestable, np.isnan(tested.p).sum(axis=0))
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
    values[layout.control[0], :, 0] = [1, 2, 3]
    tested = decide(layout, values)
    assert tested.p[0, 0, 0] == pytest.approx(1 / 20, rel=1e-15)
    assert tested.rejected[0, 0, 0]


def test_large_arms_by_the_exact_method():
    size = 55
    one = {"one": {"endpoint": "y", "arms": ["low"], "against": "high"}}
    layout = layout_of(scenario(method="exact", families=one, trends={}), [size])
    rng = np.random.default_rng(2)
    values = rng.normal(size=(2, size, 1))
    tested = decide(layout, values)
    peer = mann_whitney(
        values[layout.treated[0], :, 0], values[layout.control[0], :, 0], method="exact"
    )
    # by another road than the table, so the last bits may differ
    assert tested.p[0, 0, 0] == pytest.approx(peer.p_value, rel=1e-12)
