"""What is done to the animals of a group, visit by visit, as it is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from simulator.scenario import Design
from simulator.scenario.conduct import TaskName


@dataclass(frozen=True)
class Visit:
    """An animal is taken out once: everything that is planned for one time.

    Attributes
    ----------
    day : study day, 0 the first of the study; day d is due when the shift of day d opens.
    tasks : what one technician does, in this order; ``dosing`` once per injection.
    reads : ids of the endpoints whose blood, spleen or cells are taken.
    after_death : those of them that are taken from the killed animal.
    """

    day: float
    tasks: tuple[TaskName, ...]
    reads: tuple[str, ...]
    after_death: tuple[str, ...] = ()


@dataclass(frozen=True)
class Programme:
    """The visits of a group of animals, the same for every arm.

    An arm with fewer injections than another is handled as often, so that time does not tell
    who belongs to which arm, and places in the line are exchangeable.

    Attributes
    ----------
    satellite_of : endpoint whose extra animals these are; None for the main animals.
    visits : in order of time, up to the kill.
    """

    satellite_of: str | None
    visits: tuple[Visit, ...]

    @cached_property
    def steps(self) -> tuple[tuple[int, TaskName], ...]:
        """Everything that takes time, as (visit, task); a plated spleen is incubated and read."""
        found: list[tuple[int, TaskName]] = []
        for index, visit in enumerate(self.visits):
            found += [(index, task) for task in visit.tasks]
            if "plating" in visit.tasks:
                found += [(index, "incubation"), (index, "reading")]
        return tuple(found)

    def last_step(self, visit: int, task: TaskName) -> int:
        """Return the index of a visit's step; of several injections the last."""
        steps = self.steps
        return len(steps) - 1 - steps[::-1].index((visit, task))


def programmes(design: Design) -> tuple[Programme, ...]:
    """Return the programmes of a study: the main animals' where they read anything, then those
    of satellite endpoints in the order of the design.
    """
    own = [key for key, endpoint in design.endpoints.items() if not endpoint.satellite]
    found = [_programme(design, None, own)] if own else []
    found += [
        _programme(design, key, [key])
        for key, endpoint in design.endpoints.items()
        if endpoint.satellite
    ]
    return tuple(found)


def _programme(design: Design, satellite_of: str | None, endpoints: Iterable[str]) -> Programme:
    """Return the visits of animals in which some endpoints are read (as ``conduct.plan_of``)."""
    read = {key: design.endpoints[key] for key in endpoints}
    killed = min((endpoint.day for endpoint in read.values() if endpoint.terminal), default=None)
    injections = _injections(design)
    immunized = design.immunization.day
    days = {immunized, *injections, *(endpoint.day for endpoint in read.values())}
    ordered = sorted(day for day in days if killed is None or day <= killed)
    visits = []
    for day in ordered:
        here = {key: endpoint for key, endpoint in read.items() if endpoint.day == day}
        tasks: list[TaskName] = []
        if day == ordered[0]:
            tasks.append("weighing")
        if day == immunized:
            tasks.append("immunization")
        tasks += ["dosing"] * injections[day]
        if not all(endpoint.terminal for endpoint in here.values()):
            tasks.append("sampling")
        if day == killed:
            tasks.append("killing")
            if any(endpoint.kind == "plaque_count" for endpoint in here.values()):
                tasks.append("plating")
        terminal = tuple(key for key, endpoint in here.items() if endpoint.terminal)
        visits.append(Visit(day, tuple(tasks), tuple(here), terminal))
    return Programme(satellite_of, tuple(visits))


def _injections(design: Design) -> Counter[float]:
    """Return injections per animal by day: those of the arm that gets most of them that day."""
    most: Counter[float] = Counter()
    for arm in design.arms.values():
        most |= Counter(
            day for regimen in arm.regimens for day in design.schedules[regimen.schedule].times
        )
    return most
