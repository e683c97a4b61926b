"""The whole analysis of one data set, simulated or from the bench, by one plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.analysis.bench_plan import plan_for
from simulator.analysis.families import family_tests
from simulator.analysis.results import Analysis, ComparisonResult, TrendResult
from simulator.analysis.rows import comparison_row, trend_row
from simulator.analysis.samples import Samples, gather, source
from simulator.analysis.units import whole_cages
from simulator.errors import DataError, Problem
from simulator.scenario.analysis_plan import AnalysisPlan, why_not_steel

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Analysis", "ComparisonResult", "TrendResult", "analyse", "plan_for"]


def analyse(observations: pd.DataFrame, plan: AnalysisPlan) -> Analysis:
    """Analyse one data set.

    Parameters
    ----------
    observations : tidy table: subject_id, arm, endpoint, value and perhaps censored (`below`
        and `above` rank lowest and highest). Missing values are dropped and counted in the note.
        Where the plan's unit is the cage also cage.
    plan : families of comparisons, trends, test, method, alternative, unit. With the unit cage
        the median of the animals of every cage is one value in every test, effect and interval.

    Returns
    -------
    One row per comparison of the plan, in its order. A comparison that cannot be made (an arm
    that the data do not have, empty, one animal, all values equal) has p_value None and says
    why in its note; it is not rejected, and not counted in its family.

    Raises
    ------
    DataError : the table itself cannot be used, or the plan asks for what does not go together;
        with all of the problems.

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
    samples = gather(observations, unit=plan.unit)
    _check(observations, plan)
    rows: list[ComparisonResult] = []
    for name, family in plan.families.items():
        tested = family_tests(samples, plan, name)
        for comparison, test, p_adjusted in zip(
            plan.comparisons_of(name), tested.tests, tested.p_adjusted, strict=True
        ):
            rows.append(
                comparison_row(
                    samples,
                    comparison,
                    test,
                    plan.spec(name),
                    p_adjusted=float(p_adjusted),
                    adjustment=tested.adjustment,
                    alpha=family.alpha,
                )
            )
    trends = tuple(
        trend_row(samples, name, trend, resamples=plan.resamples)
        for name, trend in plan.trends.items()
    )
    of_data = tuple(map(str, observations.attrs.get("notes", ())))
    notes = (*of_data, *_unused(samples, plan), *_unit(observations, plan))
    return Analysis(tuple(rows), trends, notes, plan.unit)


def _unit(observations: pd.DataFrame, plan: AnalysisPlan) -> tuple[str, ...]:
    # Data of a plan that counts mice may yet name the cages that they lived in.
    known = plan.unit == "cage" or "pseudoreplication" in plan.acknowledge
    if known or not whole_cages(observations):
        return ()
    return (
        "every cage holds animals of one arm only, and the tests count animals: where cage-mates "
        "are alike they find too much; the unit cage takes the median of every cage",
    )


def _check(observations: pd.DataFrame, plan: AnalysisPlan) -> None:
    # A scenario file is checked by its loader, a plan made in Python is not.
    found = [
        Problem(f"families.{name}.adjust", why)
        for name, family in plan.families.items()
        if family.adjust == "steel" and (why := why_not_steel(plan.spec(name), family.endpoint))
    ]
    if found:
        raise DataError(source(observations), found)


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
