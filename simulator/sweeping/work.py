"""The unit of work: some blocks of replicates of one design, wherever it is done."""

from __future__ import annotations

import json
import threading
import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass

from simulator.errors import SimulatorError
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.replicates import counts_of
from simulator.evaluation.studies import Studies
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK
from simulator.sweeping.counted import Twins, packed
from simulator.versions import program

#: Blocks of replicates of one task. Part of the format of checkpoints.
BLOCKS = 10
#: Replicates of a whole task.
CHUNK = BLOCKS * BLOCK_SIZE
#: Designs that a process keeps ready: tasks of one design come close together.
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Task:
    """Some replicates of one design; small, and sufficient for another process.

    Attributes
    ----------
    design : digest of the design.
    text : its scenario, compressed.
    chunk : index of its replicates: from ``chunk * CHUNK`` on.
    replicates : how many of them, at most ``CHUNK``.
    program : who gives it out; see ``program``.
    """

    design: bytes
    text: bytes
    chunk: int
    replicates: int
    program: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a task: packed counts, or why the design cannot be simulated.

    Attributes
    ----------
    seconds : that the work took, with the preparation of the design.
    """

    counts: bytes
    error: str
    seconds: float


class _Ready:
    """A design that was prepared, or is being prepared by some thread."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.made: tuple[Studies, Layout] | None = None


_ready: OrderedDict[bytes, _Ready] = OrderedDict()
_ready_lock = threading.Lock()


def task_text(text: str) -> bytes:
    """Return the text of a design as a task carries it."""
    return zlib.compress(text.encode(), 9)


def chunks(replicates: int) -> range:
    """Return the indices of the tasks of a design."""
    return range(-(-replicates // CHUNK))


def replicates_in(chunk: int, replicates: int) -> int:
    """Return how many of a design's replicates fall into a task."""
    return min(CHUNK, replicates - chunk * CHUNK)


def count(task: Task) -> Done:
    """Simulate the replicates of a task and count rejections, under the null twin too."""
    begun = time.perf_counter()
    if task.program != program():
        text = f"this worker has other versions: {program()}, not {task.program}"
        raise WorkerVersionError(text)
    try:
        study, layout = _prepared(task)
        twins = _counted(study, layout, task)
    except (SimulatorError, ValueError) as error:  # as loaded, or as simulated
        return Done(b"", str(error), time.perf_counter() - begun)
    return Done(packed(twins), "", time.perf_counter() - begun)


class WorkerVersionError(SimulatorError):
    """A worker whose versions are not those of the process that gives out the work."""


def _counted(study: Studies, layout: Layout, task: Task) -> Twins:
    first = SEARCH_BLOCK + task.chunk * BLOCKS
    total: list[Twins] = []
    for k in range(-(-task.replicates // BLOCK_SIZE)):
        used = min(BLOCK_SIZE, task.replicates - k * BLOCK_SIZE)
        true, null = (counts_of(layout, tested) for tested in study.test(first + k, used))
        total = [(total[0][0] + true, total[0][1] + null)] if total else [(true, null)]
    return total[0]


def _prepared(task: Task) -> tuple[Studies, Layout]:
    """Return a design ready to be simulated; threads that ask for the same wait for one."""
    with _ready_lock:
        entry = _ready.setdefault(task.design, _Ready())
        _ready.move_to_end(task.design)
        while len(_ready) > _KEPT:
            _ready.popitem(last=False)
    with entry.lock:
        if entry.made is None:
            scenario = Scenario.model_validate(json.loads(zlib.decompress(task.text)))
            decision = scenario.decision
            layout = layout_of(scenario, list(range(decision.n.start, decision.n.stop + 1)))
            entry.made = Studies(scenario, layout, null=True), layout
        return entry.made
