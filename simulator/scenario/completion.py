"""Fill in what a scenario leaves open: dose views, days, names of arms, levels, spreads, plan.

Every function is idempotent, and leaves alone what refers to nothing: that is for the check of
references to report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from simulator.scenario.analysis_plan import AnalysisPlan, Family
from simulator.scenario.decision import Decision
from simulator.scenario.design import Arm, Design, Dose, Endpoint, Regimen, Schedule
from simulator.scenario.fields import Level, Relative
from simulator.scenario.levels import in_own_unit
from simulator.scenario.noun import Noun, Parameter, default
from simulator.scenario.references import DEFAULT_FAMILY
from simulator.scenario.truth import EndpointTruth, FoldResponse, Response, Spread, Truth

N = TypeVar("N", bound=Noun)
V = TypeVar("V")

#: Mouse strains that are inbred though their name does not say so.
_INBRED = ("balb", "c57", "cba", "dba", "c3h", "a/j", "129", "akr", "sjl", "nzb", "fvb")


def with_extra(model: N, extra: Mapping[str, Any]) -> N:
    """Return a noun with other open keys (its ids)."""
    changed = model.model_copy()
    object.__setattr__(changed, "__pydantic_extra__", dict(extra))
    return changed


# -- design ------------------------------------------------------------------------------------


def complete_design(design: Design) -> Design:
    """Return the design with explicit days, losses by arm id and, by stock, both views of doses."""
    schedules = {key: Schedule(days=s.times) for key, s in design.schedules.items()}
    arms = {key: _arm(design, arm) for key, arm in design.arms.items()}
    attrition = design.attrition
    if attrition.by_arm:
        named = _by_arm_id(attrition.by_arm, design)
        attrition = attrition.model_copy(update={"by_arm": named})
    return design.model_copy(update={"schedules": schedules, "arms": arms, "attrition": attrition})


def _arm(design: Design, arm: Arm) -> Arm:
    regimens = tuple(
        regimen.model_copy(update={"dose": _both_views(design, regimen)})
        for regimen in arm.regimens
    )
    return arm.model_copy(update={"regimens": regimens})


def _both_views(design: Design, regimen: Regimen) -> Dose:
    """Return the dose by volume and by mass, where the stock concentration is known."""
    substance, dose = design.substances.get(regimen.substance), regimen.dose
    if substance is None or substance.stock is None:
        return dose
    if dose.volume is not None and dose.mass is None:
        return Dose.model_construct(volume=dose.volume, mass=_tidy(dose.volume * substance.stock))
    if dose.mass is not None and dose.volume is None:
        return Dose.model_construct(volume=_tidy(dose.mass / substance.stock), mass=dose.mass)
    return dose


def _tidy(number: float) -> float:
    """Drop the last digits, so that either view of a dose leads to the same two numbers."""
    return float(f"{number:.12g}")


def _by_arm_id(stated: Mapping[str, V], design: Design) -> dict[str, V]:
    """Return what is stated of arms by arm id: an id goes before its dose list, then its role."""
    named: dict[str, V] = {}
    for key, arm in design.arms.items():
        others = (n for n in (arm.group, arm.role) if n not in design.arms)
        name = next((n for n in (key, *others) if n and n in stated), None)
        if name is not None:
            named[key] = stated[name]
    return named


def _expand(design: Design, names: Iterable[str]) -> tuple[str, ...]:
    """Return the arm ids meant by ids, dose lists and roles: in this order, each once."""
    return tuple(dict.fromkeys(arm for name in names for arm in design.arms_of(name)))


# -- truth -------------------------------------------------------------------------------------


def complete_truth(truth: Truth, design: Design) -> Truth:
    """Return the truth with folds by arm, and levels and spreads in the endpoints' units."""
    endpoints = dict(truth.endpoints)
    spreads = dict(truth.variability.endpoints)
    for key, endpoint in design.endpoints.items():
        stated = endpoints.get(key, EndpointTruth())
        control = stated.control or _default_control(endpoint)
        update: dict[str, Any] = {"control": _in_own_unit(control, endpoint)}
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
        spread = _with_form(spreads.get(key), endpoint, design.animals.strain)
        if spread is not None:
            update = {"sd": _in_own_unit(spread.sd, endpoint)}
            spreads[key] = spread.model_copy(update=update)
        else:
            spreads.pop(key, None)  # a cage_icc is no spread
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
    """Return a fold response stated per arm id."""
    if not isinstance(response, FoldResponse):
        return response
    return with_extra(response, _by_arm_id(response.folds, design))


def _in_own_unit(amount: Parameter[Any] | None, endpoint: Endpoint) -> Parameter[Any] | None:
    """Return a level or sd in the endpoint's unit; what cannot be read stays as it is."""
    if amount is None:
        return None
    try:
        return in_own_unit(amount, endpoint)
    except ValueError:
        return amount


def _default_control(endpoint: Endpoint) -> Parameter[Any] | None:
    usual = {"phagocytic_percentage": 55.0, "phagocytic_number": 5.0}.get(endpoint.kind)
    if usual is None:
        return None
    return default(Level, usual, "assumed", "typical of healthy mice")


def is_inbred(strain: str) -> bool:
    """Return whether a strain's name says that its animals are alike."""
    name = strain.lower()
    if "outbred" in name or re.search(r"\b(?:not|non)[\s-]*inbred", name):
        return False
    # The first generation between two inbred strains (BDF1, B6D2F1) is uniform too.
    hybrid = re.search(r"f1\b", name) is not None
    return hybrid or "inbred" in name or any(mark in name for mark in _INBRED)


def _with_form(stated: Spread | None, endpoint: Endpoint, strain: str) -> Spread | None:
    """Return a spread in one of its forms, that of the kind where none is stated, or None."""
    if stated is not None and (stated.sd is not None or stated.log_sd is not None):
        return stated
    usual = _default_spread(endpoint, strain)
    if stated is None or usual is None:
        return usual
    return usual.model_copy(update={"cage_icc": stated.cage_icc})


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
        return Spread(sd=default(Level, 8.0, "assumed", "between mice"))
    if endpoint.kind == "phagocytic_number":
        return Spread(sd=default(Level, 1.0, "assumed", "between mice"))
    return None


# -- analysis ----------------------------------------------------------------------------------


def complete_analysis(plan: AnalysisPlan, design: Design) -> AnalysisPlan:
    """Return the analysis by arm ids, with a family where none is declared."""
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


# -- decision ----------------------------------------------------------------------------------


def complete_decision(decision: Decision, plan: AnalysisPlan, design: Design) -> Decision:
    """Return the decision with its family and, where it names some, its arms by id."""
    power = decision.power
    if plan.families:
        arms = _expand(design, power.arms) if power.arms is not None else None
        family = power.family or next(iter(plan.families))
        power = power.model_copy(update={"family": family, "arms": arms})
    count, most = decision.replicates_for_mcse, decision.max_replicates
    if "max_replicates" not in decision.model_fields_set:
        most = max(most, 2 * count)  # a first look, and as many to confirm it on
    return decision.model_copy(update={"power": power, "replicates": count, "max_replicates": most})
