"""The scenario: four blocks, an id, a question, a seed. Complete from the moment it exists."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationInfo, model_validator

from simulator.errors import Problem, ScenarioError
from simulator.scenario.analysis_plan import AnalysisPlan
from simulator.scenario.completion import (
    complete_analysis,
    complete_decision,
    complete_design,
    complete_truth,
)
from simulator.scenario.decision import Decision
from simulator.scenario.design import Design, Endpoint
from simulator.scenario.levels import as_written, beside, control_level, own_unit, rewritten
from simulator.scenario.noun import Id, Noun, Parameter
from simulator.scenario.references import RESERVED_ENDPOINTS, dangling, reserved, several_arms
from simulator.scenario.truth import EndpointTruth, FoldResponse, Truth

Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


#: Validation context of a reader that reports names and levels by itself, with their lines.
READER: Final = {"names and levels": "reported by the reader"}


class Scenario(Noun):
    """A study to be simulated: what the laboratory does, what nature does, how it is analysed,
    and what the planner wants. Frozen and complete: whatever a valid scenario leaves open
    (days, dose views, arms called by role, levels in the endpoint's unit, a family) is filled in
    when it is made. ``model_copy`` does not do this again.

    Raises
    ------
    ScenarioError : it names what is not declared, or a level cannot be read; with all of these.
    """

    schema_version: Literal[1]
    id: Id
    question: str = Field(min_length=1, max_length=500)
    sources: Mapping[str, str] = Field(default_factory=dict)
    seed: Seed
    design: Design
    truth: Truth = Truth()
    analysis: AnalysisPlan = AnalysisPlan()
    decision: Decision = Decision()

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Scenario:
        if info.context is not READER:
            problems = [*dangling(self.canonical()), *_unclear(self)]
            if problems:
                raise ScenarioError(self.id, problems)
        design = complete_design(self.design)
        analysis = complete_analysis(self.analysis, design)
        # A frozen noun is set up here, before anyone else has seen it.
        self.__dict__.update(
            design=design,
            truth=complete_truth(self.truth, design),
            analysis=analysis,
            decision=complete_decision(self.decision, analysis, design),
        )
        return self

    def canonical(self) -> dict[str, Any]:
        """Return the one plain form: dicts, lists, texts with units, numbers; nothing absent.

        It is what is dumped, printed and hashed; validated, it gives an equal scenario.
        """
        data: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        truth = data["truth"]
        for key, endpoint in self.design.endpoints.items():
            for amount in (
                truth.get(key, {}).get("control"),
                truth["variability"].get(key, {}).get("sd"),
            ):
                if isinstance(amount, dict) and "value" in amount:
                    rewritten(amount, partial(_shown, endpoint=endpoint))
        return data

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form: equal scenarios, and only they, have equal digests."""
        text = json.dumps(self.canonical(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def null_twin(self) -> Scenario:
        """Return the same study with no effect in any arm: same noise, cages and conduct."""
        nothing = FoldResponse(model="fold")
        endpoints = {
            key: truth.model_copy(
                update={
                    "response": nothing
                    if truth.response is not None and truth.response.model != "kinetic"
                    else truth.response
                }
            )
            for key, truth in self.truth.endpoints.items()
        }
        response = self.truth.response if self.truth.response.model == "kinetic" else nothing
        bare = self.truth.model_copy(update={"effects": {}, "response": response})
        object.__setattr__(bare, "__pydantic_extra__", dict[str, EndpointTruth](endpoints))
        return self.model_copy(update={"truth": bare})


def _shown(amount: str | float, endpoint: Endpoint) -> str | float:
    return amount if isinstance(amount, str) else as_written(amount, endpoint)


def _unclear(scenario: Scenario) -> list[Problem]:
    """Return problems of levels that cannot be read, and of names that mean several arms."""
    problems: list[Problem] = []
    truth = scenario.truth
    for key, endpoint in scenario.design.endpoints.items():
        if key in RESERVED_ENDPOINTS:
            problems.append(Problem(f"design.endpoints.{key}", reserved(key)))
            continue
        stated, spread = truth.endpoints.get(key), truth.variability.endpoints.get(key)
        amounts: tuple[tuple[str, Parameter[float] | None, Any], ...] = (
            (f"truth.{key}.control", stated.control if stated else None, control_level),
            (f"truth.variability.{key}.sd", spread.sd if spread else None, own_unit),
        )
        for path, amount, read in amounts:
            if amount is None:
                continue
            try:
                read(amount.value, endpoint)
                for other in beside(amount):
                    own_unit(other, endpoint)
            except ValueError as error:
                problems.append(Problem(path, str(error)))
    for key, family in scenario.analysis.families.items():
        arms = scenario.design.arms_of(family.against)
        if len(arms) > 1:
            path = f"analysis.families.{key}.against"
            problems.append(Problem(path, several_arms(family.against, arms)))
    return problems
