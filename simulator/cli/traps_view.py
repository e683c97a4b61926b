"""What came of traps as a reader wants it: the verdict, what failed by its cause, then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.cli.table import show_table
from simulator.output.audit_words import traps_headline

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.auditing.result import TrapResult
    from simulator.scenario import Scenario

_COLUMNS: Final = ("trap", "verdict", "what it catches", "said")


def show_traps(
    results: Sequence[TrapResult],
    screen: Console,
    *,
    analysis: str,
    scenario: Scenario,
    borrowed: bool = False,
) -> None:
    """Print the verdict, the traps that failed in full, and the others in a table.

    Traps that failed with the same words have one cause, which is said once.

    Parameters
    ----------
    scenario : whose plan and whose names the tables have.
    borrowed : whether these are perhaps not the reader's own.
    """
    causes: dict[str, list[TrapResult]] = {}
    for one in results:
        if one.verdict == "fail":
            causes.setdefault(one.said, []).append(one)
    screen.print(traps_headline(results), style="bold red" if causes else "bold green")
    screen.print(f"{analysis}\non small data sets with known right answers, {_names(scenario)}")
    if borrowed:
        screen.print("for the arms and endpoints of your own study name its scenario file")
    for said, failed in causes.items():
        names = ", ".join(one.id for one in failed) if len(causes) > 1 else "all of these"
        _show_cause(said, failed, names, screen)
    rest = [one for one in results if one.verdict != "fail"]
    if rest:
        screen.print()
        rows = [(one.id, one.verdict, one.catches, one.said) for one in rest]
        show_table(_COLUMNS, rows, screen, whole=("trap", "verdict"))


def _names(scenario: Scenario) -> str:
    """Return whose plan, arms and endpoints the tables have."""
    compared = scenario.analysis.comparisons
    arms = dict.fromkeys(arm for one in compared for arm in (one.control, one.treated))
    endpoints = dict.fromkeys(one.endpoint for one in compared)
    return f"plan of {scenario.id}: {', '.join(endpoints)} of the arms {', '.join(arms)}"


def _show_cause(said: str, failed: Sequence[TrapResult], names: str, screen: Console) -> None:
    if len(failed) == 1:
        (one,) = failed
        screen.print(f"\n{one.id}: {one.catches}", style="bold")
        screen.print(f"  said:  {said}\n  right: {one.right}\n  source: {one.source}")
        return
    screen.print(f"\n{len(failed)} traps, one cause:", style="bold")
    screen.print(f"  said:  {said}\n  traps: {names}")
    screen.print("  mend this first, and give the traps again", style="dim")
