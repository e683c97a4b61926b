"""The base of every noun: frozen, strict about keys, readable."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

T = TypeVar("T")

#: How much a number deserves to be believed, from measured here to merely assumed.
Status = Literal["stated", "measured", "published", "calibrated", "fitted", "assumed"]

#: Ids name arms, endpoints, substances, families and files: letters, digits, ``-``, ``_``, ``.``.
Id = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=64, strict=True)
]


class Noun(BaseModel):
    """Base of the scenario's models: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)


class Parameter(Noun, Generic[T]):
    """A number of nature with its evidence.

    In a file a bare value is enough (its status is then ``stated``: the planner says so);
    ``{value: 0.6, status: assumed, source: ...}`` says where it is from.
    """

    value: T
    status: Status = "stated"
    source: str | None = None
    range: tuple[T, T] | None = Field(default=None, description="plausible range, same unit")

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, data: object) -> object:
        if isinstance(data, dict | Parameter):
            return data
        return {"value": data}


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
