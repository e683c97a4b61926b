"""What the engine counts where the cage is the experimental unit."""

import numpy as np
import pytest

from simulator.errors import ScenarioError
from simulator.evaluation.decisions.layout import layout_of
from simulator.scenario import Scenario


def study(*, unit="cage", shared=False, per_cage=4, attrition=None, trend=None, **family):
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "cages",
            "question": "how many cages?",
            "seed": 1,
            "design": {
                "animals": {"per_cage": per_cage, "arms_share_cages": shared},
                "arms": {"c": {"role": "control"}, "a": {"role": "test", "ratio": 1.5}},
                "endpoints": {"y": {"kind": "continuous", "day": 1, "measured_in": "mg"}},
                "attrition": attrition or {},
            },
            "analysis": {
                "unit": unit,
                "families": {"f": {"endpoint": "y", "arms": ["a"], "against": "c", **family}},
                "trends": {"t": {"endpoint": "y", "arms": ["c", "a"], **trend}} if trend else {},
            },
            "decision": {"n": {"from": 2, "to": 9}},
        }
    )


def test_sizes_are_cages_and_arms_are_animals():
    layout = layout_of(study(), [4, 5, 8, 9])
    assert layout.slots == (("y", "a"), ("y", "c"))
    assert layout.sizes.tolist() == [[2, 2, 3, 4], [1, 2, 2, 3]]
    assert [sizes["c"] for sizes in layout.arm_sizes] == [4, 5, 8, 9]
    assert layout_of(study(unit="animal"), [4, 9]).sizes.tolist() == [[6, 14], [4, 9]]


def test_cages_are_stacked():
    layout = layout_of(study(), [9])
    cages = {"y": {"a": np.ones((4, 7)), "c": np.zeros((3, 7))}}
    stacked = layout.stack(cages, 5)
    assert stacked.shape == (2, 4, 5)
    assert np.isnan(stacked[1, 3]).all()
    assert (stacked[1, :3] == 0).all()


def test_shared_cages_are_no_unit():
    with pytest.raises(ScenarioError, match="the cage is no unit where arms share cages"):
        layout_of(study(shared=True), [8])


@pytest.mark.parametrize(
    ("changes", "n", "message"),
    [
        ({"method": "exact"}, 1_000, "at most 400 cages in all, and a v c has 375 v 250"),
        (
            {"test": "permutation", "attrition": {"loss": 0.1}},
            48,
            "in arms of up to 18 cages: every number of cages left",
        ),
        ({"adjust": "steel", "attrition": {"loss": 0.1}}, 8, "every number of cages left"),
        ({"trend": {"method": "exact"}}, 1_000, "at most 400 cages in all, and the trend has 625"),
    ],
)
def test_limits_are_of_cages(changes, n, message):
    with pytest.raises(ScenarioError, match=message):
        layout_of(study(**changes), [n])
    if changes.get("adjust") != "steel":
        layout_of(study(per_cage=20, **changes), [n])  # as many animals, in fewer cages
