"""The audit as a whole: of functions, of commands, stopped and gone on with."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from simulator import analyse, audit, load_scenario
from simulator.auditing.audit import audit_command, traps_command
from simulator.auditing.collect import HOPELESS, Data, collect
from simulator.auditing.estimands import ESTIMANDS
from simulator.auditing.functions import analyst_of
from simulator.auditing.outcome import Outcome
from simulator.engine.local import LocalEngine
from simulator.errors import OutputError, ScenarioError
from simulator.output.json_text import to_json

QUICK = load_scenario("quick-start")
FOLD = ESTIMANDS["fold_of_medians"]
#: A command that counts how often it is run.
COUNTING = """
import sys, pathlib
data, result = sys.argv[1:]
log = pathlib.Path(__file__).with_name("log")
with open(log, "a") as stream:
    stream.write("x")
p = 0.04 if "1" in pathlib.Path(data).read_text()[200:202] else 0.6
pathlib.Path(result).write_text(f"endpoint,treated,control,p_value\\nafc,drug,saline,{p}\\n")
"""


def by_the_plan(observations):
    return analyse(observations, QUICK.analysis).to_frame()


def test_the_plan_s_own_analysis_passes_and_all_its_numbers_are_the_plan_s():
    found = audit(by_the_plan, QUICK, replicates=150)
    assert found.verdict == "pass"
    assert not found.findings
    for run in found.runs.values():
        np.testing.assert_array_equal(run.p_value, run.plan_p_value)
        np.testing.assert_array_equal(run.p_adjusted, run.plan_p_adjusted)
        np.testing.assert_array_equal(run.u, run.plan_u)
        np.testing.assert_array_equal(run.rejected == 1, run.plan_rejected)


def test_the_plan_s_estimates_are_those_of_the_analysis():
    def with_fold(observations):
        return by_the_plan(observations).assign(estimate=lambda table: table["fold_of_medians"])

    found = audit(with_fold, QUICK, replicates=60)
    run = found.runs["as written"]
    np.testing.assert_allclose(run.estimate, run.plan_estimate, rtol=1e-12)
    assert found.estimand == "fold_of_medians"
    (truth,) = found.truth
    assert 2.9 < truth.value < 3.0  # crowded plates lose some of the plaques


def test_what_a_function_raises_is_told_and_the_audit_goes_on():
    calls = []

    def sometimes(observations):
        calls.append(1)
        if len(calls) % 7 == 0:
            raise ZeroDivisionError("nobody left")
        return by_the_plan(observations)

    found = audit(sometimes, QUICK, replicates=40)
    assert found.verdict == "fail"
    (line,) = found.of("failures")
    assert line.value.count == 80 // 7
    assert found.runs["null"].failed[0].message == "ZeroDivisionError: nobody left"
    assert not found.stopped


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda _: None, "returned None"),
        (lambda _: {"p_value": 0.1}, "is a dict"),
        (lambda table: table, "p_value: column is missing"),
        (lambda _: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_function_that_never_answers_is_given_up(function, message):
    found = audit(function, QUICK, replicates=100)
    assert found.replicates == HOPELESS // 2
    assert "no more were made" in found.stopped
    assert message in found.runs["null"].failed[0].message
    assert found.verdict == "fail"
    assert to_json(found.to_dict())


def test_requests_that_cannot_be_met():
    with pytest.raises(ValueError, match='unknown estimand "odds"; allowed: fold_of_medians'):
        audit(by_the_plan, QUICK, estimand="odds")
    with pytest.raises(ValueError, match="replicates 0"):
        audit(by_the_plan, QUICK, replicates=0)
    with pytest.raises(ValueError, match="false_alarm must be between 0 and 1"):
        audit(by_the_plan, QUICK, false_alarm=0.0)
    bare = QUICK.model_copy(update={"analysis": QUICK.analysis.model_copy(update={"families": {}})})
    with pytest.raises(ScenarioError, match="nothing to hold an analysis to"):
        audit(by_the_plan, bare)


def test_threads_and_what_is_known_do_not_change_the_evidence():
    data = Data(QUICK, n=6)
    work = data.given_to(analyst_of(by_the_plan, QUICK.analysis))
    kept: dict[tuple[str, int], Outcome] = {}

    def record(world, replicate, outcome):
        kept[world, replicate] = outcome

    alone = collect(data, work, replicates=30, estimand=FOLD, record=record)
    assert len(kept) == 60
    some = {key: outcome for key, outcome in kept.items() if key[1] % 3}
    again = []
    both = collect(
        data,
        work,
        replicates=30,
        estimand=FOLD,
        engine=LocalEngine(3),
        known=some,
        record=lambda *key: again.append(key[:2]),
    )
    assert len(again) == 60 - len(some)
    for world, run in alone.runs.items():
        np.testing.assert_array_equal(run.p_value, both.runs[world].p_value)
        np.testing.assert_array_equal(run.plan_p_value, both.runs[world].plan_p_value)


class Backwards:
    """An engine that ends some runs long before those that were given out first."""

    def run(self, work, tasks):
        given = list(tasks)
        for start in range(0, len(given), 7):
            for task in reversed(given[start : start + 7]):
                yield task, work(task)


def test_the_order_in_which_runs_end_does_not_change_the_evidence():
    data = Data(QUICK, n=6)

    def work(run):
        world, replicate = run
        if replicate % 5 == 0:
            return Outcome(None, "crashed", f"{world} {replicate}")
        return data.given_to(analyst_of(by_the_plan, QUICK.analysis))(run)

    seen = []
    found = [
        collect(
            data,
            work,
            replicates=20,
            estimand=FOLD,
            engine=engine,
            progress=lambda *done: seen.append(done),
        )
        for engine in (None, Backwards())
    ]
    assert seen == [(k, 40) for k in range(1, 41)] * 2
    for world, run in found[0].runs.items():
        other = found[1].runs[world]
        assert run.failed == other.failed
        assert [one.replicate for one in run.failed] == [0, 5, 10, 15]
        for name in ("p_value", "rejected", "plan_p_value", "plan_rejected", "plan_estimate"):
            np.testing.assert_array_equal(getattr(run, name), getattr(other, name))


def test_hopeless_are_the_first_runs_and_not_those_that_end_first():
    data = Data(QUICK, n=3)

    def work(run):
        if run[1] >= HOPELESS // 2:  # the runs after the first that count
            return data.given_to(analyst_of(by_the_plan, QUICK.analysis))(run)
        return Outcome(None, "crashed", "")

    def collected(work):
        return collect(data, work, replicates=20, estimand=FOLD, engine=Backwards())

    assert collected(work).stopped
    assert collected(work).runs["null"].p_value.shape[0] == HOPELESS // 2
    assert not collected(lambda run: work((run[0], 19 - run[1]))).stopped


def test_giving_up_tells_the_runs_under_way():
    cancelled = threading.Event()

    def broken(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(
            Data(QUICK, n=3),
            broken,
            replicates=10,
            estimand=FOLD,
            engine=LocalEngine(2, cancel=cancelled.set),
        )
    assert cancelled.is_set()


@pytest.fixture
def counting(tmp_path: Path) -> tuple[str, Path]:
    """Return a command, and the file in which it counts its runs."""
    script, log = tmp_path / "count.py", tmp_path / "log"
    script.write_text(COUNTING)
    log.write_text("")
    return f"{sys.executable} {script} {{data}} {{result}}", log


class Enough(Exception):
    """Raised by a progress bar to stop an audit."""


def test_a_stopped_audit_goes_on_and_is_the_same(counting, tmp_path):
    command, log = counting
    whole = audit_command(command, QUICK, replicates=8, jobs=2)
    assert len(log.read_text()) == 16
    log.write_text("")
    journal = tmp_path / "journal.jsonl"

    def stop(done, _):
        if done == 5:
            raise Enough

    with pytest.raises(Enough):
        audit_command(command, QUICK, replicates=8, jobs=2, journal=journal, progress=stop)
    before = len(log.read_text())
    finished = len(journal.read_text().splitlines()) - 1
    assert 5 <= finished <= before < 16
    with pytest.raises(OutputError, match="--resume"):
        audit_command(command, QUICK, replicates=8, journal=journal)
    resumed = audit_command(command, QUICK, replicates=8, jobs=1, journal=journal, resume=True)
    assert len(log.read_text()) == before + 16 - finished
    assert to_json(resumed.to_dict()) == to_json(whole.to_dict())
    more = audit_command(command, QUICK, replicates=10, journal=journal, resume=True)
    assert more.replicates == 10
    assert len(log.read_text()) == before + 20 - finished
    with pytest.raises(OutputError, match="the number of animals has changed"):
        audit_command(command, QUICK, replicates=8, n=5, journal=journal, resume=True)


def test_traps_are_given_to_a_command(counting):
    command, log = counting
    found = traps_command(command, QUICK)
    assert {one.verdict for one in found} >= {"fail", "not applicable"}
    runs = sum(one.verdict != "not applicable" for one in found)
    assert len(log.read_text()) == runs


def test_the_journal_is_there_when_a_run_is(counting, tmp_path):
    """What has been recorded outlives the program: nothing waits in memory."""
    command, _ = counting
    journal = tmp_path / "journal.jsonl"
    seen = []

    def look(done, _):
        seen.append(len(journal.read_text().splitlines()) - 1 >= done)

    audit_command(command, QUICK, replicates=3, jobs=1, journal=journal, progress=look)
    assert seen == [True] * 6
