"""Fields that hold quantities: which unit, whether a bare number will do, which bounds.

``Annotated[float, Unit("day")]`` is a pydantic field that accepts ``"5 d"``, refuses a bare
number and every other dimension, holds the float in days and is written back as ``"5 d"``.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

from simulator.scenario.quantities import KINDS, format_quantity, parse_quantity

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


@dataclass(frozen=True)
class Unit:
    """Pydantic annotation: a float held in ``name``, read from text with any like unit.

    Parameters
    ----------
    name : canonical unit, as the units library spells it.
    bare : whether a bare number (already in the canonical unit) is accepted.
    gt, ge, le : bounds on the value in the canonical unit.
    example : what to show when something else was written; default: the unit's own.
    """

    name: str
    bare: bool = False
    gt: float | None = None
    ge: float | None = None
    le: float | None = None
    example: str | None = None

    def validate(self, value: object) -> float:
        """Return the float, or raise the pydantic error that names what is allowed."""
        kind, example = self._kind
        if isinstance(value, str):
            try:
                number = parse_quantity(value, self.name, example=self.example)
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

    @property
    def _kind(self) -> tuple[str, str]:
        """What is measured, and an example of it."""
        kind, example = KINDS[self.name]
        return kind, self.example or example

    def _not_a_number(self, value: object) -> str:
        kind, example = self._kind
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
            # 1 where everything cannot be: one percent was meant (a correlation of 1 may be)
            percent = number > 1 or (number == 1 and self.le < 0.99)
            if share and percent and isinstance(written, int | float):
                one = "a percentage" if number > 1 else "1 %"
                rule += f"; for {one} write {number:g} %"
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
        kind, example = self._kind
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
Days = Annotated[float, Unit("day", gt=0, le=365, example="1 d")]
PerDay = Annotated[float, Unit("1/day", ge=0)]
#: A duration of work, at most a day; it may be nothing.
MinutesOrNone = Annotated[float, Unit("minute", ge=0, le=1440)]
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
#: A Monte Carlo standard error worth asking for: from 25 million replicates to 100.
ErrorWanted = Annotated[float, Unit("dimensionless", bare=True, ge=1e-4, le=0.05)]
Alpha = Annotated[float, Unit("dimensionless", bare=True, ge=1e-6, le=0.5)]
#: A correlation, or a probability that leaves room for its mirror image.
Correlation = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=0.99)]
#: A correlation of either sign.
EitherCorrelation = Annotated[float, Unit("dimensionless", bare=True, ge=-0.99, le=0.99)]
#: Probability of an error that can go either way, each with this probability.
EitherWay = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=0.5)]
#: A coefficient of variation or relative change, which may exceed 1.
Relative = Annotated[float, Unit("dimensionless", bare=True, ge=0, le=5)]
SignedRelative = Annotated[float, Unit("dimensionless", bare=True, ge=-1, le=10)]
#: A relative change per hour, compounded.
HourlyChange = Annotated[float, Unit("dimensionless", bare=True, ge=-0.9, le=1)]
Number = Annotated[float, Unit("dimensionless", bare=True)]
#: A level or a standard deviation of an endpoint, in its unit; a float once completed.
Level = Annotated[float, OwnUnit()]
PositiveNumber = Annotated[float, Unit("dimensionless", bare=True, gt=0)]
