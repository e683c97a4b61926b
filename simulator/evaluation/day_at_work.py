"""From what was done and when, to what every day asks of the laboratory."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final, get_args

from simulator.scenario.conduct import Conduct, TaskName, hours_of

if TYPE_CHECKING:
    from simulator.trial.laboratory.logbook import Work

#: Days by which a time may miss an opening by rounding and still be meant by it.
HAIR: Final = 1e-9

#: What is done to a spleen: the animal itself is dealt with.
_SPLEEN: Final = ("plating", "incubation")

#: Of a course, day and task: the animals, each by its group and place.
_Animals = set[tuple[str | None, int]]


@dataclass(frozen=True)
class DayAtWork:
    """One day of the study in the laboratory, over all simulated courses of the study.

    Attributes
    ----------
    day : study day; it begins when the shift opens.
    planned : animals of which something is due on this day.
    tasks : animals per task as it was done on this day, mean over the courses.
    begins, ends : clock in hours, mean over the courses in which somebody works on this day;
        NaN where nobody does in any.
    latest : clock in hours, latest end of any course; beyond 24 it is after midnight.
    left, left_mean : animals that are left for the next morning, as nobody came to them: the
        most of any course, and the mean over the courses.
    unplated, unplated_mean : the same of spleens, taken by now, that are plated later.
    unread, unread_mean : the same of this day's spleens that are read later: plates keep a day.
    overdue, overdue_mean : the same of earlier days' spleens that are still not read.
    staff, balance, bath, reader : share of the working hours (of the staff, or of the places
        there are) that is used, mean over the courses.
    """

    day: int
    planned: int
    tasks: Mapping[str, float]
    begins: float
    ends: float
    latest: float
    left: int
    left_mean: float
    unplated: int
    unplated_mean: float
    unread: int
    unread_mean: float
    overdue: int
    overdue_mean: float
    staff: float
    balance: float
    bath: float
    reader: float

    @property
    def fits(self) -> bool:
        """Whether nothing that should be done is left for the next morning in any course."""
        return self.left == self.unplated == self.overdue == 0

    @property
    def left_over(self) -> str:
        """What is left, in words: ``23 of 64 animals and 41 spleens``, or none."""
        here = []
        if self.left:
            here.append(f"{_out_of(self.left, self.left_mean, self.planned)} animals")
        if self.unplated:
            one = "spleen" if self.unplated == 1 else "spleens"
            here.append(f"{_out_of(self.unplated, self.unplated_mean, 0)} {one}")
        if here:
            return " and ".join(here)
        if self.overdue:
            return f"plates of {_out_of(self.overdue, self.overdue_mean, 0)} animals"
        if self.unread:
            return f"plates of {_out_of(self.unread, self.unread_mean, self.planned)} animals"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers; clocks as text."""
        return {
            "day": self.day,
            "animals": self.planned,
            "tasks": dict(self.tasks),
            "begins": clock(self.begins) or None,
            "ends": clock(self.ends) or None,
            "latest_end": clock(self.latest) or None,
            "fits": self.fits,
            "left": {"most": self.left, "mean": self.left_mean},
            "unplated": {"most": self.unplated, "mean": self.unplated_mean},
            "unread": {"most": self.unread, "mean": self.unread_mean},
            "overdue": {"most": self.overdue, "mean": self.overdue_mean},
            "use": {
                "staff": self.staff,
                "balance": self.balance,
                "bath": self.bath,
                "reader": self.reader,
            },
        }


@dataclass
class _Day:
    """One day of one course while it is added up; clocks and times in hours."""

    due: _Animals = field(default_factory=set)
    done: dict[str, _Animals] = field(default_factory=lambda: defaultdict(set))
    busy: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    begins: float = float("inf")
    ends: float = float("-inf")
    left: _Animals = field(default_factory=set)
    unplated: _Animals = field(default_factory=set)
    unread: _Animals = field(default_factory=set)
    overdue: _Animals = field(default_factory=set)


def days_at_work(courses: Sequence[Iterable[Work]], conduct: Conduct) -> tuple[DayAtWork, ...]:
    """Add up every day with work, over all simulated courses of a study.

    Parameters
    ----------
    courses : what was done in each course.
    conduct : of the laboratory that did it.
    """
    added = [_added(course, conduct) for course in courses]
    return tuple(
        _over_courses(day, [course[day] for course in added if day in course], len(added), conduct)
        for day in sorted({day for course in added for day in course})
    )


def _added(course: Iterable[Work], conduct: Conduct) -> dict[int, _Day]:
    """Return the days of one course on which something is due or done."""
    days: dict[int, _Day] = defaultdict(_Day)
    for work in course:
        due, _ = clock_of(work.planned, conduct)
        day, begins = clock_of(work.start, conduct)
        hours = 24.0 * (work.end - work.start)
        who = (work.group, work.place)
        days[due].due.add(who)
        here = days[day]
        here.done[work.task].add(who)
        here.busy[work.task] += hours
        if work.technician is not None:  # plates that are still in the bath keep nobody there
            here.busy["staff"] += hours
            here.begins, here.ends = min(here.begins, begins), max(here.ends, begins + hours)
        if work.task == "reading":
            last = day
        else:  # a visit may outlast the shift, but not the night
            last = max(day, math.ceil(work.end - HAIR) - 1) if work.technician is not None else due
        for late in range(due, last):
            if work.task in _SPLEEN:
                days[late].unplated.add(who)
            elif work.task != "reading":
                days[late].left.add(who)
            else:  # plates keep until the day after
                (days[late].unread if late == due else days[late].overdue).add(who)
    for at in days.values():
        at.unplated -= at.left  # who is not killed yet has no spleen to plate
    return days


def _over_courses(number: int, days: Sequence[_Day], courses: int, conduct: Conduct) -> DayAtWork:
    """Return one day over all courses; on those not given nothing was due and nothing done."""
    working = [day for day in days if day.ends >= day.begins]
    equipment, hours = conduct.equipment, conduct.hours.working

    def used(what: str, places: int) -> float:
        return sum(day.busy[what] for day in days) / (courses * places * hours)

    return DayAtWork(
        day=number,
        planned=max(len(day.due) for day in days),
        tasks={
            task: sum(len(day.done[task]) for day in days) / courses
            for task in get_args(TaskName)
            if any(day.done[task] for day in days)
        },
        begins=fmean(day.begins for day in working) if working else float("nan"),
        ends=fmean(day.ends for day in working) if working else float("nan"),
        latest=max((day.ends for day in working), default=float("nan")),
        left=max(len(day.left) for day in days),
        left_mean=sum(len(day.left) for day in days) / courses,
        unplated=max(len(day.unplated) for day in days),
        unplated_mean=sum(len(day.unplated) for day in days) / courses,
        unread=max(len(day.unread) for day in days),
        unread_mean=sum(len(day.unread) for day in days) / courses,
        overdue=max(len(day.overdue) for day in days),
        overdue_mean=sum(len(day.overdue) for day in days) / courses,
        staff=used("staff", conduct.staff),
        balance=used("weighing", equipment.balances),
        bath=used("incubation", equipment.baths * equipment.per_bath),
        reader=used("reading", equipment.readers),
    )


def clock(hours: float) -> str:
    """Return a time of day: ``08:05``, and ``01:30 (+1 d)`` after midnight; NaN is no text.

    Parameters
    ----------
    hours : since midnight, from 0.
    """
    if math.isnan(hours):
        return ""
    minutes = round(60.0 * hours)
    days, minutes = divmod(minutes, 24 * 60)
    later = f" (+{days} d)" if days else ""
    return f"{minutes // 60:02d}:{minutes % 60:02d}{later}"


def clock_of(time: float, conduct: Conduct) -> tuple[int, float]:
    """Return the study day and the clock (hours) of a time in study days.

    A study day begins when its shift opens, so a night's end belongs to the day before.
    """
    day = math.floor(time + HAIR)
    return day, hours_of(conduct.hours.opens) + 24.0 * (time - day)


def _out_of(most: int, mean: float, planned: int) -> str:
    some = "" if abs(mean - most) < 1e-9 else "up to "
    # what an earlier day left over is not of this day's animals
    return f"{some}{most}{f' of {planned}' if most <= planned else ''}"
