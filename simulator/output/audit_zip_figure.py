"""The intervals of an analysis, those furthest from the truth at the top: the zip plot.

Morris, White & Crowther 2019, Statistics in Medicine 38:2074-2102, section 5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.evaluation.characteristics import Estimate, Probability
from simulator.output.audit_words import is_ratio
from simulator.output.style import GREY, INK, caption, new_figure, power_text
from simulator.scenario import Comparison, Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.auditing.evidence import Evidence
    from simulator.auditing.result import Audit

Floats = NDArray[np.float64]

MOST_PANELS, _COLUMNS = 6, 3
#: Most intervals of a panel.
MOST_INTERVALS = 500
_FEWEST_TICKS = 3
#: Letters of ticks that an inch has room for, and which numbers are powers of ten.
_LETTERS, _POWERS_BELOW, _POWERS_FROM = 16, 1e-3, 1e7
_COVERING, _MISSING = "#A9A9A9", "#D55E00"


@dataclass(frozen=True)
class Intervals:
    """The intervals of one comparison, from the one nearest to the truth to the furthest.

    Attributes
    ----------
    low, high : shape (intervals,).
    covers : whether the interval holds the truth; the first so many do.
    """

    comparison: Comparison
    truth: float
    low: Floats
    high: Floats
    covers: NDArray[np.bool_]

    @property
    def coverage(self) -> Probability:
        """Share of the intervals that hold the truth."""
        return Probability(int(self.covers.sum()), self.covers.size)


def zip_figure(audit: Audit, *, scenario: Scenario) -> Figure | None:
    """Draw the intervals of the first family that has any; None where there are none."""
    found = _chosen(audit)
    if not found:
        return None
    ratio = is_ratio(audit.estimand)
    columns = 2 if len(found) == 4 else min(_COLUMNS, len(found))
    rows = -(-len(found) // columns)
    figure = new_figure(max(4.6, 0.5 + 2.6 * columns), 3.1 * rows + 1.0)
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for axes, intervals in zip(panels, found, strict=False):
        _draw(axes, intervals, ratio=ratio, nominal=100 * audit.confidence)
    for axes in panels[len(found) :]:
        axes.set_visible(False)
    for axes in panels[: len(found)]:
        axes.set_xlabel(audit.estimand.replace("_", " "))
    figure.supylabel("centile of the distance from the truth", fontsize=8)
    family = found[0].comparison.family
    members = len(scenario.analysis.comparisons_of(family))
    which = f" Of {members} comparisons those that cover least." if members > len(found) else ""
    largest = max(one.covers.size for one in found)
    drawn = (
        f" {MOST_INTERVALS:,} of {largest:,} intervals are drawn, evenly spaced."
        if largest > MOST_INTERVALS
        else ""
    )
    caption(
        figure,
        f"{scenario.id}, family {family}: every line is the interval of one of "
        f"{audit.replicates:,} simulated studies, the further up the further its middle is from "
        "the truth (black) in half widths. Grey intervals hold the truth, orange ones miss it. The "
        "share of the grey ones is the coverage (above, with its 95 % Wilson interval): grey "
        f"should reach up to the dashed line, {100 * audit.confidence:g} %. Many more orange ones "
        f"on one side than on the other tell of bias.{which}{drawn}",
    )
    return figure


def _chosen(audit: Audit) -> Sequence[Intervals]:
    """Return the intervals of the first family that has any, at most six comparisons."""
    run = audit.runs["as written"]
    if not audit.truth:
        return ()
    ratio = is_ratio(audit.estimand)
    for family in run.plan.families:
        found = []
        for k, one in enumerate(run.plan.comparisons):
            if one.family == family:
                intervals = ordered(run, k, audit.truth[k], ratio=ratio)
                if intervals is not None:
                    found.append(intervals)
        if found:
            worst = sorted(found, key=lambda one: one.coverage.value)[:MOST_PANELS]
            return [one for one in found if one in worst]
    return ()


def ordered(run: Evidence, k: int, truth: Estimate, *, ratio: bool) -> Intervals | None:
    """Return the intervals of a comparison in order; None where there are none.

    The distance of an interval is that of its middle from the truth in half widths, on the log
    scale where all is above 0 and of ratios: at most 1 where it covers.
    """
    low, high = run.ci_low[:, k], run.ci_high[:, k]
    given, covers = run.covers(k, truth.value)
    if not given.any() or not np.isfinite(truth.value):
        return None
    low, high, covers = low[given], high[given], covers[given]
    below, value, above = low, truth.value, high
    with np.errstate(all="ignore"):  # an interval may be open, empty, or of a ratio below 0
        if ratio and truth.value > 0:
            below, value, above = np.log(low), float(np.log(truth.value)), np.log(high)
        distance = np.abs((below + above) / 2 - value) / ((above - below) / 2)
    distance = np.where(np.isfinite(distance), distance, np.where(covers, 0.0, np.inf))
    order = np.lexsort((distance, ~covers))
    return Intervals(run.plan.comparisons[k], truth.value, low[order], high[order], covers[order])


def _draw(axes: Axes, intervals: Intervals, *, ratio: bool, nominal: float) -> None:
    from matplotlib.collections import LineCollection

    count = intervals.covers.size
    chosen = np.arange(count)
    if count > MOST_INTERVALS:
        chosen = np.linspace(0, count - 1, MOST_INTERVALS).round().astype(np.int64)
    low, high = intervals.low[chosen], intervals.high[chosen]
    first, last = _range(low, high, intervals.truth, ratio=ratio)
    if ratio:
        _ratio_axis(axes, first, last)
    else:
        _linear_axis(axes, first, last)
    height = 100 * (chosen + 0.5) / count
    left, right = np.clip(low, first, last), np.clip(high, first, last)
    for covers, colour, width in ((True, _COVERING, 0.6), (False, _MISSING, 1.0)):
        of = intervals.covers[chosen] == covers
        places = [((a, h), (b, h)) for a, b, h in zip(left[of], right[of], height[of], strict=True)]
        axes.add_collection(LineCollection(places, colors=colour, linewidths=width))
    axes.axvline(intervals.truth, color=INK, linewidth=0.9)
    axes.axhline(nominal, color=GREY, linewidth=0.8, linestyle=(0, (5, 3)))
    axes.set_ylim(0, 100)
    axes.set_yticks([tick for tick in (0, 25, 50, 75, 100) if abs(tick - nominal) > 6] + [nominal])
    one = intervals.comparison
    axes.set_title(f"{one.endpoint}: {one.treated} v {one.control}", pad=13, fontsize=7.5)
    axes.text(
        0,
        1.015,
        f"covers {intervals.coverage}",
        transform=axes.transAxes,
        fontsize=6.8,
        color=GREY,
    )


def _range(low: Floats, high: Floats, truth: float, *, ratio: bool) -> tuple[float, float]:
    """Return the range of the axis: nearly all ends, so that one huge interval hides nothing."""
    ends = np.concatenate([low, high, [truth]])
    ends = ends[np.isfinite(ends) & ((ends > 0) | (not ratio))]
    first, last = np.quantile(ends, [0.01, 0.99]).tolist() if ends.size else (truth, truth)
    first, last = min(first, truth), max(last, truth)
    if ratio and first > 0:
        room = max((last / first) ** 0.05, 1.02)
        return first / room, last * room
    room = 0.05 * (last - first) or max(abs(truth), 1.0) * 0.1
    return first - room, last + room


def _linear_axis(axes: Axes, first: float, last: float) -> None:
    """Put as many round ticks as their labels leave room for."""
    inches = axes.bbox.width / axes.figure.dpi
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    axes.set_xlim(first, last)
    for intervals in (6, 5, 4, 3, 2, 1):
        places = MaxNLocator(intervals, steps=[1, 2, 2.5, 5, 10]).tick_values(first, last)
        ticks = [float(tick) for tick in places if first <= tick <= last]
        if sum(len(_linear_text(tick)) + 2 for tick in ticks) <= _LETTERS * inches:
            break
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _linear_text(value)))


def _linear_text(value: float) -> str:
    """Return a tick label: ``2.5``, ``150,000`` or ``1.5×10⁷``, with a minus below 0."""
    size = abs(value)
    power = size != 0 and not _POWERS_BELOW <= size < _POWERS_FROM
    return ("\u2212" if value < 0 else "") + (power_text(size) if power else f"{size:,.10g}")


def _ratio_axis(axes: Axes, first: float, last: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

    axes.set_xscale("log")
    axes.set_xlim(first, last)
    powers = range(math.floor(math.log10(first)), math.ceil(math.log10(last)) + 1)
    for parts in ((1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = [p * 10.0**k for k in powers for p in parts if first <= p * 10.0**k <= last]
        if len(ticks) >= _FEWEST_TICKS:
            break
    else:  # over so narrow a range a log axis is as good as linear
        ticks = list(MaxNLocator(4).tick_values(first, last))
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: power_text(value)))
