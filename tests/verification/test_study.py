"""The study this project starts from: every claim of its abstract is a row that works.

Source: Moskalov & Koshova (abstract): AFC per spleen 3-10.5 fold over control and 1.2-4.1 fold over
Thymalin, clear dose dependence IM, titer similar, phagocytic activity as in control.
"""

from __future__ import annotations

from functools import cache

import pytest
from scipy.stats import binom

from simulator.evaluation.power import power
from simulator.evaluation.truth import ComparisonTruth, simulated_truth
from simulator.scenario import AnalysisPlan, Comparison
from simulator.scenario_files import load_scenario

IM = ("secretome-im-10", "secretome-im-20", "secretome-im-50")
SC = ("secretome-sc-10", "secretome-sc-20", "secretome-sc-50")
#: The folds of the abstract are two figures; the model is asked to meet them to this.
WITHIN = 0.03
#: 4 Monte Carlo standard errors: a false alarm in 1 of 16,000 per check.
K = 4
FALSE_ALARM = 6.3e-5


@cache
def study():
    return load_scenario("secretome-healthy-mice")


@cache
def truth() -> dict[tuple[str, str, str], ComparisonTruth]:
    """Large-sample truth of every arm against control and Thymalin, on every endpoint."""
    arms = study().design.arms
    pairs = [
        Comparison("all", endpoint, arm, against)
        for endpoint in study().design.endpoints
        for against in ("control", "thymalin")
        for arm in arms
        if arm != against
    ]
    found = simulated_truth(study(), pairs)
    return {(c.endpoint, c.treated, c.control): t for c, t in zip(pairs, found, strict=True)}


def fold(endpoint: str, arm: str, against: str = "control"):
    return truth()[endpoint, arm, against].fold_of_medians


def at_least(value, low):
    return value.value + K * value.mcse >= low * (1 - WITHIN)


def at_most(value, high):
    return value.value - K * value.mcse <= high * (1 + WITHIN)


@pytest.mark.parametrize("arm", IM + SC)
def test_afc_folds_are_those_of_the_abstract(arm):
    over_control, over_thymalin = fold("afc", arm), fold("afc", arm, "thymalin")
    # the error must be small enough for the check to mean something
    assert K * over_control.mcse < WITHIN * over_control.value
    assert at_least(over_control, 3.0)
    assert at_most(over_control, 10.5)
    assert at_least(over_thymalin, 1.2)
    assert at_most(over_thymalin, 4.1)


def test_reference_drug_is_two_and_a_half_fold():
    assert fold("afc", "thymalin").value == pytest.approx(2.5, rel=WITHIN)


def test_im_rises_with_dose_from_3_to_10_fold():
    low, middle, high = (fold("afc", arm) for arm in IM)
    assert low.value == pytest.approx(3.0, rel=WITHIN)
    assert high.value == pytest.approx(10.5, rel=WITHIN)
    for below, above in ((low, middle), (middle, high)):
        assert above.value - below.value > K * (below.mcse + above.mcse)


def test_sc_has_no_clear_dose_dependence():
    """Fivefold the dose moves AFC by less than a quarter, where IM moves it 3.5 fold."""
    low, _, high = (fold("afc", arm).value for arm in SC)
    assert high / low < 1.25


@pytest.mark.parametrize("arms", [IM, SC], ids=["IM", "SC"])
def test_titer_rises_in_the_same_order(arms):
    low, middle, high = (fold("titer", arm) for arm in arms)
    assert low.value > 1 + K * low.mcse
    assert low.value - K * low.mcse < middle.value < high.value + K * high.mcse


@pytest.mark.parametrize("endpoint", ["phagocytosis", "phagocytic-number"])
def test_phagocytic_activity_is_that_of_control(endpoint):
    for arm in IM + SC:
        found = truth()[endpoint, arm, "control"]
        assert abs(found.fold_of_medians.value - 1) < K * found.fold_of_medians.mcse
        assert abs(found.relative_effect.value - 0.5) < K * found.relative_effect.mcse


@cache
def blind():
    """The study analysed blind at 8 mice per arm, with a trend over the SC doses as well."""
    plan = study().analysis.model_dump()
    plan["trends"]["afc-sc"] = {"endpoint": "afc", "arms": SC}
    wider = study().model_copy(update={"analysis": AnalysisPlan.model_validate(plan)})
    return power(wider, n=8, replicates=4000)


def test_trend_test_finds_im_dose_dependence():
    trends = {trend.name: trend for trend in blind().trends}
    assert trends["afc-im"].power.ci[0] > 0.99
    # SC doses differ little: their trend is found far more rarely
    assert trends["afc-sc"].power.ci[1] < 0.25


def test_phagocytic_comparisons_are_rejected_at_about_alpha():
    """Not above alpha beyond error, and not absurdly below: ties cost the test a little."""
    rows = [row for row in blind().comparisons if row.family == "phagocytosis"]
    assert len(rows) == 12
    for row in rows:
        assert row.power.count <= binom.isf(FALSE_ALARM, row.power.replicates, 0.05)
        assert row.power.count >= binom.ppf(FALSE_ALARM, row.power.replicates, 0.035)
