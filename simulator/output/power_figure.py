"""Power against the number of animals, with the type I error beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.output.arm_labels import arm_label
from simulator.output.style import (
    GREY,
    INK,
    LINES,
    PAGE_WIDTH,
    PALE,
    SMALL,
    ArmStyle,
    arm_styles,
    caption,
    distinct_styles,
    new_figure,
    spread_out,
)
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.characteristics import Probability
    from simulator.evaluation.power_result import CurvePoint, PowerResult

#: A curve is drawn until every power stays above this, but at least so many n.
_SATURATED, _FEWEST = 0.99, 10
#: Least distance of two names, as a share of the panel's height.
_LABEL_GAP = 0.085
#: Curves that are all named; of more, so many of the hardest and as many of the easiest.
_MOST_NAMED, _NAMED_EACH = 12, 4


@dataclass(frozen=True)
class _Curve:
    """Power of one comparison at every n, with its 95 % band."""

    label: str
    style: ArmStyle
    n: np.ndarray
    power: np.ndarray
    low: np.ndarray
    high: np.ndarray


def power_figure(
    result: PowerResult, *, scenario: Scenario, certified: int | None = None
) -> Figure:
    """Draw the decision's family: power against n, an endpoint a panel, and type I error below.

    Parameters
    ----------
    result : a power result with its curve over n.
    scenario : the scenario it was computed from.
    certified : number per arm that was certified, marked in every panel.
    """
    members = result.curve_comparisons
    plan = scenario.analysis.families[result.decision_family]
    endpoints = list(dict.fromkeys(comparison.endpoint for comparison in members))
    decision = scenario.decision.power
    shown = _informative(result)
    beyond = (
        f" Beyond n\u00a0=\u00a0{shown[-1].n} every power stays above {_SATURATED:g}."
        if len(shown) < len(result.curve)
        else ""
    )
    figure = new_figure(PAGE_WIDTH, 3.1 * len(endpoints) + 2.1)
    grid = figure.subplots(
        len(endpoints) + 1, 1, sharex=True, height_ratios=[*[1.0] * len(endpoints), 0.42]
    )
    for axes, endpoint in zip(grid, endpoints, strict=False):
        indices = [i for i, comparison in enumerate(members) if comparison.endpoint == endpoint]
        curves = [_curve(result, shown, index, scenario) for index in indices]
        others: Sequence[_Curve] = ()
        if len(curves) > _MOST_NAMED:
            curves, others = _told_apart(curves)
        if decision.of != "each":
            joint = ArmStyle(INK, "*", LINES[2])
            found = [point.target for point in shown]
            curves.append(_banded(shown, found, f"{decision.of} of them", joint))
        _draw_panel(axes, curves, others)
        several = f": {endpoint}" if len(endpoints) > 1 else ""
        axes.set_title(f"{result.decision_family}{several}", pad=15)
        against = f"{endpoint} against {plan.against}, adjustment: {plan.adjust}"
        axes.text(0, 1.02, against, transform=axes.transAxes, fontsize=SMALL, color=GREY)
        axes.set_ylabel("power")
        _mark_target(axes, decision.target, curves)
    _draw_errors(grid[-1], shown, plan.alpha)
    grid[-1].set_xlabel("animals per arm (n)")
    if certified is not None:
        _mark_certified(list(grid), certified)
    caption(
        figure,
        f"{scenario.id}: share of {result.replicates:,} simulated studies that reject, after "
        "the family's adjustment; below, share that reject anything where nothing has an "
        f"effect. Bands: 95 % Wilson intervals of the simulation.{beyond}",
    )
    return figure


def _informative(result: PowerResult) -> Sequence[CurvePoint]:
    """Return the curve up to where nothing changes any more: a plateau needs no space."""
    curve = result.curve
    last = len(curve)
    while last > _FEWEST and _least(curve[last - 2]) > _SATURATED:
        last -= 1
    return curve[:last]


def _least(point: CurvePoint) -> float:
    return min(p.value for p in (*point.comparisons, point.target))


def _curve(
    result: PowerResult, shown: Sequence[CurvePoint], index: int, scenario: Scenario
) -> _Curve:
    treated = result.curve_comparisons[index].treated
    return _banded(
        shown,
        [point.comparisons[index] for point in shown],
        arm_label(treated, scenario.design),
        arm_styles(scenario.design)[treated],
    )


def _banded(
    shown: Sequence[CurvePoint], found: Sequence[Probability], label: str, style: ArmStyle
) -> _Curve:
    return _Curve(
        label=label,
        style=style,
        n=np.array([point.n for point in shown], dtype=float),
        power=np.array([p.value for p in found], dtype=float),
        low=np.array([p.ci[0] for p in found], dtype=float),
        high=np.array([p.ci[1] for p in found], dtype=float),
    )


def _told_apart(curves: Sequence[_Curve]) -> tuple[list[_Curve], list[_Curve]]:
    """Return the hardest and the easiest of many curves, each in a style of its own, and the rest.

    The rest are thin and pale, with one name for all of them.
    """
    order = sorted(range(len(curves)), key=lambda k: (-float(curves[k].power.mean()), k))
    first, rest, last = (
        order[:_NAMED_EACH],
        order[_NAMED_EACH:-_NAMED_EACH],
        order[-_NAMED_EACH:],
    )
    named = [
        replace(curves[k], style=style)
        for k, style in zip((*first, *last), distinct_styles(2 * _NAMED_EACH), strict=True)
    ]
    pale = ArmStyle(PALE, "", LINES[2])
    others = [replace(curves[k], style=pale) for k in rest]
    others[0] = replace(others[0], label=f"and {len(rest)} more, all in pale grey")
    return named, others


def _draw_panel(axes: Axes, curves: Sequence[_Curve], others: Sequence[_Curve] = ()) -> None:
    """Draw curves with their bands and names; ``others`` are drawn behind, as one."""
    from matplotlib.ticker import FixedLocator, MaxNLocator

    first, last = curves[0].n[0], curves[0].n[-1]
    margin = 0.02 * (last - first) or 0.5  # a range of one n is a point in the middle
    edge, span = last + margin, last - first + 2 * margin
    for curve in others:
        axes.plot(curve.n, curve.power, color=curve.style.colour, linewidth=0.5, zorder=1)
    curves = [*curves, *others[:1]]
    places = _label_places(curves)
    for k, (curve, place) in enumerate(zip(curves, places, strict=True)):
        style = curve.style
        axes.fill_between(
            curve.n, curve.low, curve.high, color=style.colour, alpha=0.22, linewidth=0
        )
        # Markers stand at different n from curve to curve, so that they do not cover each other.
        every = max(1, len(curve.n) // 7)
        line: dict[str, Any] = {
            "color": style.colour,
            "linestyle": style.line,
            "marker": style.marker,
            "markersize": 3.6,
            "markeredgecolor": "white",
            "markeredgewidth": 0.4,
        }
        axes.plot(curve.n, curve.power, markevery=(k % every, every), **line)
        if len(curve.n) == 1:  # a band of no width would not be seen
            axes.vlines(curve.n, curve.low, curve.high, color=style.colour, linewidth=1)
        start = edge + 0.02 * span
        if len(curves) > 1:  # a piece of its line before the name; a lone curve needs no key
            key = [start + part * span for part in (0.0, 0.04, 0.08)]
            axes.plot(key, [place] * 3, clip_on=False, markevery=[1], **line)
            start += 0.10 * span
        axes.text(start, place, curve.label, fontsize=SMALL, va="center")
    axes.set_xlim(first - margin, edge)
    axes.set_ylim(-0.02, 1.04)
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    whole = MaxNLocator(integer=True) if last > first else FixedLocator([first])
    axes.xaxis.set_major_locator(whole)
    axes.grid(axis="y", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)


def _label_places(curves: Sequence[_Curve]) -> Sequence[float]:
    """Return the height of every curve's name: at its end, or in a list from the top.

    A list where the ends are too close for names beside them, in the order in which the curves
    end, and of those that end alike, in the order in which they rose.
    """
    ends = [float(curve.power[-1]) for curve in curves]
    beside = spread_out(ends, gap=_LABEL_GAP, low=0.0, high=1.0)
    if all(abs(end - place) <= _LABEL_GAP / 3 for end, place in zip(ends, beside, strict=True)):
        return beside
    best_first = sorted(
        range(len(curves)), key=lambda k: (-ends[k], -float(curves[k].power.mean()), k)
    )
    gap = min(_LABEL_GAP, 1.0 / (len(curves) - 1))
    return [1.0 - gap * best_first.index(k) for k in range(len(curves))]


def _draw_errors(axes: Axes, shown: Sequence[CurvePoint], alpha: float) -> None:
    """Draw the family-wise type I error under the null twin, with the nominal level."""
    curve = _banded(shown, [point.fwer for point in shown], "", ArmStyle(INK, "", LINES[2]))
    axes.fill_between(curve.n, curve.low, curve.high, color=INK, alpha=0.2, linewidth=0)
    axes.plot(curve.n, curve.power, color=INK, linewidth=1.1)
    if len(curve.n) == 1:
        axes.errorbar(
            curve.n,
            curve.power,
            yerr=[curve.power - curve.low, curve.high - curve.power],
            fmt="o",
            markersize=3.6,
            color=INK,
            linewidth=1,
            clip_on=False,
        )
    axes.axhline(alpha, color=GREY, linewidth=0.8, linestyle=(0, (5, 3)))
    axes.annotate(
        f"nominal {alpha:g}",
        (1, alpha),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=SMALL,
        va="center",
        annotation_clip=False,
    )
    axes.set_ylim(0, max(1.6 * alpha, 1.08 * float(curve.high.max())))
    axes.set_ylabel("type I error\n(family-wise)")
    axes.grid(axis="y", color=PALE, linewidth=0.4)


def _mark_target(axes: Axes, target: float, curves: Sequence[_Curve]) -> None:
    # Named at the left, on the side where no curve begins.
    above = max(float(curve.power[0]) for curve in curves) < target
    axes.axhline(target, color=INK, linewidth=0.8, linestyle=(0, (5, 3)))
    axes.text(
        0.01,
        target + (0.015 if above else -0.015),
        f"target {target:.0%}",
        transform=axes.get_yaxis_transform(),
        fontsize=SMALL,
        ha="left",
        va="bottom" if above else "top",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.6},
    )


def _mark_certified(panels: Sequence[Axes], certified: int) -> None:
    for axes in panels:
        axes.axvline(certified, color=INK, linewidth=0.8, linestyle=(0, (1, 2)))
    left = certified > sum(panels[0].get_xlim()) / 2
    for axes in panels[:-1]:
        axes.annotate(
            f"certified n = {certified}",
            (certified, 0.0),
            xytext=(-4 if left else 4, 3),
            textcoords="offset points",
            ha="right" if left else "left",
            fontsize=SMALL,
            fontweight="bold",
        )
