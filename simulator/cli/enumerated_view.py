"""Enumerated power as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.cli.terminal import show_assumed, show_warnings

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.exact.enumerated import EnumeratedPower
    from simulator.scenario_files import Loaded

#: Assumed numbers named one by one.
#: Digits of a probability that is exact but for rounding.
_DIGITS = 6


def show_enumerated(found: EnumeratedPower, loaded: Loaded, screen: Console) -> None:
    """Print exact power and type I error of every comparison of the decision's family."""
    screen.print(loaded.scenario.question, style="bold")
    screen.print(f"{found.scenario_id} with n = {found.n_per_arm} per arm: {found.note}\n")
    columns = ("endpoint", "comparison", "power", "type I error", "no test possible")
    plan = loaded.scenario.analysis.families[found.decision_family]
    show_table(
        columns,
        [
            (
                one.endpoint,
                f"{one.treated} v {one.control} "
                f"({found.sizes[one.treated]} v {found.sizes[one.control]})",
                f"{one.power:.{_DIGITS}f}",
                f"{one.type_i:.{_DIGITS}f}",
                f"{one.untestable:.2g}",
            )
            for one in found.comparisons
        ],
        screen,
        whole=columns,
        right=columns[2:],
        title=f"{found.decision_family} ({plan.adjust}, alpha {plan.alpha:g})",
        header="dim",
    )
    screen.print(
        "power: probability of rejecting after adjustment; type I error: the same without any "
        "effect; no test possible: all values equal, or fewer than 2 animals left in an arm",
        style="dim",
    )
    show_warnings(loaded.warnings, screen)
    show_assumed(loaded, screen)
