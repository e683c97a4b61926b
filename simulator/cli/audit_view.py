"""An audit as a reader wants it: the verdict, what the p-values are, then what failed and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.cli.audit_table import VALUES, fits, show_fitting, show_narrow
from simulator.cli.terminal import show_assumed, show_folder, show_warnings
from simulator.output.audit_words import (
    FAILED_COUNT,
    MEASURES,
    about,
    failures,
    finding_text,
    headline,
    is_ratio,
    number,
    summaries,
    unjudged,
    what_was_run,
    worst_first,
)

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.auditing.result import Audit, Measure, Verdict
    from simulator.scenario_files import Loaded

#: Verdicts whose lines are shown, and how they are called.
_TOLD: Final[Mapping[Verdict, str]] = {
    "fail": "fail",
    "not enough replicates": "without enough replicates",
}
_MOST_LINES, _MOST_MESSAGES, _MOST_ASSUMED = 5, 5, 8
_STYLES: Final = {
    "fail": "bold red",
    "not enough replicates": "bold yellow",
    "pass": "bold green",
}


def show_audit(found: Audit, loaded: Loaded, screen: Console) -> None:
    """Print the verdict, the findings, a line per measure, and what did not pass in full."""
    screen.print(headline(found), style=_STYLES.get(found.verdict, "bold"))
    screen.print(f"{found.analysis}\non {what_was_run(found)}")
    if found.stopped:
        screen.print(f"stopped early: {found.stopped}", style="yellow")
    if found.findings or found.notes:
        screen.print()
    for finding in found.findings:
        screen.print(finding_text(finding), style="bold")
    for note in found.notes:
        screen.print(f"note: {note}", style="yellow")
    screen.print()
    _show_summary(found, screen)
    if lost := unjudged(found):
        screen.print(f"\n{lost}", style="yellow")
    for verdict in _TOLD:
        for measure in MEASURES:
            _show_lines(found, measure, verdict, screen)
    _show_failures(found, screen)
    screen.print()
    screen.print(_legend(found), style="dim")
    show_warnings(loaded.warnings, screen)
    show_assumed(loaded, screen, most=_MOST_ASSUMED)


def _show_summary(found: Audit, screen: Console) -> None:
    ratio = is_ratio(found.estimand)
    columns: tuple[str, ...] = ("", "worst", *VALUES, "verdicts")
    whole = ("", *VALUES)
    rows: list[Sequence[str]] = [
        (
            MEASURES[one.measure],
            about(one.worst),
            number(one.worst.value, one.measure, ratio=ratio),
            number(one.worst.plan, one.measure, ratio=ratio),
            one.counts,
        )
        for one in summaries(found.lines)
    ]
    if not fits(columns, rows, screen.width, whole=whole):  # names under the measures
        columns = ("", *VALUES, "verdicts")
        rows = [(f"{one}\n  {name}" if name else one, *rest) for one, name, *rest in rows]
        show_narrow(columns, rows, screen)
        return
    show_fitting(columns, rows, screen, whole=whole)


def _show_lines(found: Audit, measure: Measure, verdict: Verdict, screen: Console) -> None:
    """Print the lines of a measure that have a verdict, the worst first."""
    ratio, of = is_ratio(found.estimand), found.of(measure)
    lines = worst_first([line for line in of if line.verdict == verdict])
    if not lines:
        return
    shown = lines[:_MOST_LINES]
    limits = list(dict.fromkeys(line.limit for line in shown))
    cells = {
        "": [about(line) or "all runs" for line in shown],
        VALUES[0]: [number(line.value, measure, ratio=ratio) for line in shown],
        VALUES[1]: [number(line.plan, measure, ratio=ratio) for line in shown],
        "limit": [line.limit if len(limits) > 1 else "" for line in shown],
        "would need": ["" if line.needed is None else f"{line.needed:,}" for line in shown],
        "note": [line.note for line in shown],
    }
    columns = [name for name, column in cells.items() if set(column) - {"", "-"}]
    count = f"{len(lines)} of {len(of)} " if len(of) > 1 else ""
    limit = f" ({limits[0]})" if len(limits) == 1 else ""
    screen.print(f"\n{MEASURES[measure]}: {count}{_TOLD[verdict]}{limit}", style="bold")
    rows = list(zip(*(cells[name] for name in columns), strict=True))
    show_fitting(columns, rows, screen, whole=("", *VALUES, "would need"), header="dim")
    if len(lines) > len(shown):
        screen.print(
            f"and {len(lines) - len(shown)} more: --json, or lines.csv in the run folder (-o)",
            style="dim",
        )


def _show_failures(found: Audit, screen: Console) -> None:
    kinds = failures([one for run in found.runs.values() for one in run.failed])
    if not kinds:
        return
    screen.print()
    for count, kind, message in kinds[:_MOST_MESSAGES]:
        screen.print(f"{count} × {kind}: {message}")
    if len(kinds) > _MOST_MESSAGES:
        screen.print(
            f"and {len(kinds) - _MOST_MESSAGES} other messages (failed.csv in the run folder, -o)"
        )
    if any(run.ran.any() for run in found.runs.values()):
        screen.print(FAILED_COUNT, style="dim")


def _legend(found: Audit) -> str:
    measures = {line.measure for line in found.lines}
    parts = [
        "the plan's own: what the scenario's plan makes of the same data",
        "type I and family-wise error: in the studies without effects",
    ]
    if measures & {"bias", "rmse"}:
        how = ", on the log scale, as percent" if is_ratio(found.estimand) else ""
        parts.append(f"bias and RMSE: of {found.estimand.replace('_', ' ')}{how}")
    if "type_m" in measures:
        parts.append("type S and type M: among the rejections")
    parts.append(
        f"all checks together fail an analysis that is just at the limits with a chance of at most "
        f"{found.false_alarm:.2%}"
    )
    return "; ".join(parts)


def show_report(output: Path | None, screen: Console) -> None:
    """Say where the run folder, its figures and its page are; nothing where there is none."""
    if output is not None:
        show_folder(output, screen)
        screen.print(f"report:     {output / 'report.html'}", soft_wrap=True)
