"""From an analysis plan to the numbers that the kernels work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from simulator.analysis.kernel_types import Bools, Floats, Ints, Levels
from simulator.analysis.null_codes import (
    ALTERNATIVE_CODES,
    ASYMPTOTIC,
    CONVENTION_CODES,
    METHOD_CODES,
    MIDP,
    TWO_SIDED,
)
from simulator.analysis.permutation import permutation_untied
from simulator.analysis.steel_family import steel_untied
from simulator.analysis.trend import TREND_CODES, TREND_METHOD_CODES, is_exact_trend
from simulator.analysis.trend_null import kept_tail
from simulator.analysis.untied_null import exact_untied_p, mid_untied_p, untied_tails
from simulator.compiled import kernel
from simulator.evaluation.decisions.comparing import (
    MANN_WHITNEY,
    PERMUTATION,
    TEST_CODES,
    Rules,
)
from simulator.evaluation.decisions.thresholds import level_of
from simulator.evaluation.decisions.trending import TrendRules
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW, SMALLEST_ARM, TestSpec, Trend


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
    pairs = possible_pairs(sizes_x, sizes_y, losses=losses)
    exact = test == MANN_WHITNEY and method != ASYMPTOTIC
    convention = CONVENTION_CODES[spec.convention]
    table, offsets = _level_table(
        pairs if exact else [], method, alternative, convention, thresholds
    )
    distribution, starts, lengths, complete = _permutation_tables(
        pairs if test == PERMUTATION else []
    )
    return Rules(
        test=test,
        method=method,
        alternative=alternative,
        convention=convention,
        continuity=spec.continuity,
        resamples=spec.resamples,
        thresholds=thresholds,
        critical=-ndtri(thresholds / sides),
        table=table,
        offsets=offsets,
        distribution=distribution,
        starts=starts,
        lengths=lengths,
        complete=complete,
    )


def trend_rules(trend: Trend, sizes: Ints, *, resamples: int) -> TrendRules:
    """Return how a trend is tested.

    Parameters
    ----------
    sizes : shape (arms, K), animals per arm at each n.
    """
    method = TREND_METHOD_CODES[trend.method]
    parts = [np.zeros(0)]
    starts = [0]
    for column in sizes.T:
        if column.size > 1 and is_exact_trend(int(column.sum()), 0, method):
            parts.append(kept_tail(tuple(column.tolist())))
        else:
            parts.append(np.zeros(0))
        starts.append(starts[-1] + parts[-1].size)
    return TrendRules(
        method=method,
        alternative=TREND_CODES[trend.alternative],
        resamples=resamples,
        thresholds=np.array([trend.alpha]),
        tails=np.concatenate(parts),
        starts=np.array(starts, dtype=np.int64),
    )


@dataclass(frozen=True)
class SteelTables:
    """Null distributions of a family's largest z without ties or losses.

    Attributes
    ----------
    maxima, starts : at the k-th n ``maxima[starts[k]:starts[k + 1]]``, ascending.
    complete : shape (K,), whether it is that of all relabelings.
    """

    maxima: Floats
    starts: Ints
    complete: Bools


def steel_tables(spec: TestSpec, sizes: Ints) -> SteelTables:
    """Return the tables of a family adjusted by Steel's method.

    Parameters
    ----------
    sizes : shape (1 + k, K), animals per arm at each n, the control first.
    """
    parts, starts, complete = [np.zeros(0)], [0], []
    for column in sizes.T:
        found, whole = np.zeros(0), False
        if spec.method != "asymptotic" and column[0] >= SMALLEST_ARM:
            arms = tuple(column.tolist())
            found, whole = steel_untied(arms, ALTERNATIVE_CODES[spec.alternative])
        parts.append(found)
        complete.append(whole)
        starts.append(starts[-1] + found.size)
    return SteelTables(
        np.concatenate(parts), np.array(starts, dtype=np.int64), np.array(complete, dtype=np.bool_)
    )


def _square(pairs: Sequence[tuple[int, int]], fill: int) -> Ints:
    """Return a table with a place for every pair of sizes."""
    largest = max((max(pair) for pair in pairs), default=0)
    return np.full((largest + 1, largest + 1), fill, dtype=np.int64)


def _level_table(
    pairs: Sequence[tuple[int, int]],
    method: int,
    alternative: int,
    convention: int,
    thresholds: Floats,
) -> tuple[Levels, Ints]:
    """Return the levels of every U without ties, and where those of each pair begin."""
    offsets = _square(pairs, -1)
    parts = [np.zeros(0, dtype=np.uint16)]
    start = 0
    for m, n in pairs:
        found = np.empty(m * n + 1, dtype=np.uint16)
        tails = untied_tails(m, n)
        _untied_levels(m, n, method, alternative, convention, tails, thresholds, found)
        offsets[m, n] = start
        start += found.size
        parts.append(found)
    return np.concatenate(parts), offsets


def _permutation_tables(pairs: Sequence[tuple[int, int]]) -> tuple[Floats, Ints, Ints, Ints]:
    """Return the distributions without ties, their starts and lengths, and which are complete."""
    starts, lengths, whole = (_square(pairs, 0) for _ in range(3))
    parts = [np.zeros(0)]
    start = 0
    for m, n in pairs:
        found, complete = permutation_untied(m, n)
        starts[m, n], lengths[m, n], whole[m, n] = start, found.size, complete
        start += found.size
        parts.append(found)
    return np.concatenate(parts), starts, lengths, whole


def possible_pairs(sizes_x: Ints, sizes_y: Ints, *, losses: bool) -> list[tuple[int, int]]:
    """Return the sizes that can be compared and for which a table is worth its memory."""
    pairs = set(zip(sizes_x.ravel().tolist(), sizes_y.ravel().tolist(), strict=True))
    if losses:  # any number of animals may be left
        m, n = (min(int(sizes.max()), AUTO_EXACT_BELOW) for sizes in (sizes_x, sizes_y))
        pairs = {(i, j) for i in range(m + 1) for j in range(n + 1)}
    # beyond these auto is asymptotic, and exact can do without a table
    return sorted(p for p in pairs if min(p) >= SMALLEST_ARM and max(p) < AUTO_EXACT_BELOW)


@kernel
def _untied_levels(
    m: int,
    n: int,
    method: int,
    alternative: int,
    convention: int,
    tails: Floats,
    thresholds: Floats,
    found: Levels,
) -> None:
    """Write the level of every U of m v n animals without ties; ``found`` has shape (mn + 1,)."""
    for u in range(m * n + 1):
        if method == MIDP:
            p = mid_untied_p(2 * u, m, n, tails, alternative, convention)
        else:
            p = exact_untied_p(2 * u, m, n, tails, alternative)
        found[u] = level_of(p, thresholds)
