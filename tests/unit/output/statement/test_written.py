"""Formats and files: what is written is whole, and what somebody filled in is left alone."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from simulator.errors import OutputError
from simulator.output.statement.written import (
    Format,
    check_free,
    format_of,
    statement_text,
)
from tests.unit.output.statement.runs import of_catalogue, powered, small

FORMATS: tuple[Format, ...] = ("markdown", "html", "text", "json")


@pytest.mark.parametrize(
    ("name", "format"),
    [("a.html", "html"), ("a.HTM", "html"), ("a.txt", "text"), ("a.json", "json"),
     ("a.md", "markdown"), ("a", "markdown")],
)  # fmt: skip
def test_the_name_of_the_file_says_the_format(name: str, format: Format) -> None:
    assert format_of(Path(name)) == format
    assert format_of(None) == "markdown"


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_the_same_answer(format: Format) -> None:
    text = statement_text(of_catalogue("quick-start"), form="arrive", format=format)
    assert text.endswith("\n")
    assert "5 mice per group are the smallest number" in " ".join(text.split())
    assert "ASSUMED" in text
    assert "where" in text


def test_json_says_what_the_run_says() -> None:
    run = of_catalogue("quick-start")
    found = json.loads(statement_text(run, form="eu", format="json"))
    head = {key: found[key] for key in ("for", "scenario", "digest", "seed", "status", "n_per_arm")}
    assert head == {
        "for": "eu",
        "scenario": "quick-start",
        "digest": run.scenario.digest,
        "seed": 20261122,
        "status": "certified",
        "n_per_arm": 5,
    }
    infeasible = json.loads(statement_text(of_catalogue("too-small"), form="eu", format="json"))
    assert (infeasible["status"], infeasible["n_per_arm"]) == ("infeasible", None)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)


def test_hostile_texts_are_shown_as_text() -> None:
    bad = "<script>alert(1)</script> \u202e evil | `x` \U0001f42d"
    loaded = small(design=f"animals: {{strain: '{bad}'}}")
    run = powered(loaded, n=8)
    html = statement_text(run, form="arrive", format="html")
    tags = _Tags()
    tags.feed(html)
    assert "script" not in tags.tags
    assert "&lt;script&gt;" in html
    for format in FORMATS:
        text = statement_text(run, form="arrive", format=format)
        assert "\u202e" not in text
        assert "\U0001f42d" in text or format == "json"


def test_a_file_with_what_somebody_wrote_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "statement.md"
    check_free(file, force=False)
    file.write_text("filled in by hand")
    check_free(file, force=True)
    with pytest.raises(OutputError, match="exists already, and may hold what you wrote into it"):
        check_free(file, force=False)
