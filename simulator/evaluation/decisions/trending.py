"""Trend tests at every n in all replicates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints, Levels, Shorts
from simulator.analysis.trend import is_exact_trend, trend_p_value
from simulator.analysis.trend_null import jonckheere_tail, trend_seed
from simulator.compiled import kernel
from simulator.evaluation.decisions.by_sample import level_of
from simulator.evaluation.decisions.comparing import sorted_values
from simulator.evaluation.decisions.growing import meet
from simulator.evaluation.decisions.thresholds import UNTESTABLE


class TrendRules(NamedTuple):
    """How one trend is tested, in the analysis' codes.

    Attributes
    ----------
    thresholds : shape (1,), alpha.
    tails, starts : the exact distribution without ties or losses at the k-th n is
        ``tails[starts[k]:starts[k + 1]]``, empty where it is not needed.
    """

    method: int
    alternative: int
    resamples: int
    thresholds: Floats
    tails: Floats
    starts: Ints


@kernel
def trend(
    values: Floats,
    own: Shorts,
    slots: Ints,
    sizes: Ints,
    rules: TrendRules,
    levels: Levels,
) -> None:
    """Test the trend over ``slots`` (in dose order) at every n.

    Parameters
    ----------
    values, own : shape (slots, animals, R); ``own`` of `growing.earlier_equals`.
    sizes : shape (slots, K), animals at the k-th n.
    levels : shape (K, R), written.
    """
    replicates = values.shape[2]
    arms = slots.size
    there = np.zeros(arms, dtype=np.int64)
    present = np.zeros((arms, replicates), dtype=np.int64)
    jt2 = np.zeros(replicates, dtype=np.int64)
    tie_sum = np.zeros(replicates, dtype=np.int64)
    tie_pairs = np.zeros(replicates, dtype=np.int64)
    wins2 = np.empty(replicates, dtype=np.int64)
    equal = np.empty(replicates, dtype=np.int64)
    group = np.empty(arms, dtype=np.int64)
    no_counts = np.empty(0, dtype=np.int64)
    for k in range(sizes.shape[1]):
        for place in range(arms):
            slot = slots[place]
            while there[place] < sizes[slot, k]:
                animal = values[slot, there[place]]
                for r in range(replicates):
                    equal[r] = own[slot, there[place], r]
                for other in range(arms):
                    if other == place:
                        continue
                    wins2[:] = 0
                    meet(animal, values[slots[other]], there[other], wins2, equal)
                    if other < place:
                        for r in range(replicates):
                            jt2[r] += wins2[r]
                    else:  # the later arm won what this animal did not
                        for r in range(replicates):
                            met = present[other, r] * np.int64(animal[r] == animal[r])
                            jt2[r] += 2 * met - wins2[r]
                for r in range(replicates):
                    tie_sum[r] += 3 * equal[r] * (equal[r] + 1)
                    tie_pairs[r] += 2 * equal[r]
                    present[place, r] += np.int64(animal[r] == animal[r])
                there[place] += 1
        start, stop = rules.starts[k], rules.starts[k + 1]
        full = 0
        for place in range(arms):
            full += sizes[slots[place], k]
        for r in range(replicates):
            levels[k, r] = UNTESTABLE
            for place in range(arms):
                group[place] = present[place, r]
            if arms < 2 or group.min() == 0:  # the analysis makes no trend of an empty arm
                continue
            tail = rules.tails[start:stop]
            counts, seed = no_counts, 0
            if is_exact_trend(group.sum(), tie_sum[r], rules.method):
                if tie_sum[r] > 0:
                    counts, seed = _ties(values, slots, sizes[:, k], group, r)
                elif group.sum() < full:  # some animals are lost: no tail was kept
                    tail = jonckheere_tail(np.sort(group))
            p = trend_p_value(
                jt2[r],
                group,
                tie_sum[r],
                tie_pairs[r],
                counts,
                tail,
                rules.method,
                rules.alternative,
                rules.resamples,
                seed,
            )
            levels[k, r] = level_of(p, rules.thresholds)


@kernel
def _ties(
    values: Floats, slots: Ints, sizes: Ints, group: Ints, replicate: int
) -> tuple[Ints, int]:
    """Return how often each distinct value of the arms occurs, ascending, and `trend_seed`.

    ``group`` is the number of animals with a value in each arm.
    """
    pooled = np.empty(group.sum())
    start = 0
    for place in range(slots.size):
        sorted_values(values[slots[place]], sizes[slots[place]], replicate, pooled[start:])
        start += group[place]
    seed = trend_seed(pooled, group)
    pooled.sort()
    counts = np.empty(pooled.size, dtype=np.int64)
    groups = 0
    for i in range(pooled.size):
        if i > 0 and pooled[i] == pooled[i - 1]:
            counts[groups - 1] += 1
        else:
            counts[groups] = 1
            groups += 1
    return counts[:groups], seed
