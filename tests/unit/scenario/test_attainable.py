"""Designs that cannot succeed."""

import numpy as np
import pytest

from simulator.analysis.mann_whitney import mann_whitney
from simulator.scenario import AnalysisPlan, Design
from simulator.scenario.attainable import first_threshold, hopeless, smallest_p


def plan(k=1, adjust="holm", **options):
    arms = [f"a{i}" for i in range(k)]
    families = {"f": {"endpoint": "y", "arms": arms, "against": "c", "adjust": adjust}}
    return AnalysisPlan.model_validate({"families": families, **options})


# 2/C(2n, n), printed in the design
@pytest.mark.parametrize(
    ("n", "printed"), [(3, 0.1), (4, 0.0285714), (5, 0.0079365), (6, 0.0021645)]
)
def test_smallest_exact_p(n, printed):
    assert smallest_p(plan(), m=n, n=n) == pytest.approx(printed, rel=2e-5)
    one_sided = smallest_p(plan(alternative="less"), m=n, n=n)
    assert one_sided == pytest.approx(printed / 2, rel=2e-5)


def test_smallest_p_of_other_methods_and_sizes():
    assert smallest_p(plan(), m=1, n=9) == 1.0
    # complete separation, R: wilcox.test(4:6, 1:3, exact=FALSE, correct=FALSE)$p.value
    without = smallest_p(plan(method="asymptotic", continuity=False), m=3, n=3)
    assert without == pytest.approx(0.04953461, abs=5e-9)
    up, down = (
        smallest_p(plan(method="asymptotic", alternative=side), m=3, n=4)
        for side in ("greater", "less")
    )
    assert up == pytest.approx(down, rel=1e-12)
    assert smallest_p(plan(), m=50, n=50) < 1e-15


@pytest.mark.parametrize(
    ("adjust", "k", "level"),
    [
        ("holm", 6, 0.05 / 6),
        ("bonferroni", 2, 0.025),
        ("hochberg", 6, 0.05),
        ("none", 3, 0.05),
        ("fixed-sequence", 3, 0.05),
        ("bh", 3, 0.05),
        ("holm", 1, 0.05),
    ],
)
def test_first_threshold(adjust, k, level):
    assert first_threshold(plan(k, adjust), "f")[0] == pytest.approx(level)


def test_hopeless_or_not():
    sizes = {"c": 4, "a0": 4, "a1": 4}
    assert hopeless(plan(1), "f", sizes=sizes) is None
    assert hopeless(plan(2), "f", sizes=sizes) == (
        "with 4 v 4 animals the smallest p without ties is 0.0286, above the first threshold "
        "0.05/2 (holm): unless values are tied, significance is out of reach whatever the effect "
        "(p = 2/C(8,4))"
    )
    assert hopeless(plan(2), "f", sizes={**sizes, "a1": 5}) is None  # 2/126 is below .025
    # p exactly at alpha is within reach
    assert hopeless(plan(1, alternative="less"), "f", sizes={"c": 3, "a0": 3}) is None


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("method", ["auto", "exact", "asymptotic"])
@pytest.mark.parametrize(("m", "n"), [(2, 2), (3, 7), (8, 8), (49, 3), (50, 3)])
def test_smallest_p_is_that_of_complete_separation(alternative, method, m, n):
    """The analysis' own test of the most favourable data, auto's rule of 50 included."""
    low, high = np.arange(m + n)[:n] * 1.0, np.arange(m + n)[n:] * 1.0
    if alternative == "less":
        low, high = np.arange(m + n)[m:] * 1.0, np.arange(m + n)[:m] * 1.0
    found = mann_whitney(high, low, method=method, alternative=alternative)
    smallest = smallest_p(plan(method=method, alternative=alternative), m=m, n=n)
    assert smallest == pytest.approx(found.p_value, rel=1e-9)  # rounding of erfc and of sums


def test_a_normal_approximation_can_be_out_of_reach_too():
    why = hopeless(plan(2, method="asymptotic"), "f", sizes={"c": 3, "a0": 3, "a1": 3})
    assert why is not None
    assert why.endswith("(normal approximation)")


def test_a_fixed_sequence_must_begin():
    sizes = {"c": 4, "a0": 2, "a1": 9}  # 2/C(6,2) = 0.13; a1 alone could succeed
    assert hopeless(plan(2, "none"), "f", sizes=sizes) is None
    assert "2 v 4 animals" in str(hopeless(plan(2, "fixed-sequence"), "f", sizes=sizes))


def test_one_animal_is_no_arm():
    assert "(no test below 2 animals per arm)" in str(
        hopeless(plan(), "f", sizes={"c": 1, "a0": 9})
    )


# enumerated over all untied data by a program of its own
@pytest.mark.parametrize(("n", "printed"), [(2, 0.3333), (3, 0.0686), (4, 0.00258), (5, 3.9e-5)])
def test_smallest_brunner_munzel_p(n, printed):
    assert smallest_p(plan(test="brunner_munzel"), m=n, n=n) == pytest.approx(printed, rel=5e-3)


def test_what_cannot_be_tested_does_not_divide_alpha():
    """Regression: alpha/2 of a family whose second arm has one animal, which no test counts."""
    sizes = {"c": 4, "a0": 4, "a1": 1}
    assert hopeless(plan(2), "f", sizes=sizes) is None  # 2/70 is below 0.05
    assert "0.05/2" in hopeless(plan(2), "f", sizes={**sizes, "a1": 4})


def test_cages_are_called_cages():
    why = str(hopeless(plan(unit="cage"), "f", sizes={"c": 2, "a0": 2}))
    assert why == (
        "with 2 v 2 cages the smallest p without ties is 0.333, above the first threshold 0.05: "
        "unless values are tied, significance is out of reach whatever the effect (p = 2/C(4,2))"
    )
    assert "(no test below 2 cages per arm)" in str(
        hopeless(plan(unit="cage"), "f", sizes={"c": 1, "a0": 9})
    )


def test_arms_in_whole_cages_have_a_cage_for_every_started_one():
    design = Design.model_validate(
        {
            "animals": {"per_cage": 5},
            "arms": {"c": {"role": "control"}, "a0": {"role": "test", "ratio": 1.1}},
            "endpoints": {"y": {"kind": "continuous", "day": 1, "measured_in": "mg"}},
        }
    )
    assert design.units(design.sizes(10), unit="cage") == {"c": 2, "a0": 3}
    assert design.units(design.sizes(10), unit="animal") == {"c": 10, "a0": 11}
    assert design.units({"c": 1}, unit="cage") == {"c": 1}
