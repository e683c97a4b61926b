"""What is said of a wrong answer: which cell, what was said, what is right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.auditing.traps import run_traps
from simulator.scenario_files import load_scenario

from .lab_analysis import RIGHT, rank_test, told
from .test_judging import QUICK, judged


def test_a_small_difference_is_said_with_the_digits_that_show_it():
    near = judged(replace(RIGHT, test=lambda *a: rank_test(*a) * (1 + 2e-5)), "plain-table")
    assert near.said.startswith(
        "p = 0.0069931 for drug v saline on afc; right is p = 0.006993 (exact); also right: p = "
    )


def test_a_p_value_that_is_rounded_too_far_is_told_so():
    rounded = judged(replace(RIGHT, shown=lambda p: round(p, 2)), "heavy-ties").said
    assert rounded.startswith("p = 0.02 for drug v saline on afc; right is p = 0.01647 (normal")
    assert rounded.endswith(" (rounded too far to tell: print 3 decimals or more)")
    assert "rounded" not in judged(replace(RIGHT, test=lambda *_: 0.5), "heavy-ties").said


def test_what_is_never_reported_is_said_in_the_same_words_of_every_trap():
    """One endpoint without rows: it is no matter of any trap's own comparison."""
    scenario = load_scenario("secretome-healthy-mice")

    def without_titer(frame, plan):
        return RIGHT(frame, plan).query("endpoint != 'titer'")

    analyst = told(without_titer)
    found = run_traps(lambda frame: analyst(frame, scenario.analysis), scenario, told_plan=analyst)
    assert {one.verdict for one in found} == {"fail"}
    assert {one.said for one in found} == {"your result has no rows for titer, or empty ones"}


def test_what_is_not_reported_of_one_table_only_is_that_trap_s_own():
    def not_of_ties(frame, plan):
        p = rank_test if frame["value"].max() > 300 else (lambda *_: np.nan)
        return replace(RIGHT, test=p)(frame, plan)[["endpoint", "treated", "control", "p_value"]]

    analyst = told(not_of_ties)
    one = next(
        one
        for one in run_traps(lambda frame: analyst(frame, QUICK.analysis), QUICK)
        if one.id == "heavy-ties"
    )
    assert one.said.startswith("no p-value for drug v saline on afc; right is p = 0.01647 (normal")
