"""The response table: three models, one interface."""

import math

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from simulator.model.kinetic_table import REACH, Spline
from simulator.model.regimens import active_regimens
from simulator.model.response_table import respond
from tests.unit.model.studies import SUBSTANCES, arm, fold_study, kinetic_study

TYPICAL = np.zeros(1)


def level(scenario, arm_id, endpoint="afc", **more):
    return math.exp(respond(scenario).log_response(arm_id, endpoint, TYPICAL, **more)[0])


def fold(scenario, arm_id, endpoint="afc", control="control"):
    return level(scenario, arm_id, endpoint) / level(scenario, control, endpoint)


def test_stated_folds_by_arm_by_dose_list_and_by_nobody():
    arms = {
        "saline": {"role": "control"},
        "drug-1": {"role": "test", "group": "drug"},
        "drug-2": {"role": "test", "group": "drug"},
        "other": {"role": "test"},
    }
    study = fold_study(arms=arms, folds={"drug": 3, "drug-2": 0.25})
    assert level(study, "saline") == pytest.approx(5e4)
    assert level(study, "drug-1") == pytest.approx(15e4)
    assert level(study, "drug-2") == pytest.approx(1.25e4)
    assert level(study, "other") == pytest.approx(5e4)


def test_the_null_twin_has_no_effects():
    for study, control in ((fold_study(), "saline"), (kinetic_study(), "control")):
        twin = respond(study.null_twin())
        for endpoint in study.design.endpoints:
            levels = [twin.log_response(a, endpoint, TYPICAL)[0] for a in study.design.arms]
            assert levels == [levels[0]] * len(levels)
        assert level(study.null_twin(), control) == pytest.approx(level(study, control))


def emax_study(**more):
    arms = {
        "control": arm("control", "saline"),
        "drug": arm("test", "secretome", volume=20, mass=70),
        "both": {
            "role": "test",
            "regimens": arm("test", "secretome", volume=20, mass=70)["regimens"]
            + arm("test", "thymalin", "SC", volume=60, mass=300)["regimens"],
        },
        "elsewhere": arm("test", "secretome", "SC", volume=20, mass=70),
    }
    curves = {
        "secretome": {"IM": {"emax": 2.0, "ed50": "35 ug/kg", "hill": 2}},
        "thymalin": {"SC": {"emax": -0.5, "ed50": "100 ug/kg"}},
    }
    truth = {"afc": {"control": "5e4 /spleen", "response": {"model": "emax", **curves}}}
    endpoints = {"afc": {"kind": "plaque_count", "day": 5}}
    return kinetic_study(
        arms=arms, effects={}, design={"endpoints": endpoints}, truth=truth, **more
    )


def test_emax_curve_by_substance_and_route():
    study = emax_study()
    log_fold = 2.0 * 70**2 / (35**2 + 70**2)
    assert fold(study, "drug") == pytest.approx(math.exp(log_fold))
    assert fold(study, "both") == pytest.approx(math.exp(log_fold - 0.5 * 300 / 400))
    assert fold(study, "elsewhere") == 1.0


def test_emax_sensitivity_shifts_ln_ed50():
    found = respond(emax_study()).log_response("drug", "afc", np.array([-0.4, 0.0, 0.7]))
    ed50 = 35 * np.exp([-0.4, 0.0, 0.7])
    np.testing.assert_allclose(found, math.log(5e4) + 2.0 * 70**2 / (ed50**2 + 70**2), rtol=1e-12)


def test_thymalin_leaves_the_titer_alone_and_secretome_does_not():
    study = kinetic_study()
    assert fold(study, "thymalin") == pytest.approx(2.5, rel=0.01)
    assert fold(study, "thymalin", "titer") == 1.0
    assert fold(study, "IM-3", "titer") == pytest.approx(fold(study, "IM-3"))


def test_titer_exponent_is_a_power_of_the_fold():
    effects = {"secretome": {"IM": {"emax": 0.49, "ec50": "57.3 ug/kg"}, "titer_exponent": 0.5}}
    study = kinetic_study(effects=effects)
    assert fold(study, "IM-3", "titer") == pytest.approx(math.sqrt(fold(study, "IM-3")))


def test_phagocytosis_has_its_default_level_and_no_drug_effect():
    study = kinetic_study()
    for key, expected in (("phagocytosis", 55.0), ("number", 5.0)):
        for arm_id in study.design.arms:
            assert level(study, arm_id, key) == pytest.approx(expected)


def test_failed_immunization_gives_the_background():
    study = kinetic_study()
    table = respond(study)
    immunized = np.array([True, False])
    shift = np.zeros(2)
    assert np.exp(table.log_response("IM-3", "afc", shift, immunized))[1] == pytest.approx(150)
    assert np.exp(table.log_response("IM-3", "titer", shift, immunized))[1] == pytest.approx(1)
    same = table.log_response("IM-3", "phagocytosis", shift, immunized)
    assert same[0] == same[1]


def test_a_reading_before_the_immunization_is_background():
    endpoints = {
        "before": {"kind": "titer", "day": -1},
        "at": {"kind": "titer", "day": 0},
        "afc": {"kind": "plaque_count", "day": 5},
    }
    study = kinetic_study(design={"endpoints": endpoints})
    for arm_id in study.design.arms:
        assert level(study, arm_id, "before") == pytest.approx(1.0)
        assert level(study, arm_id, "at") == pytest.approx(1.0)
    assert level(study, "control", "afc") > 1e4


def test_different_titer_exponents_in_one_arm_are_refused():
    both = {
        "control": arm("control", "saline"),
        "both": {
            "role": "test",
            "regimens": arm("test", "secretome", mass=35)["regimens"]
            + arm("test", "thymalin", mass=300)["regimens"],
        },
    }
    with pytest.raises(ValueError, match="secretome and thymalin are given together but differ"):
        respond(kinetic_study(arms=both))


def test_an_effect_by_mass_needs_the_mass():
    stockless = {**SUBSTANCES, "secretome": {"role": "test"}}
    arms = {"control": arm("control", "saline"), "drug": arm("test", "secretome", mass=None)}
    with pytest.raises(ValueError, match=r"substances\.secretome\.stock: missing"):
        respond(kinetic_study(arms=arms, design={"substances": stockless}))


def test_a_missing_control_level_is_named():
    endpoints = {"ifn": {"kind": "continuous", "day": 5, "measured_in": "pg/mL"}}
    with pytest.raises(ValueError, match=r"truth\.ifn\.control: the level of control"):
        respond(kinetic_study(design={"endpoints": endpoints}))


def test_the_kinetic_model_knows_no_phagocytosis():
    truth = {"phagocytosis": {"response": {"model": "kinetic"}}}
    with pytest.raises(ValueError, match="phagocytosis: the kinetic model gives AFC and titer"):
        respond(kinetic_study(truth=truth))


def test_regimens_of_one_substance_and_route_share_one_effect_site():
    two = arm("test", "secretome", mass=35)["regimens"]
    late = arm("test", "secretome", mass=70, schedule="late")["regimens"]
    under = arm("test", "secretome", "SC", mass=70, schedule="late")["regimens"]
    arms = {"control": arm("control", "saline")}
    arms["drug"] = {"role": "test", "regimens": two + late + under}
    design = {"schedules": {"daily": {"days": [0, 1]}, "late": {"days": [0.5]}}}
    found = active_regimens(kinetic_study(arms=arms, design=design), "drug")
    assert [(r.route, r.doses) for r in found] == [
        ("IM", ((0.0, 35.0), (0.5, 70.0), (1.0, 35.0))),
        ("SC", ((0.5, 70.0),)),
    ]


def test_a_rise_for_any_route_counts_once():
    one = arm("reference", "thymalin", mass=300)
    two = {
        "role": "reference",
        "regimens": one["regimens"] + arm("reference", "thymalin", "SC", mass=300)["regimens"],
    }
    study = kinetic_study(arms={"control": arm("control", "saline"), "one": one, "two": two})
    assert fold(study, "two") == fold(study, "one") > 2


def test_a_dose_of_nothing_does_nothing():
    arms = {
        "control": arm("control", "saline"),
        "zero": arm("test", "secretome", volume=0, mass=0),
        "zero-rise": arm("test", "thymalin", volume=0, mass=0),
    }
    study = kinetic_study(arms=arms)
    assert fold(study, "zero") == fold(study, "zero-rise") == 1.0


@pytest.mark.parametrize("sd", [0.05, 0.3, 1.5])
@pytest.mark.parametrize("hill", [1.0, 4.0])
def test_the_table_equals_solving_every_animal(sd, hill):
    effects = {"secretome": {"IM": {"emax": 0.49, "ec50": "57.3 ug/kg", "hill": hill}}}
    study = kinetic_study(
        effects=effects,
        variability={"afc": {"sd_ln": 0.6}, "titer": {"sd_log2": 1}, "sensitivity": {"sd_ln": sd}},
    )
    table = respond(study)
    shift = sd * np.random.default_rng(1).standard_normal((20, 10))
    for arm_id in ("IM-1", "IM-3"):
        for endpoint in ("afc", "titer"):
            quick = table.log_response(arm_id, endpoint, shift)
            exact = table.log_response(arm_id, endpoint, shift, exact=True)
            assert quick.shape == exact.shape == shift.shape
            # 1e-5 of the response, where the assay's own noise is 5 % and more
            np.testing.assert_allclose(quick, exact, rtol=0, atol=1e-5)
            assert np.ptp(exact) > 0.01


def test_the_spline_is_scipys():
    grid = np.linspace(-1.8, 1.8, 37)
    values = np.log1p(np.exp(3 * grid))
    x = np.concatenate([np.random.default_rng(2).uniform(-1.8, 1.8, 5000), grid]).reshape(-1, 1)
    found = Spline.through(grid, values)(x)
    # a cubic's four terms, each rounded once or twice
    np.testing.assert_allclose(found, CubicSpline(grid, values)(x), rtol=0, atol=1e-14 * 6)
    assert np.isnan(Spline.through(grid, values)(np.array([-1.81, 1.81, np.nan]))).all()


def test_only_graded_responses_need_a_sensitivity():
    table = respond(kinetic_study())
    assert table.graded("IM-1", "afc")
    assert table.graded("IM-1", "titer")
    for arm_id, endpoint in (("control", "afc"), ("thymalin", "titer"), ("IM-1", "phagocytosis")):
        assert not table.graded(arm_id, endpoint)
        assert np.ptp(table.log_response(arm_id, endpoint, np.linspace(-1, 1, 9))) == 0
    assert respond(emax_study()).graded("drug", "afc")


def test_animals_beyond_the_grid_are_solved_and_not_clipped():
    table = respond(kinetic_study())
    shift = 0.3 * np.array([-REACH - 2, -REACH, 0.0, REACH, REACH + 2])
    quick = table.log_response("IM-2", "afc", shift)
    exact = table.log_response("IM-2", "afc", shift, exact=True)
    np.testing.assert_allclose(quick, exact, rtol=0, atol=1e-5)
    assert (np.diff(quick) < 0).all()
