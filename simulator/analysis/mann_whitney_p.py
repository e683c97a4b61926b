"""The p-value of one Mann-Whitney data set, by any method.

Every kernel works on whole numbers: ``u2`` is twice the U of the treated arm (pairs with
treated > control count 2, tied pairs 1), so no comparison of outcomes ever needs a tolerance.
The kernels are numba functions, callable from Python and from other kernels; the bench path and
the power engine call the same ones.
"""

from __future__ import annotations

import math

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_codes import (
    GREATER,
    LESS,
    MIDP,
    is_exact,
)
from simulator.analysis.tied_null import tied_p
from simulator.analysis.untied_null import exact_untied_p, mid_untied_p
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import SMALLEST_ARM


@kernel
def asymptotic_p(
    u2: int, m: int, n: int, tie_sum: int, continuity: bool, alternative: int
) -> float:
    """Return the normal p-value with tie-corrected variance, as R's wilcox.test(exact=FALSE).

    Parameters
    ----------
    u2 : twice the U of the treated arm.
    tie_sum : sum of t^3 - t over the tied groups of the pooled sample.
    continuity : move U half a step towards its mean.

    Returns
    -------
    NaN where all values are equal (variance zero) or an arm is empty.
    """
    total = float(m + n)
    if m < 1 or n < 1:
        return math.nan
    variance = m * n / 12.0 * ((total + 1.0) - tie_sum / (total * (total - 1.0)))
    if variance <= 1e-9 * m * n:  # rounding only: with one value apart it is already mn/4
        return math.nan
    gap = 0.5 * (u2 - m * n)
    half = 0.5 if continuity else 0.0
    scale = 1.0 / math.sqrt(2.0 * variance)
    if alternative == GREATER:
        return 0.5 * math.erfc((gap - half) * scale)
    if alternative == LESS:
        return 0.5 * math.erfc(-(gap + half) * scale)
    return min(1.0, math.erfc(max(abs(gap) - half, 0.0) * scale))


@kernel
def p_value(
    u2: int,
    m: int,
    n: int,
    tie_sum: int,
    tie_counts: Ints,
    method: int,
    alternative: int,
    convention: int,
    continuity: bool,
    tails: Floats,
) -> float:
    """Return the p-value of one data set by any method.

    ``tie_counts`` is read only by the exact methods with ties and ``tails`` only without ties;
    elsewhere an empty array will do.

    Returns
    -------
    NaN where an arm has fewer than 2 animals or all values are equal.
    """
    if m < SMALLEST_ARM or n < SMALLEST_ARM:
        return math.nan
    if is_exact(m, n, tie_sum, method):
        mid = method == MIDP
        if tie_sum > 0:
            return tied_p(tie_counts, m, u2, convention, alternative, mid)
        if mid:
            return mid_untied_p(u2, m, n, tails, alternative, convention)
        return exact_untied_p(u2, m, n, tails, alternative)
    return asymptotic_p(u2, m, n, tie_sum, continuity, alternative)
