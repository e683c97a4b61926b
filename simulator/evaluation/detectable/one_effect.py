"""The same study with one and the same effect in every treated arm of the decision."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from simulator.assay.titer import titer_limits
from simulator.evaluation.decisions.layout import layout_of
from simulator.model.response_table import respond
from simulator.scenario import Comparison, Scenario
from simulator.scenario.attrition import Attrition
from simulator.scenario.completion import with_extra
from simulator.scenario.fields import Level
from simulator.scenario.noun import Parameter
from simulator.scenario.truth import EndpointTruth, FoldResponse

Direction = Literal["up", "down"]

#: No larger fold than this, nor a smaller one than its inverse, is tried.
LARGEST_FOLD = 10_000.0
#: Highest mean percentage that is tried; at 100 % there is nothing left to vary.
HIGHEST_PERCENT = 99.5
#: Level of what nobody looks at.
_SOME = 100.0


def decision_only(scenario: Scenario) -> Scenario:
    """Return the study with nothing analysed but the family of the decision.

    No other family and no trend changes a decision of this one, and neither changes a draw. Nor
    do the responses of endpoints that the family does not read: where these are of the kinetic
    model they are left out, since they are dear.
    """
    plan, truth = scenario.analysis, scenario.truth
    layout = layout_of(scenario, [scenario.decision.n.stop])
    name = layout.families[layout.decision_family]
    alone = plan.model_copy(update={"families": {name: plan.families[name]}, "trends": {}})
    dear = [
        key
        for key in scenario.design.endpoints
        if key not in plan.families[name].endpoint and truth.response_of(key).model == "kinetic"
    ]
    some = EndpointTruth(control=Parameter[Level](value=_SOME), response=FoldResponse(model="fold"))
    endpoints = {**truth.endpoints, **dict.fromkeys(dear, some)}
    return scenario.model_copy(
        update={"analysis": alone, "truth": with_extra(truth, endpoints) if dear else truth}
    )


def family_endpoints_only(scenario: Scenario) -> Scenario:
    """Return a study of ``decision_only`` without the other endpoints, where nothing tells.

    Every endpoint has its own draws. But what is read decides the laboratory's day and, where
    animals or samples are lost, whose values; with either of them all endpoints stay.
    """
    design, truth = scenario.design, scenario.truth
    if design.conduct is not None or design.attrition != Attrition():
        return scenario
    read = {key for family in scenario.analysis.families.values() for key in family.endpoint}
    spread = truth.variability.endpoints
    kept = truth.model_copy(
        update={
            "variability": with_extra(
                truth.variability, {key: spread[key] for key in spread if key in read}
            )
        }
    )
    kept = with_extra(kept, {key: truth.endpoints[key] for key in truth.endpoints if key in read})
    endpoints = {key: design.endpoints[key] for key in design.endpoints if key in read}
    return scenario.model_copy(
        update={"design": design.model_copy(update={"endpoints": endpoints}), "truth": kept}
    )


def decision_comparisons(scenario: Scenario) -> tuple[Comparison, ...]:
    """Return the comparisons whose power the decision is about."""
    layout = layout_of(scenario, [scenario.decision.n.stop])
    pairs = zip(layout.comparisons, layout.target, strict=True)
    return tuple(comparison for comparison, wanted in pairs if wanted)


@dataclass(frozen=True)
class OneEffect:
    """Puts one fold over control into every treated arm of the decision's comparisons.

    Every endpoint that these comparisons read gets stated folds (response model ``fold``) of the
    typical animal; there the controls and the arms that the decision is not about keep the
    typical response that is planned. Other endpoints, spread, cages, losses and conduct stay.

    Parameters
    ----------
    scenario : resolved scenario.
    """

    scenario: Scenario

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The decision's comparisons."""
        return decision_comparisons(self.scenario)

    @cached_property
    def levels(self) -> Mapping[tuple[str, str], float]:
        """Planned response of the typical animal by (arm, endpoint), in the endpoint's unit."""
        found: dict[tuple[str, str], float] = {}
        typical = np.zeros(1)
        truth, arms = self.scenario.truth, self.scenario.design.arms
        responses = None
        for endpoint in dict.fromkeys(c.endpoint for c in self.comparisons):
            stated, response = truth.endpoints.get(endpoint), truth.response_of(endpoint)
            for arm in arms:
                if response.model == "fold" and stated is not None and stated.control is not None:
                    fold = response.folds.get(arm)  # no logarithm: the planner's own number
                    found[arm, endpoint] = stated.control.value * (fold.value if fold else 1.0)
                    continue
                responses = responses or respond(self.scenario)
                level = responses.log_response(arm, endpoint, typical)
                found[arm, endpoint] = math.exp(float(level[0]))
        return found

    def planned_fold(self, comparison: Comparison) -> float:
        """Return the planned fold of the typical animal over its control."""
        treated = self.levels[comparison.treated, comparison.endpoint]
        return treated / self.levels[comparison.control, comparison.endpoint]

    def control_level(self, comparison: Comparison) -> float:
        """Return the planned level of the control: its median, of some endpoints the mean."""
        return self.levels[comparison.control, comparison.endpoint]

    def furthest(self, direction: Direction) -> float:
        """Return the largest |ln fold| that can be tried: percentages end at 100 %."""
        reach = math.log(LARGEST_FOLD)
        if direction == "down":
            return reach
        for c in self.comparisons:
            if self.scenario.design.endpoints[c.endpoint].kind == "phagocytic_percentage":
                reach = min(reach, math.log(HIGHEST_PERCENT / self.control_level(c)))
        return max(reach, 0.0)

    def put_in(self, fold: float) -> Scenario:
        """Return the study in which every treated arm has this fold over its control."""
        truth = self.scenario.truth
        changed: dict[str, EndpointTruth] = {}
        for endpoint in dict.fromkeys(c.endpoint for c in self.comparisons):
            stated = truth.endpoints.get(endpoint, EndpointTruth())
            response = truth.response_of(endpoint)
            own = [c for c in self.comparisons if c.endpoint == endpoint]
            if response.model == "fold" and stated.control is not None:
                control, base = stated.control, stated.control.value
            else:
                base = self.control_level(own[0])
                control = Parameter[Level](value=base)
            wanted = {
                arm: self.levels[arm, endpoint] / base for arm in self.scenario.design.arms
            } | {c.treated: fold * self.control_level(c) / base for c in own}
            folds = {arm: value for arm, value in wanted.items() if value != 1.0}
            changed[endpoint] = stated.model_copy(
                update={
                    "control": control,
                    "response": FoldResponse.model_validate({"model": "fold", **folds}),
                }
            )
        endpoints = {**truth.endpoints, **changed}
        return self.scenario.model_copy(update={"truth": with_extra(truth, endpoints)})

    def simplified(self) -> str | None:
        """Say what a stated fold cannot carry of the planned response, or None."""
        truth = self.scenario.truth
        models = {truth.response_of(c.endpoint).model for c in self.comparisons}
        said = []
        if models - {"fold"} and truth.variability.sensitivity.sd_ln.value > 0:
            said.append("all animals of an arm get the fold of the typical one")
        if "kinetic" in models and self.scenario.design.conduct is not None:
            said.append("the fold holds whenever an animal is read, late or in time")
        return "; ".join(said) or None

    def assay_end(self, direction: Direction) -> str | None:
        """Say where the assays of the decision end, or None where they do not."""
        for c in self.comparisons:
            endpoint = self.scenario.design.endpoints[c.endpoint]
            if endpoint.kind == "phagocytic_percentage" and direction == "up":
                return (
                    f"{c.endpoint} ends at 100 %: {HIGHEST_PERCENT:g} % was tried, over "
                    f"{self.control_level(c):.3g} % in {c.control}"
                )
            if endpoint.kind == "titer":
                low, high = titer_limits(endpoint)
                end = high if direction == "up" else low
                return (
                    f"the wells of {c.endpoint} end at {end:g}, with {self.control_level(c):.3g} "
                    f"in {c.control}"
                )
        return None
