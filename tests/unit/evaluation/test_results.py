"""Layout, targets, and the result records: JSON, tables, text, examples."""

import dataclasses
import json

import pytest

from simulator.errors import ScenarioError
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.power import power
from simulator.evaluation.replicates import decisions
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.scenario import Scenario

FOLDS = {"low": 1.6, "mid": 2.5, "high": 4.0}


def study(decision=None, **design):
    arms = {"c": {"role": "control"}, **{arm: {"role": "test", "group": "d"} for arm in FOLDS}}
    mg = {"kind": "continuous", "day": 1, "measured_in": "mg"}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "results",
            "question": "what comes out?",
            "seed": 12,
            "design": {"arms": arms, "endpoints": {"y": mg, "w": mg}, **design},
            "truth": {
                "y": {"control": "100 mg", "response": {"model": "fold", **FOLDS}},
                "w": {"control": "10 mg"},
                "variability": {"y": {"sd_ln": 0.5}, "w": {"sd_ln": 0.2}},
            },
            "analysis": {
                "families": {
                    "weight": {"endpoint": "w", "arms": list(FOLDS), "against": "c"},
                    "effect": {"endpoint": "y", "arms": list(FOLDS), "against": "c"},
                },
                "trends": {"dose": {"endpoint": "y", "arms": ["c", *FOLDS]}},
            },
            "decision": {
                "power": {"family": "effect"},
                "n": {"from": 4, "to": 14},
                **(decision or {}),
            },
        }
    )


@pytest.fixture(scope="module")
def result():
    return power(study(), n=8, replicates=2000)


def test_json_has_the_promised_fields(result):
    loaded = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert loaded["n_per_arm"] == 8
    assert loaded["replicates"] == 2000
    first = loaded["comparisons"][0]
    assert {"endpoint", "treated", "control", "power", "type_i", "truth"} <= set(first)
    assert {"value", "mcse", "ci"} <= set(first["power"])
    assert {"relative_effect", "fold_of_medians"} == set(first["truth"])
    assert first["untestable"]["value"] == 0.0
    assert loaded["any"] == loaded["families"][1]["any"]  # the decision's family
    assert loaded["fwer"] == loaded["families"][1]["fwer"]
    assert [point["n"] for point in loaded["curve"]] == list(range(4, 15))
    assert len(loaded["digest"]) == 64


def test_result_is_frozen_and_consistent(result):
    with pytest.raises(dataclasses.FrozenInstanceError, match="n_per_arm"):
        result.n_per_arm = 9
    point = next(p for p in result.curve if p.n == 8)
    assert point.comparisons == tuple(c.power for c in result.curve_comparisons)
    assert (point.any, point.all, point.fwer) == (
        result.family.any,
        result.family.all,
        result.family.fwer,
    )
    assert point.target == min(point.comparisons, key=lambda share: share.value)
    assert result.trends[0].power.value > 0.9 > 0.1 > result.trends[0].type_i.value
    weights = [c for c in result.comparisons if c.endpoint == "w"]
    assert all(c.power == c.type_i for c in weights)  # no effect there: its own null twin
    for c in result.comparisons:
        assert c.type_i.count <= c.type_i_per_test.count  # Holm only takes away


def test_table_and_text(result):
    frame = result.to_frame()
    assert frame.shape[0] == 6
    assert frame["power"].tolist() == [c.power.value for c in result.comparisons]
    assert set(frame["n_treated"]) == {8}
    text = repr(result)
    assert "Power of results: n = 8 per arm, 2,000 simulated studies, seed 12" in text
    assert "effect: y, high v c: power 0.9" in text
    assert "trend dose" in text


@pytest.mark.parametrize("of", ["each", "any", "all"])
def test_target_of(of, result):
    one = power(study({"power": {"family": "effect", "of": of}}), n=8, replicates=2000)
    point = next(p for p in one.curve if p.n == 8)
    family = one.family
    wanted = {
        "each": min(family_power.value for family_power in point.comparisons),
        "any": family.any.value,
        "all": family.all.value,
    }
    assert point.target.value == wanted[of]
    assert family == result.family  # the wish changes no number


def test_target_of_some_arms():
    for arms, chosen in ((["mid", "high"], [1, 2]), (["high"], [2]), (["d"], [0, 1, 2])):
        wish = {"power": {"family": "effect", "arms": arms}}
        one = power(study(wish), n=7, replicates=1000)
        point = next(p for p in one.curve if p.n == 7)
        assert point.target.value == min(point.comparisons[i].value for i in chosen)
        assert len(point.comparisons) == 3


def test_sample_size_orders_as_it_must():
    sizes = {
        name: find_sample_size(study({"power": {"family": "effect", **wish}}), replicates=4000)
        for name, wish in {
            "any": {"of": "any"},
            "high": {"arms": ["high"]},
            "each": {"of": "each"},
            "all": {"of": "all"},
        }.items()
    }
    assert sizes["each"].status == "infeasible"  # fold 1.6 needs more than 14
    assert sizes["any"].n_per_arm <= sizes["high"].n_per_arm
    assert sizes["all"].status == "infeasible"
    loaded = json.loads(json.dumps(sizes["high"].to_dict(), allow_nan=False))
    for key in ("status", "n_per_arm", "animals", "power", "power_below", "reason"):
        assert key in loaded
    assert set(loaded["animals"]) == {"analysed", "enrolled", "purchased"}
    check = loaded["cross_checks"][0]
    assert (check["name"], check["method"]) == ("Noether", "variance of no effect")
    assert "high v c alone" in check["basis"]
    assert {other["basis"] for other in loaded["cross_checks"]} == {check["basis"]}
    frame = sizes["high"].to_frame()
    assert frame["n"].tolist() == list(range(4, 15))
    assert "certified, n = " in repr(sizes["high"])


def test_animals_are_counted_with_losses_and_satellites():
    mg = {"kind": "continuous", "day": 1, "measured_in": "mg"}
    design = {
        "attrition": {"loss": 0.1},
        "endpoints": {"y": mg, "w": {**mg, "day": 9, "satellite": True}},
    }
    animals = study(**design).design.headcount(10)
    assert (animals.analysed, animals.enrolled, animals.purchased) == (36.0, 40, 80)
    # where every endpoint has animals of its own, nobody buys others
    own = {key: {**end, "satellite": True} for key, end in design["endpoints"].items()}
    assert study(endpoints=own).design.headcount(10).purchased == 80


def test_n_outside_the_range_is_added_to_the_curve():
    result = power(study(), n=20, replicates=500)
    assert result.n_per_arm == 20
    assert [point.n for point in result.curve] == [*range(4, 15), 20]


def test_decisions_are_what_power_counts(result):
    made = decisions(study(), n=8, replicates=2000)
    assert made.levels.shape == made.rejected.shape == (6, 1, 2000)
    assert made.rejected[:, 0].sum(axis=1).tolist() == [c.power.count for c in result.comparisons]
    assert made.trend_rejected[:, 0].sum(axis=1).tolist() == [t.power.count for t in result.trends]


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        power(study(), n=0)
    with pytest.raises(ValueError, match="replicates must be at least 1, not 0"):
        power(study(), replicates=0)
    with pytest.raises(ValueError, match="replicates must be at least 1, not -5"):
        find_sample_size(study(), replicates=-5)
    with pytest.raises(ScenarioError, match='no comparison in family "effect" of arms c'):
        layout_of(study({"power": {"family": "effect", "arms": ["c"]}}), [5])
    bare = study().model_copy(
        update={"analysis": study().analysis.model_copy(update={"families": {}})}
    )
    with pytest.raises(ScenarioError, match="nothing is compared"):
        layout_of(bare, [5])


def test_a_test_that_cannot_be_made_is_counted():
    """At 80 % loss an arm of 4 mostly keeps fewer than 2 animals."""
    lossy = study(attrition={"loss": 0.8})
    result = power(lossy, n=4, replicates=1000)
    made = decisions(lossy, n=4, replicates=1000)
    missing = (~made.testable[:, 0]).sum(axis=1)
    assert [c.untestable.count for c in result.comparisons] == missing.tolist()
    testable = (1 - 0.8**4 - 4 * 0.2 * 0.8**3) ** 2  # at least 2 left in both arms
    for c in result.comparisons:  # 4 errors: one false alarm in 16,000 per comparison
        assert abs(c.untestable.value - (1 - testable)) < 4 * c.untestable.mcse
        assert c.power.count <= 1000 - c.untestable.count


def test_exact_refuses_what_it_cannot_test():
    """Regression: 300 v 300 animals by the exact method had a power of 0."""
    base = study()
    plan = base.analysis.model_copy(update={"method": "exact"})
    exact = base.model_copy(update={"analysis": plan})
    assert layout_of(exact, [200]).ns == (200,)
    with pytest.raises(ScenarioError, match=r"analysis\.method .* at most 400 animals .*201 v 201"):
        power(exact, n=201, replicates=10)
    wide = base.decision.model_copy(update={"n": base.decision.n.model_copy(update={"stop": 300})})
    with pytest.raises(ScenarioError, match="use auto or asymptotic, or fewer animals"):
        find_sample_size(exact.model_copy(update={"decision": wide}), replicates=10)


@pytest.mark.parametrize("method", ["auto", "exact"])
def test_tables_do_not_grow_with_the_arms(method):
    plan = study().analysis.model_copy(update={"method": method})
    scenario = study().model_copy(update={"analysis": plan})
    layout = layout_of(scenario, [4, 200])
    assert layout.rules[0].offsets.shape == (5, 5)
    lossy = layout_of(
        scenario.model_copy(update={"design": study(attrition={"loss": 0.1}).design}), [200]
    )
    assert lossy.rules[0].offsets.shape == (50, 50)
