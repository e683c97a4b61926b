"""The rows of an analysis: a comparison with its effects, a trend."""

from __future__ import annotations

import math

import numpy as np

from simulator.analysis.effect import fold_of_medians, hodges_lehmann, relative_effect_interval
from simulator.analysis.mann_whitney import MannWhitney
from simulator.analysis.multiplicity import rejects
from simulator.analysis.pair import PairTest
from simulator.analysis.results import ComparisonResult, TrendResult
from simulator.analysis.sample import Sample
from simulator.analysis.samples import Samples
from simulator.analysis.trend import jonckheere
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW, Comparison, TestSpec, Trend


def comparison_row(
    samples: Samples,
    comparison: Comparison,
    test: PairTest,
    spec: TestSpec,
    *,
    p_adjusted: float,
    adjustment: str,
    alpha: float,
) -> ComparisonResult:
    """Return one comparison with its test, effects and notes.

    Parameters
    ----------
    p_adjusted, adjustment : within the family (NaN without a test), and how it was made.
    """
    endpoint = comparison.endpoint
    treated = samples.get(endpoint, comparison.treated)
    control = samples.get(endpoint, comparison.control)
    arms = (comparison.treated, comparison.control)
    notes = list(dict.fromkeys(why for arm in arms if (why := samples.absent(endpoint, arm))))
    if test.note and not notes:
        notes.append(test.note)
    if samples.unit == "cage" and (treated.animals or control.animals):
        notes.append(
            f"medians of {test.n_treated} v {test.n_control} cages "
            f"({treated.animals} v {control.animals} animals)"
        )
    notes += treated.remarks("treated") + control.remarks("control")
    theta = theta_ci = fold = shift = None
    if test.u is not None and treated.quartiles and control.quartiles:
        m, n = test.n_treated, test.n_control
        theta = test.u / (m * n)
        if min(treated.recorded[0], control.recorded[0]) >= 0:  # else a ratio has no meaning
            fold = fold_of_medians(treated.quartiles.median, control.quartiles.median)
        if test.p_value is not None:  # otherwise there is no spread to build an interval on
            theta_ci = relative_effect_interval(round(2 * test.u), m, n)
        shift = hodges_lehmann(
            treated.recorded,
            control.recorded,
            exact=_exact_shift(test),
            continuity=spec.continuity,
        )
        if shift is None:
            notes.append("too many values for the Hodges-Lehmann estimate")
        elif shift.scale == "shift":
            notes.append(_why_shift(treated, control))
        if shift is not None and test.p_value is not None and shift.covers is not None:
            notes.append(f"too few values for a 95 % interval: it covers {shift.covers:.1%}")
    return ComparisonResult(
        family=comparison.family,
        endpoint=endpoint,
        treated=comparison.treated,
        control=comparison.control,
        n_treated=test.n_treated,
        n_control=test.n_control,
        u=test.u,
        p_value=test.p_value,
        p_adjusted=None if math.isnan(p_adjusted) else p_adjusted,
        test=spec.test,
        method=test.method,
        convention=test.convention,
        adjustment=adjustment,
        relative_effect=theta,
        relative_effect_ci=theta_ci,
        quartiles_treated=treated.quartiles,
        quartiles_control=control.quartiles,
        fold_of_medians=fold,
        hodges_lehmann=None if shift is None else shift.estimate,
        hodges_lehmann_ci=None if shift is None or test.p_value is None else shift.interval,
        hodges_lehmann_scale=None if shift is None else shift.scale,
        rejected=rejects(p_adjusted, alpha),
        note="; ".join(notes),
        unit=samples.unit,
    )


def _exact_shift(test: PairTest) -> bool:
    # The interval inverts the Mann-Whitney test, whichever test gave the p-value.
    if test.tie_sum > 0:
        return False
    if isinstance(test, MannWhitney):
        return test.method not in (None, "asymptotic")
    return max(test.n_treated, test.n_control) < AUTO_EXACT_BELOW


def _why_shift(treated: Sample, control: Sample) -> str:
    # One zero changes x0.125 to -56: nobody should have to guess why.
    values = np.concatenate((treated.recorded, control.recorded))
    parts = [
        f"{count} of {values.size} values {'is' if count == 1 else 'are'} {what}"
        for what, count in (("0", int((values == 0).sum())), ("negative", int((values < 0).sum())))
        if count
    ]
    if not parts:
        parts.append("the values span more powers of ten than a ratio can have")
    return f"{' and '.join(parts)}: Hodges-Lehmann is a difference (shift), not a ratio"


def trend_row(samples: Samples, name: str, trend: Trend, *, resamples: int) -> TrendResult:
    """Return one trend with its test and notes.

    Parameters
    ----------
    resamples : relabelings of the exact method with ties.
    """
    found = [samples.get(trend.endpoint, arm) for arm in trend.arms]
    sizes = tuple(int(sample.recorded.size) for sample in found)
    absent = (samples.absent(trend.endpoint, arm) for arm in trend.arms)
    notes = list(dict.fromkeys(why for why in absent if why))
    if samples.unit == "cage" and any(sizes):
        counts = " v ".join(str(sample.animals) for sample in found)
        notes.append(f"medians of {' v '.join(map(str, sizes))} cages ({counts} animals)")
    for arm, sample in zip(trend.arms, found, strict=True):
        notes += sample.remarks(f'"{arm}"')
    statistic = z = p = method = None
    empty = [arm for arm, size in zip(trend.arms, sizes, strict=True) if not size]
    if empty:
        notes.insert(0, f"no trend test: no value in {', '.join(empty)}")
    elif len(found) < 2:
        notes.append("a trend needs at least two arms")
    else:
        test = jonckheere(
            [sample.ranked for sample in found],
            alternative=trend.alternative,
            method=trend.method,
            resamples=resamples,
        )
        statistic, method = test.statistic, test.method
        if test.note:
            notes.insert(0, test.note)
        else:
            z, p = test.z, test.p_value
    return TrendResult(
        name=name,
        endpoint=trend.endpoint,
        arms=tuple(trend.arms),
        n=sizes,
        alternative=trend.alternative,
        statistic=statistic,
        z=z,
        p_value=p,
        method=method,
        rejected=p is not None and rejects(p, trend.alpha),
        note="; ".join(notes),
        unit=samples.unit,
    )
