"""The audit: what it adds to a function that is free, and to a command."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from benchmarks.agreement import Check, same_p_values
from benchmarks.report import Row, Section, Wanted, seconds
from benchmarks.timing import alternate
from simulator import analyse, load_scenario, simulate_cohort
from simulator.auditing.collect import Data, collect
from simulator.auditing.commands.command import Command
from simulator.auditing.estimands import ESTIMANDS
from simulator.auditing.functions import analyst_of
from simulator.engine.local import LocalEngine
from simulator.scenario import Scenario

#: Animals per arm.
SIZE = 8
_COHORTS, _ENOUGH, _OVERHEAD, _JOBS = (
    1_000,
    Wanted(1_000),
    Wanted(0.05, at_least=False),
    Wanted(1.8),
)


def _free(scenario: Scenario, runs: int) -> Callable[[], None]:
    """Return the audit's loop over studies with a function that costs nothing."""
    ready = analyse(simulate_cohort(scenario, n=SIZE).observations, scenario.analysis).to_frame()
    answer = ready[["endpoint", "treated", "control", "p_value", "p_adjusted", "rejected"]]
    data = Data(scenario, n=SIZE)
    work = data.given_to(analyst_of(lambda _: answer, scenario.analysis))

    def job() -> None:
        collect(data, work, replicates=runs // 2, estimand=ESTIMANDS["fold_of_medians"])

    return job


def _throughput(runs: int, rounds: int) -> list[Row]:
    studies = {name: load_scenario(name) for name in ("quick-start", "secretome-healthy-mice")}
    jobs = {name: _free(scenario, runs) for name, scenario in studies.items()}
    for job in jobs.values():
        job()  # compiled, and the blocks drawn once
    times = alternate(jobs, rounds=rounds)
    return [
        Row(
            f"a function that is free, {len(studies[name].analysis.comparisons)} comparisons; the "
            "ratio is cohorts per second",
            f"{seconds(found / runs)} per cohort",
            runs / found,
            _ENOUGH,
        )
        for name, found in times.items()
    ]


def _commands(runs: int, rounds: int) -> list[Row]:
    """Time a command that costs little by itself, against its bare start and against R's."""
    scenario = load_scenario("secretome-healthy-mice")
    observations = simulate_cohort(scenario, n=SIZE).observations
    with TemporaryDirectory() as folder:
        ready = Path(folder, "ready.csv")
        analyse(observations, scenario.analysis).to_frame().to_csv(ready, index=False)
        with Command(_COPY.format(ready=ready), scenario=scenario) as command:

            def audited() -> None:
                for _ in range(runs):
                    assert command(observations).claims is not None

            def bare() -> None:
                for _ in range(runs):
                    subprocess.run(["sh", "-c", "true"], check=True)

            jobs = {"audited": audited, "bare": bare}
            if shutil.which("Rscript") is not None:
                jobs["R"] = lambda: _start_r(runs)
            # the work is done by other processes: their seconds are on the wall
            times = alternate(jobs, rounds=rounds, clock=time.perf_counter)
    extra = max(0.0, (times["audited"] - times["bare"]) / runs)
    name = "what the audit adds to a command, per run; the ratio is its share of the start of R"
    if "R" not in times:
        return [Row(name, "not measured: no Rscript")]
    return [
        Row("start of R (Rscript -e 1)", seconds(times["R"] / runs)),
        Row(name, seconds(extra), extra / (times["R"] / runs), _OVERHEAD),
    ]


#: Reads its data and writes a result that is ready.
_COPY = "sh -c 'cat $0 > /dev/null; cp {ready} $1' {{data}} {{result}}"


def _start_r(runs: int) -> None:
    for _ in range(runs):
        subprocess.run(["Rscript", "-e", "1"], check=True, stdout=subprocess.DEVNULL)


def _jobs(runs: int, rounds: int) -> list[Row]:
    """Time two jobs against one, with a command that keeps a processor busy."""
    scenario = load_scenario("quick-start")
    line = f"{sys.executable} -c '{_BUSY}' {{data}} {{result}}"

    def job(jobs: int) -> Callable[[], None]:
        def run() -> None:
            with Command(line, scenario=scenario) as command:
                data = Data(scenario, n=SIZE)
                found = collect(
                    data,
                    data.given_to(command),
                    replicates=runs // 2,
                    estimand=ESTIMANDS["fold_of_medians"],
                    engine=LocalEngine(jobs),
                )
                assert not found.stopped

        return run

    times = alternate({"one": job(1), "two": job(2)}, rounds=rounds, clock=time.perf_counter)
    return [
        Row(
            "two jobs, each run busy for some tenths of a second; the ratio is to one job",
            f"{seconds(times['two'] / runs)} per run",
            times["one"] / times["two"],
            _JOBS,
        )
    ]


_BUSY = (
    "import sys, time\n"
    "while time.process_time() < 0.3: pass\n"
    'open(sys.argv[2], "w").write("endpoint,treated,control,p_value\\nafc,drug,saline,0.5\\n")'
)


def _agreement(runs: int) -> Check:
    """Compare the p-values that the audit holds an analysis to with those of the bench."""
    scenario = load_scenario("quick-start")

    def by_the_plan(observations: pd.DataFrame) -> pd.DataFrame:
        return analyse(observations, scenario.analysis).to_frame()

    data = Data(scenario, n=SIZE)
    work = data.given_to(analyst_of(by_the_plan, scenario.analysis))
    found = collect(data, work, replicates=runs, estimand=ESTIMANDS["fold_of_medians"]).runs["null"]
    return same_p_values("afcsim analyse", found.plan_p_value[:, 0], found.p_value[:, 0])


def measure(*, quick: bool = False) -> Section:
    """Time the audit's own part."""
    runs, rounds = (20, 1) if quick else (_COHORTS, 3)
    rows = [
        *_throughput(runs, rounds),
        *_commands(4 if quick else 40, rounds),
        *_jobs(8 if quick else 40, rounds),
    ]
    work = (
        "What the audit of an analysis costs beside the analysis: simulating the studies of both "
        f"worlds with {SIZE} animals per arm, the table, the plan's own tests and reading the "
        "result; for a command also its folder, the CSV, its start and the end of all it started."
    )
    return Section("Audit", work, tuple(rows), (_agreement(20 if quick else 200),))
