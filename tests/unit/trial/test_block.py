"""Blocks of replicates: what may change an animal, and what may not."""

import math

import numpy as np
import pytest

from simulator.model.latent import latent_values
from simulator.model.response_table import respond
from simulator.scenario_files import load_scenario
from simulator.streams import BLOCK_SIZE
from simulator.trial.block import cohort_block, with_responses
from tests.unit.model.studies import ENDPOINTS, K_MCSE, arm, fold_study, kinetic_study

ALL_KINDS = {
    **ENDPOINTS,
    "spleen": {"kind": "continuous", "day": 5, "measured_in": "mg"},
    "shift": {"kind": "continuous", "day": 5, "measured_in": "1", "distribution": "normal"},
    "late": {"kind": "titer", "day": 10, "satellite": True, "terminal": True},
}


def full_study(arms=None, icc=0.0, shared=True, seed=3):
    """Every endpoint kind, satellites, losses, failures, sensitivities."""
    if arms is None:
        arms = {
            "control": arm("control", "saline"),
            "drug": arm("test", "secretome", mass=70),
        }
    return kinetic_study(
        arms=arms,
        seed=seed,
        design={
            "endpoints": ALL_KINDS,
            "attrition": {"loss": 0.1},
            "animals": {"arms_share_cages": shared},
        },
        truth={"spleen": {"control": "100 mg"}, "shift": {"control": "5 1"}},
        variability={
            "afc": {"sd_ln": 0.6},
            "titer": {"sd_log2": 1.6},
            "late": {"sd_log2": 1.6},
            "spleen": {"cv": "15 %"},
            "shift": {"sd": 1},
            "sensitivity": {"sd_ln": 0.3},
            "cage_icc": icc,
            "immunization_failure": 0.05,
        },
    )


def block_of(scenario, sizes, block=0):
    return cohort_block(scenario, respond(scenario), block=block, sizes=sizes)


def assert_same(one, other, arms, rows=None):
    for attribute in ("values", "latent"):
        for endpoint in ALL_KINDS:
            for key in arms:
                first = getattr(one, attribute)[endpoint][key][:rows]
                second = getattr(other, attribute)[endpoint][key][:rows]
                np.testing.assert_array_equal(first, second, err_msg=f"{endpoint} {key}")


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("icc", [0.0, 0.3])
def test_the_first_animals_of_a_larger_study_are_those_of_a_smaller_one(icc, shared):
    scenario = full_study(icc=icc, shared=shared)
    small = block_of(scenario, {"control": 8, "drug": 8})
    large = block_of(scenario, {"control": 20, "drug": 20})
    assert_same(small, large, ("control", "drug"), rows=8)
    assert large.values["afc"]["drug"].shape == (20, BLOCK_SIZE)


@pytest.mark.parametrize(("icc", "shared"), [(0.0, True), (0.3, False)])
def test_another_arm_and_another_order_leave_the_animals_alone(icc, shared):
    two = {"control": arm("control", "saline"), "drug": arm("test", "secretome", mass=70)}
    third = {"new": arm("test", "secretome", "SC", mass=35)}
    sizes = {"control": 6, "drug": 6}
    plain = block_of(full_study(two, icc, shared), sizes)
    more = block_of(full_study({**third, **two}, icc, shared), {**sizes, "new": 6})
    assert_same(plain, more, two)
    turned = block_of(full_study(dict(reversed(two.items())), icc, shared), sizes)
    assert_same(plain, turned, two)


def test_blocks_and_seeds_and_arms_differ_and_repeat():
    scenario, sizes = full_study(), {"control": 5, "drug": 5}
    once = block_of(scenario, sizes)
    assert_same(once, block_of(scenario, sizes), sizes)
    z = np.log(once.latent["afc"]["control"])
    others = [
        np.log(block_of(scenario, sizes, block=1).latent["afc"]["control"]),
        np.log(block_of(full_study(seed=4), sizes).latent["afc"]["control"]),
        np.log(once.latent["afc"]["drug"]),
        np.log(once.latent["late"]["control"]),
    ]
    for other in others:
        r = np.corrcoef(z.ravel(), other.ravel())[0, 1]
        assert abs(r) < K_MCSE / math.sqrt(z.size)


def test_lost_animals_have_no_values_but_true_ones():
    scenario = full_study()
    found = block_of(scenario, {"control": 30, "drug": 30})
    lost = found.animals["control"].lost
    for endpoint in set(ALL_KINDS) - {"late"}:
        np.testing.assert_array_equal(np.isnan(found.values[endpoint]["control"]), lost)
        assert np.isfinite(found.latent[endpoint]["control"]).all()
    satellites = found.animals_of("late")["control"].lost
    np.testing.assert_array_equal(np.isnan(found.values["late"]["control"]), satellites)
    assert (satellites != lost).any()


def test_failed_immunizations_read_background():
    found = block_of(full_study(), {"control": 30, "drug": 30})
    for key in ("control", "drug"):
        immunized = found.animals[key].immunized
        failed = np.log(found.latent["afc"][key][~immunized])
        assert abs(failed.mean() - math.log(150)) < K_MCSE * 0.6 / math.sqrt(failed.size)


def test_medians_of_latent_values_are_the_expected_responses():
    scenario = fold_study(folds={"drug": 0.2})
    found = block_of(scenario, {"saline": 40, "drug": 40})
    for key, median in (("saline", 5e4), ("drug", 1e4)):
        sample = np.log(found.latent["afc"][key])
        sd = 0.45
        assert abs(sample.mean() - math.log(median)) < K_MCSE * sd / math.sqrt(sample.size)
        assert abs(sample.std() - sd) < K_MCSE * sd / math.sqrt(2 * sample.size)


def test_a_sensitivity_that_changes_nothing_is_not_drawn():
    scenario = full_study()
    responses = respond(scenario)
    found = cohort_block(scenario, responses, block=0, sizes={"control": 9, "drug": 9})
    assert "shift" not in vars(found.animals["control"])
    assert "shift" in vars(found.animals["drug"])
    for endpoint in ALL_KINDS:
        for key, animals in found.animals_of(endpoint).items():
            # what every animal's own sensitivity gives
            expected = responses.log_response(key, endpoint, animals.shift, animals.immunized)
            true = latent_values(
                scenario, endpoint, log_response=expected, deviate=animals.deviates(endpoint)
            )
            np.testing.assert_allclose(found.latent[endpoint][key], true, rtol=1e-14, atol=0)


def test_only_the_arms_wanted_are_simulated():
    found = block_of(fold_study(), {"drug": 3})
    assert list(found.animals) == ["drug"]


def test_a_mistyped_arm_is_refused():
    with pytest.raises(ValueError, match="no such arm: drgu; saline, drug"):
        block_of(fold_study(), {"drgu": 3})


def test_the_same_animals_with_other_responses():
    """The cheap twin of a block is the block of the twin."""
    scenario = load_scenario("secretome-healthy-mice")
    twin = scenario.null_twin()
    sizes = scenario.design.sizes(4)
    block = cohort_block(scenario, respond(scenario), block=3, sizes=sizes)
    other, differ = with_responses(block, twin, respond(twin))
    expected = cohort_block(twin, respond(twin), block=3, sizes=sizes)
    for key, arms in expected.values.items():
        for group in arms:
            np.testing.assert_array_equal(other.values[key][group], arms[group])
            np.testing.assert_array_equal(other.latent[key][group], expected.latent[key][group])
            same = np.array_equal(arms[group], block.values[key][group])
            assert ((key, group) in differ) is not same
    # Thymalin has no effect on the titer, no drug has one on phagocytosis
    assert ("afc", "thymalin") in differ
    assert ("titer", "thymalin") not in differ
    assert {key for key, _ in differ} == {"afc", "titer"}


def test_without_reading_the_true_values_are_the_same():
    scenario = load_scenario("quick-start")
    sizes = scenario.design.sizes(4)
    full, bare = (
        cohort_block(scenario, respond(scenario), block=0, sizes=sizes, reading=reading)
        for reading in (True, False)
    )
    for key, arms in full.latent.items():
        for group in arms:
            np.testing.assert_array_equal(bare.latent[key][group], arms[group])
            assert not bare.values[key]


def test_other_animals_cannot_share_a_block():
    scenario = load_scenario("quick-start")
    block = cohort_block(scenario, respond(scenario), block=0, sizes=scenario.design.sizes(2))
    other = scenario.model_copy(update={"seed": scenario.seed + 1})
    with pytest.raises(ValueError, match="the seed of the two scenarios differs"):
        with_responses(block, other, respond(other))
