"""The paragraph that is copied: no marks, no names of the scenario, every caution in it."""

from __future__ import annotations

import re

import pytest

from simulator.output.document import Paragraph
from simulator.output.markdown import to_markdown
from simulator.output.run import Run
from simulator.output.statement.statement import statement
from simulator.scenario_files import load_text, read_scenario
from tests.unit.output.statement.runs import (
    NAMES,
    SMALL,
    STUDY,
    of_catalogue,
    powered,
    sized,
    small,
    tables,
    told,
)


def copied(run: Run) -> str:
    """Return the first paragraph of item 2b."""
    (section,) = [s for s in statement(run).sections if s.heading.startswith("2b")]
    first = section.blocks[0]
    assert isinstance(first, Paragraph)
    assert all(isinstance(piece, str) for piece in first.pieces)
    return first.text


@pytest.mark.parametrize("name", NAMES)
def test_it_is_plain_text_without_names_of_the_scenario(name: str) -> None:
    run = of_catalogue(name)
    text = copied(run)
    assert text in to_markdown(statement(run))  # not a sign is escaped or made bold
    assert not re.search(r"[*_\\`]|ASSUMED|TO BE WRITTEN", text)
    reason = "" if run.size is None else run.size.reason or ""
    text = text.replace(reason, "")  # of a search that failed, as the screen tells it
    dosed = {key for key, arm in run.scenario.design.arms.items() if arm.regimens}
    named = {key for key in dosed if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", text)}
    # "a" and "the control" are words; a substance may have the name of its group
    assert named <= {"a", "control", *run.scenario.design.substances}
    assert run.result.decision_family not in text or run.result.decision_family == "primary"


def test_doses_of_a_substance_are_told_together() -> None:
    text = copied(of_catalogue(STUDY))
    assert "secretome at 10, 20 and 50 µL/kg (35, 70 and 175 µg/kg) IM or secretome at" in text
    assert (
        "with mice given saline 10 µL/kg IM in antibody-forming cells per spleen on day 5" in text
    )


def test_schedules_tell_groups_of_one_dose_apart() -> None:
    text = copied(of_catalogue("schedule-matters"))
    assert "secretome 10 µL/kg (35 µg/kg) IM on days 0, 1, 2, 3, 4 or secretome" in text
    assert "secretome 50 µL/kg (175 µg/kg) IM on day 0" in text


def test_substances_of_one_group_are_told_together() -> None:
    text = copied(of_catalogue("suppression-and-rescue"))
    assert "IP plus secretome 20 µL/kg (70 µg/kg) IM with mice given cyclophosphamide" in text


def test_very_many_groups_are_counted_and_not_listed() -> None:
    names = [f"g{k}" for k in range(1, 31)]
    arms = ", ".join(f"{name}: {{role: test}}" for name in names)
    text = SMALL.format(design="", analysis="", decision="", arm="")
    folds = ", ".join(f"{name}: 6" for name in names)
    text = text.replace("drug: {role: test}", arms).replace("drug: 6", folds)
    run = powered(load_text(text), n=8)
    assert "the groups g1, g2, g3, g4, g5, g6, g7, g8 and 22 more with" in copied(run)


def test_effect_and_spread_are_told_and_whether_they_are_assumed() -> None:
    text = copied(of_catalogue(STUDY))
    assert "Expected are medians 3.02 to 10.4 times those of the control and a standard" in text
    assert "0.6 on the natural log scale (assumed)" in text
    assert "coefficient of variation between mice of 45 %. " in copied(of_catalogue("quick-start"))


def test_defaults_are_named_once_and_only_those_left_open() -> None:
    ending = "Left at the default of the program: what is compared, the test, its sidedness and"
    assert ending in copied(of_catalogue("quick-start"))
    assert "default" not in copied(of_catalogue(STUDY))
    stated = small(analysis="analysis: {test: brunner_munzel, alternative: greater}")
    left = "Left at the default of the program: what is compared and alpha."
    assert left in copied(powered(stated, n=8))


def test_a_chosen_number_asks_why_in_a_paragraph_of_its_own() -> None:
    run = powered(small(), n=8)
    assert "TO BE WRITTEN" not in copied(run)
    assert "Why this number: [TO BE WRITTEN: why this number" in told(run)


def test_acknowledged_pseudoreplication_is_said_in_2b_and_at_the_head() -> None:
    run = of_catalogue("whole-cage-arms")
    said = "whole cages of 5 get one treatment (pseudoreplication, which the plan acknowledges)"
    assert said in copied(run)
    assert any(said in line for line in statement(run).notice)
    assert "more than alpha 0.05 allows" in copied(run)
    assert "pseudoreplication" not in copied(of_catalogue(STUDY))
    alone = powered(small(design="animals: {arms_share_cages: false, per_cage: 1}"), n=8)
    assert "pseudoreplication" not in copied(alone)


def test_whole_cages_that_nobody_calls_alike_are_said_too() -> None:
    run = powered(small(design="animals: {arms_share_cages: false, per_cage: 4}"), n=8)
    assert "right only if cage-mates are no more alike than other mice" in copied(run)


def test_cages_as_units() -> None:
    plan = "analysis: {unit: cage}"
    run = powered(
        small(design="animals: {arms_share_cages: false, per_cage: 3}", analysis=plan), n=14
    )
    assert "Mann-Whitney U test of cage medians" in copied(run)
    assert "an intraclass correlation of cage-mates of 0 (assumed)" in copied(run)
    text = told(run)
    assert "Cages: the last cage of every arm holds 2 of 3 mice, because" in text
    captions = " ".join(table.caption for table in tables(statement(run)))
    assert "the test compares cage medians, for which this probability is another one" in captions
    full = powered(
        small(design="animals: {arms_share_cages: false, per_cage: 3}", analysis=plan), n=15
    )
    assert "the last cage" not in told(full)


def test_a_number_of_a_world_is_assumed() -> None:
    loaded = read_scenario(STUDY, world="pessimistic")
    text = told(powered(loaded, n=8, world="pessimistic"))
    spread = "standard deviation of the natural logarithm between mice: "
    assert f"{spread}ASSUMED: 0.9 (taken for the world pessimistic)" in text
    assert "0.9 on the natural log scale (assumed)" in text


def test_the_search_that_found_nothing_confirmed_nothing() -> None:
    captions = [table.caption for table in tables(statement(of_catalogue("too-small")))]
    assert not any("confirmed" in caption for caption in captions)
    assert any("confirmed" in t.caption for t in tables(statement(of_catalogue("quick-start"))))


def test_in_plain_words_no_group_is_called_by_its_name() -> None:
    text = told(sized(small()), form="eu")
    assert "hemagglutinin titer on day 5 between the treated mice and the control is found" in text


def test_the_mice_in_all_and_those_lost_are_in_the_paragraph() -> None:
    run = of_catalogue("quick-start")
    total = run.animals.enrolled
    assert f"That is {total} mice in all; it is assumed that none is lost." in copied(run)
    lossy = of_catalogue("pilot-to-confirmatory")  # 5 % are lost
    if lossy.certified is not None:
        left = f"{lossy.animals.analysed:.4g} of them are expected to be analysed"
        assert left in copied(lossy)


def test_the_public_is_told_of_which_effect_the_number_is() -> None:
    text = told(of_catalogue("quick-start"), form="eu")
    assert "in at least 80 of 100 such studies" in text
    summary_of = text.partition("in at least 80 of 100 such studies")[2].partition("\n")[0]
    assert "times those of the control" in summary_of


def test_groups_of_unequal_size_are_told_what_each_is_to_have_left() -> None:
    """A promise to every group names the number of every group."""
    run = sized(small(design="attrition: {loss: 20 %, inflate: 90 %}", arm=", ratio: 1.5"))
    size = run.size
    assert size is not None
    if size.status == "certified":
        n = size.n_per_arm or 0
        assert f"{int(1.5 * n + 0.5)} mice left" in copied(run)
    assert "every group keeps its number (" in told(run)
