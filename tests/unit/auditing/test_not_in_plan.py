"""What is said of a row that is of no comparison of the plan."""

from __future__ import annotations

import pytest

from simulator.auditing.not_in_plan import not_in_plan

from .choice_tables import plan_of

COMPARISONS = plan_of().comparisons


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        (
            ("afc", "saline", "low"),
            "treated",
            "the plan has low v saline on afc, not saline v low: exchange treated and control",
        ),
        (
            ("afc", "low", "high"),
            "treated",
            "low v high on afc is no comparison of the plan: leave the row out",
        ),
        (("weight", "low", "saline"), "endpoint", '"weight" is not in the plan; there is: afc'),
        (
            ("afc", "hihg", "saline"),
            "treated",
            '"hihg" is not in the plan; did you mean "high"?; there is: low, saline, high',
        ),
        (
            ("afc", "high", "PBS"),
            "control",
            '"PBS" is not in the plan; there is: low, saline, high',
        ),
    ],
)
def test_a_row_that_the_plan_does_not_have(row, column, message):
    assert not_in_plan(*row, COMPARISONS) == (column, message)
