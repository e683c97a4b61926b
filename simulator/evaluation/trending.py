"""Trend tests at every n in all replicates."""

from __future__ import annotations

import math

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.trend import jonckheere_z, trend_p
from simulator.compiled import kernel
from simulator.evaluation.comparing import level_of
from simulator.evaluation.growing import meet
from simulator.evaluation.thresholds import UNTESTABLE


@kernel
def trend(
    values: Floats,
    own: Ints,
    slots: Ints,
    sizes: Ints,
    alternative: int,
    thresholds: Floats,
    levels: Ints,
) -> None:
    """Test the trend over ``slots`` (in dose order) at every n.

    Parameters
    ----------
    values, own : shape (slots, animals, R); ``own`` of `growing.earlier_equals`.
    sizes : shape (slots, K), animals at the k-th n.
    thresholds : shape (1,), alpha.
    levels : shape (K, R), uint16, written.
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
        for r in range(replicates):
            p = math.nan
            for place in range(arms):
                group[place] = present[place, r]
            if arms > 1 and group.min() > 0:  # the analysis makes no trend of an empty arm
                z = jonckheere_z(jt2[r], group, tie_sum[r], tie_pairs[r])
                p = trend_p(z, alternative)
            levels[k, r] = UNTESTABLE if math.isnan(p) else level_of(p, thresholds)
