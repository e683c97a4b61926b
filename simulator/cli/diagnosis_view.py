"""The diagnosis as one table and a sentence per variant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.cli.terminal import show_assumed, show_warnings

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.characteristics import Estimate
    from simulator.evaluation.diagnosis.result import Diagnosis
    from simulator.scenario_files import Loaded

_MOST_ASSUMED = 8
#: Normal quantile of a 95 % interval.
_95 = 1.959964


def show_diagnosis(found: Diagnosis, loaded: Loaded, screen: Console) -> None:
    """Print what the plan does as written and in every variant, and what each flaw costs."""
    screen.print(loaded.scenario.question, style="bold")
    screen.print(
        f"{found.scenario_id} with n = {found.n_per_arm} per arm, {found.replicates:,} simulated "
        f"studies of every variant, seed {found.seed}\n"
    )
    columns = ("variant", "power [95 % CI]", "type I error", "fold off by", "family-wise error")
    rows = [
        (v.name, str(v.power), str(v.type_i), _off(v.bias), str(v.fwer)) for v in found.variants
    ]
    show_table(columns, rows, screen, whole=columns, right=columns[1:])
    screen.print()
    for variant in found.variants:
        alone = variant.kind == "written"
        screen.print(f"{variant.name}: {variant.verdict}", style="bold" if alone else None)
    if len(found.variants) == 1:
        screen.print(
            "nothing to mend: the file describes no laboratory (design.conduct) and no arms in "
            "whole cages"
        )
    screen.print()
    screen.print(
        f"family {found.family}, alpha {found.alpha:g}; power: of the decision's comparison that "
        "has the least; type I error: p at or below alpha before adjustment where nothing has an "
        "effect, of the comparison where it is highest; fold off by: mean estimated fold of "
        "medians against the true one of the planned day and hour (crowded plates make it lower "
        "in every row), of the comparison where it is furthest off; family-wise error: any false "
        "alarm in the family, after adjustment",
        style="dim",
    )
    show_warnings(loaded.warnings, screen)
    show_assumed(loaded, screen, most=_MOST_ASSUMED)


def _off(bias: Estimate) -> str:
    """Return a bias of ln fold as a percentage of the fold, with its interval."""
    if not math.isfinite(bias.value):
        return "-"
    low, high = (
        math.expm1(bias.value + sign * _95 * bias.mcse) if math.isfinite(bias.mcse) else math.nan
        for sign in (-1, 1)
    )
    return f"{math.expm1(bias.value):+.1%} [{low:+.1%}, {high:+.1%}]"
