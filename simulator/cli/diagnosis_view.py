"""The diagnosis as one table and a sentence per variant."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from simulator.cli.table import show_table

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.evaluation.diagnosis.result import Diagnosis, VariantDiagnosis


def show_diagnosis(found: Diagnosis, screen: Console) -> None:
    """Print what the plan does as written and in every variant, and what each flaw costs."""
    screen.print(
        f"{found.scenario_id} with n = {found.n_per_arm} per arm, {found.replicates:,} simulated "
        f"studies of every variant, seed {found.seed}\n"
    )
    columns = ("variant", "power [95 % CI]", "type I error", "fold off by", "family-wise error")
    rows = [(v.name, str(v.power), _share(v), _off(v), str(v.fwer)) for v in found.variants]
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
    lacking = max(c.no_fold.value for v in found.variants for c in v.comparisons)
    if lacking > 0:
        screen.print(
            f"up to {lacking:.2%} of the studies have no fold (an empty arm): left out of it"
        )
    screen.print()
    screen.print(
        f"family {found.family}, alpha {found.alpha:g}; power: of the decision's comparison that "
        "has the least; type I error: p at or below alpha before adjustment where nothing has an "
        "effect, of the comparison where it is highest; fold off by: mean estimated fold of "
        "medians against the true one of the planned day and hour (crowded plates make it lower "
        "in every row), of the comparison where it is furthest off; family-wise error: any false "
        "alarm in the family, after adjustment; intervals of a worst comparison hold for all of "
        "them together",
        style="dim",
    )


def _share(variant: VariantDiagnosis) -> str:
    low, high = variant.type_i.interval(variant.confidence(0.95))
    return f"{variant.type_i.value:.3f} [{low:.3f}, {high:.3f}]"


def _off(variant: VariantDiagnosis) -> str:
    """Return the bias of ln fold as a percentage of the fold, with its interval."""
    bias = variant.bias
    if not math.isfinite(bias.value):
        return "-"
    if not math.isfinite(bias.mcse):
        return f"{math.expm1(bias.value):+.1%}"
    low, high = map(math.expm1, bias.interval(variant.confidence(0.95)))
    return f"{math.expm1(bias.value):+.1%} [{low:+.1%}, {high:+.1%}]"
