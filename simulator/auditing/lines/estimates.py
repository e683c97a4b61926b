"""Lines about estimates: bias, RMSE, coverage, wrong signs, exaggeration.

A ratio is judged on the log scale. What the plan's own estimator does on the same data sets is the
measure: no estimator of a median is without bias in ten animals, and none must be failed for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simulator.auditing.estimands import Estimand
from simulator.auditing.evidence import Bools, Evidence, Floats
from simulator.auditing.lines.decisions import Question, judged
from simulator.auditing.lines.rates import MISSED, at_least, at_most, mean_at_most, quantile
from simulator.auditing.result import Line, Measure, Verdict
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.scenario import Comparison

#: Bias beyond the plan's own, in standard deviations of its estimates: allowed, intolerable.
BIAS, MUCH_BIAS = 0.25, 0.5
#: RMSE in multiples of the plan's own.
RMSE, MUCH_RMSE = 1.25, 1.5
#: Points that coverage may lie below its nominal level (few animals give no exact interval).
SHORT, MUCH_SHORT = 0.02, 0.05
#: Wrong signs among rejections beyond the plan's own.
WRONG, MUCH_WRONG = 0.05, 0.15
#: Exaggeration in multiples of the plan's own.
EXAGGERATED, MUCH_EXAGGERATED = 1.25, 1.5
#: Share of the plan's estimates that an analysis may lack; an estimate given where the effect is
#: large alone says nothing of the effect.
MOST_LACKING = 0.05
#: A truth that is nearer to no effect than so many of its errors has no sign.
_NO_SIGN = 4.0


@dataclass(frozen=True)
class _Estimates:
    """Estimates of one comparison less the truth, on the scale on which they are judged.

    ``miss`` and ``own`` are the analysis' and the plan's; ``used`` says of which replicates;
    ``every`` has all of the plan's; ``chosen`` where too many of the analysis' lack.
    """

    comparison: Comparison
    miss: Floats
    own: Floats
    used: Bools
    effect: float
    note: str
    every: Floats
    chosen: bool

    def line(self, measure: Measure, value: Probability | Estimate) -> Line:
        one = self.comparison
        return Line(
            measure=measure,
            value=value,
            verdict="not judged",
            limit="",
            endpoint=one.endpoint,
            treated=one.treated,
            control=one.control,
            family=one.family,
            note=self.note,
        )


def estimate_lines(
    run: Evidence, estimand: Estimand, truth: tuple[Estimate, ...], *, confidence: float
) -> Iterator[Question]:
    """Yield the questions about the estimates of every comparison that has any.

    Parameters
    ----------
    truth : of the estimand, by comparison.
    confidence : nominal level of the intervals.
    """
    for k, one in enumerate(run.plan.comparisons):
        if np.isnan(run.estimate[:, k]).all():
            continue
        found = _estimates(run, k, one, estimand, truth[k])
        if found.used.sum() < 2:
            continue
        yield from _bias(found)
        yield from _rmse(found)
        if abs(truth[k].value - estimand.nothing) > _NO_SIGN * truth[k].mcse:
            rejected = run.decisions[found.used, k], run.plan_rejected[found.used, k]
            yield from _signs(found, *rejected)
    for k, one in enumerate(run.plan.comparisons):
        given, covers = run.covers(k, truth[k].value)
        if given.any() and not math.isnan(truth[k].value):
            note = _lacking(int(run.ran.sum() - given.sum()), int(run.ran.sum()), "interval")
            yield _coverage(one, int(covers.sum()), int(given.sum()), confidence, note)


def _estimates(
    run: Evidence, k: int, one: Comparison, estimand: Estimand, truth: Estimate
) -> _Estimates:
    def scaled(values: Floats) -> Floats:
        if estimand.scale != "ratio":
            return values
        found = np.full(values.shape, np.nan)
        np.log(values, out=found, where=values > 0)
        return found

    level, nothing = scaled(np.array([truth.value, float(estimand.nothing)])).tolist()
    miss, own = scaled(run.estimate[:, k]) - level, scaled(run.plan_estimate[:, k]) - level
    used = np.isfinite(miss) & np.isfinite(own)
    there = np.isfinite(own) & run.ran
    note = _lacking(int(run.ran.sum() - used.sum()), int(run.ran.sum()), "usable estimate")
    chosen = used.sum() < (1 - MOST_LACKING) * there.sum()
    if chosen:
        note = f"{note}, where the plan has one: what is left out biases the others"
    return _Estimates(one, miss[used], own[used], used, level - nothing, note, own[there], chosen)


def _lacking(count: int, total: int, what: str) -> str:
    return f"{count} of {total} replicates have no {what}" if count else ""


def _mean(values: Floats) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / math.sqrt(values.size)))


def _bias(found: _Estimates) -> Iterator[Question]:
    spread = float(found.own.std(ddof=1))
    beyond = _mean(found.miss - found.own)
    line = replace(
        found.line("bias", _mean(found.miss)),
        plan=_mean(found.every),
        limit=f"within {BIAS:g} standard deviations of the plan's own",
    )

    def at(level: float) -> Line:
        if found.chosen:
            return replace(line, verdict="fail")

        def verdict(times: float) -> Verdict:
            return mean_at_most(
                abs(beyond.value),
                beyond.mcse / math.sqrt(times),
                limit=BIAS * spread,
                intolerable=MUCH_BIAS * spread,
                level=level / 2,  # it may be off to either side
                freedom=times * found.miss.size - 1,
            )

        return judged(line, verdict, found.miss.size)

    yield at


def _rmse(found: _Estimates) -> Iterator[Question]:
    squares, own = found.miss**2, found.own**2
    line = replace(
        found.line("rmse", _root(squares)),
        plan=_root(own),
        limit=f"at most {RMSE:g} times the plan's own",
    )
    # which of two mean squares is larger is told from their difference, replicate by replicate
    allowed, much = _mean(squares - RMSE**2 * own), _mean(squares - MUCH_RMSE**2 * own)

    def at(level: float) -> Line:
        def verdict(times: float) -> Verdict:
            root, freedom = math.sqrt(times), times * found.miss.size - 1
            failed = quantile(level, freedom) * allowed.mcse / root
            passed = quantile(MISSED, freedom) * much.mcse / root
            if allowed.value - failed > 0:
                return "fail"
            return "pass" if much.value + passed <= 0 else "not enough replicates"

        return judged(line, verdict, found.miss.size)

    yield at


def _root(squares: Floats) -> Estimate:
    """Return the root of a mean square, its error by the delta method (Morris et al. 2019)."""
    mean = _mean(squares)
    root = math.sqrt(mean.value)
    return Estimate(root, mean.mcse / (2 * root) if root else 0.0)


def _coverage(one: Comparison, covers: int, total: int, confidence: float, note: str) -> Question:
    line = Line(
        measure="coverage",
        value=Probability(covers, total),
        verdict="not judged",
        limit=f"at least {confidence - SHORT:.0%}",
        endpoint=one.endpoint,
        treated=one.treated,
        control=one.control,
        family=one.family,
        note=note,
    )

    def at(level: float) -> Line:
        def verdict(times: float) -> Verdict:
            return at_least(
                round(covers * times),
                round(total * times),
                limit=confidence - SHORT,
                intolerable=confidence - MUCH_SHORT,
                level=level,
            )

        return judged(line, verdict, total)

    return at


def _signs(found: _Estimates, rejected: Bools, plan_rejected: Bools) -> Iterator[Question]:
    """Yield wrong signs and exaggeration among the rejections (Gelman & Carlin 2014)."""
    said = ((found.miss + found.effect) / found.effect)[rejected]
    own = ((found.own + found.effect) / found.effect)[plan_rejected]
    if not said.size:
        return
    # an analysis that does as the plan does need not wait for many rejections to be told so
    alike = bool(np.array_equal(rejected, plan_rejected) and np.allclose(said, own, rtol=1e-6))
    wrong, plan, allowed = Probability(int((said < 0).sum()), said.size), None, 0.0
    if own.size:
        plan = Probability(int((own < 0).sum()), own.size)
        allowed = plan.interval(1 - 2 * MISSED)[1]
    line = replace(
        found.line("type_s", wrong), plan=plan, limit=f"at most {WRONG:.0%} or the plan's own"
    )
    yield (
        (lambda _: replace(line, verdict="pass"))
        if alike
        else _wrong_signs(line, wrong, allowed, found.miss.size)
    )
    if said.size > 1 and own.size > 1:
        exaggeration = replace(
            found.line("type_m", _mean(abs(said))),
            plan=_mean(abs(own)),
            limit=f"at most {EXAGGERATED:g} times the plan's own",
        )
        passed = replace(exaggeration, verdict="pass")
        yield (
            (lambda _: passed) if alike else _exaggeration(exaggeration, found.miss.size, said.size)
        )


def _wrong_signs(line: Line, wrong: Probability, allowed: float, replicates: int) -> Question:
    limit = max(WRONG, allowed)

    def at(level: float) -> Line:
        def verdict(times: float) -> Verdict:
            return at_most(
                round(wrong.count * times),
                round(wrong.replicates * times),
                limit=limit,
                intolerable=min(1.0, limit + MUCH_WRONG - WRONG),
                level=level,
            )

        return judged(line, verdict, replicates)

    return at


def _exaggeration(line: Line, replicates: int, rejections: int) -> Question:
    said, own = line.value, line.plan
    assert isinstance(said, Estimate)
    assert isinstance(own, Estimate)

    def at(level: float) -> Line:
        def verdict(times: float) -> Verdict:
            # the errors of both are counted as if they were independent: never too small a sum
            # of theirs, since the two share their data sets
            root = math.sqrt(times)
            return mean_at_most(
                said.value - EXAGGERATED * own.value,
                math.hypot(said.mcse, EXAGGERATED * own.mcse) / root,
                limit=0.0,
                intolerable=(MUCH_EXAGGERATED - EXAGGERATED) * own.value,
                level=level,
                freedom=times * rejections - 1,
            )

        return judged(line, verdict, replicates)

    return at
