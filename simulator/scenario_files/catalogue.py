"""The scenarios that come with the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator.scenario_files.yaml_text import read_yaml

#: Order of presentation; others follow by name.
_ORDER = (
    "quick-start",
    "secretome-healthy-mice",
    "schedule-matters",
    "suppression-and-rescue",
    "pilot-to-confirmatory",
    "uncertain-effect",
    "no-effect",
    "too-small",
    "arm-by-arm-kill",
    "whole-cage-arms",
    "two-day-kill",
    "one-technician",
)


@dataclass(frozen=True)
class CatalogueEntry:
    """One scenario of the catalogue: its id, its question, its file."""

    id: str
    question: str
    path: Path


@cache
def catalogue() -> tuple[CatalogueEntry, ...]:
    """Return the scenarios that come with the program, simplest first.

    Examples
    --------
    >>> from simulator.scenario_files import catalogue
    >>> catalogue()[0].id
    'quick-start'
    """
    entries = (CatalogueEntry(path.stem, _question(path), path) for path in _files())
    place = {name: i for i, name in enumerate(_ORDER)}
    return tuple(sorted(entries, key=lambda e: (place.get(e.id, len(place)), e.id)))


def catalogue_path(scenario: str) -> Path | None:
    """Return the file of a catalogue scenario, or None where there is none of this id."""
    return next((path for path in _files() if path.stem == scenario), None)


def _files() -> Iterator[Path]:
    """Yield the catalogue's files: in an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "scenarios", package.parent / "scenarios"):
        if folder.is_dir():
            yield from sorted(folder.glob("*.yaml"))
            return


def _question(path: Path) -> str:
    root, _ = read_yaml(path.read_text(encoding="utf-8"))
    question = root.get("question") if root is not None else None
    return str(question.value) if question is not None else ""
