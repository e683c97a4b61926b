"""Decision of the studentised permutation test, without its p-value.

A relabeling that was not looked at yet can only raise a count, by one: as soon as all that remain
cannot change how many thresholds the p-value passes, the rest is not looked at.
"""

from __future__ import annotations

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_codes import GREATER, LESS
from simulator.analysis.permutation import bounds, given, signed_square_of
from simulator.analysis.relabelings import complete_count, random_list, set_labels, share
from simulator.compiled import kernel
from simulator.evaluation.decisions.thresholds import UNTESTABLE
from simulator.scenario.analysis_plan import SMALLEST_ARM


@kernel
def _most(threshold: float, sides: int, complete: int, drawn: int) -> int:
    # The largest count whose p passes the threshold, -1 where even 0 does not.
    top = complete if complete > 0 else drawn
    if rejects(1.0, threshold):
        return top
    count = min(top, int(threshold / sides * (top + 1)) + 2)
    while count >= 0 and not rejects(sides * share(count, complete, drawn), threshold):
        count -= 1
    return count


@kernel
def permutation_level(
    treated: Floats, control: Floats, alternative: int, resamples: int, thresholds: Floats
) -> int:
    """Return how many of the falling thresholds the p-value of `permutation_p` passes.

    Parameters
    ----------
    treated, control, alternative, resamples : as for `permutation_p`.
    thresholds : shape (K,), falling; passed as `multiplicity.rejects` says.

    Returns
    -------
    `UNTESTABLE` where the p-value is NaN.
    """
    m, n = treated.size, control.size
    statistic, tie_counts, seed = given(treated, control)
    if m < SMALLEST_ARM or n < SMALLEST_ARM or tie_counts.size < 2:
        return UNTESTABLE
    sizes = np.array([n, m])
    complete = complete_count(sizes)
    drawn, seed = random_list(tie_counts, resamples, seed)
    total = complete if complete > 0 else drawn
    level = thresholds.size
    most = np.empty(level, dtype=np.int64)
    for i in range(level):
        most[i] = _most(thresholds[i], 1 if alternative else 2, complete, drawn)
    labels = np.empty(m + n, dtype=np.int64)
    low, high = bounds(statistic)
    at_least = at_most = 0
    for relabeling in range(total):
        set_labels(sizes, seed, relabeling, complete, labels)
        found = signed_square_of(labels, tie_counts, m, n)
        at_least += found >= low
        at_most += found <= high
        if alternative == GREATER:
            count = at_least
        elif alternative == LESS:
            count = at_most
        else:
            count = min(at_least, at_most)
        while level > 0 and count > most[level - 1]:
            level -= 1
        # the remaining ones raise the smaller of two counts by no more than their number either
        if level == 0 or count + total - 1 - relabeling <= most[level - 1]:
            break
    return level
