"""Every invalid file beside its exact message.

``AFCSIM_WRITE_MESSAGES=1 pytest tests/unit/scenario_files/test_messages.py`` writes the messages
anew; read each change before keeping it: a message is a promise to a planner.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario_files import load_scenario

FOLDER = Path(__file__).parents[2] / "scenarios" / "invalid"
FILES = sorted(FOLDER.glob("*.yaml"))


def test_the_corpus_is_complete() -> None:
    assert len(FILES) >= 60
    stems = {path.stem for path in FILES}
    assert {path.stem for path in FOLDER.glob("*.txt")} == stems


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_exact_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    began = time.perf_counter()
    with pytest.raises(ScenarioError, match=r"\d+ problem") as caught:
        load_scenario(path.name)
    # Two seconds are ten times the slowest file on one slow core: a hang, not a benchmark.
    assert time.perf_counter() - began < 2 + 5 * (path == FILES[0])
    expected = path.with_suffix(".txt")
    if os.environ.get("AFCSIM_WRITE_MESSAGES"):
        expected.write_text(f"{caught.value}\n", encoding="utf-8")
    assert f"{caught.value}\n" == expected.read_text(encoding="utf-8")
