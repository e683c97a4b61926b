"""The kinetic model against the design's figures and against an adaptive solver."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import expit

from simulator.model.exposure import ActiveRegimen, absorption
from simulator.model.immune_response import solve
from simulator.model.response_table import respond
from simulator.scenario.kinetics import Kinetics
from tests.unit.model.studies import kinetic_study

RATES = Kinetics()
DAILY = range(5)


def daily(mass, days=DAILY):
    return tuple((float(day), float(mass)) for day in days)


def secretome(mass, **more):
    return ActiveRegimen("secretome", "IM", daily(mass), emax=0.490, ec50=57.3, **more)


# --- the design's table: 1 % is its own tolerance ------------------------------

CONTROL_AFC = {3: 6.48e3, 4: 9.85e4, 5: 9.32e4, 6: 4.87e4, 7: 2.44e4, 8: 1.22e4}
CONTROL_LOG2_TITER = {4: 5.77, 5: 7.49, 7: 7.80, 10: 7.54}


def test_control_table():
    found = solve(RATES, antigen=2e8, days=list(CONTROL_AFC))
    np.testing.assert_allclose(found.afc[0], list(CONTROL_AFC.values()), rtol=0.01)
    found = solve(RATES, antigen=2e8, days=list(CONTROL_LOG2_TITER))
    # 1 % of a titer is 0.014 of its log2
    expected = list(CONTROL_LOG2_TITER.values())
    np.testing.assert_allclose(np.log2(found.titer[0]), expected, rtol=0, atol=math.log2(1.01))
    assert solve(RATES, antigen=2e8, days=[7]).igg_afc[0, 0] == pytest.approx(6.85e3, rel=0.01)


def test_control_peak():
    days = np.arange(4.0, 4.8, 0.005)
    afc = solve(RATES, antigen=2e8, days=days.tolist()).afc[0]
    assert afc.max() == pytest.approx(1.19e5, rel=0.01)
    assert days[afc.argmax()] == pytest.approx(4.35, abs=0.01)


@pytest.mark.parametrize(("mass", "fold"), [(35, 3.0), (70, 5.18), (175, 10.5)])
def test_secretome_folds(mass, fold):
    treated = solve(RATES, antigen=2e8, regimens=[secretome(mass)], days=[5]).afc[0, 0]
    assert treated / solve(RATES, antigen=2e8, days=[5]).afc[0, 0] == pytest.approx(fold, rel=0.01)


def test_thymalin_fold():
    drug = ActiveRegimen("thymalin", "IM", daily(300), rise=0.136)
    fold = solve(RATES, antigen=2e8, regimens=[drug], days=[5]).afc / 93.2e3
    assert fold[0, 0] == pytest.approx(2.5, rel=0.01)


def test_small_changes_of_the_division_rate_amplify():
    """A 6 % CV in division rate alone gives about 40 % CV in AFC on day 5.

    Gauss-Hermite quadrature over a normal rate; "about" is read as 35-50 %.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    weights = weights / weights.sum()
    rate = RATES.rho.value
    afc = np.array(
        [
            solve(
                Kinetics.model_validate({"rho": f"{rate * (1 + 0.06 * z)} 1/d"}),
                antigen=2e8,
                days=[5],
            ).afc[0, 0]
            for z in nodes
        ]
    )
    mean = weights @ afc
    cv = math.sqrt(weights @ (afc - mean) ** 2) / mean
    assert 0.35 < cv < 0.50


def test_the_study_end_to_end():
    """Doses, routes and effects read off a scenario give the abstract's ranges."""
    table = respond(kinetic_study())
    zero = np.zeros(1)

    def fold(arm, over="control"):
        difference = table.log_response(arm, "afc", zero) - table.log_response(over, "afc", zero)
        return math.exp(difference[0])

    assert [fold(f"IM-{k}") for k in (1, 2, 3)] == pytest.approx([3.0, 5.18, 10.5], rel=0.01)
    assert fold("thymalin") == pytest.approx(2.5, rel=0.01)
    assert [fold("IM-1", "thymalin"), fold("IM-3", "thymalin")] == pytest.approx(
        [1.2, 4.2], rel=0.01
    )


# --- an adaptive solver, with the equations written out again -------------------


def peer(days, regimens=(), antigen=2e8, zero=0.0, shift=0.0, k=RATES):
    """P, Q, M+I by LSODA at rtol 1e-10, depot and plasma as states, restarted at every dose."""
    paths = [absorption(k.exposure, route=r.route) for r in regimens]
    n = len(regimens)
    rest = [0.0, k.Pbg.value, 0.0, 0.0, k.Mnat.value, 0.0]
    half_m, half_i = (math.log(2) / h.value for h in (k.igm_half_life, k.igg_half_life))

    def slope(t, y, begun, rising):
        immune, drug = y[:6], y[6:].reshape(n, 3)
        out = np.zeros_like(y)
        divide = recruit = 1.0
        for i, (r, path) in enumerate(zip(regimens, paths, strict=True)):
            depot, blood, site = drug[i]
            ka = path.ka or 0.0
            out[6 + 3 * i : 9 + 3 * i] = (
                -ka * depot,
                ka * depot - path.kel * blood,
                path.kel * blood - path.ke0 * site,
            )
            e, c = max(site, 0.0) ** r.hill, (r.ec50 * math.exp(shift)) ** r.hill
            factor = 1 + r.emax * e / (c + e) + (r.rise if rising[i] else 0.0)
            if r.on == "division":
                divide *= factor
            else:
                recruit *= factor
        if not begun:
            return out
        b, p, s, q, m, ig = immune
        age = t - zero
        on, off = expit((age - 0.9) / 0.1), expit((age - 3.7) / 0.15)
        d = k.d0.value * on + k.d1.value * off
        start = k.N0.value * antigen / (antigen + k.KAg.value) * on * (1 - on) / 0.1
        growth = k.rho.value * on * (1 - off) * divide
        out[:6] = (
            start * recruit + growth * b - (d + k.kS.value + k.muB.value) * b,
            d * b + k.Pbg.value * k.dP.value - k.dP.value * p,
            k.kS.value * b + k.gS.value * expit((6 - age) / 0.3) * s - k.rS.value * s,
            k.rS.value * s - k.dQ.value * q,
            k.kM.value * (p - k.Pbg.value) + k.Mnat.value * half_m - half_m * m,
            k.kI.value * q - half_i * ig,
        )
        return out

    y = np.array(rest + [0.0] * (3 * n))
    given = [day for r in regimens for day, _ in r.doses]
    marks = sorted({zero, *given, *days})
    kept = {}
    for mark, following in pairwise([*marks, marks[-1] + 1]):
        kept[mark] = y.copy()
        for i, (r, path) in enumerate(zip(regimens, paths, strict=True)):
            for day, mass in r.doses:
                if day == mark:
                    y[6 + 3 * i + (1 if path.ka is None else 0)] += path.F * mass
        rising = [r.doses[0][0] <= mark for r in regimens]
        y = solve_ivp(
            slope,
            (mark, following),
            y,
            args=(mark >= zero, rising),
            method="LSODA",
            rtol=1e-10,
            atol=1e-9,
            max_step=0.05,
        ).y[:, -1]
    state = np.array([kept[day] for day in days])
    return state[:, 1], state[:, 3], state[:, 4] + state[:, 5]


CASES = {
    "control": ([], {}),
    "im-low": ([secretome(35)], {}),
    "im-high-sensitive": ([secretome(175)], {"shift": -0.9}),
    "sc": ([ActiveRegimen("x", "SC", daily(70), emax=0.3, ec50=5.0)], {}),
    "ip-hill": ([ActiveRegimen("x", "IP", daily(70), emax=0.5, ec50=40.0, hill=4.0)], {}),
    "iv": ([ActiveRegimen("x", "IV", daily(70), emax=0.5, ec50=40.0)], {}),
    "rise": ([ActiveRegimen("x", "IM", daily(1), rise=0.136)], {}),
    "late-rise": ([ActiveRegimen("x", "IM", ((2.5, 1.0),), rise=0.3)], {}),
    "recruitment": (
        [ActiveRegimen("x", "IM", ((0.0, 50.0),), on="recruitment", emax=2.0, ec50=10.0)],
        {},
    ),
    "suppressed": ([ActiveRegimen("x", "IP", ((-1.0, 1e4),), emax=-0.9, ec50=1e3)], {}),
    "before": ([ActiveRegimen("x", "IM", daily(35, range(-5, 0)), emax=0.49, ec50=57.3)], {}),
    "two-drugs": (
        [
            ActiveRegimen("x", "IP", ((0.3, 1e3),), emax=-0.5, ec50=1e3, hill=2.0),
            ActiveRegimen("y", "SC", daily(70), emax=0.4, ec50=20.0),
        ],
        {},
    ),
    "few-cells": ([secretome(70)], {"antigen": 1e7}),
    "another-day": (
        [ActiveRegimen("x", "IM", daily(70, (1.7, 2.2, 4.4)), emax=0.49, ec50=57.3)],
        {"zero": 1.37},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_fixed_step_equals_an_adaptive_solver(case):
    """2e-7 relative: far below the assay's smallest error (a reader's CV of 5 %), and room for
    the peer, whose 1e-10 per step adds up over about 1,000 steps."""
    regimens, setting = CASES[case]
    zero = setting.get("zero", 0.0)
    days = [zero + day for day in (1.0, 3.0, 4.35, 5.0, 7.5, 10.0)]
    found = solve(
        RATES,
        antigen=setting.get("antigen", 2e8),
        immunized_on=zero,
        regimens=regimens,
        shift=setting.get("shift", 0.0),
        days=days,
    )
    expected = peer(days, regimens, **setting)
    for mine, theirs in zip((found.afc, found.igg_afc, found.titer), expected, strict=True):
        np.testing.assert_allclose(mine[0], theirs, rtol=2e-7, atol=1e-6)


def test_fast_drugs_are_resolved():
    """Rates at the upper end of their plausible ranges: the step follows the fastest."""
    quick = Kinetics.model_validate(
        {"exposure": {"IM": {"ka": "96 1/d", "F": 1}, "kel": "48 1/d", "ke0": "5 1/d"}}
    )
    regimens = [ActiveRegimen("x", "IM", daily(70), emax=0.6, ec50=10.0, hill=3.0)]
    found = solve(quick, antigen=2e8, regimens=regimens, days=[4, 5])
    afc, _, _ = peer([4, 5], regimens, k=quick)
    # 1e-6: the step is capped at a quarter of the fastest time constant
    np.testing.assert_allclose(found.afc[0], afc, rtol=1e-6)
