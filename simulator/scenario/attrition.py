"""Losses: who dies and when, which samples are lost, who is excluded, what is enrolled for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from pydantic import Field, model_validator

from simulator.scenario.fields import (
    EitherCorrelation,
    Fraction,
    LossFraction,
    OpenFraction,
    StudyDay,
)
from simulator.scenario.noun import Id, Noun


class Attrition(Noun):
    """Animals and values that are lost between enrolment and analysis."""

    loss: LossFraction = Field(default=0.0, description="probability that an animal dies")
    by_arm: Mapping[Id, LossFraction] = Field(
        default_factory=dict, description="the same for some arms, in place of loss"
    )
    days: tuple[StudyDay, StudyDay] | None = Field(
        default=None,
        description="when they die, evenly; default: from the immunization to the first reading",
    )
    with_response: EitherCorrelation = Field(
        default=0.0,
        description="correlation of the liability to die with the animal's responsiveness: below "
        "0 poor responders die first",
    )
    samples: Mapping[Id, LossFraction] = Field(
        default_factory=dict, description="probability that the sample of an endpoint is lost"
    )
    exclusions: LossFraction = Field(
        default=0.0, description="animals excluded from every analysis, whatever they got"
    )
    failed_immunization: Fraction = Field(
        default=0.0,
        description="share of failed immunizations that is noticed and excluded; inflate does not "
        "make up for these",
    )
    before: LossFraction = Field(
        default=0.0, description="share of purchased animals that is not fit to be enrolled"
    )
    inflate: OpenFraction | None = Field(
        default=None,
        description="enrol so many that every arm keeps its n, in the endpoint that loses most, "
        "with this probability; without it, "
        "n is what is enrolled",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Attrition:
        if self.days is not None and self.days[0] >= self.days[1]:
            raise ValueError("days must be two days, the earlier one first")
        return self


@dataclass(frozen=True)
class Headcount:
    """Animals of the whole study.

    Attributes
    ----------
    analysed : expected number that is read, after losses; in the endpoint that loses most.
    enrolled : randomized to an arm.
    purchased : enrolled, the extra animals of satellite endpoints, and those not fit for it.
    kept : probability that every arm keeps its n in the endpoint that loses most; None where
        ``inflate`` does not ask for it.
    """

    analysed: float
    enrolled: int
    purchased: int
    kept: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Return plain numbers; ``kept`` only where it was asked for."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def __str__(self) -> str:
        """Return them as a sentence."""
        text = (
            f"{self.analysed:g} expected to be analysed, {self.enrolled} enrolled, "
            f"{self.purchased} purchased"
        )
        if self.kept is not None:
            # rounded down: what is promised is not more than what is
            percent = math.floor(1000 * self.kept) / 10
            text += (
                f"; every arm keeps its n (in its worst endpoint) with probability {percent:g} %"
            )
        return text
