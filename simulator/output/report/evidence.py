"""Every assumption about nature and the study, with what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from simulator.output.assumptions import parameters
from simulator.output.document import Table
from simulator.output.report.shortened import shortened
from simulator.output.wording.names import MOVES_N, Name, name_of

if TYPE_CHECKING:
    from simulator.output.run import Run
    from simulator.scenario import Scenario

_PATH: Final = "path in the file"
EVIDENCE_COLUMNS: Final = ("what", "value", "evidence", "source", _PATH)
SOURCE_COLUMNS: Final = ("source", "what it is")
#: How an assumed value is marked; words, for those who print in grey.
ASSUMED: Final = "ASSUMED"
#: How a choice is marked that the file does not state.
DEFAULT: Final = "default"
_NATURE: Final = ("truth.", "design.attrition.")
#: Of the endpoints that have none of their own.
_ICC: Final = "truth.variability.cage_icc"
_NO_SOURCE: Final = "no source stated"
_LONG_NUMBER: Final = re.compile(r"\d+\.\d{6,}(?:e-?\d+)?")
#: Five digits or more in a row, of a whole number.
_LONG_COUNT: Final = re.compile(r"(?<![\w.,])\d{5,18}(?![\w.,])")
_Rows = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class _Number:
    """A number or choice that the answer rests on, with what speaks for it."""

    path: str
    value: str
    evidence: str
    source: str

    @property
    def name(self) -> Name:
        return name_of(self.path)

    @property
    def row(self) -> tuple[str, ...]:
        value = _LONG_COUNT.sub(lambda found: f"{int(found[0]):,}", self.value)
        return (shortened(self.name.words), value, self.evidence, self.source, self.path)


def evidence_tables(run: Run) -> Sequence[Table]:
    """Return what the answer rests on: first what moves the number of animals most, then the rest.

    First stand effect, spread, likeness of cage mates and losses, of the endpoints of the family
    that decides; what has no row has no table.
    """
    numbers = (*_assumed(run), *_shown(run))
    decides = run.scenario.analysis.families[run.result.decision_family].endpoint
    paths = {one.path for one in numbers}
    unused = {_ICC} if all(f"truth.variability.{e}.cage_icc" in paths for e in decides) else set()
    first = [one for one in numbers if _moves_n(one.name, decides) and one.path not in unused]
    first.sort(key=lambda one: (MOVES_N.index(one.name.kind), one.evidence != ASSUMED))
    rest = [one for one in numbers if one not in first]
    of_nature = [one for one in rest if one.path.startswith(_NATURE)]
    parts = {
        "What moves the number of mice most: effect, spread, cage mates, losses": first,
        "Other numbers of nature: assumed": [o for o in of_nature if o.evidence == ASSUMED],
        "Other numbers of nature: stated, or with evidence": [
            one for one in of_nature if one.evidence != ASSUMED
        ],
        "Choices that the file does not state": [one for one in rest if one not in of_nature],
    }
    tables = [
        Table(caption, EVIDENCE_COLUMNS, tuple(one.row for one in some), small=(_PATH,))
        for caption, some in parts.items()
    ]
    sources = tuple(source_rows(run.scenario))
    tables.append(Table("Sources that the file names", SOURCE_COLUMNS, sources))
    return [table for table in tables if table.rows]


def _moves_n(name: Name, decides: Sequence[str]) -> bool:
    return name.kind in MOVES_N and (name.endpoint is None or name.endpoint in decides)


def _assumed(run: Run) -> Iterator[_Number]:
    """Yield what the answer assumes."""
    for one in run.assumed:
        evidence = ASSUMED if one.path.startswith(_NATURE) else DEFAULT
        source = shortened(one.source) or _NO_SOURCE
        yield _Number(one.path, shortened(one.value), evidence, source)


def _shown(run: Run) -> Iterator[_Number]:
    """Yield the numbers of nature that are stated, fitted, published or measured."""
    assumed = {one.path for one in run.assumed}
    for path, node in _numbers(run.scenario):
        if path not in assumed and node["status"] != "assumed":
            source = shortened(node.get("source") or _NO_SOURCE)
            yield _Number(path, _value(node["value"]), node["status"], source)


def source_rows(scenario: Scenario) -> _Rows:
    """Return the sources that the file names, in ``SOURCE_COLUMNS``."""
    return [(shortened(name), shortened(text)) for name, text in scenario.sources.items()]


def _numbers(scenario: Scenario) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the numbers of nature that this study uses, with their evidence, by path."""
    truth = scenario.canonical()["truth"]
    kinetic = "kinetic" in {scenario.truth.response_of(e).model for e in scenario.design.endpoints}
    routes = {r.route for arm in scenario.design.arms.values() for r in arm.regimens}
    others = sorted({"IM", "SC", "IP", "IV"} - routes)
    unused = tuple(f"truth.kinetics.exposure.{route}." for route in others)
    for path, node in parameters(truth, "truth"):
        if path.startswith("truth.kinetics.") and not kinetic:
            continue
        if path.startswith(unused):
            continue
        yield path, node


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return shortened(_LONG_NUMBER.sub(lambda found: f"{float(found[0]):.6g}", str(value)))
