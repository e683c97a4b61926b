"""The worlds of a plan side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.run import Run

WORLD_COLUMNS: Final = ("world", "power [95 % CI]", "family-wise error", "n for the target")


def world_rows(run: Run) -> Sequence[tuple[str, ...]]:
    """Return a row per world in ``WORLD_COLUMNS``, the planned one first.

    Power is that of the decision: for ``each`` the least of its comparisons. The n for the
    target is where the simulated curve comes to it and stays; only ``size`` certifies one.
    """
    target = run.scenario.decision.power.target
    worlds = {"planned": run.result, **run.worlds}
    return [(name, *_row(result, target)) for name, result in worlds.items()]


def _row(result: PowerResult, target: float) -> tuple[str, ...]:
    at = next((point for point in result.curve if point.n == result.n_per_arm), None)
    if at is None:  # the n asked for is outside the decision's range
        return ("-", share(result.family.fwer), _needed(result, target))
    return (share(at.target), share(at.fwer), _needed(result, target))


def _needed(result: PowerResult, target: float) -> str:
    """Return the n from which on every simulated power is at or above the target."""
    curve = result.curve
    below = [point.n for point in curve if point.target.value < target]
    if not below:
        return f"{curve[0].n} or fewer"
    later = [point.n for point in curve if point.n > below[-1]]
    return f"about {later[0]}" if later else f"more than {curve[-1].n}"
