"""The rule by which a script decides is recognised: its adjustment, its alpha."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from .scripts import AFC, QUICK, TITER, adjusted, as_r, by_pairs, findings, script, study


def welch(x, y):
    return stats.ttest_ind(x, y, equal_var=False).pvalue


DECISIONS = {
    "unadjusted": ("none", "no adjustment for multiplicity: your decisions are those of the un"),
    "decided-by-bonferroni": (
        "bonferroni",
        "your decisions are those of Bonferroni-adjusted p-values, the plan adjusts by Holm",
    ),
    "decided-by-hochberg": ("simes-hochberg", "your decisions are those of Hochberg-adjusted"),
    "decided-by-bh": ("fdr_bh", "your decisions are those of Benjamini-Hochberg-adjusted"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_another_adjustment_is_recognised_by_the_decisions(name):
    method, sentence = DECISIONS[name]
    (found,) = findings(script(as_r, method=method), replicates=60)
    assert found.id == name
    assert found.sentence.startswith(sentence)
    assert found.valid == (method in ("bonferroni", "simes-hochberg"))
    assert set(found.endpoints) <= {AFC, TITER}  # the others are not adjusted
    assert found.matched == found.told_apart > 1


@pytest.mark.parametrize("name", DECISIONS)
def test_another_adjustment_is_recognised_by_the_adjusted_p_values(name):
    def analysis(table, plan):
        p = by_pairs(as_r, table, plan)
        families = np.array([one.family for one in plan.comparisons])
        said = p.copy()
        for family, its in plan.families.items():
            if its.adjust != "none":
                at = families == family
                said[at] = adjusted(p[at], DECISIONS[name][0])
        return {"p_value": p, "p_adjusted": said}

    (found,) = findings(analysis)
    method = name.removeprefix("decided-by-").removeprefix("un").replace("adjusted", "unadjusted")
    assert found.id == f"adjusted-by-{method}"
    assert found.endpoints == (AFC, TITER)
    assert found.sentence.startswith("your p_adjusted column holds ")
    assert found.valid == (method in ("bonferroni", "hochberg"))


def test_a_wrong_test_is_not_taken_for_a_wrong_adjustment():
    first, second = findings(script(welch, method="none"))
    assert (first.id, second.id) == ("welch-raw", "unadjusted")
    (found,) = findings(script(welch))  # its decisions are not the plan's either
    assert found.id == "welch-raw"


def test_no_adjustment_where_only_p_values_are_given():
    def analysis(table, plan):
        return {"p_value": by_pairs(as_r, table, plan)}

    (found,) = findings(analysis)
    assert (found.id, found.valid) == ("unadjusted", False)
    # the plan adjusts nothing of one comparison
    assert findings(analysis, QUICK, replicates=40) == ()


def test_adjusting_over_all_comparisons_and_another_alpha():
    def at_once(table, plan):
        p = by_pairs(as_r, table, plan)
        return {"p_value": p, "rejected": adjusted(p, "holm") <= 0.05}

    found = findings(at_once, replicates=40)
    assert {one.id for one in found} == {"decided-by-holm-over-all"}
    assert "over all comparisons at once" in found[0].sentence
    assert all(one.valid for one in found)

    def stricter(table, plan):
        p = by_pairs(as_r, table, plan)
        return {"p_value": p, "rejected": p <= 0.01}

    (found,) = findings(stricter, QUICK, replicates=60)
    assert found.id == "other-alpha"
    assert found.sentence == "you decide at alpha 0.01, the plan at 0.05"


def test_what_is_exactly_alpha():
    def below(table, plan):
        p = by_pairs(as_r, table, plan)
        return {"p_value": p, "rejected": p < 0.1}

    # 3 v 3: the smallest p is 0.1
    families = {
        name: family.model_copy(update={"alpha": 0.1})
        for name, family in study(QUICK, 3).plan.families.items()
    }
    (found,) = findings(below, QUICK, n=3, replicates=40, families=FrozenDict(families))
    assert (found.id, found.valid) == ("below-alpha", False)


class FrozenDict(dict):
    """Families that can be the key of a cache."""

    def __hash__(self):
        return hash(tuple(self))
