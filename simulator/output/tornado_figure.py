"""A tornado: how far each assumption moves n, and the power at the planned n beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.output.style import GREY, INK, LINES, caption, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.sensitivity.result import AtEnd, Row, Sensitivity

#: Assumptions that are drawn; the others move n least.
MOST_ROWS = 12
_HEIGHT = 0.36
_DARK = "#8C8C8C"


def tornado_figure(found: Sensitivity) -> Figure:
    """Draw n at either end of every assumption, the furthest apart on top, and the powers.

    The low end is white, the high end grey; both carry their value. A bar that ends in an arrow
    goes beyond the range of n.
    """
    rows = found.rows[:MOST_ROWS]
    figure = new_figure(7.2, 1.35 + _HEIGHT * max(len(rows), 2))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.5, 1.0])
    _sizes(left, found, rows)
    _powers(right, found, rows)
    left.set_yticks(range(len(rows)), [row.path.removeprefix("truth.") for row in rows])
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.tick_params(axis="y", length=0)
    rest = len(found.rows) - len(rows)
    caption(
        figure,
        f"{found.scenario_id}: smallest n per arm with power {found.target:g} ({found.of} of the "
        f"comparisons of {found.family}) when one number goes to the low (white) or high (grey) "
        f"end of its range, the others as planned; thin lines: 95 % limits of the simulation, "
        f"{found.replicates:,} simulated studies of every value. Line down: as planned."
        + (f" Arrow: beyond n = {found.largest}." if _beyond(found, rows) else "")
        + (f" Not drawn: {rest} numbers that move n no further." if rest else ""),
    )
    return figure


def _beyond(found: Sensitivity, rows: Sequence[Row]) -> bool:
    ends = [end.reached for row in rows for end in (row.low, row.high) if end.reached]
    return any(reached.n is None for reached in (*ends, found.planned))


def _sizes(axes: Axes, found: Sensitivity, rows: Sequence[Row]) -> None:
    from matplotlib.ticker import MaxNLocator

    beyond = found.largest + 1
    planned = found.planned.n or beyond
    for place, row in enumerate(rows):
        for end, colour, shift in ((row.low, "white", -0.19), (row.high, _DARK, 0.19)):
            reached = end.reached
            if reached is None:
                axes.text(planned, place + shift, " cannot be", fontsize=6, va="center")
                continue
            n = reached.n or beyond
            axes.barh(
                place + shift,
                n - planned,
                left=planned,
                height=0.36,
                color=colour,
                edgecolor=INK,
                linewidth=0.5,
            )
            limits = [reached.low or beyond, reached.high or beyond]
            axes.plot(limits, [place + shift] * 2, color=INK, linewidth=0.9, zorder=4)
            if reached.n is None:
                axes.plot(n, place + shift, marker=">", color=INK, markersize=4, zorder=5)
            left = n < planned
            far = min(n, *limits) if left else max(n, *limits)
            _label(axes, end, far, place + shift, left=left)
    axes.axvline(planned, color=INK, linewidth=1, zorder=3)
    numbers = [r.n or beyond for row in rows for e in (row.low, row.high) if (r := e.reached)]
    low, high = min([planned, *numbers]), max([planned, *numbers])
    room = 0.22 * max(high - low, 2)
    axes.set_xlim(max(low - room, 0), high + room)
    ticks = MaxNLocator(integer=True).tick_values(*axes.get_xlim())
    first, last = axes.get_xlim()
    axes.set_xticks([tick for tick in ticks if first <= tick <= min(last, found.largest)])
    axes.set_xlabel("animals per arm (n)")
    axes.set_title("n that reaches the target")


def _label(axes: Axes, end: AtEnd, n: float, height: float, *, left: bool) -> None:
    """Write the value of an end beyond its bar."""
    axes.annotate(
        end.value,
        (n, height),
        xytext=(-3 if left else 5, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=6,
        color=INK,
    )


def _powers(axes: Axes, found: Sensitivity, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        for end, face, shift in ((row.low, "white", -0.19), (row.high, _DARK, 0.19)):
            if end.power is None:
                continue
            low, high = end.power.ci
            axes.plot([low, high], [place + shift] * 2, color=INK, linewidth=0.9, zorder=2)
            axes.plot(
                end.power.value,
                place + shift,
                marker="o",
                markersize=4,
                markerfacecolor=face,
                markeredgecolor=INK,
                markeredgewidth=0.7,
                zorder=3,
            )
    axes.axvline(found.power.value, color=INK, linewidth=1, zorder=1)
    axes.axvline(found.target, color=GREY, linestyle=LINES[1], linewidth=0.9, zorder=1)
    axes.set_xlabel("power (dashed: target)")
    axes.set_title(f"power at n = {found.n}")
    axes.tick_params(axis="y", length=0, labelleft=False)
