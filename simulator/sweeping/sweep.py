"""Power of many designs, in one run that can be stopped, resumed and spread over machines."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.engine.engine import Engine, EngineError, TaskLostError
from simulator.engine.local import LocalEngine
from simulator.errors import OutputError
from simulator.scenario import Scenario
from simulator.sweeping.agreeing import agreed_replicates, make_folder, usable_folder
from simulator.sweeping.check import grid_of
from simulator.sweeping.checkpoint import FAILED, NAME, Checkpoint, Known, Row
from simulator.sweeping.columns import (
    PathColumns,
    answer_of,
    designs_schema,
    failed_batch,
    sweep_batch,
    sweep_schema,
)
from simulator.sweeping.counted import Twins, added, packed, unpacked
from simulator.sweeping.design import Outline
from simulator.sweeping.designs import Designs
from simulator.sweeping.grid import Grid
from simulator.sweeping.tables import whole_tables
from simulator.sweeping.work import CHUNK, Done, Task, chunks, count

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SweepResult:
    """A sweep that is finished.

    Attributes
    ----------
    folder : holds ``sweep`` (a row per design, n and quantity) and ``designs`` (a row per
        design), each as ``.csv`` and ``.parquet``, and the checkpoint.
    grid : the designs by number.
    replicates : of every design.
    failed : designs whose values do not go together; their rows say why.
    seconds : of work, summed over threads or workers, in this run.
    """

    folder: Path
    grid: Grid
    replicates: int
    failed: int
    seconds: float

    def to_frame(self) -> pd.DataFrame:
        """Return ``sweep.parquet``."""
        import pandas as pd

        return pd.read_parquet(self.folder / "sweep.parquet")

    def designs_frame(self) -> pd.DataFrame:
        """Return ``designs.parquet``."""
        import pandas as pd

        return pd.read_parquet(self.folder / "designs.parquet")


def sweep(
    scenario: Scenario,
    folder: str | Path,
    *,
    replicates: int | None = None,
    engine: Engine | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> SweepResult:
    """Simulate every design of ``decision.sweep`` and write one tidy table.

    Every design has the seed of the file, so all see the same animals. The numbers depend on the
    scenario, its seed and ``replicates`` only, not on the engine, nor on interruptions.

    Parameters
    ----------
    scenario : resolved scenario with a sweep, see ``load_scenario``.
    folder : a new or empty folder; with ``resume`` one that holds a sweep of this scenario.
    replicates : of every design; default: the decision's, or more where more were asked before.
    engine : where the work runs; default: threads of this process.
    resume : continue what is in the folder: an interrupted sweep, a larger grid, more replicates.
    progress : called with (tasks done, tasks in all).

    Raises
    ------
    ScenarioError : there is no sweep, or something is wrong with its designs; with all problems.
    OutputError, RunFolderError : the folder cannot be used, or is of another scenario.
    EngineError : the cluster cannot be reached, or fails for good. What was computed is kept.
    ValueError : replicates below 1.
    """
    if replicates is not None and replicates < 1:
        raise ValueError(f"replicates must be at least 1, not {replicates}")
    grid = grid_of(scenario)
    target = usable_folder(folder, resume=resume)
    made = not target.exists()
    designs = Designs(scenario, grid)
    with ExitStack() as stack:
        checkpoint = None
        if (target / NAME).exists():
            checkpoint = stack.enter_context(Checkpoint(target))
        designs.check(_nothing if checkpoint is None else checkpoint.known)
        if checkpoint is None:
            make_folder(target)
            checkpoint = stack.enter_context(Checkpoint(target))
        total = agreed_replicates(
            checkpoint,
            base=designs.base_text,
            asked=replicates,
            stated=scenario.decision.replicates,
        )
        run = _Run(designs, checkpoint, total, progress)
        try:
            run.work_off(engine or LocalEngine())
        except BaseException:
            if checkpoint.is_new:  # nothing was finished, so there is nothing to resume
                checkpoint.discard_if_empty(made_folder=made)
            raise
        failed = run.write_tables(target)
    return SweepResult(target, grid, total, failed, run.seconds)


def _nothing(_: bytes) -> Known | None:
    return None


class _Run:
    def __init__(
        self, designs: Designs, checkpoint: Checkpoint, replicates: int, progress: Progress | None
    ) -> None:
        self._designs, self._checkpoint = designs, checkpoint
        self._replicates, self._progress = replicates, progress
        self._total = len(designs.grid) * len(chunks(replicates))
        self._done = 0
        self.seconds = 0.0

    def work_off(self, engine: Engine) -> None:
        """Run all that is missing, and keep every result as it arrives."""
        tasks = self._designs.tasks(
            self._checkpoint, replicates=self._replicates, skipped=self._count
        )
        self._count(0)
        try:
            with closing(engine.run(count, tasks)) as results:
                for task, done in results:
                    self._keep(task, done)
                    self._count(1)
        except TaskLostError as error:
            label = self._designs.labelled(error.task.design, self._checkpoint)
            raise EngineError(
                f"{label}: {error}. The results of the other designs are kept; take this design "
                "out or give the workers more memory, and continue with --resume"
            ) from error

    def _count(self, tasks: int) -> None:
        self._done += tasks
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _keep(self, task: Task, done: Done) -> None:
        self.seconds += done.seconds
        if done.error:
            self._checkpoint.add(task.design, Row(FAILED, 0, done.error.encode()))
            return
        self._checkpoint.add(task.design, Row(task.chunk, task.replicates, done.counts))
        spans = self._checkpoint.spans(task.design)
        if sum(found for _, found in spans) >= self._replicates and len(spans) > 2:
            self._merge(task.design)

    def _merge(self, design: bytes) -> None:
        """Put the whole tasks of a finished design into one row; a cut one stays by itself."""
        whole = [row for row in self._checkpoint.rows(design) if row.replicates % CHUNK == 0]
        if len(whole) < 2 or whole[0].first != 0:
            return
        total = reduce(added, (_read(row) for row in whole))
        row = Row(0, total[0].replicates, packed(total))
        self._checkpoint.merge(design, row, last=whole[-1].first)

    def write_tables(self, folder: Path) -> int:
        """Write the tables from the checkpoint; return the number of designs that failed."""
        designs, failed = self._designs, 0
        paths = PathColumns(designs.grid, designs.layers)
        schemas = {"sweep": sweep_schema(paths), "designs": designs_schema(paths)}
        names = [name for name, _ in paths.fields()]
        with whole_tables(folder, schemas) as tables:
            for point in designs.grid:
                start = {"design": point.number, "name": point.name}
                start |= dict(zip(names, paths.values(point), strict=True))
                found = self._found(designs.key(point))
                if isinstance(found, str):
                    failed += 1
                    tables["sweep"].add(failed_batch(schemas["sweep"], paths, point, found))
                    tables["designs"].add_row(start | {"error": found})
                    continue
                outline, twins = found
                tables["sweep"].add(sweep_batch(schemas["sweep"], paths, point, outline, twins))
                tables["designs"].add_row(start | answer_of(outline, twins))
        return failed

    def _found(self, key: bytes) -> str | tuple[Outline, Twins]:
        known = self._checkpoint.known(key)
        if known is None:
            raise OutputError(f"{self._checkpoint.path}: a design is missing; use --resume")
        if known.error:
            return known.error
        rows = self._checkpoint.rows(known.design)
        if rows and rows[0].first == FAILED:
            return rows[0].counts.decode(errors="replace")
        twins = reduce(added, (_read(row) for row in rows))
        if twins[0].replicates != self._replicates:
            raise OutputError(f"{self._checkpoint.path}: replicates are missing; use --resume")
        return Outline.from_text(known.outline), twins


def _read(row: Row) -> Twins:
    try:
        twins = unpacked(row.counts)
    except ValueError as error:
        raise OutputError(
            f"the checkpoint holds {error}: resume it with the version that began it, or name a "
            "new folder"
        ) from error
    if twins[0].replicates != row.replicates:
        raise OutputError("the checkpoint is damaged: replicates do not add up")
    return twins
