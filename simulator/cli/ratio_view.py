"""The control ratio as tables and sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.output.wording.numbers import estimate, share

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.control_ratio.removal import Removal
    from simulator.evaluation.control_ratio.result import (
        Allocation,
        ControlRatioResult,
        RatioRow,
    )


def show_ratio(found: ControlRatioResult, screen: Console) -> None:
    """Print the answer first, then ratios beside each other, then what one animal less costs."""
    style = "bold red" if found.status == "infeasible" or found.best is None else "bold green"
    screen.print(f"{found.status}: {found.reason}", style=style, highlight=False)
    saved = saving(found)
    if saved:
        screen.print(saved, style="bold")
    if found.ties:
        listed = "; ".join(
            f"{one.n_control} and {one.n_treated} ({one.power})" for one in found.ties
        )
        screen.print(f"as few animals, also enough (control and treated): {listed}")
    k = len(found.treated)
    screen.print(
        f"\n{found.scenario_id}: {found.control} against {k} treated arm{'s' if k > 1 else ''}, "
        f"family {found.family}, target {found.target:g} of {found.of}; {found.replicates:,} "
        f"simulated studies of the pairs in question and as many fresh ones, seed {found.seed}\n"
    )
    columns = ("control : treated", "control", "treated", "animals", "power [95 % CI]", "")
    show_table(
        columns,
        [_row(row) for row in found.rows],
        screen,
        whole=columns[:5],
        right=columns[:5],
        title="fewest animals that are enough at a ratio",
        header="dim",
    )
    _removals(found, screen)
    _families(found, screen)
    if found.best is not None:
        screen.print(f"\nto plan it: {to_plan(found, found.best)}", style="bold")
    for note in found.notes:
        screen.print(f"note: {note}")
    screen.print(
        "animals: purchased, all arms and satellites; power: of the decision (where each "
        "comparison must reach the target, of the one with least); enough: its "
        f"{100 * found.confidence:g} % interval lies above the target there and at every larger "
        "number of treated animals looked at",
        style="dim",
    )


def to_plan(found: ControlRatioResult, best: Allocation) -> str:
    """Say what is to be written in the file, and with which n it is asked."""
    if found.as_planned:
        return f"nothing needs to be written in the file, it has these arms at n = {found.n}"
    text = f"design.arms.{found.control}.n: {best.n_control} in the file, and "
    if found.n is not None:
        return f"{text}n = {found.n}"
    return f"{text}a ratio or n that gives {best.n_treated} in a treated arm"


def saving(found: ControlRatioResult) -> str:
    """Say what the best pair saves against equal arms, and how sure that is."""
    if found.best is None:
        return ""
    if found.equal is None or found.saving is None:
        return "equal arms are not shown to reach the target in the range of n"
    equal, saved = found.equal, found.saving
    if found.below is not None and equal.n_treated == found.below:
        return (
            f"whether fewer than equal arms are enough is not known below {found.below} in an arm"
        )
    text = (
        f"{saved.value} animal{'' if saved.value == 1 else 's'} fewer than equal arms "
        f"(n = {equal.n_treated}, {equal.total} animals, power {share(equal.power)})"
        if saved.value
        else f"no fewer than equal arms take (n = {equal.n_treated}, {equal.total} animals)"
    )
    if saved.low == saved.high:
        return text
    return f"{text}; between {saved.low} and {saved.high} as far as these replicates tell"


def _row(row: RatioRow) -> tuple[str, ...]:
    ratio, found = f"{row.ratio:.3g} : 1", row.allocation
    if found is None:
        told = "no pair looked at is enough" if row.seen else "not looked at"
        return (ratio, "-", "-", "-", "-", f"{row.name}: {told}" if row.name else told)
    numbers = (str(found.n_control), str(found.n_treated), str(found.total), share(found.power))
    return (ratio, *numbers, row.name)


def _removals(found: ControlRatioResult, screen: Console) -> None:
    """Print what one animal less costs."""
    if not found.removals:
        return
    screen.print()
    taken = found.removals[0].taken
    less = "one animal" if taken == 1 else f"a cage of {taken}"
    columns = (
        f"{less} less in",
        "power lost [95 % CI]",
        "power left [95 % CI]",
        "for each animal",
        "of",
    )
    rows = []
    for one in found.removals:
        low, high = one.loss_ci
        rows.append(
            (
                one.arm or "every treated arm",
                f"{one.loss.value:z.3f} [{low:z.3f}, {high:z.3f}]",
                share(one.power),
                _each(one),
                one.of,
            )
        )
    show_table(
        columns,
        rows,
        screen,
        whole=columns[:4],
        right=columns[1:4],
        title=f"what {less} less would cost, on the same animals",
        header="dim",
    )


def _each(one: Removal) -> str:
    """Return the power lost for an animal; its upper limit where no study changed."""
    if one.animals > 0 and not math.isfinite(one.loss.mcse):
        return f"below {one.loss_ci[1] / one.animals:.2g}"
    return estimate(one.per_animal)


def _families(found: ControlRatioResult, screen: Console) -> None:
    """Print what the ratio does to every family, those that it was not chosen for among them."""
    if not found.families:
        return
    columns = ("family", "at", "lowest power", "highest power", "any false alarm")
    rows = [
        (one.family, one.at, share(one.lowest), share(one.highest), share(one.fwer))
        for one in found.families
    ]
    screen.print()
    show_table(
        columns,
        rows,
        screen,
        whole=columns,
        right=columns[2:],
        title="every family, on fresh studies with and without effects",
        header="dim",
    )
