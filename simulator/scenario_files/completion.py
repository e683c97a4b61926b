"""Fill in what a scenario leaves open: dose views, days, names of arms, levels, spreads, plan.

Takes a valid scenario whose names all exist and returns the resolved one; what cannot be
filled in is left to the critique.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from simulator.scenario import AnalysisPlan, Design, Family, Scenario, Truth
from simulator.scenario.design import Arm, Dose, Endpoint, Regimen, Schedule
from simulator.scenario.noun import Noun, Parameter, default
from simulator.scenario.quantities import Number, Relative
from simulator.scenario.truth import EndpointTruth, FoldResponse, Response, Spread

N = TypeVar("N", bound=Noun)

DEFAULT_FAMILY = "primary"

#: Mouse strains that are inbred though their name does not say so.
_INBRED = ("balb", "c57", "cba", "dba", "c3h", "a/j", "129", "akr", "sjl", "nzb", "fvb")


def complete(scenario: Scenario) -> Scenario:
    """Return the resolved scenario."""
    design = _design(scenario.design)
    truth = _truth(scenario.truth, design)
    analysis = _analysis(scenario.analysis, design)
    power = scenario.decision.power
    if analysis.families:
        power = power.model_copy(
            update={
                "family": power.family or next(iter(analysis.families)),
                "arms": _expand(design, power.arms) if power.arms is not None else None,
            }
        )
    decision = scenario.decision.model_copy(update={"power": power})
    return scenario.model_copy(
        update={"design": design, "truth": truth, "analysis": analysis, "decision": decision}
    )


def with_extra(model: N, extra: Mapping[str, Any]) -> N:
    """Return a noun with other open keys (its ids)."""
    changed = model.model_copy()
    object.__setattr__(changed, "__pydantic_extra__", dict(extra))
    return changed


# -- design ------------------------------------------------------------------------------------


def _design(design: Design) -> Design:
    schedules = {key: Schedule(days=s.times) for key, s in design.schedules.items()}
    arms = {key: _arm(design, arm) for key, arm in design.arms.items()}
    return design.model_copy(update={"schedules": schedules, "arms": arms})


def _arm(design: Design, arm: Arm) -> Arm:
    regimens = tuple(
        regimen.model_copy(update={"dose": _both_views(design, regimen)})
        for regimen in arm.regimens
    )
    return arm.model_copy(update={"regimens": regimens})


def _both_views(design: Design, regimen: Regimen) -> Dose:
    """Return the dose by volume and by mass, where the stock concentration is known."""
    substance, dose = design.substances[regimen.substance], regimen.dose
    if substance.stock is None:
        return dose
    if dose.volume is not None and dose.mass is None:
        return Dose.model_construct(volume=dose.volume, mass=_tidy(dose.volume * substance.stock))
    if dose.mass is not None and dose.volume is None:
        return Dose.model_construct(volume=_tidy(dose.mass / substance.stock), mass=dose.mass)
    return dose


def _tidy(number: float) -> float:
    """Drop the last digits, so that either view of a dose leads to the same two numbers."""
    return float(f"{number:.12g}")


def _expand(design: Design, names: Iterable[str]) -> tuple[str, ...]:
    """Return the arm ids meant by ids, dose lists and roles: in this order, each once."""
    return tuple(dict.fromkeys(arm for name in names for arm in design.arms_of(name)))


# -- truth -------------------------------------------------------------------------------------


def _truth(truth: Truth, design: Design) -> Truth:
    endpoints = dict(truth.endpoints)
    spreads = dict(truth.variability.endpoints)
    for key, endpoint in design.endpoints.items():
        stated = endpoints.get(key, EndpointTruth())
        update: dict[str, Any] = {"control": stated.control or _default_control(endpoint)}
        if stated.response is not None:
            update["response"] = _by_arm(stated.response, design)
        elif not endpoint.immune:
            # What the study's model says of the immune response says nothing of these.
            update["response"] = FoldResponse(model="fold")
        elif truth.response.model != "kinetic":
            update["response"] = _by_arm(truth.response, design)
        filled = stated.model_copy(update=update)
        if filled.control is not None or filled.response is not None:
            endpoints[key] = filled
        spread = spreads.get(key) or _default_spread(endpoint, design.animals.strain)
        if spread is not None:
            spreads[key] = spread
    order = {key: i for i, key in enumerate(design.endpoints)}
    ordered = dict(sorted(endpoints.items(), key=lambda item: order.get(item[0], len(order))))
    spreads = dict(sorted(spreads.items(), key=lambda item: order.get(item[0], len(order))))
    changed = truth.model_copy(
        update={
            "response": _by_arm(truth.response, design),
            "variability": with_extra(truth.variability, spreads),
        }
    )
    return with_extra(changed, ordered)


def _by_arm(response: Response, design: Design) -> Response:
    """Return a fold response stated per arm id; an id goes before its dose list, then its role."""
    if not isinstance(response, FoldResponse):
        return response
    folds: dict[str, Any] = {}
    for key, arm in design.arms.items():
        others = (n for n in (arm.group, arm.role) if n not in design.arms)
        name = next((n for n in (key, *others) if n and n in response.folds), None)
        if name is not None:
            folds[key] = response.folds[name]
    return with_extra(response, folds)


def _default_control(endpoint: Endpoint) -> Parameter[Any] | None:
    if endpoint.kind == "phagocytic_percentage":
        return Parameter[str | float](
            value="55 %", status="assumed", source="typical of healthy mice"
        )
    if endpoint.kind == "phagocytic_number":
        return Parameter[str | float](value=5.0, status="assumed", source="typical of healthy mice")
    return None


def is_inbred(strain: str) -> bool:
    """Return whether a strain's name says that its animals are alike."""
    name = strain.lower()
    if "outbred" in name:
        return False
    return "inbred" in name or any(mark in name for mark in _INBRED)


def _default_spread(endpoint: Endpoint, strain: str) -> Spread | None:
    inbred = is_inbred(strain)
    source = f"{'inbred' if inbred else 'outbred'} mice"
    if endpoint.kind == "plaque_count":
        value = 0.40 if inbred else 0.60
        return Spread(sd_ln=default(Relative, value, "assumed", source, 0.3, 0.9))
    if endpoint.kind == "titer":
        value = 1.0 if inbred else 1.6
        return Spread(sd_log2=default(Relative, value, "assumed", source, 0.7, 2.0))
    if endpoint.kind == "phagocytic_percentage":
        return Spread(sd=default(Number, 8.0, "assumed", "percentage points between mice"))
    if endpoint.kind == "phagocytic_number":
        return Spread(sd=default(Number, 1.0, "assumed", "between mice"))
    return None


# -- analysis ----------------------------------------------------------------------------------


def _analysis(plan: AnalysisPlan, design: Design) -> AnalysisPlan:
    families = {
        key: family.model_copy(
            update={
                "arms": _expand(design, family.arms),
                "against": _one_arm(design, family.against),
            }
        )
        for key, family in plan.families.items()
    }
    if not families:
        families = _default_families(design)
    trends = {
        key: trend.model_copy(update={"arms": _expand(design, trend.arms)})
        for key, trend in plan.trends.items()
    }
    return plan.model_copy(update={"families": families, "trends": trends})


def _one_arm(design: Design, name: str) -> str:
    arms = design.arms_of(name)
    return arms[0] if len(arms) == 1 else name


def _default_families(design: Design) -> dict[str, Family]:
    """Return every test arm against the control on the primary endpoints (or on all)."""
    controls = [key for key, arm in design.arms.items() if arm.role == "control"]
    tested = tuple(key for key, arm in design.arms.items() if arm.role == "test")
    primary = tuple(key for key, endpoint in design.endpoints.items() if endpoint.primary)
    if len(controls) != 1 or not tested:
        return {}
    family = Family(endpoint=primary or tuple(design.endpoints), arms=tested, against=controls[0])
    return {DEFAULT_FAMILY: family}
