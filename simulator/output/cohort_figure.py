"""One simulated (or real) cohort: every animal a point, per arm, with median and quartiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.output.arm_labels import arm_label
from simulator.output.style import (
    GREY,
    INK,
    PAGE_WIDTH,
    PALE,
    SMALL,
    arm_styles,
    axis_label,
    caption,
    is_logarithmic,
    new_figure,
    scale_axis,
)
from simulator.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.trial.cohort.simulate import Cohort


def cohort_figure(cohort: Cohort, *, scenario: Scenario, replicate: int = 0) -> Figure:
    """Draw a cohort's values per arm, an endpoint a panel; medians and quartiles drawn.

    Parameters
    ----------
    cohort : one simulated study; its ``observations`` are drawn.
    scenario : the scenario it was simulated from.
    replicate : which simulated study it is, for the caption.
    """
    design = scenario.design
    endpoints, arms = list(design.endpoints), list(design.arms)
    columns = min(2, len(endpoints))
    rows = math.ceil(len(endpoints) / columns)
    height = rows * (0.25 * len(arms) + 0.85) + 0.6
    figure = new_figure(PAGE_WIDTH, height)
    grid = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, endpoint in zip(grid.flat, endpoints, strict=False):
        _draw_panel(axes, cohort.observations, scenario, endpoint)
    for axes in grid.flat[len(endpoints) :]:
        axes.set_visible(False)
    first = grid[0, 0]
    first.set_yticks(range(len(arms)), [arm_label(name, design) for name in arms])
    first.set_ylim(len(arms) - 0.45, -0.55)
    read = cohort.observations.dropna(subset=["value"])
    censored = (read["censored"].fillna("") != "").any()
    caption(
        figure,
        f"{scenario.id}, simulated study {replicate}: every animal a point; bar, median; box, "
        "quartiles." + (" Open points lie beyond the assay's range." if censored else ""),
    )
    return figure


def _draw_panel(axes: Axes, observations: pd.DataFrame, scenario: Scenario, name: str) -> None:
    design = scenario.design
    endpoint = design.endpoints[name]
    styles = arm_styles(design)
    rows = observations[observations["endpoint"] == name].dropna(subset=["value"])
    values = rows["value"].to_numpy(dtype=float)
    logarithmic = is_logarithmic(endpoint)
    # A plate without plaques is a count of zero, which a log axis cannot hold.
    floor = float(values[values > 0].min()) / 2 if logarithmic and (values > 0).any() else None
    if floor is not None:
        values = np.maximum(values, floor)
    if values.size:
        scale_axis(axes, "x", endpoint, float(values.min()), float(values.max()))
    for row, arm in enumerate(design.arms):
        mine = (rows["arm"] == arm).to_numpy()
        x = values[mine]
        if x.size == 0:
            axes.text(
                0.02,
                row,
                "no values",
                transform=axes.get_yaxis_transform(),
                color=GREY,
                fontsize=SMALL,
                va="center",
            )
            continue
        beyond = (rows["censored"].fillna("") != "").to_numpy()[mine]
        style = styles[arm]
        low, middle, high = np.percentile(x, [25, 50, 75])
        axes.fill_betweenx(
            [row - 0.3, row + 0.3], low, high, color=style.colour, alpha=0.18, linewidth=0
        )
        axes.plot([middle, middle], [row - 0.34, row + 0.34], color=INK, linewidth=1.5, zorder=3)
        axes.vlines([low, high], row - 0.3, row + 0.3, color=INK, linewidth=0.5, zorder=3)
        y = row + _stack(np.log(x) if floor is not None else x)
        for hollow in (False, True):
            pick = beyond == hollow
            axes.plot(
                x[pick],
                y[pick],
                linestyle="none",
                marker=style.marker,
                markersize=3.4 * min(1.0, math.sqrt(30 / x.size)),
                markeredgewidth=0.7,
                markeredgecolor=style.colour,
                markerfacecolor="white" if hollow else style.colour,
                alpha=0.85,
                zorder=2,
            )
    axes.set_title(f"{name}, day {endpoint.day:g}")
    axes.set_xlabel(axis_label(name, endpoint))
    axes.grid(axis="x", color=PALE, linewidth=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _stack(x: np.ndarray) -> np.ndarray:
    """Return offsets in -0.26..0.26 that move points of like value apart (shape of x).

    Nothing is drawn at random: the same cohort gives the same figure.
    """
    offsets = np.zeros(x.size)
    width = (x.max() - x.min()) / 25 or 1.0
    bins = np.round((x - x.min()) / width)
    for value in np.unique(bins):
        members = np.flatnonzero(bins == value)
        members = members[np.argsort(x[members], kind="stable")]
        side = np.arange(members.size)
        place = np.where(side % 2 == 0, 1, -1) * ((side + 1) // 2) * 0.11
        most = np.abs(place).max(initial=0.0)
        offsets[members] = place * min(1.0, 0.26 / most) if most else place
    return offsets
