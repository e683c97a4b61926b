"""Mann-Whitney's U test of two samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.analysis.kernel_types import Floats, Ints
from simulator.analysis.mann_whitney_p import p_value
from simulator.analysis.null_codes import (
    ALTERNATIVE_CODES,
    CONVENTION_CODES,
    METHOD_CODES,
    MIDP,
    TWO_SIDED,
    is_exact,
)
from simulator.analysis.pair import PairTest, ordered, why_no_test
from simulator.analysis.untied_null import untied_tails
from simulator.compiled import kernel

#: Most animals in one exact comparison: beyond it the exact table takes seconds and the normal
#: approximation is no longer told apart from it.
LARGEST_EXACT = 400

_NO_TAILS: Floats = np.zeros(0)


@dataclass(frozen=True)
class MannWhitney(PairTest):
    """One test: by ``exact``, ``mid-p`` or ``asymptotic``, as used on this data set.

    The convention is named where it can matter: mid-p, and exact with ties.
    """


@kernel
def count_pairs(treated: Floats, control: Floats) -> tuple[int, int, Ints]:
    """Return twice U of the treated arm, the tie sum and the tie counts of the pooled sample.

    Parameters
    ----------
    treated, control : shape (m,) and (n,), sorted ascending, no NaN; infinities are allowed.
    """
    m, n = treated.size, control.size
    counts = np.empty(m + n, dtype=np.int64)
    groups = 0
    u2 = 0
    tie_sum = 0
    i = j = 0
    while i < m or j < n:
        value = treated[i] if j >= n or (i < m and treated[i] <= control[j]) else control[j]
        first_i, first_j = i, j
        while i < m and treated[i] == value:
            i += 1
        while j < n and control[j] == value:
            j += 1
        u2 += (i - first_i) * (2 * first_j + (j - first_j))
        t = i - first_i + j - first_j
        tie_sum += t * t * t - t
        counts[groups] = t
        groups += 1
    return u2, tie_sum, counts[:groups]


def check_options(*, method: str, alternative: str, convention: str) -> None:
    """Raise ValueError for an unknown method, alternative or convention."""
    for what, value, codes in (
        ("method", method, METHOD_CODES),
        ("alternative", alternative, ALTERNATIVE_CODES),
        ("convention", convention, CONVENTION_CODES),
    ):
        if value not in codes:
            raise ValueError(f'unknown {what} "{value}"; allowed: {", ".join(codes)}')


def mann_whitney(
    treated: npt.ArrayLike,
    control: npt.ArrayLike,
    *,
    method: str = "auto",
    alternative: str = "two-sided",
    convention: str = "far-tail",
    continuity: bool = True,
) -> MannWhitney:
    """Test whether treated values tend to be larger or smaller than control values.

    Parameters
    ----------
    treated, control : shape (m,) and (n,); NaN is missing and dropped; -inf and inf rank lowest
        and highest (values below or above the range of an assay).
    method : auto: exact without ties while both arms are below 50, else normal with tie
        correction, as R's wilcox.test; exact: conditional on the ties; mid-p: exact, but what
        is exactly as extreme as the observed U counts half (less conservative, and no longer
        guaranteed to keep its level); asymptotic.
    alternative : two-sided, greater (treated larger) or less.
    convention : two-sided exact p with ties, far-tail or doubling.
    continuity : continuity correction of the normal approximation.

    Raises
    ------
    ValueError : an unknown option.

    Examples
    --------
    >>> mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12]).u
    17.0
    >>> round(mann_whitney([19, 22, 16, 29, 24], [20, 11, 17, 12]).p_value, 4)
    0.1111
    """
    check_options(method=method, alternative=alternative, convention=convention)
    return of_sorted(
        ordered(treated),
        ordered(control),
        method=method,
        alternative=alternative,
        convention=convention,
        continuity=continuity,
    )


def of_sorted(
    treated: Floats,
    control: Floats,
    *,
    method: str,
    alternative: str,
    convention: str,
    continuity: bool,
) -> MannWhitney:
    """Return `mann_whitney` of samples already sorted and free of NaN, options checked."""
    m, n = treated.size, control.size
    if m == 0 or n == 0:
        return MannWhitney(None, None, None, None, m, n, 0, why_no_test(m, n, 0))
    u2, tie_sum, tie_counts = count_pairs(treated, control)
    exact = is_exact(m, n, tie_sum, METHOD_CODES[method])
    note = why_no_test(m, n, len(tie_counts))
    if not note and exact and m + n > LARGEST_EXACT:
        note = f"{m} v {n} is too large for the exact method (at most {LARGEST_EXACT} in all)"
    if note:
        return MannWhitney(u2 / 2, None, None, None, m, n, tie_sum, note)
    p = p_value(
        u2,
        m,
        n,
        tie_sum,
        tie_counts,
        METHOD_CODES[method],
        ALTERNATIVE_CODES[alternative],
        CONVENTION_CODES[convention],
        continuity,
        untied_tails(m, n) if exact and tie_sum == 0 else _NO_TAILS,
    )
    if math.isnan(p):  # the kernel refuses exactly what the note explains
        raise AssertionError(f"no p-value for {m} v {n} with {len(tie_counts)} distinct values")
    # without ties the conventions differ for mid-p alone, at the mean of U
    skew = exact and (tie_sum > 0 or METHOD_CODES[method] == MIDP)
    skew = skew and ALTERNATIVE_CODES[alternative] == TWO_SIDED
    return MannWhitney(
        u2 / 2,
        p,
        _name(METHOD_CODES[method], exact=exact),
        convention if skew else None,
        m,
        n,
        tie_sum,
    )


def _name(method: int, *, exact: bool) -> str:
    if method == MIDP:
        return "mid-p"
    return "exact" if exact else "asymptotic"
