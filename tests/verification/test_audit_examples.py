"""The shipped example analyses: the right ones pass, each wrong one is told its mistake.

The seed is the scenario's, so the quick tests give the same answer every day. None rests on luck:
the p-values of a right analysis are the plan's in every study, those of a wrong one are its known
choice's in every study that tells them apart, and there are many of these.
"""

from __future__ import annotations

import gc
import importlib.util
import io
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from simulator import audit, load_scenario
from simulator.auditing.audit import audit_command, traps_command
from simulator.auditing.commands.data_file import observations_csv, plan_csv
from simulator.auditing.estimands import ESTIMANDS
from simulator.auditing.functions import analyst_of
from simulator.auditing.lines.judge import judge
from simulator.auditing.outcome import Outcome
from simulator.auditing.result import Audit
from simulator.auditing.traps import run_traps
from simulator.scenario import AnalysisPlan, Scenario

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "audit" / "examples"
#: Chance that a test below which counts is failed by chance.
FALSE_ALARM = 1e-4
#: By file: the finding's id, its endpoints, and studies of each world for a quick audit.
WRONG = {
    "one_sided.R": ("one-sided-greater", ("afc", "titer"), 10),
    "t_test.R": ("welch-raw", ("afc", "titer"), 10),
    "no_adjustment.R": ("unadjusted", ("afc", "titer"), 40),
    "drops_censored.py": ("censored-dropped", ("titer",), 4),
    "best_endpoint.py": ("best-endpoint", ("afc",), 10),
}


def _scenario(*, exact: bool = False) -> Scenario:
    scenario = load_scenario(EXAMPLES / "audit-study.yaml")
    if not exact:
        return scenario
    plan = scenario.analysis.model_copy(update={"method": "exact"})
    return scenario.model_copy(update={"analysis": plan})


def _command(name: str) -> str:
    program = sys.executable if name.endswith(".py") else _rscript(coin="coin" in name)
    return (
        f"{shlex.quote(program)} {shlex.quote(str(EXAMPLES / name))} {{data}} {{result}} {{plan}}"
    )


def _rscript(*, coin: bool) -> str:
    found = shutil.which("Rscript")
    if found and coin:
        tried = subprocess.run([found, "-e", "library(coin)"], capture_output=True, check=False)
        found = found if tried.returncode == 0 else None
    if found is None:
        missing = f"Rscript{' with coin' * coin} is not installed"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def _audit(name: str, replicates: int, **options: object) -> Audit:
    scenario = _scenario(exact="coin" in name)
    return audit_command(_command(name), scenario, replicates=replicates, **options)  # type: ignore[arg-type]


def _module() -> ModuleType:
    found = importlib.util.spec_from_file_location("example_analysis", EXAMPLES / "analysis.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _as_text(raw: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(raw), dtype=str, keep_default_na=False)


@pytest.fixture
def _quick_garbage():
    """Spare what is there from being looked at: statsmodels collects garbage in every call."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _agrees(found: Audit) -> None:
    """Assert that nothing differs from the plan's own analysis, and nothing failed."""
    assert not found.findings
    for measure in ("failures", "agreement", "decisions"):
        assert {line.verdict for line in found.of(measure)} == {"pass"}
    assert {line.value.value for line in found.of("agreement")} == {1.0}
    for run in found.runs.values():
        np.testing.assert_allclose(run.p_value, run.plan_p_value, rtol=1e-9)
        np.testing.assert_allclose(run.p_adjusted, run.plan_p_adjusted, rtol=1e-9)
        np.testing.assert_array_equal(run.u, run.plan_u)
        np.testing.assert_array_equal(run.rejected == 1, run.plan_rejected)


def _diagnosed(found: Audit, name: str) -> None:
    """Assert that an audit fails, says why, and says nothing else."""
    id, endpoints, _ = WRONG[name]
    assert found.verdict == "fail"
    assert [(one.id, one.endpoints) for one in found.findings] == [(id, endpoints)]
    (one,) = found.findings
    assert not one.valid
    assert one.matched == one.told_apart >= 3
    failed = [line.endpoint for line in found.of("agreement") if line.verdict == "fail"]
    if id == "unadjusted":  # its p-values are right, what is made of them is not
        assert not failed
        assert [line.verdict for line in found.of("decisions")] == ["fail"]
    else:
        assert tuple(failed) == endpoints
    assert [line.verdict for line in found.of("failures")] == ["pass"]
    page = " ".join((EXAMPLES.parent / "README.md").read_text(encoding="utf-8").split())
    assert f"fail: {one.sentence}" in page


@pytest.mark.parametrize(
    ("name", "replicates"), [("analysis.R", 20), ("analysis_coin.R", 3), ("analysis.py", 3)]
)
def test_a_right_analysis_is_not_failed(name, replicates):
    found = _audit(name, replicates)
    _agrees(found)
    assert "fail" not in {line.verdict for line in found.lines}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_analysis_fails_and_is_told_why(name):
    _diagnosed(_audit(name, WRONG[name][2]), name)


def test_the_base_r_analysis_falls_into_no_trap():
    _no_trap(traps_command(_command("analysis.R"), _scenario()))


def test_the_python_analysis_falls_into_no_trap():
    """In this process, but from the bytes that the command would read."""
    module = _module()

    def told(table: pd.DataFrame, plan: AnalysisPlan) -> Outcome:
        def read_and_analyse(observations: pd.DataFrame) -> pd.DataFrame:
            data, comparisons = _as_text(observations_csv(observations)), _as_text(plan_csv(plan))
            return module.analyse(data, comparisons)

        return analyst_of(read_and_analyse, plan)(table)

    scenario = _scenario()
    found = run_traps(lambda table: told(table, scenario.analysis), scenario, told_plan=told)
    _no_trap(found)


def _no_trap(found) -> None:
    assert len(found) > 20
    assert {one.id: one.said for one in found if one.verdict != "pass"} == {}


@pytest.mark.long
@pytest.mark.parametrize("name", ["analysis_coin.R", "analysis.py"])
def test_the_other_right_commands_fall_into_no_trap(name):
    _no_trap(traps_command(_command(name), _scenario(exact="coin" in name)))


@pytest.mark.long
def test_the_base_r_analysis_passes():
    found = _audit("analysis.R", 500)
    _agrees(found)
    assert found.verdict == "pass"


@pytest.mark.long
@pytest.mark.usefixtures("_quick_garbage")
@pytest.mark.parametrize("n", [8, 10])
def test_the_python_analysis_passes_with_its_estimates_and_intervals(n):
    scenario, module = _scenario(), _module()
    plan = _as_text(plan_csv(scenario.analysis))
    found = audit(lambda table: module.analyse(table, plan), scenario, replicates=500, n=n)
    _agrees(found)
    assert len(found.of("bias")) == len(found.of("coverage")) == 4
    assert found.verdict == "pass"


@pytest.mark.long
def test_coin_agrees_in_more_studies():
    _agrees(_audit("analysis_coin.R", 60))


@pytest.mark.long
@pytest.mark.parametrize(("name", "replicates"), [("analysis.R", 40), ("analysis.py", 10)])
def test_the_right_analyses_agree_on_the_real_study(name, replicates):
    """Eight arms, five endpoints and families, of which one does not adjust."""
    scenario = load_scenario("secretome-healthy-mice")
    _agrees(audit_command(_command(name), scenario, replicates=replicates))


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in WRONG if name != "no_adjustment.R"])
def test_a_wrong_analysis_is_told_the_same_in_more_studies(name):
    _diagnosed(_audit(name, 60 if name.endswith(".R") else 15), name)


@pytest.mark.long
def test_no_adjustment_claims_too_much_where_nothing_is():
    """Its family-wise error is about 0.15, of 300 studies: far from 0.05 at any level."""
    found = _audit("no_adjustment.R", 300)
    _diagnosed(found, "no_adjustment.R")
    (line,) = found.of("fwer")
    assert line.verdict == "fail"
    assert line.value.value > 2 * line.plan.value


@pytest.mark.long
@pytest.mark.usefixtures("_quick_garbage")
def test_a_right_analysis_is_failed_by_chance_no_more_often_than_is_stated():
    """100 audits, each of other animals, judged at three stated rates."""
    scenario, module, seeds = _scenario(), _module(), 100
    plan = _as_text(plan_csv(scenario.analysis))
    failed = dict.fromkeys((0.01, 0.1, 0.5), 0)
    for seed in range(seeds):
        other = scenario.model_copy(update={"seed": seed})
        found = audit(lambda table: module.analyse(table, plan), other, replicates=60)
        _agrees(found)
        for rate in failed:
            lines = judge(
                found.runs,
                found.findings,
                estimand=ESTIMANDS[found.estimand],
                truth=found.truth,
                false_alarm=rate,
            )
            failed[rate] += any(line.verdict == "fail" for line in lines)
    print(failed)  # shown when the test fails
    for rate, count in failed.items():
        assert binom.sf(count - 1, seeds, rate) > FALSE_ALARM
