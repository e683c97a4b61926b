"""Large-sample truth against closed expressions."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.evaluation.truth import measured_samples, relative_effect_sorted, simulated_truth
from simulator.model.response_table import respond
from simulator.scenario import Scenario


def study(*, fold=1.0, sd_ln=0.6, icc=0.0, loss=0.0):
    endpoint = {"kind": "continuous", "day": 1, "measured_in": "mg"}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "truth",
            "question": "what is there?",
            "seed": 4,
            "design": {
                "animals": {"arms_share_cages": False},
                "arms": {"c": {"role": "control"}, "t": {"role": "test"}},
                "endpoints": {"y": endpoint},
                "attrition": {"loss": loss},
            },
            "truth": {
                "y": {"control": "100 mg", "response": {"model": "fold", "t": fold}},
                "variability": {"y": {"sd_ln": sd_ln}, "cage_icc": icc},
            },
            "analysis": {"families": {"f": {"endpoint": "y", "arms": "t", "against": "c"}}},
        }
    )


def truth_of(scenario, **options):
    return simulated_truth(scenario, scenario.analysis.comparisons, **options)[0]


# 64 batch means: a t law with 63 degrees of freedom; 4.4 errors are as rare as 4 normal ones
K = 4.4


@pytest.mark.parametrize("icc", [0.0, 0.5])
@pytest.mark.parametrize("fold", [1.0, 0.5, 3.0])
def test_fold_and_relative_effect(fold, icc):
    found = truth_of(study(fold=fold, icc=icc, loss=0.3))
    known = stats.norm.cdf(math.log(fold) / (0.6 * math.sqrt(2)))
    assert abs(found.relative_effect.value - known) < K * found.relative_effect.mcse
    assert abs(found.fold_of_medians.value - fold) < K * found.fold_of_medians.mcse
    assert found.relative_effect.mcse < 0.005
    assert found.fold_of_medians.mcse < 0.01 * fold + 0.005


def test_cages_widen_the_error():
    alone, caged = (truth_of(study(fold=2.0, icc=icc)) for icc in (0.0, 0.5))
    # 5 animals per cage: design effect about 1 + 4*.5 = 3 on the variance (8 animals: 5 and 3)
    ratio = caged.relative_effect.mcse / alone.relative_effect.mcse
    assert 1.2 < ratio < 2.4


def test_the_error_is_the_spread_of_the_estimates():
    """Twelve truths from other seeds scatter as their error says (chi-squared, 1 in 10,000)."""
    found = [
        truth_of(study(fold=2.0).model_copy(update={"seed": seed}), batches=16)
        for seed in range(12)
    ]
    for name in ("relative_effect", "fold_of_medians"):
        estimates = [getattr(truth, name) for truth in found]
        known = {"relative_effect": stats.norm.cdf(math.log(2) / (0.6 * math.sqrt(2)))}
        known["fold_of_medians"] = 2.0
        squares = sum(((e.value - known[name]) / e.mcse) ** 2 for e in estimates)
        # sum of 12 squared t(15), scaled to the variance of t
        low, high = stats.chi2.ppf([1e-4, 1 - 1e-4], 12)
        assert low < squares * 13 / 15 < 1.5 * high


def test_relative_effect_by_counting_pairs():
    rng = np.random.default_rng(3)
    for _ in range(50):
        x, y = (np.sort(1.0 * rng.integers(5, size=rng.integers(1, 9))) for _ in range(2))
        pairs = (x[:, None] < y).mean() + (x[:, None] == y).mean() / 2
        assert relative_effect_sorted(x, y) == pytest.approx(pairs, abs=1e-15)


def test_measured_samples_leave_the_lost_out():
    scenario = study(fold=2.0, loss=0.25)
    control, treated = measured_samples(
        scenario, scenario.analysis.comparisons[0], responses=respond(scenario), batches=4
    )
    for sample in (control, treated):
        assert not np.isnan(sample).any()
        left = sample.size / 16_000
        assert abs(left - 0.75) < 4 * math.sqrt(0.75 * 0.25 / 16_000)
    assert abs(np.log(np.median(treated) / np.median(control)) - math.log(2)) < 0.05
