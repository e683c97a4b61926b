"""The command opens what it is asked for, or says why not."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
import typer

from simulator.cli.serving import serve
from simulator.errors import OutputError, ScenarioError
from simulator.web.listen import listen, plan_of_source
from simulator.web.plan import plan_of_query


def test_a_file_goes_before_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert plan_of_source("quick-start").catalogued
    text = plan_of_source("quick-start").text
    (tmp_path / "quick-start").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = plan_of_source("quick-start")
    assert (found.text, found.name, found.catalogued) == (text, "quick-start", False)
    changed = found.with_changes({"seed": "5"})
    assert changed.query() == "set=seed%3D5"
    assert plan_of_query("?set=seed%3D5", otherwise=found) == changed


def test_a_bad_scenario_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("id: [", encoding="utf-8")
    for source, message in (("nowhere", "no such file"), (str(tmp_path / "bad.yaml"), "problem")):
        with pytest.raises(ScenarioError, match=message):
            listen(source, host="127.0.0.1", port=0, open_browser=False, tell=print)


def test_a_port_in_use_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match=f"cannot listen on 127.0.0.1, port {port}: .*--port"):
            listen("quick-start", host="127.0.0.1", port=port, open_browser=False, tell=print)


def test_without_shiny_the_command_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [one for one in sys.modules if one.startswith("simulator.web")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "shiny", None)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(typer.Exit):
        serve("quick-start", port=0, open_browser=False)
    assert 'python -m pip install "afcsim[web]"' in capsys.readouterr().err
