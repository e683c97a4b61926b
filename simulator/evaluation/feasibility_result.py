"""The answer about the laboratory: whether the work of every day is done before closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from simulator.evaluation.day_at_work import DayAtWork, clock
from simulator.evaluation.ways_out import WaysOut
from simulator.scenario.conduct import Conduct

if TYPE_CHECKING:
    import pandas as pd

    from simulator.trial.laboratory.logbook import Work


#: Hours beyond which a waiting spleen is not merely poorer in cells (assumed).
SPLEEN_KEEPS = 12.0


@dataclass(frozen=True)
class Spell:
    """A time, over animals and courses of the study: mean, shortest, longest."""

    mean: float
    shortest: float
    longest: float

    def to_dict(self) -> dict[str, float]:
        """Return plain numbers."""
        return {"mean": self.mean, "shortest": self.shortest, "longest": self.longest}


@dataclass(frozen=True)
class ArmTimes:
    """What the order of the animals does to one arm.

    Attributes
    ----------
    endpoint : terminal endpoint whose animals are meant.
    planned : hours from immunization to kill as planned.
    interval : the same as realised.
    waited : hours that spleens wait for plating; None where none is plated.
    """

    endpoint: str
    arm: str
    planned: float
    interval: Spell
    waited: Spell | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "endpoint": self.endpoint,
            "arm": self.arm,
            "planned_h": self.planned,
            "immunization_to_kill_h": self.interval.to_dict(),
            "spleen_waits_h": None if self.waited is None else self.waited.to_dict(),
        }


@dataclass(frozen=True, repr=False)
class Feasibility:
    """Whether the laboratory can do a study, day by day.

    Attributes
    ----------
    n_per_arm : animals in an arm of ratio 1; ``sizes`` has every arm's number.
    animals : of the whole study, satellites included.
    conduct : how the laboratory works; ``assumed`` where the scenario does not say it.
    courses : simulated courses of the study: 1 where no duration varies.
    days : every day with work, in order.
    arms : by terminal endpoint and arm, in the design's order.
    largest : largest n per arm for which every day fits; 0 where not even 1 fits.
    largest_animals : animals of that study, satellites included.
    largest_at_cap : the search stopped at ``largest``; the laboratory may do more.
    staff_needed : where a day does not fit, the fewest technicians with whom all do; None where
        all fit as it is, or ``most_staff`` technicians are too few.
    ways_out : what else makes every day fit; None where all fit as it is.
    work : what was done in the first course, for a chart and a table.
    """

    scenario_id: str
    digest: str
    seed: int
    n_per_arm: int
    sizes: Mapping[str, int]
    animals: int
    conduct: Conduct
    assumed: bool
    courses: int
    days: tuple[DayAtWork, ...]
    arms: tuple[ArmTimes, ...]
    largest: int
    largest_animals: int
    largest_at_cap: bool
    staff_needed: int | None
    most_staff: int
    ways_out: WaysOut | None
    work: tuple[Work, ...]

    @property
    def fits(self) -> bool:
        """Whether every day fits the shift in every course."""
        return all(day.fits for day in self.days)

    @property
    def verdict(self) -> str:
        """One sentence: every day fits, or which do not and what is left."""
        late = [day for day in self.days if not day.fits]
        if not late:
            return "every day fits the shift"
        # what goes on after a day that does not fit is that day's doing
        own = [day for day in late if day.planned] or late[:1]
        worst = max(own, key=lambda day: (day.left + day.unplated, day.overdue, -day.day))
        done = (
            f"; all is done on day {self.days[-1].day}" if self.days[-1].day > own[-1].day else ""
        )
        what = f"{worst.left_over} are left for the next morning{done}"
        if len(own) == 1:
            return f"day {worst.day} does not fit: {what}"
        days = _listed([f"{day.day}" for day in own])
        return f"days {days} do not fit; on day {worst.day} {what}"

    @property
    def long_wait(self) -> float | None:
        """Longest wait of a spleen, hours, where it is longer than a spleen keeps; or None."""
        waits = [arm.waited.longest for arm in self.arms if arm.waited is not None]
        longest = max(waits, default=0.0)
        return longest if longest > SPLEEN_KEEPS else None

    @property
    def read_later(self) -> tuple[DayAtWork, ...]:
        """Days of which plates are read on the next, where every day fits."""
        return tuple(day for day in self.days if day.unread and self.fits)

    @property
    def kinds_of_day(self) -> tuple[tuple[DayAtWork, ...], ...]:
        """Days with the same tasks for the same animals, together; in order of their first.

        A day that leaves something over, and the day after it, are each their own kind.
        """
        kinds: dict[object, list[DayAtWork]] = {}
        carried = False
        for day in self.days:
            like: object = (tuple(day.tasks.items()), day.planned)
            kind = day.day if carried or day.left_over else like
            kinds.setdefault(kind, []).append(day)
            carried = bool(day.left_over)
        return tuple(map(tuple, kinds.values()))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per day with work."""
        import pandas as pd

        rows = []
        for day in self.days:
            row = day.to_dict()
            row["tasks"] = "; ".join(f"{task} {count:g}" for task, count in day.tasks.items())
            for what in ("left", "unplated", "unread", "overdue", "use"):
                row |= {f"{what}_{key}": value for key, value in row.pop(what).items()}
            rows.append(row)
        return pd.DataFrame(rows)

    def work_frame(self) -> pd.DataFrame:
        """Return one row per task of the first course: who, what, when in study days."""
        import pandas as pd

        frame = pd.DataFrame([asdict(work) for work in self.work])
        return frame.astype({"technician": "Int64"})  # nobody stands by an incubation

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {
            "scenario": self.scenario_id,
            "digest": self.digest,
            "seed": self.seed,
            "n_per_arm": self.n_per_arm,
            "sizes": dict(self.sizes),
            "animals": self.animals,
            "fits": self.fits,
            "verdict": self.verdict,
            "conduct": self.conduct.model_dump(mode="json", by_alias=True, exclude_none=True),
            "conduct_assumed": self.assumed,
            "courses": self.courses,
            "days": [day.to_dict() for day in self.days],
            "arms": [arm.to_dict() for arm in self.arms],
            "largest": {
                "n_per_arm": self.largest,
                "animals": self.largest_animals,
                "at_least": self.largest_at_cap,
            },
            "staff_needed": self.staff_needed,
            "most_staff_tried": None if self.fits else self.most_staff,
            "ways_out": None if self.ways_out is None else self.ways_out.to_dict(),
        }

    def __repr__(self) -> str:
        lines = [f"Laboratory of {self.scenario_id}: n = {self.n_per_arm} per arm, {self.verdict}"]
        lines += [
            f"  day {day.day}: {clock(day.begins)} to {clock(day.ends)}, latest "
            f"{clock(day.latest)} of {self.conduct.hours.closes}; staff {day.staff:.0%}"
            for day in self.days
        ]
        more = "at least " if self.largest_at_cap else ""
        lines.append(f"  largest study: {more}n = {self.largest} per arm")
        return "\n".join(lines)


def span_of_days(days: Sequence[int]) -> str:
    """Return ``1 to 4`` for three days or more that follow each other, else ``1, 3, 5``."""
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return f"{days[0]} to {days[-1]}"
    return ", ".join(map(str, days))


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
