"""The sensitivity of n as a table, the assumption that moves it most on top."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.sensitivity.result import Row, Sensitivity
    from simulator.evaluation.sensitivity.varied import Basis

#: Where the ends are from, below the name; with a star what only this program assumes.
_BASES: dict[Basis, str] = {
    "its range": "range in the file",
    "range of the default": "default's range",
    "5 % to 95 % of its distribution": "5 % to 95 %",
    "20 % either way, assumed": "±20 % *",
    "up to 10 %, assumed": "to 10 % *",
}
#: Least columns for a name.
_NAME = 14
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
    columns = ("assumption", "value", "n [95 %]", "n moves by", f"power at n = {found.n}")
    cells = [
        (
            "\n".join(
                f"{end.value} between" if name == "between" else end.value
                for name, end in row.ends.items()
            ),
            "\n".join(found.words(end.reached) for end in row.ends.values()),
            _swing(row),
            "\n".join("-" if end.power is None else share(end.power) for end in row.ends.values()),
        )
        for row in moving
    ]
    lines = zip(columns[1:], zip(*cells, strict=True), strict=False)
    taken = sum(2 + max(map(len, [name, *"\n".join(texts).split("\n")])) for name, texts in lines)
    room = max(_NAME, screen.width - taken)
    names = [f"{_folded(_name(row), room)}\n  {_BASES[row.basis]}" for row in moving]
    show_table(
        columns,
        [(name, *texts) for name, texts in zip(names, cells, strict=True)],
        screen,
        whole=columns,
        right=columns[1:],
    )
    screen.print()
    if still:
        listed = ", ".join(_name(row) for row in still)
        screen.print(f"no movement of n or power shown: {listed}", style="dim")
    for row in found.rows:
        said = around_no_effect(row, found)
        if said:
            screen.print(said, style="yellow")
        for end in row.ends.values():
            if end.problem:
                screen.print(f"{row.path} cannot be {end.value}: {end.problem}", style="yellow")
    for path, why in found.left.items():
        screen.print(f"left as it is: {path} ({why})", style="dim")
    first = f"≤ {found.smallest}: fewer may do, they were not looked at; "
    screen.print(
        "one number at a time goes to the low end of its range (upper line) and to the high end, "
        "the others stay as planned, on the same random numbers; n: from there on the estimated "
        "power is at the target or above, in brackets the limits of the simulation where they "
        f"differ; {first if _at_start(found) else ''}"
        "limits meet: n does not tell two of the three apart, the power may; below the name where "
        "the ends are from: the range that stands with the number in the file, that of the "
        "program's default, 5 % and 95 % of its distribution; *: none is known, 20 % either way "
        "(losses up to 10 %) are assumed",
        style="dim",
    )


def around_no_effect(row: Row, found: Sensitivity) -> str:
    """Say where an effect is turned round, and that the worst is no effect; empty elsewhere."""
    turned = [end.value for end in (row.low, row.high) if end.turned]
    there = f"at {' and '.join(turned)} the effect is in the other direction than planned"
    name = _name(row)
    if row.between is None:
        return f"{name}: {there}" if turned else ""
    if row.between.reached is None or row.between.power is None:
        need = "what it takes there is not known"
    elif row.between.reached.n is None and found.of != "any":
        need = "n is unbounded between its ends"
    else:
        need = f"n there is {found.words(row.between.reached)}"
    power = "" if row.between.power is None else f", power {share(row.between.power)}"
    said = f"{name} goes through no effect at {row.between.value}{power}: {need}"
    return f"{said}; {there}" if turned else said


def _name(row: Row) -> str:
    return row.path.removeprefix("truth.")


def _folded(name: str, room: int) -> str:
    """Return a path on as many lines as it needs, broken within its words."""
    lines = [""]
    for part in re.findall(r"[^._]*[._]?", name):
        if lines[-1] and len(lines[-1]) + len(part) > room:
            lines.append("  ")
        lines[-1] += part
    return "\n".join(lines)


def _at_start(found: Sensitivity) -> bool:
    every = [found.planned, *(end.reached for row in found.rows for end in row.ends.values())]
    return found.smallest > 1 and any(r is not None and r.n == found.smallest for r in every)


def _moves(row: Row, found: Sensitivity) -> bool:
    """Whether an assumption is shown to move something; one that cannot be varied counts."""
    error = math.sqrt(found.target * (1 - found.target) / found.replicates)
    refused = bool(row.low.problem or row.high.problem)
    return refused or row.swing > 0 or row.power_swing > _STILL * error


def _swing(row: Row) -> str:
    said = f"{'at least ' if row.at_least else ''}{row.swing}"
    return said if row.told_apart or row.swing == 0 else f"{said}\n(limits meet)"
