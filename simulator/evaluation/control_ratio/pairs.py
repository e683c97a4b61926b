"""Simulated studies at many pairs of sizes, all on the same animals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from simulator.engine.local import Progress, default_threads, run_blocks
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.control_ratio.plan import Pair, Plan
from simulator.evaluation.decisions.decide import Tested, decide
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.power import least, target_shares
from simulator.evaluation.replicates import Counts, counts_of
from simulator.evaluation.studies import Studies
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE


class Pairs:
    """Counts rejections at pairs of (control, treated) animals.

    The animals of a small arm are the first of a larger one, so all pairs are drawn once, at the
    largest numbers, and each is tested on its share of them: what ``power`` finds for the file
    with that number of controls, to the last replicate. Where a laboratory or cages as units
    make values depend on the numbers, every number of controls is simulated by itself.
    """

    def __init__(self, plan: Plan, *, threads: int | None) -> None:
        self.plan = plan
        self.threads = threads or default_threads()

    def count(
        self,
        wanted: Mapping[int, Sequence[int]],
        *,
        replicates: int,
        first_block: int,
        progress: Progress | None = None,
    ) -> dict[Pair, Counts]:
        """Simulate studies and count rejections.

        Parameters
        ----------
        wanted : by number of controls (or `EQUAL`) the numbers of treated animals, ascending.
        replicates : studies of every pair, in blocks of 500 from ``first_block`` on.
        """
        lines = {m: ns for m, ns in wanted.items() if ns}
        if not lines:
            return {}
        made = [(self.plan.tested(self.plan.with_control(m)), ns) for m, ns in lines.items()]
        many = self.simulated(
            made, replicates=replicates, first_block=first_block, progress=progress
        )
        return {
            (m or n, n): counts.at([k])
            for (m, ns), counts in zip(lines.items(), many, strict=True)
            for k, n in enumerate(ns)
        }

    def simulated(
        self,
        studies: Sequence[tuple[Scenario, Sequence[int]]],
        *,
        replicates: int,
        first_block: int,
        progress: Progress | None = None,
    ) -> list[Counts]:
        """Return the counts of several studies that differ in the sizes of their arms."""
        test = self.tester(studies)

        def work(block: int) -> list[Counts]:
            used = min(BLOCK_SIZE, replicates - (block - first_block) * BLOCK_SIZE)
            return [counts_of(layout, tested) for layout, tested in test(block, used)]

        blocks = range(first_block, first_block + -(-replicates // BLOCK_SIZE))
        run = run_blocks(work, blocks, threads=self.threads, progress=progress)
        total = next(run)
        for counts in run:
            total = [before + new for before, new in zip(total, counts, strict=True)]
        return total

    def tester(self, studies: Sequence[tuple[Scenario, Sequence[int]]]) -> _Tester:
        """Return what tests a block of all these studies."""
        return _Tester(studies, alike=self.plan.alike)

    def shares(self, counts: Counts) -> tuple[Probability, ...]:
        """Return what must reach the target, from counts at one pair."""
        return target_shares(self.plan.scenario, self._layout, counts, 0)

    def power(self, counts: Counts) -> Probability:
        """Return the decision's power: the least of what must reach the target."""
        return least(self.shares(counts))

    @cached_property
    def _layout(self) -> Layout:
        """Any layout: which comparisons are the decision's is the same in all."""
        scenario = self.plan.scenario
        return layout_of(self.plan.tested(scenario), [scenario.decision.n.stop])


class _Tester:
    """Tests blocks of several studies that differ in the sizes of their arms."""

    def __init__(self, studies: Sequence[tuple[Scenario, Sequence[int]]], *, alike: bool) -> None:
        self.layouts = [layout_of(scenario, ns) for scenario, ns in studies]
        if not alike:
            self._apart = [
                Studies(scenario, layout, null=False)
                for (scenario, _), layout in zip(studies, self.layouts, strict=True)
            ]
            return
        self._apart = []
        scenario, first = studies[0][0], self.layouts[0]
        largest = {
            arm: max(layout.arm_sizes[-1][arm] for layout in self.layouts)
            for arm in scenario.design.arms
        }
        sizes = np.array([[largest[arm]] for _, arm in first.slots], dtype=np.int64)
        whole = replace(first, ns=first.ns[-1:], arm_sizes=(largest,), sizes=sizes)
        self._whole = Studies(scenario, whole, null=False)

    def __call__(self, block: int, used: int) -> list[tuple[Layout, Tested]]:
        """Return the decisions of a block's first ``used`` replicates, study by study."""
        if self._apart:
            found = [studies.test(block, used)[0] for studies in self._apart]
            return list(zip(self.layouts, found, strict=True))
        values = self._whole.values(block, used)[0][0]
        return [(layout, decide(layout, values)) for layout in self.layouts]
