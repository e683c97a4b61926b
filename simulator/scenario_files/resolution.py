"""Tree -> resolved Scenario, with all problems of all stages.

When a stage refuses a part, the part is reported, cut out, and the next stages go on with the
rest; nothing is then said about what the missing part would have changed.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simulator.scenario import Scenario
from simulator.scenario.study import READER
from simulator.scenario_files.collector import Collector, Location
from simulator.scenario_files.critique import criticise
from simulator.scenario_files.names import check_names
from simulator.scenario_files.node import Node, copy, find, located, plain, remove
from simulator.scenario_files.shorthand import expand
from simulator.scenario_files.wording import culprit, report, show

SCHEMA_VERSION = 1

#: Collections whose entries can be cut out one by one.
_COLLECTIONS = (
    ("design", "arms"),
    ("design", "endpoints"),
    ("design", "substances"),
    ("design", "schedules"),
    ("truth", "effects"),
    ("truth", "variability"),
    ("truth",),
    ("analysis", "families"),
    ("analysis", "trends"),
    ("decision", "worlds"),
    ("decision",),
    ("design",),
    ("analysis",),
)
_REQUIRED = (("design", "arms"), ("design", "endpoints"))
#: What stands in for a required value that was refused, so that the rest can be examined.
_STAND_INS = {"schema_version": 1, "id": "unnamed", "question": "unstated", "seed": 0}
_STAND_IN_ENTRIES = {
    "arms": {"role": "control"},
    "endpoints": {"kind": "phagocytic_number", "day": 0},
}
_MAX_ROUNDS = 25


@dataclass(frozen=True)
class Resolution:
    """A resolved scenario (None where too little was left) and the tree it was made from."""

    scenario: Scenario | None
    tree: Node


def resolve(root: Node, found: Collector) -> Resolution:
    """Resolve a document; ``root`` is not changed."""
    if not root.is_map:
        found.add(root, f"a scenario is a mapping (key: value), not {_shape(root)}")
        return Resolution(None, root)
    tree = copy(root)
    _check_version(tree, found)
    expand(tree, found)
    whole = copy(tree)
    check_names(tree, found)
    damaged = set[str]().union(*map(_sections, (*found.broken, *found.suspect)))
    for location in found.broken:
        remove(tree, location)
    scenario = _validate(tree, whole, found, damaged)
    if scenario is None:
        return Resolution(None, whole)
    if found.errors:
        # Only what has no section of its own (a bad seed, a duplicate key) leaves all intact.
        damaged.update(*(_sections(tuple(p.path.split("."))) for p in found.errors))
    criticise(scenario, whole, found, damaged=frozenset(damaged))
    return Resolution(scenario, whole)


def _check_version(tree: Node, found: Collector) -> None:
    version = tree.get("schema_version")
    if version is None:
        return
    if version.value != SCHEMA_VERSION or isinstance(version.value, bool | float):
        found.add(
            version,
            f"{show(version.value)} is not a version this program reads: "
            f"write schema_version: {SCHEMA_VERSION}",
        )
        tree.value["schema_version"] = version.with_value(SCHEMA_VERSION)


def _validate(tree: Node, whole: Node, found: Collector, damaged: set[str]) -> Scenario | None:
    """Validate, cutting out what is refused, until the rest is accepted or nothing is left."""
    suspect = list(found.suspect)
    for _ in range(_MAX_ROUNDS):
        details: list[ErrorDetails] = []
        try:
            scenario = Scenario.model_validate(plain(tree), context=READER)
        except ValidationError as error:
            details = error.errors(include_url=False)
        if not details and not suspect:
            return scenario
        report(details, whole, found)
        for detail in details:
            location = culprit(detail)
            damaged |= _sections(location)
            if not _cut(tree, location, unknown=detail["type"] == "extra_forbidden"):
                return None
        for location in suspect:
            if not find(tree, location)[1]:
                remove(tree, location)
        suspect.clear()
        damaged |= _drop_orphans(tree)
        _stand_in(tree)
    return None


def _stand_in(tree: Node) -> None:
    """Keep one arm and one endpoint where all were cut out, so that the rest is examined."""
    for section, entry in _STAND_IN_ENTRIES.items():
        entries = tree.get("design", section)
        if entries is not None and entries.value == {}:
            entries.value["stand-in"] = located(entry)


def _sections(location: Location) -> set[str]:
    """Return the parts of the file a location belongs to: ``arms``, ``truth``, ``truth.afc``..."""
    parts = [str(part) for part in location[:2]]
    if parts[:1] == ["design"] and len(parts) == 2:
        return {parts[1].partition("[")[0]}
    if parts[:1] == ["truth"]:
        return {"truth", ".".join(["truth", *(parts[1:] or [""])])}
    return {parts[0] if parts else ""}


def _cut(tree: Node, location: Location, *, unknown: bool) -> bool:
    """Remove the smallest part that the rest can do without. Return False if there is none."""
    if unknown:
        remove(tree, location)
        return True
    key = str(location[0]) if location else ""
    if key in _STAND_INS:
        tree.value[key] = Node(_STAND_INS[key])
        return True
    for collection in _COLLECTIONS:
        inside = len(location) > len(collection)
        if inside and tuple(location[: len(collection)]) == collection:
            entry = tuple(location[: len(collection) + 1])
            if entry in _REQUIRED:
                return False
            remove(tree, entry)
            return True
    if len(location) == 1 and key != "design":
        remove(tree, location)
        return True
    return False


def _drop_orphans(tree: Node) -> set[str]:
    """Remove what refers to something that was cut out. Return the sections it touched."""
    damaged: set[str] = set()
    substances = (tree.get("design", "substances") or Node({})).keys()
    schedules = (tree.get("design", "schedules") or Node({})).keys()
    for key, arm in (tree.get("design", "arms") or Node({})).items():
        regimens = arm.get("regimens")
        for regimen in regimens.value if regimens is not None and regimens.is_list else []:
            for field, known in (("substance", substances), ("schedule", schedules)):
                name = regimen.get(field)
                if name is not None and isinstance(name.value, str) and name.value not in known:
                    remove(tree, ("design", "arms", key))
                    damaged.add("arms")
    endpoints = (tree.get("design", "endpoints") or Node({})).keys()
    for kind in ("families", "trends"):
        for key, plan in (tree.get("analysis", kind) or Node({})).items():
            named = plan.get("endpoint")
            items = named.value if named is not None and named.is_list else [named]
            if any(
                item is not None and isinstance(item.value, str) and item.value not in endpoints
                for item in items
            ):
                remove(tree, ("analysis", kind, key))
                damaged.add("analysis")
    return damaged


def _shape(root: Node) -> str:
    return "a list" if root.is_list else f"just {show(root.value)}"
