"""Decisions that need the values themselves: exact with ties, and tests other than Mann-Whitney.

Apart from the other kernels because they are many and take long to compile: most plans never need
them.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.analysis.brunner_munzel import brunner_munzel_of_sums, placements
from simulator.analysis.kernel_types import Floats, Ints, Levels
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.null_codes import MIDP
from simulator.analysis.permutation import permutation_untied_p, signed_square
from simulator.analysis.tied_null import tied_p
from simulator.analysis.trend_null import permuted_trend_p, trend_seed
from simulator.compiled import kernel
from simulator.evaluation.decisions.comparing import MANN_WHITNEY, PERMUTATION, Rules
from simulator.evaluation.decisions.permutation_level import permutation_level
from simulator.evaluation.decisions.thresholds import PENDING, level_of
from simulator.evaluation.decisions.trending import TrendRules


@kernel
def settle(
    x: Floats, y: Floats, sizes_x: Ints, sizes_y: Ints, rules: Rules, levels: Levels
) -> None:
    """Decide what `comparing.compare` left ``PENDING``; the arguments are its own."""
    xs, ys = np.empty(x.shape[0]), np.empty(y.shape[0])
    for k in range(levels.shape[0]):
        for r in range(levels.shape[1]):
            if levels[k, r] != PENDING:
                continue
            m = sorted_values(x, sizes_x[k], r, xs)
            n = sorted_values(y, sizes_y[k], r, ys)
            start = length = 0
            complete = False
            if rules.test == PERMUTATION and max(m, n) < rules.lengths.shape[0]:
                start, length = rules.starts[m, n], rules.lengths[m, n]
                complete = rules.complete[m, n] > 0
            levels[k, r] = sample_level(
                xs[:m],
                ys[:n],
                rules.test,
                rules.method,
                rules.alternative,
                rules.convention,
                rules.resamples,
                rules.thresholds,
                rules.distribution[start : start + length],
                complete,
            )


@kernel
def sorted_values(values: Floats, count: int, replicate: int, found: Floats) -> int:
    """Write one replicate's values among the first ``count`` animals, ascending, without NaN."""
    kept = 0
    for animal in range(count):
        value = values[animal, replicate]
        if not math.isnan(value):
            found[kept] = value
            kept += 1
    found[:kept].sort()
    return kept


@kernel
def sample_level(
    x: Floats,
    y: Floats,
    test: int,
    method: int,
    alternative: int,
    convention: int,
    resamples: int,
    thresholds: Floats,
    distribution: Floats,
    complete: bool,
) -> int:
    """Return the level of one data set; Mann-Whitney by an exact method.

    Parameters
    ----------
    x, y : treated and control values, ascending, no NaN, not all equal.
    distribution, complete : of the permutation test of untied data of these sizes, empty where
        it was not made.
    """
    u2, tie_sum, counts = count_pairs(x, y)
    if test == MANN_WHITNEY:
        p = tied_p(counts, x.size, u2, convention, alternative, method == MIDP)
        return level_of(p, thresholds)
    if test == PERMUTATION and (tie_sum > 0 or distribution.size == 0):
        return permutation_level(x, y, alternative, resamples, thresholds)
    _, squares_x, squares_y = placements(x, y)
    if test == PERMUTATION:
        statistic = signed_square(u2, squares_x, squares_y, x.size, y.size)
        p = permutation_untied_p(statistic, distribution, complete, alternative)
    else:
        p = brunner_munzel_of_sums(u2, squares_x, squares_y, x.size, y.size, alternative)
    return level_of(p, thresholds)


@kernel
def settle_trend(
    values: Floats, slots: Ints, sizes: Ints, rules: TrendRules, levels: Levels
) -> None:
    """Decide the tied trends that `trending.trend` left ``PENDING``; the arguments are its own."""
    arms = slots.size
    pooled = np.empty(arms * values.shape[1])
    group = np.empty(arms, dtype=np.int64)
    for k in range(levels.shape[0]):
        for r in range(levels.shape[1]):
            if levels[k, r] != PENDING:
                continue
            total = jt2 = 0
            for place in range(arms):
                slot = slots[place]
                here = pooled[total:]
                group[place] = sorted_values(values[slot], sizes[slot, k], r, here)
                start = 0
                for other in range(place):  # wins over all earlier arms
                    before = pooled[start : start + group[other]]
                    jt2 += count_pairs(here[: group[place]], before)[0]
                    start += group[other]
                total += group[place]
            seed = trend_seed(pooled[:total], group)
            ordered = np.sort(pooled[:total])
            counts = count_pairs(ordered, ordered[:0])[2]
            p = permuted_trend_p(jt2, group, counts, rules.alternative, rules.resamples, seed)
            if counts.size < 2:
                p = math.nan
            levels[k, r] = level_of(p, rules.thresholds)
