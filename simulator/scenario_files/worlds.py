"""Worlds: the same study under other assumptions, as overrides of the resolved form by path.

A world changes exactly what it says: it is laid over the *resolved* scenario, where every
default has a path, and what results is loaded like any file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import Problem
from simulator.scenario import Scenario
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.node import Node, located
from simulator.scenario_files.overrides import apply, rewrite
from simulator.scenario_files.resolution import resolve
from simulator.scenario_files.schema_keys import SPREAD_FORMS

Overrides = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A world of a document.

    Attributes
    ----------
    overrides : by canonical paths.
    scenario : resolved; None where something is wrong in it.
    warnings : what is unwise in it.
    """

    overrides: Overrides
    scenario: Scenario | None
    warnings: tuple[Problem, ...]


def read_worlds(base: Scenario, tree: Node, found: Collector) -> dict[str, World]:
    """Resolve every world and report what is wrong in it.

    Where the file itself is wrong, only what a world says itself is reported, and that only of
    parts of the file that are whole: the rest would be problems of what was cut out.
    """
    broken = _broken(found)
    worlds: dict[str, World] = {}
    for world, overrides in base.decision.worlds.items():
        node = tree.get("decision", "worlds", world) or Node({})
        inner = Collector()
        changed, rewritten = _lay(base, world, overrides, tree, inner)
        scenario = None if inner.errors else resolve(changed, inner).scenario
        for problem in inner.errors:
            if broken is None or _own(problem, node, but=broken):
                found.problems.append(_in_world(problem, node))
        worlds[world] = World(rewritten, scenario, tuple(inner.warnings))
    return worlds


def _broken(found: Collector) -> frozenset[str] | None:
    """Return the blocks of the file in which something is wrong; None where nothing is."""
    blocks = {problem.path.partition(".")[0] for problem in found.errors}
    if "design" in blocks:  # arms and endpoints are named everywhere
        blocks |= {"truth", "analysis"}
    return frozenset(blocks) or None


def _own(problem: Problem, world: Node, *, but: Collection[str]) -> bool:
    """Whether a problem is about what the world says itself, of any block ``but`` some."""
    if not problem.path.startswith("decision.worlds."):
        return False
    block = problem.path.removeprefix(f"{world.path}.").partition(".")[0]
    return block not in but or block == "decision"


def _lay(
    base: Scenario, world: str, overrides: Mapping[str, Any], tree: Node, found: Collector
) -> tuple[Node, Overrides]:
    """Return the document of a world, every value placed where the file states it."""
    data = base.canonical()
    data["decision"]["worlds"] = {}
    document = _placed(data, tree)
    written = tree.get("decision", "worlds", world) or Node({})
    known = {at for at, _ in _evidence(data["truth"], "truth")}
    done: Overrides = {}
    for path, value in overrides.items():
        entry = written.get(path) or Node(value, written.line, f"decision.worlds.{world}.{path}")
        if path.startswith("decision."):
            found.add(entry, "a world is about what is assumed: it cannot change the decision")
            continue
        try:
            for full, item in rewrite(base, path, value):
                done[full] = item
                changed = located(item, line=entry.line, path=entry.path)
                changed.text = entry.text
                apply(base, document, full, _assumed(known, world, full, changed))
        except ValueError as error:
            found.add(entry, str(error))
    return document, done


def _assumed(known: Collection[str], world: str, path: str, changed: Node) -> Node:
    """Return what a world says, a bare number of nature as what it is: assumed in this world.

    Nobody measured it because a world says it; a number with evidence of its own keeps that.

    Parameters
    ----------
    known : paths of the numbers of nature that the scenario has.
    """
    spread = path.startswith("truth.variability.") and path.rpartition(".")[2] in SPREAD_FORMS
    if not (path in known or spread) or "value" in changed or "status" in changed:
        return changed
    facts = {"value": changed, "status": "assumed", "source": f"taken for the world {world}"}
    inner = {
        key: one if isinstance(one, Node) else Node(one, changed.line, changed.path)
        for key, one in facts.items()
    }
    return Node(inner, changed.line, changed.path)


def _evidence(node: Any, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every number of plain truth with its evidence, by path."""
    if not isinstance(node, dict):
        return
    if "value" in node and "status" in node:
        yield path, node
        return
    for key, below in node.items():
        yield from _evidence(below, f"{path}.{key}")


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
