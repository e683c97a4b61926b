"""Every reason for "no n is enough" is named, each on a study that has it."""

import pytest

from simulator.evaluation.sizing.infeasible import without_losses
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.output.wording.next_step import next_step
from simulator.scenario import Scenario
from simulator.scenario.enrolment import study_headcount


def study(*, fold=8.0, n=(3, 8), loss=0.0, wells=6, level="9", arms=None, **extra):
    losses = {"loss": loss, **extra.pop("attrition", {})}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "hopeless",
            "question": "why not?",
            "seed": 3,
            "design": {
                "arms": arms or {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": {
                    "y": {"kind": "titer", "day": 5, "first_dilution": 2.0, "wells": wells}
                },
                "attrition": losses,
            },
            "truth": {
                "y": {"control": level, "response": {"model": "fold", "drug": fold}},
                "variability": {
                    "y": {"sd_log2": 1.2},
                    "immunization_failure": extra.pop("failure", 0.0),
                },
            },
            "analysis": extra.pop("analysis", {}),
            "decision": {"n": {"from": n[0], "to": n[1]}, **extra},
        }
    )


def test_smallest_p():
    answer = find_sample_size(study(n=(2, 3), analysis={"method": "exact"}), replicates=1000)
    assert (answer.status, answer.cause) == ("infeasible", "minimum p")
    assert "with 3 v 3 animals the smallest p is 0.1" in answer.reason


def test_losses():
    answer = find_sample_size(study(n=(3, 7), loss=0.4), replicates=2000)
    assert (answer.status, answer.cause) == ("infeasible", "losses")
    assert "animals are lost (40%): without losses power at n = 7 would be 0.9" in answer.reason
    advice = next_step(answer, study(n=(3, 7), loss=0.4))
    assert advice == (
        "lose fewer animals, or enrol more for them: set design.attrition.inflate (0.9, say), or "
        "raise decision.n.to, now 7"
    )
    # losses that are not what keeps the power down are not blamed
    weak = find_sample_size(study(fold=1.5, n=(3, 7), loss=0.05), replicates=2000)
    assert weak.cause != "losses"


def test_losses_of_one_arm():
    losses = {"by_arm": {"drug": 0.6}}
    answer = find_sample_size(study(n=(3, 7), loss=0.1, attrition=losses), replicates=2000)
    assert (answer.status, answer.cause) == ("infeasible", "losses")
    assert "animals are lost (10% to 60%): without losses power at n = 7 would" in answer.reason


def test_the_study_without_losses_loses_nothing():
    losses = {
        "by_arm": {"drug": 0.6},
        "samples": {"y": 0.2},
        "exclusions": 0.1,
        "failed_immunization": 0.75,
        "inflate": 0.9,
    }
    scenario = study(loss=0.1, attrition=losses, failure=0.2)
    complete = without_losses(scenario)
    assert not complete.design.animals_may_be_lost
    animals = study_headcount(complete, 6)
    assert (animals.analysed, animals.enrolled, animals.kept) == (12, 12, None)
    # the failures that nobody notices stay: a quarter of 20 %
    assert complete.truth.variability.immunization_failure.value == pytest.approx(0.05)
    assert complete.truth.endpoints == scenario.truth.endpoints


def test_enrolment_for_the_losses_makes_up_for_them():
    wish = {"n": (3, 9), "power": {"target": 0.9}}
    lossy = study(loss=0.4, **wish)
    assert find_sample_size(lossy, replicates=2000).cause == "losses"
    inflated = study(loss=0.4, attrition={"inflate": 0.9}, **wish)
    answer = find_sample_size(inflated, replicates=2000)
    assert answer.status == "certified"
    assert answer.n_per_arm <= 9 < answer.sizes["drug"]
    assert answer.animals.kept >= 0.9
    assert answer.to_dict()["animals"]["kept"] == answer.animals.kept
    assert "every arm keeps its n (in its worst endpoint) with probability 0.9" in repr(answer)


def test_no_test():
    """Titers far above the plate: nearly all read the last well, in both arms."""
    answer = find_sample_size(study(level="3000", wells=2, n=(3, 6)), replicates=2000)
    assert (answer.status, answer.cause) == ("infeasible", "no test")
    assert "(all values equal), and these count as not significant" in answer.reason
    assert "widen the range of the assay" in next_step(answer, study())


def test_flat_power_without_an_effect():
    answer = find_sample_size(study(fold=1.0, n=(4, 12)), replicates=4000)
    assert (answer.status, answer.cause) == ("infeasible", "flat power")
    assert "more animals do not help: power is 0.0" in answer.reason
    assert "because y, drug v saline, has no effect (true P(X>Y) 0.5" in answer.reason


def test_flat_power_because_an_arm_keeps_its_size():
    arms = {"saline": {"role": "control", "n": 3}, "drug": {"role": "test"}}
    scenario = study(fold=2.0, arms=arms, n=(30, 120))
    answer = find_sample_size(scenario, replicates=4000)
    assert (answer.status, answer.cause) == ("infeasible", "flat power")
    assert "saline keeps a fixed number of animals" in answer.reason
    assert next_step(answer, scenario) == (
        "give the arms of fixed size more animals (design.arms.saline.n), or ask for a stronger "
        "effect or less power"
    )


def test_power_that_rises_is_not_called_flat():
    answer = find_sample_size(study(fold=2.0, n=(4, 12)), replicates=4000)
    assert (answer.status, answer.cause) == ("infeasible", None)
    assert answer.reason.startswith("power at the top of the range, n = 12, is")


def test_too_few_replicates_or_too_short_a_range_say_nothing_about_flatness():
    for n, replicates in (((4, 12), 100), ((9, 12), 4000)):
        answer = find_sample_size(study(fold=1.0, n=n), replicates=replicates)
        assert answer.cause is None


def test_flat_power_of_any_comparison():
    arms = {"saline": {"role": "control"}, "drug": {"role": "test"}, "other": {"role": "test"}}
    scenario = study(fold=1.0, n=(4, 12), arms=arms, power={"target": 0.8, "of": "any"})
    answer = find_sample_size(scenario, replicates=4000)
    assert answer.cause == "flat power"
    assert "none of the comparisons has an effect" in answer.reason


def test_limit_of_animals():
    answer = find_sample_size(study(limits={"animals": 8}, n=(3, 12)), replicates=2000)
    assert (answer.status, answer.cause) == ("infeasible", "animal limit")


@pytest.mark.parametrize("of", ["each", "any", "all"])
def test_a_certified_answer_has_no_cause(of):
    answer = find_sample_size(study(power={"target": 0.5, "of": of}), replicates=2000)
    assert (answer.status, answer.cause) == ("certified", None)


def test_ties_can_make_smaller_p_values_than_the_smallest_without():
    """Regression: "minimum p" was the cause although studies did reject."""
    answer = find_sample_size(study(n=(2, 3), fold=40.0, wells=6), replicates=2000)
    assert answer.status == "infeasible"
    assert answer.power.interval(0.99)[0] > 0.01
    assert answer.cause != "minimum p"


@pytest.mark.parametrize("fold", [0.001, 1000.0])
def test_an_effect_beyond_doubt(fold):
    """Regression: the formulas refused a relative effect of 1 + 2e-15."""
    answer = find_sample_size(study(fold=fold, level="300", wells=12, n=(3, 6)), replicates=2000)
    assert answer.status == "certified"
