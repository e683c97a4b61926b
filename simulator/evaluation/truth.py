"""What is really there: large-sample truth per comparison, before assay noise and losses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.compiled import kernel
from simulator.engine.local import default_threads, run_blocks
from simulator.evaluation.characteristics import Estimate
from simulator.model.response_table import Responses, respond
from simulator.scenario import Comparison, Scenario
from simulator.streams import TRUTH_BLOCK
from simulator.trial.block import cohort_block

#: Batches, and animals per arm and replicate in each: 64 x 8 x 500 = 256,000 animals per arm.
BATCHES = 64
ANIMALS = 8


@dataclass(frozen=True)
class ComparisonTruth:
    """Truth of one comparison.

    Attributes
    ----------
    relative_effect : P(control < treated) + P(control = treated)/2 of the animals' true values.
    fold_of_medians : median of the treated over that of the control; NaN where the control's
        median is not positive.
    """

    relative_effect: Estimate
    fold_of_medians: Estimate


@kernel
def relative_effect_sorted(x: Floats, y: Floats) -> float:
    """Return P(X < Y) + P(X = Y)/2 between two ascending samples, by merging."""
    below = through = 0
    total = 0.0
    for value in y:
        while below < x.size and x[below] < value:
            below += 1
        through = max(through, below)
        while through < x.size and x[through] == value:
            through += 1
        total += 0.5 * (below + through)
    return float(total / (x.size * y.size))


def simulated_truth(
    scenario: Scenario,
    comparisons: Sequence[Comparison],
    *,
    batches: int = BATCHES,
    threads: int | None = None,
) -> tuple[ComparisonTruth, ...]:
    """Return the truth of each comparison from a large sample of animals.

    Batch means: every batch is an independent block of replicates, so the error also covers
    animals that share a cage.

    Parameters
    ----------
    batches : at least 2.
    """
    responses = respond(scenario)
    slots = {(c.endpoint, arm) for c in comparisons for arm in (c.treated, c.control)}
    arms = [arm for arm in scenario.design.arms if any(arm == of for _, of in slots)]

    def work(block: int) -> tuple[list[float], list[tuple[float, float]]]:
        sizes = dict.fromkeys(arms, ANIMALS)
        cohort = cohort_block(scenario, responses, block=block, sizes=sizes, reading=False)
        ordered = {slot: np.sort(cohort.latent[slot[0]][slot[1]], axis=None) for slot in slots}
        middle = {slot: float(np.median(values)) for slot, values in ordered.items()}
        pairs = [((c.endpoint, c.control), (c.endpoint, c.treated)) for c in comparisons]
        effects = [relative_effect_sorted(ordered[x], ordered[y]) for x, y in pairs]
        return effects, [(middle[x], middle[y]) for x, y in pairs]

    blocks = range(TRUTH_BLOCK, TRUTH_BLOCK + batches)
    found = list(run_blocks(work, blocks, threads=threads or default_threads()))
    effects = np.array([effect for effect, _ in found])
    medians = np.array([median for _, median in found])
    return tuple(
        ComparisonTruth(_mean(effects[:, c]), _ratio(medians[:, c, 0], medians[:, c, 1]))
        for c in range(len(comparisons))
    )


def _mean(batch: Floats) -> Estimate:
    return Estimate(float(batch.mean()), float(batch.std(ddof=1) / math.sqrt(batch.size)))


def _ratio(below: Floats, above: Floats) -> Estimate:
    """Ratio of the mean batch medians, with its error by the delta method."""
    if below.mean() <= 0:
        return Estimate(math.nan, math.nan)
    ratio = float(above.mean() / below.mean())
    residual = (above - ratio * below) / below.mean()
    return Estimate(ratio, float(residual.std(ddof=1) / math.sqrt(below.size)))


def measured_samples(
    scenario: Scenario, comparison: Comparison, *, responses: Responses, batches: int = 8
) -> tuple[Floats, Floats]:
    """Return large samples of the control's and the treated arm's values as the assay reads them.

    Without the lost animals. These feed the closed forms, which know neither cages nor losses.

    Parameters
    ----------
    responses : of ``respond``, once for all comparisons.
    """
    sizes = dict.fromkeys((comparison.control, comparison.treated), ANIMALS)
    blocks = range(TRUTH_BLOCK, TRUTH_BLOCK + batches)
    cohorts = [cohort_block(scenario, responses, block=b, sizes=sizes) for b in blocks]
    control, treated = (
        np.concatenate([cohort.values[comparison.endpoint][arm].ravel() for cohort in cohorts])
        for arm in (comparison.control, comparison.treated)
    )
    return control[~np.isnan(control)], treated[~np.isnan(treated)]
