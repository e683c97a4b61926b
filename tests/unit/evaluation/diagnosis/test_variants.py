"""Which variants a plan has, and that each changes one thing only."""

import pytest

from simulator import load_scenario
from simulator.evaluation.diagnosis.variants import variants, with_conduct


def names(scenario):
    return [variant.name for variant in variants(scenario)]


def changed(scenario, other):
    """Paths at which two studies differ, one level into the blocks of the design."""
    found = []
    for block in ("design", "analysis", "truth", "decision"):
        one, two = scenario.canonical()[block], other.canonical()[block]
        for key in sorted({*one, *two}):
            if one.get(key) != two.get(key):
                inner = one.get(key), two.get(key)
                keys = [k for k in inner[0] if inner[0][k] != inner[1].get(k)]
                found += (
                    [f"{block}.{key}.{k}" for k in keys]
                    if isinstance(inner[0], dict)
                    else [f"{block}.{key}"]
                )
    return found


def test_a_study_without_laboratory_and_with_shared_cages_has_nothing_to_mend():
    assert names(load_scenario("quick-start")) == ["as written"]


def test_every_flaw_of_the_order_is_mended_alone_and_all_together():
    scenario = load_scenario("arm-by-arm-kill")
    found = {variant.name: variant for variant in variants(scenario)}
    assert list(found) == [
        "as written",
        "randomized order",
        "blocks of every arm",
        "plated at once",
        "all of these",
        "one more technician",
    ]
    differ = {name: changed(scenario, variant.scenario) for name, variant in found.items()}
    assert differ == {
        "as written": [],
        "randomized order": ["design.conduct.order"],
        "blocks of every arm": ["design.conduct.order"],
        "plated at once": ["design.conduct.plating"],
        "all of these": ["design.conduct.order", "design.conduct.plating"],
        "one more technician": ["design.conduct.staff"],
    }


def test_whole_cages_are_mixed_or_counted():
    scenario = load_scenario("whole-cage-arms")
    found = {variant.name: variant.scenario for variant in variants(scenario)}
    assert list(found) == ["as written", "mixed cages", "cages as units"]
    assert found["mixed cages"].design.animals.arms_share_cages
    assert found["cages as units"].analysis.unit == "cage"


def test_cages_that_are_counted_already_are_no_flaw():
    scenario = load_scenario("whole-cage-arms")
    plan = scenario.analysis.model_copy(update={"unit": "cage"})
    counted = scenario.model_copy(update={"analysis": plan})
    assert names(counted) == ["as written", "mixed cages, mice counted"]
    mixed = variants(counted)[1].scenario
    assert mixed.design.animals.arms_share_cages
    assert mixed.analysis.unit == "animal"


def test_whole_arms_on_separate_days():
    scenario = load_scenario("two-day-kill")
    assert "every arm on every day" in names(scenario)
    balanced = with_conduct(scenario, split="balanced")
    assert "every arm on every day" not in names(balanced)


@pytest.mark.parametrize("order", ["by-block", "randomized"])
def test_random_orders_are_no_flaw(order):
    scenario = with_conduct(load_scenario("arm-by-arm-kill"), order=order, plating="at-once")
    assert names(scenario) == ["as written", "one more technician"]
