"""Lines about decisions: power, type I error, family-wise error; and runs without a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from simulator.analysis.multiplicity import rejected
from simulator.auditing.evidence import Both, Evidence
from simulator.auditing.lines.rates import MISSED, at_most, mean_at_most, replicates_needed
from simulator.auditing.result import Line, Measure, Verdict
from simulator.evaluation.characteristics import Probability
from simulator.scenario import Comparison

#: A line that is judged at a level: the chance of failing what is right.
Question = Callable[[float], Line]

#: A test whose type I error is twice its level must not go unseen.
INTOLERABLE = 2.0
#: Power that may be lost beside the plan's own, and what must not go unseen.
LOST, MUCH_LOST = 0.02, 0.10


def failures(runs: Both) -> Line:
    """Return the line about runs without a result."""
    failed = [one for run in runs.values() for one in run.failed]
    total = sum(run.replicates for run in runs.values())
    kinds = {one.failure: 0 for one in failed}
    for one in failed:
        kinds[one.failure] += 1
    return Line(
        measure="failures",
        value=Probability(len(failed), total),
        verdict="fail" if failed else "pass",
        limit="every run gives a result",
        note=", ".join(f"{kind} {count}" for kind, count in kinds.items()),
    )


def power(run: Evidence) -> Iterator[Question]:
    """Yield the questions whether a comparison finds as much as the plan's own analysis."""
    decisions = run.decisions & run.ran[:, None]
    for k, one in enumerate(run.plan.comparisons):
        only_plan = int((run.plan_rejected[:, k] & ~decisions[:, k]).sum())
        only_said = int((~run.plan_rejected[:, k] & decisions[:, k]).sum())
        line = _line(one, "power", int(decisions[:, k].sum()), run.replicates)
        line = replace(
            line,
            plan=Probability(int(run.plan_rejected[:, k].sum()), run.replicates),
            limit=f"at most {LOST:.0%} below the plan's own",
        )
        yield _power_question(line, only_plan, only_said, run.replicates)


def _power_question(line: Line, only_plan: int, only_said: int, total: int) -> Question:
    def at(level: float) -> Line:
        def verdict(times: float) -> Verdict:
            return _lost(only_plan * times, only_said * times, total * times, level)

        return judged(line, verdict, total)

    return at


def _lost(only_plan: float, only_said: float, total: float, level: float) -> Verdict:
    """Judge the power lost: a difference of paired shares (Agresti & Min 2005)."""
    b, c, n = only_plan + 0.5, only_said + 0.5, total + 2
    lost = (b - c) / n
    error = math.sqrt(b + c - (b - c) ** 2 / n) / n
    return mean_at_most(lost, error, limit=LOST, intolerable=MUCH_LOST, level=level)


def judged(line: Line, verdict: Callable[[float], Verdict], replicates: int) -> Line:
    """Return a line with its verdict, and with the replicates needed where there are too few.

    Parameters
    ----------
    verdict : with so many times the replicates.
    """
    found = verdict(1.0)
    if found != "not enough replicates":
        return replace(line, verdict=found)
    return replace(line, verdict=found, needed=replicates_needed(verdict, replicates))


def type_i(null: Evidence) -> Iterator[Question]:
    """Yield the questions whether a comparison's type I error is at most its level.

    Counted is p at or below alpha, before any adjustment; a decision where no p is given, and in a
    family that does not adjust also where p says otherwise.
    """
    alpha = {name: family.alpha for name, family in null.plan.families.items()}
    total = int(null.ran.sum())
    for k, one in enumerate(null.plan.comparisons):
        level = alpha[one.family]
        p = null.p_value[null.ran][:, k]
        decided = null.decisions[null.ran][:, k]
        found = np.where(np.isnan(p), decided, rejected(p, level))
        if null.plan.families[one.family].adjust == "none":  # no other line counts its claims
            found = found | decided
        own = int(rejected(null.plan_p_value[null.ran][:, k], level).sum())
        if total:
            yield rate_question(_line(one, "type_i", int(found.sum()), total), own=own, limit=level)


def family_wise(null: Evidence) -> Iterator[Question]:
    """Yield the questions whether a family's error is at most its level, where it adjusts."""
    total = int(null.ran.sum())
    for name, family in null.plan.families.items():
        at = [k for k, one in enumerate(null.plan.comparisons) if one.family == name]
        if family.adjust == "none" or not total:
            continue
        any_said = int(null.decisions[null.ran][:, at].any(axis=1).sum())
        any_plan = int(null.plan_rejected[null.ran][:, at].any(axis=1).sum())
        line = Line("fwer", Probability(any_said, total), "not judged", "", family=name)
        yield rate_question(line, own=any_plan, limit=family.alpha)


def rate_question(line: Line, *, own: int, limit: float) -> Question:
    """Return the question whether a false alarm is no more frequent than a level.

    Parameters
    ----------
    own : the plan's own count.
    """
    value = line.value
    assert isinstance(value, Probability)
    plan = Probability(own, value.replicates)
    line = replace(line, plan=plan, limit=f"at most {limit:g}")

    def at(level: float) -> Line:
        def verdict(times: float) -> Verdict:
            return at_most(
                round(value.count * times),
                round(value.replicates * times),
                limit=limit,
                intolerable=INTOLERABLE * limit,
                level=level,
            )

        found = judged(line, verdict, value.replicates)
        if found.verdict == "fail" and plan.interval(1 - 2 * MISSED)[0] > limit:
            note = "so has the plan's own analysis: look at the plan (afcsim diagnose) as well"
            return replace(found, note=note)
        return found

    return at


def _line(one: Comparison, measure: Measure, count: int, total: int) -> Line:
    return Line(
        measure=measure,
        value=Probability(count, total),
        verdict="not judged",
        limit="",
        endpoint=one.endpoint,
        treated=one.treated,
        control=one.control,
        family=one.family,
    )
