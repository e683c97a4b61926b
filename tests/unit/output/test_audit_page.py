"""The report of an audit: one file that needs nothing else, the verdict first."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from simulator.auditing.evidence import FailedRun
from simulator.auditing.result import TrapResult
from simulator.output.audit_figures import SENTENCES, draw_audit
from simulator.output.audit_page import SIGNS, audit_page, traps_page
from simulator.output.audit_words import headline
from tests.unit.output.audit_fakes import COMMAND, audit, scenario, traps

HOSTILE = "<script>alert('x')</script> & \"quoted\""
_EMPTY = {"meta", "img", "br"}


class _Reader(HTMLParser):
    """Checks that tags close in order, and keeps text, sources and classes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.sources: list[str] = []
        self.classes: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in _EMPTY:
            self.open.append(tag)
        for name, value in attrs:
            assert name not in ("href", "onclick", "onload")
            if name == "src":
                self.sources.append(value or "")
            if name == "class":
                self.classes.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def _words(page: str) -> str:
    return " ".join(" ".join(_Reader(page).text).split())


def test_the_verdict_comes_first_then_the_findings() -> None:
    found = audit(wrong=True)
    text = _words(audit_page(found, scenario=scenario(), figures={}))
    places = [
        text.index(words)
        for words in (headline(found), "those of a one-sided test", "In short", "What failed",
                      "What could not be decided", "What passed", "How to read it",
                      "What was run")
    ]  # fmt: skip
    assert places == sorted(places)
    for words in (found.digest, str(found.seed), COMMAND, "200 with the effects", "1.00%",
                  "fold_of_medians: median of the treated", scenario().question,
                  "1,200 replicates would probably decide"):  # fmt: skip
        assert words in text


def test_every_line_is_there_with_its_verdict_in_words() -> None:
    found = audit("secretome-healthy-mice", wrong=True)
    page = audit_page(found, scenario=scenario("secretome-healthy-mice"), figures={})
    text = "".join(_Reader(page).text)
    for verdict in ("pass", "fail", "not enough replicates"):
        count = sum(line.verdict == verdict for line in found.lines)
        assert text.count(SIGNS[verdict]) == count > 0
    # colour stands beside the words, never in their place
    reader = _Reader(page)
    assert reader.classes.count("bad") == sum(line.verdict == "fail" for line in found.lines)


def test_an_audit_that_passes_says_nothing_of_failures() -> None:
    text = _words(audit_page(audit(), scenario=scenario(), figures={}))
    for words in ("What failed", "What could not be decided", "Runs without a result",
                  "What the p-values are", "Stopped early", "Figures"):  # fmt: skip
        assert words not in text


def test_figures_are_within_the_page(tmp_path: Path) -> None:
    found = audit()
    draw_audit(found, tmp_path, scenario=scenario())
    figures = {name: (tmp_path / f"{name}.svg").read_text("utf-8") for name in SENTENCES}
    page = audit_page(found, scenario=scenario(), figures=figures)
    reader = _Reader(page)
    start = "data:image/svg+xml;base64,"
    assert [b64decode(one.removeprefix(start)).decode() for one in reader.sources] == list(
        figures.values()
    )
    # nothing is fetched: no address outside of the images
    assert re.search(r"https?://|url\(|@import", re.sub(r'src="[^"]*"', "", page)) is None
    assert all(sentence in " ".join(reader.text) for sentence in SENTENCES.values())


def test_foreign_text_is_text() -> None:
    failed = tuple(FailedRun("as written", k, "crashed", f"{HOSTILE} {'x' * k}") for k in range(30))
    found = audit(wrong=True, failed=failed, analysis=f"sh {HOSTILE} {{data}}")
    finding = replace(found.findings[0], sentence=HOSTILE)
    found = replace(found, findings=(finding,), stopped=HOSTILE)
    page = audit_page(found, scenario=scenario(), figures={})
    reader = _Reader(page)
    assert "script" not in reader.tags
    text = " ".join(reader.text)
    assert text.count(HOSTILE) >= 20 + 4
    assert "and 10 other messages" in text


def test_failed_runs_are_counted() -> None:
    failed = (
        *(FailedRun("as written", k, "crashed", "no column x") for k in range(12)),
        FailedRun("null", 3, "timed out", "ran longer than 60 s"),
    )
    page = audit_page(audit(failed=failed), scenario=scenario(), figures={})
    text = _words(page)
    assert "12 crashed no column x 1 timed out ran longer than 60 s" in text
    assert "in power it counts as not rejected" in text
    assert "was not judged" not in text


def test_what_was_not_judged_for_want_of_a_result_is_named() -> None:
    failed = tuple(
        FailedRun(world, k, "crashed", "no column x")
        for world in ("as written", "null")
        for k in range(200)
    )
    found = audit(failed=failed)
    found = replace(found, lines=found.lines[:1], stopped="all failed")
    text = _words(audit_page(found, scenario=scenario(), figures={}))
    assert "it gave no result of 400 data sets, so nothing else could be judged" in text
    assert "What was not judged not judged, since no data set gave a result: p-values" in text
    assert "in power it counts" not in text


def test_hints_at_what_was_not_read_come_before_the_checks() -> None:
    found = audit()
    runs = {world: replace(run, notes=(HOSTILE,)) for world, run in found.runs.items()}
    text = _words(audit_page(replace(found, runs=runs), scenario=scenario(), figures={}))
    assert text.count(HOSTILE) == 1
    assert text.index(HOSTILE) < text.index("In short")


def test_a_page_of_traps() -> None:
    results = (*traps(), TrapResult("odd", HOSTILE, HOSTILE, HOSTILE, "fail", HOSTILE))
    page = traps_page(results, analysis=COMMAND, scenario=scenario())
    reader = _Reader(page)
    text = " ".join(" ".join(reader.text).split())
    assert "The analysis fails 2 of 3 traps: censored, odd; 1 not applicable." in text
    assert text.index("titers below the limit") < text.index("division by 0")
    assert "2/C(8,4)" in text
    assert "script" not in reader.tags
