"""The control ratio: its numbers by other ways, its answers where they are known."""

import json
import math

import numpy as np
import pytest
from scipy import optimize, stats

from simulator import ScenarioError, control_ratio, load_scenario, power
from simulator.evaluation.characteristics import Probability
from simulator.evaluation.control_ratio.families import families_at
from simulator.evaluation.control_ratio.field import field_of
from simulator.evaluation.control_ratio.pairs import Pairs
from simulator.evaluation.control_ratio.plan import EQUAL, plan_of
from simulator.evaluation.control_ratio.removal import paired_interval, removals
from simulator.evaluation.replicates import decisions
from simulator.output.json_text import to_json
from simulator.streams import SEARCH_BLOCK
from tests.unit.evaluation.control_ratio.studies import shift_study

R = 1_000
OWN_CAGES = {"animals": {"per_cage": 3, "arms_share_cages": False}}
LOSSES = {"attrition": {"loss": 0.2}}
MADE_UP = {"attrition": {"loss": 0.1, "inflate": 0.8, "before": 0.1}}
LAB = {"conduct": {"staff": 1, "order": "randomized"}}


def counted(plan, wanted, *, threads=None):
    pairs = Pairs(plan, threads=threads)
    return pairs.count(wanted, replicates=R, first_block=SEARCH_BLOCK)


@pytest.mark.parametrize(
    "study",
    [
        shift_study(k=2, adjust="holm"),
        shift_study(design=LOSSES),
        shift_study(k=2, design=MADE_UP),
        shift_study(design=OWN_CAGES, analysis={"unit": "cage"}),
        load_scenario("suppression-and-rescue"),
    ],
    ids=["holm", "losses", "inflate", "cages", "three-arms"],
)
def test_a_pair_is_the_power_of_the_file_with_so_many_controls(study):
    plan = plan_of(study)
    many = counted(plan, {7: [3, 5], 4: [5, 6]})
    for (m, n), counts in many.items():
        found = power(plan.with_control(m), n=n, replicates=R)
        own = [c.power.count for c in found.comparisons if c.family == plan.family]
        assert counts.adjusted[:, 0].tolist() == own
        assert found.sizes == plan.sizes((m, n))


def test_equal_arms_are_one_study_of_ratio_one():
    plan = plan_of(shift_study(k=2, adjust="holm"))
    one_by_one = counted(plan, {n: [n] for n in (4, 6, 9)})
    at_once = counted(plan, {EQUAL: [4, 6, 9]})
    assert list(at_once) == [(4, 4), (6, 6), (9, 9)]
    for pair, counts in at_once.items():
        np.testing.assert_array_equal(counts.adjusted, one_by_one[pair].adjusted)


def test_a_laboratory_is_simulated_for_every_pair():
    study = shift_study(design=LAB, n=(3, 4))
    plan = plan_of(study)
    assert not plan.alike
    for (m, n), counts in counted(plan, {5: [3, 4]}).items():
        found = power(plan.with_control(m), n=n, replicates=R)
        assert counts.adjusted[0, 0] == found.comparisons[0].power.count


def test_threads_change_no_number():
    study = shift_study(k=3, shift=1.5, decision={"replicates": 2000, "max_replicates": 4000})
    one, two = (control_ratio(study, threads=threads) for threads in (1, 2))
    assert to_json(one.to_dict()) == to_json(two.to_dict())
    assert one.to_frame().equals(two.to_frame())


@pytest.mark.parametrize("of", ["each", "any", "all"])
def test_power_lost_is_the_mean_of_paired_differences(of):
    study = shift_study(k=2, adjust="holm", decision={"power": {"target": 0.8, "of": of}})
    plan = plan_of(study)
    pair = (9, 6)
    found = removals(Pairs(plan, threads=2), pair, replicates=R, first_block=SEARCH_BLOCK)
    base = plan.with_control(9)
    assert [one.arm for one in found] == ["vehicle", "drug-0", "drug-1", ""]
    assert [one.animals for one in found] == [1, 1, 1, 2]
    before = decisions(base, n=6, replicates=R).rejected[:, 0]
    for one, less in zip(
        found,
        ({"vehicle": 8}, {"drug-0": 5}, {"drug-1": 5}, {"drug-0": 5, "drug-1": 5}),
        strict=True,
    ):
        after = decisions(with_sizes(base, less), n=6, replicates=R).rejected[:, 0]
        hardest = int(np.argmin(before.sum(axis=1)))
        which = {"drug-0": 0, "drug-1": 1}.get(one.arm, hardest)
        pick = {
            "each": lambda x, c=which: x[c],
            "any": lambda x: x.any(0),
            "all": lambda x: x.all(0),
        }
        change = pick[of](before).astype(float) - pick[of](after).astype(float)
        assert one.loss.value == pytest.approx(change.mean(), abs=1e-12)
        assert one.loss.mcse == pytest.approx(change.std() / math.sqrt(R), abs=1e-12)
        assert one.power.value == pytest.approx(pick[of](after).mean(), abs=1e-12)


def score_limits(lost, gained, total):
    """Tango's limits by brute force: the likelihood maximised numerically at every difference."""

    def score(difference):
        def minus_log_likelihood(gains):
            shares = (gains + difference, gains, 1 - 2 * gains - difference)
            counts = (lost, gained, total - lost - gained)
            return -sum(
                c * math.log(max(p, 1e-300)) for c, p in zip(counts, shares, strict=True) if c
            )

        ends = (max(0.0, -difference) + 1e-13, (1 - difference) / 2 - 1e-13)
        inner = optimize.minimize_scalar(
            minus_log_likelihood, bounds=ends, method="bounded", options={"xatol": 1e-13}
        ).x
        gains = min((inner, *ends), key=minus_log_likelihood)
        apart = lost - gained - total * difference
        return apart / math.sqrt(total * (2 * gains + difference - difference**2))

    z, seen = stats.norm.ppf(0.975), (lost - gained) / total
    return (
        optimize.brentq(lambda d: score(d) - z, -1 + 1e-9, seen - 1e-9),
        optimize.brentq(lambda d: score(d) + z, seen + 1e-9, 1 - 1e-9),
    )


@pytest.mark.parametrize(
    ("lost", "gained", "total"),
    [(12, 2, 50), (5, 0, 2000), (0, 0, 2000), (1, 3, 40), (0, 4, 30), (820, 3, 2000)],
)
def test_the_interval_of_a_loss_is_the_score_interval(lost, gained, total):
    found = paired_interval(lost, gained, total, confidence=0.95)
    # the brute force finds the share of gains, and the limits with it, to about 1e-6
    assert found == pytest.approx(score_limits(lost, gained, total), abs=1e-5)


@pytest.mark.parametrize(("lost", "gained"), [(40, 0), (0, 40)])
def test_the_interval_of_a_loss_ends_where_every_study_changes(lost, gained):
    low, high = paired_interval(lost, gained, 40, confidence=0.95)
    assert -1 <= low < high <= 1
    assert {-1.0, 1.0} & {round(low, 12), round(high, 12)}


def test_a_loss_that_no_study_shows_is_not_known_to_be_none():
    """As far as Wilson's interval of an event that was never seen."""
    plan = plan_of(shift_study(k=2, shift=40.0))
    for one in removals(Pairs(plan, threads=1), (9, 9), replicates=R, first_block=SEARCH_BLOCK):
        assert (one.lost, one.gained) == (0, 0)
        limit = Probability(0, R).ci[1]
        assert one.loss_ci == pytest.approx((-limit, limit), abs=1e-12)
        told = one.to_dict()["power_lost"]
        assert (told["value"], told["mcse"]) == (0.0, None)


BUDGET = {"replicates": 1000, "max_replicates": 2000}


def test_a_range_that_starts_too_high_is_no_answer():
    late = control_ratio(shift_study(k=2, shift=2.5, n=(9, 14), decision=BUDGET))
    assert late.best is not None
    assert (late.best.n_control, late.best.n_treated, late.below) == (9, 9, 9)
    assert late.reason.endswith(
        "no pair of fewer animals was looked at: fewer than 9 in an arm were not looked at "
        "(decision.n.from)"
    )
    assert late.to_dict()["smaller_arms_not_looked_at_below"] == 9
    early = control_ratio(shift_study(k=2, shift=2.5, n=(2, 14), decision=BUDGET))
    assert early.best is not None
    assert early.best.total < late.best.total
    assert early.below is None


def test_only_the_treated_arms_may_be_at_the_start_of_the_range():
    """Six treated arms: the fewest animals have many controls and treated arms of the start."""
    found = control_ratio(shift_study(k=6, shift=2.0, n=(5, 20), decision=BUDGET))
    assert found.best is not None
    assert found.best.n_treated == 5 < found.best.n_control
    assert found.below == 5
    assert "fewer than 5 in an arm were not looked at" in found.reason


def test_smaller_arms_that_could_never_be_significant_are_not_missed():
    """p of 6 v 2 is at least 2/C(8,2) = 0.07: a range from 3 leaves nothing out."""
    found = control_ratio(load_scenario("too-small"), replicates=1000)
    assert found.below is None
    assert "not looked at" not in found.reason


def test_what_the_file_has_already_needs_no_change():
    study = load_scenario("quick-start")
    plan = plan_of(study)
    assert plan.as_planned((5, 5))
    assert not plan.as_planned((6, 3))
    arms = {
        key: arm.model_copy(update={"ratio": 2.0 if key != plan.control else 1.0})
        for key, arm in study.design.arms.items()
    }
    doubled = plan_of(
        study.model_copy(update={"design": study.design.model_copy(update={"arms": arms})})
    )
    assert doubled.file_n((3, 6)) == 3  # n of an arm of ratio 1
    assert doubled.as_planned((3, 6))
    assert doubled.file_n((3, 7)) is None


def with_sizes(study, sizes):
    arms = {
        key: arm.model_copy(update={"n": sizes.get(key, arm.n)})
        for key, arm in study.design.arms.items()
    }
    return study.model_copy(update={"design": study.design.model_copy(update={"arms": arms})})


def test_every_smaller_pair_is_too_small_or_left_open():
    """An exact property of the answer, whatever the numbers."""
    study = shift_study(
        k=4, shift=1.6, adjust="holm", decision={"replicates": 2000, "max_replicates": 8000}
    )
    found = control_ratio(study)
    assert found.best is not None
    left = {(one.n_control, one.n_treated) for one in found.open}
    for line in found.lines:
        if line.lowest is not None and line.lowest.total < found.best.total:
            assert (line.lowest.n_control, line.lowest.n_treated) in left
    smaller = [one for one in found.grid if one.total < found.best.total]
    lowest = {one.lowest.n_control: one.lowest.n_treated for one in found.lines if one.lowest}
    assert smaller
    for row in found.rows:
        assert row.allocation is None or row.allocation.total >= found.best.total
    for one in smaller:
        if (one.n_control, one.n_treated) in left or one.n_control not in lowest:
            continue
        assert one.n_treated < lowest[one.n_control]
    # at the best pair both looks agree, and it is not better than what a fresh study shows
    assert found.best.power.interval(found.confidence)[0] >= found.target
    assert all(one.total == found.best.total for one in found.ties)


def test_every_family_is_judged_with_and_without_effects():
    """The other families and the false alarms are those of ``power`` on the same studies."""
    study = load_scenario("suppression-and-rescue")
    plan = plan_of(study)
    where = {"fewest animals": (5, 3), "equal arms": (4, 4)}
    found = families_at(Pairs(plan, threads=2), where, replicates=R, first_block=SEARCH_BLOCK)
    assert [(one.family, one.at) for one in found] == [
        (family, at) for family in study.analysis.families for at in where
    ]
    for one in found:
        m, n = where[one.at]
        same = power(plan.with_control(m), n=n, replicates=R)
        powers = [c.power.count for c in same.comparisons if c.family == one.family]
        assert (one.lowest.count, one.highest.count) == (min(powers), max(powers))
        assert [one.fwer] == [f.fwer for f in same.families if f.family == one.family]


def test_four_arms_save_animals_and_two_arms_do_not():
    """sqrt(4) = 2 controls for each treated animal; with one treated arm equal arms are best.

    The directions are those of normal theory (9 % fewer animals at k = 4); that the size of the
    effect is right too is tested in tests/verification.
    """
    budget = {"replicates": 4000, "max_replicates": 16_000}
    many = control_ratio(shift_study(k=4, shift=1.0, n=(10, 30), decision=budget))
    assert many.saving is not None
    assert many.saving.low > 0
    assert many.rule == 2.0
    assert many.best is not None
    assert many.best.ratio > 1
    two = control_ratio(shift_study(k=1, shift=1.0, n=(10, 30), decision=budget))
    assert two.saving is not None
    assert two.saving.value <= 1  # an odd number of animals is no equal arms
    assert two.rule == 1.0


def test_equal_arms_go_first_among_as_few_animals():
    """(8, 6) has as few animals as (7, 7), and a little more power with this seed."""
    budget = {"replicates": 4000, "max_replicates": 16_000}
    found = control_ratio(shift_study(k=1, shift=1.8, n=(3, 14), decision=budget))
    assert found.best is not None
    assert found.best.n_control == found.best.n_treated
    assert found.ties
    assert all(one.total == found.best.total for one in found.ties)
    assert max(one.power.value for one in found.ties) > found.best.power.value
    assert found.saving is not None
    assert found.saving.value == 0


def test_controls_make_a_study_possible_that_equal_arms_do_not():
    """Smallest p of 3 v 3 is 0.1; of 3 v 6 it is 2/C(9,3) = 0.024, below 0.05/2."""
    found = control_ratio(load_scenario("too-small"), replicates=2000)
    assert found.equal is None
    assert found.saving is None
    assert found.best is not None
    assert (found.best.n_control, found.best.n_treated) == (6, 3)
    assert any(note.startswith("fragile: with one animal less in") for note in found.notes)


def test_what_cannot_be_reached_says_why():
    study = shift_study(k=2, adjust="bonferroni", n=(2, 2))
    found = control_ratio(study, replicates=1000)
    assert (found.status, found.best) == ("infeasible", None)
    assert "significance is out of reach whatever the effect" in found.reason
    assert found.removals == ()


def test_a_limit_of_animals_makes_it_infeasible():
    study = shift_study(k=2, shift=2.0, decision={"limits": {"animals": 9}, "replicates": 2000})
    found = control_ratio(study)
    assert found.status == "infeasible"
    assert "the limit (decision.limits.animals) is 9" in found.reason


def test_the_clock_stops_it_and_says_so():
    study = shift_study(k=2, decision={"max_minutes": 1e-6, "replicates": 1000})
    found = control_ratio(study)
    assert (found.status, found.best) == ("unresolved", None)
    assert "(decision.max_minutes) were over before any pair was confirmed" in found.reason


def test_cages_of_an_arm_are_full():
    study = shift_study(
        k=2, shift=2.0, design=OWN_CAGES, decision={"replicates": 2000, "max_replicates": 2000}
    )
    found = control_ratio(study)
    assert found.best is not None
    assert all(size % 3 == 0 for size in found.best.sizes.values())
    assert any("only full cages of 3" in note for note in found.notes)
    assert {one.taken for one in found.removals} == {3}
    assert [one.animals for one in found.removals][:2] == [3, 3]


def test_large_arms_are_looked_at_in_steps():
    plan = plan_of(shift_study(n=(3, 300)))
    field = field_of(plan, enough=200)
    assert field.step == 5
    assert all(n % 5 == 0 for n in field.treated)
    assert all(m % 5 == 0 for m in field.lines(200))
    guess = 1 / (2 / 200 - 1 / 250)
    assert any(abs(n - guess) < 5 for n in field.lines(200)[250])


def test_who_is_compared_comes_from_the_decision():
    study = load_scenario("secretome-healthy-mice")
    plan = plan_of(study)
    assert (plan.control, len(plan.treated)) == ("control", 6)
    assert plan.rule == pytest.approx(math.sqrt(6))
    assert plan.sizes((12, 5))["thymalin"] == 5
    arms = {"arms": ["secretome-im-10", "secretome-im-20"], "family": "afc-over-thymalin"}
    wish = study.decision.power.model_copy(update=arms)
    other = study.model_copy(update={"decision": study.decision.model_copy(update={"power": wish})})
    assert plan_of(other).control == "thymalin"
    assert plan_of(other).treated == ("secretome-im-10", "secretome-im-20")


def test_treated_arms_of_one_ratio_are_counted_by_their_own_number():
    study = shift_study(k=2, n=(3, 6))
    arms = {
        key: arm.model_copy(update={"ratio": 2.0 if key.startswith("drug") else 3.0})
        for key, arm in study.design.arms.items()
    }
    plan = plan_of(
        study.model_copy(update={"design": study.design.model_copy(update={"arms": arms})})
    )
    assert plan.planned_ratio == 1.5
    assert plan.sizes((9, 6)) == {"vehicle": 9, "drug-0": 6, "drug-1": 6}


def test_fixed_numbers_leave_no_ratio():
    study = with_sizes(shift_study(k=2), {"drug-0": 5, "drug-1": 6})
    with pytest.raises(ScenarioError, match="every treated arm of the decision has a fixed number"):
        control_ratio(study)
    half = plan_of(with_sizes(shift_study(k=2), {"drug-0": 5}))
    assert (half.treated, half.fixed) == (("drug-1",), ("drug-0",))


def test_replicates_below_one_are_refused():
    with pytest.raises(ValueError, match="replicates must be at least 1, not 0"):
        control_ratio(shift_study(), replicates=0)


def test_the_answer_is_plain_data():
    found = control_ratio(load_scenario("too-small"), replicates=1000)
    data = json.loads(to_json(found.to_dict()))
    assert data["best"]["n_control"] == 6
    assert {row["name"] for row in data["ratios"]} >= {"equal, as planned", "fewest animals"}
    frame = found.to_frame()
    assert len(frame) == len(found.grid)
    assert (frame["power_low"] <= frame["power"]).all()
    assert "Control ratio of too-small: certified" in repr(found)
