"""What a file did not state, and what stands in for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simulator.scenario import Scenario
from simulator.scenario.attrition import Attrition
from simulator.scenario.references import DEFAULT_FAMILY
from simulator.scenario_files.collector import Location
from simulator.scenario_files.node import Node, find


@dataclass(frozen=True)
class Default:
    """One value that the file leaves open.

    Attributes
    ----------
    path : in the resolved form.
    value : as a file would write it.
    status : how far to believe it (``assumed`` unless the literature says otherwise).
    source : where it is from.
    """

    path: str
    value: str
    status: str
    source: str

    def __str__(self) -> str:
        return f"{self.path}: {self.value} ({self.status}: {self.source})"


#: Derived from what is stated, or of no consequence while it has its default.
_SILENT = {"group", "role", "regimens", "primary", "satellite", "ratio", "days", "family"}
#: Mappings from names that the file chose, which may be any word.
_NAMED = {
    *(("design", kind) for kind in ("arms", "endpoints", "schedules", "substances")),
    *(("analysis", kind) for kind in ("families", "trends")),
}


def unstated(scenario: Scenario, tree: Node) -> tuple[Default, ...]:
    """Return what the document does not state and the simulation uses.

    Parameters
    ----------
    scenario : resolved.
    tree : the expanded document it was resolved from.
    """
    relevant = _Relevance(scenario)
    ours = tree.get("analysis", "families", DEFAULT_FAMILY) is None
    found: list[Default] = []
    for location, value in _leaves(scenario.canonical()):
        if not find(tree, location)[1] or not relevant(location):
            continue
        path = ".".join(str(part) for part in location)
        if ours and location[:3] == ("analysis", "families", DEFAULT_FAMILY):
            if location[3] == "endpoint":
                found.append(_family(scenario))
        elif any(part in _SILENT for part in _keys(location)):
            continue
        elif location[-2:] == ("response", "model"):
            immune = scenario.design.endpoints[str(location[1])].immune
            if not immune or tree.get("truth", "response") is None:
                found.append(Default(path.removesuffix(".model"), "no effect", "assumed", _OURS))
        elif isinstance(value, dict) and value["status"] == "stated":
            continue  # stated under another name: a role, a dose list
        elif isinstance(value, dict):
            source = str(value.get("source", _OURS))
            found.append(Default(path, _text(value["value"]), str(value["status"]), source))
        else:
            found.append(Default(path, _text(value), "assumed", _OURS))
    return tuple(found)


def _keys(location: Location) -> Location:
    """Return the keys below the name that the file chose, if there is one."""
    if location[:2] in _NAMED:
        return location[3:]
    return location[2:] if location[0] == "truth" else location[1:]


_OURS = "default of this program"


def _family(scenario: Scenario) -> Default:
    family = scenario.analysis.families[DEFAULT_FAMILY]
    value = (
        f"{', '.join(family.endpoint)}: {', '.join(family.arms)} against {family.against}, "
        f"{family.adjust}, alpha {family.alpha:g}"
    )
    return Default(f"analysis.families.{DEFAULT_FAMILY}", value, "assumed", _OURS)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _leaves(data: Any, location: Location = ()) -> Iterator[tuple[Location, Any]]:
    """Yield values and numbers with evidence (as one), with their locations."""
    if isinstance(data, dict) and not {"value", "status"} <= set(data):
        for key, child in data.items():
            yield from _leaves(child, (*location, key))
    elif data != [] and data != {}:
        yield location, data


#: Never listed: without consequence, or stated under another name (losses of a role).
_NEVER = (
    ("truth", "response"),
    ("decision", "worlds"),
    ("decision", "sweep"),
    ("design", "attrition", "by_arm"),
    ("analysis", "unit"),
    ("analysis", "acknowledge"),
)


def relevance(scenario: Scenario) -> Callable[[Location], bool]:
    """Return what tells whether a scenario uses the number at a location at all."""
    return _Relevance(scenario)


class _Relevance:
    """Which assumptions a scenario uses at all."""

    def __init__(self, scenario: Scenario) -> None:
        endpoints = scenario.design.endpoints
        self.attrition = scenario.design.attrition
        self.effects = scenario.truth.effects
        self.someone_dies = self.attrition.loss > 0 or any(self.attrition.by_arm.values())
        self.conduct = scenario.design.conduct
        self.sampled = any(not endpoint.terminal for endpoint in endpoints.values())
        self.killed = any(endpoint.terminal for endpoint in endpoints.values())
        models = {scenario.truth.response_of(key).model for key in endpoints}
        self.kinetic = "kinetic" in models
        self.curved = self.kinetic or "emax" in models
        spreads = scenario.truth.variability.endpoints
        own = [spreads[key].cage_icc for key in endpoints if key in spreads]
        self.cage_icc = len(own) < len(endpoints) or None in own
        self.kinds = {endpoint.kind for endpoint in endpoints.values()}
        self.immune = sum(endpoint.immune for endpoint in endpoints.values())
        self.plan = scenario.analysis
        self.counted = scenario.decision.mcse is None
        self.routes = {r.route for arm in scenario.design.arms.values() for r in arm.regimens}

    def __call__(self, location: Location) -> bool:
        if any(location[: len(place)] == place for place in _NEVER):
            return False
        if location[0] == "analysis" and len(location) == 2:
            return self._analysis(str(location[1]))
        if location == ("decision", "replicates"):
            return self.counted  # else made of the mcse that is stated
        if location[:2] == ("design", "attrition"):
            return self._losses(str(location[2]))
        if location[:2] == ("design", "conduct"):
            return self._conduct(str(location[2]), str(location[-2]))
        if location[:2] == ("truth", "handling"):
            return self._handling(str(location[2]))
        if location[:2] == ("truth", "kinetics"):
            if location[2] == "exposure" and location[3] in ("IM", "SC", "IP"):
                return self.kinetic and location[3] in self.routes
            return self.kinetic
        if location[:2] == ("truth", "effects") and location[-1] == "hill":
            effect = getattr(self.effects[str(location[2])], str(location[3]))
            return effect.emax is not None  # a constant rise has no curve
        if location[:2] == ("truth", "assay"):
            return ("titer" if location[2] == "misread" else "plaque_count") in self.kinds
        if location[:3] == ("truth", "variability", "cage_icc"):
            return self.cage_icc
        if location[:3] == ("truth", "variability", "sensitivity"):
            return self.curved
        if location[:3] == ("truth", "variability", "responder_correlation"):
            return self.immune > 1
        return True

    def _analysis(self, field: str) -> bool:
        """Whether a field of the plan is read by any of its tests."""
        plan = self.plan
        steel = [plan.spec(name) for name, f in plan.families.items() if f.adjust == "steel"]
        single = [plan.spec(name) for name, f in plan.families.items() if f.adjust != "steel"]
        ranks = [spec for spec in single if spec.test == "mann_whitney"]
        read = {
            "test": any(family.test is None for family in plan.families.values()),
            "method": any(
                plan.spec(name).test == "mann_whitney" and family.method is None
                for name, family in plan.families.items()
            ),
            # auto is exact only without ties, where the distribution is symmetric
            "convention": plan.alternative == "two-sided"
            and any(spec.method in ("exact", "mid-p") for spec in ranks),
            "continuity": any(spec.method in ("auto", "asymptotic") for spec in ranks),
            "alternative": bool(plan.families),
            "resamples": any(spec.test == "permutation" for spec in single)
            or any(spec.method == "exact" for spec in steel)
            or any(trend.method == "exact" for trend in plan.trends.values()),
        }
        return read.get(field, True)

    def _losses(self, field: str) -> bool:
        """Whether a field of attrition matters: those other than loss, where any is stated."""
        if field == "with_response":
            return self.immune > 0 and self.someone_dies
        return field == "loss" or self.attrition != Attrition()

    def _conduct(self, field: str, holder: str) -> bool:
        """Whether a field of conduct, or a task (the holder of a duration), is of this study."""
        if field == "split":
            return self.conduct is not None and self.conduct.days > 1
        if field == "plating" or holder in ("plating", "incubation", "reading"):
            return "plaque_count" in self.kinds
        done = {"dosing": bool(self.routes), "sampling": self.sampled, "killing": self.killed}
        return done.get(holder, True)

    def _handling(self, field: str) -> bool:
        """Whether an effect of time or of a day is of this study."""
        if self.conduct is None:
            return False
        if field == "day_sd_ln":
            return self.immune > 0 and self.conduct.days > 1
        return "plaque_count" in self.kinds
