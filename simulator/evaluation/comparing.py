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

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_distribution import (
    ASYMPTOTIC,
    AUTO,
    GREATER,
    LESS,
    SMALLEST_ARM,
    asymptotic_p,
    is_exact,
)
from simulator.compiled import kernel
from simulator.evaluation.by_sample import MANN_WHITNEY, sample_p
from simulator.evaluation.growing import join
from simulator.evaluation.thresholds import UNTESTABLE

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
    """

    test: int
    method: int
    alternative: int
    convention: int
    continuity: bool
    resamples: int
    thresholds: Floats
    critical: Floats
    table: Ints
    offsets: Ints


@kernel
def level_of(p: float, thresholds: Floats) -> int:
    """Return how many of the falling thresholds a p-value passes."""
    level = 0
    while level < thresholds.size and rejects(p, thresholds[level]):
        level += 1
    return level


@kernel
def normal_levels(
    u2: Ints,
    m: Ints,
    n: Ints,
    tie_sum: Ints,
    rules: Rules,
    gap: Floats,
    sd: Floats,
    surely: Ints,
    perhaps: Ints,
) -> None:
    """Write the levels of the normal p-values: ``surely`` at least, ``perhaps`` at most.

    All arrays have shape (R,); ``gap`` and ``sd`` are scratch. They mean nothing where no test
    can be made.
    """
    half = 0.5 if rules.continuity else 0.0
    for r in range(u2.size):
        size, other = float(m[r]), float(n[r])
        total = size + other
        pairs = size * other
        ties = tie_sum[r] / (total * (total - 1.0) + 1e-300)
        sd[r] = math.sqrt(max(0.0, pairs / 12.0 * (total + 1.0 - ties)))
        off = 0.5 * (u2[r] - pairs)
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
    own_x: Ints,
    own_y: Ints,
    sizes_x: Ints,
    sizes_y: Ints,
    rules: Rules,
    levels: Ints,
) -> None:
    """Test treated ``x`` against control ``y`` at every n.

    Parameters
    ----------
    x, y : shape (animals, R), NaN where an animal is lost.
    own_x, own_y : of `growing.earlier_equals`.
    sizes_x, sizes_y : shape (K,), animals at the k-th n, not falling.
    levels : shape (K, R), uint16, written.
    """
    replicates = x.shape[1]
    m = np.zeros(replicates, dtype=np.int64)
    n = np.zeros(replicates, dtype=np.int64)
    u2 = np.zeros(replicates, dtype=np.int64)
    tie_sum = np.zeros(replicates, dtype=np.int64)
    surely = np.empty(replicates, dtype=np.int64)
    perhaps = np.empty(replicates, dtype=np.int64)
    gap = np.empty(replicates)
    sd = np.empty(replicates)
    xs, ys = np.empty(x.shape[0]), np.empty(y.shape[0])
    i = j = 0
    for k in range(sizes_x.size):
        while i < sizes_x[k] or j < sizes_y[k]:
            if i < sizes_x[k]:
                join(x[i], own_x[i], y, j, 1, m, n, u2, tie_sum, surely, perhaps)
                i += 1
            if j < sizes_y[k]:
                join(y[j], own_y[j], x, i, -1, n, m, u2, tie_sum, surely, perhaps)
                j += 1
        by_normal = False
        if rules.test == MANN_WHITNEY and (rules.method == AUTO or rules.method == ASYMPTOTIC):
            for r in range(replicates):
                by_normal |= not is_exact(m[r], n[r], tie_sum[r], rules.method)
        if by_normal:
            normal_levels(u2, m, n, tie_sum, rules, gap, sd, surely, perhaps)
        for r in range(replicates):
            total = m[r] + n[r]
            if m[r] < SMALLEST_ARM or n[r] < SMALLEST_ARM or tie_sum[r] == total**3 - total:
                levels[k, r] = UNTESTABLE
            elif by_normal and not is_exact(m[r], n[r], tie_sum[r], rules.method):
                if surely[r] == perhaps[r]:
                    levels[k, r] = surely[r]
                else:
                    p = asymptotic_p(
                        u2[r], m[r], n[r], tie_sum[r], rules.continuity, rules.alternative
                    )
                    levels[k, r] = level_of(p, rules.thresholds)
            else:
                start = -1
                if tie_sum[r] == 0 and max(m[r], n[r]) < rules.offsets.shape[0]:
                    start = rules.offsets[m[r], n[r]]
                if start >= 0:
                    levels[k, r] = rules.table[start + u2[r] // 2]
                else:
                    sorted_values(x, sizes_x[k], r, xs)
                    sorted_values(y, sizes_y[k], r, ys)
                    p = sample_p(
                        xs[: m[r]],
                        ys[: n[r]],
                        u2[r],
                        rules.test,
                        rules.alternative,
                        rules.convention,
                        rules.method,
                        rules.resamples,
                    )
                    levels[k, r] = UNTESTABLE if math.isnan(p) else level_of(p, rules.thresholds)


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
