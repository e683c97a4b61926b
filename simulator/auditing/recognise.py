"""Which known choices an analysis makes, found by its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from simulator.auditing.agreement import equal_p
from simulator.auditing.choices import Catalogue, either
from simulator.auditing.choices.cells import Cells, Frame
from simulator.auditing.choices.decisions import decision_findings
from simulator.auditing.choices.exchanged import exchanged_findings
from simulator.auditing.choices.other_estimands import estimand_finding
from simulator.auditing.choices.search import Explained, explain
from simulator.auditing.choices.swaps import swap_findings
from simulator.auditing.evidence import Both
from simulator.auditing.result import Finding
from simulator.scenario import AnalysisPlan

#: Data sets of each world that are looked at.
MOST = 500
#: From here on rounding is not worth a word.
_UNREMARKABLE = 7


def recognise(
    runs: Both, frame: Frame, plan: AnalysisPlan, *, most: int = MOST
) -> tuple[Finding, ...]:
    """Return the known choices whose p-values, statistics or decisions an analysis has.

    Where it has the plan's nothing is said, and nothing where no choice has nearly all that it
    says (99.5 %) in enough different values: how often it agrees with the plan is told elsewhere.

    Parameters
    ----------
    frame : returns the observations of a replicate of a world, as the analysis was given them.
    most : replicates of each world that are looked at for p-values; for decisions it is all.
    """
    cells = Cells(runs, frame, plan, most=most)
    if not cells.size:
        return ()
    swaps = tuple(swap_findings(cells))
    explained: tuple[Explained, ...] = ()
    if (cells.there & ~cells.same).any():
        rather = ["arms-swapped"] if any(one.id == "u-swapped" for one in swaps) else []
        explained = explain(cells, Catalogue(cells.frame(0), plan), rather=rather)
    choices = {endpoint: one.choices[0] for one in explained for endpoint in one.endpoints}
    kind = None if any(one.id == "estimate-swapped" for one in swaps) else estimand_finding(cells)
    unknown = [one for one in cells.endpoints if one not in choices]
    return _merged(
        [
            *(_of_p_values(one, cells) for one in explained),
            *exchanged_findings(cells, unknown),
            *_rounded(cells, choices),
            *swaps,
            *([] if kind is None else [kind]),
            *decision_findings(runs, plan, choices),
        ]
    )


def _of_p_values(found: Explained, cells: Cells) -> Finding:
    first = found.choices[0]
    rounding = [str(one) for one in cells.printed[:1] if one.digits < _UNREMARKABLE]
    text = "".join([either(found.choices), *(f", rounded to {one}" for one in rounding)])
    return Finding(
        first.id,
        text,
        first.valid,
        found.endpoints,
        found.matched,
        found.told_apart,
        "reported p-values" if first.report.id else "p-values",
    )


def _rounded(cells: Cells, choices: Iterable[str]) -> Iterator[Finding]:
    """Yield the endpoints whose p-values are the plan's but for their last digits."""
    changed = cells.there & cells.same & ~equal_p(cells.said, cells.own, printed=())
    for one in cells.printed:
        near = np.abs(cells.said - cells.own) <= one.half_unit(cells.said, cells.own) * (1 + 1e-6)
        if one.digits >= _UNREMARKABLE or not near[changed].all():
            continue
        for endpoint in cells.endpoints:
            at = cells.of(endpoint)
            count = int(changed[:, at].sum())
            if count and endpoint not in choices and cells.same[:, at][cells.there[:, at]].all():
                text = f"your p-values are the plan's, rounded to {one}"
                yield Finding("rounded", text, True, (endpoint,), count, count)
        return


def _merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, those that say the same of several endpoints as one."""
    found: dict[tuple[str, str], Finding] = {}
    for one in findings:
        key = one.sentence, one.explains
        other = found.get(key)
        if other is not None:
            one = replace(
                one,
                endpoints=tuple(dict.fromkeys([*other.endpoints, *one.endpoints])),
                matched=other.matched + one.matched,
                told_apart=other.told_apart + one.told_apart,
            )
        found[key] = one
    return tuple(found.values())
