"""Certified n on problems whose answer is known by enumeration, not by the same simulation.

A wrong n needs two independent looks that err alike, each beyond a 99 % limit: below 1 in 40,000
per look (one limit errs with probability .005), and a search has at most 6 looks. Over the 12
searches here that is a false alarm of less than 1 in 500. An answer of ``unresolved`` that
holds the true n is no error, but a program that never commits itself is none either, so the
share of certified answers is tested too.
"""

import numpy as np
import pytest
from scipy import stats

from simulator.evaluation.exact.power_of_categories import exact_power
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.scenario import Scenario

TITER = {"kind": "titer", "day": 5, "first_dilution": 2.0, "wells": 4}
LEVEL, SD_LOG2 = 7.0, 1.3


def titers(fold, *, seed, target=0.8, n=(3, 14), **decision):
    """Titer study of two arms without misreads: five readings, so ties everywhere."""
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "titers",
            "question": "how many animals?",
            "seed": seed,
            "design": {
                "arms": {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": {"y": TITER},
            },
            "truth": {
                "y": {"control": f"{LEVEL}", "response": {"model": "fold", "drug": fold}},
                "variability": {"y": {"sd_log2": SD_LOG2}},
                "assay": {"misread": 0.0},
            },
            "analysis": {
                "families": {"one": {"endpoint": "y", "arms": "drug", "against": "saline"}}
            },
            "decision": {"power": {"target": target}, "n": {"from": n[0], "to": n[1]}, **decision},
        }
    )


def wells(fold):
    """Probabilities of the five readings, from the normal law of the log2 titer."""
    dilutions = np.log2([2.0, 4.0, 8.0, 16.0])
    below = stats.norm.cdf((dilutions - np.log2(LEVEL * fold)) / SD_LOG2)
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


@pytest.fixture(scope="module")
def known():
    """Power by enumeration at every n from 3 to 10, fold 6."""
    return {n: exact_power(wells(1), wells(6), m=n, n=n) for n in range(3, 11)}


def smallest(known, target):
    """Smallest n with power at or above the target there and at every larger n enumerated."""
    answer = None
    for n in sorted(known, reverse=True):
        if known[n] < target:
            break
        answer = n
    return answer


@pytest.mark.parametrize("target", [0.55, 0.75, 0.8])
def test_certified_n_is_the_enumerated_one_whatever_the_seed(known, target):
    truth = smallest(known, target)
    certified = 0
    for seed in (1, 2, 3, 4):
        answer = find_sample_size(titers(6.0, seed=seed, target=target), replicates=5000)
        if answer.status == "unresolved":
            assert truth in answer.candidates
            continue
        assert (answer.status, answer.n_per_arm) == ("certified", truth)
        certified += 1
        # the power that is reported is a fresh estimate of the enumerated one
        for share, size in ((answer.power, truth), (answer.power_below, truth - 1)):
            assert abs(share.value - known[size]) < 4 * share.mcse
    assert certified >= 3


def test_a_target_on_a_power_is_not_resolved_by_luck(known):
    """The target is the power at n = 7 itself: no number of replicates can tell 7 from 8."""
    for seed in (1, 2, 3):
        scenario = titers(6.0, seed=seed, target=float(known[7]), max_replicates=20_000)
        answer = find_sample_size(scenario, replicates=2500)
        assert answer.status == "unresolved"
        assert answer.n_per_arm is None
        assert answer.candidates == (7, 8)
        assert "n in {7, 8}" in answer.reason
        assert "decision.max_replicates (20,000)" in answer.reason
        assert answer.replicates_spent <= 20_000


def test_impossible_problems_say_why():
    """Regression: a solver that returned 10 for a problem without a solution."""
    nothing = find_sample_size(titers(1.0, seed=1, n=(3, 8)), replicates=2000)
    assert nothing.status == "infeasible"
    assert nothing.n_per_arm is None
    assert "power at the top of the range, n = 8, is 0.0" in nothing.reason
    assert all(check.n_per_arm is None for check in nothing.cross_checks)
    assert "told from none" in nothing.cross_checks[0].basis
    tiny = find_sample_size(titers(9.0, seed=1, n=(2, 3)), replicates=1000)
    assert tiny.status == "infeasible"
    assert "smallest p without ties is 0.1, above the first threshold 0.05" in tiny.reason


def test_the_target_is_cleared_from_the_start_of_the_range(known):
    answer = find_sample_size(titers(6.0, seed=1, target=0.5, n=(8, 10)), replicates=2000)
    assert (answer.status, answer.n_per_arm, answer.power_below) == ("certified", 8, None)
    assert "n = 8 is the start of the range, so smaller n were not looked at" in answer.reason
    assert known[7] > 0.5  # indeed a smaller n would do


def test_more_animals_than_allowed(known):
    needed = smallest(known, 0.75)
    limit = 2 * needed - 1
    scenario = titers(6.0, seed=1, target=0.75, limits={"animals": limit})
    answer = find_sample_size(scenario, replicates=2000)
    assert answer.status == "infeasible"
    assert f"n = {needed} per arm is needed, which is {2 * needed} animals" in answer.reason
    assert f"is {limit}. n = {needed - 1} is within it and has power" in answer.reason
    enough = titers(6.0, seed=1, target=0.75, limits={"animals": 2 * needed})
    assert find_sample_size(enough, replicates=2000).n_per_arm == needed


def test_formulas_stand_beside_as_approximations():
    answer = find_sample_size(titers(6.0, seed=1), replicates=5000)
    by_name = {check.name: check for check in answer.cross_checks}
    assert set(by_name) == {"Noether", "Happ", "Shieh"}
    p = wells(1) @ (wells(6)[::-1].cumsum()[::-1] - wells(6) / 2)
    noether = stats.norm.isf([0.025, 0.2]).sum() ** 2 / (6 * (p - 0.5) ** 2)
    assert by_name["Noether"].n_per_arm == pytest.approx(noether, abs=1)  # rounded up
    for check in by_name.values():
        assert abs(check.n_per_arm - answer.n_per_arm) <= 3  # near, and not the answer
    assert "(approximation)" in repr(answer)


def test_same_seed_same_answer_for_any_threads():
    scenario = titers(6.0, seed=3, target=0.75)
    one, three = (find_sample_size(scenario, replicates=2500, threads=t) for t in (1, 3))
    assert one == three


def test_a_direction_that_the_test_does_not_look_at_has_no_formula_answer():
    scenario = titers(6.0, seed=1, n=(3, 5))
    other_way = scenario.analysis.model_copy(update={"alternative": "less"})
    answer = find_sample_size(scenario.model_copy(update={"analysis": other_way}), replicates=1000)
    assert answer.status == "infeasible"
    assert all(check.n_per_arm is None for check in answer.cross_checks)
    assert 'in the direction "less"' in answer.cross_checks[0].basis
