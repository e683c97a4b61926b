"""Simulated studies, block by block, reduced to whole-number counts.

Counts are whole numbers summed in block order, so they do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from simulator.analysis.kernel_types import Ints
from simulator.engine.local import Progress, default_threads, run_blocks
from simulator.evaluation.decisions.decide import Tested, joined
from simulator.evaluation.decisions.layout import Layout, layout_of
from simulator.evaluation.decisions.thresholds import UNTESTABLE
from simulator.evaluation.studies import Studies
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK


@dataclass(frozen=True)
class Counts:
    """Number of replicates in which something was rejected, per n (last axis, K).

    Attributes
    ----------
    adjusted, unadjusted : shape (C, K), per comparison.
    untestable : shape (C, K), replicates in which no test could be made (fewer than 2 animals
        left in an arm, all values equal).
    any_family, all_family : shape (F, K), over all comparisons of a family.
    any_target, all_target : shape (K,), over the comparisons of the decision.
    trends : shape (T, K).
    """

    replicates: int
    adjusted: Ints
    unadjusted: Ints
    untestable: Ints
    any_family: Ints
    all_family: Ints
    any_target: Ints
    all_target: Ints
    trends: Ints

    def __add__(self, other: Counts) -> Counts:
        """Pool with disjoint replicates."""
        return Counts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def at(self, chosen: list[int]) -> Counts:
        """Return the counts of some n only, by index."""
        parts = (getattr(self, f.name)[..., chosen] for f in fields(self)[1:])
        return Counts(self.replicates, *parts)


def counts_of(layout: Layout, tested: Tested) -> Counts:
    """Reduce a block to counts."""
    rejected = tested.rejected
    families = [layout.members(f) for f in range(len(layout.families))]
    target = rejected[layout.target]
    return Counts(
        replicates=rejected.shape[2],
        adjusted=rejected.sum(axis=2),
        unadjusted=tested.unadjusted.sum(axis=2),
        untestable=(tested.levels == UNTESTABLE).sum(axis=2),
        any_family=np.array([rejected[f].any(axis=0).sum(axis=1) for f in families]),
        all_family=np.array([rejected[f].all(axis=0).sum(axis=1) for f in families]),
        any_target=target.any(axis=0).sum(axis=1),
        all_target=target.all(axis=0).sum(axis=1),
        trends=tested.trend_rejected.sum(axis=2),
    )


def simulate_counts(
    scenario: Scenario,
    layout: Layout,
    *,
    replicates: int,
    first_block: int = SEARCH_BLOCK,
    null: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> tuple[Counts, Counts | None]:
    """Simulate studies and count rejections at every n of the layout, in one pass.

    Parameters
    ----------
    replicates : number of studies; blocks of 500 from ``first_block`` on, the last one cut.
    null : also the null twin of every replicate, drawn from the same streams.
    threads : default: as many as the process may use.
    progress : called with (blocks done, blocks in all).

    Returns
    -------
    counts under the scenario, and under its null twin (None without ``null``).
    """
    study = Studies(scenario, layout, null=null)
    blocks = range(first_block, first_block + -(-replicates // BLOCK_SIZE))

    def work(block: int) -> list[Counts]:
        used = min(BLOCK_SIZE, replicates - (block - first_block) * BLOCK_SIZE)
        return [counts_of(layout, tested) for tested in study.test(block, used)]

    run: Iterator[list[Counts]] = run_blocks(
        work, blocks, threads=threads or default_threads(), progress=progress
    )
    total = next(run)
    for counts in run:
        total = [before + new for before, new in zip(total, counts, strict=True)]
    return total[0], total[1] if null else None


def decisions(scenario: Scenario, *, n: int, replicates: int) -> Tested:
    """Return every replicate's tests at one n (K is 1), as the power engine makes them.

    Replicate r is the study that ``simulate_cohort(scenario, replicate=r, n=n)`` writes out.
    Comparisons and trends are in the plan's order.
    """
    study = Studies(scenario, layout_of(scenario, [n]), null=False)
    parts = []
    for block in range(-(-replicates // BLOCK_SIZE)):
        used = min(BLOCK_SIZE, replicates - block * BLOCK_SIZE)
        parts += study.test(SEARCH_BLOCK + block, used)
    return joined(parts, axis=-1)
