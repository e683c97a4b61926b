"""Power over (treated, control) animals, and the animals that each ratio takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.output.style import GREY, INK, PALE, caption, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.control_ratio.result import Allocation, ControlRatioResult

_LEVELS = (0.5, 0.7, 0.9, 0.95, 0.99)
#: Shown around the pairs that matter, as a multiple of them.
_MARGIN = 1.6


def ratio_figure(found: ControlRatioResult) -> Figure:
    """Draw where the target is reached, and the fewest animals by ratio beneath.

    Parameters
    ----------
    found : with its grid of pairs.
    """
    figure = new_figure(5.6, 6.4)
    upper, lower = figure.subplots(2, 1, height_ratios=[1.25, 1.0])
    _draw_power(upper, found)
    _draw_animals(lower, found)
    seen = sorted({one.power.replicates for one in found.grid})
    count = f"{seen[0]:,}" if len(seen) == 1 else f"{seen[0]:,} to {seen[-1]:,}"
    arms = "1 treated arm" if len(found.treated) == 1 else f"{len(found.treated)} treated arms"
    caption(
        figure,
        f"{found.scenario_id}: {found.control} against {arms}; power of "
        f"the decision ({found.of}) in {count} simulated studies of each pair. Below, filled: the "
        "fewest animals shown to be enough with so many controls; bars reach down to the fewest "
        f"that are not shown to be too few ({100 * found.confidence:g} % intervals).",
    )
    return figure


def _draw_power(axes: Axes, found: ControlRatioResult) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_title("power")
    controls = sorted({one.n_control for one in found.grid})
    treated = sorted({one.n_treated for one in found.grid})
    power = np.full((len(controls), len(treated)), np.nan)
    for one in found.grid:
        place = controls.index(one.n_control), treated.index(one.n_treated)
        power[place] = one.power.value
    if min(power.shape) > 1 and np.isfinite(power).sum() >= 4:
        masked = np.ma.masked_invalid(power)
        others = [level for level in _LEVELS if abs(level - found.target) > 0.02]
        lines = axes.contour(treated, controls, masked, others, colors=GREY, linewidths=0.7)
        axes.clabel(lines, fontsize=6.2, fmt="%g")
        axes.contour(treated, controls, masked, [found.target], colors=INK, linewidths=1.6)
        axes.plot([], [], color=INK, linewidth=1.6, label=f"target {found.target:g}")
    right, top = _limits(found, treated, controls)
    if min(power.shape) == 1:  # one number of treated animals has no contours
        for one in found.grid:
            if one.n_control <= top:
                axes.annotate(
                    f"{one.power.value:.2f}",
                    (one.n_treated, one.n_control),
                    xytext=(6, -2),
                    textcoords="offset points",
                    fontsize=6.2,
                )
    edge = np.array([0.0, right])
    axes.plot(edge, edge, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)))
    _name(axes, 1.0, "equal", right, top)
    if found.rule > 1.0:
        axes.plot(edge, found.rule * edge, color=GREY, linewidth=0.8, linestyle=(0, (5, 3)))
        _name(axes, found.rule, "square-root rule", right, top)
    for one, marker, label in _marked(found):
        axes.plot(
            one.n_treated,
            one.n_control,
            marker=marker,
            color=INK,
            markerfacecolor=INK if marker != "o" else "white",
            markersize=6,
            linestyle="none",
            label=label,
            zorder=4,
        )
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=6.8, loc="upper right")
    axes.set_xlim(max(0, treated[0] - 1), right)
    axes.set_ylim(max(0, controls[0] - 1), top)
    axes.set_xlabel("animals in a treated arm")
    axes.set_ylabel(f"animals in {found.control}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))


def _limits(
    found: ControlRatioResult, treated: list[int], controls: list[int]
) -> tuple[float, float]:
    """Return the largest numbers shown: around the pairs that matter."""
    wanted = [one for one, _, _ in _marked(found)]
    if not wanted:
        return treated[-1] + 1, controls[-1] + 1
    right = _MARGIN * max(one.n_treated for one in wanted)
    top = _MARGIN * max(one.n_control for one in wanted)
    return min(treated[-1], right) + 1, min(controls[-1], top) + 1


def _name(axes: Axes, slope: float, text: str, right: float, top: float) -> None:
    """Name a line through the origin where it leaves the panel."""
    x = min(right, top / slope)
    axes.annotate(
        text,
        (x, slope * x),
        xytext=(-3, -2),
        textcoords="offset points",
        fontsize=6.2,
        color=GREY,
        ha="right",
        va="top" if x < right else "bottom",
    )


def _marked(found: ControlRatioResult) -> list[tuple[Allocation, str, str]]:
    """Return the pairs with a mark of their own."""
    marked = []
    if found.best is not None:
        best = found.best
        text = f"{best.n_control} and {best.n_treated}: {best.total} animals"
        marked.append((best, "*", f"fewest, {text}"))
    equal = found.equal
    if equal is not None and equal != found.best:
        text = f"{equal.n_control} and {equal.n_treated}: {equal.total} animals"
        marked.append((equal, "s", f"equal arms, {text}"))
    marked.extend(
        (one, "o", "fewer, not told" if k == 0 else "_") for k, one in enumerate(found.open)
    )
    return marked


def _draw_animals(axes: Axes, found: ControlRatioResult) -> None:
    """Draw the fewest animals that are enough with every number of controls, by ratio."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    axes.set_title("animals that are enough")
    lines = [(one.enough, one.lowest) for one in found.lines if one.enough and one.lowest]
    for enough, lowest in lines:
        axes.vlines(enough.ratio, lowest.total, enough.total, color=GREY, linewidth=1.2)
        axes.plot(enough.ratio, enough.total, marker="o", color=INK, markersize=3.2)
    for one, marker, _ in _marked(found):
        if marker != "o":
            axes.plot(one.ratio, one.total, marker=marker, color=INK, markersize=7, zorder=4)
    if not lines:
        axes.text(0.5, 0.5, "no pair is enough", ha="center", transform=axes.transAxes)
    axes.set_xscale("log")
    ratios = [enough.ratio for enough, _ in lines] or [1.0]
    low, high = min(*ratios, 1.0, found.rule) / 1.1, max(*ratios, 1.0, found.rule) * 1.1
    axes.set_xlim(low, high)
    ticks = [t for t in (0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0) if low <= t <= high]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.axvline(1.0, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    if not math.isclose(found.rule, 1.0):
        axes.axvline(found.rule, color=GREY, linewidth=0.8, linestyle=(0, (5, 3)), zorder=0)
    axes.grid(axis="y", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel("control animals for each treated one")
    axes.set_ylabel("animals of the study")
