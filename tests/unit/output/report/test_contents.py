"""The report says what the run says, in the order of a reader, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from simulator.output.document import Document, Paragraph, Picture, Table
from simulator.output.document_html import to_html
from simulator.output.markdown import to_markdown
from simulator.output.report.contents import report_of
from simulator.output.report.evidence import ASSUMED, DEFAULT, EVIDENCE_COLUMNS
from simulator.output.run import Run
from simulator.output.wording.formulas import against_formulas
from simulator.output.wording.names import MOVES_N, name_of
from simulator.output.wording.numbers import share
from simulator.scenario_files import load_text
from tests.unit.output.made_run import HOSTILE, hostile, powered, sized

STUDY = "secretome-healthy-mice"
CAGES = """
schema_version: 1
id: cages
question: How many mice, where whole cages get one treatment?
seed: 1
design:
  animals: {per_cage: 5, arms_share_cages: false}
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
truth: {afc: {control: 5e4 /spleen, cv: 60 %, cage_icc: 0.3, response: {model: fold, drug: 8}}}
analysis: {unit: cage}
decision: {n: {from: 19, to: 24}}
"""


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
    """Return the blocks of a kind, in order."""
    return (one for _, one in document.walk() if isinstance(one, kind))


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
        "Other comparisons",
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
        if len(run.scenario.analysis.comparisons_of(family.family)) == 1:
            continue
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


def evidence(document: Document) -> dict[str, tuple[str, ...]]:
    """Return the rows about evidence by their paths."""
    return {
        row[-1]: row for table in tables(document) if table.columns == EVIDENCE_COLUMNS
        for row in table.rows
    }  # fmt: skip


def test_assumed_values_are_marked_and_others_have_their_evidence(
    run: Run, report: Document
) -> None:
    rows = evidence(report)
    for one in run.assumed:
        nature = one.path.startswith(("truth.", "design.attrition."))
        assert rows[one.path][1].replace(",", "") == one.value.replace(",", "")
        assert rows[one.path][2] == (ASSUMED if nature else DEFAULT)
    assert rows["truth.effects.secretome.IM.ec50"][:4] == (
        "level of secretome IM with half of its effect",
        "57.3 ug/kg",
        "fitted",
        "3.0 and 10.5 fold",
    )
    assert rows["truth.kinetics.KAg"][1] == "50,000,000 cells"
    assert rows["truth.kinetics.N0"][2] == "published"
    assert rows["truth.variability.cage_icc"][1:4] == ("0", "stated", "no source stated")
    assert "truth.kinetics.exposure.IP.ka" not in rows  # nothing is injected so


def test_what_moves_n_comes_first_in_words(report: Document) -> None:
    about = next(s for s in report.sections if s.heading == "Assumptions and their evidence")
    first, *others = [block for block in about.blocks if isinstance(block, Table)]
    paths = [row[-1] for row in first.rows]
    assert [name_of(path).kind for path in paths] == sorted(
        (name_of(path).kind for path in paths), key=MOVES_N.index
    )
    for path in ("truth.effects.secretome.SC.emax", "truth.variability.afc.sd_ln",
                 "truth.variability.cage_icc", "design.attrition.loss"):  # fmt: skip
        assert path in paths
    # the titer and the phagocytes do not decide, so their spread does not move n
    assert not [path for path in paths if "titer" in path or "phago" in path]
    rest = [row[-1] for table in others for row in table.rows]
    assert "truth.variability.titer.sd_log2" in rest
    assert not set(rest) & set(paths)


def test_cages_of_the_endpoint_stand_in_place_of_those_of_the_study() -> None:
    paths = list(evidence(report_of(sized(load_text(CAGES), replicates=200))))
    assert paths.index("truth.variability.afc.cage_icc") < paths.index("truth.assay.reader_cv")
    assert "truth.variability.cage_icc" not in paths  # no number is read from it


def test_what_decides_stands_before_the_plan_and_the_rest_after_it(
    run: Run, report: Document
) -> None:
    where = {
        table.caption.split(",")[0].split(":")[0]: section.heading
        for section in report.sections
        for table in section.blocks
        if isinstance(table, Table) and "against" in table.caption
    }
    decides = run.result.decision_family
    assert where.pop(decides) == "Comparisons"
    assert where == {
        one.family: "Other comparisons" for one in run.result.families if one.family != decides
    }


def test_one_family_has_no_other_comparisons(small: Run) -> None:
    document = report_of(small)
    assert "Other comparisons" not in [section.heading for section in document.sections]
    assert "together" not in texts(document)  # one comparison is not told twice


def test_why_formulas_differ_is_said_once_and_for_the_case_at_hand(small: Run) -> None:
    assert small.size is not None
    told = against_formulas(small.size, small.scenario)
    assert told is not None
    assert texts(report_of(small)).count(told) == 1
    basis = small.size.cross_checks[0].basis
    assert texts(report_of(small)).count(basis) == 1


def test_a_reason_of_the_basis_is_not_told_where_formulas_agree(small: Run) -> None:
    assert small.size is not None
    checks = tuple(
        replace(one, n_per_arm=small.certified, basis="afc alone")
        for one in small.size.cross_checks
    )
    agreed = replace(small, answer=replace(small.size, cross_checks=checks))
    told = texts(report_of(agreed))
    assert "The formulas are for afc alone." in told
    assert f"The formulas and the simulation agree: n = {small.certified}." in told
    assert "ask for more" not in told


def test_cages_are_told_of_in_the_table_and_in_the_laboratory() -> None:
    cages = sized(load_text(CAGES), replicates=200)
    told = texts(report_of(cages))
    assert "the test compares cage medians" in told
    assert "No formula has an answer: an analysis of cages: the formulas count animals." in told
    assert "The formulas are for" not in told


def test_kinetics_are_no_assumption_where_folds_are_stated(small: Run) -> None:
    assert "truth.kinetics" not in texts(report_of(small))


def test_the_certified_number_comes_first(small: Run) -> None:
    document = report_of(small)
    n, animals = small.certified, small.result.sizes
    assert document.notice[0] == f"{n} mice per arm, {sum(animals.values())} in all, certified."
    assert document.notice[1].startswith("Power of each comparison of primary is at least 0.80 (")
    assert sum("fresh ones" in one.text for one in blocks(document, Paragraph)) == 1  # type: ignore[attr-defined]
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
    assert not any("certified." in line for line in (*document.notice, texts(document)))


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
