"""When work may begin: shifts and breaks on the clock of the laboratory.

The clock counts minutes of the study; minute 1440 d is the opening of the shift of study day d.
It runs in steps of 2^-30 minute (56 ns): whole minutes are on it, and sums and differences are
exact. So a procedure that waits for nothing is late by exactly 0, six visits of 10 minutes take
the hour, and the times of the first animals do not depend on how many follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.conduct import Hours, hours_of

MINUTES_PER_HOUR, MINUTES_PER_DAY = 60.0, 1440.0

#: Steps of the clock. Times up to 5,800 days are exact.
STEPS_PER_MINUTE = 2.0**30


def clock_minutes(minutes: Any) -> NDArray[np.float64]:
    """Return times or durations in minutes, each moved to the nearest step of the clock."""
    return np.rint(np.asarray(minutes, dtype=np.float64) * STEPS_PER_MINUTE) / STEPS_PER_MINUTE


def on_clock(days: Any) -> NDArray[np.float64]:
    """Return times in study days, each moved to the nearest step of the clock."""
    return clock_minutes(np.asarray(days, dtype=np.float64) * MINUTES_PER_DAY) / MINUTES_PER_DAY


@dataclass(frozen=True)
class WorkingHours:
    """The same hours on every day.

    Attributes
    ----------
    spans : (from, until) in minutes after opening, the times at which work may begin.
    """

    spans: tuple[tuple[float, float], ...]

    def window(self, time: float) -> tuple[float, float]:
        """Return (from, until) on the clock: when work may begin at ``time`` or next after it.

        ``from`` is ``time`` itself where work may begin at once.
        """
        opening = time // MINUTES_PER_DAY * MINUTES_PER_DAY
        for first, last in self.spans:
            if time < opening + last:
                return max(time, opening + first), opening + last
        first, last = self.spans[0]
        return opening + MINUTES_PER_DAY + first, opening + MINUTES_PER_DAY + last


#: Nobody goes home.
ALWAYS = WorkingHours(((0.0, MINUTES_PER_DAY),))


def working_hours(hours: Hours) -> WorkingHours:
    """Return the hours of a conduct on the clock of the laboratory."""
    opens = hours_of(hours.opens)

    def after(clock: str) -> float:
        return float(round(MINUTES_PER_HOUR * (hours_of(clock) - opens)))

    if hours.pause is None:
        return WorkingHours(((0.0, after(hours.closes)),))
    return WorkingHours(
        ((0.0, after(hours.pause[0])), (after(hours.pause[1]), after(hours.closes)))
    )
