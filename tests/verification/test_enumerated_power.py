"""Enumerated power of whole studies against the simulation of the same studies.

Two roads that share the mouse and the test, but neither the draws, the counting nor the replicate
loop. Each comparison beyond 4 standard errors is a false alarm with probability 6e-5; there are
about 20 of them.
"""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.errors import ScenarioError
from simulator.evaluation.exact.enumerated import NOTE, power_by_enumeration
from simulator.evaluation.exact.power_of_categories import (
    enumerate_power,
    exact_power,
    pattern_count,
)
from simulator.evaluation.exact.reading_probabilities import reading_probabilities
from simulator.evaluation.power import power
from simulator.model.response_table import respond
from simulator.scenario import Scenario
from simulator.trial.block import cohort_block

PLATE = {"kind": "titer", "day": 5, "first_dilution": 2.0, "wells": 6}
CELLS = {"kind": "phagocytic_percentage", "day": 5, "cells": 8}
FOLD = {"y": {"control": "9", "response": {"model": "fold", "drug": 3}}}
EMAX = {
    "y": {
        "control": "9",
        "response": {
            "model": "emax",
            "agent": {"SC": {"emax": 2.0, "ed50": "30 ug/kg", "hill": 1.5}},
        },
    }
}
SHARE = {"y": {"control": "40 %", "response": {"model": "fold", "drug": 1.8}}}
INJECTED = {
    "substances": {
        "saline": {"role": "vehicle"},
        "agent": {"role": "test", "stock": "3.5 mg/mL"},
    },
    "schedules": {"once": {"days": ["0 d"]}},
    "arms": {
        "saline": {
            "role": "control",
            "regimens": [
                {
                    "substance": "saline",
                    "dose": {"volume": "10 uL/kg"},
                    "route": "SC",
                    "schedule": "once",
                }
            ],
        },
        "drug": {
            "role": "test",
            "regimens": [
                {
                    "substance": "agent",
                    "dose": {"volume": "10 uL/kg"},
                    "route": "SC",
                    "schedule": "once",
                }
            ],
        },
    },
}


def study(
    *,
    plate=PLATE,
    truth=FOLD,
    spread=None,
    misread=0.1,
    failure=0.0,
    sensitivity=0.0,
    loss=0.0,
    icc=0.0,
    arms=None,
    design=None,
    family=None,
    **analysis,
):
    arms = arms or {"saline": {"role": "control"}, "drug": {"role": "test"}}
    variability = {
        "y": spread or {"sd_log2": 1.2},
        "immunization_failure": failure,
        "sensitivity": {"sd_ln": sensitivity},
        "cage_icc": icc,
    }
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "small",
            "question": "how many animals?",
            "seed": 5,
            "design": {
                "arms": arms,
                "endpoints": {"y": plate},
                "attrition": {"loss": loss},
                **(design or {}),
            },
            "truth": {**truth, "variability": variability, "assay": {"misread": misread}},
            "analysis": {
                "families": {
                    "one": {"endpoint": "y", "arms": "test", "against": "saline", **(family or {})}
                },
                **analysis,
            },
            "decision": {"n": {"from": 3, "to": 6}},
        }
    )


STUDIES = {
    "auto, misreads": ({}, 7),
    "exact, losses": ({"loss": 0.2, "method": "exact"}, 6),
    "failed immunization, 12 wells": ({"failure": 0.15, "plate": PLATE | {"wells": 12}}, 5),
    "censored at both ends, one-sided": (
        {"plate": PLATE | {"wells": 2}, "alternative": "greater", "continuity": False},
        8,
    ),
    "unequal arms, doubling": (
        {
            "arms": {"saline": {"role": "control", "n": 4}, "drug": {"role": "test"}},
            "method": "exact",
            "convention": "doubling",
        },
        8,
    ),
    "sensitivity": ({"truth": EMAX, "design": INJECTED, "sensitivity": 0.8}, 6),
    "phagocytic percentage of 8 cells": (
        {"plate": CELLS, "truth": SHARE, "spread": {"sd": "12 %"}},
        6,
    ),
    "bonferroni of two": (
        {
            "arms": {
                "saline": {"role": "control"},
                "drug": {"role": "test"},
                "other": {"role": "test"},
            },
            "family": {"adjust": "bonferroni"},
        },
        7,
    ),
}


@pytest.mark.parametrize("name", STUDIES)
def test_enumeration_and_simulation_agree(name):
    options, n = STUDIES[name]
    scenario = study(**options)
    exact = power_by_enumeration(scenario, n=n)
    simulated = power(scenario, n=n, replicates=20_000)
    assert len(exact.comparisons) == len(simulated.comparisons)
    for one, other in zip(exact.comparisons, simulated.comparisons, strict=True):
        assert (one.treated, one.control) == (other.treated, other.control)
        for value, share in (
            (one.power, other.power),
            (one.type_i, other.type_i),
            (one.untestable, other.untestable),
        ):
            error = math.sqrt(max(value * (1 - value), 1e-9) / share.replicates)
            assert abs(share.value - value) < 4 * error + one.error + 1 / share.replicates
        assert one.error < 1e-6
        assert 0.001 < one.type_i < one.power or one.treated == "other"
    plain = exact.to_dict()
    assert plain["method"] == NOTE == "enumerated, no Monte Carlo error"
    assert plain["comparisons"][0]["power"]["mcse"] == 0


def test_readings_are_those_of_the_simulated_laboratory():
    """Every probability within 4 standard errors of 4 blocks of 500 x 20 animals."""
    scenario = study(truth=EMAX, design=INJECTED, sensitivity=0.8, failure=0.1)
    responses = respond(scenario)
    values = [2.0**k for k in range(7)]
    blocks = [
        cohort_block(scenario, responses, block=b, sizes={"saline": 20, "drug": 20})
        for b in range(4)
    ]
    for arm in ("saline", "drug"):
        expected = reading_probabilities(scenario, responses, endpoint="y", arm=arm)
        read = np.concatenate([block.values["y"][arm].ravel() for block in blocks])
        assert expected.sum() == pytest.approx(1, abs=1e-12)
        for value, p in zip(values, expected, strict=True):
            assert abs(np.mean(read == value) - p) < 4 * math.sqrt(p * (1 - p) / read.size)


def test_quadrature_over_sensitivity_is_as_good_as_adaptive_integration():
    scenario = study(truth=EMAX, design=INJECTED, sensitivity=0.8, misread=0.0)
    mine = reading_probabilities(scenario, respond(scenario), endpoint="y", arm="drug")
    dose, ed50, hill, emax, sd = 35.0, 30.0, 1.5, 2.0, 1.2 * math.log(2)

    def reaches(dilution):
        def given(z):
            shifted = ed50 * math.exp(0.8 * z)
            mean = math.log(9) + emax * dose**hill / (shifted**hill + dose**hill)
            return stats.norm.sf((math.log(dilution) - mean) / sd) * stats.norm.pdf(z)

        from scipy.integrate import quad

        return quad(given, -12, 12, epsabs=1e-12, limit=200)[0]

    tails = [1.0, *(reaches(2.0**k) for k in range(1, 7)), 0.0]
    assert mine == pytest.approx(-np.diff(tails), abs=1e-9)


def test_losses_are_a_binomial_mixture_of_sizes():
    lossy, whole = study(loss=0.3), study()
    px, py = (
        reading_probabilities(whole, respond(whole), endpoint="y", arm=arm)
        for arm in ("saline", "drug")
    )
    mixed = sum(
        stats.binom.pmf(i, 4, 0.7) * stats.binom.pmf(j, 4, 0.7) * exact_power(px, py, m=i, n=j)
        for i in (2, 3, 4)
        for j in (2, 3, 4)
    )
    assert power_by_enumeration(lossy, n=4).comparisons[0].power == pytest.approx(mixed, abs=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"icc": 0.2}, r"truth.variability.cage_icc .*cage-mates are alike \(ICC 0.2\)"),
        (
            {"spread": {"sd_log2": 1.2, "cage_icc": 0.3}},
            r"truth.variability.y.cage_icc .*cage-mates are alike \(ICC 0.3\)",
        ),
        (
            {"design": {"animals": {"arms_share_cages": False}}, "unit": "cage"},
            "analysis.unit .*medians of cages are not enumerated",
        ),
        ({"design": {"conduct": {"staff": 1}}}, "design.conduct .*realised times make animals"),
        (
            {"design": {"attrition": {"loss": 0.2, "with_response": -0.5}}},
            "with_response .*who dies has other readings",
        ),
        (
            {"design": {"attrition": {"failed_immunization": 0.5}}, "failure": 0.2},
            "failed_immunization .*excluded failures leave other readings",
        ),
        ({"plate": PLATE | {"wells": 20}}, "too many wells .at most 12."),
        (
            {"plate": CELLS | {"cells": 100}, "truth": SHARE, "spread": {"sd": "12 %"}},
            "too many cells",
        ),
        (
            {
                "plate": {"kind": "plaque_count", "day": 5},
                "truth": {"y": {"control": "5e4 /spleen", "response": FOLD["y"]["response"]}},
            },
            "not a few values",
        ),
        (
            {"arms": STUDIES["bonferroni of two"][0]["arms"], "family": {"adjust": "holm"}},
            "holm looks at several comparisons together",
        ),
        ({"test": "brunner_munzel"}, "only mann_whitney"),
        (
            STUDIES["bonferroni of two"][0] | {"loss": 0.3},
            "bonferroni then divides by fewer tests",
        ),
    ],
)
def test_what_cannot_be_enumerated_is_refused_with_the_reason(options, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        power_by_enumeration(study(**options), n=5)
    assert "simulat" in str(caught.value)


def test_too_many_animals_are_refused_with_the_largest_n_that_will_do():
    with pytest.raises(ScenarioError, match=r"n = 40 has too many outcomes .* n = 15 is feasible"):
        power_by_enumeration(study(), n=40)
    assert pattern_count(7, 30) <= 4_000_000 < pattern_count(7, 32)


def test_patterns_are_counted_as_they_are_walked():
    """Compositions of up to 5 animals into at most 3 parts, listed."""
    listed = [parts for k in (1, 2, 3) for parts in np.ndindex(*(5,) * k) if sum(parts) + k <= 5]
    assert pattern_count(3, 5) == len(listed)


def test_what_is_left_out_is_told():
    """Two wells that are almost never read: the error is named, and tiny."""
    rare = [1e-9, 1e-9, 0.5, 0.5 - 2e-9]
    found = enumerate_power(rare, rare, m=8, n=8, method="asymptotic")
    assert 0 < found.error < 1e-13
    whole = exact_power([0.5, 0.5], [0.5, 0.5], m=8, n=8, method="asymptotic")
    assert found.power == pytest.approx(whole, abs=1e-7)
