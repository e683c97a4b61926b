"""The in-life part of a study as events in time, run by SimPy.

Everything happens at its nominal time: one process per animal goes through that animal's plan,
and a death interrupts it, so a dead animal gets nothing more. A laboratory with staff, durations
and working hours takes the place of ``nominal_laboratory`` without changes to the animals.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.scenario import Design
from simulator.scenario.design import Regimen

#: Days between arrival and the first procedure: usual acclimatisation of mice (assumed).
ACCLIMATISATION = 7.0

#: Order of procedures that fall on the same time of the same animal.
_ORDER = ("arrival", "weighing", "immunization", "dosing", "sampling", "kill")


@dataclass(frozen=True)
class Subject:
    """One mouse as the laboratory knows it.

    Attributes
    ----------
    subject_id, arm, cage, weight : identity, and weight in grams at the first procedure.
    endpoints : ids of the endpoints read in it.
    dies_on : study day of its death before it is read, or None.
    """

    subject_id: str
    arm: str
    cage: str
    weight: float
    endpoints: tuple[str, ...]
    dies_on: float | None = None


@dataclass(frozen=True)
class Step:
    """One planned procedure on one animal."""

    day: float
    event: str
    detail: str = ""
    regimen: Regimen | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened: ``time`` in study days, ``day`` as it was planned."""

    time: float
    day: float
    event: str
    subject: Subject
    detail: str = ""
    regimen: Regimen | None = None


#: How a procedure takes its time: a SimPy generator that ends when the procedure is done.
Laboratory = Callable[[simpy.Environment, Subject, Step], Generator[Any, Any, None]]


def nominal_laboratory(
    env: simpy.Environment,  # noqa: ARG001
    subject: Subject,  # noqa: ARG001
    step: Step,  # noqa: ARG001
) -> Generator[Any, Any, None]:
    """Do every procedure at once: no queue, no duration."""
    yield from ()


def plan_of(design: Design, subject: Subject) -> tuple[Step, ...]:
    """Return an animal's planned procedures in order, up to its kill.

    The animal is killed with its first terminal endpoint; doses after that day are not planned.
    """
    read = [design.endpoints[key] for key in subject.endpoints]
    killed = min((endpoint.day for endpoint in read if endpoint.terminal), default=None)
    immunization = design.immunization
    steps = [Step(immunization.day, "immunization", immunization.antigen)]
    for regimen in design.arms[subject.arm].regimens:
        detail = f"{regimen.substance} {regimen.route}"
        days = design.schedules[regimen.schedule].times
        steps += [Step(day, "dosing", detail, regimen) for day in days]
    steps += [
        Step(endpoint.day, "sampling", key)
        for key, endpoint in zip(subject.endpoints, read, strict=True)
    ]
    if killed is not None:
        steps = [step for step in steps if step.day <= killed]
        steps.append(Step(killed, "kill"))
    first = min(step.day for step in steps)
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
    laboratory : how procedures take their time.
    """
    plans = [plan_of(design, subject) for subject in subjects]
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
    procedures = env.process(_procedures(env, subject, plan, laboratory, log))
    if subject.dies_on is None:
        yield procedures
        return
    yield env.timeout(max(0.0, subject.dies_on - env.now)) | procedures
    if procedures.is_alive:
        procedures.interrupt("death")
        log.append(Event(subject.dies_on, subject.dies_on, "death", subject))


def _procedures(
    env: simpy.Environment,
    subject: Subject,
    plan: Sequence[Step],
    laboratory: Laboratory,
    log: list[Event],
) -> Generator[Any, Any, None]:
    try:
        for step in plan:
            if step.day > env.now:
                yield env.timeout(step.day - env.now)
            yield from laboratory(env, subject, step)
            # nominal times are the planned days themselves, not sums of floating-point delays
            time = step.day if abs(env.now - step.day) < 1e-9 else env.now
            log.append(Event(time, step.day, step.event, subject, step.detail, step.regimen))
    except simpy.Interrupt:
        return
