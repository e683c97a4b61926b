"""What an analysis never reports is told, and passes nothing."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from simulator import analyse, audit, load_scenario
from simulator.auditing.lines.agreement import decisions
from simulator.auditing.result import Line
from simulator.auditing.silence import never_said, no_rows, of_silence, silent
from simulator.evaluation.characteristics import Probability
from simulator.scenario import AnalysisPlan
from tests.unit.auditing.lines.evidence_by_hand import PLAN, evidence

NAN = math.nan
STUDY = load_scenario("no-effect")


def without(endpoint):
    def analysis(observations):
        found = analyse(observations, STUDY.analysis).to_frame()
        return found[found["endpoint"] != endpoint]

    return analysis


def test_nothing_is_said_where_neither_p_nor_a_decision_is():
    run = evidence(
        p=[[0.5, NAN], [NAN, NAN]],
        p_adjusted=[[NAN, NAN], [0.1, NAN]],
        rejected=[[NAN, 1], [0, NAN]],
    )
    assert silent(run).tolist() == [[False, False], [False, True]]


def test_a_whole_endpoint_is_named_once_and_a_comparison_in_full():
    plan = AnalysisPlan.model_validate(
        {
            "families": {
                "all": {"endpoint": ["afc", "titer"], "arms": ["low", "high"], "against": "c"}
            }
        }
    )
    names = [(one.endpoint, one.treated) for one in plan.comparisons]
    places = [k for k, one in enumerate(names) if one[0] == "titer" or one == ("afc", "high")]
    told = no_rows(plan, places)
    assert set(told.removeprefix("your result has no rows for ").split(", ")) == {
        "titer",
        "high v c on afc",
        "or empty ones",
    }


def test_only_what_was_never_said_is_a_finding():
    p = np.array([[0.5, 0.2], [0.3, NAN], [NAN, NAN]])
    own = np.full((3, 2), 0.4)
    runs = {
        "as written": evidence(p=p, plan_p=own, failed=[2]),
        "null": evidence("null", p=p * [1, NAN], plan_p=own, failed=[2]),
    }
    assert never_said(runs) == ()  # it was said once
    runs["as written"] = replace(runs["null"], world="as written")
    (found,) = never_said(runs)
    assert found.sentence == "your result has no rows for high v saline on afc, or empty ones"
    assert (found.matched, found.told_apart, found.endpoints) == (4, 4, ("afc",))
    assert not found.valid
    every = {"null": evidence("null", p=np.full((2, 2), NAN), plan_p=own[:2], failed=[0, 1])}
    assert never_said(every) == ()  # the runs failed: that is told elsewhere


def test_a_line_about_nothing_passes_nothing():
    runs = {"null": evidence("null", p=[[0.5, NAN], [0.2, NAN]], plan_p=np.full((2, 2), 0.4))}
    count, (said, unsaid) = Probability(0, 2), PLAN.comparisons

    def line(one, verdict, measure="type_i"):
        return Line(measure, count, verdict, "", one.endpoint, one.treated, one.control, one.family)

    lines = [
        line(said, "pass"),
        line(unsaid, "pass"),
        replace(line(unsaid, "not enough replicates"), needed=90),
        replace(line(unsaid, "fail", "power"), note="much"),
        Line("fwer", count, "pass", "", family="afc"),
        Line("failures", count, "pass", ""),
    ]
    found = of_silence(lines, runs)
    assert [one.verdict for one in found] == [
        *("pass", "not judged", "not judged", "fail"),
        *("not judged", "pass"),  # half a family's false alarms are not those of the family
    ]
    nothing = "your result has no rows for it, or empty ones"
    assert [one.note for one in found] == [
        *("", nothing, nothing, f"{nothing}; much"),
        *("your result has no rows for some of its comparisons, or empty ones", ""),
    ]
    assert found[2].needed is None


def test_an_endpoint_that_an_analysis_leaves_out():
    found = audit(without("titer"), STUDY, replicates=20)
    assert found.verdict == "fail"
    assert [(one.id, one.endpoints) for one in found.findings] == [("no-rows", ("titer",))]
    assert found.findings[0].sentence == "your result has no rows for titer, or empty ones"
    of_titer = [one for one in found.lines if one.endpoint == "titer"]
    assert {one.verdict for one in of_titer if one.measure == "agreement"} == {"fail"}
    assert {one.verdict for one in of_titer if one.measure == "type_i"} == {"not judged"}
    assert all("no rows" in one.note for one in of_titer)
    assert not any("no rows" in one.note for one in found.lines if one.endpoint == "afc")


def test_no_decision_is_not_the_plans():
    """Once nothing is said where the plan has a p-value, once where it has none."""
    own = np.array([[0.5, 0.2], [0.3, 0.6], [0.3, NAN]])
    run = evidence(p=[[0.5, 0.2], [0.3, NAN], [0.3, NAN]], plan_p=own)
    (line,) = decisions({"as written": run}, (), own_test=False)
    assert (line.value.count, line.value.replicates, line.verdict) == (2, 3, "fail")


def test_a_test_of_ones_own_says_something_of_every_comparison():
    found = audit(without("titer"), STUDY, replicates=20, own_test=True)
    assert found.verdict == "fail"
    verdicts = {one.endpoint: one.verdict for one in found.lines if one.measure == "agreement"}
    assert {name for name, said in verdicts.items() if said == "fail"} == {"titer"}
