"""The tables of a study with conduct: what was done when, and the times the engine used."""

import math

import numpy as np
import pandas as pd
import pytest

from simulator.model.response_table import respond
from simulator.model.timing import TimingTable
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE
from simulator.trial.block import cohort_block
from simulator.trial.cohort.simulate import simulate_cohort
from simulator.trial.realised import Realised
from tests.unit.model.studies import K_MCSE
from tests.unit.trial.test_block import full_study

#: No task takes time, and nobody ever waits for anything.
NO_TIME = {
    "staff": 100,
    "equipment": {"balances": 100, "baths": 100, "readers": 100},
    "hours": {"from": "00:00", "to": "24:00", "break": None},
    "tasks": {
        task: {"takes": "0 min"}
        for task in ("weighing", "immunization", "dosing", "sampling", "killing", "plating",
                     "incubation", "reading")
    },
}  # fmt: skip
OF_THE_SPLEEN = ["plating", "incubation", "reading"]
STUDIES = {
    "plain": {},
    "one-technician": {"staff": 1, "order": "by-arm"},
    "two-days": {"days": 2, "order": "randomized", "plating": "after-all"},
    "by-cage": {"days": 2, "order": "by-cage", "staff": 3},
    "arms-on-days": {"days": 2, "split": "by-arm", "missed_doses": 0.3},
}


def conducted(dosed_on=None, **conduct):
    """Return the full study in this conduct, dosed on other days where any are given."""
    told = full_study().model_dump(by_alias=True, exclude_unset=True)
    told["design"]["conduct"] = conduct
    if dosed_on is not None:
        told["design"]["schedules"]["daily"]["days"] = dosed_on
    return Scenario.model_validate(told)


def without(scenario):
    design = scenario.design.model_copy(update={"conduct": None})
    return scenario.model_copy(update={"design": design})


@pytest.fixture(scope="module", params=STUDIES)
def study(request):
    scenario = conducted(**STUDIES[request.param])
    return scenario, simulate_cohort(scenario, replicate=13, n=9)


@pytest.mark.parametrize("order", ["by-block", "randomized", "by-arm", "by-cage"])
@pytest.mark.parametrize("dosed_on", [None, [0.1, 0.3, 0.7, 1.1, 2.3]])
def test_a_laboratory_that_needs_no_time_is_the_nominal_one(order, dosed_on):
    """Two ways to the same tables: the planned times, and the queue that is always empty."""
    scenario = conducted(dosed_on, **NO_TIME, order=order)
    one = simulate_cohort(scenario, replicate=3, n=7)
    two = simulate_cohort(without(scenario), replicate=3, n=7)
    for table in ("subjects", "doses", "observations"):
        pd.testing.assert_frame_equal(getattr(one, table), getattr(two, table), check_exact=True)
    common = one.timeline[~one.timeline["event"].isin(OF_THE_SPLEEN)].reset_index(drop=True)
    told = [column for column in common if column != "technician"]
    pd.testing.assert_frame_equal(common[told], two.timeline[told], check_exact=True)
    hours = one.truth["immunization_to_kill_h"]
    assert hours["main"]["drug"] == {"mean": 120.0, "min": 120.0, "max": 120.0}
    assert hours["late"]["control"]["mean"] == 240.0


def test_the_times_are_those_of_the_power_engine(study):
    scenario, cohort = study
    column, sizes = 13, scenario.design.sizes(9)
    realised = Realised(scenario, sizes, TimingTable(scenario))
    block = cohort_block(scenario, respond(scenario), block=0, sizes=sizes, realised=realised)
    events = cohort.timeline.set_index("subject_id")
    doses = cohort.doses.set_index("subject_id")
    for group, animals in [(None, block.animals), ("late", block.satellites["late"])]:
        line = realised.timeline.lines[group]
        variant = column % len(line.immunized)
        for arm in animals:
            places = block.places[group][arm][:, column]
            for index, place in enumerate(places):
                mouse = "-".join(filter(None, (arm, group, f"{index + 1:02d}")))
                own = events.loc[[mouse]]
                start = line.day_of[place]
                done = own[own["event"] == "immunization"]["end_day"]
                np.testing.assert_allclose(
                    done - start, line.immunized[variant, place], rtol=0, atol=1e-9
                )
                if mouse in doses.index:
                    for _, dose in doses.loc[[mouse]].iterrows():
                        late = dose["time_h"] / 24 - dose["day"] - start
                        expected = line.dosed[dose["day"]][variant, place]
                        assert late == pytest.approx(expected, abs=1e-9)
                sampled = own[own["event"] == "sampling"]
                for _, sample in sampled.iterrows():
                    day = scenario.design.endpoints[sample["detail"]].day
                    late = sample["end_day"] - start - day
                    expected = line.sampled[sample["detail"]][variant, place]
                    assert late == pytest.approx(expected, abs=1e-9)
                ends = own.set_index("event")
                if group is None and "plating" in ends.index:
                    wait = ends.loc["plating", "day"] - ends.loc["kill", "end_day"]
                    assert 24 * wait == pytest.approx(line.waited[variant, place], abs=1e-7)


@pytest.mark.parametrize("replicate", [0, BLOCK_SIZE + 7])
def test_the_values_are_those_of_the_power_engine(replicate):
    scenario = conducted(**STUDIES["two-days"])
    found = simulate_cohort(scenario, replicate=replicate, n=6).observations
    block, column = divmod(replicate, BLOCK_SIZE)
    sizes = scenario.design.sizes(6)
    realised = Realised(scenario, sizes, TimingTable(scenario))
    engine = cohort_block(scenario, respond(scenario), block=block, sizes=sizes, realised=realised)
    for (endpoint, arm), mine in found.groupby(["endpoint", "arm"]):
        theirs = engine.values[endpoint][arm][:, column]  # noqa: PD011
        assert mine["value"].tolist() == theirs[~np.isnan(theirs)].tolist()
    # and time has a say in them
    assert not found.equals(
        simulate_cohort(without(scenario), replicate=replicate, n=6).observations
    )


def test_nobody_does_two_things_at_once(study):
    scenario, cohort = study
    work = cohort.timeline.dropna(subset="technician")
    work = work[work["event"] != "sampling"]  # one blood sample serves several endpoints
    assert set(work["technician"]) <= set(range(1, scenario.design.conduct.staff + 1))
    for who in ("technician", "subject_id"):
        for _, own in work.sort_values(["day", "end_day"]).groupby(who):
            assert (own["day"].to_numpy()[1:] >= own["end_day"].to_numpy()[:-1] - 1e-9).all()


def test_a_timeline_is_in_order_and_ends_with_death_or_reading(study):
    _, cohort = study
    assert cohort.timeline["day"].is_monotonic_increasing
    assert (cohort.timeline["end_day"] >= cohort.timeline["day"]).all()
    dead = cohort.subjects.set_index("subject_id")["lost"]
    for mouse, own in cohort.timeline.groupby("subject_id"):
        last = own.iloc[-1]
        if dead[mouse]:
            assert last["event"] == "death"
            assert (own["end_day"] <= last["day"]).all()
            assert not {"sampling", "kill", "plating"} & set(own["event"])
        else:
            assert last["event"] == ("kill" if "-late-" in mouse else "reading")
    died = cohort.subjects.dropna(subset="death_day").set_index("subject_id")
    deaths = cohort.timeline[cohort.timeline["event"] == "death"].set_index("subject_id")
    calendar = died["death_day"] + died["start_day"]
    np.testing.assert_allclose(calendar, deaths["day"].reindex(died.index), rtol=0, atol=1e-12)
    assert set(died.index[died["lost"]]) == set(dead.index[dead])


def test_no_dose_after_death_nor_before_the_immunization(study):
    _, cohort = study
    subjects = cohort.subjects.set_index("subject_id")
    ends = 24 * (subjects["death_day"] + subjects["start_day"]).fillna(math.inf)
    doses = cohort.doses
    assert (doses["time_h"] <= doses["subject_id"].map(ends) + 1e-9).all()
    immunized = cohort.timeline[cohort.timeline["event"] == "immunization"]
    given = 24 * immunized.set_index("subject_id")["end_day"]
    assert (doses["time_h"] > doses["subject_id"].map(given)).all()


@pytest.mark.parametrize("split", ["balanced", "by-arm"])
def test_days_in_turn(split):
    subjects = simulate_cohort(conducted(days=2, split=split), n=8).subjects
    main = subjects[subjects["satellite_of"] == ""]
    counts = main.groupby(["arm", "start_day"]).size().to_dict()
    if split == "balanced":
        assert counts == {(arm, day): 4 for arm in ("control", "drug") for day in (0, 1)}
    else:
        assert counts == {("control", 0): 8, ("drug", 1): 8}


def test_missed_doses_are_told_and_not_given():
    scenario = conducted(missed_doses=0.3, staff=4)
    n = 60
    found = simulate_cohort(scenario, replicate=2, n=n)
    missed = found.timeline[found.timeline["event"] == "missed dose"]
    planned = len(missed) + len(found.doses)
    sd = math.sqrt(0.3 * 0.7 / planned)
    assert abs(len(missed) / planned - 0.3) < K_MCSE * sd
    given = set(zip(found.doses["subject_id"], found.doses["day"], strict=True))
    told = set(zip(missed["subject_id"], missed["day"].round().astype(int), strict=True))
    assert not given & told
    # those of the drug are the ones that the engine leaves out of the exposure
    sizes = scenario.design.sizes(n)
    realised = Realised(scenario, sizes, TimingTable(scenario))
    block = cohort_block(scenario, respond(scenario), block=0, sizes=sizes, realised=realised)
    alive = ~block.animals["drug"].lost[:, 2]
    for number, day in enumerate(realised.timing.rounds("drug")):
        engine = np.flatnonzero(block.animals["drug"].missed_dose(number)[:, 2] & alive)
        for index in engine:
            assert (f"drug-{index + 1:02d}", round(day)) in told


def test_truth_tells_how_long_it_took_from_immunization_to_kill(study):
    _, cohort = study
    ends = cohort.timeline.pivot_table(index="subject_id", columns="event", values="end_day")
    hours = (24 * (ends["kill"] - ends["immunization"])).dropna()
    subjects = cohort.subjects.set_index("subject_id").loc[hours.index]
    for group, name in (("", "main"), ("late", "late")):
        for arm in ("control", "drug"):
            own = hours[(subjects["satellite_of"] == group) & (subjects["arm"] == arm)]
            told = cohort.truth["immunization_to_kill_h"][name][arm]
            assert told["mean"] == pytest.approx(own.mean())
            assert (told["min"], told["max"]) == pytest.approx((own.min(), own.max()))


def test_many_replicates_have_many_timelines():
    scenario = conducted()
    first, again, other = (simulate_cohort(scenario, replicate=r, n=3) for r in (0, 0, 1))
    pd.testing.assert_frame_equal(first.timeline, again.timeline)
    assert not first.timeline["day"].equals(other.timeline["day"])
