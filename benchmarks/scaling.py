"""How time and memory grow: threads, replicates, the curve over n, the first run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.agreement import Check
from benchmarks.report import Row, Section, Wanted, seconds
from benchmarks.timing import Job, alternate
from simulator import load_scenario
from simulator.engine.local import default_threads
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.replicates import Counts, simulate_counts

SCENARIO_ID = "secretome-healthy-mice"
TOP = 30
ROOT = Path(__file__).resolve().parents[1]


def measure(*, quick: bool = False) -> Section:
    """Time and weigh the engine on the study."""
    few, many = (500, 1_000) if quick else (10_000, 40_000)
    scenario = load_scenario(SCENARIO_ID)
    curve, point = (layout_of(scenario, ns) for ns in (list(range(3, TOP + 1)), [TOP]))
    answers: dict[str, Counts] = {}

    def run(name: str) -> None:
        layout = point if name == "point" else curve
        answers[name] = simulate_counts(
            scenario,
            layout,
            replicates=few if name in ("few", "point") else many,
            threads=2 if name == "two threads" else 1,
        )[0]

    rounds = 1 if quick else 3
    run("few")  # compiled before the clock starts
    single: dict[str, Job] = {name: partial(run, name) for name in ("few", "many", "point")}
    times = alternate(single, rounds=rounds)
    raced = {}
    if default_threads() > 1:
        pair: dict[str, Job] = {name: partial(run, name) for name in ("many", "two threads")}
        raced = alternate(pair, rounds=rounds, clock=time.perf_counter)
    rows = [
        Row(f"one thread, {few:,} replicates, n = 3..{TOP}", seconds(times["few"])),
        Row(
            f"{many:,} replicates (ratio: time per replicate)",
            seconds(times["many"]),
            times["many"] / times["few"] * few / many,
            Wanted(1.1, at_least=False),
        ),
        Row(
            f"n = {TOP} alone (ratio: the whole curve over it)",
            seconds(times["point"]),
            times["few"] / times["point"],
            Wanted(1.5, at_least=False),
        ),
    ]
    name = f"two threads, {many:,} replicates (ratio: one thread over it)"
    if raced:
        gain = raced["many"] / raced["two threads"]
        rows.append(Row(name, seconds(raced["two threads"]), gain, Wanted(1.8)))
    else:
        rows.append(Row(name, "not measured: one processor", None, Wanted(1.8)))
    rows += _memory(quick)
    checks = [_same("the point and the curve at its last n", answers["point"], answers["few"])]
    if "two threads" in answers:
        checks.append(_same("one and two threads", answers["two threads"], answers["many"]))
    if not quick:
        first_rows, said = _first_run()
        rows += first_rows
        checks.append(said)
    work = (
        f"The engine on `{SCENARIO_ID}` alone. Threads, the first run and the second are timed by "
        "the clock on the wall. Memory is the peak of a fresh process on all processors at n = 3. "
        f"The first run is the whole command `afcsim power {SCENARIO_ID} --n 8` (20,000 "
        "replicates, with the null twin and the truth) on all processors, with nothing compiled "
        "before; the second is the same again."
    )
    return Section("Scaling", work, tuple(rows), tuple(checks))


def _same(what: str, some: Counts, others: Counts) -> Check:
    equal = np.array_equal(some.adjusted[:, -1], others.adjusted[:, -1])
    return Check(f"{what}: {'the same' if equal else 'NOT the same'} counts", equal)


def _memory(quick: bool) -> list[Row]:
    few, many = (500, 1_000) if quick else (10_000, 1_000_000)
    try:
        import resource  # noqa: F401 (not on Windows)
    except ImportError:
        return [Row("peak memory", "not measured: this system does not tell")]
    _peak(few)  # what is compiled now would count as memory
    peaks = {replicates: _peak(replicates) for replicates in (few, many)}
    grown = peaks[many] - peaks[few]
    return [
        Row(f"peak memory at {few:,} replicates", f"{peaks[few]:.0f} MB"),
        Row(
            f"peak memory at {many:,} replicates (judged: MB more)",
            f"{peaks[many]:.0f} MB",
            max(grown, 0.0),
            Wanted(50, at_least=False),
        ),
    ]


def _peak(replicates: int) -> float:
    return float(_python(["-m", "benchmarks.peak_memory", str(replicates)], os.environ).stdout)


def _first_run() -> tuple[list[Row], Check]:
    command = ["-m", "simulator", "power", SCENARIO_ID, "--n", "8"]
    spent, said = [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            start = time.perf_counter()
            done = _python(command, {**os.environ, "NUMBA_CACHE_DIR": folder})
            spent.append(time.perf_counter() - start)
            said.append("compiling" in done.stderr)
    rows = [
        Row("first run (judged: seconds)", seconds(spent[0]), spent[0], Wanted(30, at_least=False)),
        Row("second run (judged: seconds)", seconds(spent[1]), spent[1], Wanted(5, at_least=False)),
    ]
    holds = said == [True, False]
    return rows, Check(
        f"only the first run says that it compiles: {'yes' if holds else 'NO'}", holds
    )


def _python(
    arguments: list[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
