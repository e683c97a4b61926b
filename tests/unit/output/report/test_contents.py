"""The report says what the run says, in the order of a reader, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from simulator.output.document import Document, Paragraph, Picture, Section, Table
from simulator.output.document_html import to_html
from simulator.output.markdown import to_markdown
from simulator.output.report.contents import report_of
from simulator.output.report.evidence import ASSUMED
from simulator.output.run import Run
from simulator.output.wording.numbers import share
from tests.unit.output.made_run import HOSTILE, hostile, powered, sized

STUDY = "secretome-healthy-mice"


@pytest.fixture(scope="module")
def run() -> Run:
    return powered(STUDY, n=8)


@pytest.fixture(scope="module")
def report(run: Run) -> Document:
    return report_of(run)


@pytest.fixture(scope="module")
def small() -> Run:
    return sized("quick-start")


def blocks(document: Document, kind: type) -> Iterator[object]:
    """Yield the blocks of a kind, in order."""

    def within(section: Section) -> Iterator[object]:
        for one in section.blocks:
            if isinstance(one, Section):
                yield from within(one)
            elif isinstance(one, kind):
                yield one

    for section in document.sections:
        yield from within(section)


def tables(document: Document) -> list[Table]:
    return [one for one in blocks(document, Table) if isinstance(one, Table)]


def texts(document: Document) -> str:
    return to_markdown(document)


def test_it_goes_from_the_question_to_the_origin(run: Run, report: Document) -> None:
    assert report.title == run.scenario.question
    assert [section.heading for section in report.sections] == [
        "Warnings",
        "Power",
        "Comparisons",
        "Plan",
        "Dose-response",
        "Other worlds",
        "Laboratory, cages and losses",
        "Assumptions and their evidence",
        "Provenance",
    ]
    names = [one.name for one in blocks(report, Picture) if isinstance(one, Picture)]
    assert names == ["power-curve", "plan", "dose-response", "cohort"]


def test_every_comparison_stands_with_its_intervals(run: Run, report: Document) -> None:
    rows = [row for table in tables(report) for row in table.rows]
    for one in run.result.comparisons:
        told = (share(one.power), share(one.type_i))
        assert any(row[0].startswith(one.treated) and row[1:3] == told for row in rows)
    for family in run.result.families:
        told = tuple(share(p) for p in (family.any, family.all, family.fwer))
        assert any(row[:4] == (family.family, *told) for row in rows)
    for trend in run.result.trends:
        told = (share(trend.power), share(trend.type_i))
        assert any(row[0] == trend.name and row[-2:] == told for row in rows)
    for name in ("planned", *run.worlds):
        assert any(row[0] == name for row in rows)


def test_truth_has_intervals_too(report: Document) -> None:
    first = tables(report)[0]
    for row in first.rows:
        for cell in row[1:]:
            assert re.fullmatch(r"[\d.]+ \[[\d.]+, [\d.]+\]", cell), cell


def test_captions_say_the_numbers_that_the_figures_show(run: Run, report: Document) -> None:
    told = {one.name: one.caption for one in blocks(report, Picture) if isinstance(one, Picture)}
    at = next(point.target for point in run.result.curve if point.n == 8)
    assert share(at) in told["power-curve"]
    assert share(run.result.family.fwer) in told["power-curve"]
    assert "thymalin IM, 5 injections on days 0, 1, 2, 3, 4" in told["plan"]
    assert "Read on day 5: afc (kills), titer" in told["plan"]
    # the design's own folds: 3 and 10.5 times the 9.32e4 of control
    assert "control 93,200" in told["dose-response"]
    assert "280,000 at 35 µg/kg" in told["dose-response"]
    assert "979,000 at 175 µg/kg" in told["dose-response"]
    assert "64 animals" in told["cohort"]
    for name in run.scenario.design.arms:
        assert name in told["cohort"]
        assert name in told["plan"]


def test_assumed_values_are_marked_and_others_have_their_evidence(
    run: Run, report: Document
) -> None:
    rows = {
        row[0]: row for table in tables(report) if table.columns[2:3] == ("evidence",)
        for row in table.rows
    }  # fmt: skip
    for one in run.assumed:
        assert rows[one.path][1:3] == (one.value, ASSUMED)
    assert rows["truth.effects.secretome.IM.ec50"][1:] == (
        "57.3 ug/kg",
        "fitted",
        "3.0 and 10.5 fold",
    )
    assert rows["truth.kinetics.N0"][2] == "published"
    assert rows["truth.variability.cage_icc"][1:] == ("0", "stated", "no source stated")
    assert "truth.kinetics.exposure.IP.ka" not in rows  # nothing is injected so


def test_kinetics_are_no_assumption_where_folds_are_stated(small: Run) -> None:
    assert "truth.kinetics" not in texts(report_of(small))


def test_the_certified_number_comes_first(small: Run) -> None:
    document = report_of(small)
    n, animals = small.certified, small.result.sizes
    assert document.notice[0] == f"Certified: {n} mice per arm, {sum(animals.values())} in all."
    assert f"{n} mice per arm, certified: power of each comparison" in document.notice[1]
    assert "Cross-checks by formula" in [section.heading for section in document.sections]
    assert "One simulated study" in [section.heading for section in document.sections]
    assert f"certified n = {n}" in next(
        one.svg for one in blocks(document, Picture) if isinstance(one, Picture)
    )


def test_no_number_is_claimed_where_there_is_none() -> None:
    document = report_of(sized("too-small", replicates=200))
    assert document.notice[0].startswith(
        "Infeasible as planned: no number of mice is certified (n = 3 searched)"
    )
    assert "significance is out of reach" in document.notice[1]
    assert document.notice[2] == "Next: raise decision.n.to, now 3, to 5 or more."
    assert "Certified" not in texts(document)


def test_power_alone_certifies_nothing(run: Run, report: Document) -> None:
    at = next(point.target for point in run.result.curve if point.n == 8)
    assert report.notice[0] == f"With 8 mice per arm: power {share(at)}."
    assert "No number of mice is certified here" in report.notice[1]


def test_it_says_how_to_have_the_same_numbers(small: Run) -> None:
    told = texts(report_of(small))
    assert small.scenario.digest in told
    assert "afcsim size scenario.yaml --replicates 500 in the run folder" in told


def test_equal_runs_give_equal_reports(small: Run) -> None:
    assert to_html(report_of(small)) == to_html(report_of(small))


def test_hostile_texts_are_texts_and_long_ones_are_cut() -> None:
    html = to_html(report_of(hostile()))
    assert "<script" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "characters in all: see scenario.yaml)" in html
    assert len(html) < 300_000
    assert HOSTILE not in html


def test_a_single_paragraph_is_told_per_trend(report: Document) -> None:
    told = [one.text for one in blocks(report, Paragraph) if isinstance(one, Paragraph)]
    assert sum(line.startswith("Trend afc-im: afc over control < ") for line in told) == 1
