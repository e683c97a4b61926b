"""Dose-response: the truth as a line, one simulated cohort as points, control as a band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.output.arm_labels import dose_unit, number
from simulator.output.dose_series import (
    DoseSeries,
    by_mass,
    dose_series,
    true_curve,
    true_levels,
)
from simulator.output.style import (
    GREY,
    INK,
    PAGE_WIDTH,
    SMALL,
    ArmStyle,
    arm_styles,
    axis_label,
    caption,
    is_logarithmic,
    new_figure,
    scale_axis,
    spread_out,
)
from simulator.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.trial.cohort.simulate import Cohort

_MOST_ENDPOINTS = 4
#: Series that stand side by side on a page, and the width that more of them take, inches.
_MOST_ON_A_PAGE, _WIDER = 3, 9.5
#: Share of the plaques that crowding hides from which the caption speaks of it.
_NOTICEABLE = 0.05


def dose_figure(cohort: Cohort, *, scenario: Scenario, replicate: int = 0) -> Figure | None:
    """Draw response against dose; a column per substance and route, a row per endpoint.

    Primary endpoints are drawn, or the first ones where none is primary. Returns None where no
    substance is given at two doses or more.

    Parameters
    ----------
    cohort : one simulated study, drawn as points with medians and quartiles.
    scenario : the scenario it was simulated from, whose truth is drawn as a line.
    """
    series = [one for one in dose_series(scenario) if len(set(one.doses)) > 1]
    if not series:
        return None
    design = scenario.design
    primary = [name for name, endpoint in design.endpoints.items() if endpoint.primary]
    endpoints = (primary or list(design.endpoints))[:_MOST_ENDPOINTS]
    width = PAGE_WIDTH if len(series) <= _MOST_ON_A_PAGE else _WIDER
    figure = new_figure(width, 2.75 * len(endpoints) + 0.8)
    grid = figure.subplots(len(endpoints), len(series), squeeze=False, sharex=False, sharey="row")
    for column, one in enumerate(series):
        doses, curves = true_curve(scenario, one, endpoints)
        for row, endpoint in enumerate(endpoints):
            axes = grid[row, column]
            rows = cohort.observations[cohort.observations["endpoint"] == endpoint]
            rows = rows.dropna(subset=["value"])
            _draw_series(axes, rows, scenario, endpoint, one, doses, curves[endpoint])
            if row == 0:
                axes.set_title(one.title)
            if row == len(endpoints) - 1:
                unit, _ = dose_unit(one.doses[-1], mass=by_mass(scenario))
                axes.set_xlabel(f"dose ({unit} per injection)")
            if column == 0:
                axes.set_ylabel(axis_label(endpoint, design.endpoints[endpoint]))
    for row, endpoint in enumerate(endpoints):
        rows = cohort.observations[cohort.observations["endpoint"] == endpoint]
        _scale_row(list(grid[row]), rows, scenario, endpoint)
        _draw_bands(list(grid[row]), rows.dropna(subset=["value"]), scenario, endpoint)
    caption(
        figure,
        f"{scenario.id}: line, true median of an animal of average sensitivity; points, animals "
        f"of simulated study {replicate} with median and quartiles; bands, quartiles of the other "
        "arms in the same study; lines across, their true medians."
        + _crowded(scenario, endpoints)
        + _late(scenario),
    )
    return figure


def _draw_series(
    axes: Axes,
    rows: pd.DataFrame,
    scenario: Scenario,
    endpoint: str,
    series: DoseSeries,
    doses: np.ndarray,
    curve: np.ndarray,
) -> None:
    styles = arm_styles(scenario.design)
    style = styles[series.arms[-1]]
    axes.plot(doses, curve, color=style.colour, linewidth=1.4, zorder=3)
    axes.set_xscale("log")
    for arm, dose in zip(series.arms, series.doses, strict=True):
        values = rows.loc[rows["arm"] == arm, "value"].to_numpy(dtype=float)
        if is_logarithmic(scenario.design.endpoints[endpoint]):
            values = values[values > 0]
        if values.size:
            _draw_animals(axes, values, dose, style)
    _dose_axis(axes, series, doses, mass=by_mass(scenario))


def _crowded(scenario: Scenario, endpoints: list[str]) -> str:
    """Say for which counts, and by how much, crowded plates read below the truth; "" for none.

    Of ``true`` plaques on a plate ``true / (1 + true / crowding)`` are seen.
    """
    half = scenario.truth.assay.crowding.value
    lost: dict[str, float] = {}
    for name in endpoints:
        endpoint = scenario.design.endpoints[name]
        if endpoint.kind == "plaque_count":
            highest = np.nanmax(true_levels(scenario, list(scenario.design.arms), name))
            per_plate = float(highest) * endpoint.plated
            lost[name] = per_plate / (half + per_plate)
    noted = {name: share for name, share in lost.items() if share >= _NOTICEABLE}
    if not noted:
        return ""
    return (
        f" Readings of {', '.join(noted)} lie below the true line, by up to "
        f"{max(noted.values()):.0%}, where plates are crowded: plaques run together."
    )


def _late(scenario: Scenario) -> str:
    """Say that the readings are those of the hour at which the laboratory got to the animals."""
    if scenario.design.conduct is None:
        return ""
    return (
        " The lines are the truth at the planned hour; the animals are read when their turn comes."
    )


def _draw_animals(axes: Axes, values: np.ndarray, dose: float, style: ArmStyle) -> None:
    side = np.linspace(-1, 1, values.size) if values.size > 1 else np.zeros(1)
    axes.plot(
        dose * 1.09**side,
        values,
        linestyle="none",
        marker=style.marker,
        markersize=3.2,
        color=style.colour,
        alpha=0.45,
        markeredgewidth=0,
        zorder=2,
    )
    low, middle, high = np.percentile(values, [25, 50, 75])
    axes.errorbar(
        dose * 1.17,
        middle,
        yerr=[[middle - low], [high - middle]],
        marker=style.marker,
        markersize=4.6,
        color=INK,
        markerfacecolor="white",
        markeredgewidth=0.9,
        linewidth=0.9,
        capsize=2.2,
        zorder=4,
    )


def _dose_axis(axes: Axes, series: DoseSeries, doses: np.ndarray, *, mass: bool) -> None:
    from matplotlib.ticker import NullFormatter, NullLocator

    axes.set_xlim(float(doses[0]) / 1.35, float(doses[-1]) * 1.55)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    _, worth = dose_unit(series.doses[-1], mass=mass)
    axes.set_xticks(series.doses, [number(dose / worth) for dose in series.doses])


def _scale_row(panels: list[Axes], rows: pd.DataFrame, scenario: Scenario, endpoint: str) -> None:
    noun = scenario.design.endpoints[endpoint]
    values = rows["value"].dropna().to_numpy(dtype=float)
    levels = true_levels(scenario, list(scenario.design.arms), endpoint)
    seen = np.concatenate([values, levels[np.isfinite(levels)]])
    if is_logarithmic(noun) and (seen > 0).any():
        seen = seen[seen > 0]
    for axes in panels[:1]:  # the panels of a row share this axis
        scale_axis(axes, "y", noun, float(seen.min()), float(seen.max()))


def _draw_bands(panels: list[Axes], rows: pd.DataFrame, scenario: Scenario, endpoint: str) -> None:
    """Draw the arms that are not under test across every panel, and name them in the last."""
    design = scenario.design
    styles = arm_styles(design)
    others = [name for name, arm in design.arms.items() if arm.role != "test"]
    if not others:
        return
    levels = true_levels(scenario, others, endpoint)
    for axes in panels:
        for arm, level in zip(others, levels, strict=True):
            values = rows.loc[rows["arm"] == arm, "value"].to_numpy(dtype=float)
            line = (0, ()) if design.arms[arm].role == "control" else (0, (5, 2))
            axes.axhline(level, color=styles[arm].colour, linewidth=1.0, linestyle=line, zorder=1)
            if values.size:
                low, high = np.percentile(values, [25, 75])
                axes.axhspan(low, high, color=styles[arm].colour, alpha=0.16, linewidth=0, zorder=0)
    last = panels[-1]
    to_axes = last.transData + last.transAxes.inverted()
    heights = [float(to_axes.transform((last.get_xlim()[0], level))[1]) for level in levels]
    for arm, place in zip(others, spread_out(heights, gap=0.07, low=0, high=1), strict=True):
        last.text(
            1.02,
            place,
            arm,
            transform=last.transAxes,
            fontsize=SMALL,
            va="center",
            color=GREY if styles[arm].colour == GREY else "#9A6400",
        )
