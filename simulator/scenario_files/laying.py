"""A design of a sweep as a resolved scenario: its values laid over the file's, by path."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario_files.collector import Collector
from simulator.scenario_files.node import Node, located
from simulator.scenario_files.overrides import apply, rewrite
from simulator.scenario_files.resolution import resolve

#: What a design cannot change, and why.
_FIXED = {
    "seed": "every design has the same seed, so that all see the same animals: for another say "
    "--seed, with a folder of its own",
    "decision.sweep": "a sweep cannot change itself",
    "decision.worlds": "the designs of a sweep have no worlds: sweep the paths of the world itself",
    "decision.replicates": "every design gets the same replicates: say --replicates",
    "decision.mcse": "every design gets the same replicates: say --replicates",
    "decision.max_replicates": "a sweep does not search, so this has no consequence in it",
    "decision.max_minutes": "a sweep does not search, so this has no consequence in it",
    "decision.confidence": "a sweep certifies nothing, so this has no consequence in it",
}


def shown(value: Any) -> str:
    """Return a value as one writes it in a table."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return json.dumps(value, ensure_ascii=False)


def bare(scenario: Scenario) -> Scenario:
    """Return a scenario without its worlds and its sweep."""
    decision = scenario.decision.model_copy(update={"worlds": {}, "sweep": None})
    return scenario.model_copy(update={"decision": decision})


class Layers:
    """Lays values over a scenario.

    Parameters
    ----------
    base : the scenario of the file; its worlds and its sweep play no part.
    """

    def __init__(self, base: Scenario) -> None:
        self.base = bare(base)
        self._data = self.base.canonical()
        self._full: dict[str, tuple[str, ...]] = {}

    def full_paths(self, path: str, value: Any) -> tuple[str, ...]:
        """Return the full paths that an override sets.

        Raises
        ------
        ValueError : there is no such path, or a sweep cannot change it; with what to do.
        """
        for fixed, why in _FIXED.items():
            if path == fixed or path.startswith(fixed + "."):
                raise ValueError(why)
        if path == "decision.n" and not isinstance(value, dict):
            raise ValueError("n is not swept: every design has power at every n of decision.n")
        return tuple(full for full, _ in rewrite(self.base, path, value))

    def scenario(self, overrides: Mapping[str, Any]) -> Scenario:
        """Return the design with these values, criticised like a file.

        Raises
        ------
        ScenarioError : with all problems, each at the path that was written where it is known.
        """
        found = Collector()
        document = located(copy.deepcopy(self._data))
        for path, value in overrides.items():
            try:
                self.full_paths(path, value)
                for full, item in rewrite(self.base, path, value):
                    node = located(item, path=path)
                    apply(self.base, document, full, node)
            except ValueError as error:
                found.add(Node(None, None, path), str(error))
        if found.errors:
            raise ScenarioError(self.base.id, found.errors)
        resolved = resolve(document, found).scenario
        if resolved is None or found.errors:
            problems = found.errors or [Problem("", "too little is left of the scenario")]
            raise ScenarioError(self.base.id, problems)
        return resolved

    def stated(self, path: str, value: Any) -> Any:
        """Return what the file itself has at a path; None where it has no single value there."""
        try:
            full = self.full_paths(path, value)
        except ValueError:
            return None
        found: Any = self._data
        rest = full[0]
        while rest and isinstance(found, dict):
            keys = [key for key in found if rest == key or rest.startswith(key + ".")]
            if not keys:
                return None
            key = max(keys, key=len)
            found, rest = found[key], rest.removeprefix(key).removeprefix(".")
        if isinstance(found, dict):
            found = found.get("value")
        return None if rest or isinstance(found, dict | list) else found
