"""Text with a unit -> a float in a canonical unit, and back.

Conversion and dimension checks are pint's; only the outer shape ``number unit`` is ours, so
that a file can never make the units library evaluate arithmetic.
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from simulator.scenario.numerals import SPACES, comma_advice, thousands_advice

if TYPE_CHECKING:
    from pint import UnitRegistry

_NUMBER_UNIT = re.compile(
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>.*?)\s*",
    re.ASCII,
)
_UNIT_TEXT = re.compile(r"[A-Za-z%µμ/*·^0-9 .]{0,40}")

_RATIO = re.compile(r"\s*(\d{1,9})\s*:\s*0*([1-9]\d{0,8})\s*", re.ASCII)
_PER_SPLEEN = re.compile(r"(?:AFC|PFC|ASC|plaques?|cells?)\s*(?=/)/", re.IGNORECASE)
#: Large by nature: a point before three digits is no decimal point there.
_COUNTED = ("cell", "1/spleen")

#: What each canonical unit measures, and an example to show when something else was written.
KINDS = {
    "day": ("a time", "5 d"),
    "minute": ("a duration", "5 min"),
    "1/day": ("a rate", "0.35 1/h"),
    "gram": ("a mass", "20 g"),
    "microliter/kilogram": ("a volume per body weight", "10 uL/kg"),
    "microgram/kilogram": ("a mass per body weight", "35 ug/kg"),
    "microgram/microliter": ("a concentration", "3.5 mg/mL"),
    "cell": ("a number of cells", "2e8 cells"),
    "1/spleen": ("a number per spleen", "5e4 /spleen"),
    "dimensionless": ("a fraction", "45 %"),
}
#: How the canonical unit is written in a file.
_SHORT = {
    "day": "d",
    "minute": "min",
    "1/day": "1/d",
    "gram": "g",
    "microliter/kilogram": "uL/kg",
    "microgram/kilogram": "ug/kg",
    "microgram/microliter": "mg/mL",
    "cell": "cells",
    "1/spleen": "/spleen",
}


@cache
def registry() -> UnitRegistry[Any]:
    """Return the one unit registry, with the field's own units added."""
    import pint

    units: UnitRegistry[Any] = pint.UnitRegistry(cache_folder=":auto:")
    for definition in ("cell = [cell] = cells", "spleen = [spleen]", "HAU = [] = hau"):
        units.define(definition)
    return units


@lru_cache(maxsize=4096)
def parse_quantity(text: str, unit: str, *, example: str | None = None) -> float:
    """Return the magnitude of ``text`` in ``unit``.

    Parameters
    ----------
    example : what to show when something else was written; default: the one of ``KINDS``.

    Raises
    ------
    ValueError : not a number with a unit, unknown unit, wrong dimension, or not finite; the
        message says what was found and what is allowed.
    """
    import pint

    kind, usual = KINDS.get(unit, (f"a quantity in {unit}", f"1 {unit}"))
    example = usual if example is None else example
    text = text.translate(SPACES)
    advice = comma_advice(text) or (thousands_advice(text) if unit in _COUNTED else None)
    if advice is not None:
        raise ValueError(f'"{text}": {advice}')
    if unit == "dimensionless" and (ratio := _RATIO.fullmatch(text)):
        wanted = float(ratio[1]) / float(ratio[2])
        raise ValueError(f'"{text}" is a ratio; one number is due: write {wanted:g}')
    match = _NUMBER_UNIT.fullmatch(text)
    if match is None or not _UNIT_TEXT.fullmatch(match["unit"]):
        raise ValueError(f'"{text}" is not {kind}: write a number and a unit, like {example}')
    number, unit_text = float(match["number"]), match["unit"]
    if not math.isfinite(number):
        raise ValueError(f'"{text}" is too large to be a number')
    if not unit_text and unit != "dimensionless":
        raise ValueError(f'"{text}" has no unit; {kind} is due: write e.g. {example}')
    if unit == "1/spleen":
        unit_text = _PER_SPLEEN.sub("/", unit_text)
    if unit == "dimensionless" and unit_text == "%":
        return number / 100  # the units library would round twice: 0.35000000000000003
    unit_text = "1" + unit_text if unit_text.startswith("/") else unit_text or "dimensionless"
    try:
        found = registry().parse_expression(
            unit_text.replace("^", "**") if "^" in unit_text else unit_text
        )
        if found.magnitude != 1:
            raise ValueError("a second number")
        quantity = number * registry().Quantity(1, found.units)
    except (
        pint.PintError,
        AttributeError,
        ValueError,
        TypeError,
        SyntaxError,
        ArithmeticError,
        AssertionError,
        RecursionError,
    ):
        raise ValueError(
            f'"{text}": unknown unit "{match["unit"]}"; {kind} is due: write e.g. {example}'
        ) from None
    except Exception as error:  # tokenizer errors of the units library have no common base
        raise ValueError(f'"{text}" is not {kind}: write e.g. {example}') from error
    try:
        magnitude = float(quantity.to(unit).magnitude)
        # mg/kg and % have the same dimension (none), and are not the same thing.
        share = _shares(quantity)
        if share and share != unit:
            raise pint.DimensionalityError(quantity.units, unit)
        return magnitude
    except pint.DimensionalityError:
        meant = _describe(quantity)
        if meant is None:
            raise ValueError(f'"{text}" is not {kind}: write e.g. {example}') from None
        raise ValueError(f'"{text}" is {meant}; {kind} is due: write e.g. {example}') from None


def _shares(quantity: Any) -> str | None:
    """Return which canonical unit without dimension a quantity belongs to, or None."""
    if not quantity.dimensionless:
        return None
    masses = [u for u in quantity.units._units if "gram" in u]
    return "microgram/kilogram" if masses else "dimensionless"


def _describe(quantity: Any) -> str | None:
    """Name what a quantity of the wrong dimension measures, or None where we have no name."""
    share = _shares(quantity)
    if share:
        return KINDS[share][0]
    for unit, (kind, _) in KINDS.items():
        if quantity.is_compatible_with(unit):
            return kind
    if quantity.is_compatible_with("liter"):
        return "a volume"
    if quantity.is_compatible_with("mole/liter"):
        return "an amount of substance per volume"
    return None


def format_quantity(value: float, unit: str) -> str:
    """Return ``value`` (in ``unit``) as text that parses back to the same float."""
    number = f"{value:.15g}"
    if float(number) != value:
        number = repr(value)
    if unit in _COUNTED and thousands_advice(number):
        number += "0"  # 50.125 would be read as a point between thousands
    return f"{number} {_SHORT.get(unit, unit)}"
