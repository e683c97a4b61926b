"""Designs that can never succeed, whatever the effect: the smallest p that can come out."""

from __future__ import annotations

import math
from collections.abc import Mapping

from simulator.analysis.multiplicity import rejects
from simulator.analysis.null_distribution import (
    ALTERNATIVE_CODES,
    ASYMPTOTIC,
    AUTO_EXACT_BELOW,
    METHOD_CODES,
    SMALLEST_ARM,
    asymptotic_p,
)
from simulator.scenario.analysis_plan import AnalysisPlan


def smallest_p(plan: AnalysisPlan, *, m: int, n: int) -> float:
    """Return the smallest p-value m treated and n control animals can give without ties.

    Exact: 1/C(m+n, m), twice that two-sided; asymptotic: that of complete separation. 1 where
    an arm is too small for any test.
    """
    if min(m, n) < SMALLEST_ARM:
        return 1.0
    exact = METHOD_CODES[plan.method] != ASYMPTOTIC
    if plan.method == "auto":
        exact = m < AUTO_EXACT_BELOW and n < AUTO_EXACT_BELOW
    if exact:
        sides = 2 if plan.alternative == "two-sided" else 1
        return min(1.0, sides / math.comb(m + n, m))
    code = ALTERNATIVE_CODES[plan.alternative]
    best = 0 if plan.alternative == "less" else 2 * m * n
    return float(asymptotic_p(best, m, n, 0, plan.continuity, code))


def first_threshold(plan: AnalysisPlan, family: str) -> tuple[float, str]:
    """Return the level the family's smallest p is held against, and how to say it.

    Bonferroni, Holm: alpha/k. Hochberg and bh reject at alpha where all p are small, a fixed
    sequence tests its first comparison at alpha.
    """
    wanted = plan.families[family]
    k = len(plan.comparisons_of(family))
    if wanted.adjust in ("bonferroni", "holm") and k > 1:
        return wanted.alpha / k, f"{wanted.alpha:g}/{k} ({wanted.adjust})"
    return wanted.alpha, f"{wanted.alpha:g}"


def hopeless(plan: AnalysisPlan, family: str, *, sizes: Mapping[str, int]) -> str | None:
    """Say why no data can be significant anywhere in the family, or None where some can.

    Ties can make the normal p of ``auto`` smaller than the smallest untied exact p, so with
    ``auto`` this is about data without ties.

    Parameters
    ----------
    sizes : animals per arm.
    """
    threshold, words = first_threshold(plan, family)
    best, m, n = min(
        (
            smallest_p(plan, m=sizes[c.treated], n=sizes[c.control]),
            sizes[c.treated],
            sizes[c.control],
        )
        for c in plan.comparisons_of(family)
    )
    if rejects(best, threshold):
        return None
    ties = " without ties" if plan.method == "auto" else ""
    return (
        f"with {m} v {n} animals the smallest p{ties} is {best:.3g}, above the first "
        f"threshold {words}: significance is out of reach whatever the effect"
    )
