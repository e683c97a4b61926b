"""What is made of an answer: as printed, of which comparison, refused, changed, or not there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulator.auditing.outcome import Outcome
from simulator.auditing.traps import battery, run_traps
from simulator.auditing.traps.judge import judge, same
from simulator.auditing.traps.renaming import other_names
from simulator.errors import InputError, ScenarioError
from simulator.scenario_files import load_scenario

from .lab_analysis import RIGHT, rank_test, told
from .plans import with_plan

QUICK = load_scenario("quick-start")


def judged(analysis, trap_id, scenario=QUICK):
    """The result of one trap."""
    analyst = told(analysis)
    found = run_traps(
        lambda frame: analyst(frame, scenario.analysis),
        scenario,
        told_plan=analyst,
        only=[trap_id],
    )
    (one,) = found
    assert one.id == trap_id
    return one


@pytest.mark.parametrize(
    ("said", "right", "equal"),
    [
        (0.0373271500063, 0.0373271500063, True),
        (0.0373271500063 * (1 + 5e-7), 0.0373271500063, True),
        (0.0373271500063 * (1 + 5e-6), 0.0373271500063, False),
        (0.0373, 0.037327, True),  # four decimals
        (0.0374, 0.037327, False),
        (0.037, 0.037327, True),  # three
        (0.04, 0.037327, False),  # two are too few
        (0.04, 0.0397, True),  # three, the last of them 0
        (0.0, 0.00049, True),
        (0.0, 0.00051, False),
        (1.23e-7, 1.2345e-7, True),  # three digits of a small one
        (1.23e-7, 1.24e-7, False),
        (1.0, 0.9996, True),
        (1.0, 0.9994, False),
    ],
)
def test_p_values_are_compared_as_printed(said, right, equal):
    assert same(said, right) is equal


def test_words_of_a_wrong_and_of_a_right_answer():
    wrong = judged(replace(RIGHT, test=lambda *_: 0.0887), "heavy-ties")
    assert wrong.verdict == "fail"
    assert wrong.right == "p = 0.01647 (normal with continuity); also right: p = 0.03727 (exact)"
    assert wrong.said == f"p = 0.0887 for drug v saline on afc; right is {wrong.right}"
    right = judged(RIGHT, "heavy-ties")
    assert (right.verdict, right.said) == ("pass", "p = 0.01647 for drug v saline on afc")


def test_every_comparison_is_judged():
    """A mistake in the last comparison alone is found in every trap of numbers."""
    scenario = load_scenario("schedule-matters")

    def last_is_wrong(frame, plan):
        found = RIGHT(frame, plan)
        found.loc[2, "p_value"] = 0.123456
        return found

    for trap_id in ("plain-table", "heavy-ties", "empty-group", "p-at-alpha"):
        found = judged(last_is_wrong, trap_id, scenario)
        assert found.verdict == "fail"
        assert found.said.startswith("p = 0.1235 for before v control on afc; right is p = ")


def test_no_answer_where_there_is_one():
    def silent(frame, plan):
        return RIGHT(frame, plan).assign(p_value=np.nan)

    for trap_id in ("plain-table", "missing-values", "p-at-alpha"):
        found = judged(silent, trap_id)
        assert found.verdict == "fail"
        assert found.said.startswith("no p-value for drug v saline on afc; right is p = ")
    unchanged = judged(silent, "shuffled-rows")
    assert unchanged.verdict == "fail"
    assert unchanged.said.endswith("on afc, nor of the untransformed table")
    for trap_id in ("all-equal", "empty-group", "one-animal", "text-cells"):
        assert judged(silent, trap_id).verdict == "pass"


@pytest.mark.parametrize("trap_id", ["all-equal", "empty-group", "one-animal"])
def test_no_test_is_no_rejection(trap_id):
    def rejects(frame, plan):
        return RIGHT(frame, plan).assign(rejected=True)

    found = judged(rejects, trap_id)
    assert found.verdict == "fail"
    assert found.said.endswith("for drug v saline on afc, but rejected")


@pytest.mark.parametrize(("trap_id", "p"), [("all-equal", 0.5), ("empty-group", 1.0)])
def test_no_test_is_no_number(trap_id, p):
    def number(x, y, alternative):
        found = rank_test(x, y, alternative)
        return p if np.isnan(found) else found

    assert judged(replace(RIGHT, test=number), trap_id).verdict == "fail"


def test_p_at_alpha():
    scenario = with_plan("quick-start", alternative="greater")
    not_below = replace(RIGHT, rejects=lambda p, alpha: p < alpha)
    found = judged(not_below, "p-at-alpha", scenario)
    assert found.verdict == "fail"
    assert found.said == "p = 0.05 for drug v saline on afc, not rejected"
    assert found.right.endswith("; p = 0.05 is exactly alpha: rejected")

    def undecided(frame, plan):
        return not_below(frame, plan).drop(columns="rejected")

    assert judged(undecided, "p-at-alpha", scenario).verdict == "pass"
    # two-sided there are ties: R's rule takes the normal p-value, above alpha and not rejected
    found = judged(not_below, "p-at-alpha")
    assert (found.verdict, found.said) == ("pass", "p = 0.06741 for drug v saline on afc")


def fails(failure, message=""):
    return lambda _frame: Outcome(None, failure, message)


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        ("crashed", "pass"),
        ("no result", "pass"),
        ("timed out", "fail"),
        ("wrong result", "fail"),
        ("unreadable result", "fail"),
        ("could not start", "fail"),
    ],
)
def test_text_may_be_refused(failure, verdict):
    (found,) = run_traps(fails(failure, "n.d. is\nno number"), QUICK, only=["text-cells"])
    assert found.verdict == verdict
    assert found.said.endswith(": n.d. is no number")


def test_a_failed_run_is_a_fail_with_its_message():
    found = run_traps(fails("timed out", "after 60 s"), QUICK)
    for one in found:
        if one.verdict == "fail":
            assert one.said == "timed out: after 60 s"
    count = {one.id for one in found if one.verdict == "not applicable"}
    assert count == {"below-detection-limit", "above-detection-limit", "renamed-arms"}
    assert "pass" not in {one.verdict for one in found}
    (long,) = run_traps(fails("crashed", "x" * 5000), QUICK, only=["plain-table"])
    assert len(long.said) < 400


def test_a_failure_of_the_untransformed_table_is_no_invariance():
    calls = []

    def first_fails(frame):
        calls.append(len(frame))
        if len(calls) == 1:
            return Outcome(None, "crashed", "first")
        return told(RIGHT)(frame, QUICK.analysis)

    (found,) = run_traps(first_fails, QUICK, only=["shuffled-rows"])
    assert found.verdict == "fail"
    assert found.said == "nothing of the untransformed table: crashed: first"
    assert len(calls) == 2  # the untransformed table, and the trap


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("p_value", "; on the untransformed table p = 0.00699301"),
        ("p_adjusted", ", but p_adjusted is 0.5, and 0.00699301 on the untransformed table"),
        ("rejected", ", but rejected is FALSE, and TRUE on the untransformed table"),
    ],
)
def test_what_must_not_change(column, said):
    def other_when_shuffled(frame, plan):
        found = RIGHT(frame, plan)
        if frame["subject_id"].iloc[0] != "saline-01":
            found[column] = False if column == "rejected" else 0.5
        return found

    found = judged(other_when_shuffled, "shuffled-rows")
    assert found.verdict == "fail"
    assert found.said.endswith(said)


def test_names_of_arms_are_told_or_not_applicable():
    analyst = told(RIGHT)
    (found,) = run_traps(lambda frame: analyst(frame, QUICK.analysis), QUICK, only=["renamed-arms"])
    assert found.verdict == "not applicable"
    assert "is not told what to compare" in found.said
    assert judged(RIGHT, "renamed-arms").verdict == "pass"

    def by_heart(frame, _plan):
        return RIGHT(frame, QUICK.analysis)

    assert judged(by_heart, "renamed-arms").said.startswith("wrong result: ")


def test_other_names_sort_the_other_way():
    arms = ["a", "b", "c", *(f"arm-{k}" for k in range(9))]
    names = other_names(arms)
    assert [arm for arm, _ in sorted(names.items(), key=lambda item: item[1])] == sorted(
        arms, reverse=True
    )
    for name in names.values():
        assert {" ", ",", '"', "ä"} <= set(name)
        assert name == name.strip()


def test_an_analysis_may_change_its_table():
    def spoils(frame):
        outcome = told(RIGHT)(frame, QUICK.analysis)
        frame["value"] = 0.0
        frame["arm"] = "nobody"
        return outcome

    assert {one.verdict for one in run_traps(spoils, QUICK)} == {"pass", "not applicable"}


def test_progress_counts_the_runs():
    steps = []
    analyst = told(RIGHT)
    run_traps(
        lambda frame: analyst(frame, QUICK.analysis),
        QUICK,
        progress=lambda done, of: steps.append((done, of)),
        only=["heavy-ties", "shuffled-rows", "below-detection-limit"],
    )
    assert steps == [(1, 3), (2, 3), (3, 3)]  # with the untransformed table, without the titer


def test_unknown_traps():
    with pytest.raises(InputError, match=r'heavy-tie +is no trap; did you mean "heavy-ties"'):
        run_traps(fails("crashed"), QUICK, only=["heavy-tie"])


def test_a_plan_that_compares_nothing():
    with pytest.raises(ScenarioError, match="there is nothing to hold an analysis to"):
        battery(with_plan("quick-start", families={}))


def test_no_outcome_is_not_applicable():
    trap = next(one for one in battery(QUICK) if one.id == "below-detection-limit")
    found = judge(trap, None)
    assert found.verdict == "not applicable"
    assert found.said == "the plan compares no titer, and no other endpoint has limits"
    assert found.to_dict()["id"] == "below-detection-limit"
