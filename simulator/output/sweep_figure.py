"""Power curves of a sweep as small multiples, drawn from its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.output.style import GREY, INK, LINES, PALE, caption, look, new_figure, save
from simulator.scenario_files.laying import shown
from simulator.sweeping.grid import Grid, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Most columns, rows and lines of the figure.
_COLUMNS, _ROWS, _CURVES = 5, 5, 5
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C6D00")
_MARKERS = ("o", "s", "^", "D", "v")
#: The "path" of the names of named designs.
_NAME = "design"


@dataclass(frozen=True)
class _Plan:
    """What stands where: a swept path for the columns, the rows and the lines of the figure."""

    columns: tuple[str, tuple[Any, ...]]
    rows: tuple[str, tuple[Any, ...]]
    lines: tuple[str, tuple[Any, ...]]
    left_out: tuple[str, ...]


def draw_sweep(
    folder: Path, grid: Grid, *, title: str, of: str, into: Path | None = None
) -> tuple[Path, ...]:
    """Write ``power-by-design`` into the ``figures`` of a sweep's folder.

    Parameters
    ----------
    folder : holds ``sweep.parquet``.
    title : name of the scenario.
    of : what the decision's power is of: each, any or all.
    into : another folder for the figures.
    """
    plan = _planned(grid)
    points = list(_points(grid, plan))
    curves = _curves(folder / "sweep.parquet", [point.number for *_, point in points])
    figures = into or folder / "figures"
    figures.mkdir(exist_ok=True)
    with look():
        figure = _figure(plan, points, curves, title=title, of=of)
        return save(figure, figures, "power-by-design")


def _planned(grid: Grid) -> _Plan:
    """Give the first paths of the sweep their places; lines come before rows."""
    axes: list[tuple[str, tuple[Any, ...]]] = []
    if grid.named:
        axes.append((_NAME, tuple(grid.named)))
    axes += [(path, values) for path, values in grid.axes.items() if len(values) > 1]
    if not axes:
        axes = list(grid.axes.items())[:1]
    nothing: tuple[str, tuple[Any, ...]] = ("", (None,))
    if len(axes) == 1:
        places = [nothing, nothing, axes[0]]
        if len(axes[0][1]) > _CURVES:
            places = [axes[0], nothing, nothing]
    elif len(axes) == 2:
        places = [axes[0], nothing, axes[1]]
    else:
        places = [axes[0], axes[1], axes[2]]
    cut = [
        (path, values[:most])
        for (path, values), most in zip(places, (_COLUMNS, _ROWS, _CURVES), strict=True)
    ]
    left_out = [
        f"{len(values) - most} further values of {path}"
        for (path, values), most in zip(places, (_COLUMNS, _ROWS, _CURVES), strict=True)
        if len(values) > most
    ]
    left_out += [f"other values of {path} than {shown(values[0])}" for path, values in axes[3:]]
    return _Plan(cut[0], cut[1], cut[2], tuple(left_out))


def _points(grid: Grid, plan: _Plan) -> Sequence[tuple[int, int, int, Point]]:
    found = []
    for c in range(len(plan.columns[1])):
        for r in range(len(plan.rows[1])):
            for k in range(len(plan.lines[1])):
                places, name = {}, ""
                for (path, values), at in ((plan.columns, c), (plan.rows, r), (plan.lines, k)):
                    if path == _NAME:
                        name = str(values[at])
                    elif path:
                        places[path] = at
                if not name and grid.named:
                    name = next(iter(grid.named))
                found.append((c, r, k, grid.at(name, places)))
    return found


def _curves(table: Path, designs: Sequence[int]) -> Mapping[int, Mapping[str, np.ndarray]]:
    """Return n, value, limits and target of the decision's power, of some designs only."""
    import pyarrow.compute as compute
    from pyarrow.parquet import ParquetFile

    names = ["n", "value", "ci_low", "ci_high", "target"]
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
    plan: _Plan,
    points: Sequence[tuple[int, int, int, Point]],
    curves: Mapping[int, Mapping[str, np.ndarray]],
    *,
    title: str,
    of: str,
) -> Figure:
    columns, rows = len(plan.columns[1]), len(plan.rows[1])
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
        if plan.columns[0] and r == 0:
            axes.set_title(_named(plan.columns, c), fontsize=7)
        if plan.rows[0] and c == columns - 1:
            axes.text(
                1.02,
                0.5,
                _named(plan.rows, r),
                transform=axes.transAxes,
                rotation=270,
                va="center",
                fontsize=6.8,
                fontweight="bold",
            )
    if plan.lines[0] and panels[0, 0].lines:
        handles = {
            line.get_gid(): line
            for axes in panels.ravel()
            for line in axes.lines
            if line.get_gid() is not None
        }
        order = sorted(handles)
        figure.legend(
            [handles[key] for key in order],
            [shown(plan.lines[1][int(key)]) for key in order],
            loc="outside right upper",
            title=_short(plan.lines[0]),
            frameon=False,
            fontsize=6.8,
            title_fontsize=6.8,
        )
    replicates = "after the family's adjustment"
    shown_part = f" Not drawn: {'; '.join(plan.left_out)}." if plan.left_out else ""
    what = "the least power of the comparisons" if of == "each" else f"power to find {of} of them"
    caption(
        figure,
        f"{title}: {what} that the decision asks for, {replicates}, against n. Bands: 95 % Wilson "
        f"intervals of the simulation. Dashed: target.{shown_part}",
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
    axes.plot(n, curve["target"], color=INK, linewidth=0.8, linestyle=(0, (5, 3)))


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


def _named(axis: tuple[str, tuple[Any, ...]], index: int) -> str:
    path, values = axis
    value = shown(values[index])
    return value if path == _NAME else f"{_short(path)}: {value}"


def _short(path: str) -> str:
    """Return the end of a path, which tells what it is of."""
    parts = path.split(".")
    return ".".join(parts[-2:])
