"""The whole analysis of one data set, simulated or from the bench, by one plan."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.analysis.effect import (
    fold_of_medians,
    hodges_lehmann,
    relative_effect_interval,
)
from simulator.analysis.mann_whitney import MannWhitney, of_sorted
from simulator.analysis.multiplicity import adjust, rejects
from simulator.analysis.results import Analysis, ComparisonResult, TrendResult
from simulator.analysis.samples import Sample, Samples, did_you_mean, gather, source
from simulator.analysis.trend import jonckheere
from simulator.errors import DataError, Problem
from simulator.scenario.analysis_plan import (
    Adjustment,
    Alternative,
    AnalysisPlan,
    Comparison,
    Convention,
    Family,
    Method,
    Trend,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Analysis", "ComparisonResult", "TrendResult", "analyse", "plan_for"]


def analyse(observations: pd.DataFrame, plan: AnalysisPlan) -> Analysis:
    """Analyse one data set.

    Parameters
    ----------
    observations : tidy table: subject_id, arm, endpoint, value and perhaps censored (`below`
        and `above` rank lowest and highest). Missing values are dropped and counted in the note.
    plan : families of comparisons, trends, method, alternative.

    Returns
    -------
    One row per comparison of the plan, in its order. A comparison that cannot be made (an arm
    that the data do not have, empty, one animal, all values equal) has p_value None and says
    why in its note; it is not rejected, and not counted in its family.

    Raises
    ------
    DataError : the table itself cannot be used, with all of its problems.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "subject_id": range(8), "arm": ["saline"] * 4 + ["drug"] * 4,
    ...     "endpoint": "afc", "value": [5.1, 4.0, 6.2, 4.8, 14.0, 18.5, 9.9, 21.0]})
    >>> result = analyse(table, plan_for(table, control="saline"))
    >>> round(result.comparisons[0].p_value, 4), result.comparisons[0].rejected
    (0.0286, True)
    """
    samples = gather(observations)
    rows: list[ComparisonResult] = []
    for name, family in plan.families.items():
        comparisons = plan.comparisons_of(name)
        tests = [_test(samples, plan, comparison) for comparison in comparisons]
        p = [math.nan if test.p_value is None else test.p_value for test in tests]
        for comparison, test, p_adjusted in zip(
            comparisons, tests, adjust(p, family.adjust), strict=True
        ):
            rows.append(
                _row(samples, plan, comparison, test, float(p_adjusted), alpha=family.alpha)
            )
    trends = tuple(_trend(samples, name, trend) for name, trend in plan.trends.items())
    of_data = tuple(map(str, observations.attrs.get("notes", ())))
    return Analysis(tuple(rows), trends, (*of_data, *_unused(samples, plan)))


def _test(samples: Samples, plan: AnalysisPlan, comparison: Comparison) -> MannWhitney:
    return of_sorted(
        samples.get(comparison.endpoint, comparison.treated).ranked,
        samples.get(comparison.endpoint, comparison.control).ranked,
        method=plan.method,
        alternative=plan.alternative,
        convention=plan.convention,
        continuity=plan.continuity,
    )


def _row(
    samples: Samples,
    plan: AnalysisPlan,
    comparison: Comparison,
    test: MannWhitney,
    p_adjusted: float,
    *,
    alpha: float,
) -> ComparisonResult:
    endpoint = comparison.endpoint
    treated = samples.get(endpoint, comparison.treated)
    control = samples.get(endpoint, comparison.control)
    arms = (comparison.treated, comparison.control)
    notes = list(dict.fromkeys(why for arm in arms if (why := samples.absent(endpoint, arm))))
    if test.note and not notes:
        notes.append(test.note)
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
            exact=test.method == "exact" and test.tie_sum == 0,
            continuity=plan.continuity,
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
        method=test.method,
        convention=test.convention,
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
    )


def _why_shift(treated: Sample, control: Sample) -> str:
    # One zero changes x0.125 to -56: nobody should have to guess why.
    values = np.concatenate((treated.recorded, control.recorded))
    parts = [
        f"{count} of {values.size} values {'is' if count == 1 else 'are'} {what}"
        for what, count in (("0", int((values == 0).sum())), ("negative", int((values < 0).sum())))
        if count
    ]
    return f"{' and '.join(parts)}: Hodges-Lehmann is a difference (shift), not a ratio"


def _trend(samples: Samples, name: str, trend: Trend) -> TrendResult:
    found = [samples.get(trend.endpoint, arm) for arm in trend.arms]
    sizes = tuple(int(sample.recorded.size) for sample in found)
    absent = (samples.absent(trend.endpoint, arm) for arm in trend.arms)
    notes = list(dict.fromkeys(why for why in absent if why))
    for arm, sample in zip(trend.arms, found, strict=True):
        notes += sample.remarks(f'"{arm}"')
    statistic = z = p = None
    empty = [arm for arm, size in zip(trend.arms, sizes, strict=True) if not size]
    if empty:
        notes.insert(0, f"no trend test: no value in {', '.join(empty)}")
    elif len(found) < 2:
        notes.append("a trend needs at least two arms")
    else:
        test = jonckheere([sample.ranked for sample in found], alternative=trend.alternative)
        statistic = test.statistic
        if math.isnan(test.p_value):
            notes.insert(0, "all values are equal: nothing to rank")
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
        rejected=p is not None and rejects(p, trend.alpha),
        note="; ".join(notes),
    )


def _unused(samples: Samples, plan: AnalysisPlan) -> tuple[str, ...]:
    # A mistyped name in the data would otherwise vanish without a word.
    arms = {arm for family in plan.families.values() for arm in (*family.arms, family.against)}
    arms |= {arm for trend in plan.trends.values() for arm in trend.arms}
    endpoints = {name for family in plan.families.values() for name in family.endpoint}
    endpoints |= {trend.endpoint for trend in plan.trends.values()}
    notes = []
    for what, there, used in (
        ("arm", samples.arms, arms),
        ("endpoint", samples.endpoints, endpoints),
    ):
        left = [name for name in there if name not in used]
        if left:
            plural = "s" if len(left) > 1 else ""
            notes.append(f"{what}{plural} in the data that no test uses: {', '.join(left)}")
    return tuple(notes)


def check_names(observations: pd.DataFrame, plan: AnalysisPlan) -> None:
    """Refuse a plan of which not one comparison and not one trend has its names in the data.

    Raises
    ------
    DataError : lists the names of the plan that the data do not have, with the nearest there.
    """
    samples = gather(observations)
    needs: list[tuple[str, tuple[str, ...]]] = [
        *((one.endpoint, (one.treated, one.control)) for one in plan.comparisons),
        *((trend.endpoint, tuple(trend.arms)) for trend in plan.trends.values()),
    ]
    lacking = [
        [why for arm in arms if (why := samples.absent(endpoint, arm))] for endpoint, arms in needs
    ]
    if lacking and all(lacking):
        reasons = dict.fromkeys(why for found in lacking for why in found)
        raise DataError(source(observations), [Problem("plan", why) for why in reasons])


def plan_for(
    observations: pd.DataFrame,
    *,
    control: str,
    endpoints: Sequence[str] | None = None,
    arms: Sequence[str] | None = None,
    method: Method = "auto",
    alternative: Alternative = "two-sided",
    convention: Convention = "far-tail",
    continuity: bool = True,
    adjust: Adjustment = "holm",
    alpha: float = 0.05,
) -> AnalysisPlan:
    """Return a plan for bench data: every other arm against the control, one family per endpoint.

    Parameters
    ----------
    observations : as for `analyse`.
    control : the arm that all others are compared with.
    endpoints, arms : what to test, in this order; default all, in the order of the table.
    adjust : multiplicity adjustment over the arms, within each endpoint.

    Raises
    ------
    DataError : names that the data do not have, no arm to compare, or an unusable table.
    """
    samples = gather(observations)
    problems = [
        Problem(what, f'no {what} "{name}" in the data{did_you_mean(name, known)}')
        for what, names, known in (
            ("arm", [control, *(arms or ())], samples.arms),
            ("endpoint", endpoints or (), samples.endpoints),
        )
        for name in names
        if name not in known
    ]
    treated = tuple(arms) if arms is not None else samples.arms
    treated = tuple(arm for arm in treated if arm != control)
    if not problems and not treated:
        problems.append(Problem("arm", f'there is no arm to compare with "{control}"'))
    if problems:
        raise DataError(source(observations), problems)
    # Names of the bench ("MSC 10 µL/kg") need not be ids of a scenario: built without that check.
    families = {
        endpoint: Family.model_construct(
            endpoint=(endpoint,), arms=treated, against=control, adjust=adjust, alpha=alpha
        )
        for endpoint in (endpoints or samples.endpoints)
    }
    checked = AnalysisPlan(
        method=method, alternative=alternative, convention=convention, continuity=continuity
    )
    Family(endpoint=("x",), arms=("x",), against="x", adjust=adjust, alpha=alpha)
    return checked.model_copy(update={"families": families})
