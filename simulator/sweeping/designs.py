"""From the points of a sweep to designs: resolved when they are needed, and remembered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario_files.laying import Layers
from simulator.sweeping.check import CHECKED_BEFORE, check_values, raise_all
from simulator.sweeping.checkpoint import FAILED, Checkpoint, Known
from simulator.sweeping.design import digest_of, identity, outline_of
from simulator.sweeping.grid import Grid, Point
from simulator.sweeping.prepared import Made, Prepared
from simulator.sweeping.work import CHUNK, Task, chunks, replicates_in, task_text
from simulator.versions import program

_KEY = 16


class Designs:
    """The designs of a sweep, and what is still to be done of them.

    Parameters
    ----------
    scenario : with the sweep in its decision.

    Raises
    ------
    ScenarioError : something is wrong with a path, a value, or a named design.
    """

    def __init__(self, scenario: Scenario, grid: Grid) -> None:
        self.scenario, self.grid = scenario, grid
        self.layers = Layers(scenario)
        check_values(scenario, self.layers)
        self.base_text = identity(scenario)
        self._base = digest_of(self.base_text)
        self._early = Prepared()

    def key(self, point: Point) -> bytes:
        """Return what identifies a point: the scenario of the file, and its overrides."""
        values = json.dumps(dict(point.overrides), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(self._base + values.encode()).digest()[:_KEY]

    def check(
        self,
        known: Callable[[bytes], Known | None],
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Resolve every design before the first is run, unless they are very many.

        Raises
        ------
        ScenarioError : values that are right by themselves do not go together; with all such
            designs.
        """
        if len(self.grid) > CHECKED_BEFORE:
            return
        problems = []
        for done, point in enumerate(self.grid, start=1):
            key = self.key(point)
            found = known(key)
            if found is None:
                made = self._made(point)
                self._early.put(key, made)
                found = made.known
            if found.error:
                problems.append(Problem(point.label, found.error))
            if progress is not None:
                progress(done, len(self.grid))
        raise_all(self.scenario, problems)

    def tasks(
        self, checkpoint: Checkpoint, *, replicates: int, skipped: Callable[[int], None]
    ) -> Iterator[Task]:
        """Yield what is not in the checkpoint, design by design.

        Parameters
        ----------
        skipped : told how many tasks there are already, or will never be.
        """
        wanted = chunks(replicates)
        for point in self.grid:
            key = self.key(point)
            known, made = checkpoint.known(key), self._early.take(key)
            if known is None:
                made = made or self._made(point)
                known = made.known
                checkpoint.set_known(key, known)
            spans = [] if known.error else checkpoint.spans(known.design)
            missing = [] if known.error else _missing(spans, replicates)
            skipped(len(wanted) - len(missing))
            if missing and made is None:
                made = self._made(point)
            for chunk in missing:
                assert made is not None
                yield Task(
                    known.design, made.text, chunk, replicates_in(chunk, replicates), program()
                )

    def labelled(self, design: bytes, checkpoint: Checkpoint) -> str:
        """Return what to call a design that was given out."""
        for point in self.grid:
            known = checkpoint.known(self.key(point))
            if known is not None and known.design == design:
                return point.label
        return "a design"

    def _made(self, point: Point) -> Made:
        try:
            scenario = self.layers.scenario(point.overrides)
            outline = outline_of(scenario)
        except ScenarioError as error:
            problems = "; ".join(
                ": ".join(part for part in (p.path, p.message) if part) for p in error.problems
            )
            return Made(Known(self.key(point), "", problems), b"")
        text = identity(scenario)
        return Made(Known(digest_of(text), outline.to_text(), ""), task_text(text))


def _missing(spans: list[tuple[int, int]], replicates: int) -> list[int]:
    """Return the tasks of a design that are not done, or not with as many replicates."""
    have: dict[int, int] = {}
    for first, found in spans:
        if first == FAILED:
            return []
        for k in range(-(-found // CHUNK)):
            have[first + k] = min(CHUNK, found - k * CHUNK)
    return [
        chunk
        for chunk in chunks(replicates)
        if have.get(chunk, 0) < replicates_in(chunk, replicates)
    ]
