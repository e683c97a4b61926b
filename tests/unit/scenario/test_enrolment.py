"""Who is enrolled and bought for the losses, against scipy's binomial law and by hand."""

import itertools
import math

import pytest
from scipy import stats

from simulator.scenario import Design
from simulator.scenario.enrolment import (
    enrolled_for,
    kept_with,
    planned_sizes,
    study_headcount,
)
from simulator.scenario.housing import cages_needed
from tests.unit.model.studies import fold_study

ARMS = {
    "saline": {"role": "control", "n": 12},
    "drug-10": {"role": "test", "group": "drug"},
    "drug-20": {"role": "test", "group": "drug", "ratio": 1.5},
}
ENDPOINTS = {
    "early": {"kind": "titer", "day": 4},
    "afc": {"kind": "plaque_count", "day": 6},
}


def design(*, endpoints=None, arms=None, **attrition):
    return Design.model_validate(
        {"arms": arms or ARMS, "endpoints": endpoints or ENDPOINTS, "attrition": attrition}
    )


@pytest.mark.parametrize("n", [1, 2, 3, 8, 10, 30, 100, 500])
@pytest.mark.parametrize("loss", [0.001, 0.1, 0.3, 0.5, 0.9, 0.95])
def test_the_binomial_tail_is_scipys(n, loss):
    for chance in (0.5, 0.81, 0.9, 0.99, 0.999999 ** (1 / 200)):
        m = enrolled_for(n, loss, chance)
        assert stats.binom.sf(n - 1, m, 1 - loss) >= chance * (1 - 1e-11)
        assert m == n or stats.binom.sf(n - 1, m - 1, 1 - loss) < chance
        assert kept_with(m, n, loss) == pytest.approx(stats.binom.sf(n - 1, m, 1 - loss), abs=1e-11)


def test_by_hand():
    # 2 of 2 are kept with 0.9^2 = 0.81, whatever the last bits say; 2 of 3 with 0.972
    assert [enrolled_for(2, 0.1, p) for p in (0.81, 0.8100001, 0.972, 0.973)] == [2, 3, 3, 4]
    assert enrolled_for(7, 0.0, 0.99) == 7
    assert kept_with(7, 7, 0.0) == 1.0
    assert kept_with(6, 7, 0.0) == kept_with(6, 7, 0.5) == 0.0


def test_without_inflation_n_is_what_is_enrolled():
    assert design(loss=0.3).sizes(5) == planned_sizes(design(), 5) == design().sizes(5)


def test_every_arm_keeps_its_n_with_the_probability_asked_for():
    study = design(loss=0.1, by_arm={"drug": 0.3, "saline": 0}, inflate=0.9)
    sizes, planned = study.sizes(8), planned_sizes(study, 8)
    assert sizes["saline"] == 12  # loses none: its share of the probability goes to the others
    chances = [stats.binom.sf(planned[arm] - 1, sizes[arm], 0.7) for arm in ("drug-10", "drug-20")]
    assert all(chance >= math.sqrt(0.9) for chance in chances)
    assert study.headcount(8).kept == pytest.approx(math.prod(chances), rel=1e-12)
    fewer = [
        stats.binom.sf(planned[arm] - 1, sizes[arm] - 1, 0.7) for arm in ("drug-10", "drug-20")
    ]
    assert all(chance < math.sqrt(0.9) for chance in fewer)


def test_enrolment_never_falls_with_n():
    study = design(loss=0.12, samples={"afc": 0.05}, inflate=0.95)
    found = [study.sizes(n) for n in range(1, 120)]
    for one, other in itertools.pairwise(found):
        assert all(one[arm] <= other[arm] for arm in ARMS)


def test_an_arm_goes_before_its_dose_list_and_its_role():
    study = design(loss=0.01, by_arm={"drug-10": 0.4, "drug": 0.3, "test": 0.2, "control": 0.1})
    assert [study.loss_of(arm) for arm in ARMS] == [0.1, 0.4, 0.3]
    assert design(loss=0.01, by_arm={"test": 0.2}).loss_of("saline") == 0.01


def test_losses_of_an_endpoint():
    study = design(loss=0.2, samples={"early": 0.5}, exclusions=0.1)
    assert study.loss_of("saline", "afc") == pytest.approx(1 - 0.8 * 0.9)
    assert study.loss_of("saline", "early") == pytest.approx(1 - 0.8 * 0.5 * 0.9)
    assert study.loss_of("saline") == study.loss_of("saline", "early")
    # half of the days of death are before day 4, all before day 6
    windowed = design(loss=0.2, days=[2, 6])
    assert windowed.loss_of("saline", "early") == pytest.approx(0.1)
    assert windowed.loss_of("saline", "afc") == 0.2
    assert not design(loss=0.2, days=[6, 9]).animals_may_be_lost


@pytest.mark.parametrize(
    "attrition",
    [
        {"loss": 0.1},
        {"by_arm": {"drug-20": 0.1}},
        {"samples": {"early": 0.1}},
        {"exclusions": 0.1},
        {"failed_immunization": 1},
    ],
)
def test_animals_may_be_lost(attrition):
    assert design(**attrition).animals_may_be_lost
    assert not design(loss=0.1, by_arm={"test": 0, "control": 0}).animals_may_be_lost


def test_headcount_by_hand():
    arms = {"saline": {"role": "control"}, "drug": {"role": "test"}}
    late = {**ENDPOINTS, "late": {"kind": "titer", "day": 9, "satellite": True}}
    study = design(arms=arms, endpoints=late, by_arm={"drug": 0.25}, before=0.08)
    animals = study.headcount(10)
    # 10 + 7.5 analysed; main and satellite animals, of which 92 % are fit: 40 / 0.92 = 43.5
    assert (animals.analysed, animals.enrolled, animals.purchased) == (17.5, 20, 44)
    assert animals.to_dict() == {"analysed": 17.5, "enrolled": 20, "purchased": 44}
    assert str(animals) == "17.5 expected to be analysed, 20 enrolled, 44 purchased"
    # exactly 40 of 50 are fit: no animal more
    assert design(arms=arms, endpoints=late, before=0.2).headcount(10).purchased == 50


def test_the_probability_is_told_and_not_rounded_up():
    animals = design(loss=0.1, inflate=0.9).headcount(8)
    assert animals.kept >= 0.9
    assert animals.to_dict()["kept"] == animals.kept
    percent = float(str(animals).split("with probability ")[1].removesuffix(" %"))
    assert animals.kept - 0.001 < percent / 100 <= animals.kept


def test_noticed_failures_are_known_to_the_study_and_not_to_its_design():
    study = fold_study(
        design={"attrition": {"failed_immunization": 0.5, "loss": 0.1, "inflate": 0.9}},
        variability={"afc": {"sd_ln": 0.45}, "immunization_failure": 0.2},
    )
    plain, whole = study.design.headcount(10), study_headcount(study, 10)
    assert (whole.enrolled, whole.purchased) == (plain.enrolled, plain.purchased)
    m = plain.enrolled // 2
    assert plain.analysed == pytest.approx(2 * m * 0.9)
    assert whole.analysed == pytest.approx(2 * m * 0.9 * 0.9)
    assert whole.kept == pytest.approx(stats.binom.sf(9, m, 0.81) ** 2)
    assert whole.kept < 0.9 <= plain.kept


def test_what_no_enrolment_makes_up_for_is_refused():
    with pytest.raises(ValueError, match=r"inflate cannot make up .* arm saline loses 97.5%"):
        design(loss=0.95, exclusions=0.5, inflate=0.9)
    design(loss=0.95, exclusions=0.5)


def test_whole_cages_are_enrolled_full():
    """6 of 8 are kept with 0.962 >= sqrt(0.9), 6 of 7 with 0.85: 8 mice, so 2 cages of 5."""
    losses = {"by_arm": {"drug": 0.1}, "inflate": 0.9}
    mixed = design(**losses)
    housed = mixed.animals.model_copy(update={"arms_share_cages": False})
    whole = mixed.model_copy(update={"animals": housed})
    assert mixed.sizes(6) == {"saline": 12, "drug-10": 8, "drug-20": 12}
    # an arm that loses nothing keeps what was planned for it
    assert whole.sizes(6) == {"saline": 12, "drug-10": 10, "drug-20": 15}
    assert whole.headcount(6).kept > mixed.headcount(6).kept
    for one, other in itertools.pairwise(whole.sizes(n) for n in range(1, 60)):
        assert other["drug-10"] % 5 == 0
        assert all(one[arm] <= other[arm] for arm in ARMS)
    plain = whole.model_copy(update={"attrition": design(loss=0.1).attrition})
    assert plain.sizes(6) == planned_sizes(plain, 6)


@pytest.mark.parametrize(
    ("animals", "needed"),
    # 12, 8 and 12 mice, twice (satellites): 7 cages of 5; whole cages: 3 + 2 + 3
    [({}, 14), ({"arms_share_cages": False}, 16), ({"per_cage": 1}, 64)],
)
def test_cages_needed_by_hand(animals, needed):
    late = {**ENDPOINTS, "late": {"kind": "titer", "day": 9, "satellite": True}}
    study = Design.model_validate({"arms": ARMS, "endpoints": late, "animals": animals})
    assert cages_needed(study, study.sizes(8)) == needed
