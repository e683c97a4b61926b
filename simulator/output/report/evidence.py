"""Every assumption about nature and the study, with what speaks for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from simulator.output.assumptions import parameters
from simulator.output.report.shortened import shortened

if TYPE_CHECKING:
    from simulator.output.run import Run
    from simulator.scenario import Scenario

EVIDENCE_COLUMNS: Final = ("what", "value", "evidence", "source")
SOURCE_COLUMNS: Final = ("source", "what it is")
#: How an assumed value is marked; words, for those who print in grey.
ASSUMED: Final = "ASSUMED"
_NATURE: Final = "truth."
_NO_SOURCE: Final = "no source stated"
_LONG_NUMBER: Final = re.compile(r"\d+\.\d{6,}(?:e-?\d+)?")
_Rows = Sequence[tuple[str, ...]]


def assumed_rows(run: Run) -> tuple[_Rows, _Rows]:
    """Return what is assumed of nature, and of the study, in ``EVIDENCE_COLUMNS``."""
    rows = [
        (one.path, shortened(one.value), ASSUMED, shortened(one.source) or _NO_SOURCE)
        for one in run.assumed
    ]
    nature = [row for row in rows if row[0].startswith(_NATURE)]
    return nature, [row for row in rows if not row[0].startswith(_NATURE)]


def shown_rows(run: Run) -> _Rows:
    """Return the numbers of nature that are stated, fitted, published or measured."""
    assumed = {one.path for one in run.assumed}
    return [
        (path, _value(node["value"]), node["status"], shortened(node.get("source") or _NO_SOURCE))
        for path, node in _numbers(run.scenario)
        if path not in assumed and node["status"] != "assumed"
    ]


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
