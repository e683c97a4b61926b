"""The figures of a run folder, each as SVG and PNG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.evaluation.sizing.world_size import PLANNED
from simulator.output.cohort_figure import cohort_figure
from simulator.output.dose_figure import dose_figure
from simulator.output.power_figure import power_figure
from simulator.output.report.plan_figure import plan_figure
from simulator.output.style import look, save
from simulator.scenario import Scenario

if TYPE_CHECKING:
    from simulator.evaluation.assurance_result import Assurance
    from simulator.evaluation.power_result import PowerResult
    from simulator.trial.cohort.simulate import Cohort


def draw_power(
    result: PowerResult,
    folder: Path,
    *,
    scenario: Scenario,
    certified: int | None = None,
    world: str = PLANNED,
    assurance: Assurance | None = None,
) -> tuple[Path, ...]:
    """Write ``plan`` and, where there is a curve, ``power-curve`` into a folder, made if missing.

    Parameters
    ----------
    result : power with its curve over n.
    certified : certified number per arm, to be marked.
    world : the one that the scenario is in.
    assurance : to be drawn beside power.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        plan = save(plan_figure(scenario, sizes=result.sizes), folder, "plan")
        if not result.curve or not result.comparisons:
            return plan
        figure = power_figure(
            result, scenario=scenario, certified=certified, world=world, assurance=assurance
        )
        return plan + save(figure, folder, "power-curve")


def draw_cohort(
    cohort: Cohort, folder: Path, *, scenario: Scenario, replicate: int = 0
) -> tuple[Path, ...]:
    """Write ``cohort`` and, where test arms have doses, ``dose-response`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with look():
        written = save(
            cohort_figure(cohort, scenario=scenario, replicate=replicate), folder, "cohort"
        )
        doses = dose_figure(cohort, scenario=scenario, replicate=replicate)
        return written + (save(doses, folder, "dose-response") if doses is not None else ())
