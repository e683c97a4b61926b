"""What a result may say, and what is said of one that cannot be read."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.auditing.claims import Asked, Claims, read_claims
from simulator.errors import DataError
from simulator.scenario import AnalysisPlan

PLAN = AnalysisPlan.model_validate(
    {
        "families": {
            "afc": {"endpoint": "afc", "arms": ["low", "high"], "against": "saline"},
            "all": {"endpoint": ["afc", "titer"], "arms": ["high"], "against": "saline"},
        }
    }
)
COLUMNS = ("endpoint", "treated", "control", "p_value")


def read(rows, columns=COLUMNS):
    return read_claims(columns, rows, Asked.of(PLAN), source="result.csv")


def test_a_row_is_of_every_family_unless_it_names_one():
    assert [(c.family, c.endpoint, c.treated) for c in PLAN.comparisons] == [
        ("afc", "afc", "low"),
        ("afc", "afc", "high"),
        ("all", "afc", "high"),
        ("all", "titer", "high"),
    ]
    found = read([("afc", "high", "saline", "0.04")])
    np.testing.assert_array_equal(found.p_value, [math.nan, 0.04, 0.04, math.nan])
    named = read(
        [("all", "afc", "high", "saline", 0.04, "TRUE"), ("afc", "afc", "high", "saline", 0.04, 0)],
        ("family", *COLUMNS, "rejected"),
    )
    np.testing.assert_array_equal(named.rejected, [math.nan, 0, 1, math.nan])


@pytest.mark.parametrize("text", ["", "NA", "NaN", "nan", None, math.nan, " n/a "])
def test_nothing_is_said_in_an_empty_cell(text):
    assert np.isnan(read([("afc", "low", "saline", text)]).p_value[0])


@pytest.mark.parametrize(
    ("text", "value"), [("TRUE", 1), ("false", 0), (True, 1), (0, 0), ("yes", 1), (np.bool_(1), 1)]
)
def test_truth_values(text, value):
    found = read([("afc", "low", "saline", 0.5, text)], (*COLUMNS, "rejected"))
    assert found.rejected[0] == value


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        (("endpoint", "treated", "control", "p"), [], r"p_value +column is missing.*there is"),
        (COLUMNS, [("afc", "hihg", "saline", 0.1)], r'treated +row 1: "hihg".*did you mean "high"'),
        (COLUMNS, [("afc", "low", "high", 0.1)], "low v high on afc is no comparison"),
        (COLUMNS, [("titer", "low", "saline", 0.1)], "low v saline on titer is no comparison"),
        (COLUMNS, [("afc", "low", "saline", "<0.001")], '"<0.001" is not a number'),
        (COLUMNS, [("afc", "low", "saline", 1.5)], "1.5 is not between 0 and 1"),
        (COLUMNS, [("afc", "low", "saline", -0.1)], "-0.1 is not between 0 and 1"),
        (COLUMNS, [("afc", "low", "saline", 1), ("afc", "low", "saline", 1)], "same .* as row 1"),
        (COLUMNS, [("afc", "low")], "row 1: has 2, too few"),
        ((*COLUMNS, "rejected"), [("afc", "low", "saline", 1, "maybe")], "neither TRUE nor FALSE"),
    ],
)
def test_what_cannot_be_read_is_refused(columns, rows, message):
    with pytest.raises(DataError, match=message):
        read(rows, columns)


def test_long_lists_of_problems_are_cut():
    with pytest.raises(DataError, match="and 15 more problems") as caught:
        read([("afc", "low", "saline", "x")] * 20)
    assert len(caught.value.problems) == 6


def test_claims_survive_being_written():
    found = read([("afc", "low", "saline", 0.1 + 0.2)])
    again = Claims.from_dict(found.to_dict(), size=4)
    for name in Claims.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))
