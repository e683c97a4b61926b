"""Commands of one question: every folder seals its answer, every list knows the replicates."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.app import app

COMMANDS = {
    "detect": ("quick-start", "--n", "8", "-r", "500"),
    "sensitivity": ("quick-start", "-r", "500"),
    "ratio": ("too-small", "-r", "500"),
    "diagnose": ("quick-start", "-r", "500"),
    "conduct": ("quick-start", "--n", "4"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_folder_holds_the_printed_answer_and_its_seal(command: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    said = CliRunner().invoke(app, [command, *COMMANDS[command], "--json", "-o", str(folder)])
    assert said.exit_code in (0, 1), said.output
    written = (folder / "result.json").read_bytes()
    assert json.loads(written) == json.loads(said.stdout)
    origin = json.loads((folder / "provenance.json").read_text())
    assert origin["answer"] == hashlib.sha256(written).hexdigest()
    assert origin["made_with"] == command
    told = {one["path"]: one["value"] for one in json.loads(written)["assumed"]}
    if "-r" in COMMANDS[command]:  # what was asked for, not what the file would have had
        assert told.get("decision.replicates", "500") == "500"
        assert origin["settings"]["replicates"] == 500
