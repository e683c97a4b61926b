"""The diagnosis: its numbers by a second way, its sentences by hand-made numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from simulator import diagnose, load_scenario
from simulator.evaluation.characteristics import Estimate, Probability
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.diagnosis.diagnose import _ln_folds
from simulator.evaluation.diagnosis.result import ComparisonDiagnosis, VariantDiagnosis
from simulator.evaluation.diagnosis.verdict import verdict
from simulator.evaluation.power import power

R = 20_000


def variant(*, type_i=0.05, bias=0.0, power=0.8, kind="mended", flaw="the flaw", members=1, **more):
    """A variant whose every number is known."""
    one = ComparisonDiagnosis(
        endpoint="afc",
        treated="drug",
        control="saline",
        power=Probability(round(power * R), R),
        type_i=Probability(round(type_i * R), R),
        bias=Estimate(bias, 0.002),
        bias_without_effect=Estimate(0.0, 0.002),
        no_fold=Probability(0, R),
    )
    given = {"fwer": Probability(round(0.04 * R), R), "out_of_reach": None, "fits": None, **more}
    return VariantDiagnosis(
        name="a variant",
        kind=kind,
        flaw=flaw,
        power=Probability(round(power * R), R),
        comparisons=(one,) * members,
        verdict="",
        **given,
    )


def told(found, written=None):
    return verdict(found, written, scenario=load_scenario("quick-start")).verdict


def test_the_plan_as_written_is_judged_by_itself():
    assert told(variant()) == "type I error is at alpha"
    assert told(variant(type_i=0.03)) == "type I error is below alpha"
    alarm = told(variant(type_i=0.2, bias=math.log(1.25), fits=False))
    assert "p is at or below 0.05 in 20.0% of the studies of a drug that does nothing" in alarm
    assert "the fold comes out 25.0% too high" in alarm
    assert alarm.endswith("the work does not fit the shifts")
    assert "some false alarm in the family in 30.0%" in told(variant(fwer=Probability(6000, R)))
    assert told(variant(out_of_reach="nothing can be significant")) == "nothing can be significant"


def test_few_studies_do_not_show_that_the_level_is_kept():
    few = replace(variant().comparisons[0], type_i=Probability(0, 50))
    found = replace(variant(), comparisons=(few,))
    assert told(found) == "50 studies cannot tell the type I error from alpha"


def test_a_flaw_costs_what_its_cure_saves():
    written = variant(type_i=0.2, bias=0.3, power=0.9, kind="written", flaw="")
    text = told(variant(type_i=0.05, power=0.7), written)
    assert text.startswith("the flaw costs: type I error 0.200 instead of 0.050, a fold that comes")
    assert "35.0% too high instead of right, power 0.900 instead of 0.700" in text
    assert text.endswith("is false alarms and false folds")
    same = told(variant(), variant(kind="written", flaw=""))
    assert same == "the flaw costs nothing that 20,000 studies could show"
    kept = told(variant(type_i=0.04), variant(type_i=0.03, kind="written", flaw=""))
    assert kept == "the flaw does no harm here: type I error 0.030 instead of 0.040"
    more = told(variant(kind="otherwise", flaw="", fits=True, power=0.9), variant(fits=False))
    assert more == "gives power 0.900 instead of 0.800, work that fits the shifts"


def test_the_worst_of_many_comparisons_needs_more_evidence():
    """0.0545 of 20,000 is 2.9 standard errors above 0.05: news of one comparison, not of 30."""
    assert "false alarms" in told(variant(type_i=0.0545))
    assert told(variant(type_i=0.0545, members=30)) == "type I error is at alpha"


def test_ln_folds_are_those_of_medians_without_the_missing():
    scenario = load_scenario("quick-start")
    layout = layout_of(scenario, [4])
    rng = np.random.default_rng(3)
    values = rng.lognormal(size=(len(layout.slots), 4, 200))
    values[rng.random(values.shape) < 0.3] = np.nan
    values[0, :, 7] = np.nan
    found = _ln_folds(layout, values)
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="All-NaN"):
        medians = np.nanmedian(values, axis=1)
    expected = np.log(medians[layout.treated]) - np.log(medians[layout.control])
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.isnan(found[:, 7]).any()


def test_power_and_errors_are_those_of_the_command_power():
    scenario = load_scenario("arm-by-arm-kill")
    found = diagnose(scenario, n=6, replicates=1000)
    same = power(scenario, n=6, replicates=1000)
    written = found.variants[0]
    for mine, theirs in zip(written.comparisons, same.comparisons, strict=True):
        assert mine.power == theirs.power
        assert mine.type_i == theirs.type_i_per_test
    assert written.fwer == same.families[0].fwer
    assert found.to_frame().shape[0] == len(found.variants) * len(written.comparisons)
    assert found.to_dict()["variants"][0]["variant"] == "as written"


def test_a_few_studies_with_an_empty_arm_do_not_hide_the_fold():
    scenario = load_scenario("quick-start")
    attrition = scenario.design.attrition.model_copy(update={"loss": 0.6})
    design = scenario.design.model_copy(update={"attrition": attrition})
    found = diagnose(scenario.model_copy(update={"design": design}), n=4, replicates=1000)
    one = found.variants[0].comparisons[0]
    # an arm of four is lost with 0.6^4, one of the two with 1 - (1 - 0.6^4)^2 = 0.242
    assert abs(one.no_fold.value - 0.2424) < 4 * one.no_fold.mcse
    assert math.isfinite(one.bias.value)


@pytest.mark.parametrize(("n", "replicates"), [(0, 10), (5, 0)])
def test_sizes_below_one_are_refused(n, replicates):
    with pytest.raises(ValueError, match="must be at least 1"):
        diagnose(load_scenario("quick-start"), n=n, replicates=replicates)
