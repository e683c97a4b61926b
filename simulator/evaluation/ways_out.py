"""What makes a study fit that does not: plating at once, more days; and what is busiest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from simulator.evaluation.day_at_work import DayAtWork
from simulator.scenario.conduct import Conduct

#: Days over which a study may be spread (``design.conduct.days``).
MOST_DAYS: Final = 14
#: Share of the working hours from which equipment is called busy: the day has its quiet hours
#: before the first spleen and after the last one, so the limiting one is not at 100 %.
_BUSY: Final = 0.5


@dataclass(frozen=True)
class Bottleneck:
    """Equipment that is busiest where technicians enough are there; ``use`` on its busiest day."""

    name: str
    use: float
    day: int


@dataclass(frozen=True)
class WaysOut:
    """Changes of the plan with which every day fits.

    Attributes
    ----------
    at_once : plating at once does, where the plan has ``plating: after-all``.
    days : fewest days over which the study is spread so that it fits; None where none does.
    bottleneck : what is busiest where no number of technicians is enough, or None.
    """

    at_once: bool
    days: int | None
    bottleneck: Bottleneck | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        found = self.bottleneck
        return {
            "plating_at_once": self.at_once,
            "days": self.days,
            "bottleneck": None
            if found is None
            else {"name": found.name, "use": found.use, "day": found.day},
        }


def ways_out(
    conduct: Conduct,
    *,
    fits: Callable[[Conduct], bool],
    crowded: Callable[[], Sequence[DayAtWork]] | None,
) -> WaysOut:
    """Try what makes every day fit.

    Parameters
    ----------
    conduct : with which a day does not fit.
    fits : whether every day fits with another one.
    crowded : the days with as many technicians as are tried; None where fewer are enough.
    """

    def other(**changes: Any) -> bool:
        return fits(conduct.model_copy(update=changes))

    return WaysOut(
        at_once=conduct.plating == "after-all" and other(plating="at-once"),
        days=next((k for k in range(conduct.days + 1, MOST_DAYS + 1) if other(days=k)), None),
        bottleneck=None if crowded is None else _busiest(crowded()),
    )


def _busiest(days: Sequence[DayAtWork]) -> Bottleneck | None:
    found = [
        Bottleneck(name, use, day.day)
        for day in days
        for name, use in (("balance", day.balance), ("bath", day.bath), ("reader", day.reader))
    ]
    busiest = max(found, key=lambda one: one.use, default=None)
    return busiest if busiest is not None and busiest.use >= _BUSY else None
