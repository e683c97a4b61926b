"""How often an analysis' p-values fall at or below every value where nothing has an effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from simulator.output.style import GREY, INK, PALE, arm_styles, caption, new_figure
from simulator.scenario import AnalysisPlan, Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.auditing.evidence import Evidence

Floats = NDArray[np.float64]

#: Chance that p-values which are independent and uniform leave the band anywhere.
BAND_LEVEL: Final = 0.01
#: Places at which the band is computed.
_PLACES = 60
#: Steps that are told apart along an axis.
_FINEST = 300
_MOST_COLUMNS = 3
#: The plan's own curves: broad and pale, so that they are seen on both sides of a curve on them.
_BROAD, _FAINT = 2.8, 0.4


def null_figure(null: Evidence, *, scenario: Scenario) -> Figure | None:
    """Draw how often p falls at or below every value where nothing has an effect.

    A panel per endpoint and control; None where the analysis gave no p-value.
    """
    ran = int(null.ran.sum())
    shown: dict[tuple[str, str], dict[str, int]] = {}
    for k, one in enumerate(null.plan.comparisons):
        if not np.isnan(null.p_value[:, k]).all():
            shown.setdefault((one.endpoint, one.control), {}).setdefault(one.treated, k)
    if not shown:
        return None
    columns = 2 if len(shown) == 4 else min(_MOST_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(max(5.0, 0.5 + 2.7 * columns), 2.85 * rows + 1.5)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    styles = arm_styles(scenario.design)
    handles = {}
    curves = sum(map(len, shown.values()))
    for axes, ((endpoint, control), arms) in zip(panels, shown.items(), strict=False):
        _null_axes(axes, ran, curves=curves, plan=scenario.analysis)
        axes.set_title(f"{endpoint} against {control}")
        for treated, k in arms.items():
            own, said = null.plan_p_value[null.ran][:, k], null.p_value[null.ran][:, k]
            axes.step(
                *_cumulated(own),
                where="post",
                color=styles[treated].colour,
                alpha=_FAINT,
                linewidth=_BROAD,
                zorder=1.5,
            )
            (handles[treated],) = axes.step(
                *_cumulated(said),
                where="post",
                color=styles[treated].colour,
                linestyle=styles[treated].line,
                linewidth=1.1,
                zorder=2,
            )
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    figure.supylabel("share of studies with this p or less", fontsize=8)
    figure.legend(
        handles.values(),
        handles.keys(),
        loc="outside upper left",
        ncols=min(len(handles), 2 if columns == 1 else 4),
        fontsize=7,
        frameon=False,
    )
    caption(
        figure,
        f"{scenario.id}: {ran:,} simulated studies in which nothing has an effect, axes of square "
        "roots; broad and pale: the plan's own analysis of the same studies. With a chance of "
        f"{1 - BAND_LEVEL:.0%} all curves would lie in the band if the p-values of the studies "
        f"were independent and uniform (binomial limits at {_PLACES} places, Bonferroni). An "
        "exact test of few animals has few possible p-values: its stairs lie on or "
        "below the diagonal, and that is right. A curve above the band claims too much.",
    )
    return figure


def _cumulated(p: Floats) -> tuple[Floats, Floats]:
    """Return the places and heights of the steps of the share at or below; NaN never is."""
    ordered = np.sort(p[~np.isnan(p)])
    places, counts = np.unique(ordered, return_counts=True)
    heights = np.cumsum(counts) / p.size
    # of the steps that are one to the eye, the last
    cells = np.rint(np.sqrt(places) * _FINEST)
    seen = np.diff(cells, append=np.inf) > 0
    places, heights = places[seen], heights[seen]
    return np.concatenate([[0.0], places, [1.0]]), np.concatenate([[0.0], heights, heights[-1:]])


def uniform_band(total: int, *, curves: int) -> tuple[Floats, Floats, Floats]:
    """Return places, and limits of the share at or below them, of uniform p-values.

    The chance that any of the curves leaves its limits at any place is at most ``BAND_LEVEL``:
    binomial quantiles, Bonferroni over places and curves. Between two places the lower limit of
    the one before and the upper limit of the one after hold, since a share at or below only rises.

    Parameters
    ----------
    total : p-values of a curve.
    curves : that are looked at together.

    Returns
    -------
    places, low, high : shape (places,), ascending.
    """
    from scipy.stats import binom

    places = np.linspace(0, 1, _PLACES + 1)[1:] ** 2  # evenly spaced on an axis of square roots
    tail = BAND_LEVEL / (2 * _PLACES * curves)
    # ppf gives the smallest count whose cumulated chance reaches the tail: never too narrow
    low = np.asarray(binom.ppf(tail, total, places), dtype=np.float64)
    high = np.asarray(binom.isf(tail, total, places), dtype=np.float64)
    return places, low / total, high / total


def _null_axes(axes: Axes, ran: int, *, curves: int, plan: AnalysisPlan) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter

    places, low, high = uniform_band(ran, curves=curves)
    axes.fill_between(
        np.concatenate([[0.0], np.repeat(places, 2)[:-1]]),
        np.concatenate([[0.0, 0.0], np.repeat(low[:-1], 2)]),
        np.repeat(high, 2),
        color=PALE,
        alpha=0.45,
        linewidth=0,
        zorder=0,
    )
    line = np.linspace(0, 1, 50) ** 2
    axes.plot(line, line, color=INK, linewidth=0.7, zorder=1)
    for alpha in sorted({family.alpha for family in plan.families.values()})[:2]:
        axes.axvline(alpha, color=GREY, linewidth=0.8, linestyle=(0, (5, 3)), zorder=1)
        axes.text(
            alpha * 0.93,
            0.97,
            f"alpha {alpha:g}",
            fontsize=6.6,
            color=GREY,
            rotation=90,
            ha="right",
            va="top",
        )
    for axis, set_scale, set_limits in (
        (axes.xaxis, axes.set_xscale, axes.set_xlim),
        (axes.yaxis, axes.set_yscale, axes.set_ylim),
    ):
        set_scale("function", functions=(_root, np.square))
        set_limits(0, 1)
        axis.set_major_locator(FixedLocator([0, 0.01, 0.05, 0.1, 0.2, 0.5, 1]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("p")


def _root(values: Floats) -> Floats:
    return np.sqrt(np.maximum(values, 0.0))
