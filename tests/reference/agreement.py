"""What it means that our Mann-Whitney p-values agree with R's on one data set of rank_tests.R."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest

from simulator.analysis import mann_whitney

Case = dict[str, Any]

SIDES = ("two-sided", "greater", "less")

# R printed 15 digits and its own sums carry rounding; a wrong tail differs by 1/choose(m+n, m),
# which is far above this for all but the smallest p.
CLOSE = {"rel": 1e-10, "abs": 1e-14}


def is_tied(case: Case) -> bool:
    """Return whether any two values of the data set are equal."""
    pool = [*case["x"], *case["y"]]
    return len(set(pool)) < len(pool)


def agree_with_r(case: Case) -> None:
    """Assert U and the p-values by coin (exact) and wilcox.test (auto, normal)."""
    options: dict[str, dict[str, Any]] = {
        "auto": {"method": "auto"},
        "exact": {"method": "exact", "convention": "far-tail"},
        "continuity": {"method": "asymptotic", "continuity": True},
        "plain": {"method": "asymptotic", "continuity": False},
    }
    for name, option in options.items():
        for side, expected in zip(SIDES, case[name], strict=True):
            found = mann_whitney(case["x"], case["y"], alternative=side, **option)
            assert found.u == case["w"]
            assert found.p_value == pytest.approx(expected, **CLOSE), (name, side)


def agree_with_exactranktests(case: Case) -> None:
    """Assert the exact p-values by exactRankTests, up to its rounding.

    exactRankTests 0.8.35 looks for the far tail by comparing floating-point numbers (a mean of
    m/N * sum(scores)), and now and then misses the outcome exactly as far on the other side.
    Its two-sided p is then smaller than ours by that outcome's mass, which is counted here.
    """
    for side, theirs in zip(SIDES, case["exact_rank_tests"], strict=True):
        ours = mann_whitney(case["x"], case["y"], method="exact", alternative=side).p_value
        if side == "two-sided" and ours != pytest.approx(theirs, **CLOSE):
            theirs += mirror_mass(case)
        assert ours == pytest.approx(theirs, **CLOSE), side


def agree_on_mid_p(case: Case) -> None:
    """Assert the mid-p values by coin.

    Where U is exactly its mean, coin 1.4.2 takes the mass of that one outcome off twice (once as
    each tail's); its two-sided value is then 1 - mass, and the mid-p 1 - mass/2.
    """
    for side, theirs in zip(SIDES, case["mid"], strict=True):
        ours = mann_whitney(case["x"], case["y"], method="mid-p", alternative=side).p_value
        if side == "two-sided" and 2 * case["w"] == len(case["x"]) * len(case["y"]):
            theirs = (1 + theirs) / 2
        assert ours == pytest.approx(theirs, **CLOSE), side


def mirror_mass(case: Case) -> float:
    """Return the probability of the outcome as far from the mean as the observed one, opposite.

    Every way to deal the pooled values to the arms, level by level, in whole numbers.
    """
    m, n = len(case["x"]), len(case["y"])
    ways = {(0, 0): 1}  # (treated so far, twice U so far) -> deals of the levels below
    below = 0
    for _, count in sorted(Counter([*case["x"], *case["y"]]).items()):
        longer: Counter[tuple[int, int]] = Counter()
        for (treated, u2), deals in ways.items():
            for k in range(min(count, m - treated) + 1):
                step = k * (2 * (below - treated) + count - k)
                longer[treated + k, u2 + step] += deals * math.comb(count, k)
        ways = longer
        below += count
    return ways[m, 2 * m * n - round(2 * case["w"])] / math.comb(m + n, m)
