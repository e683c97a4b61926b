"""An audit's p-values beside the plan's own of the same data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simulator.output.style import (
    GREY,
    INK,
    PALE,
    caption,
    new_figure,
    power_text,
)
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from simulator.auditing.evidence import Both

Floats = NDArray[np.float64]

#: Most points that are drawn, and how near (in log10 p) two of them are one.
MOST_POINTS, _ALIKE = 5_000, 0.004
#: Smallest p-value that is told apart from 0.
_SMALLEST_P = 1e-12
#: Parts in which the points of every endpoint are drawn, so that none hides the others.
_PARTS = 8
#: Colour and marker of what differs, by endpoint.
_DIFFER = (("#D55E00", "s"), ("#0072B2", "^"), ("#009E73", "D"), ("#CC79A7", "v"), ("#8C6D00", "P"))


def agreement_figure(runs: Both, *, scenario: Scenario) -> Figure | None:
    """Draw every p-value of the analysis against the plan's own of the same data; None if none."""
    from simulator.auditing.agreement import equal_p

    plan = scenario.analysis
    said = np.concatenate([run.p_value[run.ran] for run in runs.values()])
    own = np.concatenate([run.plan_p_value[run.ran] for run in runs.values()])
    both = ~np.isnan(said) & ~np.isnan(own)
    if not both.any():
        return None
    endpoints = list(dict.fromkeys(one.endpoint for one in plan.comparisons))
    # 0 where it is the same, else the number of the endpoint from 1
    places = np.array([1 + endpoints.index(one.endpoint) for one in plan.comparisons])
    kinds = np.where(equal_p(said, own), 0, places)[both]
    said, own = said[both], own[both]
    lowest = min(float(own.min()), float(said.min()))
    positive = np.concatenate([own, said, [0.01]])
    positive = positive[positive >= _SMALLEST_P]
    low = 10.0 ** math.floor(math.log10(float(positive.min())) + 1e-9)
    chosen = _told_apart(own, said, kinds)
    figure = new_figure(5.0, 5.2)
    axes = figure.subplots()
    alphas = sorted({family.alpha for family in plan.families.values()})
    _agreement_axes(axes, low, alphas)
    labels = _labels(kinds, endpoints)
    for part in range(_PARTS):  # in turn, so that no endpoint hides the others
        for kind, label in labels.items():
            of = chosen[kinds[chosen] == kind][part::_PARTS]
            _put(
                axes, np.maximum(own[of], low), np.maximum(said[of], low), kind, label * (not part)
            )
    axes.legend(loc="upper left", fontsize=7, frameon=False, handletextpad=0.2)
    caption(
        figure,
        f"{scenario.id}: {own.size:,} comparisons in studies with and without the effects, drawn "
        f"as {chosen.size:,} points: {_drawn(chosen.size)}. On the line the "
        "p-values are the plan's; in the shaded corners p is at or below alpha "
        f"({', '.join(f'{one:g}' for one in alphas)}) by one of the two only."
        + (f" p below {low:g} is drawn at the edge." if lowest < low else "")
        + _lacking(runs),
    )
    return figure


def _drawn(points: int) -> str:
    """Say which comparisons are drawn."""
    once = "comparisons at the same place are drawn once"
    return once if points < MOST_POINTS else f"{once}, and of so many only evenly spaced ones"


def _labels(kinds: NDArray[np.int64], endpoints: Sequence[str]) -> dict[int, str]:
    """Return what to call the points of every kind, and how many there are."""
    found, counts = np.unique(kinds, return_counts=True)
    names = ["the same", *(f"{endpoint} differs" for endpoint in endpoints)]
    return {
        kind: f"{names[kind]}: {count:,}"
        for kind, count in zip(found.tolist(), counts.tolist(), strict=True)
    }


def _lacking(runs: Both) -> str:
    """Say how many comparisons have a p-value from one of the two only."""
    only = sum(
        int((np.isnan(run.p_value) != np.isnan(run.plan_p_value))[run.ran].sum())
        for run in runs.values()
    )
    return f" {only:,} where only one of the two gives a p-value are not drawn." if only else ""


def _told_apart(own: Floats, said: Floats, kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the points to draw: one of those that lie on each other, of every kind in turn.

    Of too many, evenly spaced ones, but those that differ before those that are the same.
    """
    logs = np.log10(np.maximum([own, said], _SMALLEST_P)) / _ALIKE
    cells = np.rint(logs).astype(np.int64)
    _, first = np.unique(np.vstack([cells, kinds]), axis=1, return_index=True)
    _, cell, members = np.unique(cells[:, first], axis=1, return_inverse=True, return_counts=True)
    cell = cell.ravel()
    order = np.lexsort((kinds[first], cell))
    starts = np.cumsum(members) - members
    turn = starts + np.arange(members.size) % members
    found = first[order[turn]]
    differing, same = found[kinds[found] > 0], found[kinds[found] == 0]
    differing = _spaced(differing, MOST_POINTS)
    return np.concatenate([_spaced(same, max(MOST_POINTS - differing.size, 500)), differing])


def _spaced(of: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    if of.size <= most:
        return of
    return of[np.linspace(0, of.size - 1, most).round().astype(np.int64)]


def _agreement_axes(axes: Axes, low: float, alphas: Sequence[float]) -> None:
    for set_scale, set_limits, axis in (
        (axes.set_xscale, axes.set_xlim, axes.xaxis),
        (axes.set_yscale, axes.set_ylim, axes.yaxis),
    ):
        set_scale("log")
        set_limits(low / 1.3, 1.3)
        _label_powers(axis, low)
    axes.set_aspect("equal")
    axes.plot([low, 1], [low, 1], color=INK, linewidth=0.8, zorder=1)
    edge = low / 1.3
    for alpha in alphas[:2]:
        for x, y in (((edge, alpha), (alpha, 1.3)), ((alpha, 1.3), (edge, alpha))):
            axes.fill_between(x, y[0], y[1], color=PALE, alpha=0.25, linewidth=0, zorder=0)
    axes.set_xlabel("p of the plan's own analysis")
    axes.set_ylabel("p of the analysis under audit")


def _put(axes: Axes, own: Floats, said: Floats, kind: int, label: str) -> None:
    colour, marker = _DIFFER[(kind - 1) % len(_DIFFER)] if kind else (GREY, "o")
    axes.plot(
        own,
        said,
        linestyle="none",
        marker=marker,
        markersize=3.2,
        markerfacecolor="none" if kind else PALE,
        markeredgecolor=colour,
        markeredgewidth=0.6 if kind else 0.3,
        label=label or None,
        zorder=3 if kind else 2,
    )


def _label_powers(axis: Axis, low: float) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    powers = np.arange(np.ceil(np.log10(low) - 1e-9), 1)
    step = max(1, -(-len(powers) // 7))
    axis.set_major_locator(FixedLocator((10.0 ** powers[::-1][::step]).tolist()))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: power_text(value)))
