"""The right answers of the traps, against enumeration in whole numbers and scipy's normal tail.

`test_right_answers_in_r.py` holds the same against R.
"""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simulator.auditing.traps import battery
from simulator.scenario_files import load_scenario

from .plans import with_plan

#: Traps whose comparison has a right p-value.
NUMBERS = (
    *("plain-table", "heavy-ties", "half-integer-u", "missing-values", "text-cells", "unequal-n"),
    *("reversed-direction", "negative-values", "tiny-differences", "huge-values"),
    *("large-integers", "p-at-alpha"),
)
PLANS = (
    {},
    {"method": "exact"},
    {"method": "exact", "convention": "doubling"},
    {"method": "exact", "alternative": "greater"},
    {"method": "auto", "alternative": "greater"},
    {"method": "auto", "alternative": "less"},
    {"method": "asymptotic", "continuity": False},
)


def focus_of(trap):
    """The values of the trap's comparison, read anew: numbers only, limits beyond all others."""
    one = trap.plan.comparisons[trap.focus]
    found = []
    for arm in (one.treated, one.control):
        rows = trap.table[(trap.table.endpoint == one.endpoint) & (trap.table.arm == arm)]
        values = []
        for cell, mark in zip(rows["value"], rows["censored"], strict=True):
            try:
                number = float(cell)
            except ValueError:
                continue
            if not math.isnan(number):
                values.append({"below": -math.inf, "above": math.inf}.get(mark, number))
        found.append(values)
    return found


def exact(x, y, alternative):
    """Exact p-values given the ties, far-tail and doubling, by counting in whole numbers."""
    ranks = np.round(2 * stats.rankdata([*x, *y])).astype(int).tolist()
    # how many choices of so many values have which sum of doubled ranks
    counts = [Counter({0: 1})] + [Counter() for _ in x]
    for rank in ranks:
        for size in range(len(x), 0, -1):
            for total, ways in counts[size - 1].items():
                counts[size][total + rank] += ways
    found, said = counts[-1], sum(ranks[: len(x)])
    middle = len(x) * (len(ranks) + 1)
    every = found.total()

    def share(extreme):
        return Fraction(sum(n for total, n in found.items() if extreme(total)), every)

    upper, lower = share(lambda total: total >= said), share(lambda total: total <= said)
    if alternative == "greater":
        return float(upper), float(upper)
    if alternative == "less":
        return float(lower), float(lower)
    far = share(lambda total: abs(total - middle) >= abs(said - middle))
    return float(far), float(min(Fraction(1), 2 * min(upper, lower)))


def normal(x, y, alternative, *, continuity=True):
    # scipy ranks by differences of neighbours, which infinities do not have
    ranks = stats.rankdata([*x, *y])
    return stats.mannwhitneyu(
        *(ranks[: len(x)], ranks[len(x) :]),
        alternative=alternative,
        method="asymptotic",
        use_continuity=continuity,
    ).pvalue


def as_planned(x, y, plan):
    """The p-value by the plan's method."""
    far, doubled = exact(x, y, plan.alternative)
    tied = len({*x, *y}) < len(x) + len(y)
    if plan.method == "exact" or (plan.method == "auto" and not tied):
        return doubled if plan.convention == "doubling" else far
    return normal(x, y, plan.alternative, continuity=plan.continuity)


@pytest.mark.parametrize("changes", PLANS)
def test_right_p_values_of_the_quick_start(changes):
    scenario = with_plan("quick-start", **changes)
    traps = {trap.id: trap for trap in battery(scenario)}
    for name in NUMBERS:
        trap = traps[name]
        if trap.table is None:
            continue
        x, y = focus_of(trap)
        own, *others = trap.answer.accepted[trap.focus]
        assert own == pytest.approx(as_planned(x, y, trap.plan), rel=1e-9), name
        valid = {own, *exact(x, y, trap.plan.alternative), normal(x, y, trap.plan.alternative)}
        for p in (own, *others):
            assert any(math.isclose(p, one, rel_tol=1e-9) for one in valid), name
        for p in valid:
            assert any(math.isclose(p, one, rel_tol=1e-9) for one in (own, *others)), name


def p_of(trap_id, scenario=None):
    found = {trap.id: trap for trap in battery(scenario or load_scenario("quick-start"))}[trap_id]
    return found.answer.p_values(found.focus)


def test_numbers_of_others():
    """Printed by their authors: to so many digits they are the right answers."""
    assert p_of("heavy-ties")["exact"] == pytest.approx(2 * math.comb(12, 5) / math.comb(24, 5))
    half = p_of("half-integer-u")
    assert half["exact, far-tail"] == pytest.approx(0.01188904, abs=5e-9)
    assert half["exact, doubling"] == pytest.approx(0.01200348, abs=5e-9)
    less = p_of("half-integer-u", with_plan("quick-start", alternative="less"))
    assert less["exact"] == pytest.approx(0.006001738, abs=5e-10)
    greater = p_of("unequal-n", with_plan("quick-start", alternative="greater"))
    assert greater["exact"] == pytest.approx(0.127206127, abs=5e-10)
    assert p_of("unequal-n")["exact"] == pytest.approx(0.254412254, abs=5e-10)


@pytest.mark.parametrize(
    ("alternative", "exact_p"),
    [("two-sided", 2 / 8), ("greater", 1 / 8), ("less", 1.0)],
)
def test_where_there_is_no_test(alternative, exact_p):
    scenario = with_plan("quick-start", alternative=alternative)
    assert p_of("all-equal", scenario) == {"one relabeling": 1.0}
    assert p_of("empty-group", scenario) == {}
    trap = next(trap for trap in battery(scenario) if trap.id == "one-animal")
    found = trap.answer.p_values(0)
    assert found["exact"] == pytest.approx(exact_p)
    assert found["normal with continuity"] == pytest.approx(normal(*focus_of(trap), alternative))
    assert not trap.answer.tested(0)


@pytest.mark.parametrize(
    ("alpha", "changes", "p"),
    [
        (0.05, {"alternative": "greater"}, Fraction(1, 20)),
        (0.05, {"alternative": "less"}, Fraction(1, 20)),
        (0.05, {"method": "exact"}, Fraction(6, 120)),
        (0.05, {"method": "exact", "convention": "doubling"}, Fraction(6, 120)),
        (0.1, {}, Fraction(2, 20)),
        (0.025, {}, Fraction(14, 560)),
        (0.025, {"method": "exact", "alternative": "greater"}, Fraction(3, 120)),
        (0.01, {"alternative": "greater"}, Fraction(23, 2300)),
        (0.01, {"method": "exact"}, Fraction(3, 300)),
    ],
)
def test_p_is_exactly_alpha(alpha, changes, p):
    scenario = with_plan("quick-start", **changes)
    family = scenario.analysis.families["primary"].model_copy(update={"alpha": alpha})
    plan = scenario.analysis.model_copy(update={"families": {"primary": family}})
    scenario = scenario.model_copy(update={"analysis": plan})
    trap = next(trap for trap in battery(scenario) if trap.id == "p-at-alpha")
    assert float(p) == alpha
    assert trap.p_at_alpha == pytest.approx(alpha, rel=1e-12)
    assert as_planned(*focus_of(trap), plan) == pytest.approx(alpha, rel=1e-12)


@pytest.mark.parametrize("adjust", ["none", "holm", "hochberg", "bh", "bonferroni"])
def test_the_adjusted_p_is_exactly_alpha(adjust):
    """In a family of three; adjusted by hand from the enumerated p-values of the table."""
    scenario = with_plan("schedule-matters", adjust=adjust, method="exact")
    trap = next(trap for trap in battery(scenario) if trap.id == "p-at-alpha")
    values = []
    for place, one in enumerate(trap.plan.comparisons):
        assert one.control == "control"
        values.append((place, one.treated))
    p = []
    for _, treated in values:
        table = trap.table
        pair = [table["value"][table.arm == arm].tolist() for arm in (treated, "control")]
        p.append(exact(*pair, "two-sided")[0])
    assert p[0] == pytest.approx(trap.p_at_alpha)
    rank = sorted(p).index(p[0])
    factor = {"none": 1, "bonferroni": 3, "bh": 3 / (rank + 1)}.get(adjust, 3 - rank)
    assert factor * p[0] == pytest.approx(0.05, rel=1e-12)


def test_no_untied_exact_two_sided_p_is_5_percent():
    """One tail would be 1/40; so the trap has ties for a plan of one two-sided test.

    Of arms of 2 to 49 animals; one against 39 would do, but is no test.
    """
    found = []
    for n in range(2, 50):
        row = [1]  # how many relabelings have which U, by recursion on the other arm's size
        for m in range(1, n + 1):
            row = gaussian(row, m, n)
            total, tail = sum(row), 0
            for count in row:
                tail += count
                if 40 * tail >= total:
                    found += [(m, n)] * (40 * tail == total and m > 1)
                    break
    assert found == []


def gaussian(row, m, n):
    """Multiply by (1 - q^(m+n)) and divide by (1 - q^m): from m - 1 to m animals."""
    size = m * n + 1
    wide = [*row, *[0] * (size - len(row))]
    wide = [wide[k] - (wide[k - m - n] if k >= m + n else 0) for k in range(size)]
    for k in range(m, size):
        wide[k] += wide[k - m]
    return wide


def test_counts_of_the_recursion():
    assert gaussian(gaussian(gaussian([1], 1, 3), 2, 3), 3, 3) == [1, 1, 2, 3, 3, 3, 3, 2, 1, 1]


def test_p_of_alpha_is_out_of_reach_of_a_normal_p():
    trap = battery(with_plan("quick-start", method="asymptotic", test="brunner_munzel"))[-1]
    assert trap.id == "p-at-alpha"
    assert trap.table is None
    assert trap.unfit == "no small data set has a p-value of exactly 0.05 by this plan"


def test_texts():
    for scenario in (load_scenario("quick-start"), load_scenario("secretome-healthy-mice")):
        traps = battery(scenario)
        ids = [trap.id for trap in traps]
        assert len(set(ids)) == len(ids) == 25
        for trap in traps:
            assert trap.id == trap.id.lower().replace(" ", "-")
            assert trap.catches
            assert trap.right
            assert trap.source
            assert (trap.table is None) == bool(trap.unfit)
            assert "{" not in trap.right + trap.catches


def test_the_same_at_every_call():
    scenario = load_scenario("no-effect")
    for one, two in zip(battery(scenario), battery(scenario), strict=True):
        assert (one.id, one.right, one.unfit) == (two.id, two.right, two.unfit)
        if one.table is not None:
            pd.testing.assert_frame_equal(one.table, two.table)
