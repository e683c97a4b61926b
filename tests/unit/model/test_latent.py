"""True values of animals against closed forms."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.model.latent import _table, _table_quantile, latent_values
from tests.unit.model.studies import fold_study

Z = np.linspace(-6, 6, 241)


def values(kind, spread=None, expected=1.0, truth=None, **settings):
    scenario = fold_study(
        endpoints={"x": {"kind": kind, "day": 5, **settings}},
        truth={"x": truth or {}},
        variability={"x": spread} if spread else {"cage_icc": 0},
    )
    log_response = np.full(Z.shape, math.log(expected))
    return latent_values(scenario, "x", log_response=log_response, deviate=Z)


@pytest.mark.parametrize(
    ("spread", "sd"),
    [
        ({"sd_ln": 0.4}, 0.4),
        ({"sd_log2": 1.6}, 1.6 * math.log(2)),
        ({"cv": "45 %"}, math.sqrt(math.log(1 + 0.45**2))),
    ],
)
@pytest.mark.parametrize("kind", ["plaque_count", "titer", "continuous"])
def test_lognormal_kinds(kind, spread, sd):
    more = {"measured_in": "mg"} if kind == "continuous" else {}
    found = values(kind, spread, expected=80.0, **more)
    np.testing.assert_allclose(found, 80 * np.exp(sd * Z), rtol=1e-12)


@pytest.mark.parametrize(("spread", "sd"), [({"sd": 7}, 7.0), ({"cv": 0.1}, 8.0)])
def test_normal_continuous(spread, sd):
    found = values("continuous", spread, 80.0, measured_in="mg", distribution="normal")
    np.testing.assert_allclose(found, 80 + sd * Z, rtol=1e-12)


def test_phagocytic_number_is_normal_and_never_negative():
    np.testing.assert_allclose(values("phagocytic_number", None, 5.0), np.maximum(5 + Z, 0))
    assert values("phagocytic_number", {"sd": 2}, 5.0).min() == 0.0


@pytest.mark.parametrize("expected", [55.0, 20.0])
def test_phagocytic_percentage_is_a_beta_quantile(expected):
    """Precision comes from control animals (55 +- 8 %), the mean from the arm."""
    found = values("phagocytic_percentage", None, expected)
    total = 0.55 * 0.45 / 0.08**2 - 1
    beta = stats.beta(expected / 100 * total, (1 - expected / 100) * total)
    exact = np.where(Z < 0, beta.ppf(stats.norm.cdf(Z)), beta.isf(stats.norm.sf(Z)))
    # the table's stated interpolation error, in percent
    np.testing.assert_allclose(found, 100 * exact, rtol=0, atol=1e-4)
    assert (np.diff(found) > 0).all()


def test_phagocytic_percentage_of_animals_with_different_means():
    scenario = fold_study(endpoints={"x": {"kind": "phagocytic_percentage", "day": 5}})
    means = np.array([30.0, 55.0, 80.0])
    found = latent_values(scenario, "x", log_response=np.log(means), deviate=np.zeros(3))
    total = 0.55 * 0.45 / 0.08**2 - 1
    median = stats.beta(means / 100 * total, (1 - means / 100) * total).median()
    np.testing.assert_allclose(found, 100 * median, rtol=1e-9)


@pytest.mark.parametrize("spread", [{"sd": 8}, {"sd": "8 %"}, {"cv": 8 / 55}])
def test_the_spread_of_a_percentage_may_be_written_three_ways(spread):
    np.testing.assert_allclose(
        values("phagocytic_percentage", spread, 55.0),
        values("phagocytic_percentage", None, 55.0),
        rtol=1e-9,
    )


@pytest.mark.parametrize(
    ("kind", "spread"),
    [("plaque_count", None), ("phagocytic_percentage", {"sd": 0}), ("phagocytic_number", None)],
)
def test_one_expected_response_stands_for_all(kind, spread):
    scenario = fold_study(
        endpoints={"x": {"kind": kind, "day": 5}},
        variability={"x": spread} if spread else {"cage_icc": 0},
    )
    z = Z[:240].reshape(12, 20)
    one, all_ = (
        latent_values(scenario, "x", log_response=np.full(shape, 1.5), deviate=z)
        for shape in ((1, 1), z.shape)
    )
    np.testing.assert_array_equal(one, all_)


def test_the_table_of_quantiles_is_read_as_numpy_reads_it():
    table = _table(0.55, 37.0)
    z = np.concatenate([np.random.default_rng(6).standard_normal(20_000), table[:, 0], [-40, 40]])
    expected = np.interp(z, table[:, 0], table[:, 1])
    # the other interval's line at a point shared by two: rounding only
    np.testing.assert_allclose(_table_quantile(z, 0.55, 37.0), expected, rtol=1e-13, atol=0)


def test_no_spread_at_all():
    assert np.ptp(values("phagocytic_percentage", {"sd": 0}, 55.0)) == 0


def test_stated_control_level_sets_the_precision():
    found = values("phagocytic_percentage", {"sd": 5}, 30.0, truth={"control": "30 %"})
    total = 0.3 * 0.7 / 0.05**2 - 1
    median = stats.beta(0.3 * total, 0.7 * total).median()
    assert found[Z == 0][0] == pytest.approx(100 * median, abs=1e-4)


@pytest.mark.parametrize(
    ("kind", "spread", "expected", "message"),
    [
        ("phagocytic_percentage", None, 110.0, "a phagocytic percentage of 110 % is expected"),
        ("phagocytic_percentage", {"sd": 50}, 55.0, "must be below 49.7 %"),
        ("titer", {"sd": 3}, 100.0, "give sd_ln, sd_log2 or cv, not sd"),
    ],
)
def test_impossible_values_are_refused(kind, spread, expected, message):
    with pytest.raises(ValueError, match=message):
        values(kind, spread, expected)


def test_a_spread_that_has_no_default_is_missing():
    with pytest.raises(ValueError, match=r"truth\.variability\.x: missing"):
        values("continuous", None, 100.0, measured_in="mg")
