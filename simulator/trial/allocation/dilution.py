"""What is drawn into a syringe: the volume per body weight, and how far the stock is diluted.

Pure arithmetic. A dose of 10 uL/kg is 0.2 uL in a mouse of 20 g: nobody can inject that, so the
stock is diluted in the vehicle until the lightest mouse gets a volume that can be measured and
the heaviest stays within good practice. Arms that are injected by one route on the same days get
one volume per body weight wherever the stock allows, so that the volume does not tell the dose.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from simulator.scenario_files.critique.volumes import PER_KG, PER_SITE

#: uL that can still be injected with a share of error that does not matter (assumed: a syringe
#: of 0.3 to 0.5 mL is read to about 5 uL, a microsyringe for a thigh muscle to 1 uL).
SMALLEST = {"SC": 50.0, "IP": 50.0, "IV": 50.0, "IM": 20.0}
#: uL of stock that a pipette still measures well (assumed).
SMALLEST_PIPETTED = 10.0
#: Made on top of what is injected: what stays in tubes and needles (assumed).
SPARE = 0.10

#: Mantissas of a dilution, the handiest first.
_HANDY = ((1.0, 2.0, 2.5, 5.0), (1.5, 3.0, 4.0, 6.0, 7.5, 8.0))
#: Rounding must not push a volume over a limit that it meets exactly.
_EXACT = 1 + 1e-9

Key = TypeVar("Key")


@dataclass(frozen=True)
class Neat:
    """What the plan says: volume of the stock in uL/kg; a vehicle has no stock to dilute."""

    volume: float
    vehicle: bool = False


@dataclass(frozen=True)
class Filling:
    """What goes into the syringe.

    Attributes
    ----------
    factor : the stock is diluted 1 : factor; 1 is neat.
    per_kg : volume to inject, uL per kg of body weight.
    warning : why it is not good practice, or empty.
    impossible : why it cannot be injected at all, or empty.
    """

    factor: float
    per_kg: float
    warning: str = ""
    impossible: str = ""


@dataclass(frozen=True)
class Mixture:
    """What is prepared for one syringe code and day, in uL."""

    stock: float
    vehicle: float

    @property
    def total(self) -> float:
        """Volume of the mixture."""
        return self.stock + self.vehicle


def fillings(
    neat: Mapping[Key, Neat], *, route: str, lightest: float, heaviest: float, together: int = 1
) -> dict[Key, Filling]:
    """Return what goes into each syringe of one route and the same days.

    Parameters
    ----------
    neat : by syringe.
    route : SC, IP, IV or IM.
    lightest, heaviest : body weights of the animals, g.
    together : injections by this route that one animal gets on one day; they share the limits.

    Examples
    --------
    10 uL/kg are 0.2 uL in a mouse of 20 g; diluted 1:100 they are 20 uL:

    >>> fillings({"a": Neat(10.0)}, route="IM", lightest=20.0, heaviest=20.0)
    {'a': Filling(factor=100.0, per_kg=1000.0, warning='', impossible='')}
    """
    least = 1000 * SMALLEST[route] / lightest
    good, most = _limits(route, heaviest, together)
    within = good if least <= good * _EXACT else most
    found: dict[Key, Filling] = {}
    drugs = [one.volume for one in neat.values() if not one.vehicle and one.volume > 0]
    fitting = [volume for volume in drugs if volume <= within * _EXACT]
    vehicles = [one.volume for one in neat.values() if one.vehicle]
    common = _common(fitting, vehicles, least, within) if least <= within * _EXACT else None
    for key, one in neat.items():
        if common is None:
            text = (
                f"the lightest mouse ({lightest:g} g) needs at least {SMALLEST[route]:g} uL, which "
                f"is more per kg than the heaviest ({heaviest:g} g) can take {route}"
            )
            found[key] = Filling(1.0, one.volume, impossible=text)
        elif one.vehicle or one.volume <= within * _EXACT:
            factor = 1.0 if one.vehicle or not one.volume else common / one.volume
            found[key] = Filling(factor, common, warning=_over(common, good, route))
        elif one.volume <= most * _EXACT:
            found[key] = Filling(1.0, one.volume, warning=_over(one.volume, good, route))
        else:
            text = _too_much(one.volume, most, route=route, heaviest=heaviest, together=together)
            found[key] = Filling(1.0, one.volume, impossible=text)
    return found


def mixture(filling: Filling, *, injected: float, vehicle: bool = False) -> Mixture:
    """Return what to prepare for a day on which ``injected`` uL are injected in all.

    With a spare tenth; more where less stock than a pipette can measure would be needed.
    """
    total = injected * (1 + SPARE)
    if vehicle:
        return Mixture(0.0, total)
    if filling.factor <= _EXACT:
        return Mixture(total, 0.0)
    stock = max(total / filling.factor, SMALLEST_PIPETTED)
    return Mixture(stock, stock * (filling.factor - 1))


def _limits(route: str, heaviest: float, together: int) -> tuple[float, float]:
    """Return good practice and maximum of one injection, uL/kg."""
    if route == "IM":  # mL per site, whatever the mouse weighs
        good, most = (1e6 * limit / heaviest for limit in PER_SITE)
    else:
        good, most = (1e3 * limit for limit in PER_KG[route])
    return good / together, most / together


def _too_much(volume: float, most: float, *, route: str, heaviest: float, together: int) -> str:
    """Say what the heaviest mouse would get, what it can take, and what to do."""
    each = " each" if together > 1 else ""
    shared = f" for each of {together} injections of a day" if together > 1 else ""
    site = " per site" if route == "IM" else ""
    sites = ", or several sites (a plan of one site is all that this program makes)"
    # rounded up: a stock of 1.11 times is not enough where 1.119 is needed
    stronger = math.ceil(100 * volume / most * (1 - 1e-9)) / 100
    return (
        f"{volume:g} uL/kg of the neat stock are {volume * heaviest / 1000:.0f} uL {route}{each} "
        f"in the heaviest mouse ({heaviest:.1f} g), the maximum is {most * heaviest / 1000:.0f} uL"
        f"{site}{shared}: use a stock at least {stronger:g} times as concentrated, a smaller dose, "
        f"another route{sites if route == 'IM' else ''}"
    )


def _over(per_kg: float, good: float, route: str) -> str:
    if per_kg <= good * _EXACT:
        return ""
    return f"{per_kg:.4g} uL/kg {route} is over good practice ({good:.4g} uL/kg)"


def _common(drugs: list[float], vehicles: list[float], least: float, within: float) -> float:
    """Return the one volume per kg: with handy dilutions, round, and as small as that allows."""
    planned = max(drugs or vehicles, default=0.0)
    floor = max(least, max(drugs, default=0.0))
    if least <= planned <= within * _EXACT and all(
        volume == planned for volume in (*drugs, *vehicles)
    ):
        return planned  # as it is in the plan
    candidates = {floor, *_round_numbers(floor, within)}
    for volume in drugs:
        candidates |= {
            volume * factor for factor in _round_numbers(floor / volume, within / volume)
        }
    return min(
        candidates,
        key=lambda v: (sum(_unhandy(v / drug) for drug in drugs) + _unhandy(v) / 4, v),
    )


def _round_numbers(low: float, high: float) -> set[float]:
    """Return the handy numbers from ``low`` to ``high``."""
    numbers = set()
    for power in range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1):
        for mantissa in (*_HANDY[0], *_HANDY[1], 1.2):
            # 25 * 10 ** -1 and not 2.5: whole numbers stay whole
            number = float(f"{mantissa}e{power}")
            if low / _EXACT <= number <= high * _EXACT:
                numbers.add(number)
    return numbers


def _unhandy(factor: float) -> int:
    """Return how little handy a dilution 1 : factor is: 0 for 1:20, 1 for 1:30, 2 for 1:12, ..."""
    mantissa = factor / 10.0 ** math.floor(math.log10(factor) + 1e-12)
    for cost, known in enumerate(_HANDY):
        if any(math.isclose(mantissa, one, rel_tol=1e-9) for one in known):
            return cost
    for cost, digits in ((2, 1), (4, 2)):
        if math.isclose(mantissa, round(mantissa, digits), rel_tol=1e-9):
            return cost
    return 6
