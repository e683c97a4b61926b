"""What the kinetic model must do whatever its numbers."""

import numpy as np
import pytest

from simulator.model.immune_response import ActiveRegimen, solve
from simulator.scenario.kinetics import Kinetics

RATES = Kinetics()


def daily(mass, days=range(5)):
    return tuple((float(day), float(mass)) for day in days)


def afc(*regimens, day=5.0, antigen=2e8, immunized_on=0.0, shift=0.0, rates=RATES):
    found = solve(
        rates,
        antigen=antigen,
        immunized_on=immunized_on,
        regimens=regimens,
        shift=shift,
        days=[day],
    )
    return found.afc[:, 0]


SECRETOME = ActiveRegimen("secretome", "IM", daily(70), emax=0.49, ec50=57.3)


def test_shapes_and_days_in_the_order_asked():
    found = solve(RATES, antigen=2e8, shift=np.zeros(3), days=[5, -1, 3, 5, 0])
    assert found.afc.shape == found.igg_afc.shape == found.titer.shape == (3, 5)
    assert found.afc[0, 0] == found.afc[0, 3] > found.afc[0, 2] > 150
    assert found.afc[0, [1, 4]].tolist() == [150, 150]
    assert found.titer[0, [1, 4]].tolist() == [1, 1]
    assert found.igg_afc[0, [1, 4]].tolist() == [0, 0]


def test_without_antigen_nothing_happens():
    found = solve(RATES, antigen=0.0, regimens=[SECRETOME], days=[5, 10])
    np.testing.assert_allclose(found.afc, 150, rtol=1e-12)
    np.testing.assert_allclose(found.titer, 1, rtol=1e-12)


def test_a_study_that_starts_on_another_day_is_the_same_study():
    moved = ActiveRegimen("secretome", "IM", daily(70, range(10, 15)), emax=0.49, ec50=57.3)
    there = afc(moved, day=15.0, immunized_on=10.0)
    np.testing.assert_allclose(there, afc(SECRETOME), rtol=1e-12)


def test_suppressors_give_folds_below_one():
    drug = ActiveRegimen("cyclophosphamide", "IP", ((-1.0, 1e5),), emax=-0.9, ec50=1e3)
    fold = afc(drug) / afc()
    assert 0 < fold[0] < 0.1
    assert afc(drug)[0] >= 150
    halved = ActiveRegimen("hydrocortisone", "SC", ((0.0, 1.0),), rise=-0.1)
    assert 0.3 < (afc(halved) / afc())[0] < 0.9


def test_a_complete_stop_of_division_is_survived():
    stop = ActiveRegimen("x", "IM", daily(1e6), emax=-1.0, ec50=1e-3)
    below = ActiveRegimen("y", "IM", daily(1e6), rise=-1.0)
    for regimen in (stop, below):
        assert 150 <= afc(regimen)[0] < 3e3


def test_recruitment_multiplies_the_cells_that_start():
    """B is linear in recruitment: a factor from the start multiplies P above background."""
    double = ActiveRegimen("x", "IM", ((0.0, 1.0),), on="recruitment", rise=1.0)
    np.testing.assert_allclose(afc(double) - 150, 2 * (afc() - 150), rtol=1e-10)


def test_antigen_changes_recruitment_by_its_saturation():
    for antigen in (1e6, 5e7, 1e9):
        expected = antigen / (antigen + 5e7) / (2e8 / 2.5e8)
        np.testing.assert_allclose(
            (afc(antigen=antigen) - 150) / (afc() - 150), expected, rtol=1e-10
        )


def test_effects_multiply():
    first = ActiveRegimen("x", "IM", ((0.0, 1.0),), rise=0.10)
    second = ActiveRegimen("y", "SC", ((0.0, 1.0),), rise=0.05)
    one = ActiveRegimen("z", "IM", ((0.0, 1.0),), rise=1.10 * 1.05 - 1)
    np.testing.assert_allclose(afc(first, second), afc(one), rtol=1e-12)


def test_a_rise_begins_with_the_first_dose():
    late = ActiveRegimen("x", "IM", ((3.0, 1.0), (4.0, 1.0)), rise=0.136)
    early = ActiveRegimen("x", "IM", ((-3.0, 1.0),), rise=0.136)
    at_zero = ActiveRegimen("x", "IM", ((0.0, 1.0),), rise=0.136)
    assert afc(day=3.0)[0] == pytest.approx(afc(late, day=3.0)[0], rel=1e-6)
    assert afc()[0] < afc(late)[0] < afc(at_zero)[0]
    np.testing.assert_allclose(afc(early), afc(at_zero), rtol=1e-10)
    after = ActiveRegimen("x", "IM", ((5.0, 1.0),), rise=0.136)
    assert afc(after)[0] == afc()[0]


def test_the_same_total_dose_depends_on_its_schedule():
    five = afc(ActiveRegimen("x", "IM", daily(35), emax=0.49, ec50=57.3))
    once = afc(ActiveRegimen("x", "IM", ((0.0, 175.0),), emax=0.49, ec50=57.3))
    before = afc(ActiveRegimen("x", "IM", daily(35, range(-5, 0)), emax=0.49, ec50=57.3))
    assert afc()[0] < before[0] < once[0]
    assert len({round(float(v[0])) for v in (five, once, before)}) == 3


def test_sensitive_animals_respond_more():
    found = afc(SECRETOME, shift=np.linspace(-2, 2, 9))
    assert (np.diff(found) < 0).all()
    shifted = ActiveRegimen("secretome", "IM", daily(70), emax=0.49, ec50=57.3 * np.exp(0.5))
    np.testing.assert_allclose(afc(shifted), afc(SECRETOME, shift=0.5), rtol=1e-12)


def test_extreme_sensitivities_are_numbers():
    found = afc(SECRETOME, shift=np.array([-800.0, 800.0]))
    full = ActiveRegimen("x", "IM", ((0.0, 1.0),), rise=0.49)
    assert found[1] == pytest.approx(afc()[0], rel=1e-12)
    assert found[0] == pytest.approx(afc(full)[0], rel=1e-2)


def test_an_explosion_is_an_error():
    wild = Kinetics.model_validate({"rho": "1e5 1/d"})
    with pytest.raises(FloatingPointError, match="left the range of numbers"):
        afc(rates=wild)
