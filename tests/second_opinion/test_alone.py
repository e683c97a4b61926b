"""The second implementation against the figures printed in the design.

Kinetics: the control line, folds and Thymalin of section 4 (and the doses of
sections 1 and 3). The rest checks this code against a second derivation of the
same quantity. Ranks are in test_alone_ranks.py.
"""

import math

import pytest

from . import assay_means, kinetics, schedules

DAILY = schedules.dose_days(start=0, every=1, count=5)


def secretome(ug_per_kg, **more):
    return kinetics.course(days=DAILY, dose_ug_per_kg=ug_per_kg, emax=0.490, ec50=57.3, **more)


THYMALIN = kinetics.course(days=DAILY, dose_ug_per_kg=300, rise=0.136)

# --- schedules: sections 1 and 3 ---------------------------------------------


def test_schedules_and_doses():
    assert DAILY == [0, 1, 2, 3, 4]
    assert schedules.dose_days(days=[4, 0, 2]) == [0, 2, 4]
    for ul, ug in ((10, 35), (20, 70), (50, 175)):  # 3.5 mg/mL, section 1
        assert schedules.both_views(volume_dose_ul_per_kg=ul, stock_mg_per_ml=3.5) == (ul, ug)
        assert schedules.both_views(mass_dose_ug_per_kg=ug, stock_mg_per_ml=3.5) == (ul, ug)
    rows = schedules.dose_rows(
        dose_days=DAILY, weight_g=20, mass_dose_ug_per_kg=300, stock_mg_per_ml=5
    )
    assert len(rows) == 5
    assert rows[0]["ul_per_kg"] == 60
    assert rows[0]["injected_ul"] == pytest.approx(1.2)
    assert schedules.both_views(volume_dose_ul_per_kg=10) == (10, None)
    with pytest.raises(ValueError, match="stock"):
        schedules.both_views(mass_dose_ug_per_kg=35)
    with pytest.raises(ValueError, match="not both"):
        schedules.dose_days(days=[0], count=5)


# --- kinetics: section 4 -----------------------------------------------------


def test_control_line():
    states = kinetics.solve(days=[3, 4, 5, 6, 7, 8, 10])
    printed = [6.48e3, 9.85e4, 9.32e4, 4.87e4, 2.44e4, 1.22e4]
    assert [s["P"] for s in states[:6]] == pytest.approx(printed, rel=0.01)
    assert states[4]["Q"] == pytest.approx(6.85e3, rel=0.01)
    titer = [math.log2(states[k]["HA"]) for k in (1, 2, 4, 6)]
    assert titer == pytest.approx([5.77, 7.49, 7.80, 7.54], abs=0.006)


def test_control_peak():
    day, afc = kinetics.peak()
    assert day == pytest.approx(4.35, abs=0.006)
    assert afc == pytest.approx(1.19e5, rel=0.01)


@pytest.mark.parametrize(("dose", "fold"), [(35, 3.0), (70, 5.18), (175, 10.5)])
def test_secretome_folds(dose, fold):
    assert kinetics.afc_fold(day=5, courses=[secretome(dose)]) == pytest.approx(fold, rel=0.005)


def test_thymalin_and_division_amplification():
    assert kinetics.afc_fold(day=5, courses=[THYMALIN]) == pytest.approx(2.5, rel=0.01)
    up, down = (
        kinetics.course(days=[0], dose_ug_per_kg=1, rise=change) for change in (0.001, -0.001)
    )
    slope = math.log(kinetics.afc(day=5, courses=[up]) / kinetics.afc(day=5, courses=[down]))
    assert 0.06 * slope / 0.002 == pytest.approx(0.40, abs=0.02)


def test_halving_the_step_changes_nothing():
    course = secretome(175, route="SC", rmax=0.5, hill=2)
    for courses in ([], [course], [secretome(35), THYMALIN]):
        days = [2.5, 4.37, 5, 8]
        full = kinetics.solve(days=days, courses=courses, step=0.01)
        half = kinetics.solve(days=days, courses=courses, step=0.005)
        for a, b in zip(full, half, strict=True):
            for name in (*kinetics.NAMES, "HA"):
                assert a[name] == pytest.approx(b[name], rel=5e-6)


def test_effect_site_against_its_closed_form():
    course, (ka, kel, ke0) = secretome(70), (24.0, 8.4, 1.0)
    state = kinetics.solve(days=[4.7], courses=[course])[0]
    expected = 0.0
    for when, dose in course.doses:
        t = 4.7 - when
        part = [(math.exp(-ke0 * t) - math.exp(-k * t)) / (k - ke0) for k in (kel, ka)]
        expected += kel * 0.9 * dose * ka / (ka - kel) * (part[0] - part[1])
    assert state["E"][0] == pytest.approx(expected, rel=1e-6)


def test_bateman_limit_and_blasts_by_integrating_factor():
    near = kinetics.bateman(time=0.2, dose=50, ka=8.4 * (1 + 1e-9), kel=8.4)
    limit = kinetics.bateman(time=0.2, dose=50, ka=8.4, kel=8.4)
    assert limit == pytest.approx(50 * 8.4 * 0.2 * math.exp(-8.4 * 0.2))
    assert near == pytest.approx(limit, rel=1e-8)
    # B(5) = integral of recruitment(u) * exp(net growth from u to 5), trapezia
    s, h, net, blasts = kinetics.logistic, 1e-3, 0.0, 0.0
    for k in range(5000, -1, -1):
        on, off = s((k * h - 0.9) / 0.1), s((k * h - 3.7) / 0.15)
        rate = 24 * math.log(2) / 6.5 * on * (1 - off) - (0.35 * on + 2.5 * off + 0.15)
        ends = 0.5 if k in (0, 5000) else 1.0
        net += h * rate / 2 if k < 5000 else 0.0
        blasts += ends * h * 800 * on * (1 - on) / 0.1 * math.exp(net)
        net += h * rate / 2
    assert kinetics.solve(days=[5])[0]["B"] == pytest.approx(blasts, rel=1e-3)


def test_effects_combine_and_suppress():
    flat = kinetics.afc(day=5, courses=[kinetics.course(days=DAILY, dose_ug_per_kg=35)])
    assert flat == pytest.approx(kinetics.afc(day=5), rel=1e-6)  # a vehicle does nothing
    early = kinetics.course(days=[-2, -1], dose_ug_per_kg=500, emax=-0.5, ec50=50)
    alone = kinetics.afc_fold(day=5, courses=[early])
    both = kinetics.afc_fold(day=5, courses=[early, secretome(70)])
    assert alone < 1 < both < kinetics.afc_fold(day=5, courses=[secretome(70)])
    late = kinetics.course(days=[6], dose_ug_per_kg=300, rise=0.136)
    assert kinetics.afc_fold(day=5, courses=[late]) == pytest.approx(1, rel=1e-6)
    half = kinetics.afc(day=5, antigen=5e7) - 150
    assert half / (kinetics.afc(day=5) - 150) == pytest.approx(0.5 / 0.8, rel=1e-6)
    moved = kinetics.afc(day=9, immunization_day=4)
    assert moved == pytest.approx(kinetics.afc(day=5), rel=1e-6)
    assert kinetics.emax_log_fold(dose=35, emax=2, ed50=35) == 1


def test_titer_exponent():
    arm, none = [secretome(70)], kinetics.log2_titer(day=7)
    shift = kinetics.log2_titer(day=7, courses=arm, titer_exponent=1) - none
    assert shift == pytest.approx(math.log2(kinetics.afc_fold(day=7, courses=arm)))
    assert kinetics.log2_titer(day=7, courses=arm, titer_exponent=0) == none


# --- assays: section 4 -------------------------------------------------------


def test_plaques():
    plain = {"plates": 2, "plated": 0.001}
    assert assay_means.mean_afc_reading(afc=5e4, **plain) == pytest.approx(5e4)
    assert assay_means.mean_seen(true_plaques=50, capacity=200) == 40
    assert assay_means.mean_afc_reading(afc=5e4, capacity=200, **plain) == pytest.approx(4e4)
    noisy = assay_means.mean_afc_reading(afc=5e4, reader_cv=0.75, **plain)
    assert noisy == pytest.approx(5e4 * 1.25)
    poisson = assay_means.variance_afc_reading(afc=5e4, **plain)
    assert poisson == pytest.approx(100 / 0.002**2)
    over = assay_means.mean_afc_over_animals(median_afc=5e4, sd_ln=0.6, **plain)
    assert over == pytest.approx(5e4 * math.exp(0.18), rel=1e-9)
    each = assay_means.mean_seen_if_each_count_crowds
    assert each(true_plaques=93) == pytest.approx(93)
    assert each(true_plaques=93, capacity=400) == pytest.approx(93 / 1.2325, rel=5e-3)


def test_titer_reading_against_the_definition():
    setting = {"mean_log2": 2.3, "sd_log2": 1.6, "first_dilution": 2, "wells": 4}
    rows = assay_means.titer_readings(misread=0.1, **setting)
    assert [row["titer"] for row in rows] == [1, 2, 4, 8, 16]
    assert [row["censored"] for row in rows] == ["below", "", "", "", "above"]
    expected, h = dict.fromkeys([1, 2, 4, 8, 16], 0.0), 1e-3
    for k in range(-8000, 8000):
        z = (k + 0.5) * h
        weight = h * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        seen = [d for d in (2, 4, 8, 16) if d <= 2 ** (2.3 + 1.6 * z)]
        last = seen[-1] if seen else 1
        for reading, p in ((last, 0.8), (min(2 * last, 16), 0.1), (max(last / 2, 1), 0.1)):
            expected[reading] += p * weight
    assert [row["probability"] for row in rows] == pytest.approx(list(expected.values()), abs=3e-4)
    assert sum(row["probability"] for row in rows) == pytest.approx(1, rel=1e-12)
    exact = {"mean_log2": 3, "sd_log2": 0, "first_dilution": 2, "wells": 12}
    assert assay_means.mean_log2_titer(**exact) == 3
    assert assay_means.variance_log2_titer(misread=0.1, **exact) == pytest.approx(0.2)


def test_phagocytosis():
    mean, variance = assay_means.phagocytic_percentage_mean_variance(cells=100)
    chance = [
        assay_means.phagocytic_percentage_probability(positive=k, cells=100) for k in range(101)
    ]
    assert sum(chance) == pytest.approx(1)
    assert sum(k * p for k, p in enumerate(chance)) == pytest.approx(mean) == pytest.approx(55)
    assert sum((k - 55) ** 2 * p for k, p in enumerate(chance)) == pytest.approx(variance)
    assert assay_means.phagocytic_number_mean_variance(cells=100) == (5.0, 1.05)
