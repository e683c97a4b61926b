"""The base of every noun: frozen, strict about keys, readable."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from simulator.scenario.fields import Relative
from simulator.scenario.suggestion import nearest, short_key

T = TypeVar("T")

#: How much a number deserves to be believed, from measured here to merely assumed.
Status = Literal["stated", "measured", "published", "calibrated", "fitted", "assumed"]

#: Distributions that a number of nature may have.
PRIORS = ("normal", "lognormal", "uniform")
#: The two numbers of each.
_NUMBERS = {
    "normal": "[mean, standard deviation]",
    "lognormal": "[median, standard deviation of the logarithm]",
    "uniform": "[lowest, highest]",
}
_AMOUNT = re.compile(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(.*?)\s*")

#: Ids name arms, endpoints, substances, families and files: letters, digits, ``-``, ``_``, ``.``.
Id = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=64, strict=True)
]


class Noun(BaseModel):
    """Base of the scenario's models: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)


class Parameter(Noun, Generic[T]):
    """A number of nature with its evidence, and what is believed of it where it is not known.

    In a file a bare value is enough (its status is then ``stated``: the planner says so);
    ``{value: 0.6, status: assumed, source: ...}`` says where it is from. A distribution
    (``{normal: [0.6, 0.1]}``) is a prior: its median stands as the value unless another is given.
    """

    value: T
    status: Status = "stated"
    source: str | None = None
    range: tuple[T, T] | None = Field(default=None, description="plausible range, same unit")
    normal: tuple[T, T] | None = Field(
        default=None, description="prior: mean and standard deviation, both with their unit"
    )
    lognormal: tuple[T, Relative] | None = Field(
        default=None, description="prior: median, and standard deviation of the natural logarithm"
    )
    uniform: tuple[T, T] | None = Field(default=None, description="prior: lowest and highest")

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, data: object) -> object:
        """Give a bare value its mapping, and a distribution its median."""
        if isinstance(data, Parameter):
            return data
        if not isinstance(data, dict):
            return {"value": data}
        _check_distributions(data, [*cls.model_fields])
        named = [key for key in PRIORS if data.get(key) is not None]
        if "value" in data or not named:
            return data
        first, second = data[named[0]]
        return {**data, "value": _midpoint(first, second) if named[0] == "uniform" else first}

    @model_validator(mode="after")
    def _one_prior(self) -> Parameter[T]:
        stated = [key for key in PRIORS if getattr(self, key) is not None]
        if len(stated) > 1:
            raise ValueError(f"give one distribution, not {' and '.join(stated)}")
        for key in stated:
            low, high = getattr(self, key)
            if key != "uniform" and not isinstance(high, str) and high <= 0:
                raise ValueError(f"{key}: the standard deviation must be above 0")
            numbers = not isinstance(low, str) and not isinstance(high, str)
            if key == "uniform" and numbers and not low < high:
                raise ValueError("uniform: write the lowest value first, then the highest")
            if key == "lognormal" and not isinstance(low, str) and low <= 0:
                raise ValueError("lognormal: the median must be above 0")
        return self

    @property
    def prior(self) -> str | None:
        """Name of the distribution, None where the number is taken as known."""
        return next((key for key in PRIORS if getattr(self, key) is not None), None)


def _check_distributions(data: dict[str, Any], fields: list[str]) -> None:
    """Refuse a distribution that is not known, or has not two numbers.

    Raises
    ------
    ValueError : with what to write.
    """
    for key, numbers in data.items():
        if key in PRIORS:
            pair = numbers if isinstance(numbers, list | tuple) else ()
            empty = numbers is None and "value" in data
            if not empty and (len(pair) != 2 or any(_is_no_number(one) for one in pair)):
                raise ValueError(f"{key} needs two numbers: {_NUMBERS[key]}")
            if pair and key != "uniform" and isinstance(pair[1], int | float) and pair[1] <= 0:
                raise ValueError(f"{key}: the standard deviation must be above 0")
        elif isinstance(numbers, list) and key not in fields:
            hint = nearest(str(key), fields)
            if hint is None or hint in PRIORS:
                mean = f'; did you mean "{hint}"?' if hint else ";"
                known = ", ".join(f"{name}: {two}" for name, two in _NUMBERS.items())
                raise ValueError(
                    f'unknown distribution "{short_key(str(key))}"{mean} allowed: {known}'
                )


def _is_no_number(value: object) -> bool:
    """Whether a value is not even a text, which may be a number with its unit."""
    return value is None or isinstance(value, bool | dict | list | tuple)


def _midpoint(low: object, high: object) -> object:
    """Return the middle of two amounts as a file would write it, or the first where it is unclear.

    What is unclear is refused later, by the fields themselves.
    """
    ends = [_AMOUNT.fullmatch(str(end)) for end in (low, high)]
    if ends[0] is None or ends[1] is None or ends[0][2] != ends[1][2]:
        return low
    try:
        middle = (float(ends[0][1]) + float(ends[1][1])) / 2
    except ValueError:
        return low
    if not math.isfinite(middle):
        return low
    return f"{middle!r} {ends[0][2]}".strip() if isinstance(low, str) else middle


def default(
    kind: Any,
    value: float,
    status: Status,
    source: str,
    low: float | None = None,
    high: float | None = None,
) -> Parameter[Any]:
    """Return a default parameter: ``kind`` its quantity, ``low``..``high`` its plausible range."""
    span = None if low is None or high is None else (float(low), float(high))
    return Parameter[kind].model_construct(
        value=float(value), status=status, source=source, range=span
    )
