"""Giving the traps to an analysis."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import closing
from typing import TYPE_CHECKING

from simulator.analysis.samples import did_you_mean
from simulator.auditing.outcome import Analyst, Outcome
from simulator.auditing.result import TrapResult
from simulator.auditing.traps.battery import battery
from simulator.auditing.traps.judge import judge
from simulator.auditing.traps.trap import Trap
from simulator.auditing.traps.whole_tables import PLAIN, RENAMED
from simulator.engine.local import Progress, run_blocks
from simulator.errors import InputError, Problem
from simulator.scenario import AnalysisPlan, Scenario

if TYPE_CHECKING:
    import pandas as pd

#: An analysis that is told what to compare: a table and a plan in, an outcome out.
ToldAnalyst = Callable[["pd.DataFrame", AnalysisPlan], Outcome]

_NOT_TOLD = (
    "the analysis is not told what to compare, so it has to know the names of the arms (a command "
    "with {plan} is told)"
)


def run_traps(
    analyst: Analyst,
    scenario: Scenario,
    *,
    told_plan: ToldAnalyst | None = None,
    only: Collection[str] | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
    cancel: Callable[[], None] | None = None,
) -> tuple[TrapResult, ...]:
    """Give the traps to an analysis, each as one table, and return what came of them.

    Parameters
    ----------
    analyst : called with a table that is its own; from several threads where ``jobs`` > 1.
    scenario : resolved scenario, in whose words the tables are and whose plan is to be answered.
    told_plan : the same analysis where it can be told another plan than the scenario's, such as
        `command.Command.run`; without it the trap with renamed arms is not applicable.
    only : ids of the traps to be given; default all.
    progress : called with (runs done, runs in all).
    cancel : called when the work is given up, so that runs under way can be stopped.

    Raises
    ------
    InputError : an id that no trap has.
    """
    traps = battery(scenario)
    ids = [trap.id for trap in traps]
    unknown = [one for one in only or () if one not in ids]
    if unknown:
        problems = [Problem(one, f"is no trap{did_you_mean(one, ids)}") for one in unknown]
        raise InputError("traps", problems)
    chosen = [trap for trap in traps if only is None or trap.id in only]
    runs = [trap for trap in chosen if trap.table is not None]
    if told_plan is None:
        runs = [trap for trap in runs if trap.id != RENAMED]
    if any(trap.rule == "unchanged" for trap in runs):
        plain = next(trap for trap in traps if trap.id == PLAIN)
        runs = [plain, *(trap for trap in runs if trap is not plain)]

    def work(place: int) -> Outcome:
        trap = runs[place]
        assert trap.table is not None
        table = trap.table.copy()
        if trap.id == RENAMED and told_plan is not None:
            return told_plan(table, trap.plan)
        return analyst(table)

    found: dict[str, Outcome] = {}
    outcomes = run_blocks(work, range(len(runs)), threads=jobs, progress=progress, cancel=cancel)
    with closing(outcomes):
        for trap, outcome in zip(runs, outcomes, strict=True):
            found[trap.id] = outcome
    return tuple(_judged(trap, found) for trap in chosen)


def _judged(trap: Trap, found: dict[str, Outcome]) -> TrapResult:
    if trap.id == RENAMED and trap.table is not None and trap.id not in found:
        return TrapResult(
            trap.id, trap.catches, trap.right, trap.source, "not applicable", _NOT_TOLD
        )
    return judge(trap, found.get(trap.id), plain=found.get(PLAIN))
