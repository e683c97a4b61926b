"""The stated truth of a scenario: what control animals are like, and what the arms do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.scenario import Endpoint, Scenario
    from simulator.scenario.truth import EmaxResponse, Spread, SubstanceEffect

_ROUTES = ("IM", "SC", "IP", "IV")


def truth_rows(scenario: Scenario) -> list[tuple[str, str, str, str]]:
    """Return (endpoint, control level, spread, response) per endpoint, each as text."""
    rows = []
    for name, endpoint in scenario.design.endpoints.items():
        stated = scenario.truth.endpoints.get(name)
        level = None if stated is None else stated.control
        spread = scenario.truth.variability.endpoints.get(name)
        response = scenario.truth.response_of(name)
        if response.model == "fold":
            said = _folds({arm: fold.value for arm, fold in response.folds.items()})
        elif response.model == "emax":
            said = _curves(response)
        else:
            said = _kinetic(scenario.truth.effects)
        rows.append(
            (
                name,
                "by the kinetic model" if level is None else _level(level.value, endpoint),
                "-" if spread is None else _spread(spread, endpoint),
                said,
            )
        )
    return rows


def chance_text(scenario: Scenario) -> str:
    """Say what P(X>Y) is, and of whom: our truth is about mice, also where cages are tested."""
    told = (
        "P(X>Y) is the probability that a mouse of this arm has more than a mouse of the arm it "
        "is compared with"
    )
    if scenario.analysis.unit != "cage":
        return told
    return f"{told}; the test compares cage medians, for which this probability is another one"


def _level(value: float, endpoint: Endpoint) -> str:
    unit = "%" if endpoint.kind == "phagocytic_percentage" else endpoint.unit
    return f"{value:,.4g} {unit}" if value < 1000 else f"{value:,.0f} {unit}"


def _spread(spread: Spread, endpoint: Endpoint) -> str:
    if spread.cv is not None:
        return f"cv {100 * spread.cv.value:.3g} %"
    if spread.sd_ln is not None:
        return f"sd_ln {spread.sd_ln.value:.3g}"
    if spread.sd_log2 is not None:
        return f"sd_log2 {spread.sd_log2.value:.3g}"
    return "-" if spread.sd is None else f"sd {_level(spread.sd.value, endpoint)}"


def _folds(folds: Mapping[str, float]) -> str:
    """Return ``low, mid ×3; high ×5``: neighbours of one fold are named together."""
    groups: list[tuple[list[str], float]] = []
    for arm, fold in folds.items():
        if groups and groups[-1][1] == fold:
            groups[-1][0].append(arm)
        else:
            groups.append(([arm], fold))
    said = [f"{', '.join(arms)} ×{fold:.4g}" for arms, fold in groups]
    return "; ".join(said) or "no effect in any arm"


def _curves(response: EmaxResponse) -> str:
    import math

    from simulator.output.arm_labels import dose_unit

    said = []
    for substance, routes in response.curves.items():
        for route in _ROUTES:
            curve = getattr(routes, route)
            if curve is not None:
                unit, worth = dose_unit(curve.ed50.value, mass=True)
                said.append(
                    f"{substance} {route} up to ×{math.exp(curve.emax.value):.3g}, "
                    f"half (of ln fold) at {curve.ed50.value / worth:.4g} {unit}"
                )
    return "; ".join(said) or "no effect in any arm"


def _kinetic(effects: Mapping[str, SubstanceEffect]) -> str:
    said = []
    for substance, effect in effects.items():
        routes = [route for route in _ROUTES if getattr(effect, route) is not None]
        said.append(" ".join([substance, "/".join(routes)]).strip())
    return f"kinetic: {', '.join(said)}" if said else "kinetic: no substance has an effect"
