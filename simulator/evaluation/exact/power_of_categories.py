"""Power without simulation: every outcome of two discrete distributions, weighed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.analysis.kernel_types import Floats
from simulator.analysis.null_codes import ALTERNATIVE_CODES, CONVENTION_CODES, METHOD_CODES
from simulator.analysis.untied_null import untied_tails
from simulator.evaluation.exact.tie_patterns import weigh_outcomes
from simulator.scenario.analysis_plan import SMALLEST_ARM

#: Tie patterns (and their beginnings) that are enumerated at most: about a minute.
MOST_PATTERNS = 4_000_000
#: Patterns together less likely than this each are left out; what that adds up to is told.
NEGLIGIBLE = 1e-16


@dataclass(frozen=True)
class ExactPower:
    """Probabilities by enumeration.

    Attributes
    ----------
    power : probability of rejecting.
    untestable : probability that no test can be made (all values equal, an arm too small).
    error : most that the outcomes left out as negligible could add to either.
    """

    power: float
    untestable: float
    error: float


def exact_power(
    px: Sequence[float] | Floats, py: Sequence[float] | Floats, *, m: int, n: int, **test: object
) -> float:
    """Return the exact power of the Mann-Whitney test for two discrete distributions.

    The same as :func:`enumerate_power`, whose parameters it takes, without its extras. With
    ``px == py`` this is the attained type I error.

    Examples
    --------
    >>> round(exact_power([0.3, 0.4, 0.2, 0.1], [0.05, 0.15, 0.35, 0.45], m=6, n=6,
    ...                   method="exact"), 6)
    0.345906
    """
    return enumerate_power(px, py, m=m, n=n, **test).power  # type: ignore[arg-type]


def enumerate_power(
    px: Sequence[float] | Floats,
    py: Sequence[float] | Floats,
    *,
    m: int,
    n: int,
    method: str = "auto",
    convention: str = "far-tail",
    alternative: str = "two-sided",
    alpha: float = 0.05,
    continuity: bool = True,
) -> ExactPower:
    """Weigh every outcome of two discrete distributions by its probability and its decision.

    Outcomes are taken together by tie pattern: how many animals share the lowest value that
    occurs, the next, and so on. The pattern decides which U reject, by the analysis' own
    p-value, once for all outcomes that show it. No Monte Carlo, no error but rounding.

    Parameters
    ----------
    px, py : probabilities of the control and of the treated arm over the same categories, low
        to high, each with sum 1.
    m, n : animals in the control and in the treated arm.
    method, convention, alternative, continuity : as in the analysis plan; ``greater`` means
        that the treated arm (``py``) has the larger values.
    alpha : level; rejected when p <= alpha.

    Raises
    ------
    ValueError : probabilities that are none, or more outcomes than can be enumerated.
    """
    control, treated = _probabilities(px), _probabilities(py)
    if control.size != treated.size:
        raise ValueError(f"px has {control.size} categories, py {treated.size}")
    if m < 1 or n < 1:
        raise ValueError("each arm needs at least one animal")
    used = (control > 0) | (treated > 0)
    control, treated = control[used], treated[used]
    if pattern_count(control.size, m + n) > MOST_PATTERNS:
        raise ValueError(
            f"{m} v {n} animals in {control.size} categories are too many to enumerate "
            f"({pattern_count(control.size, m + n):.3g} tie patterns); simulate instead"
        )
    if min(m, n) < SMALLEST_ARM:
        return ExactPower(0.0, 1.0, 0.0)
    power, untestable, left_out = weigh_outcomes(
        control,
        treated,
        m,
        n,
        METHOD_CODES[method],
        ALTERNATIVE_CODES[alternative],
        CONVENTION_CODES[convention],
        continuity,
        np.array(untied_tails(n, m)),
        alpha,
        NEGLIGIBLE,
    )
    return ExactPower(power, untestable, left_out)


def pattern_count(categories: int, animals: int) -> int:
    """Return how many tie patterns of up to ``animals`` in at most ``categories`` there are.

    Compositions of s into k parts: C(s-1, k-1); summed over s that is C(animals, k).
    """
    return sum(math.comb(animals, k) for k in range(1, min(categories, animals) + 1))


def _probabilities(p: Sequence[float] | Floats) -> Floats:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or not values.size or values.min() < 0 or abs(values.sum() - 1) > 1e-9:
        raise ValueError("category probabilities must not be negative and must sum to 1")
    return values
