"""The kinetic mouse: one drug course, one immunization, AFC and titer.

Written from design section 4 (equations and parameter table). Time is in days
and every rate per day; the table's rates per hour are turned into rates per
day here. Own fixed-step fourth-order Runge-Kutta, steps ending exactly on
every dose, on the immunization and on every day asked for.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

HOURS = 24.0
ROUTES = {"IM": (1.0, 0.9), "SC": (0.30, 0.7)}  # ka in 1/h, bioavailability F
STEP = 0.01
NAMES = ("B", "P", "S", "Q", "M", "I")


@dataclass(frozen=True)
class Parameters:
    """The table of design 4, per day unless the name says per hour."""

    precursors: float = 1000.0
    antigen_half: float = 5e7
    division: float = math.log(2.0) / 6.5 * HOURS
    d0: float = 0.35
    d1: float = 2.5
    blast_death: float = 0.10
    afc_death: float = 0.70
    switch: float = 0.05
    switched_growth: float = 0.45
    switched_release: float = 0.45
    igg_afc_death: float = 0.25
    igm_per_afc: float = 1.5e-3
    igg_per_afc: float = 5e-3
    igm_half_life: float = 1.5
    igg_half_life: float = 6.0
    background_afc: float = 150.0
    natural_titer: float = 1.0
    kel_per_h: float = 0.35
    ke0_per_h: float = 1.0 / HOURS


@dataclass(frozen=True)
class Course:
    """Every dose of one substance by one route, and what it does.

    `doses` is a tuple of (day, ug/kg). `ec50_log_shift` is added to ln EC50.
    `ka_per_h` and `bioavailability` override the route's.
    """

    doses: tuple
    route: str = "IM"
    emax: float = 0.0
    ec50: float = 1.0
    hill: float = 1.0
    rmax: float = 0.0
    rise: float = 0.0
    ec50_log_shift: float = 0.0
    ka_per_h: float | None = None
    bioavailability: float | None = None


def course(*, days, dose_ug_per_kg, **effect):
    """Build a Course of the same dose on each of the days."""
    return Course(doses=tuple((float(day), float(dose_ug_per_kg)) for day in days), **effect)


def logistic(x):
    """Return s(x) = 1/(1+exp(-x)) without overflow."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1.0 + grown)


def bateman(*, time, dose, ka, kel, bioavailability=1.0):
    """Return plasma C (ug/kg) a `time` after one dose; limit F*D*k*t*exp(-k*t)."""
    if time <= 0.0:
        return 0.0
    gap = (ka - kel) * time
    # exp(-kel t) - exp(-ka t) = exp(-kel t) * (1 - exp(-gap)); expm1 keeps digits
    ratio = 1.0 if gap == 0.0 else -math.expm1(-gap) / gap
    return bioavailability * dose * ka * time * math.exp(-kel * time) * ratio


def plasma(*, day, given, parameters=None):
    """Return C(day) of a Course: its doses superposed."""
    p = parameters or Parameters()
    ka_h, share = ROUTES.get(given.route, (None, None))
    ka_h = ka_h if given.ka_per_h is None else given.ka_per_h
    share = share if given.bioavailability is None else given.bioavailability
    if ka_h is None or share is None:
        raise ValueError(f"route {given.route}: state ka_per_h and bioavailability")
    return sum(
        bateman(
            time=day - when,
            dose=dose,
            ka=ka_h * HOURS,
            kel=p.kel_per_h * HOURS,
            bioavailability=share,
        )
        for when, dose in given.doses
    )


def occupancy(*, effect_site, given):
    """Return h = E^n / (EC50^n + E^n)."""
    if effect_site <= 0.0:
        return 0.0
    ec50 = given.ec50 * math.exp(given.ec50_log_shift)
    return 1.0 / (1.0 + (ec50 / effect_site) ** given.hill)


def _derivative(t, y, courses, rises, recruited, immunized, p, day_zero):
    """Return dy/dt; `rises` is the constant-rise factor of this stretch."""
    sites = y[6:]
    kel, ke0 = p.kel_per_h * HOURS, p.ke0_per_h * HOURS
    d_sites = [
        kel * plasma(day=t, given=c, parameters=p) - ke0 * e
        for c, e in zip(courses, sites, strict=True)
    ]
    if not immunized:
        return [0.0] * 6 + d_sites
    divide, recruit = rises, 1.0
    for c, e in zip(courses, sites, strict=True):
        h = occupancy(effect_site=e, given=c)
        divide *= 1.0 + c.emax * h
        recruit *= 1.0 + c.rmax * h
    b, afc, s, q, m, i = y[:6]
    age = t - day_zero
    on = logistic((age - 0.9) / 0.1)
    on_slope = on * (1.0 - on) / 0.1
    off = logistic((age - 3.7) / 0.15)
    g = on * (1.0 - off)
    d = p.d0 * on + p.d1 * off
    growth = p.switched_growth * logistic((6.0 - age) / 0.3)
    dm, di = math.log(2.0) / p.igm_half_life, math.log(2.0) / p.igg_half_life
    return [
        recruited * recruit * on_slope
        + (p.division * g * divide - (d + p.switch + p.blast_death)) * b,
        d * b + p.background_afc * p.afc_death - p.afc_death * afc,
        p.switch * b + (growth - p.switched_release) * s,
        p.switched_release * s - p.igg_afc_death * q,
        p.igm_per_afc * (afc - p.background_afc) + p.natural_titer * dm - dm * m,
        p.igg_per_afc * q - di * i,
        *d_sites,
    ]


def solve(*, days, courses=(), antigen=2e8, immunization_day=0.0, parameters=None, step=STEP):
    """Return one dict per asked day: B P S Q M I, HA, and E (one per course).

    Starts at rest (P = Pbg, M = Mnat, all else 0). Before the immunization
    only the drug moves.
    """
    p = parameters or Parameters()
    zero = float(immunization_day)
    dosed = [when for c in courses for when, _ in c.doses]
    asked = [float(day) for day in days]
    marks = sorted({zero, *dosed, *asked})
    recruited = p.precursors * antigen / (antigen + p.antigen_half) if antigen > 0 else 0.0
    y = [0.0, p.background_afc, 0.0, 0.0, p.natural_titer, 0.0] + [0.0] * len(courses)
    kept = {marks[0]: y}
    for left, right in pairwise(marks):
        rises = 1.0
        for c in courses:
            if c.doses and min(when for when, _ in c.doses) <= left:
                rises *= 1.0 + c.rise
        fixed = (courses, rises, recruited, left >= zero, p, zero)
        steps = max(1, math.ceil((right - left) / step - 1e-9))
        h = (right - left) / steps
        for k in range(steps):
            y = _runge_kutta(left + k * h, y, h, fixed)
        kept[right] = y
    return [_named(kept[day]) for day in asked]


def _runge_kutta(t, y, h, fixed):
    k1 = _derivative(t, y, *fixed)
    k2 = _derivative(t + h / 2, [a + h / 2 * b for a, b in zip(y, k1, strict=True)], *fixed)
    k3 = _derivative(t + h / 2, [a + h / 2 * b for a, b in zip(y, k2, strict=True)], *fixed)
    k4 = _derivative(t + h, [a + h * b for a, b in zip(y, k3, strict=True)], *fixed)
    return [
        a + h / 6 * (b + 2 * c + 2 * d + e) for a, b, c, d, e in zip(y, k1, k2, k3, k4, strict=True)
    ]


def _named(y):
    state = dict(zip(NAMES, y[:6], strict=True))
    state["HA"] = state["M"] + state["I"]
    state["E"] = tuple(y[6:])
    return state


def afc(*, day, courses=(), **setting):
    """Return P, the direct (IgM) AFC per spleen."""
    return solve(days=[day], courses=courses, **setting)[0]["P"]


def afc_fold(*, day, courses, **setting):
    """Return P(arm) / P(no drug) on the same day."""
    return afc(day=day, courses=courses, **setting) / afc(day=day, **setting)


def log2_titer(*, day, courses=(), titer_exponent=0.0, **setting):
    """Return log2 of HA(no drug) * (AFC fold)^titer_exponent on that day."""
    level = math.log2(solve(days=[day], **setting)[0]["HA"])
    if courses and titer_exponent:
        level += titer_exponent * math.log2(afc_fold(day=day, courses=courses, **setting))
    return level


def peak(*, courses=(), until=8.0, grid=0.01, **setting):
    """Return (day, AFC) at the highest P, refined by a parabola on the grid."""
    days = [k * grid for k in range(round(until / grid) + 1)]
    values = [state["P"] for state in solve(days=days, courses=courses, **setting)]
    top = max(range(1, len(days) - 1), key=values.__getitem__)
    low, mid, high = values[top - 1 : top + 2]
    shift = 0.5 * (low - high) / (low - 2 * mid + high)
    return days[top] + shift * grid, mid - 0.25 * (low - high) * shift


def emax_log_fold(*, dose, emax, ed50, hill=1.0):
    """Return ln fold of the `emax` model: Emax * D^h / (ED50^h + D^h) (design 4)."""
    return 0.0 if dose <= 0 else emax / (1.0 + (ed50 / dose) ** hill)
