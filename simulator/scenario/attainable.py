"""What a plan can attain whatever the data: its smallest p, and what that is held against."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from simulator.scenario.analysis_plan import (
    ALPHA_TOLERANCE,
    AUTO_EXACT_BELOW,
    SMALLEST_ARM,
    AnalysisPlan,
    TestSpec,
)

_APPROXIMATIONS = {"mann_whitney": "normal approximation", "brunner_munzel": "t approximation"}


def is_exact(spec: TestSpec, *, m: int, n: int) -> bool:
    """Return whether m v n values without ties are tested by the exact distribution."""
    small = m < AUTO_EXACT_BELOW and n < AUTO_EXACT_BELOW
    return spec.method in ("exact", "mid-p") or (spec.method == "auto" and small)


def smallest_p(spec: TestSpec, *, m: int, n: int) -> float:
    """Return the smallest p-value m treated and n control values can give without ties.

    Mann-Whitney, exact: 1/C(m+n, m), twice that two-sided, mid-p half of it; asymptotic: that of
    complete separation, U = mn with mean mn/2 and variance mn(m+n+1)/12. Permutation: the same
    share of all relabelings (where random ones stand for them, their number can ask for a larger
    p). Brunner-Munzel: the same share for complete separation, or the t of one pair short of it,
    T = (mn - 2)/sqrt(8) with df = 4(m-1)(n-1)/(m+n-2). 1 where an arm is too small for any test.
    """
    if min(m, n) < SMALLEST_ARM:
        return 1.0
    sides = 2 if spec.alternative == "two-sided" else 1
    outcomes = math.comb(m + n, m)
    if spec.test == "brunner_munzel":
        from scipy.special import stdtr

        df = 4 * (m - 1) * (n - 1) / (m + n - 2)
        near = float(stdtr(df, -(m * n - 2) / math.sqrt(8)))
        return min(1.0, sides / outcomes, sides * near)
    if spec.test == "permutation":
        return min(1.0, sides / outcomes)
    if is_exact(spec, m=m, n=n):
        return min(1.0, (0.5 if spec.method == "mid-p" else 1.0) * sides / outcomes)
    gap = m * n / 2 - (0.5 if spec.continuity else 0.0)
    return min(1.0, sides / 2 * math.erfc(gap / math.sqrt(m * n * (m + n + 1) / 6)))


def first_threshold(
    plan: AnalysisPlan, family: str, *, members: int | None = None
) -> tuple[float, str]:
    """Return the level the family's smallest p is held against, and how to say it.

    Bonferroni, Holm: alpha/k. Hochberg and bh reject at alpha where all p are small, a fixed
    sequence tests its first comparison at alpha.

    Parameters
    ----------
    members : comparisons that can be tested, where not all of them can.
    """
    wanted = plan.families[family]
    k = len(plan.comparisons_of(family)) if members is None else members
    if wanted.adjust in ("bonferroni", "holm") and k > 1:
        return wanted.alpha / k, f"{wanted.alpha:g}/{k} ({wanted.adjust})"
    return wanted.alpha, f"{wanted.alpha:g}"


def hopeless(plan: AnalysisPlan, family: str, *, sizes: Mapping[str, int]) -> str | None:
    """Say why no data can be significant anywhere in the family, or None where some can.

    Ties can make the normal p of ``auto`` smaller than the smallest untied exact p, so with
    ``auto`` this is about data without ties. A fixed sequence must begin with its first
    comparison.

    Parameters
    ----------
    sizes : values per arm: animals or cages, as the plan's unit is (`Design.units`).
    """
    compared = plan.comparisons_of(family)
    testable = [c for c in compared if min(sizes[c.treated], sizes[c.control]) >= SMALLEST_ARM]
    threshold, words = first_threshold(plan, family, members=len(testable))
    if plan.families[family].adjust == "fixed-sequence":
        compared = compared[:1]
    spec = plan.spec(family)
    if plan.families[family].adjust == "steel":  # its p is never below that of the pair alone
        spec = replace(spec, continuity=False)
    pairs = [(sizes[c.treated], sizes[c.control]) for c in compared]
    best, m, n = min((smallest_p(spec, m=m, n=n), m, n) for m, n in pairs)
    if best <= threshold * (1 + ALPHA_TOLERANCE):
        return None
    sides = 2 if plan.alternative == "two-sided" else 1
    counted = spec.test == "permutation" or (
        spec.test == "mann_whitney" and is_exact(spec, m=m, n=n)
    )
    halved = " / 2" if spec.method == "mid-p" else ""
    why = f"p = {sides}/C({m + n},{m}){halved}" if counted else _APPROXIMATIONS[spec.test]
    if min(m, n) < SMALLEST_ARM:
        why = f"no test below {SMALLEST_ARM} {plan.unit}s per arm"
    auto = spec.test == "mann_whitney" and spec.method == "auto"
    untied, unless = (" without ties", "unless values are tied, ") if auto else ("", "")
    return (
        f"with {m} v {n} {plan.unit}s the smallest p{untied} is {best:.3g}, above the first "
        f"threshold {words}: {unless}significance is out of reach whatever the effect ({why})"
    )
