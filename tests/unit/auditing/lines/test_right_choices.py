"""The lines on p-values and decisions say the same as what is recognised."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulator.auditing.lines.agreement import agreement, decisions
from simulator.auditing.recognise import recognise

from ..scripts import AFC, SECRETOME, adjusted, as_r, by_pairs, study
from ..test_agreement import as_format_pval

METHODS = {"none": "none", "holm": "holm", "bonferroni": "bonferroni", "bh": "fdr_bh"}


def normal(x, y):
    return stats.mannwhitneyu(x, y, method="asymptotic").pvalue


def by_family(p, plan, method):
    said = p.copy()
    for name, family in plan.families.items():
        at = [k for k, one in enumerate(plan.comparisons) if one.family == name]
        if family.adjust != "none":
            said[at] = adjusted(p[at], METHODS[method])
    return said


def script(test, method, *, column="p_adjusted", digits=None, change=None):
    """A script that adjusts, and writes p and adjusted p, or these as p; decided as printed."""

    def analysis(table, plan):
        p = by_pairs(test, table, plan)
        said = by_family(p, plan, method)
        if digits is not None:
            p, said = np.round(p, digits), np.round(said, digits)
        found = {"p_value": said} if column == "p_value" else {"p_value": p, "p_adjusted": said}
        return found if change is None else found | change(said, plan)

    return analysis


def judged(analysis, *, replicates=25, **changes):
    """The findings, the lines on p-values and those on decisions that are not all the plan's."""
    one = study(SECRETOME, 8, **changes)
    runs = one.run(analysis, replicates)
    found = recognise(runs, one.frame, one.plan)
    lines = [
        [line for line in of(runs, found, own_test=False) if line.value.value < 1]
        for of in (agreement, decisions)
    ]
    return found, *lines


RIGHT = {
    "another right test": ((normal, "holm"), {}),
    "another right adjustment": ((as_r, "bonferroni"), {}),
    "both": ((normal, "bonferroni"), {}),
    "right adjusted p-values as p": ((as_r, "bonferroni"), {"column": "p_value"}),
    "the plan's adjusted p-values of another right test as p": (
        (normal, "holm"),
        {"column": "p_value"},
    ),
    "another right test, rounded": ((normal, "holm"), {"digits": 3}),
}


@pytest.mark.parametrize("name", RIGHT)
def test_where_all_findings_are_right_choices_both_lines_pass_and_say_so(name):
    (test, method), options = RIGHT[name]
    exact = {"method": "exact"} if test is normal else {}
    found, p_values, families = judged(script(test, method, **options), **exact)
    assert found
    assert all(one.valid for one in found)
    assert all(line.verdict == "pass" for line in (*p_values, *families))
    assert families
    assert all("as those of another right choice do" in line.note for line in families)
    assert all(line.note.startswith("the others are those of another") for line in p_values)
    assert (not p_values) == (name == "another right adjustment")


def always(said, plan):  # noqa: ARG001
    return {"rejected": 1.0}


def by_a_tenth(said, plan):  # noqa: ARG001
    return {"rejected": said <= 0.1}


WRONG = {
    "an adjustment that guards less": (script(normal, "bh"), "adjusted-by-bh"),
    "decisions of no rule": (script(normal, "holm", change=always), ""),
    "another alpha": (script(normal, "holm", change=by_a_tenth), ""),
    "less guarding p-values as p": (script(as_r, "bh", column="p_value"), "decided-by-bh"),
    "the same of another right test": (script(normal, "bh", column="p_value"), ""),
}


@pytest.mark.parametrize("name", WRONG)
def test_right_p_values_do_not_excuse_wrong_decisions(name):
    analysis, known = WRONG[name]
    exact = {} if known == "decided-by-bh" else {"method": "exact"}
    found, p_values, families = judged(analysis, **exact)
    assert all(line.verdict == "pass" for line in p_values)
    assert any(line.verdict == "fail" for line in families)
    failed = [line for line in families if line.verdict == "fail"]
    assert all("not what a right choice makes of these p-values" in line.note for line in failed)
    assert not known or any(one.id == known and not one.valid for one in found)


def test_a_rule_of_some_cells_does_not_tell_that_the_others_are_decided_rightly():
    one = study(SECRETOME, 8)
    run = one.run(script(as_r, "none"), 40)["null"]
    # a comparison whose unadjusted p-value decides otherwise
    left_out = int(((run.p_value <= 0.05) & ~run.plan_rejected).sum(axis=0).argmax())

    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        said = by_family(p, plan, "bonferroni")
        said[left_out] = np.nan
        return {"p_value": p, "p_adjusted": said}

    found, _, families = judged(analysis, replicates=40)
    assert any(one.id == "adjusted-by-bonferroni" and one.valid for one in found)
    family = one.plan.comparisons[left_out].family
    assert [line.verdict for line in families if line.family == family] == ["fail"]


@pytest.mark.parametrize("digits", [1, 2, 3])
def test_a_decision_read_off_the_plan_s_p_as_printed_is_the_plan_s(digits):
    found, p_values, families = judged(script(as_r, "holm", digits=digits))
    assert (p_values, families) == ([], [])
    assert {one.id for one in found} <= {"rounded"}
    # what is said to be rejected is not read off
    said = script(as_r, "holm", digits=digits, change=by_a_tenth)
    _, _, families = judged(said)
    assert any(line.verdict == "fail" for line in families)


def test_digits_that_vary_from_study_to_study():
    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        return {
            "p_value": as_format_pval(p[None], 3)[0],
            "p_adjusted": as_format_pval(by_family(p, plan, "holm")[None], 3)[0],
        }

    found, p_values, families = judged(analysis)
    assert (p_values, families) == ([], [])
    assert all(one.sentence.endswith("at least 3 significant digits") for one in found)


def test_no_difference_is_told_where_p_values_are_missing():
    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        p[[k for k, one in enumerate(plan.comparisons) if one.endpoint == AFC]] = np.nan
        return {"p_value": p}

    _, (line,), _ = judged(analysis, replicates=5)
    assert (line.endpoint, line.verdict, line.note) == (AFC, "fail", "")


def of_holm(change):
    """Return an analysis with right p-values and claims whose column p_adjusted is changed."""

    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        right = by_family(p, plan, "holm")
        return {
            "p_value": p,
            "p_adjusted": change(right, p),
            "rejected": (right <= 0.05).astype(float),
        }

    return analysis


CONTRADICTING = {
    "claims of what is said not to be": lambda right, p: np.where(right <= 0.05, 0.9, 0.01),  # noqa: ARG005
    "not adjusted": lambda right, p: p,  # noqa: ARG005
    "halved": lambda right, p: right / 2,  # noqa: ARG005
}


@pytest.mark.parametrize("name", CONTRADICTING)
def test_a_wrong_column_of_adjusted_p_values_is_not_covered_by_right_claims(name):
    _, _, families = judged(of_holm(CONTRADICTING[name]))
    failed = [line for line in families if line.verdict == "fail"]
    assert failed
    assert all("rejected and p_adjusted contradict each other in" in line.note for line in failed)


def test_right_claims_with_the_right_column_pass():
    _, _, families = judged(of_holm(lambda right, p: right))  # noqa: ARG005
    assert families == []


def test_a_column_that_is_not_what_the_plan_makes_of_p_is_no_rounding():
    """Cut off to one decimal it claims up to 0.1; rounded to one decimal it may be right."""

    def cut(table, plan):
        p = by_pairs(normal, table, plan)
        return {"p_value": p, "p_adjusted": np.floor(by_family(p, plan, "holm") * 10) / 10}

    _, p_values, families = judged(cut, method="exact")
    assert all(line.verdict == "pass" for line in p_values)
    assert any(line.verdict == "fail" for line in families)


def test_what_p_as_printed_does_not_decide_is_not_called_right():
    def coarse(table, plan):
        p = np.round(by_pairs(normal, table, plan), 2)
        return {"p_value": p, "rejected": (by_family(p, plan, "bh") <= 0.05).astype(float)}

    _, _, families = judged(coarse, replicates=40, method="exact")
    assert families
    assert not any(line.verdict == "pass" for line in families)
