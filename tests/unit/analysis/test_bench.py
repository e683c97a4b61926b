"""From a bench CSV to an answer: the whole way, with the troubles of real files."""

from __future__ import annotations

import pytest

from simulator.analysis import analyse, mann_whitney, plan_for
from simulator.errors import DataError
from simulator.tables import read_bench

SALINE = (5.1, 4.0, 6.2, 4.8, 10.3)
DRUG = (14.0, 18.5, 9.9, 21.0, 12.2)


def wide(delimiter=",", mark=".", **changes):
    """Return a wide table of both arms; ``changes`` replaces cells, e.g. ``drug_1="NA"``."""
    lines = [delimiter.join(("mouse", "group", "AFC per spleen"))]
    for arm, values in (("saline", SALINE), ("drug", DRUG)):
        for place, value in enumerate(values):
            cell = changes.get(f"{arm}_{place}", str(value).replace(".", mark))
            lines.append(delimiter.join((f"{arm}-{place}", arm, cell)))
    return "\n".join(lines) + "\n"


@pytest.fixture
def answer(tmp_path):
    """Write a table, read it, and compare drug with saline."""

    def analysed(text, **options):
        path = tmp_path / "bench.csv"
        path.write_text(text, encoding="utf-8")
        frame = read_bench(path)
        return analyse(frame, plan_for(frame, control="saline", **options)).comparisons[0]

    return analysed


@pytest.mark.parametrize(
    ("delimiter", "mark"), [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]
)
def test_the_same_answer_from_every_spreadsheet(answer, delimiter, mark):
    row = answer(wide(delimiter, mark))
    assert row.endpoint == "AFC per spleen"
    assert row.p_value == mann_whitney(DRUG, SALINE).p_value
    assert (row.n_treated, row.n_control, row.note) == (5, 5, "")


def test_missing_values(answer):
    row = answer(wide(drug_1="NA", saline_0=""))
    assert (row.n_treated, row.n_control) == (4, 4)
    assert row.note == (
        "1 of 5 treated values missing, not used; 1 of 5 control values missing, not used"
    )


def test_an_arm_without_values(answer):
    row = answer(wide(**{f"drug_{place}": "NA" for place in range(5)}))
    assert (row.p_value, row.rejected) == (None, False)
    assert row.note.startswith("the treated arm is empty; 5 of 5 treated values missing")


def test_all_values_equal(answer):
    row = answer(
        wide(**{f"{arm}_{place}": "7" for arm in ("drug", "saline") for place in range(5)})
    )
    assert (row.p_value, row.relative_effect) == (None, 0.5)
    assert row.note == "all values are equal: nothing to rank"


def test_values_out_of_range(answer):
    row = answer(wide(drug_0=">4096", drug_1=">4096", saline_0="<2"))
    assert row.p_value == mann_whitney((99, 99, *DRUG[2:]), (0, *SALINE[1:])).p_value
    assert "2 of 5 treated values above the range: highest rank" in row.note


def test_unknown_control(answer):
    with pytest.raises(DataError, match='no arm "saline" in the data; did you mean "salin"'):
        answer(wide().replace("saline", "salin"))


def test_text_in_a_number_column(answer):
    with pytest.raises(DataError, match=r'line 8 +AFC per spleen +"lost" is not a number'):
        answer(wide(drug_1="lost"))


def test_wrong_delimiter(answer):
    with pytest.raises(DataError, match="separate columns by comma, semicolon or tab"):
        answer(wide("|"))


def test_decimal_commas_in_a_comma_file(answer):
    with pytest.raises(DataError, match="decimal commas"):
        answer(wide(",", ","))
