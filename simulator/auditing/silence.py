"""Comparisons of the plan of which an analysis says nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from simulator.auditing.claims import Claims
from simulator.auditing.evidence import Bools, Both, Evidence
from simulator.auditing.result import Finding, Line
from simulator.scenario import AnalysisPlan

_NOTHING: Final = "your result has no rows for it, or empty ones"
_IN_PART: Final = "your result has no rows for some of its comparisons, or empty ones"


def silent(found: Evidence | Claims) -> Bools:
    """Return where neither a p-value nor a decision is said; the shape is that of the p-values."""
    said = [~np.isnan(getattr(found, name)) for name in ("p_value", "p_adjusted", "rejected")]
    return ~np.logical_or.reduce(said)


def no_rows(plan: AnalysisPlan, places: Collection[int]) -> str:
    """Return in words that nothing is said of some comparisons, whole endpoints by their name.

    Parameters
    ----------
    places : of the comparisons in the plan.
    """
    names = []
    for k, one in enumerate(plan.comparisons):
        if k in places:
            whole = _places(plan, one.endpoint) <= set(places)
            name = one.endpoint if whole else f"{one.treated} v {one.control} on {one.endpoint}"
            names.append(name)
    return f"your result has no rows for {', '.join(dict.fromkeys(names))}, or empty ones"


def never_said(runs: Both) -> tuple[Finding, ...]:
    """Return a finding where nothing was said of some comparisons in any data set."""
    plan = next(iter(runs.values())).plan
    places = never(runs)
    count = sum(
        int((~np.isnan(run.plan_p_value[run.ran][:, places])).sum()) for run in runs.values()
    )
    if not count:
        return ()
    endpoints = dict.fromkeys(plan.comparisons[k].endpoint for k in places)
    return (Finding("no-rows", no_rows(plan, places), False, tuple(endpoints), count, count),)


def of_silence(lines: Sequence[Line], runs: Both) -> tuple[Line, ...]:
    """Return the lines; one about what was never said passes nothing, and says so.

    A false alarm that cannot be, because nothing is reported, speaks for no analysis.
    """
    plan = next(iter(runs.values())).plan
    places = set(never(runs))
    found = []
    for line in lines:
        at = _about(line, plan)
        # half a family is not the family: claims that cannot be made are not few
        if at and (at <= places or (line.measure == "fwer" and at & places)):
            told = _NOTHING if at <= places else _IN_PART
            note = "; ".join(part for part in (told, line.note) if part)
            verdict = line.verdict if line.verdict == "fail" else "not judged"
            line = replace(line, verdict=verdict, needed=None, note=note)
        found.append(line)
    return tuple(found)


def never(runs: Both) -> list[int]:
    """Return the places of the comparisons of which nothing was ever said."""
    said = np.concatenate([~silent(run)[run.ran] for run in runs.values()])
    return np.flatnonzero(~said.any(axis=0)).tolist() if said.size else []


def _about(line: Line, plan: AnalysisPlan) -> set[int]:
    """Return the places of the comparisons that a line is about; empty of everything."""
    names = [name for name in ("family", "endpoint", "treated", "control") if getattr(line, name)]
    return {
        k
        for k, one in enumerate(plan.comparisons)
        if names and all(getattr(one, name) == getattr(line, name) for name in names)
    }


def _places(plan: AnalysisPlan, endpoint: str) -> set[int]:
    return {k for k, one in enumerate(plan.comparisons) if one.endpoint == endpoint}
