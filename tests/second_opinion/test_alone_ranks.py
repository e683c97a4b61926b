"""The second implementation of ranks against outside numbers.

The outside p-values kept for the project, copied here with their sources, and
the smallest p printed in design section 3; the rest by hand or by enumeration.
"""

from itertools import permutations

import pytest

from . import ranks

# p-values and their sources: hollander-wolfe R wilcox.test documentation;
# exactRankTests-doc exactRankTests and coin; bloodp StatXact, coin,
# exactRankTests; scipy-tests scipy; halfinteger coin, Julia HypothesisTests.
HOLLANDER = (
    [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46],
    [1.15, 0.88, 0.9, 0.74, 1.21],
)
DOC = ([0.5, 0.5, 0.6, 0.6, 0.7, 0.8, 0.9], [0.5, 1, 1.2, 1.2, 1.4, 1.5, 1.9, 2])
BLOODP = ([94, 108, 110, 90], [80, 94, 85, 90, 90, 90, 108, 94, 78, 105, 88])
SCIPY = ([19, 22, 16, 29, 24], [20, 11, 17, 12])
HALF = (list(range(1, 11)), list(range(2, 25, 2)))
EXACT = [
    (HOLLANDER, {"u": 35, "greater": 0.127206127, "far-tail": 0.254412254}),
    (DOC, {"less": 0.0043512043512, "far-tail": 0.0087024087}),
    (BLOODP, {"far-tail": 0.0989010989, "doubling": 0.1084249084, "greater": 0.0542124542}),
    (SCIPY, {"u": 17, "far-tail": 0.1111111111}),
    (HALF, {"u": 22.5, "less": 0.006001738, "far-tail": 0.01188904, "doubling": 0.01200348}),
]
NORMAL = [
    (DOC, False, 0.0104745925),
    (BLOODP, False, 0.0853497),
    (BLOODP, True, 0.0980698),
    (SCIPY, False, 0.0864107),
    (SCIPY, True, 0.111346886),
]


@pytest.mark.parametrize(("data", "printed"), EXACT)
def test_exact_p_against_outside_numbers(data, printed):
    mine = ranks.exact_p_values(treated=data[0], control=data[1])
    for key, value in printed.items():
        assert mine[key] == pytest.approx(value, rel=5e-7)  # 7 digits are printed


@pytest.mark.parametrize(("data", "continuity", "printed"), NORMAL)
def test_normal_p_against_outside_numbers(data, continuity, printed):
    mine = ranks.normal_p(treated=data[0], control=data[1], continuity=continuity)
    assert mine == pytest.approx(printed, rel=1e-6)


@pytest.mark.parametrize(
    ("n", "printed"), [(3, 0.1), (4, 0.0285714), (5, 0.0079365), (6, 0.0021645)]
)
def test_smallest_p(n, printed):
    assert ranks.smallest_p(n_treated=n, n_control=n) == pytest.approx(printed, rel=1e-5)
    values = list(range(2 * n))
    split = {"treated": values[n:], "control": values[:n]}
    assert ranks.exact_two_sided_p(**split) == pytest.approx(printed, rel=1e-5)
    assert ranks.smallest_p_given_ties(**split) == pytest.approx(printed, rel=1e-5)


def test_ranks_u_and_adjustment():
    assert ranks.midranks([3, 1, 3, 7, 3]) == [3, 1, 3, 5, 3]
    assert ranks.u_treated(treated=[2, 3], control=[1, 2]) == 3.5
    assert ranks.relative_effect(treated=[2, 3], control=[1, 2]) == 0.875
    assert ranks.exact_two_sided_p(treated=[1, 1], control=[1, 1]) == 1
    p = [0.01, 0.04, 0.03, 0.005]  # worked by hand
    by_hand = {
        "none": p,
        "bonferroni": [0.04, 0.16, 0.12, 0.02],
        "holm": [0.03, 0.06, 0.06, 0.02],
        "hochberg": [0.03, 0.04, 0.04, 0.02],
        "bh": [0.02, 0.04, 0.04, 0.02],
    }
    for method, values in by_hand.items():
        assert ranks.adjust(p_values=p, method=method) == pytest.approx(values)


def test_auto_rule_and_refusals():
    assert ranks.auto_method(treated=SCIPY[0], control=SCIPY[1]) == "exact"
    assert ranks.auto_method(treated=BLOODP[0], control=BLOODP[1]) == "asymptotic"  # ties
    assert ranks.auto_method(treated=list(range(50)), control=[50]) == "asymptotic"
    with pytest.raises(ValueError, match="empty"):
        ranks.exact_p_values(treated=[], control=[1])
    with pytest.raises(ValueError, match="all values are equal"):
        ranks.normal_p(treated=[1, 1], control=[1, 1])


def test_jonckheere_moments_by_enumeration():
    outcomes = [
        ranks.jonckheere(groups=[order[:2], order[2:4], order[4:]])
        for order in permutations(range(7))
    ]
    js = [row["statistic"] for row in outcomes]
    mean = sum(js) / len(js)
    assert mean == pytest.approx(outcomes[0]["mean"])
    assert sum((j - mean) ** 2 for j in js) / len(js) == pytest.approx(outcomes[0]["variance"])
