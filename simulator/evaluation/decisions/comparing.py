"""One comparison at every n in all replicates: from values to levels.

Almost every decision follows from U and the ties alone: without ties by a look-up, with ties by
holding U against a critical value. Where rounding could decide, and where the exact
distribution depends on the ties, the analysis' own p-value is computed. So a level is always
that of the p-value which the bench analysis gives the same data.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simulator.analysis.kernel_types import Floats, Ints, Levels, Shorts
from simulator.analysis.mann_whitney_p import asymptotic_p
from simulator.analysis.null_codes import ASYMPTOTIC, AUTO, GREATER, LESS, is_exact
from simulator.compiled import kernel
from simulator.evaluation.decisions.growing import join
from simulator.evaluation.decisions.thresholds import PENDING, UNTESTABLE, level_of
from simulator.scenario.analysis_plan import SMALLEST_ARM

MANN_WHITNEY, BRUNNER_MUNZEL, PERMUTATION = 0, 1, 2
TEST_CODES = {
    "mann_whitney": MANN_WHITNEY,
    "brunner_munzel": BRUNNER_MUNZEL,
    "permutation": PERMUTATION,
}

#: In standard deviations of U. A p-value's last bits and its tolerance of 1e-9 move the critical
#: U by some 1e-9 of them; anything this near is settled by the p-value itself.
_DOUBT = 1e-7


class Rules(NamedTuple):
    """How one comparison is tested, in the analysis' codes.

    Attributes
    ----------
    thresholds : shape (T,), falling, of its family; ``critical`` their normal quantiles.
    table : level of every U without ties: ``table[offsets[m, n] + U]``; there is none where the
        offset is -1 or beyond ``offsets``.
    distribution : of the permutation test without ties, for each m v n ascending from
        ``starts[m, n]`` on, ``lengths[m, n]`` long; 0 where there is none. ``complete`` where
        it is that of all relabelings.
    """

    test: int
    method: int
    alternative: int
    convention: int
    continuity: bool
    resamples: int
    thresholds: Floats
    critical: Floats
    table: Levels
    offsets: Ints
    distribution: Floats
    starts: Ints
    lengths: Ints
    complete: Ints


@kernel
def null_moments(m: Ints, n: Ints, tie_sum: Ints, mean2: Floats, sd: Floats) -> None:
    """Write twice the mean of U without an effect and its standard deviation, tie-corrected.

    All arrays have shape (R,). No number where an arm is empty.
    """
    first_m, first_n = m[0], n[0]
    alike = True
    for r in range(m.size):
        alike &= (m[r] == first_m) & (n[r] == first_n)
    if alike:  # nothing was lost: no division per replicate
        scale, slope = _variance_line(float(first_m), float(first_n))
        for r in range(m.size):
            mean2[r] = first_m * first_n
            sd[r] = math.sqrt(max(0.0, scale - slope * tie_sum[r]))
    else:
        for r in range(m.size):
            scale, slope = _variance_line(float(m[r]), float(n[r]))
            mean2[r] = m[r] * n[r]
            sd[r] = math.sqrt(max(0.0, scale - slope * tie_sum[r]))


@kernel
def _variance_line(m: float, n: float) -> tuple[float, float]:
    """Return the variance of U without ties, and what it loses per unit of tie sum."""
    total = m + n
    twelfth = m * n / 12.0
    return twelfth * (total + 1.0), twelfth / max(1.0, total * (total - 1.0))


@kernel
def normal_levels(
    u2: Ints, mean2: Floats, sd: Floats, rules: Rules, gap: Floats, surely: Ints, perhaps: Ints
) -> None:
    """Write the levels of the normal p-values: ``surely`` at least, ``perhaps`` at most.

    All arrays have shape (R,); ``gap`` is scratch. They mean nothing where no test can be made.
    """
    half = 0.5 if rules.continuity else 0.0
    for r in range(u2.size):
        off = 0.5 * (u2[r] - mean2[r])
        if rules.alternative == GREATER:
            gap[r] = off - half
        elif rules.alternative == LESS:
            gap[r] = -off - half
        else:
            gap[r] = max(abs(off) - half, 0.0)
        surely[r] = 0
        perhaps[r] = 0
    for edge in rules.critical:
        low, high = edge - _DOUBT * (1.0 + abs(edge)), edge + _DOUBT * (1.0 + abs(edge))
        for r in range(u2.size):
            surely[r] += np.int64(gap[r] > high * sd[r])
            perhaps[r] += np.int64(gap[r] >= low * sd[r])


@kernel
def compare(
    x: Floats,
    y: Floats,
    own_x: Shorts,
    own_y: Shorts,
    sizes_x: Ints,
    sizes_y: Ints,
    rules: Rules,
    levels: Levels,
) -> None:
    """Test treated ``x`` against control ``y`` at every n.

    Parameters
    ----------
    x, y : shape (animals, R), NaN where an animal is lost.
    own_x, own_y : of `growing.earlier_equals`.
    sizes_x, sizes_y : shape (K,), animals at the k-th n, not falling.
    levels : shape (K, R), written; ``PENDING`` where the p-value needs the values themselves.
    """
    replicates = x.shape[1]
    m = np.zeros(replicates, dtype=np.int64)
    n = np.zeros(replicates, dtype=np.int64)
    u2 = np.zeros(replicates, dtype=np.int64)
    tie_sum = np.zeros(replicates, dtype=np.int64)
    surely = np.empty(replicates, dtype=np.int64)
    perhaps = np.empty(replicates, dtype=np.int64)
    gap = np.empty(replicates)
    mean2 = np.empty(replicates)
    sd = np.empty(replicates)
    i = j = 0
    for k in range(sizes_x.size):
        while i < sizes_x[k] or j < sizes_y[k]:
            if i < sizes_x[k]:
                join(x[i], own_x[i], y, j, 1, m, n, u2, tie_sum, surely, perhaps)
                i += 1
            if j < sizes_y[k]:
                join(y[j], own_y[j], x, i, -1, n, m, u2, tie_sum, surely, perhaps)
                j += 1
        by_normal = rules.test == MANN_WHITNEY and rules.method == ASYMPTOTIC
        if rules.test == MANN_WHITNEY and rules.method == AUTO:
            for r in range(replicates):
                by_normal |= not is_exact(m[r], n[r], tie_sum[r], AUTO)
        if by_normal:
            null_moments(m, n, tie_sum, mean2, sd)
            normal_levels(u2, mean2, sd, rules, gap, surely, perhaps)
            for r in range(replicates):
                levels[k, r] = surely[r]
        top = 0 if rules.method == ASYMPTOTIC else rules.offsets.shape[0]
        for r in range(replicates):
            start = -1
            if tie_sum[r] == 0 and m[r] < top and n[r] < top:
                start = rules.offsets[m[r], n[r]]
            if start >= 0:
                levels[k, r] = rules.table[start + u2[r] // 2]
                continue
            total = m[r] + n[r]
            if m[r] < SMALLEST_ARM or n[r] < SMALLEST_ARM or tie_sum[r] == total**3 - total:
                levels[k, r] = UNTESTABLE
            elif by_normal and not is_exact(m[r], n[r], tie_sum[r], rules.method):
                if surely[r] < perhaps[r]:
                    p = asymptotic_p(
                        u2[r], m[r], n[r], tie_sum[r], rules.continuity, rules.alternative
                    )
                    levels[k, r] = level_of(p, rules.thresholds)
            else:
                levels[k, r] = PENDING
