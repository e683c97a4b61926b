"""p-values that need the values themselves: exact with ties, and tests other than Mann-Whitney."""

from __future__ import annotations

import math

from simulator.analysis.kernel_types import Floats
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.null_distribution import tied_exact_p
from simulator.compiled import kernel

MANN_WHITNEY, BRUNNER_MUNZEL, PERMUTATION = 0, 1, 2
TEST_CODES = {
    "mann_whitney": MANN_WHITNEY,
    "brunner_munzel": BRUNNER_MUNZEL,
    "permutation": PERMUTATION,
}


@kernel
def sample_p(
    x: Floats,
    y: Floats,
    u2: int,
    test: int,
    alternative: int,
    convention: int,
    method: int,
    resamples: int,
) -> float:
    """Return the p-value of one data set; Mann-Whitney by the exact method.

    Parameters
    ----------
    x, y : treated and control values, ascending, no NaN, not all equal.
    u2 : twice the U of the treated arm.
    """
    if test == MANN_WHITNEY:
        counts = count_pairs(x, y)[2]
        return tied_exact_p(counts, x.size, u2, convention, alternative)
    return math.nan
