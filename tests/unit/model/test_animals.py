"""Who the animals are: streams, cages, correlations."""

import math

import numpy as np
import pytest

from simulator.model.animals import assign_cages, draw_animals
from simulator.streams import BLOCK_SIZE
from tests.unit.model.studies import K_MCSE, fold_study, kinetic_study


def study(icc=0.0, rho=0.5, shared=True, **variability):
    return kinetic_study(
        design={"animals": {"arms_share_cages": shared, "per_cage": 5}},
        variability={
            "afc": {"sd_ln": 0.6},
            "titer": {"sd_log2": 1.6},
            "cage_icc": icc,
            "responder_correlation": rho,
            **variability,
        },
    )


def correlation(a, b):
    """Correlation of two standard normal deviates and its standard error."""
    r = float(np.mean(a * b))
    return r, math.sqrt((1 + r * r) / a.size)


@pytest.mark.parametrize("icc", [0.0, 0.3])
@pytest.mark.parametrize("endpoint", ["afc", "phagocytosis"])
def test_deviates_are_standard_normal(icc, endpoint):
    animals = draw_animals(study(icc=icc), block=0, sizes={"control": 40})["control"]
    z = animals.deviates(endpoint)
    # animals of one cage and replicate are alike; replicates are independent
    means = z.mean(axis=0)
    assert abs(means.mean()) < K_MCSE * means.std() / math.sqrt(BLOCK_SIZE)
    squares = (z**2).mean(axis=0)
    assert abs(squares.mean() - 1) < K_MCSE * squares.std() / math.sqrt(BLOCK_SIZE)


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_afc_and_titer_share_the_responder(rho):
    animals = draw_animals(study(rho=rho), block=1, sizes={"control": 40})["control"]
    r, mcse = correlation(animals.deviates("afc"), animals.deviates("titer"))
    assert abs(r - rho) < K_MCSE * mcse
    r, mcse = correlation(animals.deviates("afc"), animals.deviates("phagocytosis"))
    assert abs(r) < K_MCSE * mcse


@pytest.mark.parametrize("shared", [True, False])
def test_cage_mates_are_alike_and_others_are_not(shared):
    found = draw_animals(
        study(icc=0.3, shared=shared), block=0, sizes={"control": 40, "thymalin": 40}
    )
    z = np.concatenate([found[arm].deviates("afc") for arm in found])
    cage = np.concatenate([found["control"].cage, found["thymalin"].cage + (0 if shared else 100)])
    mates, strangers = [], []
    for label in np.unique(cage):
        members = np.flatnonzero(cage == label)
        assert len(members) == 5
        mates.append((members[0], members[1]))
        strangers.append((members[2], np.flatnonzero(cage != label)[label % 70]))
    for pairs, expected in ((mates, 0.3), (strangers, 0.0)):
        first, second = (z[[p[i] for p in pairs]] for i in (0, 1))
        r, mcse = correlation(first, second)
        assert abs(r - expected) < K_MCSE * mcse


def test_sensitivity_weight_losses_and_failures_have_their_distribution():
    scenario = study(sensitivity={"sd_ln": 0.3}, immunization_failure=0.2)
    design = scenario.design.model_copy(
        update={"attrition": scenario.design.attrition.model_copy(update={"loss": 0.1})}
    )
    scenario = scenario.model_copy(update={"design": design})
    animals = draw_animals(scenario, block=0, sizes={"control": 40})["control"]
    size = 40 * BLOCK_SIZE
    for drawn, mean, sd in ((animals.shift, 0.0, 0.3), (animals.weight, 20.0, 1.2)):
        assert abs(drawn.mean() - mean) < K_MCSE * sd / math.sqrt(size)
        assert abs(drawn.std() - sd) < K_MCSE * sd / math.sqrt(2 * size)
    for share, chance in ((animals.lost.mean(), 0.1), (1 - animals.immunized.mean(), 0.2)):
        assert abs(share - chance) < K_MCSE * math.sqrt(chance * (1 - chance) / size)


def test_no_mouse_is_weightless():
    heavy = kinetic_study(design={"animals": {"weight": {"mean": "20 g", "sd": "20 g"}}})
    weight = draw_animals(heavy, block=0, sizes={"control": 40})["control"].weight
    assert weight.min() == 10
    assert weight.max() == 40


def test_cages_of_one_arm_hold_consecutive_animals():
    cages = assign_cages(study(shared=False).design, sizes={"control": 7, "IM-1": 3})
    assert cages["control"].tolist() == [0] * 5 + [1] * 2
    assert cages["IM-1"].tolist() == [0] * 3


def ratio_study():
    arms = {
        "saline": {"role": "control", "ratio": 2},
        "drug": {"role": "test"},
        "other": {"role": "test", "n": 4},
    }
    return fold_study(arms=arms, design={"animals": {"per_cage": 3}})


def test_shared_cages_are_dealt_across_arms():
    arms = {"a": {"role": "control"}, "b": {"role": "test"}, "c": {"role": "test"}}
    scenario = fold_study(arms=arms, folds={}, design={"animals": {"per_cage": 3}})
    cages = assign_cages(scenario.design, sizes={"a": 4, "b": 4, "c": 4})
    assert all(cages[arm].tolist() == [0, 1, 2, 3] for arm in "abc")


def test_an_arm_of_ratio_two_is_dealt_twice_as_often_and_cages_are_filled():
    cages = assign_cages(ratio_study().design, sizes={"saline": 6, "drug": 3})
    assert np.bincount(np.concatenate(list(cages.values()))).tolist() == [3, 3, 3]
    assert cages["saline"].tolist() == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("scenario", [ratio_study(), study(), study(shared=False)])
def test_cages_of_a_smaller_study_are_those_of_a_larger_one(scenario):
    small, large = scenario.design.sizes(5), scenario.design.sizes(13)
    few, many = (assign_cages(scenario.design, sizes=sizes) for sizes in (small, large))
    for arm, size in small.items():
        assert many[arm][:size].tolist() == few[arm].tolist()


@pytest.mark.parametrize("n", range(1, 14))
def test_no_shared_cage_is_overfull(n):
    cages = assign_cages(ratio_study().design, sizes=ratio_study().design.sizes(n))
    assert np.bincount(np.concatenate(list(cages.values()))).max() <= 3
