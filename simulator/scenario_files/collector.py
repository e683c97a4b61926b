"""Collects the problems of one document, each once, each at its written place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.errors import Problem
from simulator.scenario.suggestion import short_key
from simulator.scenario_files.node import Node, find

Location = tuple[str | int, ...]


@dataclass
class Collector:
    """Problems found so far.

    Attributes
    ----------
    problems : in the order found; ``sorted`` gives file order.
    broken : locations that mean nothing and are cut out before validation.
    suspect : locations that are validated, to hear all about them, and then cut out.
    """

    problems: list[Problem] = field(default_factory=list)
    broken: list[Location] = field(default_factory=list)
    suspect: list[Location] = field(default_factory=list)

    def add(self, node: Node, message: str, *, severity: str = "error") -> None:
        """Record a problem of a node."""
        self._record(Problem(node.path, message, node.line, severity))

    def at(
        self, root: Node, location: Iterable[object], message: str, *, severity: str = "error"
    ) -> None:
        """Record a problem at a location of the resolved form, named as the file writes it."""
        node, rest = find(root, location)
        path = node.path
        # Inside a plain value there is nothing to name: 57.3 stands for {value: 57.3}.
        for part in rest if node.is_map or node.is_list else ():
            path = f"{path}.{short_key(part)}" if path else short_key(part)
        self._record(Problem(path, message, node.line, severity))

    def _record(self, problem: Problem) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    @property
    def errors(self) -> list[Problem]:
        """Problems that make the file unusable, in file order."""
        return _in_order(p for p in self.problems if p.severity == "error")

    @property
    def warnings(self) -> list[Problem]:
        """Problems that a planner should know, in file order."""
        return _in_order(p for p in self.problems if p.severity == "warning")


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda p: p.line if p.line is not None else 0)
