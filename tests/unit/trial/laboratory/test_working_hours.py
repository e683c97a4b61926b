"""When work may begin, on the clock of the study."""

import math

import numpy as np
import pytest

from simulator.scenario.conduct import Hours
from simulator.trial.laboratory.working_hours import ALWAYS, clock_minutes, on_clock, working_hours


def hours(opens, closes, pause=None):
    return working_hours(Hours.model_validate({"from": opens, "to": closes, "break": pause}))


@pytest.mark.parametrize(
    ("time", "opens", "closes"),
    [
        (0.0, 0.0, 4.0),
        (3.99, 3.99, 4.0),
        (4.0, 4.5, 9.0),  # the break has begun
        (4.2, 4.5, 9.0),
        (4.5, 4.5, 9.0),
        (8.99, 8.99, 9.0),
        (9.0, 24.0, 28.0),  # closed
        (23.9, 24.0, 28.0),
        (-15.0, 0.0, 4.0),  # 17:00 of the day before
        (-20.0, -19.5, -15.0),  # its break
    ],
)
def test_the_next_time_at_which_work_may_begin(time, opens, closes):
    """Hours after the opening of day 0: 8:00 to 17:00 with a break from 12:00 to 12:30."""
    found = hours("08:00", "17:00", ("12:00", "12:30")).window(time * 60)
    assert found == (opens * 60, closes * 60)


def test_a_lab_that_never_closes():
    day_and_night = hours("00:00", "24:00")
    assert day_and_night == ALWAYS
    assert day_and_night.window(2000) == (2000, 2880)
    assert day_and_night.window(2880) == (2880, 4320)


def test_sums_of_clock_times_are_exact():
    """0.1 + 0.2 - 0.3 is not 0 in floating point; on the clock nothing depends on the order."""
    times = clock_minutes(np.random.default_rng(1).uniform(0, 300, 2000))
    assert math.fsum(times) == times.sum() == np.cumsum(times[::-1])[-1]
    assert (clock_minutes(times) == times).all()


def test_whole_minutes_and_days_are_on_the_clock():
    whole = np.arange(-500_000, 500_000, 7.0)
    assert (clock_minutes(whole) == whole).all()
    assert (on_clock(np.arange(-365.0, 380.0)) == np.arange(-365.0, 380.0)).all()
    assert abs(on_clock(0.1) - 0.1) <= 0.5 * 2.0**-30 / 1440
