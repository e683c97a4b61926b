"""What to say of a row that is of no comparison of the plan."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.analysis.samples import did_you_mean
from simulator.scenario import Comparison


def not_in_plan(
    endpoint: str, treated: str, control: str, comparisons: Sequence[Comparison]
) -> tuple[str, str]:
    """Return the column that is wrong, and how.

    Parameters
    ----------
    endpoint, treated, control : of the row.
    comparisons : of the plan.

    Examples
    --------
    >>> plan = [Comparison(family="f", endpoint="afc", treated="drug", control="saline")]
    >>> print(*not_in_plan("afc", "saline", "drug", plan), sep=": ")
    treated: the plan has drug v saline on afc, not saline v drug: exchange treated and control
    >>> print(*not_in_plan("afc", "drgu", "saline", plan), sep=": ")
    treated: "drgu" is not in the plan; did you mean "drug"?; there is: drug, saline
    """
    due = [(one.endpoint, one.treated, one.control) for one in comparisons]
    if (endpoint, control, treated) in due:
        return "treated", (
            f"the plan has {control} v {treated} on {endpoint}, not {treated} v {control}: "
            "exchange treated and control"
        )
    arms = list(dict.fromkeys(arm for _, *pair in due for arm in pair))
    endpoints = list(dict.fromkeys(name for name, *_ in due))
    named = (("endpoint", endpoint, endpoints), ("treated", treated, arms))
    for column, value, there in (*named, ("control", control, arms)):
        if value not in there:
            text = f'"{value[:60]}" is not in the plan{did_you_mean(value, there)}'
            return column, text
    return "treated", (
        f"{treated} v {control} on {endpoint} is no comparison of the plan: leave the row out"
    )
