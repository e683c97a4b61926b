"""The scenario: four blocks, an id, a question, a seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.analysis_plan import AnalysisPlan
from simulator.scenario.decision import Decision
from simulator.scenario.design import Design
from simulator.scenario.noun import Id, Noun
from simulator.scenario.truth import EndpointTruth, FoldResponse, Truth

Seed = Annotated[int, Field(ge=0, lt=2**63, strict=True)]


class Scenario(Noun):
    """A study to be simulated: what the laboratory does, what nature does, how it is analysed,
    and what the planner wants. Frozen; units resolved; every default filled in."""

    schema_version: Literal[1]
    id: Id
    question: str = Field(min_length=1, max_length=500)
    sources: Mapping[str, str] = Field(default_factory=dict)
    seed: Seed
    design: Design
    truth: Truth = Truth()
    analysis: AnalysisPlan = AnalysisPlan()
    decision: Decision = Decision()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical form: equal scenarios, and only they, have equal digests."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

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
