"""The package against `tests/second_opinion`, written blind from the design page.

Two independent programs agree, so an agreement is evidence; a test below makes sure that the
second one has not begun to import the first.
"""

import ast
import math
from pathlib import Path

import numpy as np
import pytest

from simulator.assay import read
from simulator.assay.plaques import mean_seen
from simulator.model.exposure import ActiveRegimen, absorption, plasma
from simulator.model.immune_response import solve
from simulator.model.response_table import respond
from simulator.scenario.design import Schedule
from simulator.scenario.kinetics import Exposure, Kinetics
from simulator.scenario.truth import AssayNoise
from simulator.streams.seeding import stream_words
from simulator.trial.cohort.simulate import simulate_cohort
from tests.second_opinion import assay_means, kinetics, schedules
from tests.unit.assay.test_read import endpoint
from tests.unit.model.studies import K_MCSE, arm, kinetic_study

#: The second opinion steps through depot and plasma too, whose rates reach 24 per day, so its
#: own error is the larger one (ours is within 2e-7 of an adaptive solver, see test_kinetics).
#: It was 1.4e-6 at most when this was written; the assay's smallest error is 5 %.
AGREEMENT = 5e-6

DAYS = [1.0, 3.0, 4.0, 5.0, 7.0, 10.0]


def both(days=DAYS, given=(), shift=0.0, **setting):
    """Solve with both programs: ours, theirs, each (days, [afc, igg afc, titer])."""
    regimens = [
        ActiveRegimen(
            substance=str(index),
            route=one["route"],
            doses=tuple((float(day), float(one["dose"])) for day in one["days"]),
            on="recruitment" if "rmax" in one else "division",
            emax=one.get("emax", one.get("rmax", 0.0)),
            ec50=one.get("ec50", 1.0),
            hill=one.get("hill", 1.0),
            rise=one.get("rise", 0.0),
        )
        for index, one in enumerate(given)
    ]
    found = solve(
        Kinetics(),
        antigen=setting.get("antigen", 2e8),
        immunized_on=setting.get("immunization_day", 0.0),
        regimens=regimens,
        shift=shift,
        days=days,
    )
    ours = np.stack([found.afc[0], found.igg_afc[0], found.titer[0]], axis=1)
    courses = [
        kinetics.course(
            days=one["days"],
            dose_ug_per_kg=one["dose"],
            ec50_log_shift=shift,
            **{key: one[key] for key in one if key not in ("days", "dose")},
        )
        for one in given
    ]
    states = kinetics.solve(days=days, courses=courses, **setting)
    theirs = np.array([[state["P"], state["Q"], state["HA"]] for state in states])
    return ours, theirs


DAILY = schedules.dose_days(start=0, every=1, count=5)
IM = {"route": "IM", "days": DAILY, "dose": 70, "emax": 0.49, "ec50": 57.3}
SC = {"route": "SC", "days": DAILY, "dose": 35, "emax": 0.3, "ec50": 5.0}
RISE = {"route": "IM", "days": DAILY, "dose": 300, "rise": 0.136}

CASES = {
    "control": {},
    "im": {"given": [IM]},
    "im-high": {"given": [IM | {"dose": 175}]},
    "sc": {"given": [SC]},
    "sensitive": {"given": [IM], "shift": -0.7},
    "hill": {"given": [IM | {"hill": 3.0}]},
    "rise": {"given": [RISE]},
    "late-rise": {"given": [RISE | {"days": [2.5, 3.5]}]},
    "recruitment": {"given": [{"route": "SC", "days": [0], "dose": 90, "rmax": 2, "ec50": 10}]},
    "suppressed": {"given": [IM | {"emax": -0.8}]},
    "before": {"given": [IM | {"days": [-5, -4, -3, -2, -1]}]},
    "two-drugs": {"given": [IM, SC, RISE]},
    "little-antigen": {"given": [IM], "antigen": 1e7},
    "no-antigen": {"given": [IM], "antigen": 0.0},
    "another-day": {"given": [IM], "immunization_day": 0.37},
}


@pytest.mark.parametrize("case", CASES)
def test_kinetics(case):
    ours, theirs = both(**CASES[case])
    np.testing.assert_allclose(ours, theirs, rtol=AGREEMENT, atol=1e-9)


@pytest.mark.parametrize("route", ["IM", "SC"])
def test_plasma(route):
    rates = absorption(Exposure(), route=route)
    given = kinetics.course(days=[0.0], dose_ug_per_kg=35.0, route=route)
    time = np.linspace(-0.5, 2, 26)
    ours = plasma(time, dose=35.0, rates=rates)
    theirs = [kinetics.plasma(day=float(t), given=given) for t in time]
    # the same function of the same numbers: rounding only
    np.testing.assert_allclose(ours, theirs, rtol=1e-11)


def test_titer_exponent():
    effects = {"secretome": {"IM": {"emax": 0.49, "ec50": "57.3 ug/kg"}, "titer_exponent": 0.6}}
    table = respond(kinetic_study(effects=effects))
    ours = table.log_response("IM-2", "titer", np.zeros(1))[0] / math.log(2)
    theirs = kinetics.log2_titer(
        day=5,
        courses=[kinetics.course(route="IM", days=DAILY, dose_ug_per_kg=70, emax=0.49, ec50=57.3)],
        titer_exponent=0.6,
    )
    assert ours == pytest.approx(theirs, abs=AGREEMENT)


@pytest.mark.parametrize(("mass", "hill"), [(35, 1.0), (70, 2.5), (0.001, 1.0)])
def test_emax_response(mass, hill):
    curve = {"IM": {"emax": 1.7, "ed50": "40 ug/kg", "hill": hill}}
    study = kinetic_study(
        arms={"control": arm("control", "saline"), "drug": arm("test", "secretome", mass=mass)},
        design={"endpoints": {"afc": {"kind": "plaque_count", "day": 5}}},
        truth={
            "afc": {"control": "5e4 /spleen", "response": {"model": "emax", "secretome": curve}}
        },
    )
    ours = respond(study).log_response("drug", "afc", np.zeros(1))[0] - math.log(5e4)
    theirs = kinetics.emax_log_fold(dose=mass, emax=1.7, ed50=40.0, hill=hill)
    # the level of ln 5e4 = 11 was added and taken off again
    assert ours == pytest.approx(theirs, abs=1e-13)


@pytest.mark.parametrize(
    "form", [{"days": (4.0, 0.0, 2.0)}, {"start": -2.0, "every": 0.5, "count": 7}]
)
def test_schedules(form):
    written = {k: f"{v} d" if k == "every" else v for k, v in form.items()}
    ours = Schedule.model_validate(written).times
    assert list(ours) == schedules.dose_days(**form)


@pytest.mark.parametrize(("volume", "mass"), [(10, 35), (20, 70), (50, 175)])
def test_dose_rows(volume, mass):
    arms = {
        "control": arm("control", "saline"),
        "drug": arm("test", "secretome", volume=volume, mass=mass),
    }
    cohort = simulate_cohort(kinetic_study(arms=arms), n=3)
    weight = cohort.subjects.set_index("subject_id")["weight_g"]
    drug = cohort.doses[cohort.doses["substance"] == "secretome"]
    assert len(drug) == 3 * 5
    for subject, rows in drug.groupby("subject_id"):
        theirs = schedules.dose_rows(
            dose_days=DAILY,
            weight_g=weight[subject],
            volume_dose_ul_per_kg=volume,
            stock_mg_per_ml=3.5,
        )
        for (_, ours), their in zip(rows.iterrows(), theirs, strict=True):
            assert ours["day"] == their["day"]
            assert ours["volume_ul_per_kg"] == pytest.approx(their["ul_per_kg"], rel=1e-12)
            assert ours["mass_ug_per_kg"] == pytest.approx(their["ug_per_kg"], rel=1e-12)
            assert ours["injected_ul"] == pytest.approx(their["injected_ul"], rel=1e-12)


SIZE = 100_000


def reading(of, latent, **noise):
    settings = AssayNoise.model_validate(noise)
    words = stream_words(21, block=0, owner="test", purpose=of.kind)
    return read(of, latent, noise=settings, words=words)


def test_crowding():
    plaques = endpoint("plaque_count", plated=0.002)
    for afc in (0.0, 150.0, 9e4, 5e6):
        theirs = assay_means.mean_seen(true_plaques=afc * 0.002, capacity=4000.0)
        assert mean_seen(plaques, np.array([afc]), crowding=4000.0)[0] == pytest.approx(theirs)


@pytest.mark.parametrize("afc", [2e4, 9.3e4, 2e6])
def test_plaque_readings(afc):
    plaques = endpoint("plaque_count", plates=3, plated=0.001)
    found = reading(plaques, np.full(SIZE, afc), reader_cv=0.1, crowding=5000)
    setting = {"afc": afc, "plates": 3, "plated": 0.001, "capacity": 5000.0, "reader_cv": 0.1}
    variance = assay_means.variance_afc_reading(**setting, one_error_per_spleen=True)
    mean = assay_means.mean_afc_reading(**setting)
    assert abs(found.mean() - mean) < K_MCSE * math.sqrt(variance / SIZE)
    fourth = np.mean((found - mean) ** 4)
    mcse = math.sqrt((fourth - variance**2) / SIZE)
    assert abs(np.mean((found - mean) ** 2) - variance) < K_MCSE * mcse


def test_plaque_readings_over_animals():
    z = np.random.default_rng(22).standard_normal(SIZE)
    plaques = endpoint("plaque_count", plates=2, plated=0.001)
    found = reading(plaques, 4e5 * np.exp(0.6 * z), reader_cv=0.05, crowding=5000)
    mean = assay_means.mean_afc_over_animals(
        median_afc=4e5, sd_ln=0.6, plates=2, plated=0.001, capacity=5000.0, reader_cv=0.05
    )
    assert abs(found.mean() - mean) < K_MCSE * found.std() / math.sqrt(SIZE)


@pytest.mark.parametrize(("mean_log2", "wells"), [(7.5, 12), (1.0, 12), (9.0, 8)])
def test_titer_wells(mean_log2, wells):
    """Every well's share within 4 standard errors, Bonferroni over the wells."""
    z = np.random.default_rng(23).standard_normal(SIZE)
    titer = endpoint("titer", first_dilution=2, wells=wells)
    found = reading(titer, np.exp2(mean_log2 + 1.6 * z), misread=0.1)
    setting = {"mean_log2": mean_log2, "sd_log2": 1.6, "first_dilution": 2, "wells": wells}
    rows = assay_means.titer_readings(**setting, misread=0.1)
    assert sum(row["probability"] for row in rows) == pytest.approx(1)
    assert set(found) <= {row["titer"] for row in rows}
    for row in rows:
        p = row["probability"]
        share = np.mean(found == row["titer"])
        # one count of slack where hardly any is due
        assert abs(share - p) < (K_MCSE + 1) * math.sqrt(p * (1 - p) / SIZE) + 1 / SIZE


def test_phagocytosis_readings():
    study = kinetic_study()
    cohorts = [simulate_cohort(study, replicate=k, n=25).observations for k in range(4)]
    for key, (mean, variance) in {
        "phagocytosis": assay_means.phagocytic_percentage_mean_variance(cells=100),
        "number": assay_means.phagocytic_number_mean_variance(cells=100),
    }.items():
        values = np.concatenate([c[c["endpoint"] == key]["value"].to_numpy() for c in cohorts])
        assert values.size == 4 * 8 * 25
        mcse = math.sqrt(variance / values.size)
        assert abs(values.mean() - mean) < K_MCSE * mcse
        spread = np.mean((values - mean) ** 4) - variance**2
        assert abs(np.mean((values - mean) ** 2) - variance) < K_MCSE * math.sqrt(
            spread / values.size
        )


def test_the_second_opinion_is_a_second_program():
    folder = Path(kinetics.__file__).parent
    modules = sorted(folder.glob("*.py"))
    assert len(modules) >= 4
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert not [name for name in names if name.split(".")[0] in ("simulator", "numpy")]
    assert kinetics.solve is not solve
