"""The figures of a report, with sentences that say what they show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.output.cohort_figure import cohort_figure
from simulator.output.document import Picture
from simulator.output.dose_figure import dose_figure
from simulator.output.dose_series import by_mass, dose_series, true_levels
from simulator.output.power_figure import power_figure
from simulator.output.report.plan_figure import plan_figure, plan_sentence
from simulator.output.style import look, svg_text
from simulator.output.wording.answer import OF
from simulator.output.wording.numbers import share

if TYPE_CHECKING:
    from simulator.output.run import Run
    from simulator.scenario import Scenario
    from simulator.trial.cohort.simulate import Cohort

#: Numbers that one sentence takes.
_MOST_NUMBERS = 12


def plan_picture(run: Run) -> Picture:
    """Return the plan as a timeline."""
    scenario, sizes = run.scenario, run.result.sizes
    with look():
        svg = svg_text(plan_figure(scenario, sizes=sizes), "plan")
    return Picture("plan", svg, plan_sentence(scenario, sizes=sizes))


def power_picture(run: Run) -> Picture:
    """Return power and type I error against n, with the certified n where there is one."""
    with look():
        figure = power_figure(
            run.result,
            scenario=run.scenario,
            certified=run.certified,
            world=run.world,
            assurance=run.assurance,
        )
        return Picture("power-curve", svg_text(figure, "power-curve"), _power_sentence(run))


def cohort_pictures(run: Run) -> Iterator[Picture]:
    """Yield the dose-response, where there are doses, and every animal of one simulated study."""
    from simulator.trial.cohort.simulate import simulate_cohort

    scenario = run.scenario
    cohort = simulate_cohort(scenario, n=run.result.n_per_arm)
    with look():
        doses = dose_figure(cohort, scenario=scenario)
        if doses is not None:
            yield Picture(
                "dose-response", svg_text(doses, "dose-response"), _dose_sentence(scenario)
            )
        animals = svg_text(cohort_figure(cohort, scenario=scenario), "cohort")
    yield Picture("cohort", animals, _cohort_sentence(cohort, scenario))


def _power_sentence(run: Run) -> str:
    """Say where power begins and ends, and what it is at the n of the answer."""
    result, wish = run.result, run.scenario.decision.power
    several = len(result.curve_comparisons) > 1
    of = "Least power of the comparisons" if wish.of == "each" and several else "Power"
    if wish.of != "each":
        of = f"Power of {OF[wish.of]}"
    ends = [
        f"{share(end.target)} at n = {end.n} per arm, "
        for end in (result.curve[0], result.curve[-1])
        if end.n != result.n_per_arm
    ]
    marked = "the certified " if run.certified is not None else ""
    return (
        f"{of} of {result.decision_family}: {''.join(ends)}{share(run.power)} at {marked}n = "
        f"{result.n_per_arm}. The target is {wish.target:g}. Family-wise type I error at this n: "
        f"{share(result.family.fwer)}, with alpha "
        f"{run.scenario.analysis.families[result.decision_family].alpha:g}."
    )


def _dose_sentence(scenario: Scenario) -> str:
    """Say the true level at every dose, of the first endpoint that is drawn."""
    endpoint = _first(scenario)
    unit = scenario.design.endpoints[endpoint].unit
    amount = "µg/kg" if by_mass(scenario) else "µL/kg"
    told = []
    for series in dose_series(scenario):
        if len(set(series.doses)) > 1:
            levels = true_levels(scenario, series.arms, endpoint)
            points = [
                f"{_number(level)} at {dose:.4g} {amount}"
                for dose, level in zip(series.doses, levels, strict=True)
            ]
            told.append(f"{series.title} {', '.join(_few(points))}")
    others = [name for name, arm in scenario.design.arms.items() if arm.role != "test"]
    levels = true_levels(scenario, others, endpoint)
    told += _few([f"{n} {_number(level)}" for n, level in zip(others, levels, strict=True)])
    return (
        f"True median {endpoint} ({unit}) of an animal of average sensitivity: {'; '.join(told)}. "
        "Points: one simulated study of this size."
    )


def _cohort_sentence(cohort: Cohort, scenario: Scenario) -> str:
    """Say the medians of one simulated study, in the first endpoint."""
    endpoint = _first(scenario)
    rows = cohort.observations[cohort.observations["endpoint"] == endpoint]
    medians = rows.groupby("arm", sort=False)["value"].median()
    told = [
        f"{arm} {_number(medians[arm])}"
        for arm in scenario.design.arms
        if arm in medians.index and math.isfinite(medians[arm])
    ]
    unit = scenario.design.endpoints[endpoint].unit
    count = cohort.subjects["subject_id"].nunique()
    return (
        f"One simulated study, {count} animals, every one a point. Median {endpoint} ({unit}): "
        f"{', '.join(_few(told)) or 'no values'}."
    )


def _few(told: list[str]) -> list[str]:
    if len(told) <= _MOST_NUMBERS:
        return told
    return [*told[:_MOST_NUMBERS], f"and {len(told) - _MOST_NUMBERS} more"]


def _number(value: float) -> str:
    """Return a number with three significant digits, and no exponent below a billion."""
    return f"{float(f'{value:.3g}'):,.10g}"


def _first(scenario: Scenario) -> str:
    """Return the first primary endpoint, or the first of all."""
    endpoints = scenario.design.endpoints
    return next((name for name, one in endpoints.items() if one.primary), next(iter(endpoints)))
