"""From an analysis plan to the numbers that the comparing kernel works with."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.null_distribution import (
    ALTERNATIVE_CODES,
    ASYMPTOTIC,
    AUTO_EXACT_BELOW,
    CONVENTION_CODES,
    METHOD_CODES,
    SMALLEST_ARM,
    TWO_SIDED,
    p_value,
    untied_tails,
)
from simulator.compiled import kernel
from simulator.evaluation.by_sample import MANN_WHITNEY, TEST_CODES
from simulator.evaluation.comparing import Rules, level_of
from simulator.scenario.analysis_plan import TestSpec


def rules_of(
    spec: TestSpec, thresholds: Floats, sizes_x: Ints, sizes_y: Ints, *, losses: bool
) -> Rules:
    """Return how the comparisons of one family are tested.

    Parameters
    ----------
    thresholds : falling, of the family.
    sizes_x, sizes_y : shape (C, K), animals of the treated and control arm at each n.
    losses : animals may be lost, so that any smaller number can be left.
    """
    alternative = ALTERNATIVE_CODES[spec.alternative]
    sides = 2.0 if alternative == TWO_SIDED else 1.0
    test, method = TEST_CODES[spec.test], METHOD_CODES[spec.method]
    table, offsets = np.zeros(0, dtype=np.uint16), np.full((1, 1), -1, dtype=np.int64)
    if test == MANN_WHITNEY and method != ASYMPTOTIC:
        pairs = _pairs(sizes_x, sizes_y, losses=losses)
        parts = []
        if pairs:
            offsets = np.full((max(max(pair) for pair in pairs) + 1,) * 2, -1, dtype=np.int64)
        start = 0
        for m, n in pairs:
            found = np.empty(m * n + 1, dtype=np.uint16)
            _untied_levels(
                m,
                n,
                method,
                alternative,
                CONVENTION_CODES[spec.convention],
                untied_tails(m, n),
                thresholds,
                found,
            )
            offsets[m, n] = start
            start += found.size
            parts.append(found)
        table = np.concatenate(parts) if parts else table
    return Rules(
        test=test,
        method=method,
        alternative=alternative,
        convention=CONVENTION_CODES[spec.convention],
        continuity=spec.continuity,
        resamples=spec.resamples,
        thresholds=thresholds,
        critical=-ndtri(thresholds / sides),
        table=table,
        offsets=offsets,
    )


def _pairs(sizes_x: Ints, sizes_y: Ints, *, losses: bool) -> list[tuple[int, int]]:
    """Return the sizes that can be compared and for which a table is worth its memory."""
    pairs = set(zip(sizes_x.ravel().tolist(), sizes_y.ravel().tolist(), strict=True))
    if losses:  # any number of animals may be left
        m, n = (min(int(sizes.max()), AUTO_EXACT_BELOW) for sizes in (sizes_x, sizes_y))
        pairs = {(i, j) for i in range(m + 1) for j in range(n + 1)}
    # beyond these auto is asymptotic, and exact can do without a table
    return sorted(p for p in pairs if SMALLEST_ARM <= min(p) and max(p) < AUTO_EXACT_BELOW)


@kernel
def _untied_levels(
    m: int,
    n: int,
    method: int,
    alternative: int,
    convention: int,
    tails: Floats,
    thresholds: Floats,
    found: Ints,
) -> None:
    """Write the level of every U of m v n animals without ties; ``found`` is uint16, (mn + 1,)."""
    no_ties = np.empty(0, dtype=np.int64)
    for u in range(m * n + 1):
        p = p_value(2 * u, m, n, 0, no_ties, method, alternative, convention, True, tails)
        found[u] = level_of(p, thresholds)
