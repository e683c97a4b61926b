"""Which values are missing: streams, days, and what stands for "none"."""

import math

import numpy as np
import pytest

from simulator.model.animals import draw_animals
from simulator.streams import BLOCK_SIZE, stream
from tests.unit.model.studies import K_MCSE, fold_study

ENDPOINTS = {
    "early": {"kind": "titer", "day": 3},
    "afc": {"kind": "plaque_count", "day": 5},
    "late": {"kind": "titer", "day": 9, "satellite": True, "terminal": True},
}


def study(*, attrition=None, variability=None, seed=7, **design):
    return fold_study(
        endpoints=ENDPOINTS,
        truth={key: {"control": 64} for key in ("early", "late")},
        variability={
            "afc": {"sd_ln": 0.45},
            "early": {"sd_log2": 1},
            "late": {"sd_log2": 1},
            **(variability or {}),
        },
        design={"attrition": attrition or {}, **design},
        seed=seed,
    )


def animals_of(scenario, arm="drug", satellites_of=None, n=20):
    found = draw_animals(scenario, block=3, sizes={arm: n}, satellites_of=satellites_of)
    return found[arm]


def drawn(purpose, arm="drug", n=20):
    return stream(7, block=3, owner=arm, purpose=purpose).random((n, BLOCK_SIZE))


@pytest.mark.parametrize("satellites_of", [None, "late"])
def test_deaths_by_loss_alone_are_drawn_as_they_always_were(satellites_of):
    """The streams "lost" and "death", and days up to the first reading, as when loss was all."""
    prefix = "" if satellites_of is None else f"{satellites_of}/"
    first = 3.0 if satellites_of is None else 9.0
    animals = animals_of(study(attrition={"loss": 0.2}), satellites_of=satellites_of)
    lost = drawn(f"{prefix}lost") < 0.2
    np.testing.assert_array_equal(animals.lost, lost)
    for endpoint in ("early", "afc") if satellites_of is None else ("late",):
        np.testing.assert_array_equal(animals.missing(endpoint), lost)
    expected = np.where(lost, first * drawn(f"{prefix}death"), math.nan)
    np.testing.assert_array_equal(animals.death_day, expected)


def test_a_reading_before_the_immunization_is_missed_by_deaths_on_the_day_before():
    scenario = study(attrition={"loss": 0.2}, immunization={"day": 4})
    animals = animals_of(scenario)
    found = animals.death_day[animals.lost]
    assert 2 <= found.min() < found.max() < 3
    assert np.isnan(animals.death_day[~animals.lost]).all()


def test_nothing_is_lost_where_nothing_can_be():
    animals = animals_of(study(attrition={"by_arm": {"saline": 0.5}, "samples": {"afc": 0.1}}))
    assert animals.missing("early") is None
    assert not animals.lost.any()
    assert np.isnan(animals.death_day).all()
    np.testing.assert_array_equal(animals.missing("afc"), drawn("afc/sample-lost") < 0.1)


def test_the_dead_are_missing_from_their_day_on():
    animals = animals_of(study(attrition={"loss": 0.6, "days": [2, 5]}))
    day = animals.death_day
    assert 2 <= np.nanmin(day) < np.nanmax(day) < 5
    np.testing.assert_array_equal(animals.missing("early"), day <= 3)
    np.testing.assert_array_equal(animals.lost, day <= 3)
    np.testing.assert_array_equal(animals.missing("afc"), ~np.isnan(day))


def test_who_is_killed_does_not_die():
    late = animals_of(study(attrition={"loss": 0.6, "days": [4, 20]}))
    assert np.nanmax(late.death_day) <= 5
    assert not late.lost.any()
    assert late.missing("early") is None
    np.testing.assert_array_equal(late.missing("afc"), late.death_day <= 5)
    beyond = animals_of(study(attrition={"loss": 0.6, "days": [5, 20]}))
    assert beyond.missing("afc") is None


def test_the_excluded_have_no_value_at_all():
    scenario = study(
        attrition={"exclusions": 0.1, "failed_immunization": 0.5},
        variability={"immunization_failure": 0.3},
    )
    animals = animals_of(scenario)
    noticed = (drawn("failure-noticed") < 0.5) & ~animals.immunized
    expected = noticed | (drawn("excluded") < 0.1)
    for endpoint in ("early", "afc"):
        np.testing.assert_array_equal(animals.missing(endpoint), expected)
    assert not animals.lost.any()  # it lives: it is not lost, it is left out
    every = study(attrition={"failed_immunization": 1}, variability={"immunization_failure": 0.3})
    animals = animals_of(every)
    np.testing.assert_array_equal(animals.missing("afc"), ~animals.immunized)
    assert animals_of(study(attrition={"failed_immunization": 1})).missing("afc") is None


@pytest.mark.parametrize(
    "attrition",
    [
        {"loss": 0.3, "with_response": -0.7},
        {"loss": 0.3, "days": [1, 5], "samples": {"afc": 0.2}, "exclusions": 0.1},
    ],
)
def test_the_first_animals_of_a_larger_study_lose_what_those_of_a_smaller_one_lose(attrition):
    scenario = study(attrition=attrition)
    few, many = animals_of(scenario, n=6), animals_of(scenario, n=15)
    np.testing.assert_array_equal(few.missing("afc"), many.missing("afc")[:6])
    np.testing.assert_array_equal(few.death_day, many.death_day[:6])


def test_a_link_with_the_response_changes_who_dies_and_not_who_the_animals_are():
    plain, linked = (
        animals_of(study(attrition={"loss": 0.3, "with_response": r})) for r in (0, 0.8)
    )
    np.testing.assert_array_equal(plain.deviates("afc"), linked.deviates("afc"))
    np.testing.assert_array_equal(plain.life, linked.life)
    assert (plain.lost != linked.lost).any()


def test_missed_doses():
    assert not animals_of(study()).missed_dose(0).any()
    animals = animals_of(study(conduct={"missed_doses": 0.25}))
    np.testing.assert_array_equal(animals.missed_dose(2), drawn("missed-dose/2") < 0.25)
    r = np.corrcoef(animals.missed_dose(0).ravel(), animals.missed_dose(1).ravel())[0, 1]
    assert abs(r) < K_MCSE / math.sqrt(animals.n * BLOCK_SIZE)


def test_every_endpoint_has_its_own_cage_icc():
    """Mates correlate by the endpoint's own ICC, and across endpoints by the root of the product.

    Cages are those of the arm, 4 per replicate; the standard error is of independent cages.
    """
    scenario = study(
        variability={"cage_icc": 0.2, "early": {"sd_log2": 1, "cage_icc": 0.6}},
        animals={"per_cage": 5, "arms_share_cages": False},
    )
    animals = animals_of(scenario)
    z = {key: animals.deviates(key).reshape(4, 5, BLOCK_SIZE) for key in ("early", "afc")}
    for one, other, expected in (
        ("early", "early", 0.6),
        ("afc", "afc", 0.2),
        ("early", "afc", math.sqrt(0.6 * 0.2)),
    ):
        products = z[one][:, 0] * z[other][:, 1]
        assert abs(products.mean() - expected) < K_MCSE * products.std() / math.sqrt(products.size)
