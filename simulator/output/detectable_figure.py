"""The smallest detectable effect against the number of animals, planned effects as lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.output.style import GREY, INK, LINES, SMALL, caption, new_figure, spread_out
from simulator.output.wording.effects import planned_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.evaluation.detectable.result import Detectable, EndpointEffect, PlannedEffect

#: Least distance of two names, as a share of the panel's height.
_LABEL_GAP = 0.065
#: Ticks of a log axis within a decade, the coarsest first; the first that gives enough is taken.
_TICKS = ((1.0,), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 5.0, 7.0))
#: Where none does, steps of the same size: the first of these parts of a decade that gives enough.
_STEPS = (1.0, 0.5, 0.2, 0.1)
_FEWEST_TICKS = 4


def detectable_figure(found: Detectable) -> Figure | None:
    """Draw the detectable effect against n, an endpoint a panel; None below two n with one.

    Folds are on a log axis, titers in two-fold steps, other endpoints in their unit.
    """
    endpoints = list(dict.fromkeys(one.endpoint for one in found.planned))
    if sum(bool(point.effects) for point in found.points) < 2:
        return None
    figure = new_figure(6.6, 2.9 * len(endpoints) + 0.7)
    grid = figure.subplots(len(endpoints), 1, sharex=True, squeeze=False)[:, 0]
    drawn = [_draw(axes, found, endpoint) for axes, endpoint in zip(grid, endpoints, strict=True)]
    grid[-1].set_xlabel("animals per arm (n)")
    missing = [str(point.n) for point in found.points if not point.effects]
    caption(
        figure,
        f"{found.scenario_id}: effect in every treated arm at which power is {found.target:g} "
        f"({found.of} of the comparisons of {found.family}), {found.replicates:,} simulated "
        "studies of every effect tried. Bars: effects whose 95 % interval of power contains the "
        "target."
        + (" Lines across: planned effects of the typical animal." if any(drawn) else "")
        + (f" No effect reaches the target at n = {', '.join(missing)}." if missing else ""),
    )
    return figure


def _draw(axes: Axes, found: Detectable, endpoint: str) -> bool:
    """Draw an endpoint; return whether there are planned effects in this direction."""
    from matplotlib.ticker import MaxNLocator

    pairs = [(p.n, e) for p in found.points for e in p.effects if e.endpoint == endpoint]
    ns, effects = [n for n, _ in pairs], [effect for _, effect in pairs]
    first = effects[0]
    middle = [_place(effect, effect.fold.value) for effect in effects]
    ends = [
        [
            _place(e, e.fold.value if end is None else end)
            for e, end in zip(effects, side, strict=True)
        ]
        for side in ([e.fold.low for e in effects], [e.fold.high for e in effects])
    ]
    below = [abs(m - low) for m, low in zip(middle, ends[0], strict=True)]
    above = [abs(high - m) for m, high in zip(middle, ends[1], strict=True)]
    axes.errorbar(
        ns, middle, yerr=[below, above], color=INK, marker="o", markersize=4, capsize=2.5, zorder=3
    )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(_label(first))
    axes.set_title(f"{found.family}: {endpoint}")
    sign = 1 if found.direction == "up" else -1
    planned = [
        one for one in found.planned if one.endpoint == endpoint and sign * math.log(one.fold) > 0
    ]
    for one in planned:
        place = _place(first, one.fold)
        axes.axhline(place, color=GREY, linestyle=LINES[1], linewidth=0.9, zorder=1)
    if first.scale == "fold":
        _fold_axis(axes)
    axes.get_ylim()  # the limits are those of all that was drawn: names stand at their lines
    _name(axes, planned, first)
    return bool(planned)


def _place(effect: EndpointEffect, fold: float) -> float:
    if effect.scale == "steps":
        return math.log2(fold)
    return effect.control * (fold - 1) if effect.scale == "difference" else fold


def _label(effect: EndpointEffect) -> str:
    unit = "points" if effect.unit == "%" else effect.unit
    return {
        "fold": "detectable fold over control",
        "steps": "detectable two-fold steps",
        "difference": f"detectable difference ({unit})",
    }[effect.scale]


def _fold_axis(axes: Axes) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(FixedLocator(_ticks(low, high)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _ticks(low: float, high: float) -> list[float]:
    """Return round folds within low..high: at least four, and few enough to be read."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for parts in _TICKS:
        ticks = [10.0**k * part for k in decades for part in parts if low <= 10.0**k * part <= high]
        if len(ticks) >= _FEWEST_TICKS:
            return ticks[:: math.ceil(len(ticks) / 10)]
    size = 10.0 ** math.floor(math.log10(high - low))
    for part in _STEPS:
        first, last = math.ceil(low / (size * part)), math.floor(high / (size * part))
        if last - first + 1 >= _FEWEST_TICKS:
            break
    return [k * size * part for k in range(first, last + 1)]


def _name(axes: Axes, shown: Sequence[PlannedEffect], effect: EndpointEffect) -> None:
    """Write arms and their planned effects at the ends of the lines of these."""
    places = [_place(effect, one.fold) for one in shown]
    to_axes = axes.transData + axes.transAxes.inverted()
    heights = [float(to_axes.transform((0, place))[1]) for place in places]
    for one, height in zip(
        shown, spread_out(heights, gap=_LABEL_GAP, low=0.02, high=0.98), strict=True
    ):
        axes.text(
            1.01,
            height,
            f"{one.treated}, planned {planned_words(one.fold, effect)}",
            transform=axes.transAxes,
            fontsize=SMALL,
            color=INK,
            va="center",
        )
