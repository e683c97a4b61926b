"""An analysis as tables a biologist can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cli.table import show_table
from simulator.output.wording.rank_test_names import TEST_NAMES

if TYPE_CHECKING:
    from rich.console import Console

    from simulator.analysis import Analysis, ComparisonResult

_COLUMNS = (
    "arm",
    "n",
    "median",
    "fold",
    "Hodges-Lehmann [95 % CI]",
    "P(X>Y) [95 % CI]",
    "U",
    "p",
    "adjusted",
    "",
)


def show(analysis: Analysis, screen: Console) -> None:
    """Print a table per family and endpoint, then trends and notes."""
    tables: dict[tuple[str, str, str], list[ComparisonResult]] = {}
    for row in analysis.comparisons:
        tables.setdefault((row.family, row.endpoint, row.control), []).append(row)
    counted = "n" if analysis.unit == "animal" else f"{analysis.unit}s"
    columns = tuple(counted if name == "n" else name for name in _COLUMNS)
    for (family, endpoint, control), rows in tables.items():
        show_table(
            columns,
            map(_cells, rows),
            screen,
            whole=("arm", counted, "fold", "U", "p", "adjusted"),
            right=columns[1:-1],
            title=_title(family, endpoint, control),
            header="dim",
        )
        for note in dict.fromkeys(f"{r.treated}: {r.note}" for r in rows if r.note):
            screen.print(f"  {note}", style="dim")
        methods = sorted({_method(row) for row in rows if row.method})
        screen.print(
            f"  {TEST_NAMES[rows[0].test]}, {'; '.join(methods) or 'no test possible'}"
            f"; adjusted: {rows[0].adjustment}{_unit(rows[0])}",
            style="dim",
        )
        screen.print()
    for trend in analysis.trends:
        screen.print(
            f"trend {trend.name} ({trend.endpoint}: {' < '.join(trend.arms)}): "
            f"p {_p(trend.p_value)}{' *' if trend.rejected else ''}"
            f"{f'  ({trend.method})' if trend.method else ''}"
            f"{f'  {trend.note}' if trend.note else ''}"
        )
    for note in analysis.notes:
        screen.print(f"note: {note}", style="yellow")
    rejected = [r.rejected for r in analysis.comparisons] + [t.rejected for t in analysis.trends]
    if any(rejected):
        screen.print("* significant at the level of its family", style="dim")


def _title(family: str, endpoint: str, control: str) -> str:
    name = endpoint if family == endpoint else f"{family}: {endpoint}"
    return f"{name} against {control}"


def _unit(row: ComparisonResult) -> str:
    return "" if row.unit == "animal" else f"; unit: {row.unit} (median of its animals)"


def _cells(row: ComparisonResult) -> tuple[str, ...]:
    shift = "-"
    if row.hodges_lehmann is not None:
        sign = "+" if row.hodges_lehmann_scale == "shift" and row.hodges_lehmann >= 0 else ""
        times = "×" if row.hodges_lehmann_scale == "ratio" else ""
        shift = f"{times}{sign}{_number(row.hodges_lehmann)}{_bracket(row.hodges_lehmann_ci)}"
    return (
        row.treated,
        f"{row.n_treated} v {row.n_control}",
        f"{_number(row.median_treated)} v {_number(row.median_control)}",
        _number(row.fold_of_medians),
        shift,
        f"{_number(row.relative_effect)}{_bracket(row.relative_effect_ci)}",
        _number(row.u),
        _p(row.p_value),
        _p(row.p_adjusted),
        "*" if row.rejected else "",
    )


def _method(row: ComparisonResult) -> str:
    return f"{row.method} ({row.convention})" if row.convention else str(row.method)


def _bracket(ci: tuple[float, float] | None) -> str:
    return "" if ci is None else f" [{_number(ci[0])}, {_number(ci[1])}]"


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"


def _p(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if value >= 0.0001 else "<0.0001"
