"""Command lines are read, filled in and run; what they name decides the fingerprint."""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator import load_scenario
from simulator.auditing.commands import process
from simulator.auditing.commands.command import Command
from simulator.auditing.commands.command_line import read_command_line
from simulator.auditing.commands.data_file import PLAN_COLUMNS, observations_csv, plan_csv
from simulator.errors import InputError, OutputError
from simulator.tables import OBSERVATION_COLUMNS, read_bench, write_table
from simulator.trial.cohort.studies import Studies

PYTHON = shlex.quote(sys.executable)
SCENARIO = load_scenario("secretome-healthy-mice")
PLAN = SCENARIO.analysis


STUDIES = Studies(SCENARIO, n=4)


def observations(replicate: int = 0) -> pd.DataFrame:
    of_block, column = STUDIES.of(replicate)
    return of_block.frame(column)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Return the caller's folder, with a script in it."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "analysis.py").write_text("print(1)\n")
    monkeypatch.chdir(folder)
    return folder


def problems(text: str, folder: Path) -> dict[str, str]:
    with pytest.raises(InputError, match=r"^command: \d problem") as raised:
        read_command_line(text, folder=folder)
    return {one.path: one.message for one in raised.value.problems}


def test_words_are_split_as_a_shell_does_and_filled_in(here):
    text = "env python '{data}' a\\ b --out={result} \"x {data} y\" {plan}"
    line = read_command_line(text, folder=here)
    folder = Path("/runs/7")
    assert line.filled(folder)[1:] == [
        *("python", "/runs/7/data.csv", "a b", "--out=/runs/7/result.csv"),
        *("x /runs/7/data.csv y", "/runs/7/plan.csv"),
    ]
    assert line.placeholders == {"{data}", "{result}", "{plan}"}


def test_files_of_the_caller_become_absolute(here):
    (here / "lib").mkdir()
    (here / "data").mkdir()
    text = f"{PYTHON} -S analysis.py {{data}} lib/ data lib -f=analysis.py ../here/analysis.py"
    argv = read_command_line(text, folder=here).argv
    script = str(here / "analysis.py")
    # a folder only if the word is a path: `data` may be anything
    folder = str(here / "lib")
    assert argv[1:] == (*("-S", script, "{data}", folder, "data", "lib", "-f=analysis.py", script),)


def test_the_program_is_found_on_the_path_or_beside_the_caller(here):
    assert read_command_line("sh {data}", folder=here).argv[0].endswith("/sh")
    (here / "run").write_text("#!/bin/sh\n")
    (here / "run").chmod(0o755)
    assert read_command_line("./run {data}", folder=here).argv[0] == str(here / "run")
    # not resolved: the Python of an environment is a link to another
    (here / "python").symlink_to(sys.executable)
    assert read_command_line("./python {data}", folder=here).argv[0] == str(here / "python")


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        ("", "program", "is missing: the command is empty"),
        ("python 'a {data}", "quotes", "No closing quotation: python 'a {data}"),
        ("sh analysis.py", "{data}", "is missing: put it where the command takes the path"),
        ("sh {data} {resutl}", "{resutl}", r"did you mean {result}\? Allowed: {data}, {result}, {"),
        ("sh {data} {output}", "{output}", r"did you mean {result}\?"),
        ("sh {Data}", "{Data}", r"did you mean {data}\?"),
        ("sh {input} {out}", "{input}", r"did you mean {data}\?"),
        ("sh {daten}", "{daten}", r"is not known; did you mean {data}\? Allowed: {data}, {result}"),
        ("sh {data} {foo}", "{foo}", r"is not known\. Allowed: {data}, {result}, {plan}"),
        ("'./my run.R' {data}", "./my run.R", "write \"Rscript './my run.R' ...\""),
        ("sh my run.R {data}", "my run.R", "has blanks: write 'my run.R'"),
        ("'A=x y' sh {data}", "A=x y", "write \"env 'A=x y' ...\""),
        ("nonesuch {data}", "nonesuch", "is not a program on the PATH; install it, or name it"),
        ("./nonesuch {data}", "./nonesuch", "does not exist; install it, or name it"),
        ("analysis.py {data}", "analysis.py", 'not a program on the PATH; write "python analysis'),
        ("./analysis.py {data}", "./analysis.py", 'may be run; write "python ./analysis.py ..."'),
        ("A=1 sh {data}", "A=1", 'write "env A=1 ..."'),
        ("sh {data} > out.csv", ">", "leave it out: what the command prints is the result"),
        ("sh {data} | sh", "|", "is for a shell, and none reads the command; put such a line"),
    ],
)
def test_a_command_that_cannot_be_run(text, path, message, here):
    (here / "my run.R").touch()
    found = problems(text, here)
    assert path in found
    assert re.search(message, found[path]), found[path]


def test_all_problems_are_said_at_once(here):
    assert set(problems("nonesuch {dat} {resutl} > x", here)) == {
        *("nonesuch", "{dat}", "{resutl}", ">")
    }


@pytest.mark.parametrize("code", ["{print $1}", "{x}", "function(d) {d}", "{ data }", "{1}", "{}"])
def test_braces_of_code_are_left_alone(code, here):
    line = read_command_line(shlex.join(["sh", "-c", code, "{data}"]), folder=here)
    assert line.argv[2] == code


def test_the_fingerprint_is_of_the_words_and_of_the_files(here, tmp_path):
    def fingerprint(text, folder=here):
        return read_command_line(text, folder=folder).fingerprint

    texts = [
        "sh analysis.py {data}",
        "sh -f=analysis.py {data}",
        "sh -c 'sh analysis.py {data}'",
        "sh analysis.py  {data} x",
    ]
    before = {text: fingerprint(text) for text in texts}
    assert len(set(before.values())) == len(texts)
    assert {text: fingerprint(text) for text in texts} == before
    # the same script elsewhere
    (tmp_path / "analysis.py").write_text("print(1)\n")
    assert fingerprint(texts[0], tmp_path) == before[texts[0]]
    (here / "analysis.py").write_text("print(2)\n")
    assert all(fingerprint(text) != before[text] for text in texts)


def test_what_is_printed_is_the_result_where_none_is_named(here):
    one = PLAN.comparisons[0]
    row = f"{one.endpoint},{one.treated},{one.control},0.25"
    (here / "analysis.py").write_text(f"print('endpoint,treated,control,p_value\\n{row}')\n")
    with Command(f"{PYTHON} -S analysis.py {{data}}", scenario=SCENARIO) as command:
        outcome = command(observations())
    assert outcome.claims is not None
    assert outcome.claims.p_value[0] == 0.25
    with Command("true {data}", scenario=SCENARIO) as command:
        outcome = command(observations())
    assert (outcome.failure, outcome.message) == ("no result", "nothing was printed")


def test_a_command_is_given_the_tables(here):
    script = "import shutil, sys; [shutil.copy(a, b) for a, b in zip(sys.argv[1:3], sys.argv[3:])]"
    (here / "analysis.py").write_text(script)
    table = observations(3)
    text = f"{PYTHON} -S analysis.py {{data}} {{plan}} data.copy {here}/plan.copy"
    with Command(text.replace("data.copy", f"{here}/data.copy"), scenario=SCENARIO) as command:
        command(table)
    write_table(table, here / "data.csv")
    assert (here / "data.copy").read_bytes() == (here / "data.csv").read_bytes()
    assert (here / "plan.copy").read_bytes() == plan_csv(PLAN)


def test_a_table_may_have_another_plan(here):
    other = load_scenario("quick-start").analysis
    (one,) = other.comparisons
    row = f"{one.endpoint},{one.treated},{one.control},0.25"
    (here / "analysis.py").write_text(f"print('endpoint,treated,control,p_value\\n{row}')\n")
    with Command(f"{PYTHON} -S analysis.py {{data}}", scenario=SCENARIO) as command:
        assert command(observations()).failure == "wrong result"
        found = command.run(observations(), other).claims
    assert found is not None
    assert found.p_value.tolist() == [0.25]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("Error in f(x) : no\nExecution halted", "Error in f(x) : no"),
        ("Error in f(x) : \n  is long\nCalls: f\nExecution halted", "Error in f(x) : is long"),
        (
            "Error in file(f) : \n  cannot open the connection\nCalls: source -> file\n"
            "In addition: Warning message:\nIn file(f) :\n  cannot open file '/x.R': No such file\n"
            "Execution halted",
            "Error in file(f) : cannot open the connection: cannot open file '/x.R': No such file",
        ),
        ("Error: no\nIn addition: Warning message:\nIn g() : odd\nExecution halted", "Error: no"),
        ("Warning: odd\n\nFehler in f(x) : nein\nAusführung angehalten", "Fehler in f(x) : nein"),
        ("Traceback\n  File\nValueError: no\n", "ValueError: no"),
        ("Execution halted", "Execution halted"),
    ],
)
def test_the_last_words_of_a_command_are_told(said, message, here):
    (here / "said").write_text(said, encoding="utf-8")
    with Command("sh -c 'cat \"$1\" >&2; exit 1' {data} said", scenario=SCENARIO) as command:
        assert command.text.startswith("sh -c")
        outcome = command(observations())
    assert outcome.message == f"exit status 1: {message}"


@pytest.mark.usefixtures("here")
def test_messages_are_the_same_in_every_folder():
    text = "sh -c 'echo no $1 in $(dirname $1) >&2; exit 1' sh {data}"
    with Command(text, scenario=SCENARIO) as command:
        assert command(observations()).message == "exit status 1: no {data} in {folder}"


def test_a_file_that_is_not_found_since_runs_have_their_own_folders(here):
    (here / "helpers.R").touch()
    said = "cannot open file 'helpers.R': No such file"
    with Command(f'sh -c "echo \\"{said}\\" >&2; exit 1" {{data}}', scenario=SCENARIO) as command:
        assert command(observations()).message == (
            f"exit status 1: {said} (helpers.R is in your folder, but every run has a folder of "
            "its own: name it in full, or in the command)"
        )


def test_times_that_are_none():
    with pytest.raises(ValueError, match=r"^timeout 0: must be above 0$"):
        Command("sh {data}", scenario=SCENARIO, timeout=0)


def test_no_room_for_folders(here, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(here / "nonesuch"))
    with pytest.raises(OutputError, match=r"^cannot write .*nonesuch: No such file or directory"):
        Command("sh {data}", scenario=SCENARIO)


def test_a_system_without_what_is_needed(here, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(here))
    monkeypatch.setattr(process, "_POSSIBLE", False)
    with pytest.raises(
        OutputError, match=r"on Linux, and on macOS from Python 3\.13 on; audit a Python function"
    ):
        Command("sh {data}", scenario=SCENARIO)
    monkeypatch.undo()
    assert [path.name for path in here.iterdir()] == ["analysis.py"]


@pytest.mark.parametrize(
    "name", ["secretome-healthy-mice", "suppression-and-rescue", "whole-cage-arms"]
)
def test_observations_are_written_as_tables_are(name, tmp_path):
    studies = Studies(load_scenario(name), n=7)
    for replicate in (0, 1, 300):
        found, column = studies.of(replicate)
        table = found.frame(column)
        write_table(table, tmp_path / "table.csv")
        assert observations_csv(table) == (tmp_path / "table.csv").read_bytes()


_CELLS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.just('a,"b"\r\n')
)
_FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@given(
    rows=st.lists(
        st.tuples(_CELLS, _FLOATS, st.integers(-(2**62), 2**62), st.booleans()), max_size=6
    )
)
def test_any_table_is_written_as_tables_are(rows):
    table = pd.DataFrame(rows, columns=["text", "number", "whole", "truth"])
    expected = table.to_csv(index=False, lineterminator="\n").encode()
    assert observations_csv(table) == expected
    del table["truth"]
    expected = table.to_csv(index=False, lineterminator="\n").encode()
    assert observations_csv(table) == expected


def test_observations_can_be_read_back(tmp_path):
    table = observations()
    (tmp_path / "data.csv").write_bytes(observations_csv(table))
    found = read_bench(tmp_path / "data.csv")
    assert list(table.columns) == list(OBSERVATION_COLUMNS)
    assert found["value"].tolist() == table["value"].tolist()


def test_the_plan_is_a_row_for_every_comparison():
    found = pd.read_csv(io.BytesIO(plan_csv(PLAN)))
    assert list(found.columns) == list(PLAN_COLUMNS)
    for row, one in zip(found.itertuples(), PLAN.comparisons, strict=True):
        family, spec = PLAN.families[one.family], PLAN.spec(one.family)
        assert (row.family, row.endpoint, row.treated, row.control) == (
            *(one.family, one.endpoint, one.treated, one.control),
        )
        assert (row.alpha, row.adjust, row.unit) == (family.alpha, family.adjust, PLAN.unit)
        assert (row.test, row.method, row.alternative) == (spec.test, spec.method, spec.alternative)
        assert (row.convention, row.continuity) == (spec.convention, spec.continuity)


def test_the_environment_of_a_command(here):
    script = "import os, tempfile; print(tempfile.gettempdir() == os.getcwd(), end='')\n"
    (here / "analysis.py").write_text(script + "import helper\n")
    (here / "helper.py").touch()
    text = f"{PYTHON} -S analysis.py {{data}}"
    with Command(text, scenario=SCENARIO) as command:
        assert command(observations()).message.startswith("what was printed: is not a table, it")
        assert 'starts "True"' in command(observations()).message
    # no compiled files beside the caller's
    assert sorted(os.listdir(here)) == ["analysis.py", "helper.py"]
