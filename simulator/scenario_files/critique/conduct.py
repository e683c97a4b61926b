"""The laboratory's day: tasks too long for a shift, hours when nobody works, orders that confound.

Whether a day of so many animals fits the shift is no matter of a plan alone: ``afcsim conduct``
answers it. Here is said what cannot work with any staff, and what biases the comparison.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from simulator.scenario import Design, Endpoint, Scenario
from simulator.scenario.conduct import HOURS_PER_DAY, Conduct, hours_of
from simulator.scenario.suggestion import nearest
from simulator.scenario.truth import Handling
from simulator.scenario_files.collector import Location
from simulator.scenario_files.critique.report import Report, listing

_CONDUCT: Location = ("design", "conduct")
#: Times of day are compared in hours; a minute is 0.017.
_TOLERANCE = 1e-6


def long_tasks(scenario: Scenario, report: Report) -> None:
    """A task that begins in a shift is finished in it; only the bath needs no hands."""
    conduct = scenario.design.conduct
    if conduct is None:
        return
    working, tasks = conduct.hours.working, conduct.tasks
    fits = True
    for name in type(tasks).model_fields:
        hours = getattr(tasks, name).takes / 60
        if name != "incubation" and hours > working + _TOLERANCE:
            fits = False
            report.error(
                (*_CONDUCT, "tasks", name),
                f"takes {hours:.3g} h for one animal, more than the {working:.3g} h of work in a "
                "shift",
            )
    longest = max(_visits(scenario.design, conduct), default=None)
    if fits and longest is not None and longest[0] > 60 * working + _TOLERANCE:
        minutes, day, parts = longest
        report.error(
            (*_CONDUCT, "tasks"),
            f"all that one animal gets on day {day:g} ({parts}) takes {minutes / 60:.3g} h, more "
            f"than the {working:.3g} h of work in a shift",
        )


def _visits(design: Design, conduct: Conduct) -> Iterator[tuple[float, float, str]]:
    """Yield minutes, planned day and tasks of every visit of one technician to one animal."""
    read = design.endpoints
    groups = [[e for e in read.values() if not e.satellite]]
    groups += [[endpoint] for endpoint in read.values() if endpoint.satellite]
    for endpoints in filter(None, groups):
        days = _tasks_by_day(design, endpoints, at_once=conduct.plating == "at-once")
        days[min(days)]["weighing"] += 1
        for day, tasks in days.items():
            minutes = sum(
                count * getattr(conduct.tasks, name).takes for name, count in tasks.items()
            )
            done = ((name, tasks[name]) for name in type(conduct.tasks).model_fields if tasks[name])
            named = (name if count == 1 else f"{count} x {name}" for name, count in done)
            yield minutes, day, listing(named)


def _tasks_by_day(
    design: Design, endpoints: list[Endpoint], *, at_once: bool
) -> dict[float, Counter[str]]:
    """Return the tasks of a visit, by planned day, of the animals that have these endpoints."""
    last = max(endpoint.day for endpoint in endpoints)
    days: dict[float, Counter[str]] = {}
    days.setdefault(design.immunization.day, Counter())["immunization"] += 1
    for arm in design.arms.values():
        injections = Counter(
            day
            for regimen in arm.regimens
            for day in design.schedules[regimen.schedule].times
            if day <= last
        )
        for day, count in injections.items():
            tasks = days.setdefault(day, Counter())
            tasks["dosing"] = max(tasks["dosing"], count)
    for endpoint in endpoints:
        tasks = days.setdefault(endpoint.day, Counter())
        tasks["killing" if endpoint.terminal else "sampling"] = 1
        if endpoint.kind == "plaque_count" and at_once:
            tasks["plating"] = 1
    return days


def hours_of_work(scenario: Scenario, report: Report) -> None:
    """What is planned for a part of a day should be due while somebody works."""
    conduct = scenario.design.conduct
    if conduct is None:
        return
    hours = conduct.hours
    for where, days in _planned(scenario.design):
        late = [day for day in days if _after_opening(day) > hours.length + _TOLERANCE]
        if late:
            after = _after_opening(late[0])
            report.warning(
                where,
                f"day {late[0]:g} is due {after:.3g} h after the shift opens, at "
                f"{_clock(hours_of(hours.opens) + after)}, when nobody works ({hours.opens} to "
                f"{hours.closes}): it is done when the next shift opens",
            )


def _planned(design: Design) -> Iterator[tuple[Location, tuple[float, ...]]]:
    yield ("design", "immunization", "day"), (design.immunization.day,)
    used = {regimen.schedule for arm in design.arms.values() for regimen in arm.regimens}
    for key, schedule in design.schedules.items():
        if key in used:
            yield ("design", "schedules", key), schedule.times
    for key, endpoint in design.endpoints.items():
        yield ("design", "endpoints", key, "day"), (endpoint.day,)


def _after_opening(day: float) -> float:
    """Return hours from the opening of the shift of a day to the time that is meant."""
    return (day - math.floor(day)) * HOURS_PER_DAY


def _clock(hours: float) -> str:
    minutes = round(60 * (hours % HOURS_PER_DAY))
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def days_and_arms(scenario: Scenario, report: Report) -> None:
    """Whole arms on several days: enough arms for the days, and days that are not the arms'."""
    conduct = scenario.design.conduct
    if conduct is None or conduct.days == 1 or conduct.split != "by-arm":
        return
    arms = len(scenario.design.arms)
    if arms < conduct.days:
        report.error(
            (*_CONDUCT, "days"),
            f"{conduct.days} days for {arms} arms, and split: by-arm keeps an arm on one day: "
            f"write days: {arms}, or split: balanced",
        )
        return
    report.warning(
        (*_CONDUCT, "split"),
        "whole arms are done on different days, so a difference between the days is taken for one "
        "between the arms: split: balanced does every arm alike on every day",
    )


def order_of_arms(scenario: Scenario, report: Report) -> None:
    """Arm after arm: what waits longest is always the same arm."""
    conduct = scenario.design.conduct
    if conduct is None or conduct.order != "by-arm":
        return
    killed = any(endpoint.terminal for endpoint in scenario.design.endpoints.values())
    report.warning(
        (*_CONDUCT, "order"),
        f"arms are done one after the other: the time of {'killing' if killed else 'sampling'} is "
        "confounded with the arm; order: by-block or randomized is not",
    )


def responses_without_time(scenario: Scenario, report: Report) -> None:
    """Only the kinetic response knows when an animal was dosed, immunized and killed."""
    conduct, truth = scenario.design.conduct, scenario.truth
    if conduct is None:
        return
    endpoints = scenario.design.endpoints
    timed = [key for key in endpoints if truth.response_of(key).model == "kinetic"]
    stated = [key for key, e in endpoints.items() if e.immune and key not in timed]
    if timed and not stated:
        return
    who = f"the response of {listing(stated)}" if stated else "no response here"
    knows = "does not know time (only model: kinetic does)" if stated else "knows time"
    if conduct.missed_doses > 0:
        report.warning(
            (*_CONDUCT, "missed_doses"), f"{who} {knows}: a missed dose changes nothing there"
        )
    if conduct.order == "by-arm":
        report.warning(
            (*_CONDUCT, "order"),
            f"{who} {knows}: of the order of the arms only truth.handling shows there",
        )


def handling_without_conduct(scenario: Scenario, report: Report) -> None:
    """What waiting does is said for nothing where nobody waits."""
    handling = scenario.truth.handling
    refused = any(nearest(part, ["conduct"]) for part in report.damaged)
    # Compared by value: a resolved file states every default.
    if scenario.design.conduct is None and not refused and handling != Handling():
        report.warning(
            ("truth", "handling"),
            "is not used: without design.conduct everything happens at its planned time; "
            "conduct: {} has the defaults",
        )
