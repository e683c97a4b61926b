"""Choices of the test: of means, and of several arms at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from simulator.auditing.choices.data_set import Company, Contrast, Floats
from simulator.auditing.choices.rank_tests import PValue, TestChoice
from simulator.scenario.analysis_plan import Alternative, TestSpec

Scale = Callable[[Floats], Floats | None]


def _raw(values: Floats) -> Floats:
    return values


def _log(values: Floats) -> Floats | None:
    return np.log(values) if values.size and values.min() > 0 else None


def _log_plus_1(values: Floats) -> Floats | None:
    return np.log1p(values) if values.size and values.min() > -1 else None


def _of_t(t: float, df: float, alternative: Alternative) -> float:
    if alternative == "greater":
        return float(stdtr(df, -t))
    if alternative == "less":
        return float(stdtr(df, t))
    return 2.0 * float(stdtr(df, -abs(t)))


def _of_z(z: float, alternative: Alternative) -> float:
    if alternative == "two-sided":
        return 2.0 * float(ndtr(-abs(z)))
    return float(ndtr(-z if alternative == "greater" else z))


def _two_means(scale: Scale, *, welch: bool) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:
        x, y = scale(contrast.treated.recorded), scale(contrast.control.recorded)
        if x is None or y is None or x.size < 2 or y.size < 2:
            return math.nan
        m, n = x.size, y.size
        a, b = float(x.var(ddof=1)), float(y.var(ddof=1))
        if a + b <= 0:
            return math.nan
        if welch:
            error = a / m + b / n
            df = error**2 / ((a / m) ** 2 / (m - 1) + (b / n) ** 2 / (n - 1))
        else:
            df = m + n - 2.0
            error = ((m - 1) * a + (n - 1) * b) / df * (1 / m + 1 / n)
        return _of_t(float(x.mean() - y.mean()) / math.sqrt(error), df, spec.alternative)

    return p


def _paired_means(scale: Scale) -> PValue:
    def p(contrast: Contrast, spec: TestSpec) -> float:
        x, y = scale(contrast.treated.recorded), scale(contrast.control.recorded)
        if x is None or y is None or x.size != y.size or x.size < 2:
            return math.nan
        gaps = x - y
        spread = float(gaps.std(ddof=1))
        if spread <= 0:
            return math.nan
        t = float(gaps.mean()) / (spread / math.sqrt(gaps.size))
        return _of_t(t, gaps.size - 1.0, spec.alternative)

    return p


def _several_means(scale: Scale, company: Company, *, omnibus: bool) -> PValue:
    """Analysis of variance: its F test, or t with its pooled variance."""

    def p(contrast: Contrast, spec: TestSpec) -> float:
        arms = [scale(one.recorded) for one in contrast.company(company)]
        x, y = scale(contrast.treated.recorded), scale(contrast.control.recorded)
        if x is None or y is None or any(one is None for one in arms):
            return math.nan
        used = [one for one in arms if one is not None and one.size]
        within = sum(float(((one - one.mean()) ** 2).sum()) for one in used)
        df = sum(one.size for one in used) - len(used)
        if within <= 0 or df < 1 or len(used) < 2:
            return math.nan
        if not omnibus:
            error = within / df * (1 / x.size + 1 / y.size)
            return _of_t(float(x.mean() - y.mean()) / math.sqrt(error), df, spec.alternative)
        middle = np.concatenate(used).mean()
        between = sum(one.size * float(one.mean() - middle) ** 2 for one in used)
        k = len(used) - 1
        return float(fdtrc(k, df, between / k / (within / df)))

    return p


def _several_ranks(company: Company, *, omnibus: bool) -> PValue:
    """Ranks among all arms: Kruskal and Wallis's test, or Dunn's of two of the arms."""

    def p(contrast: Contrast, spec: TestSpec) -> float:
        from scipy.stats import rankdata

        arms = [one.ranked for one in contrast.company(company)]
        used = [one for one in arms if one.size]
        if len(used) < 2:
            return math.nan
        pooled = np.concatenate(used)
        ranks, total = rankdata(pooled), pooled.size
        _, counts = np.unique(pooled, return_counts=True)
        variance = total * (total + 1) / 12 - float((counts**3 - counts).sum()) / (12 * (total - 1))
        if variance <= 1e-9:
            return math.nan
        if omnibus:
            of_arm = np.split(ranks, np.cumsum([one.size for one in used])[:-1])
            gaps = sum(one.size * (float(one.mean()) - (total + 1) / 2) ** 2 for one in of_arm)
            return float(chdtrc(len(used) - 1, gaps / variance))
        rank_of = dict(zip(pooled.tolist(), ranks.tolist(), strict=True))
        x, y = contrast.treated.ranked, contrast.control.ranked
        if not (x.size and y.size) or not {*x.tolist(), *y.tolist()} <= rank_of.keys():
            return math.nan
        above = sum(rank_of[one] for one in x.tolist()) / x.size
        below = sum(rank_of[one] for one in y.tolist()) / y.size
        z = (above - below) / math.sqrt(variance * (1 / x.size + 1 / y.size))
        return _of_z(z, spec.alternative)

    return p


_SCALES: Final[tuple[tuple[str, str, Scale], ...]] = (
    ("raw", "the values as they are", _raw),
    ("log", "the logarithms", _log),
    ("log1p", "the logarithms of value + 1", _log_plus_1),
)
_COMPANIES: Final[tuple[Company, ...]] = ("family", "data")

OTHER_TESTS: Final = (
    *(
        TestChoice(f"{name}-{scale}", f"{test} of {words}", False, _two_means(of, welch=welch))
        for name, test, welch in (
            ("welch", "Welch's t test", True),
            ("student", "Student's t test", False),
        )
        for scale, words, of in _SCALES
    ),
    *(
        TestChoice(
            f"paired-t-{scale}",
            f"a paired t test of {words}, pairs made by the order of the rows",
            False,
            _paired_means(of),
        )
        for scale, words, of in _SCALES[:2]
    ),
    *(
        TestChoice(
            "kruskal-wallis-all-arms",
            "one Kruskal-Wallis test of all arms together, the same for each comparison",
            False,
            _several_ranks(company, omnibus=True),
            sided=False,
            company=company,
        )
        for company in _COMPANIES
    ),
    *(
        TestChoice(
            "dunn",
            "Dunn's test (ranks among all arms)",
            False,
            _several_ranks(company, omnibus=False),
            company=company,
        )
        for company in _COMPANIES
    ),
    *(
        TestChoice(
            f"anova-{scale}",
            f"one analysis of variance of all arms together, of {words}, the same for each "
            "comparison",
            False,
            _several_means(of, company, omnibus=True),
            sided=False,
            company=company,
        )
        for scale, words, of in _SCALES[:2]
        for company in _COMPANIES
    ),
    *(
        TestChoice(
            f"pooled-t-{scale}",
            f"t tests of {words} with the variance pooled over all arms",
            False,
            _several_means(of, company, omnibus=False),
            company=company,
        )
        for scale, words, of in _SCALES[:2]
        for company in _COMPANIES
    ),
)
