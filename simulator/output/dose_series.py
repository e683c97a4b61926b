"""Which arms form a dose series, and what the truth says between their doses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.model.response_table import respond
from simulator.output.arm_labels import tested_regimen
from simulator.scenario import Arm, Scenario
from simulator.scenario.design import Dose, Regimen

_POINTS = 41


@dataclass(frozen=True)
class DoseSeries:
    """Arms that differ only in the dose of one regimen.

    Attributes
    ----------
    title : substance and route (and schedule, where the design has several).
    arms : arm ids by ascending dose.
    doses : their doses, ug/kg (or uL/kg where masses are unknown), ascending.
    """

    title: str
    arms: tuple[str, ...]
    doses: tuple[float, ...]


def dose_series(scenario: Scenario) -> tuple[DoseSeries, ...]:
    """Return the dose series of the test arms in design order; none where no dose is stated."""
    design = scenario.design
    several_schedules = len({r.schedule for _, r in _tested(scenario).values()}) > 1
    found: dict[tuple[object, ...], dict[str, float]] = {}
    titles: dict[tuple[object, ...], str] = {}
    for name, (arm, regimen) in _tested(scenario).items():
        others = tuple(r for r in arm.regimens if r is not regimen)
        key = (regimen.substance, regimen.route, regimen.schedule, repr(others))
        found.setdefault(key, {})[name] = _amount(regimen.dose, by_mass(scenario))
        title = f"{regimen.substance} {regimen.route}"
        if several_schedules:
            title += f", {regimen.schedule}"
        if others:
            title += " with " + ", ".join(r.substance for r in others)
        titles.setdefault(key, title)
    assert all(name in design.arms for doses in found.values() for name in doses)
    return tuple(
        DoseSeries(
            title=titles[key],
            arms=tuple(sorted(doses, key=doses.__getitem__)),
            doses=tuple(sorted(doses.values())),
        )
        for key, doses in found.items()
    )


def by_mass(scenario: Scenario) -> bool:
    """Return whether every tested dose has a mass, so that the axis can be ug/kg."""
    return all(r.dose.mass is not None for _, r in _tested(scenario).values())


def true_curve(
    scenario: Scenario, series: DoseSeries, endpoints: Sequence[str]
) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Return the true median response over a grid of doses.

    Parameters
    ----------
    series : arms whose dose is varied, over two doses or more.
    endpoints : endpoint ids.

    Returns
    -------
    doses : grid (G,) from the lowest to the highest dose, in the unit of the series.
    curves : endpoint -> response (G,) in the endpoint's unit, at average drug sensitivity;
        where the truth is stated per arm, straight (log on log) from dose to dose.
    """
    stated = {name for name in endpoints if scenario.truth.response_of(name).model == "fold"}
    own = np.array(series.doses)
    positive = own[own > 0]
    low, high = float(positive.min()), float(positive.max())
    grid = np.geomspace(low, high, _POINTS)
    template = scenario.design.arms[series.arms[-1]]
    names = [f"{series.arms[-1]}.grid{k}" for k in range(_POINTS)]
    top = own[-1]
    varied = {
        name: _scaled(template, scenario, float(dose) / top)
        for name, dose in zip(names, grid, strict=True)
    }
    curves: dict[str, np.ndarray] = {}
    smooth = [name for name in endpoints if name not in stated]
    if smooth:
        arms = {**scenario.design.arms, **varied}
        design = scenario.design.model_copy(update={"arms": arms})
        curves |= _levels(scenario.model_copy(update={"design": design}), names, smooth)
    if stated:
        at_doses = _levels(scenario, series.arms, sorted(stated))
        curves |= {
            name: np.exp(np.interp(np.log(grid), np.log(own), np.log(level)))
            for name, level in at_doses.items()
        }
    return grid, curves


def true_levels(scenario: Scenario, arms: Sequence[str], endpoint: str) -> np.ndarray:
    """Return the true median response of arms, in the endpoint's unit (shape of ``arms``)."""
    return _levels(scenario, arms, [endpoint])[endpoint]


def _levels(
    scenario: Scenario, arms: Sequence[str], endpoints: Sequence[str]
) -> dict[str, np.ndarray]:
    responses = respond(scenario)
    average = np.zeros(1)
    return {
        endpoint: np.array(
            [float(np.exp(responses.log_response(arm, endpoint, average)[0])) for arm in arms]
        )
        for endpoint in endpoints
    }


def _tested(scenario: Scenario) -> dict[str, tuple[Arm, Regimen]]:
    design = scenario.design
    pairs = (
        (name, arm, tested_regimen(arm, design))
        for name, arm in design.arms.items()
        if arm.role == "test"
    )
    return {
        name: (arm, regimen)
        for name, arm, regimen in pairs
        if regimen is not None and (regimen.dose.mass or regimen.dose.volume)
    }


def _amount(dose: Dose, mass: bool) -> float:
    amount = dose.mass if mass else dose.volume
    return amount if amount is not None else 0.0


def _scaled(arm: Arm, scenario: Scenario, factor: float) -> Arm:
    tested = tested_regimen(arm, scenario.design)
    return arm.model_copy(
        update={
            "regimens": tuple(
                r.model_copy(update={"dose": _times(r.dose, factor)}) if r is tested else r
                for r in arm.regimens
            )
        }
    )


def _times(dose: Dose, factor: float) -> Dose:
    return Dose.model_construct(
        volume=None if dose.volume is None else dose.volume * factor,
        mass=None if dose.mass is None else dose.mass * factor,
    )
