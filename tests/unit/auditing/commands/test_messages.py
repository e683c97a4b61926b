"""What a command that failed is told to do, in words that do not differ from run to run."""

from __future__ import annotations

import os
import shlex
import shutil
import sys

import pytest

from simulator import load_scenario
from simulator.auditing.commands.command import Command
from simulator.trial.cohort.studies import Studies

PYTHON = f"{shlex.quote(sys.executable)} -S"
SCENARIO = load_scenario("quick-start")
TABLE = "endpoint,treated,control,p_value\nafc,drug,saline,0.5\n"
ADVICE = "; print nothing but the table, or write it to {result}"
OWN = "every run has a folder of its own: name"


def messages(text, folder, *, runs=2):
    """Return what is said of so many runs, each in another folder."""
    observations, column = Studies(SCENARIO, n=3).of(0)
    with Command(text, scenario=SCENARIO, folder=folder) as command:
        # folders are lent again where they come back empty: keep one while the next is lent
        lent = [command._folders.lend() for _ in range(runs - 1)]
        found = [command(observations.frame(column))]
        for one in lent:
            command._folders.take_back(one, again=True)
            found.append(command(observations.frame(column)))
    return [one.message for one in found]


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("'Reading it\\n' + TABLE", 'is not a table, it starts "Reading it endpoint,treated'),
        ("'Reading ' + sys.argv[1] + '\\n' + TABLE", 'it starts "Reading {data} endpoint,'),
        ("'In ' + os.getcwd() + '\\n' + TABLE", 'it starts "In {folder} endpoint,'),
        ("'[1] \"done\"\\n' + TABLE", "is not JSON"),
        ("'Read a, b, c, d\\n' + TABLE", "endpoint: column is missing"),
        ("TABLE + 'done\\n'", "row 2: has 1, too few for the columns"),
    ],
)
def test_more_than_a_table_is_printed(printed, said, tmp_path):
    script = f"import os, sys\nTABLE = {TABLE!r}\nprint({printed})\n"
    (tmp_path / "a.py").write_text(script)
    one, two = messages(f"{PYTHON} a.py {{data}}", tmp_path)
    assert one == two
    assert said in one
    assert one.endswith(ADVICE)
    assert len(one) <= 500


def test_a_wrong_cell_needs_no_such_advice(tmp_path):
    (tmp_path / "a.py").write_text(f"print({TABLE.replace('0.5', '7')!r})")
    one, _ = messages(f"{PYTHON} a.py {{data}}", tmp_path)
    assert one == "what was printed: p_value: row 1: 7 is not between 0 and 1"


def test_a_folder_behind_a_link_has_one_name(tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "link"))
    (tmp_path / "a.py").write_text("import os, sys\nsys.exit('no ' + os.getcwd())\n")
    assert set(messages(f"{PYTHON} a.py {{data}}", tmp_path)) == {"exit status 1: no {folder}"}


def test_a_file_beside_the_script(tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "a.py").write_text("open('helper.csv')")
    (tmp_path / "code" / "b.py").write_text("import sys\nopen(sys.argv[2])\n")
    text = f"{PYTHON} code/a.py {{data}}"
    said = "exit status 1: FileNotFoundError: [Errno 2] No such file or directory: 'helper.csv'"
    assert messages(text, tmp_path, runs=1) == [f"{said} ({OWN} files in full, or in the command)"]
    (tmp_path / "code" / "helper.csv").touch()
    assert messages(text, tmp_path, runs=1) == [
        f"{said} (helper.csv is beside the script, but {OWN} it in full, or in the command)"
    ]
    # what is advised helps
    text = f"{PYTHON} code/b.py {{data}} code/helper.csv"
    assert messages(text, tmp_path, runs=1) == ["nothing was printed"]


def test_what_r_says_of_a_file_that_it_does_not_find(tmp_path):
    if shutil.which("Rscript") is None:
        if os.environ.get("CI"):
            pytest.fail("Rscript is not installed")
        pytest.skip("Rscript is not installed")
    (tmp_path / "a.R").write_text('source("helper.R")\n')
    (tmp_path / "helper.R").touch()
    (one,) = messages("env LANGUAGE=en Rscript a.R {data}", tmp_path, runs=1)
    assert "cannot open file 'helper.R': No such file or directory (helper.R is in your" in one
    assert one.endswith(f"{OWN} it in full, or in the command)")
