"""The warning that formulas and simulation disagree: when, what it blames, and when not."""

import numpy as np
import pytest
from scipy import stats

from simulator import load_scenario
from simulator.evaluation.exact.power_of_categories import exact_power
from simulator.evaluation.sizing.closed_form import (
    ShiehMoments,
    happ_power,
    happ_total,
    noether_power,
    placement_moments,
    shieh_power,
)
from simulator.evaluation.sizing.disagreement import margin
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.scenario import Scenario


def study(*, fold=3.0, loss=0.0, icc=0.0, arms=None, family=None, n=(3, 20), **extra):
    losses = {"loss": loss, **extra.pop("attrition", {})}
    arms = arms or {"saline": {"role": "control"}, "drug": {"role": "test"}}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "beside",
            "question": "do the formulas agree?",
            "seed": 2,
            "design": {
                "animals": {"per_cage": 5, "arms_share_cages": False},
                "arms": arms,
                "endpoints": {"y": {"kind": "plaque_count", "day": 5}},
                "attrition": losses,
            },
            "truth": {
                "y": {
                    "control": "5e4 /spleen",
                    "response": {"model": "fold", **_folds(fold, arms)},
                },
                "variability": {"y": {"sd_ln": 0.6}, "cage_icc": icc},
            },
            "analysis": {
                "families": {
                    "one": {"endpoint": "y", "arms": "test", "against": "saline", **(family or {})}
                },
                **extra.pop("analysis", {}),
            },
            "decision": {"n": {"from": n[0], "to": n[1]}, **extra},
        }
    )


def _folds(fold, arms):
    return fold if isinstance(fold, dict) else {arm: fold for arm in arms if arm != "saline"}


@pytest.mark.parametrize(
    "name",
    ["quick-start", "too-small", "no-effect", "secretome-healthy-mice", "suppression-and-rescue",
     "pilot-to-confirmatory", "schedule-matters"],
)  # fmt: skip
def test_no_false_alarm_on_the_catalogue(name):
    assert find_sample_size(load_scenario(name), replicates=2000).warnings == ()


def test_losses_are_blamed():
    found = find_sample_size(study(loss=0.35), replicates=3000)
    (warning,) = found.warnings
    assert "trust the simulation. Likely reason: losses: with the" in warning
    assert "animals expected to be left they agree" in warning
    assert warning in repr(found)


def test_losses_of_one_arm_are_blamed_with_what_is_left_of_each():
    found = find_sample_size(study(attrition={"by_arm": {"drug": 0.55}}), replicates=3000)
    (warning,) = found.warnings
    n = found.result.n_per_arm
    assert f"losses: with the {n} v {round(0.45 * n)} animals expected to be left" in warning


def test_losses_that_enrolment_makes_up_for_are_no_disagreement():
    scenario = study(loss=0.35, attrition={"inflate": 0.5})
    found = find_sample_size(scenario, replicates=3000)
    assert found.warnings == ()
    assert min(found.sizes.values()) > found.n_per_arm


def test_multiplicity_is_blamed():
    """A fixed sequence whose first comparison is weak: the formulas see the strong one alone."""
    arms = {"saline": {"role": "control"}, "low": {"role": "test"}, "high": {"role": "test"}}
    scenario = study(
        arms=arms,
        fold={"low": 1.1, "high": 3.0},
        family={"adjust": "fixed-sequence"},
        power={"target": 0.8, "arms": ["high"]},
        n=(3, 12),
    )
    (warning,) = find_sample_size(scenario, replicates=3000).warnings
    assert "multiplicity: without adjustment (fixed-sequence) they agree" in warning


def test_cages_are_blamed():
    found = find_sample_size(study(icc=0.9, fold=2.2, n=(5, 20)), replicates=3000)
    (warning,) = found.warnings
    assert "cages: mates are alike (ICC 0.9)" in warning


def test_an_adjustment_that_relaxes_is_no_disagreement():
    arms = {"saline": {"role": "control"}, **{f"d{k}": {"role": "test"} for k in range(5)}}
    found = find_sample_size(study(arms=arms), replicates=3000)
    assert found.warnings == ()


def test_happ_power_is_happ_total_solved():
    rng = np.random.default_rng(4)
    x, y = rng.integers(0, 6, 400), rng.integers(1, 8, 400)
    total = happ_total(x, y, power=0.83, t=0.4)
    moments = placement_moments(x, y, t=0.4)
    power = happ_power(moments, m=0.4 * total, n=0.6 * total)
    assert power == pytest.approx(0.83, abs=1e-12)
    apart = placement_moments([0, 0], [1, 1])
    assert happ_power(apart, m=20, n=20) == 1.0
    assert happ_power(apart, m=2, n=2, alpha=0.01) == 0.0


def test_the_margin_holds_against_enumeration():
    """The nearest formula is within the margin of the exact power of the R default test.

    Titers of 9 wells' worth of readings and folds 2 to 8, from 5 animals per arm on. The margin
    is what approximations are granted, so it must cover what they are known to miss.
    """
    edges = np.arange(1, 9)
    for fold in (1, 2, 3):
        low, high = (
            np.diff(np.concatenate([[0], stats.norm.cdf((edges - level) / 1.3), [1]]))
            for level in (4.3, 4.3 + fold)
        )
        values = np.arange(low.size)
        mid_x, mid_y = np.cumsum(low) - low / 2, np.cumsum(high) - high / 2
        moments = ShiehMoments(mid_x @ high, mid_x**2 @ high, (1 - mid_y) ** 2 @ low)
        happ = placement_moments(values, values, px=low, py=high)
        for n in (5, 6, 8):
            exact = exact_power(low, high, m=n, n=n)
            formulas = (
                noether_power(moments.p1, m=n, n=n),
                happ_power(happ, m=n, n=n),
                shieh_power(moments, m=n, n=n),
            )
            assert min(abs(power - exact) for power in formulas) < margin(n, n)
