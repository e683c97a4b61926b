"""Which simulated studies found and confirmed the answer, and which power is the certified one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.evaluation.sizing.size_result import SampleSizeResult


def searched_text(found: SampleSizeResult) -> str:
    """Say how many studies searched and how many confirmed, and which power is certified."""
    n, spent, fresh = found.result.n_per_arm, found.replicates_spent, found.power.replicates
    shown = next(point.target for point in found.result.curve if point.n == n)
    if found.status != "certified":
        return f"{spent:,} simulated studies speak about n = {n}; they certify no number."
    return (
        f"Two sets of simulated studies speak about n = {n}: {spent - fresh:,} of the search that "
        "found it (with those of attempts to confirm it that failed, if there were any), and "
        f"{fresh:,} fresh ones that confirmed it. The certified power, {share(found.power)}, is of "
        f"the fresh ones alone. Curve and tables are of the search ({shown.replicates:,} studies "
        f"at this n, power {share(shown)}): the two powers differ "
        "by chance."
    )
