"""What the laboratory does: animals, immunization, substances, arms, endpoints, losses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, model_validator

from simulator.scenario.analysis_plan import ExperimentalUnit
from simulator.scenario.attrition import Attrition, Headcount
from simulator.scenario.conduct import Conduct
from simulator.scenario.enrolment import (
    check_enrolment,
    headcount_of,
    loss_of,
    losses_of,
    sizes_of,
)
from simulator.scenario.fields import (
    BodyGrams,
    Cells,
    Days,
    Grams,
    MicrogramPerKg,
    MicrogramPerMicrolitre,
    MicrolitrePerKg,
    PositiveFraction,
    PositiveNumber,
    StudyDay,
)
from simulator.scenario.noun import Id, Noun

Route = Literal["IM", "SC", "IP", "IV"]
Role = Literal["control", "reference", "positive", "test"]


class Weight(Noun):
    """Body weight, normal between animals."""

    mean: BodyGrams = 20.0
    sd: Grams = 1.2


class Animals(Noun):
    """The mice: who they are and how they are housed."""

    strain: str = "outbred white mouse"
    sex: Literal["female", "male", "both"] = "female"
    weight: Weight = Weight()
    per_cage: int = Field(default=5, ge=1, le=50, strict=True)
    arms_share_cages: StrictBool = Field(
        default=True, description="false: every cage holds animals of one arm only"
    )
    cages: Annotated[int, Field(ge=1, le=100_000, strict=True)] | None = Field(
        default=None, description="cages that the animal house has for this study"
    )


class Immunization(Noun):
    """One injection of the antigen."""

    antigen: str = "ram erythrocytes"
    dose: Cells = 2e8
    route: Route = "IP"
    day: StudyDay = 0.0


class Substance(Noun):
    """What is injected. The stock concentration makes uL/kg and ug/kg two views of one dose."""

    role: Literal["vehicle", "reference", "positive", "test"]
    stock: MicrogramPerMicrolitre | None = None


class Schedule(Noun):
    """Days of dosing: listed, or start/every/count (which is expanded on loading)."""

    days: tuple[StudyDay, ...] | None = Field(default=None, min_length=1, max_length=1000)
    start: StudyDay | None = None
    every: Days | None = None
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Schedule:
        regular = (self.start, self.every, self.count)
        if (self.days is None) == all(part is None for part in regular):
            raise ValueError("give either days: [...] or start, every and count")
        if self.days is None and (self.count is None or (self.every is None and self.count > 1)):
            raise ValueError("start, every and count belong together; one of them is missing")
        return self

    @property
    def times(self) -> tuple[float, ...]:
        """Days of dosing, ascending."""
        if self.days is not None:
            return tuple(sorted(self.days))
        start, every = self.start or 0.0, self.every or 0.0
        return tuple(start + every * index for index in range(self.count or 1))


class Dose(Noun):
    """One injection per body weight, by volume or by mass; resolved scenarios hold both."""

    volume: MicrolitrePerKg | None = None
    mass: MicrogramPerKg | None = None

    @model_validator(mode="after")
    def _something(self) -> Dose:
        if self.volume is None and self.mass is None:
            raise ValueError("a dose needs a volume (10 uL/kg) or a mass (35 ug/kg)")
        return self


class Regimen(Noun):
    """Substance + dose + route + schedule."""

    substance: Id
    dose: Dose
    route: Route
    schedule: Id


class Arm(Noun):
    """A group by treatment. A role is needed only where no substance tells it."""

    role: Role
    regimens: tuple[Regimen, ...] = ()
    group: Id | None = Field(default=None, description="the arm entry whose dose list made it")
    n: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = Field(
        default=None, description="fixed number of animals, whatever n is searched"
    )
    ratio: PositiveNumber = Field(default=1.0, description="animals per animal of ratio 1")

    @property
    def pace(self) -> float:
        """How many of its animals are dealt to cages per animal of an arm of ratio 1."""
        return self.ratio if self.n is None else 1.0


_UNITS = {
    "plaque_count": "AFC/spleen",
    "titer": "HAU",
    "phagocytic_percentage": "%",
    "phagocytic_number": "particles/cell",
}


class _Endpoint(Noun):
    day: StudyDay
    terminal: StrictBool = False
    primary: StrictBool = False
    satellite: StrictBool = Field(
        default=False, description="read in extra animals of its own, which must be bought"
    )

    @property
    def unit(self) -> str:
        """Unit of its values, as printed in tables and on axes."""
        return _UNITS[getattr(self, "kind")]  # noqa: B009 - declared by every subclass

    @property
    def immune(self) -> bool:
        """Whether the value follows the animal's responsiveness (and so the kinetic model)."""
        return getattr(self, "kind") in ("plaque_count", "titer")  # noqa: B009


def _killed(terminal: bool) -> bool:
    if not terminal:
        raise ValueError("plaques are counted in the spleen, and taking it kills: leave it out")
    return terminal


class PlaqueCount(_Endpoint):
    """Direct (IgM) plaques: antibody-forming cells per spleen. Taking the spleen is terminal."""

    kind: Literal["plaque_count"]
    terminal: Annotated[StrictBool, AfterValidator(_killed)] = True
    plates: int = Field(default=2, ge=1, le=100, strict=True)
    plated: PositiveFraction = Field(default=0.001, description="share of the spleen on EACH plate")

    @model_validator(mode="after")
    def _one_spleen(self) -> PlaqueCount:
        if self.plates * self.plated > 1 + 1e-9:
            raise ValueError(
                f"{self.plates} plates with {100 * self.plated:g} % of the spleen each are more "
                "than one spleen: plated is the share on each plate"
            )
        return self


class Titer(_Endpoint):
    """Hemagglutinin titer by two-fold dilution from 1:first_dilution."""

    kind: Literal["titer"]
    first_dilution: PositiveNumber = 2.0
    wells: int = Field(default=12, ge=2, le=48, strict=True)


class PhagocyticPercentage(_Endpoint):
    """Share of counted polymorphonuclear cells that have ingested a particle, in percent."""

    kind: Literal["phagocytic_percentage"]
    cells: int = Field(default=100, ge=1, le=100_000, strict=True)


class PhagocyticNumber(_Endpoint):
    """Mean number of particles per counted phagocytic cell."""

    kind: Literal["phagocytic_number"]
    cells: int = Field(default=100, ge=1, le=100_000, strict=True)


class Continuous(_Endpoint):
    """Any other measurement: organ weight, ELISA, ..."""

    kind: Literal["continuous"]
    distribution: Literal["lognormal", "normal"] = "lognormal"
    measured_in: str = Field(min_length=1, max_length=40, description="unit, e.g. mg")

    @property
    def unit(self) -> str:
        """Unit of its values, as the planner wrote it."""
        return self.measured_in


Endpoint = Annotated[
    PlaqueCount | Titer | PhagocyticPercentage | PhagocyticNumber | Continuous,
    Field(discriminator="kind"),
]


class Randomization(Noun):
    """How animals get their arm: in blocks of one animal per arm (``ratio`` of them)."""

    balance: tuple[Literal["weight", "cage"], ...] = Field(
        default=("weight", "cage"), description="what the arms are made alike in"
    )


class Design(Noun):
    """What the laboratory does."""

    animals: Animals = Animals()
    immunization: Immunization = Immunization()
    substances: Mapping[Id, Substance] = Field(default_factory=dict)
    schedules: Mapping[Id, Schedule] = Field(default_factory=dict)
    arms: Mapping[Id, Arm] = Field(min_length=1, max_length=200)
    endpoints: Mapping[Id, Endpoint] = Field(min_length=1, max_length=50)
    attrition: Attrition = Attrition()
    conduct: Conduct | None = Field(
        default=None, description="without it everything happens at its planned time"
    )
    randomization: Randomization = Randomization()

    def arms_of(self, name: str) -> tuple[str, ...]:
        """Return the arm ids meant by an arm id, the id of a dose list, or a role."""
        if name in self.arms:
            return (name,)
        return tuple(key for key, arm in self.arms.items() if name in (arm.group, arm.role))

    def sizes(self, n: int) -> dict[str, int]:
        """Return the animals enrolled per arm when an arm of ratio 1 is to have ``n``.

        Fixed arms keep theirs. With ``attrition.inflate`` more are enrolled for the losses.
        """
        return sizes_of(self, n)

    def headcount(self, n: int) -> Headcount:
        """Count the animals of the study when an arm of ratio 1 is to have ``n``."""
        return headcount_of(self, n)

    def units(self, sizes: Mapping[str, int], unit: ExperimentalUnit) -> dict[str, int]:
        """Return the animals, or the cages (filled in turn), of arms of so many animals."""
        mates = self.animals.per_cage if unit == "cage" else 1
        return {arm: -(-size // mates) for arm, size in sizes.items()}

    def loss_of(self, arm: str, endpoint: str | None = None) -> float:
        """Return the probability that a value of an animal is lost, by default the largest.

        Without failed immunizations: truth knows how many there are.
        """
        return loss_of(self, arm, endpoint)

    @property
    def animals_may_be_lost(self) -> bool:
        """Whether an arm can have fewer values than it has animals."""
        return self.attrition.failed_immunization > 0 or any(losses_of(self).values())

    @model_validator(mode="after")
    def _can_be_enrolled(self) -> Design:
        check_enrolment(self)
        return self

    @property
    def killed_on(self) -> float | None:
        """Day of the first terminal endpoint of the main animals, or None if none is killed."""
        days = [e.day for e in self.endpoints.values() if e.terminal and not e.satellite]
        return min(days, default=None)
