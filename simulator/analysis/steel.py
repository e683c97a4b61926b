"""Steel's comparison of several treated arms with one control, adjusted as a family.

Steel (1959), Biometrics 15: 560-572: each treated arm is ranked with the control alone, its
Wilcoxon statistic standardised (variance corrected for ties, no continuity correction),

    z_i = (U_i - n_i n_0 / 2) / sd(U_i),

and held against the null distribution of the largest of them, max |z_i| two-sided, max z_i for
greater, max -z_i for less: one step, strong control. That distribution is found by relabeling
the animals of all arms (exact; which: `relabelings`), or as multivariate normal (asymptotic) in
`steel_normal`. A z that does not exist, of an arm below 2 animals or equal to its control in all
values, is NaN and left out of the maximum.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.analysis.data_seed import data_seed, ordered_labels
from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_codes import GREATER, LESS
from simulator.analysis.relabelings import (
    UNTIED_RELABELINGS,
    UNTIED_SEED,
    complete_count,
    random_list,
    set_labels,
    share,
)
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import SMALLEST_ARM

#: Two maxima this close are equal: different sizes can give one z in two roundings.
_TOLERANCE = 1e-12


@kernel
def steel_z(u2: int, m: int, n: int, tie_sum: int) -> float:
    """Return the standardised U of one treated arm, NaN where it has none.

    Parameters
    ----------
    u2 : twice the U of the treated arm.
    m, n : animals of the treated and the control arm.
    tie_sum : sum of t^3 - t over the tied groups of these two arms.
    """
    if m < SMALLEST_ARM or n < SMALLEST_ARM:
        return math.nan
    total = float(m + n)
    variance = m * n / 12.0 * ((total + 1.0) - tie_sum / (total * (total - 1.0)))
    if variance <= 1e-9 * m * n:  # rounding only: with one value apart it is already mn/4
        return math.nan
    return 0.5 * (u2 - m * n) / math.sqrt(variance)


@kernel
def directed(z: float, alternative: int) -> float:
    """Return the z whose large values speak against the null hypothesis."""
    if alternative == GREATER:
        return z
    if alternative == LESS:
        return -z
    return abs(z)


@kernel
def testable_sizes(sizes: Ints) -> Ints:
    """Return the sizes with 0 for each treated arm below 2 animals: it has no test.

    Parameters
    ----------
    sizes : shape (1 + k,), animals per arm, control first.
    """
    usable = sizes.copy()
    for arm in range(1, sizes.size):
        if sizes[arm] < SMALLEST_ARM:
            usable[arm] = 0
    return usable


@kernel
def _z_into(
    labels: Ints, tie_counts: Ints, sizes: Ints, u2: Ints, ties: Ints, here: Ints, out: Floats
) -> None:
    # z of every treated arm; labels along the pooled sample ascending, 0 is the control
    u2[:] = 0
    ties[:] = 0
    controls = place = 0
    for t in tie_counts:
        if t == 1:
            group = labels[place]
            place += 1
            if group == 0:
                controls += 1
            else:
                u2[group] += 2 * controls
            continue
        here[:] = 0
        for _ in range(t):
            here[labels[place]] += 1
            place += 1
        for arm in range(1, sizes.size):
            u2[arm] += here[arm] * (2 * controls + here[0])
            both = here[arm] + here[0]
            ties[arm] += both * both * both - both
        controls += here[0]
    for arm in range(1, sizes.size):
        out[arm - 1] = steel_z(u2[arm], sizes[arm], sizes[0], ties[arm])


@kernel
def _largest(z: Floats, alternative: int) -> float:
    largest = -math.inf
    for one in z:
        if not math.isnan(one):
            largest = max(largest, directed(one, alternative))
    return largest


@kernel
def relabelings_of(sizes: Ints) -> int:
    """Return how many relabelings an untied family of these sizes is held against.

    Parameters
    ----------
    sizes : shape (1 + k,), animals per arm, control first.
    """
    complete = complete_count(testable_sizes(sizes))
    return complete if complete > 0 else UNTIED_RELABELINGS


@kernel
def steel_untied_into(sizes: Ints, alternative: int, maxima: Floats) -> None:
    """Write the null distribution of the largest z of untied data, ascending.

    It depends on the sizes alone: make it once. `steel_p_of_maxima` reads it.

    Parameters
    ----------
    sizes : shape (1 + k,), animals per arm, control first; treated arms below 2 do not count.
    alternative : 0 two-sided, 1 greater (treated larger), -1 less.
    maxima : shape (`relabelings_of` the sizes,).
    """
    usable = testable_sizes(sizes)
    complete = complete_count(usable)
    tie_counts = np.ones(usable.sum(), dtype=np.int64)
    k = sizes.size
    u2, ties, here = np.empty(k, np.int64), np.empty(k, np.int64), np.empty(k, np.int64)
    z = np.empty(k - 1)
    labels = np.empty(tie_counts.size, dtype=np.int64)
    for relabeling in range(maxima.size):
        set_labels(usable, UNTIED_SEED, relabeling, complete, labels)
        _z_into(labels, tie_counts, usable, u2, ties, here, z)
        maxima[relabeling] = _largest(z, alternative)
    maxima.sort()


@kernel
def _lowest(z: float, alternative: int) -> float:
    # what still counts as at least this z
    value = directed(z, alternative)
    return value - _TOLERANCE * abs(value)


@kernel
def steel_p_of_maxima(z: float, maxima: Floats, complete: bool, alternative: int) -> float:
    """Return the adjusted p of one z, NaN of NaN.

    Parameters
    ----------
    maxima : null distribution of the largest z, ascending.
    complete : whether it is that of all relabelings.
    """
    if math.isnan(z):
        return math.nan
    count = maxima.size
    at_least = count - int(np.searchsorted(maxima, _lowest(z, alternative), side="left"))
    return share(at_least, count if complete else 0, count)


@kernel
def steel_permutation_into(
    pooled: Floats, sizes: Ints, alternative: int, resamples: int, out: Floats
) -> None:
    """Write the adjusted p of every treated arm, from relabelings given the ties.

    Parameters
    ----------
    pooled : values of all arms, arm after arm, control first, in any order within an arm; no
        NaN, infinities are allowed.
    sizes, alternative : as for `steel_untied_into`.
    resamples : random relabelings of tied data, where all are more than
        `COMPLETE_RELABELINGS`; an untied family gets those of `steel_untied_into`, anew.
    out : shape (k,), adjusted p, NaN where an arm has no test.
    """
    usable = testable_sizes(sizes)
    out[:] = math.nan
    if sizes[0] < SMALLEST_ARM or usable.sum() == sizes[0]:
        return
    values = np.empty(usable.sum())
    place = start = 0
    for arm in range(sizes.size):
        values[place : place + usable[arm]] = pooled[start : start + usable[arm]]
        place += usable[arm]
        start += sizes[arm]
    labels, tie_counts = ordered_labels(values, usable)
    k = sizes.size
    u2, ties, here = np.empty(k, np.int64), np.empty(k, np.int64), np.empty(k, np.int64)
    z, low = np.empty(k - 1), np.empty(k - 1)
    _z_into(labels, tie_counts, usable, u2, ties, here, z)
    for arm in range(k - 1):
        low[arm] = _lowest(z[arm], alternative)  # NaN stays NaN
    complete = complete_count(usable)
    drawn, seed = random_list(tie_counts, resamples, data_seed(labels, tie_counts, k))
    at_least = np.zeros(k - 1, dtype=np.int64)
    again = np.empty(k - 1)
    for relabeling in range(complete if complete > 0 else drawn):
        set_labels(usable, seed, relabeling, complete, labels)
        _z_into(labels, tie_counts, usable, u2, ties, here, again)
        largest = _largest(again, alternative)
        for arm in range(k - 1):
            at_least[arm] += largest >= low[arm]
    for arm in range(k - 1):
        if not math.isnan(z[arm]):
            out[arm] = share(at_least[arm], complete, drawn)
