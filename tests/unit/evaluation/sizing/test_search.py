"""The search's budget and its bracket: what is simulated where, and what the clock may do."""

import json

import pytest

from simulator.evaluation.sizing.clock import Clock, OutOfTimeError
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.evaluation.sizing.search import PILOT, half
from simulator.scenario import Scenario


def study(*, fold=3.0, n=(3, 20), seed=1, **decision):
    """Two arms of plaque counts."""
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "search",
            "question": "how many animals?",
            "seed": seed,
            "design": {
                "arms": {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": {"y": {"kind": "plaque_count", "day": 5}},
            },
            "truth": {
                "y": {"control": "5e4 /spleen", "response": {"model": "fold", "drug": fold}},
                "variability": {"y": {"sd_ln": 0.6}},
            },
            "decision": {"n": {"from": n[0], "to": n[1]}, **decision},
        }
    )


def test_the_clock_stops_between_blocks_and_only_when_it_is_over():
    seen = []
    free = Clock(None).watching(lambda done, total: seen.append((done, total)))
    free(1, 2)
    Clock(60).watching(free)(2, 2)
    assert seen == [(1, 2), (2, 2)]
    assert Clock(None).watching(None) is None
    with pytest.raises(OutOfTimeError):
        Clock(1e-9).watching(free)(1, 2)
    assert seen == [(1, 2), (2, 2)]


def test_minutes_end_the_search_unresolved_and_say_so():
    timed = study(max_minutes=1e-6)
    answer = find_sample_size(timed, replicates=1000)
    assert (answer.status, answer.n_per_arm, answer.cause) == ("unresolved", None, "time")
    assert "1e-06 minutes (decision.max_minutes) were over before" in answer.reason
    assert "after 1,000 replicates" in answer.reason
    # the first look is finished, and its numbers are those of a search without a clock
    free = find_sample_size(study(), replicates=1000)
    assert answer.result.curve == free.result.curve
    assert answer.replicates_spent == 1000
    assert answer.candidates
    assert json.loads(json.dumps(answer.to_dict()))["cause"] == "time"


def test_minutes_that_suffice_change_nothing():
    timed = find_sample_size(study(max_minutes=600), replicates=1000)
    free = find_sample_size(study(), replicates=1000)
    assert (timed.reason, timed.power, timed.result.curve) == (
        free.reason,
        free.power,
        free.result.curve,
    )


@pytest.mark.parametrize("minutes", [0, -1, float("inf"), "soon"])
def test_impossible_minutes_are_refused(minutes):
    with pytest.raises(ValueError, match="max_minutes"):
        study(max_minutes=minutes)


def test_a_wide_range_is_seen_by_a_pilot_and_its_bracket_by_all_replicates():
    narrow = find_sample_size(study(fold=2.0, n=(3, 40)), replicates=5000)
    wide = find_sample_size(study(fold=2.0, n=(3, 200)), replicates=5000)
    assert wide.status == narrow.status == "certified"
    n = narrow.n_per_arm
    assert wide.n_per_arm == n
    assert (wide.power, wide.power_below) == (narrow.power, narrow.power_below)
    at = {point.n: point.target for point in wide.result.curve}
    assert list(at) == list(range(3, 201))
    assert at[200].replicates == at[3].replicates == PILOT
    # what is simulated in full is what a narrow range would show, bit for bit
    alike = {point.n: point for point in narrow.result.curve}
    full = [point for point in wide.result.curve if point.target.replicates == 5000]
    assert {n - 1, n, n + 1} <= {point.n for point in full}
    assert len(full) < 25
    assert all(point == alike[point.n] for point in full)
    assert wide.result.replicates == 5000
    assert wide.result.comparisons == narrow.result.comparisons
    frame = wide.to_frame()
    assert set(frame["replicates"]) == {PILOT, 5000}


def test_a_range_that_the_formulas_fill_needs_no_pilot():
    # the formulas ask for about 70 of the 100 animals
    answer = find_sample_size(study(fold=1.35, n=(50, 100)), replicates=4000)
    assert {point.target.replicates for point in answer.result.curve} == {4000}


def test_a_wide_range_that_is_not_enough_is_shown_at_its_top():
    answer = find_sample_size(study(fold=1.0, n=(3, 80)), replicates=4000)
    assert answer.status == "infeasible"
    at = {point.n: point.target.replicates for point in answer.result.curve}
    assert (at[80], at[40], at[20]) == (4000, 4000, PILOT)
    assert answer.result.replicates == 4000


def test_replicates_spent_are_those_that_speak_about_the_answer():
    answer = find_sample_size(study(), replicates=1000)
    assert answer.status == "certified"
    assert answer.replicates_spent == answer.power.replicates * 2  # search, and as many fresh ones
    assert answer.cause is None


@pytest.mark.parametrize(("ns", "middle"), [((3, 4), 3), ((3, 8), 4), ((3, 9), 5), ((7, 9), 7)])
def test_half_of_a_range(ns, middle):
    assert half(range(ns[0], ns[1] + 1)) == middle


def _simulated(monkeypatch, scenario, *, replicates):
    """Return the answer, and the replicates that were simulated of each n in all its passes."""
    from simulator.evaluation.sizing import search

    spent, real = dict[int, int](), search.simulate_counts

    def counted(scenario, layout, *, replicates, **others):
        for n in layout.ns:
            spent[n] = spent.get(n, 0) + replicates
        return real(scenario, layout, replicates=replicates, **others)

    monkeypatch.setattr(search, "simulate_counts", counted)
    return find_sample_size(scenario, replicates=replicates), spent


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_budget_holds_for_looks_and_confirmations_together(monkeypatch, seed):
    """The target is the power at n = 9 itself: it is looked at, and confirmed, in vain."""
    curve = find_sample_size(study(fold=2.3, seed=seed), replicates=4000).result.curve
    target = next(point.target.value for point in curve if point.n == 9)
    # at so low a confidence the looks tell 8 and 9 apart early, and confirmations fail
    loose = {"power": target, "confidence": 0.5, "fold": 2.3, "seed": seed}
    answer, spent = _simulated(monkeypatch, study(max_replicates=10_000, **loose), replicates=1000)
    assert max(spent.values()) <= 10_000
    assert answer.replicates_spent <= max(spent.values())
    if answer.status == "unresolved":
        assert f"{max(spent.values()):,} replicates do not tell these apart" in answer.reason
        assert "decision.max_replicates (10,000)" in answer.reason


def test_half_of_the_budget_is_left_to_confirm(monkeypatch):
    """Nothing is told apart: the search stops where as many replicates are left as it took."""
    curve = find_sample_size(study(fold=2.3), replicates=8000).result.curve
    target = next(point.target.value for point in curve if point.n == 9)
    strict = study(fold=2.3, power=target, confidence=0.9999, max_replicates=16_000)
    answer, spent = _simulated(monkeypatch, strict, replicates=1000)
    assert answer.status == "unresolved"
    assert max(spent.values()) == 8000
    assert "n in {" in answer.reason
