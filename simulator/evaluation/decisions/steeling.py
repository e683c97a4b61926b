"""Steel's adjustment of a family at every n in all replicates."""

from __future__ import annotations

import math

import numpy as np

from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_codes import ASYMPTOTIC, AUTO, TWO_SIDED
from simulator.analysis.steel import (
    directed,
    steel_p_of_maxima,
    steel_permutation_into,
    steel_z,
)
from simulator.analysis.steel_normal import steel_loads, steel_normal_p
from simulator.compiled import kernel
from simulator.evaluation.decisions.by_sample import sorted_values


@kernel
def steel_rejects(z: float, loads: Floats, alternative: int, alpha: float) -> bool:
    """Return whether the multivariate normal p is at or below alpha.

    By Bonferroni's inequality it is at most the number of arms times the p of this z alone, and
    never below that p: mostly this settles it without an integral. The 1.001 leaves all rounding
    to the integral.
    """
    if math.isnan(z):
        return False
    own = 0.5 * math.erfc(directed(z, alternative) / math.sqrt(2.0))
    if alternative == TWO_SIDED:
        own *= 2.0
    if own > 1.001 * alpha:
        return False
    if 1.001 * loads.size * own < alpha:
        return True
    return rejects(steel_normal_p(z, loads, alternative), alpha)


@kernel
def steel_family(
    values: Floats,
    slots: Ints,
    sizes: Ints,
    method: int,
    alternative: int,
    resamples: int,
    alpha: float,
    maxima: Floats,
    starts: Ints,
    complete: Bools,
    rejected: Bools,
) -> None:
    """Decide a family adjusted by Steel's method.

    Parameters
    ----------
    values : shape (slots, animals, R).
    slots : shape (1 + k,), the control first.
    sizes : shape (slots, K), animals at the k-th n.
    maxima, starts, complete : null distribution of the largest z without ties at the k-th n,
        ``maxima[starts[k]:starts[k + 1]]``, and whether it is that of all relabelings.
    rejected : shape (k, K, R), written.
    """
    arms = slots.size
    samples = np.empty((arms, values.shape[1]))
    pooled = np.empty(arms * values.shape[1])
    count = np.empty(arms, dtype=np.int64)
    z, p = np.empty(arms - 1), np.empty(arms - 1)
    for k in range(rejected.shape[1]):
        for r in range(rejected.shape[2]):
            total = 0
            for arm in range(arms):
                slot = slots[arm]
                count[arm] = sorted_values(values[slot], sizes[slot, k], r, samples[arm])
                pooled[total : total + count[arm]] = samples[arm, : count[arm]]
                total += count[arm]
            tied = False
            for arm in range(1, arms):
                z[arm - 1] = math.nan
                if count[0] > 0 and count[arm] > 0:
                    u2, ties, _ = count_pairs(samples[arm, : count[arm]], samples[0, : count[0]])
                    z[arm - 1] = steel_z(u2, count[arm], count[0], ties)
                    tied |= ties > 0 and not math.isnan(z[arm - 1])
            if method == ASYMPTOTIC or (method == AUTO and tied):
                loads = steel_loads(count)
                for arm in range(arms - 1):
                    rejected[arm, k, r] = steel_rejects(z[arm], loads, alternative, alpha)
                continue
            full = True  # the tables are those of arms without losses
            for arm in range(arms):
                full &= count[arm] == sizes[slots[arm], k]
            if full and _all_differ(pooled[:total]):
                for arm in range(arms - 1):
                    p[arm] = steel_p_of_maxima(
                        z[arm], maxima[starts[k] : starts[k + 1]], complete[k], alternative
                    )
            else:
                steel_permutation_into(pooled[:total], count, alternative, resamples, p)
            for arm in range(arms - 1):
                rejected[arm, k, r] = rejects(p[arm], alpha)


@kernel
def _all_differ(values: Floats) -> bool:
    ordered = np.sort(values)
    equal = 0
    for i in range(1, ordered.size):
        equal += ordered[i] == ordered[i - 1]
    return bool(equal == 0)
