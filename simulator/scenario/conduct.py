"""How the laboratory works: staff, equipment, hours, durations, and the order of the animals."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from simulator.scenario.fields import LossFraction, MinutesOrNone, Relative
from simulator.scenario.noun import Noun

Order = Literal["by-block", "randomized", "by-arm", "by-cage"]
#: What is done to an animal, in the order of a day; the spleen's way begins with ``killing``.
TaskName = Literal[
    "weighing", "immunization", "dosing", "sampling", "killing", "plating", "incubation", "reading"
]
#: Time of day, 24 hours.
Clock = Annotated[str, StringConstraints(pattern=r"^([01]?\d|2[0-3]):[0-5]\d$|^24:00$")]

HOURS_PER_DAY: Final = 24.0
#: What a file says where the laboratory works without a break.
NO_BREAK: Final = "none"


def hours_of(clock: str) -> float:
    """Return a time of day in hours since midnight."""
    hour, minute = clock.split(":")
    return int(hour) + int(minute) / 60.0


class Task(Noun):
    """How long one task takes for one animal: log-normal between animals."""

    takes: MinutesOrNone
    cv: Relative = 0.2


def _minutes(mean: float, cv: float = 0.2) -> Task:
    return Task.model_construct(takes=mean, cv=cv)


def _kept_time(task: object) -> object:
    """Let a task that is no work not vary by itself: a bath keeps time."""
    if isinstance(task, Task) and "cv" not in task.model_fields_set:
        return task.model_copy(update={"cv": 0.0})
    if isinstance(task, dict) and "cv" not in task:
        return task | {"cv": 0.0}
    return task


class Tasks(Noun):
    """Minutes of every task, per animal (of ``dosing`` per injection)."""

    weighing: Task = _minutes(0.5)
    immunization: Task = _minutes(1.0)
    dosing: Task = _minutes(0.75)
    sampling: Task = _minutes(2.0)
    killing: Task = Field(default=_minutes(4.0), description="killing, and taking the spleen")
    plating: Task = Field(default=_minutes(3.0), description="cell suspension and all its plates")
    incubation: Annotated[Task, BeforeValidator(_kept_time)] = Field(
        default=_minutes(60.0, 0.0), description="in the bath, without hands; cv 0 by default"
    )
    reading: Task = Field(default=_minutes(2.0), description="all plates of one spleen")


class Equipment(Noun):
    """What there is only so much of."""

    balances: int = Field(default=1, ge=1, le=100, strict=True)
    baths: int = Field(default=1, ge=1, le=100, strict=True)
    per_bath: int = Field(
        default=40, ge=1, le=10_000, strict=True, description="spleens' plates in one bath"
    )
    readers: int = Field(default=1, ge=1, le=100, strict=True)


def _no_break(pause: object) -> object:
    return None if pause == NO_BREAK else pause


#: Two times of day; None, in a file ``none``, is no break.
_Break = Annotated[
    tuple[Clock, Clock] | None,
    BeforeValidator(_no_break),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
                {"const": NO_BREAK},
            ],
            "description": "two times of day, or none",
        }
    ),
]


class Hours(Noun):
    """Working hours of every day of the study."""

    opens: Clock = Field(default="08:00", alias="from")
    closes: Clock = Field(default="17:00", alias="to")
    pause: _Break = Field(default=("12:00", "12:30"), alias="break")

    @model_validator(mode="after")
    def _possible(self) -> Hours:
        start, end = hours_of(self.opens), hours_of(self.closes)
        if start >= end:
            raise ValueError(
                f"the shift ends at {self.closes}, not after it begins at {self.opens}: a shift "
                "lies within one day"
            )
        if self.pause is not None:
            first, last = (hours_of(clock) for clock in self.pause)
            if not start < first < last < end:
                raise ValueError(
                    f"the break from {self.pause[0]} to {self.pause[1]} is not within the shift "
                    f"from {self.opens} to {self.closes}"
                )
        return self

    @model_serializer(mode="wrap")
    def _with_no_break(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Write no break out: left out, it would be read as the default."""
        data: dict[str, Any] = written(self)
        return data if self.pause is not None else data | {"break": NO_BREAK}

    @property
    def length(self) -> float:
        """Hours from opening to closing, the break included."""
        return hours_of(self.closes) - hours_of(self.opens)

    @property
    def working(self) -> float:
        """Hours of work, without the break."""
        pause = 0.0
        if self.pause is not None:
            pause = hours_of(self.pause[1]) - hours_of(self.pause[0])
        return self.length - pause


class Conduct(Noun):
    """Who does the in-life part of the study, how long it takes, and in which order.

    The shift of a study day opens at the day itself: what is planned for day 5 is due when the
    shift of day 5 opens.
    """

    staff: int = Field(default=2, ge=1, le=100, strict=True, description="technicians")
    equipment: Equipment = Equipment()
    hours: Hours = Hours()
    tasks: Tasks = Tasks()
    order: Order = Field(
        default="by-block",
        description="by-block: one animal of every arm in random order, then the next of every "
        "arm; randomized: all animals in random order; by-arm; by-cage: in random order of cages",
    )
    plating: Literal["at-once", "after-all"] = Field(
        default="at-once", description="after-all: spleens wait until the last animal is killed"
    )
    days: int = Field(
        default=1, ge=1, le=14, strict=True, description="the study runs on so many days in turn"
    )
    split: Literal["balanced", "by-arm"] = Field(
        default="balanced", description="over the days: every arm alike, or whole arms"
    )
    missed_doses: LossFraction = Field(
        default=0.0, description="probability that one injection of one animal is left out"
    )
