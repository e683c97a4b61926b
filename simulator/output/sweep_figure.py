"""Power curves of a sweep as small multiples, drawn from its table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.evaluation.staying import stays_from
from simulator.output.style import GREY, INK, LINES, PALE, caption, look, new_figure, save
from simulator.output.sweep_places import Axis, Places, planned, points_of, short
from simulator.sweeping.grid import Grid, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D00")
_MARKERS = ("o", "s", "^", "D", "v")
_DASHED = (0, (5, 3))


def draw_sweep(
    folder: Path,
    grid: Grid,
    *,
    title: str,
    of: str,
    folds: Collection[str] = (),
    into: Path | None = None,
) -> tuple[Path, ...]:
    """Write ``power-by-design`` into the ``figures`` of a sweep's folder.

    Parameters
    ----------
    folder : holds ``sweep.parquet``.
    title : name of the scenario.
    of : what the decision's power is of: each, any or all.
    folds : swept paths whose numbers are folds over control.
    into : another folder for the figures.
    """
    plan = planned(grid, folds)
    points = list(points_of(grid, plan))
    curves = _curves(folder / "sweep.parquet", [point.number for *_, point in points])
    figures = into or folder / "figures"
    figures.mkdir(exist_ok=True)
    with look():
        figure = _figure(plan, points, curves, title=title, of=of)
        return save(figure, figures, "power-by-design")


def _curves(table: Path, designs: Sequence[int]) -> Mapping[int, Mapping[str, np.ndarray]]:
    """Return n, value, limits and target of the decision's power, of some designs only."""
    import pyarrow.compute as compute
    from pyarrow.parquet import ParquetFile

    names = ["n", "animals", "value", "ci_low", "ci_high", "target"]
    parts: dict[int, list[np.ndarray]] = {}
    with ParquetFile(table) as file:  # group by group: the table may be larger than the memory
        for group in range(file.num_row_groups):
            has = file.metadata.row_group(group).column(0).statistics  # of the column design
            if has and has.has_min_max and not any(has.min <= d <= has.max for d in designs):
                continue
            rows = file.read_row_group(group, columns=["design", "quantity", *names])
            rows = rows.filter(compute.equal(rows["quantity"], "decision"))
            whose = rows["design"].to_numpy()
            numbers = np.array([rows[name].to_numpy() for name in names], dtype=float)
            for design in set(designs).intersection(whose.tolist()):
                parts.setdefault(design, []).append(numbers[:, whose == design])
    whole = {design: np.concatenate(found, axis=1) for design, found in parts.items()}
    return {design: dict(zip(names, found, strict=True)) for design, found in whole.items()}


def _figure(
    plan: Places,
    points: Sequence[tuple[int, int, int, Point]],
    curves: Mapping[int, Mapping[str, np.ndarray]],
    *,
    title: str,
    of: str,
) -> Figure:
    columns, rows = len(plan.columns.drawn), len(plan.rows.drawn)
    figure = new_figure(max(4.6, 1.9 * columns + 1.2), 1.75 * rows + 1.35)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    for c, r, k, point in points:
        curve = curves.get(point.number)
        if curve is not None:
            _draw(panels[r, c], curve, k)
        else:
            panels[r, c].text(
                0.98,
                0.04 + 0.1 * k,
                "cannot be simulated",
                ha="right",
                transform=panels[r, c].transAxes,
                fontsize=6.4,
                color=GREY,
            )
    for (r, c), axes in np.ndenumerate(panels):
        _frame(axes, first=c == 0, last=r == rows - 1)
        if plan.columns.path and r == 0:
            axes.set_title(plan.columns.named(c), fontsize=7)
        if plan.rows.path and c == columns - 1:
            axes.text(
                1.02,
                0.5,
                plan.rows.named(r),
                transform=axes.transAxes,
                rotation=270,
                va="center",
                fontsize=6.8,
                fontweight="bold",
            )
    targets = ", ".join(
        f"{share:g}" for share in sorted({float(t) for c in curves.values() for t in c["target"]})
    )
    if targets:
        _legend(figure, panels, plan.lines, targets)
    adjusted = "after the family's adjustment"
    target = f" Dashed: target {targets}." if targets else ""
    fewer = (
        " Where a curve starts above the target, fewer animals may be enough: smaller n were not "
        "looked at."
        if any(_or_fewer(curve) for curve in curves.values())
        else ""
    )
    shown_part = f" Not drawn: {'; '.join(plan.left_out)}." if plan.left_out else ""
    what = "the least power of the comparisons" if of == "each" else f"power to find {of} of them"
    caption(
        figure,
        f"{title}: {what} that the decision asks for, {adjusted}, against n. Bands: 95 % Wilson "
        f"intervals of the simulation.{target}{fewer}{shown_part}",
    )
    return figure


def _draw(axes: Axes, curve: Mapping[str, np.ndarray], k: int) -> None:
    colour = _COLOURS[k]
    n = curve["n"]
    axes.fill_between(n, curve["ci_low"], curve["ci_high"], color=colour, alpha=0.25, linewidth=0)
    every = max(1, len(n) // 6)
    (line,) = axes.plot(
        n,
        curve["value"],
        color=colour,
        marker=_MARKERS[k],
        linestyle=LINES[(k + 2) % len(LINES)],
        markersize=3.2,
        markeredgecolor="white",
        markeredgewidth=0.4,
        markevery=(k % every, every),
    )
    line.set_gid(str(k))
    axes.plot(n, curve["target"], color=INK, linewidth=0.8, linestyle=_DASHED)


def _legend(figure: Figure, panels: np.ndarray, lines: Axis, targets: str) -> None:
    """Name the curves, and the line of the target by its number."""
    from matplotlib.lines import Line2D

    drawn = {
        line.get_gid(): line
        for axes in panels.ravel()
        for line in axes.lines
        if lines.path and line.get_gid() is not None
    }
    order = sorted(drawn)
    figure.legend(
        [*(drawn[key] for key in order), Line2D([], [], color=INK, lw=0.8, linestyle=_DASHED)],
        [*(lines.word(lines.drawn[int(key)]) for key in order), f"target {targets}"],
        loc="outside right upper",
        title=short(lines.path) or None,
        frameon=False,
        fontsize=6.8,
        title_fontsize=6.8,
    )


def _or_fewer(curve: Mapping[str, np.ndarray]) -> bool:
    """Return whether the target is reached at the start of the range of n, and ever after."""
    ns = curve["n"].tolist()
    if ns[0] == 1 or len(set(curve["animals"].tolist())) == 1 < len(ns):  # all arms fixed
        return False
    return stays_from(ns, (curve["value"] >= curve["target"]).tolist()) == ns[0]


def _frame(axes: Axes, *, first: bool, last: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_ylim(-0.02, 1.04)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.grid(axis="y", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    if first:
        axes.set_ylabel("power")
    if last:
        axes.set_xlabel("animals per arm (n)")
