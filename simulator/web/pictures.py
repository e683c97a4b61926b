"""The figures of the page, as SVG with a sentence that says what they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.evaluation.staying import n_reaching
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.feasibility_result import Feasibility
    from simulator.evaluation.power_result import PowerResult
    from simulator.output.run import Run
    from simulator.scenario import Scenario
    from simulator.trial.cohort.simulate import Cohort


@dataclass(frozen=True)
class Shown:
    """A drawn figure.

    Attributes
    ----------
    svg : its text.
    told : what it shows, in words and numbers, for who does not see it.
    """

    svg: str
    told: str


def power_picture(
    result: PowerResult,
    *,
    scenario: Scenario,
    certified: int | None = None,
    assurance: Assurance | None = None,
) -> Shown | None:
    """Draw the power curve, assurance with it; None where nothing is compared."""
    from simulator.output.power_figure import power_figure

    if not result.curve or not result.comparisons:
        return None
    svg = _svg(
        lambda: power_figure(result, scenario=scenario, certified=certified, assurance=assurance)
    )
    ends = (result.curve[0], result.curve[-1])
    target = scenario.decision.power.target
    reached = n_reaching(result.curve, target)
    near = [point for point in result.curve if point.n == reached]
    shown = {point.n: point for point in (ends[0], *near, ends[1])}
    powers = ", ".join(f"{share(point.target)} at n = {n}" for n, point in shown.items())
    mark = "" if certified is None else f"; certified n = {certified}"
    told = (
        f"Power of {result.decision_family} against mice per arm: {powers}{mark}. Family-wise "
        f"type I error {share(ends[-1].fwer)} at n = {ends[-1].n}.{_believed(assurance)}"
    )
    return Shown(svg, told)


def run_picture(run: Run) -> Shown | None:
    """Draw the power curve of a run, with all that it knows."""
    return power_picture(
        run.result, scenario=run.scenario, certified=run.certified, assurance=run.assurance
    )


def _believed(assurance: Assurance | None) -> str:
    if assurance is None:
        return ""
    first, last = assurance.curve[0], assurance.curve[-1]
    low, high = (f"{point.assurance.value:.2f} at n = {point.n}" for point in (first, last))
    return f" Assurance, power averaged over the distributions: {low}, {high}."


def cohort_picture(cohort: Cohort, *, scenario: Scenario) -> Shown:
    """Draw one simulated study, every animal a point."""
    from simulator.output.cohort_figure import cohort_figure

    svg = _svg(lambda: cohort_figure(cohort, scenario=scenario, replicate=cohort.replicate))
    rows = cohort.observations.dropna(subset=["value"])
    medians = rows.groupby(["endpoint", "arm"], sort=False)["value"].median()
    parts = []
    for endpoint in scenario.design.endpoints:
        if endpoint in medians.index.get_level_values(0):
            mine = ", ".join(f"{arm} {value:.4g}" for arm, value in medians[endpoint].items())
            parts.append(f"{endpoint}: {mine}")
    told = f"Simulated study {cohort.replicate}, n = {cohort.n}; medians of {'; '.join(parts)}."
    return Shown(svg, told)


def dose_picture(cohort: Cohort, *, scenario: Scenario) -> Shown | None:
    """Draw the response curves with one simulated study; None where no dose is varied."""
    from simulator.output.dose_figure import dose_figure
    from simulator.output.dose_series import dose_series

    drawn: list[Figure] = []

    def draw() -> Figure | None:
        figure = dose_figure(cohort, scenario=scenario, replicate=cohort.replicate)
        drawn.extend([] if figure is None else [figure])
        return figure

    svg = _svg(draw)
    if not drawn:
        return None
    series = [one for one in dose_series(scenario) if len(set(one.doses)) > 1]
    named = "; ".join(f"{one.title}: {', '.join(one.arms)}" for one in series)
    return Shown(
        svg,
        f"Response against dose, truth as a line, simulated study {cohort.replicate} as points: "
        f"{named}. The medians are told with the figure of the simulated study.",
    )


def laboratory_picture(found: Feasibility) -> Shown:
    """Draw the work of the laboratory's days."""
    from simulator.output.gantt_figure import gantt_figure

    fits = "every day fits the shift" if found.fits else "not every day fits the shift"
    told = f"Who does what when, day by day, with n = {found.n_per_arm} per arm: {fits}."
    return Shown(_svg(lambda: gantt_figure(found)), told)


def _svg(draw: Callable[[], Figure | None]) -> str:
    from simulator.output.style import look, svg_text

    with look():
        figure = draw()
        return "" if figure is None else svg_text(figure)
