"""What must hold for any data: symmetries, bounds, agreement of fast and plain code."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.analysis import adjust, analyse, mann_whitney, plan_for
from simulator.analysis.effect import hodges_lehmann, relative_effect_interval
from simulator.analysis.multiplicity import ADJUSTMENT_CODES
from simulator.analysis.trend import jonckheere
from tests.second_opinion import ranks

SMALL = st.lists(st.integers(0, 6).map(float), min_size=2, max_size=7)
ANY = st.lists(st.floats(allow_nan=False, allow_infinity=True, width=32), min_size=2, max_size=12)
METHODS = st.sampled_from(["auto", "exact", "asymptotic"])
P = st.lists(st.floats(0, 1), min_size=1, max_size=12)
quick = settings(deadline=None)  # the first call compiles


@quick
@given(SMALL, SMALL, st.sampled_from(["far-tail", "doubling"]))
def test_exact_p_is_enumeration(x, y, convention):
    found = mann_whitney(x, y, method="exact", convention=convention)
    assert found.u == ranks.u_treated(treated=x, control=y)
    if len({*x, *y}) == 1:
        assert found.p_value is None
    else:
        expected = ranks.exact_two_sided_p(treated=x, control=y, convention=convention)
        assert found.p_value == pytest.approx(expected, rel=1e-12)


@quick
@given(SMALL, SMALL, st.booleans(), st.sampled_from(["two-sided", "greater", "less"]))
def test_normal_p_is_the_plain_formula(x, y, continuity, alternative):
    found = mann_whitney(x, y, method="asymptotic", continuity=continuity, alternative=alternative)
    if len({*x, *y}) > 1:
        expected = ranks.normal_p(
            treated=x, control=y, continuity=continuity, alternative=alternative
        )
        assert found.p_value == pytest.approx(expected, rel=1e-12)


@quick
@given(ANY, ANY)
def test_auto_chooses_by_the_data_set(x, y):
    found = mann_whitney(x, y)
    if found.p_value is not None:
        assert found.method == ranks.auto_method(treated=x, control=y)


@quick
@given(ANY, ANY, METHODS)
def test_exchanging_the_arms_mirrors_the_test(x, y, method):
    there, back = mann_whitney(x, y, method=method), mann_whitney(y, x, method=method)
    assert there.u + back.u == len(x) * len(y)
    if there.p_value is None:
        assert back.p_value is None
        return
    assert 0 < there.p_value <= 1
    assert there.p_value == pytest.approx(back.p_value, rel=1e-12)
    greater = mann_whitney(x, y, method=method, alternative="greater").p_value
    less = mann_whitney(y, x, method=method, alternative="less").p_value
    assert greater == pytest.approx(less, rel=1e-12)


@quick
@given(ANY, ANY, METHODS, st.randoms())
def test_only_the_order_of_values_counts(x, y, method, random):
    plain = mann_whitney(x, y, method=method)
    place = {value: rank for rank, value in enumerate(sorted({*x, *y}))}
    x, y = [place[value] ** 3 - 10 for value in x], [place[value] ** 3 - 10 for value in y]
    random.shuffle(x)
    assert mann_whitney(x, y, method=method) == plain


@quick
@given(SMALL, SMALL, METHODS, st.sampled_from(["far-tail", "doubling"]))
def test_two_sided_p_and_its_tails(x, y, method, convention):
    p = {
        side: mann_whitney(x, y, method=method, convention=convention, alternative=side).p_value
        for side in ("two-sided", "greater", "less")
    }
    if p["two-sided"] is None:
        return
    smaller = min(p["greater"], p["less"])
    assert p["two-sided"] >= smaller * (1 - 1e-12)
    if convention == "doubling" or method != "exact":
        assert p["two-sided"] == pytest.approx(min(1.0, 2 * smaller), rel=1e-12)


@quick
@given(P, st.sampled_from(sorted(ADJUSTMENT_CODES)))
def test_adjusted_p_bounds(p, method):
    found = adjust(p, method)
    assert np.all(found >= np.array(p))
    assert np.all(found <= 1)
    if method in ("bonferroni", "holm", "hochberg", "bh"):  # never reorders
        order = np.argsort(p, kind="stable")
        assert np.all(np.diff(found[order]) >= 0)


@quick
@given(P)
def test_order_of_the_methods(p):
    """Hochberg rejects what Holm does, Holm what Bonferroni does."""
    holm, hochberg, bh = (adjust(p, name) for name in ("holm", "hochberg", "bh"))
    assert np.all(holm <= adjust(p, "bonferroni"))
    assert np.all(hochberg <= holm)
    assert np.all(bh <= hochberg * (1 + 1e-12))


@quick
@given(P, st.data())
def test_missing_tests_do_not_change_the_others(p, data):
    method = data.draw(st.sampled_from(["none", "bonferroni", "holm", "hochberg", "bh"]))
    places = data.draw(st.lists(st.integers(0, len(p)), max_size=3))
    gaps = np.insert(np.array(p), places, math.nan)
    found = adjust(gaps, method)
    assert np.array_equal(np.isnan(found), np.isnan(gaps))
    assert found[~np.isnan(gaps)].tolist() == adjust(p, method).tolist()


@quick
@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_relative_effect_interval_holds_the_estimate(m, n, data):
    u2 = data.draw(st.integers(0, 2 * m * n))
    low, high = relative_effect_interval(u2, m, n)
    assert 0 <= low <= u2 / (2 * m * n) <= high <= 1
    assert high - low > 0


@quick
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9),
    st.booleans(),
)
def test_hodges_lehmann_lies_in_its_interval(x, y, exact):
    found = hodges_lehmann(np.sort(x), np.sort(y), exact=exact)
    if found.interval is not None:
        low, high = found.interval
        tiny = 1e-9 * max(1.0, abs(found.estimate))
        assert low - tiny <= found.estimate <= high + tiny


@quick
@given(st.lists(SMALL, min_size=2, max_size=4))
def test_reversing_the_arms_reverses_the_trend(groups):
    arrays = [np.array(group) for group in groups]
    there, back = jonckheere(arrays), jonckheere(arrays[::-1])
    if math.isnan(there.z):
        assert math.isnan(back.z)
    else:
        assert there.z == pytest.approx(-back.z, rel=1e-12, abs=1e-12)
        assert there.p_value == pytest.approx(back.p_value, rel=1e-12)


VALUES = st.lists(
    st.one_of(st.none(), st.floats(-1e3, 1e6), st.integers(0, 3)), min_size=0, max_size=6
)


@quick
@given(st.lists(VALUES, min_size=2, max_size=4), METHODS, st.sampled_from([*ADJUSTMENT_CODES]))
def test_any_table_gets_an_answer(arms, method, method_of_adjustment):
    """Never a crash, never a silent number: a row has a p-value or says why not."""
    rows = [
        (f"{arm}-{place}", f"arm{arm}", "afc", math.nan if value is None else value)
        for arm, values in enumerate(arms)
        for place, value in enumerate(values)
    ]
    rows.append(("c", "control", "afc", 1.0))
    frame = pd.DataFrame(rows, columns=["subject_id", "arm", "endpoint", "value"])
    if not any(arms):  # only the control is left, which plan_for refuses
        return
    plan = plan_for(frame, control="control", method=method, adjust=method_of_adjustment)
    for row in analyse(frame, plan).comparisons:
        assert (row.p_value is None) == (row.method is None) == (row.p_adjusted is None)
        assert row.p_value is not None or row.note
        numbers = [value for value in row.to_dict().values() if isinstance(value, float)]
        assert all(math.isfinite(number) for number in numbers)
