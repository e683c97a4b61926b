"""The in-life part of a study as events in time, run by SimPy.

One process per animal goes through that animal's plan, and its death ends it, so a dead animal
gets nothing more. When a procedure is done, the laboratory says: at its planned time, or when the
staff had come round to it (``cohort.replay``).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.scenario import Design
from simulator.scenario.design import Regimen
from simulator.trial.laboratory.programme import programmes

#: Days between arrival and the first procedure: usual acclimatisation of mice (assumed).
ACCLIMATISATION = 7.0

#: Order of procedures that fall on the same time of the same animal.
_ORDER = (
    "arrival",
    "weighing",
    "immunization",
    "dosing",
    "sampling",
    "kill",
    "plating",
    "incubation",
    "reading",
)
#: What becomes of the spleen; only where the design says how the laboratory works.
_OF_THE_SPLEEN = _ORDER[_ORDER.index("plating") :]


@dataclass(frozen=True)
class Subject:
    """One mouse as the laboratory knows it.

    Attributes
    ----------
    subject_id, arm, cage, weight : identity, and weight in grams at the first procedure.
    endpoints : ids of the endpoints read in it.
    dies_on : day of its death on its own calendar, or None if it is not known to die.
    lost : whether it dies before anything is read in it.
    satellite_of : the endpoint whose extra animal it is, or None.
    place : its place in the laboratory's line, among the main animals or those satellites.
    start_day : the day of the study that is day 0 of its own calendar.
    missed : days of its own calendar on which its doses are left out.
    """

    subject_id: str
    arm: str
    cage: str
    weight: float
    endpoints: tuple[str, ...]
    dies_on: float | None = None
    lost: bool = False
    satellite_of: str | None = None
    place: int | None = None
    start_day: int = 0
    missed: frozenset[float] = frozenset()


@dataclass(frozen=True)
class Step:
    """One planned procedure on one animal; ``day`` on the animal's own calendar.

    ``turn`` counts the procedures of the same kind on the same day, from 0.
    """

    day: float
    event: str
    detail: str = ""
    regimen: Regimen | None = None
    turn: int = 0


@dataclass(frozen=True)
class Done:
    """When a procedure was done, in days of the study, and by whom (technicians from 0)."""

    start: float
    end: float
    technician: int | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened: in days of the study, ``day`` as planned for the animal."""

    time: float
    end: float
    day: float
    event: str
    subject: Subject
    detail: str = ""
    regimen: Regimen | None = None
    technician: int | None = None


#: When a step of an animal is done.
Laboratory = Callable[[Subject, Step], Done]


def nominal_laboratory(subject: Subject, step: Step) -> Done:  # noqa: ARG001
    """Do every procedure at its planned time: no queue, no duration."""
    return Done(step.day, step.day)


def plan_of(design: Design, subject: Subject) -> tuple[Step, ...]:
    """Return an animal's planned procedures in order, up to its kill.

    The animal is killed with its first terminal endpoint; doses after that day are not planned.
    """
    read = [design.endpoints[key] for key in subject.endpoints]
    killed = min((endpoint.day for endpoint in read if endpoint.terminal), default=None)
    immunization = design.immunization
    steps = [Step(immunization.day, "immunization", immunization.antigen)]
    turns: dict[float, int] = {}
    for regimen in design.arms[subject.arm].regimens:
        detail = f"{regimen.substance} {regimen.route}"
        for day in design.schedules[regimen.schedule].times:
            turns[day] = turns.get(day, -1) + 1
            steps.append(Step(day, "dosing", detail, regimen, turns[day]))
    steps += [
        Step(endpoint.day, "sampling", key)
        for key, endpoint in zip(subject.endpoints, read, strict=True)
    ]
    if killed is not None:
        steps = [step for step in steps if step.day <= killed]
        steps.append(Step(killed, "kill"))
        plated = any(e.kind == "plaque_count" and e.day == killed for e in read)
        if plated and design.conduct is not None:
            steps += [Step(killed, event) for event in _OF_THE_SPLEEN]
    first = min(step.day for step in steps)
    if design.conduct is not None:
        # everybody is weighed at the first visit of all, whatever the arm gets then
        of = subject.satellite_of
        plan = next(plan for plan in programmes(design) if plan.satellite_of == of)
        first = plan.visits[0].day
    steps += [Step(first - ACCLIMATISATION, "arrival"), Step(first, "weighing")]
    return tuple(sorted(steps, key=lambda step: (step.day, _ORDER.index(step.event))))


def conduct(
    design: Design,
    subjects: Sequence[Subject],
    *,
    laboratory: Laboratory = nominal_laboratory,
) -> tuple[Event, ...]:
    """Run the in-life part and return what happened, in order of time.

    Parameters
    ----------
    design : what the laboratory does.
    subjects : every animal, satellites included.
    laboratory : when procedures are done.
    """
    alike: dict[tuple[str, str | None, tuple[str, ...]], tuple[Step, ...]] = {}
    plans = []
    for subject in subjects:
        key = subject.arm, subject.satellite_of, subject.endpoints
        if key not in alike:
            alike[key] = plan_of(design, subject)
        plans.append(alike[key])
    log: list[Event] = []
    env = simpy.Environment(initial_time=min((plan[0].day for plan in plans), default=0.0))
    for subject, plan in zip(subjects, plans, strict=True):
        env.process(_life(env, subject, plan, laboratory, log))
    env.run()
    return tuple(log)


def _life(
    env: simpy.Environment,
    subject: Subject,
    plan: Sequence[Step],
    laboratory: Laboratory,
    log: list[Event],
) -> Generator[Any, Any, None]:
    """Go through a plan until death.

    A mouse that dies on a day after it was due is still handled, however late that is, and dies
    then: its values are there, as they are without conduct.
    """
    lived = [step for step in plan if subject.dies_on is None or step.day < subject.dies_on]
    # the plan's order, unless the laboratory has another: blood is taken before the spleen
    done = sorted(
        ((laboratory(subject, step), step) for step in lived), key=lambda pair: pair[0].start
    )
    for times, step in done:
        yield from _until(env, times.start)
        missed = step.event == "dosing" and step.day in subject.missed
        log.append(
            Event(
                time=times.start,  # itself, not a sum of floating-point delays
                end=times.end,
                day=step.day,
                event="missed dose" if missed else step.event,
                subject=subject,
                detail=step.detail,
                regimen=step.regimen,
                technician=times.technician,
            )
        )
    if subject.dies_on is not None and len(lived) < len(plan):
        ended = max((times.end for times, _ in done), default=env.now)
        time = max(ended, subject.start_day + subject.dies_on)
        yield from _until(env, time)
        log.append(Event(time, time, subject.dies_on, "death", subject))


def _until(env: simpy.Environment, time: float) -> Generator[Any, Any, None]:
    if time > env.now:
        yield env.timeout(time - env.now)
