"""Asking for help is quick: it imports nothing that computes, draws, or reads YAML."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.cli.test_commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
# Not pydantic: the command-line parser itself may use it.
HEAVY = {
    "numpy",
    "pandas",
    "scipy",
    "numba",
    "matplotlib",
    "pint",
    "simpy",
    "ruamel",
}

_PROGRAM = """
import json, sys
from contextlib import redirect_stdout
import io
from simulator.cli import main
sys.argv = ["afcsim", *sys.argv[1:]]
text = io.StringIO()
try:
    with redirect_stdout(text):
        main()
except SystemExit as ended:
    code = ended.code
print(json.dumps({"code": code, "text": text.getvalue(),
                  "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def _run(*args: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("args", [["--help"], *([command, "--help"] for command in COMMANDS)])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    found = _run(*args)
    assert found["code"] == 0
    assert "Usage" in str(found["text"])
    assert HEAVY & set(found["modules"]) == set()  # type: ignore[call-overload]


def test_the_test_sees_heavy_modules_when_they_are_there() -> None:
    assert "pint" in _run("validate", "quick-start")["modules"]  # type: ignore[operator]


def test_power_makes_no_tables_and_runs_no_clock() -> None:
    found = _run("power", "quick-start", "--replicates", "500")
    assert found["code"] == 0
    assert "numba" in found["modules"]  # type: ignore[operator]
    assert {"pandas", "simpy", "matplotlib"} & set(found["modules"]) == set()  # type: ignore[call-overload]


@pytest.mark.parametrize("command", ["scenarios", "validate quick-start", "schema"])
def test_looking_at_scenarios_computes_and_draws_nothing(command: str) -> None:
    computing = {"pandas", "numba", "matplotlib", "simpy"}
    assert computing & set(_run(*command.split())["modules"]) == set()  # type: ignore[call-overload]
