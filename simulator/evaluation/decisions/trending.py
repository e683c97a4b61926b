"""Trend tests at every n in all replicates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints, Levels, Shorts
from simulator.analysis.trend import is_exact_trend, jonckheere_z, trend_p
from simulator.analysis.trend_null import exact_trend_p, jonckheere_tail
from simulator.compiled import kernel
from simulator.evaluation.decisions.growing import meet
from simulator.evaluation.decisions.thresholds import PENDING, UNTESTABLE, level_of

#: Distributions of arms with losses that are kept at hand.
_KEPT = 256


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
    levels : shape (K, R), written; ``PENDING`` where the p-value needs the values themselves.
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
    kept_sizes = np.zeros((_KEPT, arms), dtype=np.int64)
    kept = [np.empty(0) for _ in range(_KEPT)]
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
            if not is_exact_trend(group.sum(), tie_sum[r], rules.method):
                z = jonckheere_z(jt2[r], group, tie_sum[r], tie_pairs[r])
                levels[k, r] = level_of(trend_p(z, rules.alternative), rules.thresholds)
            elif tie_sum[r] > 0:
                levels[k, r] = PENDING
            else:
                tail = rules.tails[start:stop]
                if group.sum() < full:  # some animals are lost: no tail was kept for these sizes
                    drawer = 0
                    for at in range(arms):
                        drawer = (31 * drawer + group[at]) % _KEPT
                    if not np.array_equal(kept_sizes[drawer], group):
                        kept_sizes[drawer] = group
                        kept[drawer] = jonckheere_tail(group)
                    tail = kept[drawer]
                p = exact_trend_p(jt2[r], tail, rules.alternative)
                levels[k, r] = level_of(p, rules.thresholds)
