"""What nature does: responses, variability, assay noise. The analysis never sees this.

Keys of ``truth`` other than its own fields are endpoint ids; keys of a ``fold`` response are
arm ids (in a file also dose lists and roles), of an ``emax`` response substance ids.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from simulator.scenario.fields import (
    Correlation,
    EitherWay,
    Fraction,
    HourlyChange,
    Level,
    LossFraction,
    Number,
    PositiveMicrogramPerKg,
    PositiveNumber,
    Relative,
    SignedRelative,
)
from simulator.scenario.kinetics import Kinetics
from simulator.scenario.noun import Noun, Parameter, default


class _Open(Noun):
    """A noun whose further keys are ids of the design."""

    model_config = ConfigDict(frozen=True, extra="allow", validate_default=False)


class FoldResponse(_Open):
    """Fold over control, stated per arm; with none stated, no arm differs from control."""

    model: Literal["fold"]
    __pydantic_extra__: dict[str, Parameter[PositiveNumber]] = Field(init=False)

    @property
    def folds(self) -> Mapping[str, Parameter[float]]:
        """Stated folds by arm id, or by the id of a dose list."""
        return self.__pydantic_extra__


class DoseCurve(Noun):
    """log fold = emax * D^hill / (ed50^hill + D^hill), D the mass of one injection."""

    emax: Parameter[Number]
    ed50: Parameter[PositiveMicrogramPerKg]
    hill: Parameter[PositiveNumber] = default(
        PositiveNumber, 1.0, "assumed", "simplest saturation curve"
    )


class RouteCurves(Noun):
    """Dose curves of a substance, one per route."""

    IM: DoseCurve | None = None
    SC: DoseCurve | None = None
    IP: DoseCurve | None = None
    IV: DoseCurve | None = None


class EmaxResponse(_Open):
    """Saturating dose-response of the log fold, per substance and route."""

    model: Literal["emax"]
    __pydantic_extra__: dict[str, RouteCurves] = Field(init=False)

    @property
    def curves(self) -> Mapping[str, RouteCurves]:
        """Curves by substance id."""
        return self.__pydantic_extra__


class KineticResponse(Noun):
    """The response of the kinetic model: schedule, antigen dose and sampling day matter."""

    model: Literal["kinetic"]


Response = Annotated[FoldResponse | EmaxResponse | KineticResponse, Field(discriminator="model")]


class EndpointTruth(Noun):
    """Truth of one endpoint: its level in control animals and its response."""

    control: Parameter[Level] | None = Field(
        default=None,
        description="median (phagocytic and normal endpoints: mean) of control animals, with "
        "the endpoint's unit; the kinetic model has its own",
    )
    response: Response | None = None


class RouteEffect(Noun):
    """What a substance does by one route: a factor (1 + emax * h(E)), or a constant rise."""

    on: Literal["division", "recruitment"] = "division"
    emax: Parameter[SignedRelative] | None = None
    ec50: Parameter[PositiveMicrogramPerKg] | None = None
    hill: Parameter[PositiveNumber] = default(
        PositiveNumber, 1.0, "assumed", "simplest saturation curve"
    )
    rise: Parameter[SignedRelative] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> RouteEffect:
        if (self.rise is None) == (self.emax is None):
            raise ValueError("give either emax with ec50, or rise")
        if (self.emax is None) != (self.ec50 is None):
            raise ValueError("emax and ec50 belong together; one of them is missing")
        return self


class SubstanceEffect(Noun):
    """What a substance does to the response, by route (``any_route`` for the others)."""

    IM: RouteEffect | None = None
    SC: RouteEffect | None = None
    IP: RouteEffect | None = None
    IV: RouteEffect | None = None
    any_route: RouteEffect | None = None
    titer_exponent: Parameter[Number] = default(
        Number, 1.0, "assumed", "titer rises in proportion to AFC", 0, 1
    )

    def by(self, route: str) -> RouteEffect | None:
        """Return the effect by a route, or None where there is none."""
        own: RouteEffect | None = getattr(self, route)
        return own if own is not None else self.any_route


class Spread(Noun):
    """Between-animal variability of one endpoint, in the form the planner knows."""

    sd_ln: Parameter[Relative] | None = None
    sd_log2: Parameter[Relative] | None = None
    cv: Parameter[Relative] | None = None
    sd: Parameter[Level] | None = Field(
        default=None, description="in the endpoint's unit; 8 % of a percentage is 8 points"
    )
    cage_icc: Parameter[Fraction] | None = Field(
        default=None, description="of this endpoint, in place of the study's"
    )

    @model_validator(mode="after")
    def _one_form(self) -> Spread:
        stated = sum(part is not None for part in (self.sd_ln, self.sd_log2, self.cv, self.sd))
        # A cage_icc alone leaves the spread to the default of the endpoint's kind.
        if stated > 1 or (stated == 0 and self.cage_icc is None):
            raise ValueError("give exactly one of sd_ln, sd_log2, cv, sd")
        return self

    @property
    def log_sd(self) -> float | None:
        """Standard deviation of the natural logarithm; None where only ``sd`` is given."""
        if self.sd_ln is not None:
            return self.sd_ln.value
        if self.sd_log2 is not None:
            return self.sd_log2.value * math.log(2)
        if self.cv is not None:
            return math.sqrt(math.log1p(self.cv.value**2))
        return None


class Sensitivity(Noun):
    """Spread of log EC50 (or log ED50) between animals."""

    sd_ln: Parameter[Relative] = default(
        Relative, 0.0, "assumed", "no difference in drug sensitivity", 0, 0.5
    )


class Variability(_Open):
    """How animals differ; keys other than the fields are endpoint ids."""

    sensitivity: Sensitivity = Sensitivity()
    cage_icc: Parameter[Fraction] = default(
        Fraction, 0.0, "assumed", "cage-mates no more alike than others", 0, 0.3
    )
    responder_correlation: Parameter[Correlation] = default(
        Correlation, 0.5, "assumed", "AFC and titer of one animal share its responsiveness", 0, 0.9
    )
    immunization_failure: Parameter[Fraction] = default(
        Fraction, 0.0, "assumed", "every injection reaches the peritoneum", 0, 0.05
    )
    __pydantic_extra__: dict[str, Spread] = Field(init=False)

    @property
    def endpoints(self) -> Mapping[str, Spread]:
        """Spread by endpoint id."""
        return self.__pydantic_extra__

    def icc_of(self, endpoint: str) -> float:
        """Return the share of an endpoint's variance that cage-mates have in common."""
        spread = self.endpoints.get(endpoint)
        own = spread.cage_icc if spread is not None else None
        return (own if own is not None else self.cage_icc).value


class AssayNoise(Noun):
    """Errors of reading."""

    reader_cv: Parameter[Relative] = default(
        Relative, 0.05, "assumed", "repeat counts of one plate", 0, 0.2
    )
    crowding: Parameter[PositiveNumber] = default(
        PositiveNumber,
        5000.0,
        "assumed",
        "true plaques per plate at which half are seen",
        1000,
        20_000,
    )
    misread: Parameter[EitherWay] = default(
        EitherWay, 0.10, "assumed", "one well up, and as often one down", 0, 0.2
    )


class Handling(Noun):
    """What time and days do to the values; without ``design.conduct`` nothing of it happens."""

    spleen_loss: Parameter[LossFraction] = default(
        LossFraction, 0.05, "assumed", "AFC lost per hour that a spleen waits", 0, 0.2
    )
    reader_drift: Parameter[HourlyChange] = default(
        HourlyChange, 0.0, "assumed", "change of plaque counts per hour of reading", -0.05, 0.05
    )
    day_sd_ln: Parameter[Relative] = default(
        Relative, 0.10, "assumed", "AFC and titer of one day share its erythrocytes", 0, 0.3
    )


class Truth(_Open):
    """What nature does; keys other than the fields are endpoint ids."""

    response: Response = FoldResponse(model="fold")
    kinetics: Kinetics = Kinetics()
    effects: Mapping[str, SubstanceEffect] = Field(default_factory=dict)
    variability: Variability = Variability()
    assay: AssayNoise = AssayNoise()
    handling: Handling = Handling()
    __pydantic_extra__: dict[str, EndpointTruth] = Field(init=False)

    @property
    def endpoints(self) -> Mapping[str, EndpointTruth]:
        """Stated truths by endpoint id."""
        return self.__pydantic_extra__

    def response_of(self, endpoint: str) -> Response:
        """Return the response of an endpoint: its own, else the study's."""
        stated = self.endpoints.get(endpoint)
        own = stated.response if stated is not None else None
        return own if own is not None else self.response
