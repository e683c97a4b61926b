"""Power curves of a sweep as small multiples, drawn from its table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.evaluation.staying import stays_from
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
#: Most values that the caption lists as left out.
_LISTED = 12
_DASHED = (0, (5, 3))
#: The "path" of the names of named designs.
_NAME = "design"


@dataclass(frozen=True)
class _Axis:
    """Values of a swept path that are drawn.

    Attributes
    ----------
    values : all of them; ``drawn`` are the indices of those in the figure.
    fold : whether numbers are folds over control.
    """

    path: str
    values: tuple[Any, ...]
    drawn: tuple[int, ...] = (0,)
    fold: bool = False

    def word(self, index: int) -> str:
        """Return a value as one says it."""
        value = self.values[index]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return f"{shown(value)}-fold" if self.fold and number else shown(value)

    @property
    def not_drawn(self) -> str:
        """The values that are left out, the first of very many."""
        rest = [self.word(k) for k in range(len(self.values)) if k not in self.drawn]
        more = f" and {len(rest) - _LISTED} more" if rest[_LISTED:] else ""
        return f"{_short(self.path)} {', '.join(rest[:_LISTED])}{more}" if rest else ""


@dataclass(frozen=True)
class _Plan:
    """What stands where: a swept path for the columns, the rows and the lines of the figure."""

    columns: _Axis
    rows: _Axis
    lines: _Axis
    left_out: tuple[str, ...]


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
    plan = _planned(grid, folds)
    points = list(_points(grid, plan))
    curves = _curves(folder / "sweep.parquet", [point.number for *_, point in points])
    figures = into or folder / "figures"
    figures.mkdir(exist_ok=True)
    with look():
        figure = _figure(plan, points, curves, title=title, of=of)
        return save(figure, figures, "power-by-design")


def _planned(grid: Grid, folds: Collection[str] = ()) -> _Plan:
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
        _Axis(path, values, _spread(values, most), path in folds)
        for (path, values), most in zip(places, (_COLUMNS, _ROWS, _CURVES), strict=True)
    ]
    held = [_Axis(path, values, fold=path in folds) for path, values in axes[3:]]
    left_out = [axis.not_drawn for axis in (*cut, *held) if axis.path and axis.not_drawn]
    return _Plan(cut[0], cut[1], cut[2], tuple(left_out))


def _spread(values: Sequence[Any], most: int) -> tuple[int, ...]:
    """Return the indices of values spread over all of them, with the smallest and the largest."""
    count = len(values)
    if count <= most:
        return tuple(range(count))
    order = sorted(range(count), key=lambda k: _size(values[k]))  # equal ones as in the file
    places = np.linspace(0, count - 1, most).round().astype(int)
    return tuple(sorted(order[place] for place in places))


def _size(value: Any) -> float:
    """Return the number that a value begins with; 0 where it is none, so that order stays."""
    if isinstance(value, int | float):
        return float(value)
    first = str(value).split("%")[0].split()
    try:
        return float(first[0]) if first else 0.0
    except ValueError:
        return 0.0


def _points(grid: Grid, plan: _Plan) -> Sequence[tuple[int, int, int, Point]]:
    found = []
    for c, column in enumerate(plan.columns.drawn):
        for r, row in enumerate(plan.rows.drawn):
            for k, line in enumerate(plan.lines.drawn):
                places, name = {}, ""
                for axis, at in ((plan.columns, column), (plan.rows, row), (plan.lines, line)):
                    if axis.path == _NAME:
                        name = str(axis.values[at])
                    elif axis.path:
                        places[axis.path] = at
                if not name and grid.named:
                    name = next(iter(grid.named))
                found.append((c, r, k, grid.at(name, places)))
    return found


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
    plan: _Plan,
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
            axes.set_title(_named(plan.columns, c), fontsize=7)
        if plan.rows.path and c == columns - 1:
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


def _legend(figure: Figure, panels: np.ndarray, lines: _Axis, targets: str) -> None:
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
        title=_short(lines.path) or None,
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


def _named(axis: _Axis, place: int) -> str:
    value = axis.word(axis.drawn[place])
    return value if axis.path == _NAME else f"{_short(axis.path)}: {value}"


def _short(path: str) -> str:
    """Return the end of a path, which tells what it is of."""
    parts = path.split(".")
    return ".".join(parts[-2:])
