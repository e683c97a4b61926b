"""What a sweep costs: workers, the scheduler's share, bytes per task, memory, checkpoint."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.agreement import Check
from benchmarks.report import Row, Section, Wanted, seconds
from simulator import load_scenario
from simulator.engine.cluster import ClusterEngine
from simulator.scenario import Scenario
from simulator.scenario_files.laying import Layers
from simulator.sweeping.counted import added, unpacked
from simulator.sweeping.design import digest_of, identity, outline_of
from simulator.sweeping.work import CHUNK, Task, count, program, task_text

ROOT = Path(__file__).resolve().parents[1]
SMALL, LARGE = "quick-start", "secretome-healthy-mice"


@dataclass(frozen=True)
class _Measured:
    """A run on a cluster between its first result and its last."""

    wall: float
    own: float  # processor seconds of this process: scheduler and client
    workers: float  # processor seconds of the workers
    tasks: int
    total: bytes  # all counts, for the check


def measure(*, quick: bool = False) -> Section:
    """Time and weigh sweeps of a small design and of the real study."""
    rows: list[Row] = []
    checks: list[Check] = []
    for name, many in ((SMALL, 20 if quick else 400), (LARGE, 4 if quick else 40)):
        scenario = load_scenario(name)
        tasks = _tasks(scenario, many)
        one, two = _timed(tasks, 1), _timed(tasks, 2)
        per = one.workers / one.tasks / CHUNK
        rows += [
            Row(f"{name}: processor time of a replicate at every n, null twin too", seconds(per)),
            Row(
                f"{name}: one worker, a task of {CHUNK:,} replicates, by the clock",
                seconds(one.wall / one.tasks),
            ),
            Row(
                f"{name}: two workers (ratio: one over them)",
                seconds(two.wall / two.tasks),
                one.wall / two.wall,
                Wanted(1.7) if name == LARGE else None,
            ),
            Row(
                f"{name}: scheduler and client, of all processor time (judged: percent)",
                f"{seconds(two.own / two.tasks)} a task",
                100 * two.own / (two.own + two.workers),
                Wanted(10, at_least=False) if name == LARGE else None,
            ),
            *_prices(name, scenario, tasks[0]),
        ]
        same = one.total == two.total
        checks.append(
            Check(f"{name}, one and two workers: {'the same' if same else 'OTHER'} counts", same)
        )
    rows += _memory(quick)
    work = (
        f"Tasks of {CHUNK:,} replicates of `{SMALL}` and `{LARGE}` (n = 3..30), on dask workers of "
        "one thread on this machine, from the first result to the last. Times by the clock suffer "
        "from other work on the machine; processor times hardly do. The scheduler and the one who "
        "keeps the checkpoint run in the process whose share is shown."
    )
    return Section("Sweeps", work, tuple(rows), tuple(checks))


def _tasks(scenario: Scenario, many: int) -> list[Task]:
    text = identity(scenario)
    design, packed = digest_of(text), task_text(text)
    return [Task(design, packed, chunk, CHUNK, program()) for chunk in range(many)]


def _timed(tasks: Sequence[Task], workers: int) -> _Measured:
    """Run tasks after as many as warm every worker up."""
    engine = ClusterEngine(workers=workers)
    warm = [
        Task(t.design, t.text, 10_000 + k, 500, t.program)
        for k, t in enumerate(tasks[:1] * 4 * workers)
    ]
    total = None
    begun = own = 0.0
    theirs: dict[int, float] = {}
    left = len(warm)
    started = False

    def coming() -> Iterator[Task]:
        nonlocal begun, own, theirs, started
        yield from warm
        begun, own, theirs, started = time.perf_counter(), time.process_time(), _workers(), True
        yield from tasks

    for task, done in engine.run(count, coming()):
        if task.replicates == CHUNK:
            assert not done.error, done.error
            twins = unpacked(done.counts)
            total = twins if total is None else added(total, twins)
        else:
            left -= 1
        if total is not None and total[0].replicates == CHUNK * len(tasks):
            wall, used = time.perf_counter() - begun, time.process_time() - own
            spent = sum(s - theirs.get(pid, 0.0) for pid, s in _workers().items())
    assert started
    assert total is not None
    return _Measured(wall, used, spent, len(tasks), repr(total).encode())


def _workers() -> dict[int, float]:
    """Return the processor seconds of every process that this one started."""
    found = {}
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        found[child.pid] = times.user + times.system
    return found


def _prices(name: str, scenario: Scenario, task: Task) -> list[Row]:
    """Weigh a task and its result, and time what is done once per design."""
    done = count(task)
    layers = Layers(scenario)
    begun = time.process_time()
    rounds = 20
    for k in range(rounds):
        made = layers.scenario({"design.attrition.loss": 0.001 * k})
        outline_of(made)
        task_text(identity(made))
    resolved = (time.process_time() - begun) / rounds
    there, back = len(pickle.dumps(task)), len(pickle.dumps(done))
    return [
        Row(f"{name}: bytes of a task, there and back", f"{there:,} + {back:,}"),
        Row(f"{name}: to make a design ready to be given out, once per design", seconds(resolved)),
    ]


def _memory(quick: bool) -> list[Row]:
    few, many = (4, 16) if quick else (100, 10_000)
    found = {designs: _peak(designs) for designs in (few, many)}
    grown = found[many][0] - found[few][0]
    return [
        Row(f"peak memory, {few:,} designs", f"{found[few][0]:.0f} MB"),
        Row(
            f"peak memory, {many:,} designs (judged: MB more)",
            f"{found[many][0]:.0f} MB",
            max(grown, 0.0),
            Wanted(50, at_least=False),
        ),
        Row(
            f"processor time per design of 100 replicates, {many:,} designs",
            seconds(found[many][1] / many),
        ),
        Row("checkpoint, bytes per design (2 n, one comparison)", f"{found[many][2] / many:,.0f}"),
    ]


def _peak(designs: int) -> tuple[float, float, float]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sweep_memory", str(designs)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    peak, spent, size = map(float, done.stdout.split())
    return peak, spent, size
