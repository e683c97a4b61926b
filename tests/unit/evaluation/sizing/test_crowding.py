"""Power that falls with n is laid at the laboratory's door, and never answered with more mice."""

import pytest

from simulator.evaluation.feasibility import feasibility
from simulator.evaluation.shifts import fits_shifts, largest_fitting
from simulator.evaluation.sizing.crowding import listed_runs
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.output.wording.next_step import next_step
from simulator.scenario import Scenario


def study(*, fold, n, power=0.8, spleen_loss=0.12, most=100_000, **conduct):
    """Two arms of plaque counts; one technician, whose left-over spleens wait overnight."""
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "crowded",
            "question": "can one technician do it?",
            "seed": 4,
            "design": {
                "arms": {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": {"afc": {"kind": "plaque_count", "day": 5}},
                "conduct": {"staff": 1, "plating": "after-all", **conduct},
            },
            "truth": {
                "afc": {"control": "5e4 /spleen", "response": {"model": "fold", "drug": fold}},
                "handling": {"spleen_loss": spleen_loss},
            },
            "decision": {"n": {"from": n[0], "to": n[1]}, "power": power, "max_replicates": most},
        }
    )


@pytest.fixture(scope="module")
def hopeless():
    scenario = study(fold=1.3, n=(25, 45))
    return scenario, find_sample_size(scenario, replicates=2000)


def test_power_that_falls_names_the_laboratory(hopeless):
    scenario, answer = hopeless
    assert (answer.status, answer.cause) == ("infeasible", "laboratory")
    most = max(answer.result.curve, key=lambda point: point.target.value)
    assert answer.reason.startswith(f"power is largest at n = {most.n} (")
    assert most.n < 45
    # the search for the largest study that fits is another one
    largest = feasibility(scenario, n=45).largest
    assert f"the work no longer fits the shifts above n = {largest} (see afc" in answer.reason
    assert "it is reached at" not in answer.reason


def test_the_advice_is_never_more_animals(hopeless):
    scenario, answer = hopeless
    assert next_step(answer, scenario) == (
        "more technicians (design.conduct.staff, now 1), or several days (design.conduct.days, "
        "now 1), or spleens plated at once (design.conduct.plating: at-once); more animals do not "
        "help before that"
    )


def test_smaller_n_that_reach_the_target_are_told():
    scenario = study(fold=1.3, n=(25, 45), power=0.35)
    answer = find_sample_size(scenario, replicates=2000)
    assert (answer.status, answer.cause) == ("infeasible", "laboratory")
    reached = [p.n for p in answer.result.curve if p.target.interval(answer.confidence)[0] >= 0.35]
    assert reached
    assert answer.reason.endswith(f"though it is reached at n = {listed_runs(reached)}")
    assert f"lower decision.n.to, now 45, to {reached[-1]}" in next_step(answer, scenario)


def test_a_laboratory_that_can_do_the_work_is_not_blamed():
    answer = find_sample_size(study(fold=1.3, n=(4, 10)), replicates=1000)
    assert (answer.status, answer.cause) == ("infeasible", None)
    assert "raise decision.n.to" in next_step(answer, study(fold=1.3, n=(4, 10)))


def test_the_largest_n_that_fits_by_trying_every_one():
    scenario = study(fold=1.3, n=(30, 40))
    fitting = [n for n in range(30, 41) if fits_shifts(scenario, n)]
    assert largest_fitting(scenario, range(30, 41)) == fitting[-1]
    assert largest_fitting(scenario, range(fitting[-1] + 1, 41)) is None


def test_the_upper_candidate_that_will_do_is_told():
    """The target is the power at n = 12 on the same replicates: 12 cannot be told."""
    budget = {"fold": 1.7, "n": (4, 20), "spleen_loss": 0.0}
    curve = find_sample_size(study(**budget), replicates=20_000).result.curve
    target = next(point.target.value for point in curve if point.n == 12)
    answer = find_sample_size(study(**budget, power=target, most=20_000), replicates=20_000)
    assert (answer.status, answer.candidates) == ("unresolved", (12, 13))
    assert "n = 13 is enough on these replicates; whether 12 is, was not told" in answer.reason
