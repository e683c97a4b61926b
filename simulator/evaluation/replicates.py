"""Simulated studies, block by block, reduced to whole-number counts.

Counts are whole numbers summed in block order, so they do not depend on the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.engine.local import Progress, default_threads, run_blocks
from simulator.evaluation.kernel import adjust_block, reject_block, run_tests
from simulator.evaluation.layout import Layout, layout_of
from simulator.model.response_table import Responses, respond
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE, SEARCH_BLOCK
from simulator.trial.block import cohort_block


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


@dataclass(frozen=True)
class Tested:
    """Everything decided in some replicates, at every n.

    Attributes
    ----------
    p, adjusted : shape (R, C, K), before and after adjustment; NaN where no test can be made.
    u2 : shape (R, C, K), twice the U of the treated arm.
    unadjusted, rejected : shape (R, C, K), p and adjusted p at or below alpha.
    trend_p, jt2, trend_rejected : shape (R, T, K).
    """

    p: Floats
    u2: Ints
    adjusted: Floats
    unadjusted: Bools
    rejected: Bools
    trend_p: Floats
    jt2: Ints
    trend_rejected: Bools


def _run_block(
    scenario: Scenario, responses: Responses, layout: Layout, block: int, used: int
) -> Tested:
    cohort = cohort_block(scenario, responses, block=block, sizes=layout.arm_sizes[-1])
    return decide(layout, layout.stack(cohort.values, used))


def decide(layout: Layout, values: Floats) -> Tested:
    """Make every test on stacked values of shape (slots, animals, R)."""
    count, k = values.shape[2], len(layout.ns)
    p = np.empty((count, len(layout.comparisons), k))
    u2 = np.empty(p.shape, dtype=np.int64)
    trend_p = np.empty((count, len(layout.trends), k))
    jt2 = np.empty(trend_p.shape, dtype=np.int64)
    run_tests(
        values,
        layout.sizes,
        layout.treated,
        layout.control,
        layout.rules,
        layout.trend_slots,
        layout.trend_starts,
        layout.trend_alternatives,
        p,
        u2,
        trend_p,
        jt2,
    )
    adjusted = np.empty_like(p)
    adjust_block(p, layout.starts, layout.adjustments, adjusted)
    return Tested(
        p=p,
        u2=u2,
        adjusted=adjusted,
        unadjusted=_reject(p, layout.alphas),
        rejected=_reject(adjusted, layout.alphas),
        trend_p=trend_p,
        jt2=jt2,
        trend_rejected=_reject(trend_p, layout.trend_alphas),
    )


def _reject(p: Floats, alphas: Floats) -> Bools:
    rejected = np.empty(p.shape, dtype=np.bool_)
    reject_block(p, alphas, rejected)
    return rejected


def counts_of(layout: Layout, tested: Tested) -> Counts:
    """Reduce a block to counts."""
    rejected = tested.rejected
    families = [layout.members(f) for f in range(len(layout.families))]
    target = rejected[:, layout.target]
    return Counts(
        replicates=rejected.shape[0],
        adjusted=rejected.sum(axis=0),
        unadjusted=tested.unadjusted.sum(axis=0),
        untestable=np.isnan(tested.p).sum(axis=0),
        any_family=np.array([rejected[:, f].any(axis=1).sum(axis=0) for f in families]),
        all_family=np.array([rejected[:, f].all(axis=1).sum(axis=0) for f in families]),
        any_target=target.any(axis=1).sum(axis=0),
        all_target=target.all(axis=1).sum(axis=0),
        trends=tested.trend_rejected.sum(axis=0),
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
    worlds = [(scenario, respond(scenario))]
    if null:
        twin = scenario.null_twin()
        worlds.append((twin, respond(twin)))
    blocks = range(first_block, first_block + -(-replicates // BLOCK_SIZE))

    def work(block: int) -> list[Counts]:
        used = min(BLOCK_SIZE, replicates - (block - first_block) * BLOCK_SIZE)
        return [
            counts_of(layout, _run_block(world, responses, layout, block, used))
            for world, responses in worlds
        ]

    run: Iterator[list[Counts]] = run_blocks(
        work, blocks, threads=threads or default_threads(), progress=progress
    )
    total = next(run)
    for counts in run:
        total = [before + new for before, new in zip(total, counts, strict=True)]
    return total[0], total[1] if null else None


def decisions(scenario: Scenario, *, n: int, replicates: int) -> Tested:
    """Return every replicate's tests at one n (the last axis is 1), as the power engine makes them.

    Replicate r is the study that ``simulate_cohort(scenario, replicate=r, n=n)`` writes out.
    Comparisons and trends are in the plan's order.
    """
    layout = layout_of(scenario, [n])
    responses = respond(scenario)
    parts = []
    for block in range(-(-replicates // BLOCK_SIZE)):
        used = min(BLOCK_SIZE, replicates - block * BLOCK_SIZE)
        parts.append(_run_block(scenario, responses, layout, SEARCH_BLOCK + block, used))
    names = [field.name for field in fields(Tested)]
    return Tested(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
