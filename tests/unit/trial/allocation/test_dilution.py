"""What goes into a syringe, worked out by hand."""

from __future__ import annotations

import pytest

from simulator.trial.allocation.dilution import (
    SMALLEST,
    SMALLEST_PIPETTED,
    Filling,
    Mixture,
    Neat,
    fillings,
    mixture,
)


def only(volume: float, route: str, low: float = 20.0, high: float = 20.0) -> Filling:
    return fillings({"x": Neat(volume)}, route=route, lightest=low, heaviest=high)["x"]


def test_ten_microlitres_per_kilogram_are_diluted_a_hundredfold() -> None:
    # 10 uL/kg x 20 g = 0.2 uL; 1:100 gives 20 uL, the smallest IM volume
    assert only(10.0, "IM") == Filling(100.0, 1000.0)


def test_the_stock_is_diluted_so_that_the_lightest_mouse_has_enough() -> None:
    # 17 g: 20 uL are 1176 uL/kg; 23 g: 50 uL are 2174 uL/kg; between them 2000 = 10 x 200
    assert only(10.0, "IM", 17.0, 23.0) == Filling(200.0, 2000.0)
    # SC: 50 uL in 17 g are 2941 uL/kg; up to 10 mL/kg
    assert only(10.0, "SC", 17.0, 23.0) == Filling(500.0, 5000.0)


def test_what_can_be_injected_neat_is() -> None:
    # 100 uL in a mouse of 20 g
    assert only(5000.0, "IP", 17.0, 23.0) == Filling(1.0, 5000.0)


def test_arms_of_one_route_get_one_volume() -> None:
    # the doses of the abstract: 10, 20, 50 uL/kg, and saline: 2000 uL/kg is 200, 100, 40 times
    found = fillings(
        {"a": Neat(10.0), "b": Neat(20.0), "c": Neat(50.0), "s": Neat(10.0, vehicle=True)},
        route="IM",
        lightest=17.0,
        heaviest=23.0,
    )
    assert {one.per_kg for one in found.values()} == {2000.0}
    assert [found[key].factor for key in "abcs"] == [200.0, 100.0, 40.0, 1.0]


def test_different_volumes_that_could_be_injected_are_made_one() -> None:
    # 50 and 100 uL in 20 g, saline 50: the weaker is diluted 1:2, the stronger stays neat
    found = fillings(
        {"a": Neat(2500.0), "b": Neat(5000.0), "s": Neat(2500.0, vehicle=True)},
        route="IP",
        lightest=20.0,
        heaviest=20.0,
    )
    assert found == {
        "a": Filling(2.0, 5000.0),
        "b": Filling(1.0, 5000.0),
        "s": Filling(1.0, 5000.0),
    }


def test_a_dose_that_leaves_no_room_is_injected_by_itself() -> None:
    # 3000 uL/kg IM in 23 g is 69 uL: over 50, below 100; the others keep to good practice
    found = fillings(
        {"strong": Neat(3000.0), "weak": Neat(10.0)}, route="IM", lightest=17.0, heaviest=23.0
    )
    assert found["weak"] == Filling(200.0, 2000.0)
    assert (found["strong"].factor, found["strong"].per_kg) == (1.0, 3000.0)
    assert found["strong"].warning == "3000 uL/kg IM is over good practice (2174 uL/kg)"


def test_what_no_mouse_can_take_is_told() -> None:
    # 10 mL/kg IM in 20 g is 200 uL, twice the most
    found = only(10_000.0, "IM")
    told = "are 200 uL IM in the heaviest mouse (20.0 g), the maximum is 100 uL per site"
    assert told in found.impossible
    assert "use a stock at least 2 times as concentrated, a smaller dose" in found.impossible
    assert "several sites" in found.impossible
    # 90 mL/kg IP in 20 g: 1800 uL, 80 mL/kg are 1600
    found = only(90_000.0, "IP")
    assert "are 1800 uL IP in the heaviest mouse (20.0 g), the maximum is 1600 uL: use" in (
        found.impossible
    )
    assert "1.13 times" in found.impossible  # 1.125, rounded up
    assert "site" not in found.impossible


def test_mice_too_unlike_for_one_volume_per_kilogram() -> None:
    # 6 g need 3333 uL/kg for 20 uL; 40 g can take 2500 for 100 uL
    found = only(10.0, "IM", 6.0, 40.0)
    assert "the lightest mouse (6 g) needs at least 20 uL" in found.impossible
    # 10 g need 2000; 40 g: 1250 is good, 2500 the most
    over = only(10.0, "IM", 10.0, 40.0)
    assert (over.factor, over.per_kg) == (200.0, 2000.0)
    assert "over good practice (1250 uL/kg)" in over.warning


def test_two_injections_of_a_day_share_the_limit() -> None:
    # 50 uL of good practice are 25 for each of two, which is still above 20
    found = fillings({"x": Neat(10.0)}, route="IM", lightest=20.0, heaviest=20.0, together=2)
    assert found["x"] == Filling(100.0, 1000.0)
    over = fillings({"x": Neat(10.0)}, route="IM", lightest=17.0, heaviest=23.0, together=2)
    assert "over good practice" in over["x"].warning


@pytest.mark.parametrize("route", sorted(SMALLEST))
@pytest.mark.parametrize("volume", [0.013, 1.0, 7.3, 33.0, 410.0, 1234.5])
def test_the_dose_arrives_whatever_the_dilution(route: str, volume: float) -> None:
    found = only(volume, route, 18.0, 22.0)
    assert found.per_kg / found.factor == pytest.approx(volume, rel=1e-12)
    assert found.per_kg * 18 / 1000 >= SMALLEST[route] * (1 - 1e-9)
    assert found.factor >= 1
    assert not found.warning
    assert not found.impossible


def test_what_is_mixed() -> None:
    # 8 mice x 40 uL = 320, with a tenth 352 uL; 1:20 takes 17.6 uL of stock
    found = mixture(Filling(20.0, 2000.0), injected=320.0)
    assert (found.stock, found.vehicle) == (pytest.approx(17.6), pytest.approx(334.4))
    assert found.total == pytest.approx(352.0)
    assert mixture(Filling(1.0, 2000.0), injected=100.0).stock == pytest.approx(110.0)
    assert mixture(Filling(1.0, 9.0), injected=100.0, vehicle=True).vehicle == pytest.approx(110.0)
    assert mixture(Filling(1.0, 9.0), injected=100.0, vehicle=True).stock == 0.0


def test_no_less_stock_is_taken_than_a_pipette_can_measure() -> None:
    # 352 uL at 1:200 would be 1.8 uL of stock: 10 uL are taken, and 1990 uL of vehicle
    found = mixture(Filling(200.0, 2000.0), injected=320.0)
    assert found == Mixture(stock=SMALLEST_PIPETTED, vehicle=1990.0)
