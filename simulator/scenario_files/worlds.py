"""Worlds: the same study under other assumptions, as overrides of the resolved form by path.

A world changes exactly what it says: it is laid over the *resolved* scenario, where every
default has a path, and what results is loaded like any file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.dump import canonical
from simulator.scenario_files.node import Node, located
from simulator.scenario_files.overrides import apply, rewrite
from simulator.scenario_files.resolution import resolve
from simulator.scenario_files.suggestion import unknown

Overrides = dict[str, Any]


def check_worlds(base: Scenario, tree: Node, found: Collector) -> dict[str, Overrides]:
    """Load every world, report what is wrong in it, and return the worlds by canonical paths."""
    checked: dict[str, Overrides] = {}
    for world, overrides in base.decision.worlds.items():
        node = tree.get("decision", "worlds", world) or Node({})
        inner = Collector()
        changed, checked[world] = _lay(base, world, overrides, tree, inner)
        if not inner.errors:
            resolve(changed, inner)
        for problem in inner.errors:
            found.problems.append(_in_world(problem, node))
    return checked


def enter_world(
    base: Scenario, world: str, tree: Node, name: str
) -> tuple[Scenario, list[Problem]]:
    """Return the scenario of a world that has been checked, and its warnings.

    Raises
    ------
    ScenarioError : there is no such world.
    """
    worlds = base.decision.worlds
    if world not in worlds:
        message = unknown("world", world, worlds, plural="worlds")
        raise ScenarioError(name, [Problem("decision.worlds", message)])
    found = Collector()
    changed, _ = _lay(base, world, worlds[world], tree, found)
    scenario = resolve(changed, found).scenario
    if scenario is None or found.errors:
        raise ScenarioError(name, found.errors)
    return scenario, found.warnings


def _lay(
    base: Scenario, world: str, overrides: Mapping[str, Any], tree: Node, found: Collector
) -> tuple[Node, Overrides]:
    """Return the document of a world, every value placed where the file states it."""
    data = canonical(base)
    data["decision"]["worlds"] = {}
    document = _placed(data, tree)
    written = tree.get("decision", "worlds", world) or Node({})
    done: Overrides = {}
    for path, value in overrides.items():
        entry = written.get(path) or Node(value, written.line, f"decision.worlds.{world}.{path}")
        try:
            for full, item in rewrite(base, path, value):
                done[full] = item
                apply(base, document, full, located(item, line=entry.line, path=entry.path))
        except ValueError as error:
            found.add(entry, str(error))
    return document, done


def _placed(data: Any, tree: Node | None, parent: Node | None = None, key: str = "") -> Node:
    """Return data as a tree with the lines and paths of the document, where it states them."""
    place = tree if tree is not None else Node(None)
    if tree is None and parent is not None:
        place = Node(None, parent.line, parent.child_path(key))
    node = Node(data, place.line, place.path)
    if isinstance(data, dict):
        node.value = {
            k: _placed(v, place.get(k) if tree is not None else None, node, k)
            for k, v in data.items()
        }
    elif isinstance(data, list):
        known = tree.value if tree is not None and tree.is_list else []
        node.value = [
            _placed(v, known[i] if i < len(known) else None, node, str(i))
            for i, v in enumerate(data)
        ]
    return node


def _in_world(problem: Problem, world: Node) -> Problem:
    """Return a problem of a world at the world's place in the file."""
    if problem.path.startswith("decision.worlds."):
        return problem
    return Problem(world.path, f"in this world, {problem.path}: {problem.message}", world.line)
