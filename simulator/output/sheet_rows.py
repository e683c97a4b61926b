"""The sheets of an allocation as rows: what their CSV files hold, and JSON prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.output.arm_labels import number

if TYPE_CHECKING:
    from simulator.trial.allocation.allocate import Allocation
    from simulator.trial.allocation.dosing_sheet import DosingSheet, Syringe

#: Names of the columns, and the rows.
Rows = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def whole(value: float | None) -> float | int | None:
    """Return a whole number without its point: a day is 0, not 0.0."""
    return int(value) if value is not None and value == int(value) else value


def allocation_rows(allocation: Allocation) -> Rows:
    """Return one row per animal, the reserve last: the key."""
    columns = (
        *("label", "animal", "status", "arm", "satellite_of", "block", "cage", "weight_g"),
        "syringes",
    )
    syringes: dict[str, list[str]] = {}
    for (arm, _), code in allocation.syringes.items():
        syringes.setdefault(arm, []).append(code)
    rows: list[tuple[Any, ...]] = [
        (
            *(one.label, one.animal, "enrolled", one.arm, one.satellite_of),
            *(
                str(one.block or ""),
                one.cage,
                round(one.weight, 1),
                " ".join(syringes.get(one.arm, [])),
            ),
        )
        for one in sorted(allocation.animals, key=lambda one: one.label)
    ]
    rows += [
        ("", one.animal, "reserve", "", "", "", one.cage, round(one.weight, 1), "")
        for one in allocation.reserve
    ]
    return columns, rows


def preparation_rows(dosing: DosingSheet) -> Rows:
    """Return one row per syringe code and day, uL."""
    columns = (
        *("syringe", "arm", "substance", "route", "day", "dose_ul_per_kg", "dose_ug_per_kg"),
        *("dilution", "injected_ul_per_kg", "animals", "stock_ul", "vehicle_ul", "total_ul"),
        *("vehicle", "note"),
    )
    rows: list[tuple[Any, ...]] = [
        (
            *_plan(one.syringe, one.day),
            None if one.syringe.vehicle else whole(round(one.syringe.filling.factor, 6)),
            whole(round(one.syringe.filling.per_kg, 6)),
            one.animals,
            *(round(one.mixed.stock, 2), round(one.mixed.vehicle, 2), round(one.mixed.total, 2)),
            *(one.syringe.diluent, one.syringe.filling.warning),
        )
        for one in dosing.preparations
    ]
    return columns, rows


def dosing_rows(dosing: DosingSheet, *, ids: bool = False) -> Rows:
    """Return one row per animal, day and injection: blinded.

    Parameters
    ----------
    ids : whether the animals' own ids may stand there, see ``blinding.shows_ids``.
    """
    own = ("animal",) if ids else ()
    columns = ("label", *own, "cage", "weight_g", "day", "syringe", "route", "volume_ul")
    return columns, [
        (
            one.label,
            *((one.animal,) if ids else ()),
            *(one.cage, round(one.weight, 1), whole(one.day)),
            *(one.code, one.route, round(one.volume, 1)),
        )
        for one in dosing.injections
    ]


def dilution_text(syringe: Syringe) -> str:
    """Return what is in a syringe, in words."""
    if syringe.vehicle:
        return f"{syringe.diluent} only"
    if syringe.filling.factor == 1:
        return "stock, neat"
    return f"stock 1:{number(syringe.filling.factor)} in {syringe.diluent}"


def volume_text(volume: float) -> str:
    """Return uL below a millilitre, mL from there on."""
    return f"{volume:.1f} µL" if volume < 1000 else f"{volume / 1000:.3f} mL"


def _plan(syringe: Syringe, day: float) -> tuple[Any, ...]:
    regimen = syringe.regimen
    names = (syringe.code, syringe.arm, regimen.substance, regimen.route)
    return (*names, whole(day), whole(regimen.dose.volume), whole(regimen.dose.mass))
