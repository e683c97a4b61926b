"""What the laboratory writes down, case by case."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from simulator.assay import censoring, read
from simulator.assay.plaques import mean_seen
from simulator.assay.titer import titer_limits
from simulator.scenario import Endpoint
from simulator.scenario.truth import AssayNoise
from simulator.streams.seeding import stream_words

QUIET = AssayNoise.model_validate({"reader_cv": 0, "misread": 0})
NOISY = AssayNoise()


def endpoint(kind, **settings):
    return TypeAdapter(Endpoint).validate_python({"kind": kind, "day": 5, **settings})


def reading(of, latent, noise=QUIET, seed=1):
    words = stream_words(seed, block=0, owner="test", purpose=of.kind)
    return read(of, np.asarray(latent, float), noise=noise, words=words)


def test_titer_is_the_last_dilution_that_agglutinates():
    titer = endpoint("titer", first_dilution=2, wells=5)
    true = [0.5, 1.999, 2.0, 3.99, 4.0, 31.9, 32.0, 1e9]
    found = reading(titer, true)
    assert found.tolist() == [1, 1, 2, 2, 4, 16, 32, 32]
    assert censoring(titer, found).tolist() == ["below", "below", "", "", "", "", "above", "above"]
    assert titer_limits(titer) == (1.0, 32.0)


def test_any_first_dilution():
    titer = endpoint("titer", first_dilution=10, wells=3)
    assert reading(titer, [9.99, 10, 39, 40, 80]).tolist() == [5, 10, 20, 40, 40]


def test_misreads_stay_in_the_plate():
    titer = endpoint("titer", first_dilution=2, wells=3)
    always = AssayNoise.model_validate({"misread": 0.5})
    assert set(reading(titer, np.full(200, 4.0), always)) == {2.0, 8.0}
    assert set(reading(titer, np.full(200, 0.1), always)) == {1.0, 2.0}
    assert set(reading(titer, np.full(200, 99.0), always)) == {4.0, 8.0}


def test_missing_values_are_not_censored():
    titer = endpoint("titer")
    assert censoring(titer, np.array([np.nan, 1.0])).tolist() == ["", "below"]
    plaques = endpoint("plaque_count")
    assert censoring(plaques, np.array([0.0, 1e9])).tolist() == ["", ""]


def test_plaque_values_are_whole_plaques():
    plaques = endpoint("plaque_count", plates=3, plated="0.2 %")
    for noise in (QUIET, NOISY):
        found = reading(plaques, np.full(500, 7e4), noise)
        counts = found * 3 * 0.002
        np.testing.assert_allclose(counts, np.rint(counts), atol=1e-6)
    assert (reading(plaques, np.zeros(50), NOISY) == 0).all()


def test_crowding_hides_half_at_its_constant():
    plaques = endpoint("plaque_count", plated=0.001)
    seen = mean_seen(plaques, np.array([0.0, 1e3, 5e6, 1e12]), crowding=5000.0)
    np.testing.assert_allclose(seen, [0, 1 / (1 + 1 / 5000), 2500, 5000], rtol=1e-5)


def test_phagocytosis_counts_cells():
    found = reading(endpoint("phagocytic_percentage", cells=8), np.full(300, 55.0))
    assert set(found) <= {100 * k / 8 for k in range(9)}
    assert reading(endpoint("phagocytic_percentage"), [0.0, 100.0]).tolist() == [0, 100]
    found = reading(endpoint("phagocytic_number", cells=4), np.full(300, 5.0))
    assert (found * 4 == np.rint(found * 4)).all()
    assert reading(endpoint("phagocytic_number"), [0.0]).tolist() == [0]


@pytest.mark.parametrize("distribution", ["lognormal", "normal"])
def test_continuous_values_are_read_as_they_are(distribution):
    weight = endpoint("continuous", measured_in="mg", distribution=distribution)
    latent = np.array([1.5, -2.0])
    found = reading(weight, latent)
    assert found.tolist() == latent.tolist()
    assert found is not latent


@pytest.mark.parametrize(
    ("kind", "settings", "level", "sd"),
    [
        # small and large means, and both ways to draw a share
        ("plaque_count", {}, 9.2, 1.5),
        ("titer", {}, 4.0, 1.0),
        ("phagocytic_percentage", {}, 3.0, 1.0),
        ("phagocytic_percentage", {"cells": 900}, 1.0, 2.0),
        ("phagocytic_number", {}, -2.3, 2.0),
    ],
)
def test_first_animals_read_the_same_in_a_larger_study(kind, settings, level, sd):
    latent = np.exp(np.random.default_rng(5).normal(level, sd, (20, 50)))
    small = reading(endpoint(kind, **settings), latent[:8], NOISY)
    large = reading(endpoint(kind, **settings), latent, NOISY)
    np.testing.assert_array_equal(small, large[:8])
    other = reading(endpoint(kind, **settings), latent, NOISY, seed=2)
    assert (other != large).any()


@pytest.mark.parametrize(
    "kind", ["plaque_count", "titer", "phagocytic_percentage", "phagocytic_number"]
)
def test_true_values_in_any_layout_are_read_and_left_alone(kind):
    latent = np.exp(np.random.default_rng(5).normal(3, 0.3, (20, 50)))
    before = latent.copy()
    found = reading(endpoint(kind), latent, NOISY)
    np.testing.assert_array_equal(latent, before)
    for other in (np.asfortranarray(latent), np.repeat(latent, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(reading(endpoint(kind), other, NOISY), found)
    alone = reading(endpoint(kind), latent[0, 0], NOISY)
    assert alone.shape == ()
    assert alone == reading(endpoint(kind), latent[:1, :1], NOISY)
    assert reading(endpoint(kind), latent[:0], NOISY).shape == (0, 50)


@pytest.mark.parametrize("kind", ["plaque_count", "phagocytic_percentage", "phagocytic_number"])
def test_a_true_value_that_is_no_number_is_refused(kind):
    with pytest.raises(ValueError, match="no number"):
        reading(endpoint(kind), [5.0, np.nan])
