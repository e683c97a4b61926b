"""Memory does not grow with the number of designs: what Python, numpy and pyarrow hold at most."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from simulator.output.sweep_figure import _curves
from simulator.scenario import Scenario
from simulator.scenario_files import load_text
from simulator.sweeping import tables
from simulator.sweeping.check import CHECKED_BEFORE
from simulator.sweeping.checkpoint import Known
from simulator.sweeping.design import identity, outline_of
from simulator.sweeping.designs import Designs
from simulator.sweeping.grid import Point
from simulator.sweeping.prepared import Made
from simulator.sweeping.sweep import sweep
from simulator.sweeping.work import Done, Task, count, task_text
from simulator.versions import program
from tests.unit.sweeping.sweeps import TEXT

#: Designs, and the bytes that the further ones may add: less than a digest of each would take.
FEW, MANY = 200, 1_200
MOST = (MANY - FEW) * 32
SMALL = TEXT.replace("from: 4, to: 8", "from: 4, to: 5").replace(": 700", ": 100")


def _wide(designs: int) -> Scenario:
    """Return a study with so many designs, whose lists are there before anything is measured."""
    scenario = load_text(SMALL.replace("SWEEP", "grid: {seed: [1]}")).scenario
    swept = scenario.decision.sweep
    assert swept is not None
    grid = {"seed": tuple(range(designs))}
    swept = swept.model_copy(update={"grid": grid})
    decision = scenario.decision.model_copy(update={"sweep": swept})
    return scenario.model_copy(update={"decision": decision})


@pytest.fixture
def peaks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, int], tuple[int, int]]:
    """Give a function that sweeps so many designs, and returns the peaks of Python and pyarrow.

    Making a design and simulating it cost nothing; all the rest is as it is.
    """
    one = _wide(1)
    outline, packed = outline_of(one).to_text(), task_text(identity(one))
    done = count(Task(b"", packed, 0, 100, program()))
    assert not done.error

    def made(self: Designs, point: Point) -> Made:
        # as long as a real text, and another one for every design
        return Made(Known(self.key(point) * 2, outline, ""), packed + self.key(point))

    class Engine:
        def run(self, _: Any, tasks: Iterable[Any]) -> Generator[tuple[Any, Any]]:
            for task in tasks:
                swept_up()
                yield task, Done(done.counts, "", 0.0)

    held = calls = 0

    def swept_up() -> None:
        nonlocal calls
        calls += 1
        if calls % 100 == 0:  # cycles would wait longer where there is much else
            gc.collect()

    add = tables.Table.add

    def added(self: tables.Table, batch: pa.RecordBatch) -> None:
        nonlocal held
        add(self, batch)
        if batch.schema.names[-2] == "target":  # of the longer table: one batch per design
            swept_up()
        held = max(held, pa.total_allocated_bytes())

    monkeypatch.setattr(Designs, "_made", made)
    monkeypatch.setattr(tables.Table, "add", added)
    monkeypatch.setattr(tables, "_GROUP", 150)
    monkeypatch.setattr("simulator.sweeping.designs.check_values", lambda *_: None)

    def run(folder: Path, designs: int) -> tuple[int, int]:
        nonlocal held
        scenario = _wide(designs)
        gc.collect()
        gc.freeze()  # what was there before is not looked at again and again
        held, before = 0, pa.total_allocated_bytes()
        tracemalloc.start()
        try:
            result = sweep(scenario, folder, engine=Engine())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            gc.unfreeze()
        assert result.designs_frame()["design"].tolist() == list(range(1, designs + 1))
        return peak, held - before

    return run


def test_many_designs_take_no_more_memory_than_few(
    peaks: Callable[[Path, int], tuple[int, int]],
    tmp_path: Path,
) -> None:
    """Every design is looked at before the first is run, and what was made of it waits."""
    assert MANY < CHECKED_BEFORE
    peaks(tmp_path / "first", FEW)  # imports, caches
    few, many = (peaks(tmp_path / str(designs), designs) for designs in (FEW, MANY))
    assert many[0] - few[0] < MOST, f"Python: {few[0]:,} and {many[0]:,} bytes"
    assert many[1] - few[1] < MOST, f"pyarrow: {few[1]:,} and {many[1]:,} bytes"


def test_curves_are_found_in_whatever_row_group_they_are(tmp_path: Path) -> None:
    """A design that is cut between two groups, one in the last, and one that is not there."""
    from pyarrow.parquet import write_table

    designs = np.repeat(np.arange(1, 41), 6)
    quantities = np.tile(["decision", "power"], 120)
    n = np.tile([3, 3, 4, 4, 5, 5], 40)
    value = designs + n / 10
    number = {"value": value, "animals": value, "ci_low": value, "ci_high": value, "target": value}
    table = pa.table({"design": designs, "quantity": quantities, "n": n, **number})
    write_table(table, tmp_path / "t.parquet", row_group_size=16)
    found = _curves(tmp_path / "t.parquet", [3, 40, 77])
    assert sorted(found) == [3, 40]
    assert found[3]["n"].tolist() == [3, 4, 5]
    assert found[40]["value"].tolist() == [40.3, 40.4, 40.5]
