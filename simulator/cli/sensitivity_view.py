"""The sensitivity of n as a table, the assumption that moves it most on top."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.sensitivity.result import AtEnd, Row, Sensitivity
    from simulator.evaluation.sensitivity.varied import Basis

#: Where the ends are from, in a column; with a star what only this program assumes.
_BASES: dict[Basis, str] = {
    "its range": "range",
    "range of the default": "default's range",
    "5 % to 95 % of its distribution": "5-95 %",
    "20 % either way, assumed": "±20 % *",
    "up to 10 %, assumed": "to 10 % *",
}
_WISHES = {"each": "each comparison", "any": "any comparison", "all": "all comparisons"}
#: Differences of power below so many standard errors of one power are not told as movement.
_STILL = 2.0


def show_sensitivity(found: Sensitivity, screen: Console) -> None:
    """Print where n goes at either end of every assumption, and which do not move it."""
    screen.print(
        f"{found.scenario_id}: n that reaches power {found.target:g} of {_WISHES[found.of]} "
        f"({found.family}), as planned {found.words(found.planned)}, power {share(found.power)} at "
        f"n = {found.n}; {found.replicates:,} simulated studies of every value, seed {found.seed}\n"
    )
    moving = [row for row in found.rows if _moves(row, found)]
    still = [row for row in found.rows if row not in moving]
    columns = (
        "assumption",
        "from",
        "to",
        "n [95 % limits]",
        "n moves by",
        f"power at n = {found.n}",
        "ends",
    )
    rows = [
        (
            row.path.removeprefix("truth."),
            row.low.value,
            row.high.value,
            f"{found.words(row.low.reached)} to {found.words(row.high.reached)}",
            _swing(row),
            f"{_power(row.low)} to {_power(row.high)}",
            _BASES[row.basis],
        )
        for row in moving
    ]
    show_table(columns, rows, screen, whole=columns, right=columns[1:6])
    screen.print()
    if still:
        names = ", ".join(row.path.removeprefix("truth.") for row in still)
        screen.print(f"no movement of n or power shown: {names}", style="dim")
    for row in found.rows:
        for end in (row.low, row.high):
            if end.problem:
                screen.print(f"{row.path} cannot be {end.value}: {end.problem}", style="yellow")
    for path, why in found.left.items():
        screen.print(f"left as it is: {path} ({why})", style="dim")
    screen.print(
        "one number at a time goes to the end of its range, the others stay as planned, on the "
        "same random numbers; n: from there on the estimated power is at the target or above; "
        "limits meet: n does not tell two of the three apart, the power may; ends: the range that "
        "comes with the number, that of the program's default for it, or 5 % to 95 % of its "
        "distribution; *: neither is known, "
        "20 % either way (losses up to 10 %) are assumed",
        style="dim",
    )


def _moves(row: Row, found: Sensitivity) -> bool:
    """Whether an assumption is shown to move something; one that cannot be varied counts."""
    error = math.sqrt(found.target * (1 - found.target) / found.replicates)
    refused = bool(row.low.problem or row.high.problem)
    return refused or row.swing > 0 or row.power_swing > _STILL * error


def _swing(row: Row) -> str:
    said = f"{'at least ' if row.at_least else ''}{row.swing}"
    return said if row.told_apart or row.swing == 0 else f"{said} (limits meet)"


def _power(end: AtEnd) -> str:
    return "-" if end.power is None else f"{end.power.value:.3f} ± {end.power.mcse:.3f}"
