"""Reading bench files as people make them, and writing ours."""

from __future__ import annotations

import math
import os

import numpy as np
import pandas as pd
import pytest

from simulator.errors import DataError, OutputError
from simulator.tables import (
    ANALYSIS_COLUMNS,
    BENCH_COLUMNS,
    OBSERVATION_COLUMNS,
    read_bench,
    write_table,
)

TIDY = "subject_id,arm,endpoint,value\nm1,saline,afc,5\nm2,drug,afc,7.5\n"


@pytest.fixture
def bench(tmp_path):
    """Write a file and read it; returns the frame."""

    def read(content, *, encoding="utf-8", name="bench.csv", endpoints=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return read_bench(path, endpoints=endpoints)

    return read


@pytest.fixture
def refused(bench):
    """Return the problems of a refused file as (line, path, message)."""

    def read(content, **options):
        with pytest.raises(DataError, match="problem") as caught:
            bench(content, **options)
        return [(found.line, found.path, found.message) for found in caught.value.problems]

    return read


def rows(frame):
    """Return plain tuples, NaN as None."""
    return [
        tuple(None if isinstance(cell, float) and math.isnan(cell) else cell for cell in row)
        for row in frame.itertuples(index=False, name=None)
    ]


EXPECTED = [("m1", "saline", "afc", 5.0, ""), ("m2", "drug", "afc", 7.5, "")]


def test_tidy(bench):
    frame = bench(TIDY)
    assert tuple(frame.columns) == BENCH_COLUMNS
    assert frame["value"].dtype == np.float64
    assert rows(frame) == EXPECTED


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace(",", ";").replace(".", ","),
        lambda text: text.replace(",", "\t").replace(".", ","),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: "\n\n" + text.replace("\nm2", "\n,,,\n\nm2"),
        lambda text: text.replace("\n", ",,\n"),
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("saline", '"saline"'),
        lambda text: "sep=;\n" + text.replace(",", ";"),
        lambda text: text.replace("subject_id", "Mouse ID").replace("arm", "GROUP"),
        lambda text: text.rstrip("\n"),
    ],
)
def test_the_same_table_however_it_was_saved(bench, change):
    assert rows(bench(change(TIDY))) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(bench, encoding):
    frame = bench(TIDY.replace("drug", "МСК 10 мкл"), encoding=encoding)
    assert frame["arm"].tolist() == ["saline", "МСК 10 мкл"]


def test_wide(bench):
    frame = bench(
        "animal;group;afc;titer;sex;colour;day\n"
        "1;saline;5,5;<2;F;white;5\n"
        "2;drug;NA;>4096;M;grey;5\n"
    )
    assert rows(frame) == [
        ("1", "saline", "afc", 5.5, ""),
        ("1", "saline", "titer", 2.0, "below"),
        ("2", "drug", "afc", None, ""),
        ("2", "drug", "titer", 4096.0, "above"),
    ]
    assert frame.attrs["ignored"] == ("sex", "colour", "day")


def test_wide_without_subjects(bench):
    """Every row is an animal; two columns are enough."""
    frame = bench("arm,value\nsaline,1\nsaline,2\ndrug,3\n")
    assert rows(frame) == [
        ("line-2", "saline", "value", 1.0, ""),
        ("line-3", "saline", "value", 2.0, ""),
        ("line-4", "drug", "value", 3.0, ""),
    ]


@pytest.mark.parametrize("text", ["", "NA", "na", "NaN", "n/a", "N/A"])
def test_missing_values_are_kept_as_nan(bench, text):
    frame = bench(TIDY.replace("7.5", text))
    assert rows(frame)[1][3] is None


@pytest.mark.parametrize(
    ("text", "value", "censored"),
    [
        ("< 2", 2.0, "below"),
        ("<=2", 2.0, "below"),
        ("≤2", 2.0, "below"),
        (">4096", 4096.0, "above"),
        ("≥4096", 4096.0, "above"),
        (">=4.096e3", 4096.0, "above"),
        ("-1.5", -1.5, ""),
        ("+2", 2.0, ""),
        (".5", 0.5, ""),
        ("1e5", 1e5, ""),
        ("0", 0.0, ""),
        ("1:256", 256.0, ""),
        ("1 : 64", 64.0, ""),
        (">1:4096", 4096.0, "above"),
    ],
)
def test_numbers_as_people_type_them(bench, text, value, censored):
    assert rows(bench(TIDY.replace("7.5", text)))[1][3:] == (value, censored)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("many", "leave the cell empty or write NA"),
        ("--", "leave the cell empty or write NA"),
        ("inf", "is not a number"),
        ("1_000", "is not a number"),
        ("0x10", "is not a number"),
        ("1e999", "is too large for a number"),
        ("1 000", "without thousands separators"),
        ("1'000", "without thousands separators"),
        ("5 cells", "the number alone, the unit in the column name"),
        ("55%", "the number alone, the unit in the column name"),
        ("=A1*2", "is not a number"),
        ('"1,5"', "write a decimal point, or separate columns by semicolons"),
        ('"1,234.5"', "without thousands separators"),
        ('"52,300"', "may be 52.3 or 52300: write 52300, or 52.3000 if it has decimals"),
        ("1:2.5", "write a titer as the reciprocal of the dilution, 256 for 1:256"),
        ("1/256", "write a titer as the reciprocal of the dilution, 256 for 1:256"),
        ("2:256", "is not a number"),
        ("<", "is not a number"),
        ("٣", "is not a number"),
    ],
)
def test_text_in_a_number_column(refused, text, hint):
    [(line, column, message)] = refused(TIDY.replace("7.5", text))
    assert (line, column) == (3, "value")
    assert hint in message


def test_text_in_a_wide_number_column_names_the_column(refused):
    found = refused("arm,afc,titer\na,1,2\na,few,4\nb,3,eight\n")
    assert [(line, column) for line, column, _ in found] == [(3, "afc"), (4, "titer")]


def test_a_wide_table_without_numbers(refused):
    [(_, path, message)] = refused("arm,colour\na,red\nb,blue\n")
    assert path == "file"
    assert message.startswith("has no column of numbers; allowed layouts: tidy, ")


def test_decimal_points_and_commas_in_one_file(refused):
    [(line, column, message)] = refused("arm;afc;titer\na;1,5;2\nb;3;2.5\n")
    assert (line, column) == (2, "afc")
    assert message == (
        '"1,5" has a decimal comma but "2.5" on line 3 a decimal point: use one of them'
    )


def test_commas_that_may_be_thousands(refused, bench):
    [(line, column, message)] = refused("arm;afc\na;1,500\nb;12,250\n")
    assert (line, column) == (2, "afc")
    assert message == '"1,500" may be 1.5 or 1500: write 1500, or 1,5000 if it has decimals'
    # one number that cannot have thousands settles it
    assert bench("arm;afc\na;1,500\nb;12,25\n")["value"].tolist() == [1.5, 12.25]
    assert bench("arm;afc\na;0,500\nb;0,250\n")["value"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_points_that_may_be_thousands(refused, delimiter):
    """German spreadsheets write 52300 as 52.300: read as decimals it is a thousandfold slip."""
    text = "arm;AFC\na;52.300\na;48.100\nb;61.750\nb;987\n"
    [(line, column, message)] = refused(text.replace(";", delimiter))
    assert (line, column) == (2, "AFC")
    assert message == '"52.300" may be 52.3 or 52300: write 52300, or 52.3000 if it has decimals'


def test_other_decimals_settle_what_a_point_is(bench, refused):
    assert bench("arm;afc\na;52.300\nb;4.25\n")["value"].tolist() == [52.3, 4.25]
    assert bench("arm;afc\na;0.500\nb;1.250\n")["value"].tolist() == [0.5, 1.25]
    assert bench("arm;afc\na;52.3000\nb;48.100\n")["value"].tolist() == [52.3, 48.1]
    # but not beside whole numbers of three digits: nobody measures 52.300 and 987
    found = refused("arm;titer;temperature\na;1.280;37.5\nb;640;38.1\n")
    assert [(line, column) for line, column, _ in found] == [(2, "titer")]


def test_a_comma_file_writes_decimal_points(bench, refused):
    """Instruments write three decimals; there only whole hundreds beside them are odd."""
    assert bench("arm,afc\na,12.345\nb,13.221\n")["value"].tolist() == [12.345, 13.221]
    assert bench("arm,afc\na,12.345\nb,987.0\n")["value"].tolist() == [12.345, 987.0]
    assert len(refused("arm,afc\na,52.300\nb,987\n")) == 1


def test_endpoints_of_a_tidy_file_are_judged_apart(refused):
    text = "subject_id;arm;endpoint;value\n1;a;afc;52.300\n1;a;titer;640\n2;b;afc;48.100\n"
    assert [line for line, _, _ in refused(text)] == [2]


def test_a_point_for_thousands_beside_decimal_commas(refused):
    [(line, column, message)] = refused("arm;afc;cv\na;52.300;4,5\nb;48.100;5,1\n")
    assert (line, column) == (2, "afc")
    assert message == (
        '"52.300" has a point but "4,5" on line 2 a decimal comma: write 52300 if the point '
        "separates thousands"
    )


def animals(header, *columns):
    """Return a wide table of 8 animals, AFC and Milz last, as a German spreadsheet saves it."""
    lines = [f"{header};arm;AFC;Milz"]
    for place in range(8):
        cells = [str(column[place]) for column in columns]
        lines.append(";".join([*cells, "ab"[place // 4], f"{place + 5},5", f"{9 - place},25"]))
    return "\n".join(lines) + "\n"


ENDPOINTS = ["AFC", "Milz"]


@pytest.mark.parametrize(
    ("name", "column", "said"),
    [
        ("Maus", range(1, 9), ""),
        ("Tier-Nr.", ["M3", "M1", "M2", "M4", "M5", "M6", "M7", "M8"], ""),
        ("Zeile", [3, 1, 2, 4, 5, 8, 7, 6], ", the numbers 1 to 8"),
        ("Ohrmarke", range(101, 109), ", the numbers 101 to 108"),
    ],
)
def test_numbers_of_the_animals_are_no_endpoint(bench, name, column, said):
    frame = bench(animals(name, list(column)))
    assert list(dict.fromkeys(frame["endpoint"])) == ENDPOINTS
    assert frame["subject_id"].tolist()[::2] == [str(cell) for cell in column]
    assert frame.attrs["notes"] == (
        f'column taken for the animals\' ids, not analysed: "{name}"{said}',
    )


@pytest.mark.parametrize(
    ("name", "column", "reason"),
    [
        ("Maus", [1, 2, 3, 4, 1, 2, 3, 4], "names the animal"),
        ("lfd", [1, 2, 3, 4, 1, 2, 3, 4], "a running number in every arm"),
        ("Gewicht (g)", [20, 21, 19, 22, 20, 23, 21, 20], "describes the animal or the reading"),
        ("Geschlecht", list("mwmwmwmw"), "text"),
        ("Farbe", ["weiß"] * 8, "text"),
        ("Bemerkung", ["", "tot Tag 5", *[""] * 6], "text"),
        ("gemessen", ["1.3.2024"] * 8, "dates"),
        ("leer", ["NA"] * 8, "no values"),
    ],
)
def test_columns_that_describe_are_left_out_and_named(bench, name, column, reason):
    frame = bench(animals(name, column))
    assert list(dict.fromkeys(frame["endpoint"])) == ENDPOINTS
    assert frame.attrs["ignored"] == (name,)
    assert frame.attrs["notes"] == (
        f"columns not analysed: {name} ({reason}); name one as the endpoint to analyse it",
    )


@pytest.mark.parametrize("name", ["cage", "Käfig Nr.", "Cage-ID", "BOX"])
def test_cages_are_read_and_are_no_endpoint(bench, name):
    frame = bench(animals(name, [1, 1, 2, 2, 3, "", 4, "NA"]))
    assert list(dict.fromkeys(frame["endpoint"])) == ENDPOINTS
    assert (frame.attrs["ignored"], frame.attrs["notes"]) == ((), ())
    assert frame["cage"].fillna("-").tolist()[::2] == ["1", "1", "2", "2", "3", "-", "4", "-"]
    tidy = bench(f"subject_id;arm;endpoint;value;{name}\nm1;a;afc;5;x\nm2;b;afc;7;\n")
    assert (tidy.attrs["ignored"], tidy["cage"].fillna("-").tolist()) == ((), ["x", "-"])


def test_which_of_two_columns_names_the_cages_is_not_guessed(bench):
    frame = bench("arm,box,cage no,afc\na,1,7,2\nb,2,8,3\n")
    assert "cage" not in frame.columns
    assert frame.attrs["ignored"] == ("box", "cage no")
    assert bench("arm,box,cage,afc\na,1,7,2\nb,2,8,3\n")["cage"].tolist() == ["7", "8"]


def test_a_column_named_as_endpoint_is_read_whatever_it_looks_like(bench):
    frame = bench(animals("Gewicht", list(range(1, 9))), endpoints=["gewicht"])
    assert list(dict.fromkeys(frame["endpoint"])) == ["Gewicht", *ENDPOINTS]
    assert frame.attrs["notes"] == ()


def test_a_running_number_alone_is_what_there_is(bench):
    frame = bench("arm,rank\na,1\na,2\na,3\nb,4\nb,5\n")
    assert frame["value"].tolist() == [1, 2, 3, 4, 5]


def test_only_the_endpoints_asked_for_must_be_sound(bench, refused):
    text = "arm,afc,titer\na,1,2\na,2,lost\nb,3,4\n"
    frame = bench(text, endpoints=["afc"])
    assert list(dict.fromkeys(frame["endpoint"])) == ["afc"]
    assert frame.attrs["notes"] == (
        'endpoint not read: "titer" (line 3: "lost" is not a number; leave the cell empty or '
        "write NA where there is no value)",
    )
    # a name in another case is that endpoint, to be found wrong and not to be lost
    assert [(line, column) for line, column, _ in refused(text, endpoints=["Titer"])] == [
        (3, "titer")
    ]


def test_one_animal_in_two_arms_is_refused(refused):
    text = TIDY + "m1,drug,titer,64\n"
    [(line, column, message)] = refused(text)
    assert (line, column) == (4, "subject_id")
    assert message.startswith('"m1" is in arm "drug" here but in arm "saline" on line 2: ')


def test_readings_on_several_days_need_names(refused):
    rows = [f"m{k},{'ab'[k % 2]},titer,{day},64" for day in (4, 7) for k in range(6)]
    found = refused("subject_id,arm,endpoint,day,value\n" + "\n".join(rows) + "\n")
    assert found == [
        (
            8,
            "endpoint",
            '"titer" was read more than once per animal (day 4, day 7): give each an endpoint '
            "of its own, such as titer-d4 and titer-d7",
        )
    ]
    # twice on the same day is a slip, and every one is listed
    found = refused("subject_id,arm,endpoint,day,value\n" + "\n".join([*rows, rows[0]]) + "\n")
    assert [line for line, _, _ in found] == [*range(8, 15)]


def test_columns_of_a_tidy_file_that_are_not_ours_are_named(bench):
    frame = bench("subject_id,arm,endpoint,day,value,operator\nm1,a,afc,5,1,me\nm2,b,afc,5,2,me\n")
    assert frame.attrs["notes"] == ("columns not analysed: operator",)


def test_decimal_commas_in_a_comma_file(refused):
    [(line, path, message)] = refused("arm,afc\na,1,5\nb,2\n")
    assert (line, path) == (2, "row")
    assert "has 3 cells where the header has 2; decimal commas?" in message


def test_ragged_rows_are_all_listed(refused):
    found = refused("arm;afc\na;1\nb\nc;2;3\nd;x1\n")
    assert [(line, path) for line, path, _ in found] == [(3, "row"), (4, "row"), (5, "afc")]


@pytest.mark.parametrize("delimiter", ["|", " ", ":"])
def test_unknown_delimiter(refused, delimiter):
    [(line, path, message)] = refused(TIDY.replace(",", delimiter))
    assert (line, path) == (1, "file")
    assert "only one column" in message
    assert message.endswith("separate columns by comma, semicolon or tab")


def test_delimiter_that_cannot_be_told(refused):
    [(_, _, message)] = refused("arm;a,afc\nx;1,2\n")
    assert message.startswith("the delimiter may be comma or semicolon")


@pytest.mark.parametrize(
    ("header", "path", "hint"),
    [
        ("subject_id,arms,endpoint,value", "arm", 'rename "arms" to arm'),
        ("subject_id,arm,endpoint,valeu", "value", 'rename "valeu" to value'),
        ("subjectt,arm,endpoint,value", "subject_id", 'rename "subjectt" to subject_id'),
        ("who,arm,endpoint,value", "subject_id", "column is missing; allowed layouts: tidy"),
    ],
)
def test_missing_columns(refused, header, path, hint):
    [(line, column, message)] = refused(header + TIDY[TIDY.index("\n") :])
    assert (line, column) == (1, path)
    assert hint in message
    assert "allowed layouts: tidy, with columns subject_id, arm, endpoint, value" in message


def test_columns_with_the_same_meaning(refused):
    [(_, path, message)] = refused("group,treatment,afc\na,b,1\n")
    assert path == "arm"
    assert message == 'may be any of "group", "treatment": name one of them arm'


def test_our_own_name_settles_the_meaning(bench):
    assert bench("arm,group,afc\na,x,1\n")["arm"].tolist() == ["a"]


def test_duplicate_and_empty_header_names(refused):
    found = refused("arm,afc,AFC,,titer\na,1,2,3,4\n")
    assert found == [
        (1, "AFC", "is the name of column 2 and of column 3"),
        (1, "column 4", "has no name in the header"),
    ]


def test_missing_arm_subject_and_endpoint_cells(refused):
    found = refused(
        "subject_id,arm,endpoint,value\nm1,,afc,1\n,drug,afc,2\nm3,drug,NA,3\nm4,drug,afc,x\n"
    )
    assert [(line, path) for line, path, _ in found] == [
        (2, "arm"),
        (3, "subject_id"),
        (4, "endpoint"),
        (5, "value"),
    ]


def test_several_values_of_one_animal(refused):
    [(line, path, message)] = refused(TIDY + "m1,saline,afc,6\n")
    assert (line, path) == (4, "subject_id")
    assert message == '"m1" has a value of "afc" on line 2 already'
    found = refused("mouse,arm,afc,titer\n1,saline,1,2\n1,drug,3,4\n")
    assert [line for line, _, _ in found] == [3]
    assert found[0][2] == (
        '"1" is in arm "drug" here but in arm "saline" on line 2: give every animal an id of its '
        "own, and one arm"
    )


def test_a_long_list_is_cut_and_counted(refused):
    content = "arm,afc\n" + "".join(f"a,{place}x\n" for place in range(100))
    found = refused(content)
    assert len(found) == 21
    assert found[-1] == (None, "afc", "and 80 more cells that are not numbers")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"arm,afc\n", "has a header but no rows"),
        (b"PK\x03\x04rest", "is a spreadsheet workbook, not text"),
        (b"\xd0\xcf\x11\xe0rest", "is a spreadsheet workbook, not text"),
        (b"arm,afc\na,\xb5\n", "is not UTF-8 text"),
        (b"arm,afc\na,1\x00\n", "is not a text file"),
        (b"\xff\xfea", "is not UTF-16 text"),
        (b'arm,afc\na,"1\nb,2\n', "is not a CSV table: unexpected end of data"),
    ],
)
def test_not_a_table(refused, content, message):
    [(_, path, found)] = refused(content)
    assert path == "file"
    assert message in found


def test_place_of_a_bad_byte_and_an_open_quote(refused):
    assert refused(b"arm,afc\na,\xb5\n")[0][0] == 2
    assert refused(b'arm,afc\na,1\nb,"2\nc,3\n')[0][0] == 3


def test_lines_are_those_of_the_file(refused):
    """Blank lines and quoted line breaks move the rows."""
    [(line, _, _)] = refused('\narm,note,afc\na,"two\nlines",1\n\nb,x,oops\n')
    assert line == 6


def test_no_such_file(tmp_path):
    with pytest.raises(DataError, match=r"nothing\.csv: 1 problem\n  file  does not exist"):
        read_bench(tmp_path / "nothing.csv")
    with pytest.raises(DataError, match="cannot be read"):
        read_bench(tmp_path)


def test_a_huge_file_is_refused(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(60_000_000)
    with pytest.raises(DataError, match="has 60 MB; a bench table has at most 50 MB"):
        read_bench(path)


def test_our_observations_come_back(tmp_path):
    frame = pd.DataFrame(
        [
            ("a-1", "saline", "c1", "afc", 5.0, 51234.1234567890123, "AFC/spleen", ""),
            ("a-1", "saline", "c1", "titer", 5.0, 1.0, "reciprocal", "below"),
            ("b-1", "drug", "c2", "afc", 5.0, math.nan, "AFC/spleen", ""),
            ("b-1", "drug", "c2", "titer", 5.0, 4096.0, "reciprocal", "above"),
        ],
        columns=list(OBSERVATION_COLUMNS),
    )
    path = tmp_path / "observations.csv"
    write_table(frame, path, columns=OBSERVATION_COLUMNS)
    back = read_bench(path)
    pd.testing.assert_frame_equal(
        back, frame[[*BENCH_COLUMNS, "cage"]], check_dtype=False, check_exact=True
    )
    assert back.attrs["ignored"] == ("day", "unit")


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("7,lower", 'censored is "lower"; allowed: empty, below, above'),
        ("<7,above", '"<7" contradicts censored "above"'),
    ],
)
def test_censored_column(refused, cells, message):
    found = refused(f"subject_id,arm,endpoint,value,censored\nm1,a,afc,{cells}\n")
    assert found == [(2, "value", message)]


def test_floats_survive_writing_bit_for_bit(tmp_path):
    values = np.random.default_rng(0).lognormal(0, 50, 1000)
    write_table(pd.DataFrame({"x": values}), tmp_path / "x.csv")
    lines = (tmp_path / "x.csv").read_text(encoding="utf-8").splitlines()
    assert [float(line) for line in lines[1:]] == values.tolist()


def test_writing_is_all_or_nothing(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("before")
    with pytest.raises(KeyError, match="missing"):
        write_table(pd.DataFrame({"x": [1]}), path, columns=["missing"])
    assert path.read_text() == "before"
    write_table(pd.DataFrame({"ü": [1, 2]}), path)
    assert path.read_bytes() == "ü\n1\n2\n".encode()
    assert os.listdir(tmp_path) == ["x.csv"]


def test_a_folder_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*x\.csv: No such file"):
        write_table(pd.DataFrame({"x": [1]}), tmp_path / "no" / "x.csv")


def test_columns_are_named_once():
    for columns in (ANALYSIS_COLUMNS, OBSERVATION_COLUMNS, BENCH_COLUMNS):
        assert len(set(columns)) == len(columns)
    assert set(BENCH_COLUMNS) <= set(OBSERVATION_COLUMNS)
