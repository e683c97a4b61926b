"""What the planner wants: target power, range of n, precision, limits, worlds, a sweep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from simulator.scenario.analysis_plan import Ids
from simulator.scenario.fields import ErrorWanted, OpenFraction
from simulator.scenario.noun import Id, Noun

#: A stretch of working time.
Minutes = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]


class PowerTarget(Noun):
    """Target power and what it is of: ``each`` comparison, ``any`` or ``all`` of them."""

    target: OpenFraction = 0.80
    of: Literal["each", "any", "all"] = "each"
    family: Id | None = Field(default=None, description="default: the first family")
    arms: Ids | None = Field(default=None, description="only comparisons of these treated arms")

    @model_validator(mode="before")
    @classmethod
    def _bare_target(cls, data: object) -> object:
        return data if isinstance(data, dict | PowerTarget) else {"target": data}


class SizeRange(Noun):
    """Range of n (animals in an arm of ratio 1) that is searched."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
    )
    start: int = Field(default=3, ge=1, le=1000, strict=True, alias="from")
    stop: int = Field(default=30, ge=1, le=1000, strict=True, alias="to")

    @model_validator(mode="after")
    def _ordered(self) -> SizeRange:
        if self.stop < self.start:
            raise ValueError(f"to ({self.stop}) is below from ({self.start})")
        return self


class Limits(Noun):
    """What the planner cannot exceed."""

    animals: Annotated[int, Field(ge=1, strict=True)] | None = Field(
        default=None, description="most animals that can be purchased"
    )


class Sweep(Noun):
    """Designs to compare: values by path of which all combinations are taken, named designs,
    or both: then every named design is taken with every combination.
    """

    grid: Mapping[str, Annotated[tuple[Any, ...], Field(min_length=1)]] = Field(
        default_factory=dict, description="lists of values by path"
    )
    designs: Mapping[Id, Mapping[str, Any]] = Field(
        default_factory=dict, description="named designs: overrides by path"
    )

    @model_validator(mode="after")
    def _something(self) -> Sweep:
        if not self.grid and not self.designs:
            raise ValueError("write grid: {path: [values]}, or designs: {name: {path: value}}")
        return self


class Decision(Noun):
    """What the planner wants to know, and how precisely."""

    power: PowerTarget = PowerTarget()
    n: SizeRange = SizeRange()
    replicates: int = Field(default=20_000, ge=100, le=100_000_000, strict=True)
    max_replicates: int = Field(
        default=400_000,
        ge=100,
        le=1_000_000_000,
        strict=True,
        description="most simulated studies of one n in a size search, its confirmation included",
    )
    max_minutes: Minutes | None = Field(
        default=None,
        description="time after which the search stops unresolved; changes no number",
    )
    mcse: ErrorWanted | None = Field(
        default=None,
        description="largest Monte Carlo standard error of a probability; sets replicates",
    )
    confidence: OpenFraction = Field(
        default=0.99, description="of the intervals that certify n (reported ones are 95 %)"
    )
    limits: Limits = Limits()
    worlds: Mapping[Id, Mapping[str, Any]] = Field(
        default_factory=dict, description="other assumptions: overrides by path"
    )
    sweep: Sweep | None = Field(default=None, description="designs that afcsim sweep compares")

    @model_validator(mode="after")
    def _names_of_worlds(self) -> Decision:
        for name in ("planned", "all"):
            if name in self.worlds:
                raise ValueError(f'worlds.{name} cannot be told from the word "{name}": rename it')
        return self

    @model_validator(mode="after")
    def _one_precision(self) -> Decision:
        given = "replicates" in self.model_fields_set
        if self.mcse is not None and given and self.replicates != self.replicates_for_mcse:
            raise ValueError(
                f"give replicates or mcse, not both: mcse {self.mcse:g} takes "
                f"{self.replicates_for_mcse:,} replicates, not {self.replicates:,}"
            )
        return self

    @property
    def replicates_for_mcse(self) -> int:
        """Replicates at which no probability has a larger standard error: 1/(4 mcse^2)."""
        return self.replicates if self.mcse is None else math.ceil(0.25 / self.mcse**2 - 1e-9)
