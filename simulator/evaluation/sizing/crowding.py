"""Power that falls with n, because the laboratory cannot do the work of more animals in time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.power import least, target_shares
from simulator.evaluation.replicates import Counts, simulate_counts
from simulator.evaluation.shifts import fits_shifts, largest_fitting
from simulator.evaluation.sizing.certify import enough
from simulator.evaluation.sizing.search import Search
from simulator.streams import CONFIRM_BLOCK

_WAITING = "the larger the study, the longer its mice and spleens wait (see afcsim conduct)"


def crowded(search: Search, top_counts: Counts) -> tuple[Literal["laboratory"], str] | None:
    """Say how the laboratory keeps the power down at the top of the range; None where it does not.

    It does where power is larger at a smaller n, their intervals apart; or where the work of the
    top does not fit the shifts, and at its planned time would reach the target.

    Parameters
    ----------
    top_counts : of the fresh replicates at the top of the range.
    """
    scenario, top = search.scenario, search.ns[-1]
    if scenario.design.conduct is None:
        return None
    late = fits_shifts(scenario, top) is False
    best = max(search.ns, key=lambda n: least(search.shares(n)).value)
    most, reached = least(search.shares(best)), least(search.shares_of(top_counts))
    level = search.confidence
    if best < top and most.interval(level)[0] > reached.interval(level)[1]:
        why = _beyond(search) if late else _WAITING
        return "laboratory", f"power is largest at n = {best} ({most}) and falls beyond: {why}"
    if not late:
        return None
    shares = _in_time(search)
    if not enough(shares, target=search.target, confidence=level):
        return None
    return "laboratory", (
        f"{_beyond(search)}; with everything at its planned time power at n = {top} would be "
        f"{least(shares)}"
    )


def _beyond(search: Search) -> str:
    fitting = largest_fitting(search.scenario, search.ns)
    if fitting is None:
        first = search.ns[0]
        return f"the work does not fit the shifts even with n = {first} (see afcsim conduct)"
    return f"the work no longer fits the shifts above n = {fitting} (see afcsim conduct)"


def _in_time(search: Search) -> tuple[Probability, ...]:
    """Simulate the top of the range without a laboratory."""
    scenario = search.scenario
    planned = scenario.model_copy(
        update={"design": scenario.design.model_copy(update={"conduct": None})}
    )
    found, _ = simulate_counts(
        planned,
        layout_of(planned, [search.ns[-1]]),
        replicates=search.first,
        first_block=CONFIRM_BLOCK,
        threads=search.threads,
    )
    return target_shares(planned, search.layout, found, 0)


def reaching(search: Search) -> list[int]:
    """Return the n that the simulation shows to reach the target, whatever larger n do."""
    return [n for n in search.ns if search.enough(search.at[n])]


def runs(ns: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and the last n of every run of consecutive n.

    Examples
    --------
    >>> runs([3, 4, 5, 9])
    [(3, 5), (9, 9)]
    """
    first = [n for n in ns if n - 1 not in ns]
    last = [n for n in ns if n + 1 not in ns]
    return list(zip(first, last, strict=True))


def listed_runs(ns: Sequence[int]) -> str:
    """Return n as words.

    Examples
    --------
    >>> listed_runs([3, 4, 5, 9])
    '3 to 5, 9'
    """
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in runs(ns))
