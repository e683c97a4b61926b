"""A tornado: how far each assumption moves n, and the power at the planned n beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from simulator.output.style import GREY, INK, LINES, PAGE_WIDTH, SMALL, caption, new_figure
from simulator.output.wording.names import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.sensitivity.result import AtEnd, Reached, Row, Sensitivity

#: Assumptions that are drawn; the others move n least.
MOST_ROWS = 12
_HEIGHT = 0.42
_DARK = "#8C8C8C"
#: Pixels (at 100 in an inch) between a value and the frame.
_PAD = 4.0
#: Places of the bars about the row's, from above: low end, high end; and where the ends lie on
#: both sides of no effect, low end, no effect, high end.
_TWO, _THREE = (-0.19, 0.19), (-0.27, 0.0, 0.27)
#: Letters in a line of a name.
_LINE = 32


def tornado_figure(found: Sensitivity) -> Figure:
    """Draw n at either end of every assumption, the furthest apart on top, and the powers.

    The low end is white, the high end grey; both carry their value. A bar that ends in an arrow
    goes beyond the range of n.
    """
    rows = found.rows[:MOST_ROWS]
    heights = sum(1.3 if row.between else 1.0 for row in rows)
    figure = new_figure(PAGE_WIDTH, 1.7 + _HEIGHT * max(heights, 2))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.7, 1.0])
    _sizes(left, found, rows)
    _powers(right, found, rows)
    left.set_yticks(range(len(rows)), [_words(row) for row in rows], fontsize=SMALL)
    left.set_ylim(len(rows) - 0.4, -0.6)
    left.tick_params(axis="y", length=0)
    rest = len(found.rows) - len(rows)
    caption(
        figure,
        f"{found.scenario_id}: smallest n per arm with power {found.target:g} ({found.of} of the "
        f"comparisons of {found.family}) when one number goes to the low (white) or high (grey) "
        f"end of its range, the others as planned; thin lines: 95 % limits of the simulation, "
        f"{found.replicates:,} simulated studies of every value. Line down: as planned."
        + (" *: range assumed by the program." if any(row.assumed for row in rows) else "")
        + (
            " Hatched: the ends lie on both sides of no effect, which takes most animals."
            if any(row.between for row in rows)
            else ""
        )
        + (
            f" At n = {found.smallest} fewer may do, they were not looked at."
            if _at_start(found, rows)
            else ""
        )
        + (f" Arrow: beyond n = {found.largest}." if _beyond(found, rows) else "")
        + (f" Not drawn: {rest} numbers that move n no further." if rest else ""),
    )
    _make_room(figure, left, largest=found.largest)
    return figure


def _make_room(figure: Figure, axes: Axes, *, largest: int) -> None:
    """Widen the axis of n until the values beside the bars lie within it; ticks to the range."""
    from matplotlib.ticker import MaxNLocator

    for _ in range(4):  # what is added makes everything narrower, so it takes another look
        figure.draw_without_rendering()
        box = axes.get_window_extent()
        boxes = [text.get_window_extent() for text in axes.texts]
        first, last = axes.get_xlim()
        unit = (last - first) / box.width
        first -= unit * max(0.0, *(box.x0 + _PAD - one.x0 for one in boxes))
        last += unit * max(0.0, *(one.x1 + _PAD - box.x1 for one in boxes))
        axes.set_xlim(first, last)
    ticks = MaxNLocator(integer=True).tick_values(first, last)
    axes.set_xticks([tick for tick in ticks if max(first, 1) <= tick <= min(last, largest)])


def _words(row: Row) -> str:
    """Return an assumption in words, with a star where its range is assumed."""
    words = name_of(row.place or row.path).words.removeprefix("truth.")
    return "\n".join(textwrap.wrap(words, _LINE)) + (" *" if row.assumed else "")


def _value(row: Row, end: AtEnd) -> str:
    """Return the value of an end: shares in percent, an effect turned round as such."""
    text = end.value
    if name_of(row.place).words.startswith("share "):
        with suppress(ValueError):
            text = f"{100 * float(text):g} %"
    if end is row.between:
        return f"{text}: no effect"
    return f"{text}, other direction" if end.turned else text


def _bars(row: Row) -> list[tuple[AtEnd, dict[str, Any], float]]:
    """Return what is drawn of a row: the ends, how they look, and how far off its middle."""
    low: dict[str, Any] = {"color": "white"}
    high: dict[str, Any] = {"color": _DARK}
    if row.between is None:
        return list(zip((row.low, row.high), (low, high), _TWO, strict=True))
    none: dict[str, Any] = {"color": "white", "hatch": "/////"}
    return list(zip((row.low, row.between, row.high), (low, none, high), _THREE, strict=True))


def _beyond(found: Sensitivity, rows: Sequence[Row]) -> bool:
    return any(reached.n is None for reached in _reached(found, rows))


def _at_start(found: Sensitivity, rows: Sequence[Row]) -> bool:
    return any(reached.n == found.smallest > 1 for reached in _reached(found, rows))


def _reached(found: Sensitivity, rows: Sequence[Row]) -> list[Reached]:
    ends = [end.reached for row in rows for end in row.ends.values() if end.reached]
    return [*ends, found.planned]


def _sizes(axes: Axes, found: Sensitivity, rows: Sequence[Row]) -> None:
    beyond = found.largest + 1
    planned = found.planned.n or beyond
    for place, row in enumerate(rows):
        thick = 0.36 if row.between is None else 0.26
        for end, how, shift in _bars(row):
            reached = end.reached
            if reached is None:
                axes.text(
                    planned,
                    place + shift,
                    f" {_value(row, end)} cannot be",
                    fontsize=SMALL,
                    va="center",
                )
                continue
            n = reached.n or beyond
            axes.barh(
                place + shift,
                n - planned,
                left=planned,
                height=thick,
                **how,
                edgecolor=INK,
                linewidth=0.5,
            )
            limits = [reached.low or beyond, reached.high or beyond]
            axes.plot(limits, [place + shift] * 2, color=INK, linewidth=0.9, zorder=4)
            if reached.n is None:
                axes.plot(n, place + shift, marker=">", color=INK, markersize=4, zorder=5)
            left = n < planned
            far = min(n, *limits) if left else max(n, *limits)
            _label(axes, _value(row, end), far, place + shift, left=left)
    axes.axvline(planned, color=INK, linewidth=1, zorder=3)
    numbers = [r.n or beyond for row in rows for e in row.ends.values() if (r := e.reached)]
    low, high = min([planned, *numbers]), max([planned, *numbers])
    room = 0.05 * max(high - low, 2)
    axes.set_xlim(low - room, high + room)
    axes.set_xlabel("animals per arm (n)")
    axes.set_title("n that reaches the target")


def _label(axes: Axes, text: str, n: float, height: float, *, left: bool) -> None:
    """Write the value of an end beyond its bar."""
    axes.annotate(
        text,
        (n, height),
        xytext=(-3 if left else 5, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=SMALL,
        color=INK,
    )


def _powers(axes: Axes, found: Sensitivity, rows: Sequence[Row]) -> None:
    for place, row in enumerate(rows):
        for end, how, shift in _bars(row):
            if end.power is None:
                continue
            low, high = end.power.ci
            axes.plot([low, high], [place + shift] * 2, color=INK, linewidth=0.9, zorder=2)
            axes.plot(
                end.power.value,
                place + shift,
                markersize=4,
                markerfacecolor=how["color"],
                marker="D" if end is row.between else "o",
                markeredgecolor=INK,
                markeredgewidth=0.7,
                zorder=3,
            )
    axes.axvline(found.power.value, color=INK, linewidth=1, zorder=1)
    axes.axvline(found.target, color=GREY, linestyle=LINES[1], linewidth=0.9, zorder=1)
    axes.set_xlabel("power (dashed: target)")
    axes.set_title(f"power at n = {found.n}")
    axes.tick_params(axis="y", length=0, labelleft=False)
