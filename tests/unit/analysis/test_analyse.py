"""The whole analysis on tables with every kind of trouble."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pandas as pd
import pytest

from simulator.analysis import analyse, mann_whitney, plan_for
from simulator.analysis.bench_plan import check_names
from simulator.errors import DataError
from simulator.scenario.analysis_plan import AnalysisPlan, Family, Trend
from simulator.tables import ANALYSIS_COLUMNS
from tests.unit.analysis.bench_tables import DRUG, SALINE, family, only, table


def test_row_of_a_plain_comparison():
    row = only(table({"saline": SALINE, "drug": DRUG}))
    test = mann_whitney(DRUG, SALINE)
    assert (row.family, row.endpoint, row.treated, row.control) == (
        "primary",
        "afc",
        "drug",
        "saline",
    )
    assert (row.n_treated, row.n_control, row.method) == (5, 5, "exact")
    assert (row.u, row.p_value, row.p_adjusted) == (24.0, test.p_value, test.p_value)
    assert row.relative_effect == 24 / 25
    assert row.relative_effect_ci[0] < 24 / 25 < row.relative_effect_ci[1] <= 1
    assert (row.median_treated, row.median_control) == (14.0, 5.1)
    assert row.fold_of_medians == pytest.approx(14 / 5.1)
    assert row.hodges_lehmann_scale == "ratio"
    assert row.hodges_lehmann_ci[0] < row.hodges_lehmann < row.hodges_lehmann_ci[1]
    assert row.rejected
    assert row.note == ""


def test_adjustment_is_within_families_and_in_the_plans_order():
    rng = np.random.default_rng(2)
    arms = {name: rng.normal(shift, 1, 8) for name, shift in zip("cab", (0, 1, 2), strict=True)}
    frame = pd.concat([table(arms), table(arms, endpoint="titer").assign(subject_id=range(24))])
    plan = AnalysisPlan(
        families={
            "one": Family(endpoint=["afc", "titer"], arms=["a", "b"], against="c"),
            "two": Family(endpoint="afc", arms=["b"], against="c"),
        }
    )
    rows = analyse(frame, plan).comparisons
    assert [(row.family, row.endpoint, row.treated) for row in rows] == [
        ("one", "afc", "a"),
        ("one", "afc", "b"),
        ("one", "titer", "a"),
        ("one", "titer", "b"),
        ("two", "afc", "b"),
    ]
    assert rows[4].p_adjusted == rows[4].p_value == rows[1].p_value
    assert rows[1].p_adjusted == pytest.approx(4 * rows[1].p_value)  # equal smallest, Holm
    assert rows[3].p_adjusted == rows[1].p_adjusted


def test_rejects_on_alpha_exactly():
    """3 v 3 one-sided: p is exactly 1/20."""
    frame = table({"saline": [1.0, 2, 3], "drug": [4.0, 5, 6]})
    assert only(frame, alternative="greater").rejected
    assert not only(frame).rejected  # two-sided 3 v 3 can never be


@pytest.mark.parametrize(
    ("arms", "u", "note"),
    [
        ({"saline": SALINE}, None, 'no arm "drug" in the data; there is: saline'),
        ({"saline": SALINE, "drgu": DRUG}, None, 'no arm "drug" in the data; did you mean "drgu"?'),
        ({"saline": SALINE, "drug": [math.nan] * 3}, None, "the treated arm is empty"),
        ({"saline": SALINE, "drug": [3.0]}, 0.0, "only 1 value in the treated arm"),
        ({"saline": [3.0], "drug": DRUG}, 5.0, "only 1 value in the control arm"),
        ({"saline": [7.0] * 4, "drug": [7.0] * 4}, 8.0, "all values are equal"),
    ],
)
@pytest.mark.parametrize("method", ["auto", "exact", "asymptotic"])
def test_a_comparison_that_cannot_be_made_says_why(arms, u, note, method):
    row = only(table(arms), method=method)
    assert (row.u, row.p_value, row.p_adjusted, row.method) == (u, None, None, None)
    assert row.relative_effect_ci is None
    assert row.hodges_lehmann_ci is None
    assert not row.rejected
    assert note in row.note


def test_endpoint_that_the_data_lack():
    plan = AnalysisPlan(families={"f": family(endpoint="titre")})
    row = analyse(table({"saline": SALINE, "drug": DRUG}, endpoint="titer"), plan).comparisons[0]
    assert row.p_value is None
    assert 'no endpoint "titre" in the data; did you mean "titer"?' in row.note


def test_arm_without_that_endpoint():
    frame = pd.concat(
        [
            table({"saline": SALINE}),
            table({"drug": DRUG}, endpoint="titer"),
        ]
    )
    row = only(frame)
    assert 'no observation of "afc" in arm "drug"' in row.note


def test_impossible_tests_are_not_counted_in_the_family():
    frame = table({"saline": SALINE, "drug": DRUG, "lost": [math.nan]})
    plan = AnalysisPlan(families={"f": family(arms=["lost", "drug"], adjust="bonferroni")})
    lost, drug = analyse(frame, plan).comparisons
    assert lost.p_adjusted is None
    assert drug.p_adjusted == drug.p_value
    plan = AnalysisPlan(families={"f": family(arms=["lost", "drug"], adjust="fixed-sequence")})
    lost, drug = analyse(frame, plan).comparisons
    assert (lost.p_adjusted, drug.p_adjusted, drug.rejected) == (None, 1.0, False)


def test_missing_values_are_dropped_and_counted():
    with_gaps = only(table({"saline": [*SALINE, math.nan], "drug": DRUG}))
    assert (with_gaps.n_treated, with_gaps.n_control) == (5, 5)
    assert with_gaps.p_value == only(table({"saline": SALINE, "drug": DRUG})).p_value
    assert with_gaps.note == "1 of 6 control values missing, not used"


def test_censored_values_rank_at_the_ends_and_keep_their_number():
    marks = {("drug", 0): "above", ("saline", 3): "below"}
    arms = {"saline": [2.0, 3, 4, 2], "drug": [64.0, 70, 80, 64]}
    row = only(table(arms, censored=marks))
    ranked = mann_whitney([math.inf, 70, 80, 64], [2, 3, 4, -math.inf])
    assert (row.u, row.p_value, row.method) == (ranked.u, ranked.p_value, "exact")
    assert row.median_treated == 67.0
    assert "1 of 4 treated values above the range: highest rank in the test" in row.note
    assert "1 of 4 control values below the range: lowest rank in the test" in row.note
    # 70 was read although 64 is said to be out of range: the plates differed, or a slip
    assert "a treated value lies beyond the limit" in row.note
    assert "a control value lies beyond" not in row.note


def test_small_arms_say_that_the_interval_is_short():
    row = only(table({"saline": [1.0, 2, 3], "drug": [4.0, 5, 6]}))
    assert row.note == "too few values for a 95 % interval: it covers 90.0%"


def test_trend_over_arms():
    arms = {"saline": [1.0, 2, 3], "low": [2.5, 3.5, 4], "high": [4.5, 5, 6]}
    trend = Trend(endpoint="afc", arms=["saline", "low", "high"])
    other = Trend(endpoint="afc", arms=["saline", "none", "high"])
    flat = Trend(endpoint="titer", arms=["saline", "low"])
    frame = pd.concat([table(arms), table({"saline": [1, 1], "low": [1, 1]}, endpoint="titer")])
    found = analyse(frame, AnalysisPlan(trends={"dose": trend, "gap": other, "flat": flat})).trends
    assert (found[0].name, found[0].n, found[0].rejected) == ("dose", (3, 3, 3), True)
    assert found[0].statistic == 26.0
    assert (found[1].p_value, found[1].rejected) == (None, False)
    assert found[1].note.startswith("no trend test: no value in none; ")
    assert (found[2].p_value, found[2].note) == (None, "all values are equal: nothing to rank")


def test_names_that_no_test_uses_are_said():
    frame = pd.concat(
        [
            table({"saline": SALINE, "drug": DRUG, "Drug ": [1.0, 2]}),
            table({"saline": [1.0]}, endpoint="weight"),
        ]
    )
    found = analyse(frame, AnalysisPlan(families={"f": family()}))
    assert found.notes == (
        "arm in the data that no test uses: Drug ",
        "endpoint in the data that no test uses: weight",
    )


def test_table_problems_come_all_at_once():
    frame = table({"saline": SALINE, "drug": DRUG}).astype({"value": object})
    frame.loc[2, "value"] = "about 5"
    frame.loc[3, "value"] = math.inf
    frame.loc[4, "arm"] = None
    frame.loc[5, "censored"] = "lower"
    frame.loc[7, "subject_id"] = "drug-1"
    with pytest.raises(DataError, match="observations: 5 problems") as caught:
        analyse(frame, AnalysisPlan(families={"f": family()}))
    text = str(caught.value)
    assert 'row 3: "about 5" is not a finite number' in text
    assert 'row 4: "inf" is not a finite number' in text
    assert "is empty in 1 rows, first row 5" in text
    assert 'unknown value "lower"; allowed: empty, below, above' in text
    assert '"drug-1" has 2 values of "afc"; the test needs one value per animal' in text


def test_one_animal_in_two_arms_is_refused():
    frame = table({"saline": SALINE, "drug": DRUG})
    frame["subject_id"] = [*range(5), *range(5)]
    with pytest.raises(DataError, match=r"arms saline, drug; give every animal an id of its own"):
        analyse(frame, AnalysisPlan(families={"f": family()}))


def test_one_animal_in_two_arms_on_two_endpoints_is_refused():
    frame = pd.concat(
        [
            table({"saline": SALINE, "drug": DRUG}),
            table({"saline": SALINE}, endpoint="titer").assign(
                subject_id=[f"saline-{place}" for place in range(4)] + ["drug-1"]
            ),
        ]
    )
    with pytest.raises(DataError, match='"drug-1" is in arms saline, drug: give every animal'):
        analyse(frame, AnalysisPlan(families={"f": family()}))


def test_a_zero_explains_the_shift():
    row = only(table({"saline": [*SALINE[1:], 0.0], "drug": DRUG}))
    assert (row.hodges_lehmann_scale, row.note) == (
        "shift",
        "1 of 10 values is 0: Hodges-Lehmann is a difference (shift), not a ratio",
    )
    row = only(table({"saline": [-1.0, *SALINE[2:], 0.0], "drug": [*DRUG[1:], 0.0]}))
    assert row.note.startswith("2 of 10 values are 0 and 1 of 10 values is negative: ")


def test_names_are_compared_without_case_for_the_hint():
    row = only(table({"saline": SALINE, "drug": DRUG}, endpoint="AFC"))
    assert row.note == 'no endpoint "afc" in the data; did you mean "AFC"?; there is: AFC'


def test_a_plan_without_any_name_of_the_data_is_refused():
    plan = AnalysisPlan(
        families={"f": family(endpoint=["afc", "titer"])},
        trends={"dose": Trend(endpoint="afc", arms=["saline", "drug"])},
    )
    frame = table({"saline": SALINE, "drug": DRUG}, endpoint="AFC")
    frame.attrs["source"] = "mine.csv"
    with pytest.raises(DataError, match=r"mine\.csv: 2 problems") as caught:
        check_names(frame, plan)
    assert 'no endpoint "afc" in the data; did you mean "AFC"?' in str(caught.value)
    check_names(table({"saline": SALINE, "drug": DRUG}, endpoint="titer"), plan)  # one will do
    check_names(frame, AnalysisPlan())  # nothing asked, nothing amiss


def test_the_notes_of_the_reader_come_first():
    frame = table({"saline": SALINE, "drug": DRUG, "other": DRUG})
    frame.attrs["notes"] = ("columns not analysed: sex",)
    found = analyse(frame, AnalysisPlan(families={"f": family()}))
    assert found.to_dict()["notes"] == [
        "columns not analysed: sex",
        "arm in the data that no test uses: other",
    ]


def test_missing_columns_name_the_nearest():
    frame = table({"saline": SALINE, "drug": DRUG}).rename(columns={"endpoint": "endpint"})
    with pytest.raises(DataError, match='endpoint  column is missing; did you mean "endpint"'):
        analyse(frame, AnalysisPlan(families={"f": family()}))


@pytest.mark.parametrize("column", [[True, False], pd.to_datetime(["2020-01-01", "2020-01-02"])])
def test_columns_of_another_kind_are_refused(column):
    frame = pd.DataFrame({"subject_id": [1, 2], "arm": "a", "endpoint": "afc", "value": column})
    with pytest.raises(DataError, match="not numbers"):
        analyse(frame, AnalysisPlan())


def test_an_empty_table_is_no_crash():
    frame = table({"saline": [], "drug": []})
    row = only(frame)
    assert row.p_value is None
    assert row.note == 'no endpoint "afc" in the data; there is: nothing'


def test_plan_for_bench_data():
    frame = pd.concat(
        [
            table({"MSC 10 µL/kg": DRUG, "Saline": SALINE, "Thymalin": DRUG}),
            table({"Saline": SALINE}, endpoint="titer day 7"),
        ]
    )
    plan = plan_for(frame, control="Saline", adjust="hochberg", alpha=0.01, alternative="greater")
    assert list(plan.families) == ["afc", "titer day 7"]
    assert plan.alternative == "greater"
    assert [c.treated for c in plan.comparisons_of("afc")] == ["MSC 10 µL/kg", "Thymalin"]
    rows = analyse(frame, plan).comparisons
    assert rows[0].p_value == pytest.approx(
        mann_whitney(DRUG, SALINE, alternative="greater").p_value
    )
    assert rows[0].p_adjusted == rows[0].p_value  # Hochberg: both p are equal
    chosen = plan_for(frame, control="Saline", endpoints=["afc"], arms=["Thymalin"])
    assert [c.treated for c in chosen.comparisons] == ["Thymalin"]


def test_plan_for_refuses_unknown_names_all_at_once():
    frame = table({"saline": SALINE, "drug": DRUG})
    with pytest.raises(DataError, match="observations: 3 problems") as caught:
        plan_for(frame, control="salin", arms=["drog"], endpoints=["AFC"])
    assert 'no arm "salin" in the data; did you mean "saline"?' in str(caught.value)


def test_plan_for_needs_something_to_compare():
    with pytest.raises(DataError, match='there is no arm to compare with "saline"'):
        plan_for(table({"saline": SALINE}), control="saline")


@pytest.mark.parametrize("wrong", [{"alpha": 1.5}, {"adjust": "sidak"}, {"method": "t-test"}])
def test_plan_for_refuses_wrong_options(wrong):
    frame = table({"saline": SALINE, "drug": DRUG})
    with pytest.raises(ValueError, match=next(iter(wrong))):
        plan_for(frame, control="saline", **wrong)


def test_results_turn_into_tables_and_json():
    frame = table({"saline": SALINE, "drug": DRUG, "gone": [math.nan]})
    trend = Trend(endpoint="afc", arms=["saline", "drug"])
    plan = AnalysisPlan(families={"f": family(arms=["drug", "gone"])}, trends={"t": trend})
    found = analyse(frame, plan)
    out = found.to_frame()
    assert tuple(out.columns) == ANALYSIS_COLUMNS
    assert out.loc[0, "relative_effect_low"] == found.comparisons[0].relative_effect_ci[0]
    assert out.loc[0, "upper_quartile_treated"] == 18.5
    assert pd.isna(out.loc[1, "p_value"])
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["comparisons"][1]["p_value"] is None
    wanted = (
        "endpoint treated control n_treated n_control u p_value p_adjusted method convention "
        "relative_effect relative_effect_ci fold_of_medians hodges_lehmann hodges_lehmann_ci "
        "rejected note"
    )
    assert set(wanted.split()) <= set(plain["comparisons"][0])
    assert plain["trends"][0]["arms"] == ["saline", "drug"]
    text = repr(found)
    assert text.startswith("Analysis: 2 comparisons, 1 trends")
    assert "trend t: afc over saline < drug" in text


def test_the_table_is_left_alone():
    frame = table({"saline": SALINE, "drug": DRUG})
    before = frame.copy()
    analyse(frame, AnalysisPlan(families={"f": family()}))
    pd.testing.assert_frame_equal(frame, before)


def test_order_of_rows_does_not_matter():
    frame = table({"saline": SALINE, "drug": DRUG})
    mixed = frame.sample(frac=1, random_state=1)
    assert only(frame) == only(mixed)


def test_thousands_of_cohorts_are_quick():
    """8 arms of 10, 28 comparisons: about 2 ms on a slow core; 40 ms leaves room for a busy one."""
    rng = np.random.default_rng(0)
    frame = pd.concat(
        [
            table({f"a{k}": rng.lognormal(size=10) for k in range(8)}, endpoint=f"e{endpoint}")
            for endpoint in range(4)
        ]
    )
    plan = plan_for(frame, control="a0")
    analyse(frame, plan)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        assert len(analyse(frame, plan).comparisons) == 28
        times.append(time.perf_counter() - start)
    assert min(times) < 0.04


def test_a_tied_interval_of_few_animals_says_what_it_covers():
    """The whole range of pairs covers at most 1 - 2/C(6,3) = 90 %, with ties as without."""
    row = only(table({"saline": [1.0, 2.0, 2.0], "drug": [2.0, 4.0, 8.0]}))
    assert row.method == "asymptotic"
    assert "it covers 90.0%" in row.note
    more = only(table({"saline": [1.0, 2.0, 2.0, 3.0], "drug": [2.0, 4.0, 8.0, 16.0]}))
    assert "covers" not in (more.note or "")  # 1 - 2/C(8,4) = 97 %


def test_no_fold_where_a_value_is_negative():
    row = only(table({"saline": [-1.0, 2.0, 3.0, 4.0], "drug": [2.0, 4.0, 8.0, 16.0]}))
    assert row.fold_of_medians is None
    assert row.hodges_lehmann_scale == "shift"
