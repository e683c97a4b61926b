"""Lines about agreement: are the p-values and the decisions those of the plan?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np

from simulator.analysis.multiplicity import adjust, rejected
from simulator.auditing.agreement import ABSOLUTE, RELATIVE, Printed, equal_p, printed_as
from simulator.auditing.evidence import Bools, Both, Evidence, Floats
from simulator.auditing.result import Finding, Line, Verdict
from simulator.auditing.silence import never, silent
from simulator.evaluation.characteristics import Probability

_LIMIT = "all are the plan's, or those of another right choice"
_OTHERS = "the others are those of another right choice"

#: Whether decisions follow from the p-values that are said.
Follow = Literal["yes", "perhaps", "no"]
_VERDICTS: Final[Mapping[Follow, Verdict]] = {
    "yes": "pass",
    "perhaps": "not judged",
    "no": "fail",
}

#: How the p-values of a column are rounded.
Printings = Mapping[str, Sequence[Printed]]


def agreement(runs: Both, findings: Sequence[Finding], *, own_test: bool) -> Iterator[Line]:
    """Yield a line per endpoint: how many p-values are those of the plan.

    Parameters
    ----------
    findings : known choices that were recognised; a right one that explains every p-value that
        differs is no failure.
    own_test : whether the analysis is meant to be another test than the plan's.
    """
    plan = next(iter(runs.values())).plan
    printed = _printed(runs, "p_value")
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
        silence = bool(set(at) & set(never(runs)))  # no test of one's own says nothing at all
        notes = [_OTHERS] if right else []
        notes += [f"largest difference {largest:.3g}"] if largest else []
        yield Line(
            measure="agreement",
            endpoint=endpoint,
            value=Probability(same, total),
            verdict="not judged" if own_test and not silence else "pass" if right else "fail",
            limit=_LIMIT,
            note="; ".join(notes) if same < total else "",
        )


def decisions(runs: Both, findings: Sequence[Finding], *, own_test: bool) -> Iterator[Line]:
    """Yield a line per family: in how many data sets all decisions are those of the plan.

    Other decisions are right where the p-values are those of another right choice and the
    decisions what the plan makes of these, or where they are by another right adjustment. A
    p-value that is the plan's, and at alpha only as it is printed, decides nothing else.

    Parameters
    ----------
    findings, own_test : as of `agreement`.
    """
    plan = next(iter(runs.values())).plan
    printed = {name: _printed(runs, name) for name in ("p_value", "p_adjusted")}
    for name in plan.families:
        at = [k for k, one in enumerate(plan.comparisons) if one.family == name]
        same, total = 0, 0
        for run in runs.values():
            alike = run.decisions[run.ran] == run.plan_rejected[run.ran]
            alike |= _as_printed(run, printed)
            alike &= _consistent(run, printed)
            unsaid = silent(run)[run.ran] & ~np.isnan(run.plan_p_value[run.ran])
            alike = (alike & ~unsaid)[:, at]  # no decision is not the plan's
            same, total = same + int(alike.all(axis=1).sum()), total + alike.shape[0]
        if not total:
            continue
        judged = "yes" if same == total else _decided_rightly(runs, name, at, findings, printed)
        notes = [f"they differ in {total - same} of {total} data sets"]
        if judged == "yes":
            notes.append("as those of another right choice do")
        elif judged == "perhaps":
            notes.append("as those of another right choice may: p is rounded too far to tell")
        elif any(_explained(runs, plan.comparisons[k].endpoint, findings) for k in at):
            notes.append("and are not what a right choice makes of these p-values")
        if judged == "no" and (twice := _contradicted(runs, at, plan.families[name].alpha)):
            notes.append(f"rejected and p_adjusted contradict each other in {twice}")
        yield Line(
            measure="decisions",
            family=name,
            value=Probability(same, total),
            verdict="not judged" if own_test else _VERDICTS[judged],
            limit=_LIMIT,
            note=", ".join(notes) if same < total else "",
        )


def _explained(runs: Both, endpoint: str, findings: Sequence[Finding]) -> bool:
    """Return whether a right choice explains all p-values of an endpoint, and no wrong one does."""
    about = [
        one
        for one in findings
        if endpoint in one.endpoints and one.explains in ("p-values", "reported p-values")
    ]
    if not about or not all(one.valid and one.matched == one.told_apart for one in about):
        return False
    for run in runs.values():  # where only one of the two has a p-value there is no explanation
        at = [k for k, one in enumerate(run.plan.comparisons) if one.endpoint == endpoint]
        there = ~np.isnan(run.p_value[run.ran][:, at]), ~np.isnan(run.plan_p_value[run.ran][:, at])
        if not np.array_equal(*there):
            return False
    return True


def _own(runs: Both, at: Sequence[int], printed: Sequence[Printed]) -> bool:
    """Return whether the p-values of some comparisons are the plan's."""
    return all(
        equal_p(
            run.p_value[run.ran][:, at], run.plan_p_value[run.ran][:, at], printed=printed
        ).all()
        for run in runs.values()
    )


def _as_printed(run: Evidence, printed: Printings) -> Bools:
    """Return where the p-value that decides is the plan's, as far as it is printed."""
    own = run.plan_p_adjusted[run.ran]
    bare = equal_p(run.p_value[run.ran], own, printed=printed["p_value"])
    adjusted = equal_p(run.p_adjusted[run.ran], own, printed=printed["p_adjusted"])
    told = np.isnan(run.p_adjusted[run.ran])
    return np.isnan(run.rejected[run.ran]) & np.where(told, bare, adjusted)


def _consistent(run: Evidence, printed: Printings) -> Bools:
    """Return where p_adjusted claims what the plan claims, or is not said.

    Who says ``rejected`` as well has told two decisions; both are read.
    """
    plan, said = run.plan, run.p_adjusted[run.ran]
    claims = [plan.families[one.family].adjust != "none" for one in plan.comparisons]
    alpha = np.array([plan.families[one.family].alpha for one in plan.comparisons])
    own = equal_p(said, run.plan_p_adjusted[run.ran], printed=printed["p_adjusted"])
    agrees = rejected(said, alpha) == run.plan_rejected[run.ran]
    return own | agrees | np.isnan(said) | ~np.array(claims, dtype=np.bool_)


def _contradicted(runs: Both, at: Sequence[int], alpha: float) -> int:
    """Return in how many data sets p_adjusted and rejected claim different things."""

    def of(run: Evidence) -> Bools:
        said, claimed = run.p_adjusted[run.ran][:, at], run.rejected[run.ran][:, at]
        both = ~np.isnan(said) & ~np.isnan(claimed)
        return (both & (rejected(said, alpha) != (claimed == 1.0))).any(axis=1)

    return sum(int(of(run).sum()) for run in runs.values())


def _decided_rightly(
    runs: Both, name: str, at: Sequence[int], findings: Sequence[Finding], printed: Printings
) -> Follow:
    plan = next(iter(runs.values())).plan
    places: dict[str, list[int]] = {}
    for k in at:
        places.setdefault(plan.comparisons[k].endpoint, []).append(k)
    others = [one for one, of in places.items() if not _own(runs, of, printed["p_value"])]
    if not all(_explained(runs, one, findings) for one in others):
        return "no"
    rules = [
        one
        for one in findings
        if one.explains == "decisions" and any(name in places for name in one.endpoints)
    ]
    if rules:
        return "yes" if all(one.valid and one.matched == one.told_apart for one in rules) else "no"
    if not others:  # the same p-values, and no rule is known
        return "no"
    # where the column holds the p-values as the plan adjusts them it does not adjust them again
    held = {f"p-value-{plan.families[name].adjust}", "p-value-as-adjusted"}
    adjusted = {
        endpoint
        for one in findings
        if one.explains == "reported p-values" and one.id.split("+")[-1] in held
        for endpoint in one.endpoints
    }
    done = set(places) <= adjusted
    found = {_as_the_plan_would(run, name, at, printed, adjusted=done) for run in runs.values()}
    return "no" if "no" in found else "perhaps" if "perhaps" in found else "yes"


def _as_the_plan_would(
    run: Evidence, name: str, at: Sequence[int], printed: Printings, *, adjusted: bool
) -> Follow:
    """Return whether the decisions of a family are what the plan makes of the said p-values.

    "perhaps" where p-values as they are printed would decide otherwise, and what they were
    before they were rounded may have decided so.

    Parameters
    ----------
    adjusted : whether they are adjusted already.
    """
    family = run.plan.families[name]
    if family.adjust == "steel" and not adjusted:  # is made of the data
        return "no"
    p, decided = run.p_value[run.ran][:, at], run.decisions[run.ran][:, at]
    told = run.p_adjusted[run.ran][:, at]
    slack = np.nan_to_num(_half_unit(told, printed["p_adjusted"]))

    def made(way: int) -> Floats:
        before = np.clip(p + way * _half_unit(p, printed["p_value"]), 0.0, 1.0)
        if not adjusted:
            before = np.array([adjust(row, family.adjust) for row in before]).reshape(p.shape)
        return before + way * slack

    low, high = made(-1), made(1)
    beside = RELATIVE * np.abs(high) + ABSOLUTE
    # what p_adjusted says must be what the plan makes of p, up to the rounding of both
    made_of_p = np.isnan(told) | ((low - beside <= told) & (told <= high + beside))
    could_be = np.where(decided, rejected(low, family.alpha), ~rejected(high, family.alpha))
    if not (could_be & made_of_p).all():
        return "no"
    exact = np.where(np.isnan(told), made(0), told)
    return "yes" if np.array_equal(rejected(exact, family.alpha), decided) else "perhaps"


def _printed(runs: Both, name: str) -> tuple[Printed, ...]:
    return printed_as(np.concatenate([getattr(run, name)[run.ran] for run in runs.values()]))


def _half_unit(p: Floats, printed: Sequence[Printed]) -> Floats:
    return printed[0].half_unit(p) if printed else np.zeros(p.shape)
