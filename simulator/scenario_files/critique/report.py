"""How a check speaks: errors and warnings at places of the resolved form."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario_files.collector import Collector, Location
from simulator.scenario_files.node import Node


@dataclass(frozen=True)
class Report:
    """Adds problems to a document; ``damaged`` are the parts of which something was cut out."""

    tree: Node
    found: Collector
    damaged: frozenset[str]

    def error(self, location: Location, message: str) -> None:
        """Say that the plan cannot work."""
        self.found.at(self.tree, location, message)

    def warning(self, location: Location, message: str) -> None:
        """Say that the plan is unwise."""
        self.found.at(self.tree, location, message, severity="warning")


def listing(names: object) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    items = [str(name) for name in names]  # type: ignore[attr-defined]
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1] if items else "")))


def response_place(report: Report, endpoint: str) -> Location:
    """Return where the response of an endpoint was written."""
    written = report.tree.get("truth", endpoint, "response")
    return ("truth", endpoint, "response") if written is not None else ("truth", "response")
