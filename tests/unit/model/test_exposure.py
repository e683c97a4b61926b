"""Depot, plasma and effect site against closed forms."""

import numpy as np
import pytest

from simulator.model.exposure import Absorption, absorption, effect_site, plasma
from simulator.scenario.kinetics import Exposure

TIME = np.linspace(0.0, 3.0, 301)


def effect_at(doses, rates, end, pieces=7):
    """Effect-site level at ``end``, with the interval cut into uneven segments at the doses."""
    marks = np.array(sorted({0.0, end, *(day for day, _ in doses if 0 < day < end)}))
    counts = np.full(marks.size - 1, pieces)
    return effect_site(doses, rates=rates, starts=marks[:-1], ends=marks[1:], counts=counts)[-1, 2]


def test_bateman_equals_its_formula():
    rates = Absorption(ka=24.0, F=0.9, kel=8.4, ke0=1.0)
    expected = 0.9 * 35 * 24 / (24 - 8.4) * (np.exp(-8.4 * TIME) - np.exp(-24 * TIME))
    # the textbook form loses digits to cancellation near 0, hence the absolute term
    np.testing.assert_allclose(plasma(TIME, dose=35, rates=rates), expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("relative_gap", [0.0, 1e-15, 1e-12, -1e-9, 1e-7])
def test_bateman_limit_where_absorption_is_as_fast_as_elimination(relative_gap):
    k = 8.4
    rates = Absorption(ka=k * (1 + relative_gap), F=0.7, kel=k, ke0=1.0)
    expected = 0.7 * 10 * k * TIME * np.exp(-k * TIME)
    # the true difference from the limit is about gap * k * t / 2 <= 1.3e-6 relative
    np.testing.assert_allclose(plasma(TIME, dose=10, rates=rates), expected, rtol=2e-6)


def test_no_drug_in_plasma_before_the_dose():
    for ka in (24.0, None):
        rates = Absorption(ka=ka, F=1.0, kel=8.4, ke0=1.0)
        assert plasma(np.array([-1.0, -1e-9]), dose=5, rates=rates).tolist() == [0.0, 0.0]


def test_iv_is_a_bolus_into_plasma():
    rates = absorption(Exposure(), route="IV")
    assert rates.ka is None
    assert rates.F == 1.0
    expected = 5 * np.exp(-8.4 * TIME)
    np.testing.assert_allclose(plasma(TIME, dose=5, rates=rates), expected, rtol=1e-12)


def test_routes_take_their_rates_from_the_table():
    exposure = Exposure()
    found = {route: absorption(exposure, route=route) for route in ("IM", "SC", "IP")}
    assert (found["IM"].ka, found["IM"].F) == (24.0, 0.9)
    assert (found["SC"].ka, found["SC"].F) == pytest.approx((7.2, 0.7))
    assert found["SC"].kel == pytest.approx(0.35 * 24)
    assert found["IP"].fastest == 48.0


def test_effect_site_where_all_three_rates_are_equal():
    k, day = 2.0, 1.3
    rates = Absorption(ka=k, F=0.5, kel=k, ke0=k)
    expected = 0.5 * 40 * (k * day) ** 2 / 2 * np.exp(-k * day)
    # matrix exponential of a defective matrix: exact but for rounding
    assert effect_at([(0.0, 40.0)], rates, day) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("ka", [24.0, 7.2, None])
def test_effect_site_equals_the_sum_of_exponentials(ka):
    rates = Absorption(ka=ka, F=0.8 if ka else 1.0, kel=8.4, ke0=1.0)
    doses = [(-2.0, 10.0), (0.0, 20.0), (0.5, 5.0)]
    day = 2.25

    def one(t):
        if ka is None:
            return 8.4 / (8.4 - 1.0) * (np.exp(-t) - np.exp(-8.4 * t))
        a, b, c = ka, 8.4, 1.0
        parts = [
            np.exp(-a * t) / ((b - a) * (c - a)),
            np.exp(-b * t) / ((a - b) * (c - b)),
            np.exp(-c * t) / ((a - c) * (b - c)),
        ]
        return rates.F * a * b * sum(parts)

    expected = sum(mass * one(day - when) for when, mass in doses)
    assert effect_at(doses, rates, day) == pytest.approx(expected, rel=1e-10)


def test_effect_site_does_not_depend_on_the_steps():
    rates = absorption(Exposure(), route="IM")
    doses = [(0.0, 35.0), (1.0, 35.0)]
    found = [effect_at(doses, rates, 2.0, pieces) for pieces in (1, 10, 1000)]
    np.testing.assert_allclose(found, found[0], rtol=1e-10)


def test_a_later_dose_is_not_felt_earlier():
    rates = absorption(Exposure(), route="IM")
    level = effect_site(
        [(3.0, 35.0)],
        rates=rates,
        starts=np.array([0.0, 3.0]),
        ends=np.array([3.0, 4.0]),
        counts=np.array([5, 5]),
    )
    assert (level[:5] == 0).all()
    assert (level[6:] > 0).all()
