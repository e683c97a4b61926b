"""A design to be simulated: what identifies it, and what is asked of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.evaluation.decisions.limits import check_limits
from simulator.scenario import Scenario
from simulator.scenario_files.laying import bare

#: What of a decision changes no count of a simulated study.
_NOT_OF_A_DESIGN = ("worlds", "sweep", "replicates", "mcse", "max_replicates", "max_minutes")


def identity(scenario: Scenario) -> str:
    """Return the text that makes a design: its canonical form, without worlds, sweep, replicates.

    ``Scenario.model_validate(json.loads(text))`` is the design again. The order of arms and
    families is part of it, because results stand in that order.
    """
    data = bare(scenario).canonical()
    for key in _NOT_OF_A_DESIGN:
        data["decision"].pop(key, None)
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def digest_of(text: str) -> bytes:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Outline:
    """What the tables say about a design beside its counts.

    Attributes
    ----------
    ns, animals : the n of its curve, and the animals to be purchased at each.
    sizes : (arm, animals in it at each n).
    comparisons : (family, endpoint, treated, control) in the order of the counts.
    families, trends : (name, ...), and (name, endpoint).
    family : the one that the decision is about.
    of, target : what the decision asks: ``each``, ``any`` or ``all``, and the power wanted.
    members : indices of the comparisons that it is asked of.
    """

    ns: tuple[int, ...]
    animals: tuple[int, ...]
    sizes: tuple[tuple[str, tuple[int, ...]], ...]
    comparisons: tuple[tuple[str, str, str, str], ...]
    families: tuple[str, ...]
    trends: tuple[tuple[str, str], ...]
    family: str
    of: str
    target: float
    members: tuple[int, ...]

    def to_text(self) -> str:
        """Return it as JSON, the same text for equal outlines."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Outline:
        """Return the outline that ``to_text`` wrote."""
        data: dict[str, Any] = json.loads(text)
        for key in ("comparisons", "trends"):
            data[key] = tuple(tuple(item) for item in data[key])
        data["sizes"] = tuple((arm, tuple(at)) for arm, at in data["sizes"])
        for key in ("ns", "animals", "families", "members"):
            data[key] = tuple(data[key])
        return cls(**data)


def outline_of(scenario: Scenario) -> Outline:
    """Return the outline of a design.

    Raises
    ------
    ScenarioError : nothing is compared, or it cannot be simulated.
    """
    plan, decision = scenario.analysis, scenario.decision
    wish = decision.power
    members = tuple(
        index
        for index, c in enumerate(plan.comparisons)
        if c.family == wish.family and (wish.arms is None or c.treated in wish.arms)
    )
    if not members:
        problem = Problem("decision.power", "nothing that the analysis compares is asked for")
        raise ScenarioError(scenario.id, [problem])
    ns = tuple(range(decision.n.start, decision.n.stop + 1))
    sizes = [scenario.design.sizes(n) for n in ns]
    check_limits(scenario, [scenario.design.units(at, unit=plan.unit) for at in sizes], ns)
    return Outline(
        ns=ns,
        animals=tuple(scenario.design.headcount(n).purchased for n in ns),
        sizes=tuple((arm, tuple(at[arm] for at in sizes)) for arm in sizes[0]),
        comparisons=tuple((c.family, c.endpoint, c.treated, c.control) for c in plan.comparisons),
        families=tuple(plan.families),
        trends=tuple((name, trend.endpoint) for name, trend in plan.trends.items()),
        family=str(wish.family),
        of=wish.of,
        target=wish.target,
        members=members,
    )
