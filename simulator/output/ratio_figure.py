"""Which pairs (control, treated) of animals are enough, and the animals that they take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.output.style import GREY, INK, PALE, SMALL, caption, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.control_ratio.result import Allocation, ControlRatioResult

#: Shown around the pairs that matter, as a multiple of them.
_MARGIN = 1.6
#: Most points from one side of a panel to the other before they become smaller.
_MANY = 30


@dataclass(frozen=True)
class _Pairs:
    """The pairs looked at, by what is known of them."""

    enough: list[Allocation]
    open: list[Allocation]
    small: list[Allocation]


def ratio_figure(found: ControlRatioResult) -> Figure:
    """Draw which pairs are enough, and the fewest animals by number of controls beneath.

    Every point is a pair that was simulated: between whole animals there is nothing to draw.

    Parameters
    ----------
    found : with its grid of pairs.
    """
    figure = new_figure(6.4, 7.4)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.25, 1.0])
    right, top = _limits(found)
    _draw_pairs(upper, found, right, top)
    _draw_animals(lower, found, right)
    figure.legend(
        *upper.get_legend_handles_labels(),
        loc="outside upper left",
        ncols=2,
        frameon=False,
        fontsize=SMALL,
    )
    seen = sorted({one.power.replicates for one in found.grid})
    count = f"{seen[0]:,}" if len(seen) == 1 else f"{seen[0]:,} to {seen[-1]:,}"
    arms = "1 treated arm" if len(found.treated) == 1 else f"{len(found.treated)} treated arms"
    start = (
        ""
        if found.below is None
        else f" Fewer than {found.below} in an arm may be enough too: they were not looked at."
    )
    caption(
        figure,
        f"{found.scenario_id}: {found.control} against {arms}. A point is a pair of numbers, "
        f"simulated in {count} studies; enough: power of the decision ({found.of}) lies above the "
        f"target {found.target:g} there and with more treated animals, by "
        f"{100 * found.confidence:g} % intervals. Below: animals of the whole study, of the "
        f"fewest treated with so many controls.{start}",
    )
    return figure


def _sorted_out(found: ControlRatioResult) -> _Pairs:
    """Return the pairs by what is known of them, as the table has it."""
    lines = {one.lowest.n_control: one for one in found.lines if one.lowest is not None}
    open_ = {(one.n_control, one.n_treated) for one in (*found.open, *found.equal_open)}
    known = _Pairs([], [], [])
    for one in found.grid:
        line = lines.get(one.n_control)
        if (one.n_control, one.n_treated) in open_:
            known.open.append(one)
        elif line is not None and line.lowest is not None:
            if line.enough is not None and one.n_treated >= line.enough.n_treated:
                known.enough.append(one)
            elif one.n_treated >= line.lowest.n_treated:
                known.open.append(one)
            else:
                known.small.append(one)
        elif found.equal is not None and one.n_control == one.n_treated >= found.equal.n_treated:
            known.enough.append(one)
        else:
            known.small.append(one)
    return known


def _draw_pairs(axes: Axes, found: ControlRatioResult, right: float, top: float) -> None:
    axes.set_title("pairs that are enough")
    known = _sorted_out(found)
    size = 4.2 * min(1.0, _MANY / max(right, top) * found.step) + 0.8
    looks: tuple[tuple[list[Allocation], str, dict[str, Any]], ...] = (
        (known.enough, "shown to be enough", {"marker": "o", "color": INK, "markersize": size}),
        (
            known.open,
            "may be enough: not told",
            {"marker": "o", "color": INK, "markersize": size, "markerfacecolor": "white"},
        ),
        (known.small, "too small", {"marker": ".", "color": GREY, "markersize": 2.4}),
    )
    for pairs, label, style in looks:
        shown = [one for one in pairs if one.n_control <= right and one.n_treated <= top]
        if shown:
            x, y = [one.n_control for one in shown], [one.n_treated for one in shown]
            axes.plot(x, y, linestyle="none", label=label, zorder=2, **style)
    _draw_line(axes, 1.0, (1, 2), "equal arms", right, top)
    if not math.isclose(found.rule, 1.0):
        text = f"square-root rule, {found.rule:.3g} : 1"
        _draw_line(axes, found.rule, (5, 3), text, right, top)
    for one, marker, name in _marked(found):
        text = f"{one.n_control} and {one.n_treated}: {one.total} animals"
        axes.plot(one.n_control, one.n_treated, label=f"{name}, {text}", **_mark(marker, 8.7))
    axes.set_xlim(_first(found, 0), right)
    axes.set_ylim(_first(found, 1), top)
    axes.set_ylabel("animals in a treated arm")
    _whole(axes)


def _draw_animals(axes: Axes, found: ControlRatioResult, right: float) -> None:
    """Draw the fewest animals that are enough with every number of controls."""
    axes.set_title("animals of the study")
    enough = [one.enough for one in found.lines if one.enough and one.enough.n_control <= right]
    lowest = [
        one.lowest
        for one in found.lines
        if one.lowest and one.lowest != one.enough and one.lowest.n_control <= right
    ]
    left = {(one.n_control, one.n_treated) for one in found.open}
    for one in enough:
        told = (one.n_control, one.n_treated) not in left
        axes.plot(
            one.n_control,
            one.total,
            marker="o",
            color=INK,
            markerfacecolor=INK if told else "white",
            markersize=5,
        )
    for one in lowest:
        axes.plot(
            one.n_control, one.total, marker="o", color=INK, markerfacecolor="white", markersize=5
        )
    for one, marker, _ in _marked(found):
        axes.plot(one.n_control, one.total, **_mark(marker, 8.7))
    if not (enough or lowest):
        axes.text(0.5, 0.5, "no pair is enough", ha="center", transform=axes.transAxes)
        axes.set_yticks([])
    else:
        axes.margins(y=0.15)
        _whole(axes)
    axes.grid(axis="y", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel(f"animals in {found.control}")
    axes.set_ylabel("animals")


def _mark(marker: str, size: float) -> dict[str, Any]:
    """Return the look of a pair with a name: apart from the points in shape, size and edge."""
    return {
        "marker": marker,
        "color": INK,
        "markeredgecolor": "white",
        "markeredgewidth": 0.9,
        "markersize": size * (1.5 if marker == "*" else 1.0),
        "linestyle": "none",
        "zorder": 4,
    }


def _draw_line(
    axes: Axes, slope: float, dashes: tuple[int, int], text: str, right: float, top: float
) -> None:
    """Draw the pairs of one ratio, controls for each treated animal, through the panel."""
    end = min(right, slope * top)
    axes.plot(
        [0, end], [0, end / slope], color=GREY, linewidth=0.9, linestyle=(0, dashes), label=text
    )


def _marked(found: ControlRatioResult) -> Iterator[tuple[Allocation, str, str]]:
    """Yield the pairs with a mark and a name of their own."""
    best, equal = found.best, found.equal
    if best is not None:
        same = equal is not None and _key(equal) == _key(best)
        yield best, "*", "fewest (equal arms)" if same else "fewest"
    if equal is not None and (best is None or _key(equal) != _key(best)):
        yield equal, "s", "equal arms"


def _key(one: Allocation) -> tuple[int, int]:
    return one.n_control, one.n_treated


def _limits(found: ControlRatioResult) -> tuple[float, float]:
    """Return the largest numbers shown, control and treated: around the pairs that matter."""
    most = max(one.n_control for one in found.grid), max(one.n_treated for one in found.grid)
    wanted = [_key(one) for one, _, _ in _marked(found)]
    if wanted:
        wanted += [_key(one) for one in found.open]
        near = [math.ceil(_MARGIN * max(pair[k] for pair in wanted)) for k in (0, 1)]
        most = min(most[0], near[0]), min(most[1], near[1])
    return most[0] + 0.7 * found.step, most[1] + 0.7 * found.step


def _first(found: ControlRatioResult, which: int) -> float:
    """Return the smallest number shown, of controls (0) or treated (1)."""
    least = min(_key(one)[which] for one in found.grid)
    wanted = [_key(one)[which] for one, _, _ in _marked(found)]
    if wanted and found.step > 1:  # large arms: nothing near none
        least = max(least, math.floor(0.6 * min(wanted)))
    return max(0.0, least - 1.0)


def _whole(axes: Axes) -> None:
    from matplotlib.ticker import MaxNLocator

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
