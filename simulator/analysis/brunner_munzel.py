"""Brunner & Munzel's test of the relative effect: no equal spread assumed, ties allowed.

Brunner & Munzel (2000), Biometrical Journal 42: 17-25. The statistic, from whole numbers only:
a value's doubled placement is twice the values of the other arm below it plus those equal to it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy.typing as npt

from simulator.analysis.kernel_types import Floats
from simulator.analysis.mann_whitney import count_pairs
from simulator.analysis.null_codes import ALTERNATIVE_CODES, GREATER, LESS
from simulator.analysis.pair import PairTest, ordered, why_no_test
from simulator.analysis.student_t import student_t_tail
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import SMALLEST_ARM

METHOD = "brunner-munzel t"
METHOD_SEPARATED = "permutation (complete separation)"
SEPARATED = (
    "complete separation: the Brunner-Munzel statistic is infinite; p is that of its permutation "
    "version"
)


@dataclass(frozen=True)
class BrunnerMunzel(PairTest):
    """One test.

    Attributes
    ----------
    statistic : positive where the treated values tend to be larger; infinite under complete
        separation, None without a test.
    df : Satterthwaite's degrees of freedom; None where the statistic is None or infinite.
    """

    statistic: float | None = None
    df: float | None = None


@kernel
def placements(treated: Floats, control: Floats) -> tuple[int, int, int]:
    """Return twice U of the treated arm, and both arms' sums of squared doubled placements.

    Parameters
    ----------
    treated, control : shape (m,) and (n,), sorted ascending, no NaN; infinities are allowed.
    """
    m, n = treated.size, control.size
    u2 = squares_treated = squares_control = 0
    i = j = 0
    while i < m or j < n:
        value = treated[i] if j >= n or (i < m and treated[i] <= control[j]) else control[j]
        first_i, first_j = i, j
        while i < m and treated[i] == value:
            i += 1
        while j < n and control[j] == value:
            j += 1
        of_treated, of_control = first_j + j, first_i + i  # doubled placements of this value
        u2 += (i - first_i) * of_treated
        squares_treated += (i - first_i) * of_treated * of_treated
        squares_control += (j - first_j) * of_control * of_control
    return u2, squares_treated, squares_control


@kernel
def spreads(u2: int, squares_treated: int, squares_control: int, m: int, n: int) -> tuple[int, int]:
    """Return both arms' placement variances times 4 m (m - 1) and 4 n (n - 1): whole numbers."""
    mirrored = 2 * m * n - u2  # sum of the control arm's doubled placements
    return m * squares_treated - u2 * u2, n * squares_control - mirrored * mirrored


@kernel
def separation_p(m: int, n: int, larger: bool, alternative: int) -> float:
    """Return the permutation p of complete separation: 1/C(m+n, m), twice that two-sided.

    Parameters
    ----------
    larger : every treated value is larger than every control value.
    """
    if (alternative == GREATER and not larger) or (alternative == LESS and larger):
        return 1.0
    p = 1.0
    for i in range(1, m + 1):
        p *= i / (n + i)
    return p if alternative in (GREATER, LESS) else min(1.0, 2.0 * p)


@kernel
def brunner_munzel_t(
    u2: int, squares_treated: int, squares_control: int, m: int, n: int
) -> tuple[float, float]:
    """Return the statistic and Satterthwaite's degrees of freedom.

    T = (2U - mn) / sqrt(A/(m - 1) + B/(n - 1)) with the two `spreads` A, B;
    df = (a + b)^2 / (a^2/(m - 1) + b^2/(n - 1)) with a = A/(m - 1), b = B/(n - 1).

    Returns
    -------
    Infinite statistic (df NaN) under complete separation; NaN, NaN where all values are equal or
    an arm has fewer than 2 animals.
    """
    if m < SMALLEST_ARM or n < SMALLEST_ARM:
        return math.nan, math.nan
    whole_a, whole_b = spreads(u2, squares_treated, squares_control, m, n)
    gap = float(u2 - m * n)
    if whole_a == 0 and whole_b == 0:  # only then: separated, or all values equal
        return (math.copysign(math.inf, gap) if gap != 0.0 else math.nan), math.nan
    a, b = whole_a / (m - 1.0), whole_b / (n - 1.0)
    df = (a + b) ** 2 / (a * a / (m - 1.0) + b * b / (n - 1.0))
    return gap / math.sqrt(a + b), df


@kernel
def brunner_munzel_of_sums(
    u2: int, squares_treated: int, squares_control: int, m: int, n: int, alternative: int
) -> float:
    """Return the p-value from the three sums of `placements`."""
    t, df = brunner_munzel_t(u2, squares_treated, squares_control, m, n)
    if math.isnan(t):
        return math.nan
    if math.isinf(t):
        return separation_p(m, n, t > 0.0, alternative)
    if alternative == GREATER:
        return student_t_tail(t, df)
    if alternative == LESS:
        return student_t_tail(-t, df)
    return 2.0 * student_t_tail(abs(t), df)


@kernel
def brunner_munzel_p(treated: Floats, control: Floats, alternative: int) -> float:
    """Return the p-value of Brunner & Munzel's test by the t approximation.

    Parameters
    ----------
    treated, control : shape (m,) and (n,), sorted ascending, no NaN; infinities are allowed.
    alternative : 0 two-sided, 1 greater (treated larger), -1 less.

    Returns
    -------
    Under complete separation (no variance, the statistic infinite) the p of the permutation
    version, whose most extreme outcome this is: 1/C(m+n, m), twice that two-sided. NaN where an
    arm has fewer than 2 animals or all values are equal.
    """
    u2, squares_treated, squares_control = placements(treated, control)
    return brunner_munzel_of_sums(
        u2, squares_treated, squares_control, treated.size, control.size, alternative
    )


def brunner_munzel(
    treated: npt.ArrayLike, control: npt.ArrayLike, *, alternative: str = "two-sided"
) -> BrunnerMunzel:
    """Test whether the relative effect P(X<Y) + P(X=Y)/2 differs from 1/2.

    Parameters
    ----------
    treated, control : shape (m,) and (n,); NaN is missing and dropped; -inf and inf rank lowest
        and highest (values below or above the range of an assay).
    alternative : two-sided, greater (treated larger) or less.

    Raises
    ------
    ValueError : an unknown alternative.

    Examples
    --------
    >>> found = brunner_munzel([3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4],
    ...                        [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1])
    >>> round(found.statistic, 4), round(found.p_value, 4)
    (3.1375, 0.0058)
    """
    return of_sorted(ordered(treated), ordered(control), alternative=alternative)


def of_sorted(treated: Floats, control: Floats, *, alternative: str) -> BrunnerMunzel:
    """Return `brunner_munzel` of samples already sorted and free of NaN."""
    if alternative not in ALTERNATIVE_CODES:
        allowed = ", ".join(ALTERNATIVE_CODES)
        raise ValueError(f'unknown alternative "{alternative}"; allowed: {allowed}')
    m, n = treated.size, control.size
    u2, tie_sum, tie_counts = count_pairs(treated, control)
    note = why_no_test(m, n, len(tie_counts))
    if note:
        return BrunnerMunzel(u2 / 2 if m and n else None, None, None, None, m, n, tie_sum, note)
    t, df = brunner_munzel_t(*placements(treated, control), m, n)
    p = brunner_munzel_p(treated, control, ALTERNATIVE_CODES[alternative])
    if math.isinf(t):
        return BrunnerMunzel(u2 / 2, p, METHOD_SEPARATED, None, m, n, tie_sum, SEPARATED, t, None)
    return BrunnerMunzel(u2 / 2, p, METHOD, None, m, n, tie_sum, "", t, df)
