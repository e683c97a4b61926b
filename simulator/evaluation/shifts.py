"""Whether the work of a study fits its laboratory's shifts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from simulator.scenario import Scenario

#: Share of the timelines in which every day's work fits its shift.
NEARLY_ALL = 0.95


def fits_shifts(scenario: Scenario, n: int) -> bool | None:
    """Return whether the work fits in `NEARLY_ALL` timelines; None without a laboratory.

    All of hundreds would ask what one slow day in a year does. `evaluation.feasibility` looks at
    a few courses in detail, so at the very edge the two may differ.

    Parameters
    ----------
    n : animals in an arm of ratio 1.
    """
    if scenario.design.conduct is None:
        return None
    from simulator.trial.realised import timeline_of  # SimPy: only where there is a laboratory

    return bool(timeline_of(scenario, scenario.design.sizes(n)).fits.mean() >= NEARLY_ALL)


def largest_fitting(scenario: Scenario, ns: Sequence[int]) -> int | None:
    """Return the largest n whose work fits the shifts, None where not even the first does.

    Animals are added at the end of the line, so what does not fit with fewer does not fit with
    more: the boundary is one.

    Parameters
    ----------
    ns : animals in an arm of ratio 1, ascending.
    """
    fitting = bisect_left(ns, True, key=lambda n: fits_shifts(scenario, n) is False)
    return ns[fitting - 1] if fitting else None
