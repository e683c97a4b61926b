"""Rates of the kinetic model, each with value, unit, source and confidence (design 4)."""

from __future__ import annotations

import math

from simulator.scenario.fields import Cells, Days, Fraction, PerDay, PositiveNumber
from simulator.scenario.noun import Noun, Parameter, default

_NET_DOUBLING = "published doubling time of antibody-forming cells, 7-9 h"
_SPECIES = "assumed; measured in other species"


class RouteExposure(Noun):
    """Absorption by one route: rate (per day) and the fraction that arrives."""

    ka: Parameter[PerDay]
    F: Parameter[Fraction]


class Exposure(Noun):
    """Plasma and effect-site kinetics. IV is a bolus; its ka is not used."""

    IM: RouteExposure = RouteExposure.model_construct(
        ka=default(PerDay, 24.0, "assumed", _SPECIES, 6.0, 96.0),
        F=default(Fraction, 0.9, "assumed", _SPECIES, 0.5, 1.0),
    )
    SC: RouteExposure = RouteExposure.model_construct(
        ka=default(PerDay, 7.2, "assumed", _SPECIES, 2.0, 30.0),
        F=default(Fraction, 0.7, "assumed", _SPECIES, 0.4, 1.0),
    )
    IP: RouteExposure = RouteExposure.model_construct(
        ka=default(PerDay, 48.0, "assumed", _SPECIES, 12.0, 96.0),
        F=default(Fraction, 0.9, "assumed", _SPECIES, 0.5, 1.0),
    )
    kel: Parameter[PerDay] = default(PerDay, 8.4, "assumed", _SPECIES, 2.0, 48.0)
    ke0: Parameter[PerDay] = default(
        PerDay, 1.0, "assumed", "assumed; effect outlasts plasma", 0.2, 5.0
    )


class Kinetics(Noun):
    """Rates of the AFC and antibody response to sheep (ram) erythrocytes."""

    N0: Parameter[PositiveNumber] = default(
        PositiveNumber,
        1000.0,
        "published",
        "about 10^3 antigen-sensitive cells per mouse spleen",
        300,
        3000,
    )
    KAg: Parameter[Cells] = default(Cells, 5e7, "assumed", "half-maximal recruitment", 1e7, 2e8)
    rho: Parameter[PerDay] = default(
        PerDay, math.log(2) / (6.5 / 24), "published", _NET_DOUBLING, 2.1, 2.9
    )
    d0: Parameter[PerDay] = default(PerDay, 0.35, "assumed", "early differentiation", 0.1, 0.7)
    d1: Parameter[PerDay] = default(PerDay, 2.5, "assumed", "late differentiation", 1.0, 4.0)
    muB: Parameter[PerDay] = default(PerDay, 0.10, "assumed", "death of blasts", 0.0, 0.3)
    dP: Parameter[PerDay] = default(
        PerDay, 0.70, "published", "decay of direct plaques to about 4 % from day 4 to 9", 0.5, 0.9
    )
    kS: Parameter[PerDay] = default(PerDay, 0.05, "assumed", "switching to IgG", 0.01, 0.2)
    gS: Parameter[PerDay] = default(
        PerDay, 0.45, "calibrated", "IgG plaques peak on day 6-9", 0.2, 0.7
    )
    rS: Parameter[PerDay] = default(
        PerDay, 0.45, "calibrated", "IgG plaques peak on day 6-9", 0.2, 0.7
    )
    dQ: Parameter[PerDay] = default(
        PerDay, 0.25, "calibrated", "IgG plaques peak on day 6-9", 0.1, 0.5
    )
    kM: Parameter[PerDay] = default(
        PerDay,
        1.5e-3,
        "calibrated",
        "log2 titer 7.5-7.8 on days 5-7; HAU per cell per day",
        5e-4,
        5e-3,
    )
    kI: Parameter[PerDay] = default(
        PerDay,
        5e-3,
        "calibrated",
        "log2 titer 7.5-7.8 on days 5-7; HAU per cell per day",
        1e-3,
        2e-2,
    )
    igm_half_life: Parameter[Days] = default(Days, 1.5, "assumed", "textbook", 0.5, 3.0)
    igg_half_life: Parameter[Days] = default(Days, 6.0, "assumed", "textbook", 4.0, 8.0)
    Pbg: Parameter[PositiveNumber] = default(
        PositiveNumber, 150.0, "assumed", "background plaques per spleen", 20, 500
    )
    Mnat: Parameter[PositiveNumber] = default(
        PositiveNumber, 1.0, "assumed", "natural agglutinin, HAU", 0.1, 4
    )
    exposure: Exposure = Exposure()
