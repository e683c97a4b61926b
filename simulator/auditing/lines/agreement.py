"""Lines about agreement: are the p-values and the decisions those of the plan?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.analysis.multiplicity import adjust, rejected
from simulator.auditing.agreement import equal_p, printed_as
from simulator.auditing.evidence import Both, Evidence
from simulator.auditing.result import Explains, Finding, Line
from simulator.evaluation.characteristics import Probability

_LIMIT = "all are the plan's, or those of another right choice"


def agreement(runs: Both, findings: Sequence[Finding], *, own_test: bool) -> Iterator[Line]:
    """Yield a line per endpoint: how many p-values are those of the plan.

    Parameters
    ----------
    findings : known choices that were recognised; a right one that explains every p-value that
        differs is no failure.
    own_test : whether the analysis is meant to be another test than the plan's.
    """
    plan = next(iter(runs.values())).plan
    printed = printed_as(np.concatenate([run.p_value for run in runs.values()]))
    for endpoint in dict.fromkeys(one.endpoint for one in plan.comparisons):
        at = [k for k, one in enumerate(plan.comparisons) if one.endpoint == endpoint]
        same, total, largest = 0, 0, 0.0
        for run in runs.values():
            said, own = run.p_value[run.ran][:, at], run.plan_p_value[run.ran][:, at]
            equal = equal_p(said, own, printed=printed)
            same, total = same + int(equal.sum()), total + equal.size
            largest = max(largest, float(np.nanmax(np.abs(said - own)[~equal], initial=0.0)))
        if not total:
            continue
        right = same == total or _explained(runs, endpoint, findings)
        yield Line(
            measure="agreement",
            endpoint=endpoint,
            value=Probability(same, total),
            verdict="not judged" if own_test else "pass" if right else "fail",
            limit=_LIMIT,
            note=f"largest difference {largest:.3g}" if same < total else "",
        )


def decisions(runs: Both, findings: Sequence[Finding], *, own_test: bool) -> Iterator[Line]:
    """Yield a line per family: in how many data sets all decisions are those of the plan.

    Other decisions are right where the p-values are those of another right choice and the
    decisions what the plan makes of these, or where they are by another right adjustment.

    Parameters
    ----------
    findings, own_test : as of `agreement`.
    """
    plan = next(iter(runs.values())).plan
    for name in plan.families:
        at = [k for k, one in enumerate(plan.comparisons) if one.family == name]
        same, total = 0, 0
        for run in runs.values():
            alike = run.decisions[run.ran][:, at] == run.plan_rejected[run.ran][:, at]
            same, total = same + int(alike.all(axis=1).sum()), total + alike.shape[0]
        if not total:
            continue
        right = same == total or _decided_rightly(runs, name, at, findings)
        yield Line(
            measure="decisions",
            family=name,
            value=Probability(same, total),
            verdict="not judged" if own_test else "pass" if right else "fail",
            limit=_LIMIT,
            note=f"they differ in {total - same} of {total} data sets" * (same < total),
        )


def _explained(
    runs: Both,
    endpoint: str,
    findings: Sequence[Finding],
    among: Sequence[Explains] = ("p-values", "reported p-values"),
) -> bool:
    """Return whether a right choice explains all p-values of an endpoint, and no wrong one does."""
    about = [one for one in findings if endpoint in one.endpoints and one.explains in among]
    if not about or not all(one.valid and one.matched == one.told_apart for one in about):
        return False
    for run in runs.values():  # where only one of the two has a p-value there is no explanation
        at = [k for k, one in enumerate(run.plan.comparisons) if one.endpoint == endpoint]
        there = ~np.isnan(run.p_value[run.ran][:, at]), ~np.isnan(run.plan_p_value[run.ran][:, at])
        if not np.array_equal(*there):
            return False
    return True


def _decided_rightly(runs: Both, name: str, at: Sequence[int], findings: Sequence[Finding]) -> bool:
    plan = next(iter(runs.values())).plan
    endpoints = dict.fromkeys(plan.comparisons[k].endpoint for k in at)
    printed = printed_as(np.concatenate([run.p_value for run in runs.values()]))

    def own_p(endpoint: str) -> bool:
        of = [k for k in at if plan.comparisons[k].endpoint == endpoint]
        return all(
            equal_p(
                run.p_value[run.ran][:, of], run.plan_p_value[run.ran][:, of], printed=printed
            ).all()
            for run in runs.values()
        )

    plain = all(own_p(one) or _explained(runs, one, findings, ("p-values",)) for one in endpoints)
    if not plain:
        return False
    rules = [
        one
        for one in findings
        if one.explains == "decisions" and any(name in endpoints for name in one.endpoints)
    ]
    if rules:
        return all(one.valid and one.matched == one.told_apart for one in rules)
    if all(own_p(one) for one in endpoints):  # the same p-values, and no rule is known
        return False
    return all(_as_the_plan_would(run, name, at) for run in runs.values())


def _as_the_plan_would(run: Evidence, name: str, at: Sequence[int]) -> bool:
    """Return whether the decisions of a family are what the plan makes of the said p-values."""
    family = run.plan.families[name]
    if family.adjust == "steel":  # is made of the data
        return False
    p = run.p_value[run.ran][:, at]
    adjusted = np.array([adjust(row, family.adjust) for row in p])
    return np.array_equal(rejected(adjusted, family.alpha), run.decisions[run.ran][:, at])
