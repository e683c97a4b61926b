"""Quantities with units: text in a scenario file, plain floats in a canonical unit inside.

``Annotated[float, Unit("day")]`` is a pydantic field that accepts ``"5 d"``, refuses a bare
number and every other dimension, holds the float in days and is written back as ``"5 d"``.
Conversion and dimension checks are pint's; only the outer shape ``number unit`` is ours, so
that a file can never make the units library evaluate arithmetic.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

from simulator.scenario.numerals import SPACES, comma_advice, thousands_advice

if TYPE_CHECKING:
    from pint import UnitRegistry
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

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
_KINDS = {
    "day": ("a time", "5 d"),
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
def parse_quantity(text: str, unit: str) -> float:
    """Return the magnitude of ``text`` in ``unit``.

    Raises
    ------
    ValueError : not a number with a unit, unknown unit, wrong dimension, or not finite; the
        message says what was found and what is allowed.
    """
    import pint

    kind, example = _KINDS.get(unit, (f"a quantity in {unit}", f"1 {unit}"))
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
        return _KINDS[share][0]
    for unit, (kind, _) in _KINDS.items():
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


@dataclass(frozen=True)
class Unit:
    """Pydantic annotation: a float held in ``name``, read from text with any like unit.

    Parameters
    ----------
    name : canonical unit, as the units library spells it.
    bare : whether a bare number (already in the canonical unit) is accepted.
    gt, ge, le : bounds on the value in the canonical unit.
    """

    name: str
    bare: bool = False
    gt: float | None = None
    ge: float | None = None
    le: float | None = None

    def validate(self, value: object) -> float:
        """Return the float, or raise the pydantic error that names what is allowed."""
        kind, example = _KINDS[self.name]
        if isinstance(value, str):
            try:
                number = parse_quantity(value, self.name)
            except ValueError as error:
                text = self._not_a_number(value) if self.bare and not _starts(value) else str(error)
                if self.bare and value.strip().isdecimal():
                    text = f'"{value}" is a text: write {value.strip()} without quotes'
                raise PydanticCustomError("quantity", "{text}", {"text": text}) from None
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if not self.bare:
                raise PydanticCustomError(
                    "quantity",
                    "{text}",
                    {"text": f"{_shown(value)} has no unit; {kind} is due: write e.g. {example}"},
                )
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
        else:
            raise PydanticCustomError(
                "quantity",
                "{text}",
                {"text": self._not_a_number(value)},
            )
        self._check_bounds(number, value)
        return number

    def _not_a_number(self, value: object) -> str:
        kind, example = _KINDS[self.name]
        if self.name == "dimensionless":
            kind, example = ("a number", "3") if self.le is None else (kind, "0.45 or 45 %")
        return f"{_shown(value)} is not {kind}: write e.g. {example}"

    def _check_bounds(self, number: float, written: object) -> None:
        if not math.isfinite(number):
            rule = "must be a finite number"
        elif self.gt is not None and number <= self.gt:
            rule = f"must be above {self._show(self.gt, written)}"
        elif self.ge is not None and number < self.ge:
            rule = f"must be at least {self._show(self.ge, written)}"
        elif self.le is not None and number > self.le:
            share = self.name == "dimensionless"
            rule = f"must be at most {self._show(self.le, written)}"
            if share and 0.99 < self.le < 1:
                rule = f"must be below {self._show(1.0, written)}"
            if share and number > 1 and isinstance(written, int | float):
                rule += f"; for a percentage write {number:g} %"
        else:
            return
        raise PydanticCustomError("quantity", "{text}", {"text": f"{_shown(written)} {rule}"})

    def _show(self, bound: float, written: object) -> str:
        if isinstance(written, str) and written.rstrip().endswith("%"):
            return f"{100 * bound:g} %"
        return f"{bound:g}" if self.name == "dimensionless" else format_quantity(bound, self.name)

    def serialise(self, value: float) -> str | float:
        """Return the canonical text (a bare number where the field allows one)."""
        return value if self.bare else format_quantity(value, self.name)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.validate,
            serialization=core_schema.plain_serializer_function_ser_schema(self.serialise),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        kind, example = _KINDS[self.name]
        text: JsonSchemaValue = {
            "type": "string",
            "description": f"{kind}, with its unit",
            "examples": [example],
        }
        return {"anyOf": [{"type": "number"}, text]} if self.bare else text


@dataclass(frozen=True)
class OwnUnit:
    """Pydantic annotation: an amount in the unit of its endpoint.

    A number is in that unit already. A text says its unit; it stays a text until the endpoint is
    known, that is until the scenario is completed (see ``scenario.levels``).
    """

    def validate(self, value: object) -> float | str:
        """Return the number or the text, or raise the pydantic error."""
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            with suppress(OverflowError):
                if math.isfinite(value):
                    return float(value)
        text = f"{_shown(value)} is not a number: write e.g. 3"
        raise PydanticCustomError("quantity", "{text}", {"text": text})

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "number"}, {"type": "string"}]}


def _starts(text: str) -> bool:
    """Whether a text begins like a number, so that its unit is what is wrong."""
    return text.lstrip(" +-.")[:1].isdecimal()


def _shown(value: Any) -> str:
    if isinstance(value, bool | list | tuple | dict):
        return str(value).lower() if isinstance(value, bool) else "a list or mapping"
    text = f'"{value}"' if isinstance(value, str) else f"{value:.12g}"
    return text if len(text) <= 60 else text[:57] + "..."


#: A day of the study; day 0 is the immunization unless the file says otherwise. A bare number
#: is a day label, so it needs no unit.
StudyDay = Annotated[float, Unit("day", bare=True, ge=-365, le=365)]
Days = Annotated[float, Unit("day", gt=0, le=365)]
PerDay = Annotated[float, Unit("1/day", ge=0)]
Grams = Annotated[float, Unit("gram", gt=0, le=200)]
#: Of a mouse: the smallest that are weaned.
BodyGrams = Annotated[float, Unit("gram", ge=5, le=200)]
MicrolitrePerKg = Annotated[float, Unit("microliter/kilogram", ge=0)]
MicrogramPerKg = Annotated[float, Unit("microgram/kilogram", ge=0)]
PositiveMicrogramPerKg = Annotated[float, Unit("microgram/kilogram", gt=0)]
MicrogramPerMicrolitre = Annotated[float, Unit("microgram/microliter", gt=0)]
Cells = Annotated[float, Unit("cell", ge=0)]
Fraction = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=1)]
PositiveFraction = Annotated[float, Unit("dimensionless", bare=True, gt=0, le=1)]
LossFraction = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=0.95)]
OpenFraction = Annotated[float, Unit("dimensionless", bare=True, ge=1e-6, le=0.999999)]
Alpha = Annotated[float, Unit("dimensionless", bare=True, ge=1e-6, le=0.5)]
#: A correlation, or a probability that leaves room for its mirror image.
Correlation = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=0.99)]
#: A coefficient of variation or relative change, which may exceed 1.
Relative = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=10)]
SignedRelative = Annotated[float, Unit("dimensionless", bare=True, ge=-1, le=10)]
Number = Annotated[float, Unit("dimensionless", bare=True)]
#: A level or a standard deviation of an endpoint, in its unit; a float once completed.
Level = Annotated[float, OwnUnit()]
PositiveNumber = Annotated[float, Unit("dimensionless", bare=True, gt=0)]
