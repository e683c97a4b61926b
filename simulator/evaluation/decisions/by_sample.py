"""Decisions that need the values themselves: exact with ties, and tests other than Mann-Whitney."""

from __future__ import annotations

import math

from simulator.analysis.brunner_munzel import brunner_munzel_of_sums, placements
from simulator.analysis.kernel_types import Floats
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_codes import MIDP
from simulator.analysis.permutation import permutation_untied_p, signed_square
from simulator.analysis.permutation_level import permutation_level
from simulator.analysis.tied_null import tied_p
from simulator.compiled import kernel
from simulator.evaluation.decisions.thresholds import UNTESTABLE

MANN_WHITNEY, BRUNNER_MUNZEL, PERMUTATION = 0, 1, 2
TEST_CODES = {
    "mann_whitney": MANN_WHITNEY,
    "brunner_munzel": BRUNNER_MUNZEL,
    "permutation": PERMUTATION,
}


@kernel
def level_of(p: float, thresholds: Floats) -> int:
    """Return how many of the falling thresholds a p-value passes, ``UNTESTABLE`` of NaN."""
    if math.isnan(p):
        return UNTESTABLE
    level = 0
    while level < thresholds.size and rejects(p, thresholds[level]):
        level += 1
    return level


@kernel
def sample_level(
    x: Floats,
    y: Floats,
    u2: int,
    tie_sum: int,
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
    u2, tie_sum : twice the U of the treated arm, and the sum of t^3 - t over tied groups.
    distribution, complete : of the permutation test of untied data of these sizes, empty where
        it was not made.
    """
    if test == MANN_WHITNEY:
        counts = count_pairs(x, y)[2]
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
