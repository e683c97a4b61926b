"""One simulated study as tables."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from simulator.model.response_table import respond
from simulator.streams import BLOCK_SIZE
from simulator.tables import DOSE_COLUMNS, OBSERVATION_COLUMNS, SUBJECT_COLUMNS
from simulator.tables.columns import TIMELINE_COLUMNS
from simulator.trial.block import cohort_block
from simulator.trial.cohort.simulate import simulate_cohort
from tests.unit.model.studies import fold_study
from tests.unit.trial.test_block import ALL_KINDS, full_study


@pytest.fixture(scope="module")
def cohort():
    return simulate_cohort(full_study(), replicate=1, n=12)


def test_columns_are_those_of_our_tables(cohort):
    assert tuple(cohort.subjects.columns) == SUBJECT_COLUMNS
    assert tuple(cohort.doses.columns) == DOSE_COLUMNS
    assert tuple(cohort.observations.columns) == OBSERVATION_COLUMNS
    assert tuple(cohort.timeline.columns) == TIMELINE_COLUMNS
    assert cohort.to_frame() is cohort.observations


def test_every_mouse_is_there_once_satellites_too(cohort):
    assert len(cohort.subjects) == 2 * 12 * 2
    assert cohort.subjects["subject_id"].is_unique
    sets = cohort.subjects.groupby("satellite_of").size()
    assert sets.to_dict() == {"": 24, "late": 24}


@pytest.mark.parametrize("replicate", [0, 3, BLOCK_SIZE + 3])
def test_observations_are_the_values_of_the_power_engine(replicate):
    scenario = full_study()
    found = simulate_cohort(scenario, replicate=replicate, n=9).observations
    block, column = divmod(replicate, BLOCK_SIZE)
    # a larger study: the first animals must be the same
    engine = cohort_block(
        scenario, respond(scenario), block=block, sizes={"control": 20, "drug": 20}
    )
    for endpoint in ALL_KINDS:
        for arm in ("control", "drug"):
            mine = found[(found["endpoint"] == endpoint) & (found["arm"] == arm)]["value"]
            theirs = engine.values[endpoint][arm][:9, column]  # noqa: PD011
            assert mine.tolist() == theirs[~np.isnan(theirs)].tolist()


def test_lost_mice_have_a_day_of_death_and_no_values(cohort):
    lost = cohort.subjects[cohort.subjects["lost"]]
    assert len(lost) > 0
    assert not set(lost["subject_id"]) & set(cohort.observations["subject_id"])
    first_read = lost["satellite_of"].map({"": 5.0, "late": 10.0})
    assert (lost["death_day"] > 0).all()
    assert (lost["death_day"] < first_read).all()
    kept = cohort.subjects[~cohort.subjects["lost"]]
    assert kept["death_day"].isna().all()
    assert set(kept["subject_id"]) == set(cohort.observations["subject_id"])
    deaths = cohort.timeline[cohort.timeline["event"] == "death"]
    assert sorted(deaths["subject_id"]) == sorted(lost["subject_id"])


def test_no_dose_after_death_and_every_dose_before(cohort):
    death = cohort.subjects.set_index("subject_id")["death_day"].fillna(math.inf)
    given = cohort.doses.groupby("subject_id")["day"].apply(list)
    for subject, days in given.items():
        assert days == [day for day in range(5) if day < death[subject]]


def test_doses_have_both_views_and_the_injected_volume(cohort):
    weight = cohort.subjects.set_index("subject_id")["weight_g"]
    doses = cohort.doses
    expected = doses["volume_ul_per_kg"] * doses["subject_id"].map(weight) / 1000
    np.testing.assert_allclose(doses["injected_ul"], expected)
    drug = doses[doses["substance"] == "secretome"]
    assert set(drug["mass_ug_per_kg"]) == {70.0}
    assert doses[doses["substance"] == "saline"]["mass_ug_per_kg"].isna().all()
    assert (doses["time_h"] == 24 * doses["day"]).all()


def test_without_conduct_nothing_takes_time_or_hands(cohort):
    timeline = cohort.timeline
    assert (timeline["day"] == timeline["end_day"]).all()
    assert timeline["technician"].isna().all()
    assert (cohort.subjects["start_day"] == 0).all()
    assert "immunization_to_kill_h" not in cohort.truth


def test_censored_titers_are_named(cohort):
    scenario = full_study()
    titers = cohort.observations[cohort.observations["endpoint"] == "titer"]
    top = 2.0 * 2 ** (scenario.design.endpoints["titer"].wells - 1)
    assert ((titers["value"] == top) == (titers["censored"] == "above")).all()
    assert (titers["unit"] == "HAU").all()


def test_truth_is_plain_json_and_names_the_failures():
    found = simulate_cohort(full_study(), n=40)
    truth = json.loads(json.dumps(found.truth))
    arms = truth["endpoints"]["afc"]["arms"]
    assert arms["drug"]["fold_over_control"] == pytest.approx(5.18, rel=0.01)
    assert arms["control"]["fold_over_control"] == 1
    assert truth["control"] == "control"
    failed = truth["failed_immunizations"]
    assert failed
    assert set(failed) <= set(found.subjects["subject_id"])
    afc = found.observations[found.observations["endpoint"] == "afc"].set_index("subject_id")
    low = afc["value"].reindex(failed).dropna()
    assert low.max() < 150 * math.exp(0.6 * 5)  # five standard deviations over background


def test_a_study_without_regimens_has_no_doses():
    found = simulate_cohort(fold_study())
    assert found.doses.empty
    assert tuple(found.doses.columns) == DOSE_COLUMNS
    assert found.subjects["arm"].value_counts().to_dict() == {"saline": 10, "drug": 10}


def test_same_seed_same_tables_and_another_replicate_differs():
    scenario = full_study()
    one, two = (simulate_cohort(scenario, replicate=2, n=4) for _ in range(2))
    for name in ("subjects", "doses", "observations", "timeline"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    other = simulate_cohort(scenario, replicate=3, n=4)
    assert not one.subjects["weight_g"].equals(other.subjects["weight_g"])


def test_fixed_arms_keep_their_number():
    arms = {"saline": {"role": "control", "n": 4}, "drug": {"role": "test", "ratio": 2}}
    found = simulate_cohort(fold_study(arms=arms), n=3)
    assert found.subjects["arm"].value_counts().to_dict() == {"saline": 4, "drug": 6}


def test_cages(cohort):
    shared = cohort.subjects[cohort.subjects["satellite_of"] == ""].groupby("cage")
    assert shared.size().max() == 5
    assert (shared["arm"].nunique() == 2).any()
    own = simulate_cohort(full_study(shared=False), n=12).subjects.groupby("cage")
    for column in ("arm", "satellite_of"):
        assert own[column].nunique().max() == 1
    assert own.size().max() == 5


@pytest.mark.parametrize(("replicate", "n"), [(-1, 5), (0, 0)])
def test_impossible_requests_are_refused(replicate, n):
    with pytest.raises(ValueError, match=r"must be from [01]"):
        simulate_cohort(fold_study(), replicate=replicate, n=n)


def test_repr_says_what_it_is(cohort):
    text = repr(cohort)
    assert "kinetic-study (seed 3, replicate 1)" in text
    assert "48 mice" in text
    assert "control 24, drug 24" in text
