"""Choices of the test: Mann-Whitney's in its many ways, and other tests of ranks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.analysis.brunner_munzel import brunner_munzel_p
from simulator.analysis.mann_whitney import LARGEST_EXACT
from simulator.analysis.mann_whitney_p import asymptotic_p, p_value
from simulator.analysis.null_codes import (
    ALTERNATIVE_CODES,
    CONVENTION_CODES,
    METHOD_CODES,
    is_exact,
)
from simulator.analysis.pair_tests import pair_test
from simulator.analysis.untied_null import untied_tails
from simulator.auditing.choices.data_set import Company, Contrast, Floats
from simulator.auditing.choices.exact_tails import signed_rank_p, smirnov
from simulator.scenario.analysis_plan import Method, TestSpec

_NO_TAILS: Floats = np.zeros(0)
#: Up to here scipy's mannwhitneyu is exact; where both arms are larger it is not.
_SCIPY_EXACT: Final = 8

PValue = Callable[[Contrast, TestSpec], float]


@dataclass(frozen=True, eq=False)
class TestChoice:
    """A test.

    Attributes
    ----------
    id, words : its name, and what to say of it; empty of the plan's own.
    valid : whether it is a right analysis of the plan's question.
    p_value : of a contrast; of the specification it minds the alternative, and what it names
        itself by. NaN where there is none.
    sided : whether it has one-sided versions.
    company : the arms that it takes together, where it takes more than two.
    """

    __test__ = False  # not a test case of pytest

    id: str
    words: str
    valid: bool
    p_value: PValue
    sided: bool = True
    company: Company | None = None


def _own(contrast: Contrast, spec: TestSpec) -> float:
    if spec.test == "mann_whitney":
        return mann_whitney_p(contrast, spec)
    return _other(contrast, spec)


def _other(contrast: Contrast, spec: TestSpec) -> float:
    p = pair_test(contrast.treated.ordered, contrast.control.ordered, spec).p_value
    return math.nan if p is None else p


def mann_whitney_p(contrast: Contrast, spec: TestSpec) -> float:
    """Return what `analysis.mann_whitney` gives, of counts that are kept; NaN without a test."""
    (m, n), method = contrast.sizes, METHOD_CODES[spec.method]
    if m == 0 or n == 0:
        return math.nan
    u2, tie_sum, tie_counts = contrast.counts
    exact = is_exact(m, n, tie_sum, method)
    if len(tie_counts) == 1 or (exact and m + n > LARGEST_EXACT):
        return math.nan
    return p_value(
        u2,
        m,
        n,
        tie_sum,
        tie_counts,
        method,
        ALTERNATIVE_CODES[spec.alternative],
        CONVENTION_CODES[spec.convention],
        spec.continuity,
        untied_tails(m, n) if exact and tie_sum == 0 else _NO_TAILS,
    )


def _mann_whitney(**changes: object) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:
        return mann_whitney_p(contrast, replace(spec, **changes))  # type: ignore[arg-type]

    return p


def _scipy_auto(contrast: Contrast, spec: TestSpec) -> float:
    (m, n), (_, tie_sum, _) = contrast.sizes, contrast.counts
    exact = tie_sum == 0 and min(m, n) <= _SCIPY_EXACT
    method: Method = "exact" if exact else "asymptotic"
    return mann_whitney_p(contrast, replace(spec, method=method, continuity=True))


def _no_tie_correction(*, continuity: bool) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:
        code = ALTERNATIVE_CODES[spec.alternative]
        return asymptotic_p(contrast.counts[0], *contrast.sizes, 0, continuity, code)

    return p


def _ties_ignored(contrast: Contrast, spec: TestSpec) -> float:
    # scipy.stats.mannwhitneyu(method="exact"): the distribution without ties, and of a U that
    # ends in one half the whole part, of whichever U is looked up.
    (m, n), u2 = contrast.sizes, contrast.counts[0]
    if min(m, n) == 0 or m + n > LARGEST_EXACT:
        return math.nan
    tails = untied_tails(m, n)
    other = 2 * m * n - u2
    if spec.alternative != "two-sided":
        u = (u2 if spec.alternative == "greater" else other) // 2
        return float(tails[m * n - u])
    return min(1.0, 2.0 * float(tails[m * n - max(u2, other) // 2]))


def _brunner_munzel(*, separated: bool) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:
        (m, n), u2 = contrast.sizes, contrast.counts[0]
        if separated and u2 in (0, 2 * m * n):  # an infinite statistic, taken at its word
            larger = spec.alternative == "less" if u2 else spec.alternative == "greater"
            return float(larger)
        code = ALTERNATIVE_CODES[spec.alternative]
        return brunner_munzel_p(contrast.treated.ordered, contrast.control.ordered, code)

    return p


def _permutation(contrast: Contrast, spec: TestSpec) -> float:
    return _other(contrast, replace(spec, test="permutation"))


def _kolmogorov_smirnov(*, ties: bool) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:  # noqa: ARG001 (two-sided)
        m, n = contrast.sizes
        if m == 0 or n == 0:
            return math.nan
        both = np.concatenate([contrast.treated.ordered, contrast.control.ordered])
        gap = np.abs(
            n * np.searchsorted(contrast.treated.ordered, both, side="right")
            - m * np.searchsorted(contrast.control.ordered, both, side="right")
        )
        seen = tuple(contrast.counts[2].tolist()) if ties else (1,) * (m + n)
        return smirnov(int(gap.max()), m, n, seen)

    return p


def _signed_rank(way: str) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:
        treated, control = contrast.treated.recorded, contrast.control.recorded
        if treated.size != control.size:
            return math.nan
        return signed_rank_p(treated - control, spec.alternative, way)

    return p


#: The plan's own test.
OWN: Final = TestChoice("", "", True, _own)

_MW: Final = "the Mann-Whitney test"
RANK_TESTS: Final = (
    TestChoice(
        "r-auto",
        f"{_MW} as R's wilcox.test chooses it (exact without ties below 50, else normal)",
        True,
        _mann_whitney(test="mann_whitney", method="auto", continuity=True),
    ),
    TestChoice(
        "scipy-auto",
        f"{_MW} as scipy's mannwhitneyu chooses it (exact without ties up to 8, else normal)",
        True,
        _scipy_auto,
    ),
    TestChoice(
        "normal",
        f"{_MW} by the normal approximation with tie and continuity correction",
        True,
        _mann_whitney(method="asymptotic", continuity=True),
    ),
    TestChoice(
        "exact-far-tail",
        "the exact Mann-Whitney test, conditional on the ties (far tail)",
        True,
        _mann_whitney(method="exact", convention="far-tail"),
    ),
    TestChoice(
        "exact-doubling",
        "the exact Mann-Whitney test, conditional on the ties (the smaller tail doubled)",
        True,
        _mann_whitney(method="exact", convention="doubling"),
    ),
    TestChoice(
        "mid-p",
        f"{_MW} by the mid-p method",
        False,
        _mann_whitney(method="mid-p", convention="far-tail"),
    ),
    TestChoice(
        "mid-p-doubling",
        f"{_MW} by the mid-p method (the smaller tail doubled)",
        False,
        _mann_whitney(method="mid-p", convention="doubling"),
    ),
    TestChoice(
        "normal-no-continuity",
        f"{_MW} by the normal approximation without continuity correction (as Kruskal-Wallis)",
        False,
        _mann_whitney(method="asymptotic", continuity=False),
    ),
    TestChoice(
        "normal-no-ties",
        f"{_MW} by the normal approximation without tie correction",
        False,
        _no_tie_correction(continuity=True),
    ),
    TestChoice(
        "normal-bare",
        f"{_MW} by the normal approximation without tie or continuity correction",
        False,
        _no_tie_correction(continuity=False),
    ),
    TestChoice(
        "ties-ignored",
        "the exact Mann-Whitney test with the ties ignored (scipy's method exact)",
        False,
        _ties_ignored,
    ),
    TestChoice(
        "brunner-munzel", "Brunner and Munzel's test", False, _brunner_munzel(separated=False)
    ),
    TestChoice(
        "brunner-munzel", "Brunner and Munzel's test", False, _brunner_munzel(separated=True)
    ),
    TestChoice(
        "kolmogorov-smirnov",
        "the Kolmogorov-Smirnov test",
        False,
        _kolmogorov_smirnov(ties=False),
        sided=False,
    ),
    TestChoice(
        "kolmogorov-smirnov",
        "the Kolmogorov-Smirnov test",
        False,
        _kolmogorov_smirnov(ties=True),
        sided=False,
    ),
    *(
        TestChoice(
            "signed-rank",
            "Wilcoxon's signed-rank test of pairs made by the order of the rows",
            False,
            _signed_rank(way),
        )
        for way in ("r", "scipy", "normal")
    ),
    TestChoice("permutation", "the permutation test of the relative effect", False, _permutation),
)
