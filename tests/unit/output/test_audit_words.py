"""How the lines of an audit are said."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from simulator.auditing.evidence import FailedRun
from simulator.auditing.result import Audit, Finding, Line, TrapResult
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.output import audit_words as words
from tests.unit.output.audit_fakes import audit, traps


def _line(measure: str, value: object, verdict: str = "pass", **more: object) -> Line:
    return Line(measure, value, verdict, "", **more)  # type: ignore[arg-type]


def test_every_measure_has_words_and_a_meaning() -> None:
    from typing import get_args

    from simulator.auditing.result import Measure

    assert set(words.MEASURES) == set(words.MEANINGS) == set(get_args(Measure))


def test_the_headline_says_what_failed() -> None:
    found = audit(wrong=True)
    count = len(found.lines)
    assert words.headline(found) == (
        f"The analysis fails 3 of {count} checks: runs without a result, p-values that are the "
        "plan's, type I error."
    )
    assert words.headline(audit()) == f"The analysis passes {count} checks, and fails none."


def test_the_headline_says_how_many_replicates_would_do() -> None:
    lines = [
        _line("power", Probability(1, 2), "not enough replicates", needed=900),
        _line("fwer", Probability(1, 2), "not enough replicates", needed=1200),
        _line("type_i", Probability(1, 2)),
        _line("agreement", Probability(0, 2), "not judged"),
    ]
    found = replace(audit(), lines=tuple(lines))
    assert words.headline(found) == (
        "Not enough replicates: nothing failed, but 2 of 3 checks cannot be decided (family-wise "
        "error, power); --replicates 1200 would probably do."
    )
    lines.append(_line("bias", Estimate(0.1, 0.1), "not enough replicates"))
    assert "more replicates may not decide" in words.headline(replace(found, lines=tuple(lines)))
    assert words.headline(replace(found, lines=())) == "Nothing was judged."


@pytest.mark.parametrize(
    ("measure", "value", "ratio", "text"),
    [
        ("failures", Probability(3, 1000), False, "3 of 1,000"),
        ("agreement", Probability(14_999, 15_000), False, "14,999 of 15,000"),
        # Wilson's interval of 5 in 100 at 95 %, by hand: (0.0692 +- 0.0455)/1.0384
        ("type_i", Probability(5, 100), False, "0.050 [0.022, 0.112]"),
        # ln 1.1 +- 1.96 x 0.01
        ("bias", Estimate(math.log(1.1), 0.01), True, "+10.0% [+7.9%, +12.2%]"),
        ("rmse", Estimate(math.log(1.5), 0.0), True, "50.0% [50.0%, 50.0%]"),
        ("bias", Estimate(-2.5, 1.0), False, "-2.5 [-4.46, -0.54]"),
        ("rmse", Estimate(2.0, math.nan), False, "2"),
        # 23,900 -+ 1.96 x 1430: three digits, and no power of ten below a million
        ("rmse", Estimate(23_900.0, 1430.0), False, "23900 [21100, 26700]"),
        ("bias", Estimate(-999.6, math.nan), False, "-1000"),
        ("bias", Estimate(999_600.0, math.nan), False, "+1e+06"),
        ("type_m", Estimate(1.25, 0.1), True, "×1.25 [1.05, 1.45]"),
        ("bias", Estimate(math.nan, math.nan), True, "-"),
        ("power", None, True, "-"),
    ],
)
def test_a_number_comes_with_its_error(
    measure: str, value: Probability | Estimate | None, ratio: bool, text: str
) -> None:
    assert words.number(value, measure, ratio=ratio) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("measure", "better", "worse"),
    [
        ("type_i", Probability(4, 100), Probability(6, 100)),
        ("coverage", Probability(96, 100), Probability(90, 100)),
        ("agreement", Probability(96, 100), Probability(90, 100)),
        ("bias", Estimate(0.1, 0.1), Estimate(-0.2, 0.1)),
        ("type_m", Estimate(1.1, 0.1), Estimate(1.2, 0.1)),
        ("rmse", Estimate(math.nan, 0.1), Estimate(1.2, 0.1)),
    ],
)
def test_the_worst_number_comes_first(
    measure: str, better: Probability | Estimate, worse: Probability | Estimate
) -> None:
    lines = [_line(measure, better), _line(measure, worse)]
    assert words.worst_first(lines) == lines[::-1]


def test_the_worst_power_is_that_which_loses_most() -> None:
    low = _line("power", Probability(10, 100), plan=Probability(10, 100))
    lost = _line("power", Probability(80, 100), plan=Probability(90, 100))
    assert words.worst_first([low, lost]) == [lost, low]


def test_the_verdict_counts_more_than_the_number() -> None:
    failed = _line("type_i", Probability(6, 100), "fail")
    assert words.worst_first([_line("type_i", Probability(9, 100)), failed])[0] is failed


def test_a_measure_in_short() -> None:
    found = {one.measure: one for one in words.summaries(audit("secretome-healthy-mice").lines)}
    assert found["type_i"].counts == "30 pass"
    wrong = {
        one.measure: one
        for one in words.summaries(audit("secretome-healthy-mice", wrong=True).lines)
    }
    assert wrong["type_i"].counts == "15 fail, 15 pass"
    assert wrong["type_i"].worst.verdict == "fail"
    assert wrong["power"].counts == "15 not enough replicates, 15 pass"
    assert wrong["failures"].counts == "fail"


def test_a_line_says_of_what_it_is() -> None:
    assert words.about(_line("failures", Probability(0, 1))) == ""
    assert words.about(_line("fwer", Probability(0, 1), family="primary")) == "family primary"
    assert words.about(_line("agreement", Probability(0, 1), endpoint="afc")) == "afc"
    named = {"endpoint": "afc", "treated": "drug", "control": "saline", "family": "primary"}
    assert words.about(_line("bias", Estimate(0, 1), **named)) == "afc: drug v saline"


def test_a_finding_says_what_it_rests_on() -> None:
    sentence = "your p-values are those of a one-sided test"
    found = Finding("one-sided", sentence, False, ("afc", "titer"), 398, 400)
    assert words.finding_text(found) == (
        f"afc, titer: {sentence}; so in 398 of 400 comparisons that tell it from the plan's own"
    )
    found = replace(found, valid=True, matched=400)
    assert "a right choice too, though not the plan's" in words.finding_text(found)
    assert "so in all 400 comparisons" in words.finding_text(found)


def test_failed_runs_are_counted_by_what_they_said() -> None:
    runs = [
        FailedRun("as written", 1, "timed out", "ran longer than 60 s"),
        FailedRun("as written", 2, "crashed", "no column x"),
        FailedRun("null", 2, "crashed", "no column x"),
    ]
    assert words.failures(runs) == [
        ("2", "crashed", "no column x"),
        ("1", "timed out", "ran longer than 60 s"),
    ]


def test_messages_that_differ_in_numbers_are_one() -> None:
    said = ["Error in line 3", "Error in line 12", "Error in line 12", "Error in row x"]
    runs = [FailedRun("null", k, "crashed", text) for k, text in enumerate(said)]
    assert words.failures(runs) == [
        ("3", "crashed", "Error in line 12 (or with other numbers)"),
        ("1", "crashed", "Error in row x"),
    ]
    # but another kind of failure with the same message is another
    runs.append(FailedRun("null", 9, "wrong result", "Error in line 4"))
    assert len(words.failures(runs)) == 3


def _without(*worlds: str) -> Audit:
    """Return an audit of which no data set of these worlds gave a result."""
    failed = tuple(FailedRun(world, k, "crashed", "x") for world in worlds for k in range(200))  # type: ignore[arg-type]
    return audit("secretome-healthy-mice", failed=failed)


def test_checks_without_a_single_result_are_named() -> None:
    assert words.unjudged(_without()) == ""
    assert words.unjudged(_without("as written")) == (
        "not judged, since no data set with the effects gave a result: power"
    )
    assert words.unjudged(_without("null")) == (
        "not judged, since no data set without effects gave a result: type I error, "
        "family-wise error"
    )
    assert words.unjudged(_without("as written", "null")) == (
        "not judged, since no data set gave a result: p-values that are the plan's, decisions "
        "that are the plan's, type I error, family-wise error, power"
    )
    # where nothing is adjusted there is no family-wise error
    found = _without("null")
    plan = found.runs["null"].plan
    families = {
        name: family.model_copy(update={"adjust": "none"}) for name, family in plan.families.items()
    }
    plain = replace(found.runs["null"], plan=plan.model_copy(update={"families": families}))
    found = replace(found, runs={**found.runs, "null": plain})
    assert words.unjudged(found).endswith("gave a result: type I error")


def test_the_headline_of_nothing_says_so() -> None:
    found = _without("as written", "null")
    assert words.headline(found) == (
        "The analysis fails: it gave no result of 400 data sets, so nothing else could be judged."
    )


def test_the_data_of_an_audit_that_stopped_are_fewer() -> None:
    found = audit()
    assert "arm, 200 simulated studies" in words.what_was_run(found)
    found = replace(found, stopped="the first 20 runs all failed", asked=1000)
    assert (
        "arm, 200 of 1,000 simulated studies with the effects and 200 of 1,000 without"
        in words.what_was_run(found)
    )


def test_the_verdict_on_the_traps() -> None:
    found = traps()
    assert words.traps_headline(found) == (
        "The analysis fails 1 of 2 traps: censored; 1 not applicable."
    )
    assert words.traps_verdict(found) == "fail"
    passed = tuple(one for one in found if one.verdict != "fail")
    assert words.traps_headline(passed) == "The analysis passes 1 trap; 1 not applicable."
    assert words.traps_verdict(passed) == "pass"
    none: tuple[TrapResult, ...] = passed[1:]
    assert words.traps_headline(none) == "Nothing was judged: no trap is applicable."
    assert words.traps_verdict(none) == "not judged"


def test_what_is_a_ratio() -> None:
    assert words.is_ratio("fold_of_medians")
    assert not words.is_ratio("relative_effect")
    assert not words.is_ratio("")
