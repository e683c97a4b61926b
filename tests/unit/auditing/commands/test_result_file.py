"""Results are read from CSV, JSON and tables in memory, or it is said why not."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import analyse, load_scenario
from simulator.auditing.claims import NUMBERS, Asked, Claims, read_claims
from simulator.auditing.commands.result_file import (
    claims_of_bytes,
    claims_of_frame,
    outcome_of_bytes,
)
from simulator.errors import DataError
from simulator.scenario.analysis_plan import AnalysisPlan, Family
from simulator.trial.cohort.studies import Studies

PLAN = AnalysisPlan(
    families={
        "low": Family(endpoint="afc", arms=("drug", "both"), against="saline"),
        "high": Family(endpoint="titer", arms=("drug",), against="saline"),
    }
)
NAMES = [(one.endpoint, one.treated, one.control) for one in PLAN.comparisons]
#: Two families that ask the same.
TWICE = AnalysisPlan(
    families={
        name: Family(endpoint="afc", arms=("drug",), against="saline") for name in ("one", "two")
    }
)
NAN = math.nan


def same(one: Claims, other: Claims) -> bool:
    """Return whether claims are equal, and of floats."""
    pairs = [(getattr(one, name), getattr(other, name)) for name in (*NUMBERS, "rejected")]
    return all(
        np.array_equal(a, b, equal_nan=True) and a.dtype == b.dtype == np.float64 for a, b in pairs
    )


def claims(text: str | bytes, plan: AnalysisPlan = PLAN) -> Claims:
    raw = text.encode() if isinstance(text, str) else text
    return claims_of_bytes(raw, Asked.of(plan), source="result")


PLAIN = "endpoint,treated,control,p_value\nafc,drug,saline,0.01\ntiter,drug,saline,0.5\n"
EXPECTED = claims(PLAIN)


def test_a_plain_table():
    np.testing.assert_array_equal(EXPECTED.p_value, [0.01, NAN, 0.5])
    np.testing.assert_array_equal(EXPECTED.rejected, [NAN] * 3)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\n \n" + PLAIN + "\n\n",
        PLAIN.rstrip("\n"),
        PLAIN.replace(",", ";"),
        PLAIN.replace(",", "\t"),
        "sep=;\n" + PLAIN.replace(",", ";"),
        PLAIN.replace(",", ";").replace("0.", "0,"),
        PLAIN.replace(",", ";").replace("0.01", "1,0e-2").replace("0.5", ",5"),
        PLAIN.replace(",", "\t").replace("0.", "0,"),
        PLAIN.replace(",", " , "),
        # more columns, in another order, with other marks in their names
        'note,p_value,"a;b;c;d;e",control,treated,endpoint\n'
        "x,0.01,y,saline,drug,afc\nx,0.5,,saline,drug,titer\n",
        # write.csv and write.csv2 of R: quotes, and row names in a column without a name
        '"","endpoint","treated","control","p_value"\n'
        '"1","afc","drug","saline",0.01\n"2","titer","drug","saline",0.5\n',
        '"";"endpoint";"treated";"control";"p_value"\n'
        '"1";"afc";"drug";"saline";0,01\n"2";"titer";"drug";"saline";0,5\n',
        # write.table of R: row names without a column
        '"endpoint"\t"treated"\t"control"\t"p_value"\n'
        '"1"\t"afc"\t"drug"\t"saline"\t0.01\n"2"\t"titer"\t"drug"\t"saline"\t0.5\n',
        # rows with a comma too many at their ends
        "endpoint,treated,control,p_value\nafc,drug,saline,0.01,\ntiter,drug,saline,0.5,\n",
        # a missing p, as R and Python write it
        PLAIN + "afc,both,saline,NA\n",
        PLAIN + "afc,both,saline,\n",
        PLAIN + "afc,both,saline,nan\n",
    ],
)
def test_tables_that_say_the_same(text):
    assert same(claims(text), EXPECTED)


ROWS = [
    {"endpoint": "afc", "treated": "drug", "control": "saline", "p_value": 0.01},
    {"endpoint": "titer", "treated": "drug", "control": "saline", "p_value": 0.5},
]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROWS),
        "\ufeff \n" + json.dumps(ROWS, indent=1),
        json.dumps({"comparisons": ROWS, "notes": ["x"], "version": 1}),
        # R's jsonlite boxes what is in lists
        json.dumps([{name: [cell] for name, cell in row.items()} for row in ROWS]),
        json.dumps([*ROWS, {**ROWS[0], "treated": "both", "p_value": None}]),
        json.dumps([*ROWS, {**ROWS[0], "treated": "both", "p_value": NAN}]),
        json.dumps([*ROWS, {**ROWS[0], "treated": "both", "p_value": "NA"}]),
        json.dumps([*ROWS, {"endpoint": "afc", "treated": "both", "control": "saline"}]),
    ],
)
def test_json_that_says_the_same(text):
    assert same(claims(text), EXPECTED)


def test_numbers_of_every_column_are_read_to_the_last_bit():
    row = {
        **ROWS[0],
        "p_value": 0.1 + 0.2,
        "p_adjusted": 1e-300,
        "estimate": math.inf,
        "ci_low": -math.inf,
        "ci_high": NAN,
        "u": 12,
        "rejected": True,
        "family": "low",
    }
    frame = pd.DataFrame([row])
    found = claims(json.dumps([row]))
    assert same(found, claims(frame.to_csv(index=False)))
    assert same(found, claims_of_frame(frame, Asked.of(PLAN), source="result"))
    assert found.p_value[0] == 0.1 + 0.2
    assert found.estimate[0] == math.inf
    assert (found.u[0], found.rejected[0], found.p_adjusted[0]) == (12.0, 1.0, 1e-300)


def test_the_output_of_the_plan_s_own_analysis_is_a_result():
    scenario = load_scenario("secretome-healthy-mice")
    observations, column = Studies(scenario, n=6).of(0)
    found = analyse(observations.frame(column), scenario.analysis)
    text = json.dumps(found.to_dict(), default=str)
    of_json = claims(text, scenario.analysis)
    of_frame = claims_of_frame(found.to_frame(), Asked.of(scenario.analysis), source="result")
    expected = [math.nan if one.p_value is None else one.p_value for one in found.comparisons]
    np.testing.assert_array_equal(of_json.p_value, expected)
    np.testing.assert_array_equal(of_frame.p_value, expected)
    np.testing.assert_array_equal(of_json.rejected, [one.rejected for one in found.comparisons])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "is empty; a CSV table with a header, a JSON list of objects, or an object with"),
        (b"\xff\xfe\x00a", r"is not UTF-8 text \(byte 1\)"),
        (PLAIN.encode("utf-16-le"), "is not a text"),
        ("just a word", 'is not a table, it starts "just a word"'),
        ("\x1b[31mred", 'it starts " .31mred"'),
        (
            'endpoint,treated,control,p_value\n"afc"x,drug,saline,1\n',
            "is not a CSV table: .*expect",
        ),
        ('endpoint,treated,control,p_value\n"afc,drug', "is not a CSV table: unexpected end"),
        (f"endpoint,treated,control,p_value\n{'x' * 200_000},drug", "is not a CSV table: field la"),
        (",".join(map(str, range(5000))), "has 5,000 columns"),
        ("[{'endpoint': 1}]", "is not JSON: Expecting property name"),
        ("[" * 1_000_000, "is not JSON"),
        ('[1] "afc"', "is not JSON: Extra data"),
        (b" " * (9 << 20), "is larger than 8 MiB"),
    ],
)
def test_what_is_no_table(text, message):
    raw = text.encode() if isinstance(text, str) else text
    outcome = outcome_of_bytes(raw, Asked.of(PLAN), source="result")
    assert (outcome.claims, outcome.failure) == (None, "unreadable result")
    assert re.search(f"^result: .*{message}", outcome.message), outcome.message
    assert outcome.message.isprintable()
    assert len(outcome.message) <= 500


_LONG = json.dumps([{**ROWS[0], "p_value": "x" * 100, "treated": "y" * 1000}] * 9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "endpoint: column is missing.*; p_value: column is missing"),
        (PLAIN.replace("p_value", "p"), "p_value: column is missing"),
        (PLAIN.replace("0.01", "<0.05"), 'p_value: row 1: "<0.05" is not a number'),
        (PLAIN.replace("0.01", "-0.5"), "p_value: row 1: -0.5 is not between 0 and 1"),
        (
            PLAIN.replace("drug,saline,0.5", "drog,saline,0.5"),
            'row 2: "drog" .*did you mean "drug"',
        ),
        (PLAIN.replace("0.", "0,"), "row 1 has 5 cells where the header has 4; decimal commas?"),
        (PLAIN + PLAIN.splitlines()[1], "is the same comparison as row 1"),
        (PLAIN.replace("control", "p_value"), "p_value: is the name of two columns"),
        ("[]", "table: is an empty list"),
        ("{}", r"is due \(pandas: to_json\(orient=\"records\"\)\)"),
        ('{"endpoint": {"0": "afc"}}', r"is due \(pandas"),
        ("[1, 2]", "table: a CSV table with a header"),
        (json.dumps([{**ROWS[0], "p_value": True}]), 'row 1: "True" is not a number'),
        (json.dumps([{**ROWS[0], "p_value": [1, 2]}]), r'"\[1.0, 2.0\]" is not a number'),
        (json.dumps([{**ROWS[0], "p_value": 10**400}]), "inf is not between 0 and 1"),
        (f'[{{"endpoint":"afc","p_value":{"9" * 5000}}}]', "treated: column is missing"),
        (json.dumps([{**ROWS[0], "endpoint": "\x1b]0;x\x07"}]), 'row 1: " .0;x " is not in the pl'),
        (_LONG, "is not in the plan"),
    ],
)
def test_tables_that_do_not_answer(text, message):
    outcome = outcome_of_bytes(text.encode(), Asked.of(PLAN), source="result")
    assert (outcome.claims, outcome.failure) == (None, "wrong result")
    assert re.search(f"^result: .*{message}", outcome.message), outcome.message
    assert outcome.message.isprintable()
    assert len(outcome.message) <= 500


def test_many_names_and_many_rows_are_refused_at_once():
    many = json.dumps([{f"column {k}": 1} for k in range(20_000)])
    assert outcome_of_bytes(many.encode(), Asked.of(PLAN), source="x").failure == "wrong result"
    rows = "endpoint,treated,control,p_value\n" + "afc,nobody,saline,0.5\n" * 50_000
    outcome = outcome_of_bytes(rows.encode(), Asked.of(PLAN), source="x")
    assert outcome.message == "x: rows: are 50,000, and the plan has 3 comparisons"
    frame = pd.DataFrame([ROWS[0]] * 2000)
    with pytest.raises(DataError, match="are 2,000, and the plan has 3 comparisons"):
        claims_of_frame(frame, Asked.of(PLAN), source="x")


# Tables in memory: the quick way and the careful one say the same.

_FRAME = pd.DataFrame(
    {
        "endpoint": ["titer", "afc", "afc"],
        "treated": ["drug", "drug", "both"],
        "control": ["saline"] * 3,
        "p_value": [0.5, 0.01, NAN],
        "u": [1, 2, 3],
        "rejected": [False, True, False],
        "more": [object(), object(), object()],
    }
)


@pytest.mark.parametrize(
    "frame",
    [
        _FRAME,
        _FRAME.iloc[[1, 2, 0]],
        _FRAME.astype({"endpoint": "category", "treated": object, "control": "string"}),
        _FRAME.astype({"p_value": "float32", "u": "int8"}),
        _FRAME.astype({"p_value": object, "u": object, "rejected": object}),
        _FRAME.astype({"p_value": "Float64", "u": "Int64", "rejected": "boolean"}),
        _FRAME.astype({"u": str, "rejected": str}),
        _FRAME.astype({"rejected": float}),
        _FRAME.assign(rejected=["FALSE", "TRUE", "FALSE"]),
        _FRAME.assign(endpoint=[" titer", "afc ", "afc"]),
        _FRAME.assign(family=["high", "low", "low"]),
        _FRAME.assign(family=["high", "low", "low"])[[*_FRAME.columns[::-1], "family"]],
        _FRAME.set_index(pd.Index([7, 7, 7])),
        _FRAME.iloc[:2],
        _FRAME.iloc[:0],
        _FRAME.rename(columns={"more": ("a", "b")}),
    ],
)
def test_a_table_in_memory_is_read_as_its_rows_are(frame):
    names = [str(name) for name in frame.columns]
    rows = [[None if cell is pd.NA else cell for cell in row] for row in frame.to_numpy().tolist()]
    expected = read_claims(names, rows, Asked.of(PLAN), source="result")
    assert same(claims_of_frame(frame, Asked.of(PLAN), source="result"), expected)


def test_comparisons_of_several_families():
    row = {"endpoint": "afc", "treated": "drug", "control": "saline", "p_value": 0.25}
    both = claims_of_frame(pd.DataFrame([row]), Asked.of(TWICE), source="result")
    assert both.p_value.tolist() == [0.25, 0.25]
    rows = [{**row, "family": "two"}, {**row, "p_value": 0.5, "family": "one"}]
    told = claims_of_frame(pd.DataFrame(rows), Asked.of(TWICE), source="result")
    assert told.p_value.tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ([1], "table +is a list: a pandas DataFrame is due"),
        (_FRAME["p_value"], "is a Series: a pandas DataFrame is due"),
        (_FRAME.drop(columns="control"), "control +column is missing"),
        (_FRAME.assign(p_value=1.5), "1.5 is not between 0 and 1"),
        (_FRAME.assign(p_value=-1), "-1 is not between 0 and 1"),
        (_FRAME.assign(p_value=True), '"True" is not a number'),
        (_FRAME.assign(p_value="<0.05"), '"<0.05" is not a number'),
        (_FRAME.assign(control="Placebo"), '"Placebo" is not in the plan'),
        (_FRAME.assign(control=[["saline"]] * 3), "is not in the plan"),
        (_FRAME.assign(treated="drug", endpoint="afc"), "is the same comparison as row 1"),
        (_FRAME.assign(rejected="maybe"), "neither TRUE nor FALSE"),
        (
            pd.concat([_FRAME, _FRAME["p_value"]], axis=1),
            "p_value +is the name of two columns",
        ),
    ],
)
def test_tables_in_memory_that_do_not_answer(frame, message):
    with pytest.raises(DataError, match=message):
        claims_of_frame(frame, Asked.of(PLAN), source="result")


_NUMBER = st.one_of(st.floats(0, 1), st.just(NAN))


@given(
    order=st.permutations(range(3)),
    numbers=st.lists(
        st.tuples(_NUMBER, _NUMBER, st.floats(), st.booleans()), min_size=3, max_size=3
    ),
    kept=st.integers(0, 3),
)
def test_all_ways_of_reading_agree(order, numbers, kept):
    names = ["endpoint", "treated", "control", "p_value", "p_adjusted", "estimate", "rejected"]
    rows = [(*NAMES[k], *numbers[k]) for k in order][:kept]
    frame = pd.DataFrame(rows, columns=names).astype({"rejected": bool})
    careful = read_claims(names, rows, Asked.of(PLAN), source="result")
    assert same(claims_of_frame(frame, Asked.of(PLAN), source="result"), careful)
    if rows:
        assert same(claims(frame.to_csv(index=False)), careful)
        assert same(
            claims(json.dumps([dict(zip(names, row, strict=True)) for row in rows])), careful
        )


#: R's own writers, not what we remember of them.
_R = r"""
d <- data.frame(endpoint = c("afc", "titer"), treated = "drug", control = "saline",
                p_value = c(0.01, 0.5))
write.csv(d, "1"); write.csv2(d, "2"); write.csv(d, "3", row.names = FALSE)
write.table(d, "4", sep = "\t"); write.table(d, "5", sep = ";", dec = ",")
write.csv(d, "6", quote = FALSE, eol = "\r\n")
write.table(d, "7", sep = "\t", quote = FALSE, col.names = NA)
"""


def test_what_r_writes(tmp_path):
    rscript = shutil.which("Rscript")
    if rscript is None:
        if os.environ.get("CI"):
            pytest.fail("Rscript is not installed")
        pytest.skip("Rscript is not installed")
    (tmp_path / "write.R").write_text(_R)
    subprocess.run([rscript, "write.R"], cwd=tmp_path, check=True, timeout=60)
    for name in "1234567":
        raw = (tmp_path / name).read_bytes()
        assert same(claims(raw), EXPECTED), raw
