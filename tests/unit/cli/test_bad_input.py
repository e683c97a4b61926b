"""Nothing that a user types or stores ends in a traceback: exit 2, one message on stderr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli import guard
from simulator.cli.app import app

FILES = {
    "empty.yaml": b"",
    "comment.yaml": b"# nothing\n",
    "list.yaml": b"- 1\n- 2\n",
    "text.yaml": b"just a text\n",
    "tab.yaml": b"design:\n\tarms: 1\n",
    "open.yaml": b"design: {arms: [\n",
    "binary.yaml": bytes(range(256)),
    "latin.yaml": "id: Мышь\n".encode("cp1251"),
    "bomb.yaml": b"a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n",
    "wrong.yaml": b"schema_version: 1\nid: x\nquestion: y\nseed: -1\ndesign: {arms: {}}\n",
    "tag.yaml": b"!!python/object/apply:os.system ['true']\n",
    "empty.csv": b"",
    "header.csv": b"subject_id,arm,endpoint,value\n",
    "binary.csv": bytes(range(256)),
    "words.csv": b"subject_id,arm,endpoint,value\n1,saline,afc,many\n2,drug,afc,few\n",
    "ragged.csv": b"subject_id,arm,endpoint,value\n1,saline\n2,drug,afc,3,4,5\n",
    "nothing.csv": b"a,b\n,\n",
    "few.csv": b"id,weight_g\n1,20\n2,21\n",
    "twice.csv": b"id,weight_g\n1,20\n1,21\n",
    "heavy.csv": b"id,weight_g\n1,2000\n2,many\n",
}
SCENARIOS = ["missing.yaml", ".", "no-such-study", *(n for n in FILES if n.endswith(".yaml"))]
TABLES = ["missing.csv", ".", *(n for n in FILES if n.endswith(".csv"))]

COMMAND_LINES = [
    "nonsense",
    "power",
    "power quick-start --n 0",
    "power quick-start --n many",
    "power quick-start --n 1000000000",
    "power quick-start --replicates 0",
    "power quick-start --threads 0",
    "power quick-start --seed -1",
    "power quick-start --seed 99999999999999999999",
    "power quick-start --world nowhere",
    "power quick-start --nonsense",
    "size quick-start --replicates -5",
    "size quick-start -o empty.yaml",
    "size quick-start -o empty.yaml/run",
    "size quick-start -o .",
    "simulate quick-start",
    "simulate quick-start -o .",
    "simulate quick-start -o run --replicate -1",
    "simulate quick-start -o run --n 0",
    "simulate quick-start -o empty.yaml --force",
    "simulate quick-start -o " + "x" * 300,
    "new",
    "new .",
    "new empty.yaml",
    "new empty.yaml/x.yaml",
    "new x.yaml --from nothing",
    "new " + "x" * 300 + ".yaml",
    "validate quick-start --world nowhere",
    "conduct quick-start --n 0",
    "conduct quick-start --world nowhere",
    "conduct quick-start -o .",
    "conduct quick-start -o empty.yaml",
    "diagnose arm-by-arm-kill --n 0",
    "diagnose arm-by-arm-kill --replicates 0",
    "diagnose arm-by-arm-kill --world nowhere",
    "diagnose arm-by-arm-kill -o .",
    "allocate quick-start --n 4",
    "allocate quick-start -o run",
    "allocate quick-start --n 0 -o run",
    "allocate quick-start --n 4 -o .",
    "allocate quick-start --n 4 -o run --animals few.csv",
    "allocate quick-start --n 4 -o run --animals twice.csv",
    "allocate quick-start --n 4 -o run --animals heavy.csv",
    "analyse good.csv --control saline --unit box",
    "analyse good.csv",
    "analyse good.csv --control nobody",
    "analyse good.csv --control saline --plan quick-start",
    "analyse good.csv --plan quick-start --method exact",
    "analyse good.csv --plan missing.yaml",
    "analyse good.csv --control saline --endpoint nothing",
    "analyse good.csv --control saline --method magic",
    "analyse good.csv --control saline --alpha 2",
    "analyse good.csv --control saline --alpha nan",
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).write_bytes(data)
    rows = [f"{k},{arm},titer,{k}" for k, arm in enumerate(["saline", "drug"] * 4)]
    (tmp_path / "good.csv").write_text("subject_id,arm,endpoint,value\n" + "\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _refused(args: list[str]) -> str:
    result = CliRunner().invoke(app, args)
    assert result.exit_code == guard.BAD_INPUT, f"{args}: {result.exit_code} {result.output}"
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    return result.stderr


@pytest.mark.parametrize("line", COMMAND_LINES)
def test_a_bad_command_line_is_refused_and_nothing_is_written(here: Path, line: str) -> None:
    before = sorted(here.rglob("*"))
    _refused(line.split(" "))
    assert sorted(here.rglob("*")) == before


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize(
    "command",
    ["validate {}", "validate {} --json", "power {} --json", "size {} -o run",
     "simulate {} -o run", "analyse good.csv --plan {}", "conduct {} -o run", "diagnose {} -o run",
     "allocate {} --n 4 -o run"],
)  # fmt: skip
def test_a_bad_scenario_is_refused_by_every_command(here: Path, command: str, name: str) -> None:
    _refused(command.format(name).split(" "))
    assert not (here / "run").exists()


@pytest.mark.parametrize("name", TABLES)
def test_a_bad_table_is_refused(here: Path, name: str) -> None:  # noqa: ARG001
    _refused(["analyse", name, "--control", "saline"])
    _refused(["allocate", "quick-start", "--n", "4", "-o", "run", "--animals", name])


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (PermissionError(13, "Permission denied", "data.csv"), 2, "data.csv: permission denied"),
        (FileNotFoundError(2, "No such file", "data.csv"), 2, "data.csv: no such file"),
        (OSError(28, "No space left on device"), 2, "no space left on device"),
        (MemoryError(), 2, "not enough memory"),
        (KeyboardInterrupt(), 130, "Stopped"),
        (BrokenPipeError(32, "Broken pipe"), 0, ""),
    ],
)
def test_what_the_system_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("simulator.scenario_files.read_scenario", fails)
    result = CliRunner().invoke(app, ["validate", "quick-start"])
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == (1 if message else 0)


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt()])
@pytest.mark.parametrize(
    ("target", "args"),
    [
        ("simulator.output.answering.power", ["power", "quick-start"]),
        ("simulator.output.answering.find_sample_size", ["size", "quick-start"]),
        ("simulator.output.results.write_cohort", ["simulate", "quick-start"]),
    ],
)
def test_a_run_that_fails_leaves_no_folder(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    target: str,
    args: list[str],
    error: BaseException,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    _replace(monkeypatch, target, fails)
    before = sorted(here.rglob("*"))
    result = CliRunner().invoke(app, [*args, "-o", "runs/new"])
    assert result.exit_code == (130 if isinstance(error, KeyboardInterrupt) else 1)
    assert sorted(here.rglob("*")) == before


def _replace(monkeypatch: pytest.MonkeyPatch, target: str, new: Callable[..., None]) -> None:
    import importlib

    room, name = target.rsplit(".", 1)
    monkeypatch.setattr(importlib.import_module(room), name, new)
