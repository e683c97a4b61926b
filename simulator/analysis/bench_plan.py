"""A plan for bench data, and whether a plan and the data speak of the same things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.analysis.samples import did_you_mean, gather, source
from simulator.errors import DataError, Problem
from simulator.scenario.analysis_plan import (
    Adjustment,
    Alternative,
    AnalysisPlan,
    Convention,
    ExperimentalUnit,
    Family,
    Method,
    Test,
)

if TYPE_CHECKING:
    import pandas as pd


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
    test: Test = "mann_whitney",
    method: Method = "auto",
    alternative: Alternative = "two-sided",
    convention: Convention = "far-tail",
    continuity: bool = True,
    adjust: Adjustment = "holm",
    alpha: float = 0.05,
    unit: ExperimentalUnit = "animal",
) -> AnalysisPlan:
    """Return a plan for bench data: every other arm against the control, one family per endpoint.

    Parameters
    ----------
    observations : as for `analyse`.
    control : the arm that all others are compared with.
    endpoints, arms : what to test, in this order; default all, in the order of the table.
    test, method, alternative, convention, continuity : as in `AnalysisPlan`.
    adjust : multiplicity adjustment over the arms, within each endpoint.
    unit : cage: the median of every cage is one value; the table needs a column cage.

    Raises
    ------
    DataError : names that the data do not have, no arm to compare, or an unusable table.
    """
    samples = gather(observations, unit=unit)
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
        test=test,
        method=method,
        alternative=alternative,
        convention=convention,
        continuity=continuity,
        unit=unit,
    )
    Family(endpoint=("x",), arms=("x",), against="x", adjust=adjust, alpha=alpha)
    return checked.model_copy(update={"families": families})
