"""Power against the number of animals, with the type I error beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulator.evaluation.sizing.world_size import PLANNED
from simulator.output.power_curves import (
    MOST_NAMED,
    SATURATED,
    Curve,
    averaged,
    banded,
    curve_of,
    informative,
    told_apart,
)
from simulator.output.style import (
    GREY,
    INK,
    LINES,
    PAGE_WIDTH,
    PALE,
    SMALL,
    ArmStyle,
    caption,
    new_figure,
    spread_out,
)
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.power_result import CurvePoint, PowerResult

#: Least distance of two names, as a share of the panel's height.
_LABEL_GAP = 0.085


def power_figure(
    result: PowerResult,
    *,
    scenario: Scenario,
    certified: int | None = None,
    world: str = PLANNED,
    assurance: Assurance | None = None,
) -> Figure:
    """Draw the decision's family: power against n, an endpoint a panel, and type I error below.

    Where numbers of the truth are distributions, assurance stands beside power.

    Parameters
    ----------
    result : a power result with its curve over n.
    scenario : the scenario it was computed from.
    certified : number per arm that was certified, marked in every panel.
    world : the one that the scenario is in, named where it is not the planned one.
    assurance : power averaged over the distributions, drawn in every panel.
    """
    members = result.curve_comparisons
    plan = scenario.analysis.families[result.decision_family]
    endpoints = list(dict.fromkeys(comparison.endpoint for comparison in members))
    decision = scenario.decision.power
    shown = informative(result, assurance)
    beyond = (
        f" Beyond n\u00a0=\u00a0{shown[-1].n} every power stays above {SATURATED:g}."
        if len(shown) < len(result.curve)
        else ""
    )
    where = "" if world == PLANNED else f", world {world}"
    figure = new_figure(PAGE_WIDTH, 3.1 * len(endpoints) + 2.1)
    grid = figure.subplots(
        len(endpoints) + 1, 1, sharex=True, height_ratios=[*[1.0] * len(endpoints), 0.42]
    )
    for axes, endpoint in zip(grid, endpoints, strict=False):
        indices = [i for i, comparison in enumerate(members) if comparison.endpoint == endpoint]
        curves = [curve_of(result, shown, index, scenario) for index in indices]
        others: Sequence[Curve] = ()
        if len(curves) > MOST_NAMED:
            curves, others = told_apart(curves)
        if decision.of != "each":
            joint = ArmStyle(INK, "*", LINES[2])
            found = [point.target for point in shown]
            curves.append(banded(shown, found, f"{decision.of} of them", joint))
        if assurance is not None:
            curves.append(averaged(assurance, shown[-1].n))
        _draw_panel(axes, curves, others)
        several = f": {endpoint}" if len(endpoints) > 1 else ""
        axes.set_title(f"{result.decision_family}{several}{where}", pad=15)
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
        f"{scenario.id}{where}: share of {result.replicates:,} simulated studies that reject, "
        "after the family's adjustment; below, share that reject anything where nothing has an "
        f"effect. {_on_assurance(assurance, several=len(members) > 1)}Bands: 95 % Wilson "
        f"intervals of the simulation.{beyond}",
    )
    return figure


def _on_assurance(assurance: Assurance | None, *, several: bool) -> str:
    """Say what the curve of assurance is, and that the others are of the planned values."""
    if assurance is None:
        return ""
    least = ", of the comparison that has least" if several and assurance.of == "each" else ""
    return (
        "Power is at the planned values; assurance is power averaged over the distributions in "
        f"the file ({assurance.draws:,} draws{least}), its band that of a mean over draws. "
    )


def _draw_panel(axes: Axes, curves: Sequence[Curve], others: Sequence[Curve] = ()) -> None:
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


def _label_places(curves: Sequence[Curve]) -> Sequence[float]:
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
    curve = banded(shown, [point.fwer for point in shown], "", ArmStyle(INK, "", LINES[2]))
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


def _mark_target(axes: Axes, target: float, curves: Sequence[Curve]) -> None:
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
