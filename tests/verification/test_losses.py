"""Simulated losses against their laws: shares, days, who dies, and how many are left.

The laws are binomial, uniform and truncated normal (scipy), none of which the engine uses. Every
check is beyond 4 standard errors with probability 6e-5 if the program is right; there are about
150 of them, and the seeds were not searched for.
"""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.evaluation.exact.enumerated import power_by_enumeration
from simulator.evaluation.exact.power_of_categories import exact_power
from simulator.evaluation.exact.reading_probabilities import reading_probabilities
from simulator.evaluation.power import power
from simulator.model.animals import draw_animals
from simulator.model.response_table import respond
from simulator.scenario import Scenario
from simulator.scenario.enrolment import planned_sizes, study_headcount
from simulator.streams import BLOCK_SIZE
from simulator.trial.block import cohort_block

K = 4.0
FALSE_ALARM = 6.3e-5
ENDPOINTS = {
    "early": {"kind": "titer", "day": 3, "wells": 6},
    "y": {"kind": "titer", "day": 5, "wells": 6},
    "late": {"kind": "titer", "day": 9, "satellite": True, "terminal": True},
}
ARMS = ("saline", "low", "high")


def study(*, attrition, rho=0.5, failure=0.0, animals=None, seed=20270101, **analysis):
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "losses",
            "question": "who is left?",
            "seed": seed,
            "design": {
                "animals": animals or {},
                "arms": {
                    "saline": {"role": "control"},
                    "low": {"role": "test"},
                    "high": {"role": "test", "ratio": 1.5},
                },
                "endpoints": ENDPOINTS,
                "attrition": attrition,
            },
            "truth": {
                **{
                    key: {"control": 16, "response": {"model": "fold", "low": 2, "high": 4}}
                    for key in ENDPOINTS
                },
                "variability": {
                    **{key: {"sd_log2": 1.2} for key in ENDPOINTS},
                    "responder_correlation": rho,
                    "immunization_failure": failure,
                },
            },
            "analysis": {
                "families": {
                    "one": {
                        "endpoint": "y",
                        "arms": "test",
                        "against": "saline",
                        "adjust": "none",
                    }
                },
                **analysis,
            },
            "decision": {"n": {"from": 4, "to": 6}},
        }
    )


def is_share(events, chance):
    """Whether independent events happen as often as they should, by the exact binomial test."""
    return stats.binomtest(int(events.sum()), events.size, chance).pvalue > FALSE_ALARM


def drawn(scenario, *, n=40, blocks=2, satellites_of=None):
    """Animals of every arm, block by block."""
    sizes = dict.fromkeys(ARMS, n)
    return [
        draw_animals(scenario, block=b, sizes=sizes, satellites_of=satellites_of)
        for b in range(blocks)
    ]


@pytest.mark.parametrize("r", [0.0, -0.8, 0.5])
@pytest.mark.parametrize("satellites_of", [None, "late"])
def test_every_arm_dies_as_often_as_stated(r, satellites_of):
    stated = {"saline": 0.05, "low": 0.2, "high": 0.6}
    losses = {"loss": 0.6, "by_arm": {"saline": 0.05, "low": 0.2}, "with_response": r}
    for block in drawn(study(attrition=losses), satellites_of=satellites_of):
        for arm, chance in stated.items():
            assert is_share(block[arm].lost, chance)
            assert is_share(block[arm].missing(satellites_of or "y"), chance)


def test_arms_and_satellites_die_apart():
    main, late = (
        drawn(study(attrition={"loss": 0.4, "with_response": 0.5}), satellites_of=group)[0]
        for group in (None, "late")
    )
    for one, other in (
        (main["low"].lost, main["high"].lost),
        (main["low"].lost, late["low"].lost),
        (main["low"].missing("y")[:20], main["low"].missing("y")[20:]),
    ):
        assert is_share(one & other, 0.16)


def test_deaths_are_even_over_their_days():
    scenario = study(attrition={"loss": 0.5, "days": [2, 7]})
    for block in drawn(scenario, satellites_of="late"):
        days = block["low"].death_day
        found = days[~np.isnan(days)]
        assert stats.kstest(found, stats.uniform(2, 5).cdf).pvalue > FALSE_ALARM
    for block in drawn(scenario):
        # of the half that dies, a fifth before day 3, three fifths before day 5
        assert is_share(block["low"].missing("early"), 0.1)
        assert is_share(block["low"].missing("y"), 0.3)
        assert scenario.design.loss_of("low", "early") == pytest.approx(0.1)


@pytest.mark.parametrize("rho", [0.5, 0.9])
@pytest.mark.parametrize("r", [-0.8, -0.3, 0.6])
@pytest.mark.parametrize("chance", [0.1, 0.5])
def test_survivors_respond_as_the_truncated_normal_says(r, rho, chance):
    """Liability Z = r*R + sqrt(1-r^2)*E, R the responder; the survivors have Z below a quantile c.

    E(deviate | lives) = sqrt(rho) r E(Z | Z < c), and its variance is
    1 - rho r^2 (1 - Var(Z | Z < c)).
    """
    alive = stats.truncnorm(-np.inf, stats.norm.isf(chance))
    mean = math.sqrt(rho) * r * alive.mean()
    variance = 1 - rho * r * r * (1 - alive.var())
    scenario = study(attrition={"loss": chance, "with_response": r}, rho=rho)
    z = np.concatenate(
        [b["low"].deviates("y")[~b["low"].lost].ravel() for b in drawn(scenario, blocks=4)]
    )
    assert abs(z.mean() - mean) < K * math.sqrt(variance / z.size)
    squares = (z - mean) ** 2
    assert abs(squares.mean() - variance) < K * squares.std() / math.sqrt(z.size)
    # r < 0: the poor responders die, so those that are left respond more
    assert np.sign(mean) == -np.sign(r)


def test_samples_are_lost_apart_from_each_other_and_from_deaths():
    losses = {"loss": 0.2, "samples": {"early": 0.3, "y": 0.1}, "exclusions": 0.15}
    scenario = study(attrition=losses)
    kept = {"early": 0.8 * 0.7 * 0.85, "y": 0.8 * 0.9 * 0.85}
    for block in drawn(scenario):
        for animals in block.values():
            early, y = ~animals.missing("early"), ~animals.missing("y")
            assert is_share(early, kept["early"])
            assert is_share(y, kept["y"])
            assert is_share(early & y, 0.8 * 0.7 * 0.9 * 0.85)
            assert is_share(early[~animals.lost], 0.7 * 0.85)
        for endpoint, share in kept.items():
            assert 1 - scenario.design.loss_of("low", endpoint) == pytest.approx(share)


def test_noticed_failures():
    scenario = study(attrition={"failed_immunization": 0.6, "exclusions": 0.1}, failure=0.3)
    for block in drawn(scenario):
        for animals in block.values():
            missing = animals.missing("y")
            assert is_share(missing, 1 - (1 - 0.6 * 0.3) * 0.9)
            # a sound animal is excluded by chance alone
            assert is_share(missing[animals.immunized], 0.1)
            assert is_share(missing[~animals.immunized], 1 - 0.4 * 0.9)


@pytest.mark.parametrize(
    ("losses", "failure"),
    [
        ({"loss": 0.1, "inflate": 0.9}, 0.0),
        ({"by_arm": {"low": 0.3}, "samples": {"y": 0.05}, "inflate": 0.8}, 0.0),
        ({"loss": 0.2, "with_response": -0.7, "inflate": 0.95}, 0.0),
        ({"loss": 0.1, "failed_immunization": 0.8, "inflate": 0.9}, 0.2),
    ],
)
def test_every_arm_keeps_its_n_as_often_as_promised(losses, failure):
    scenario = study(attrition=losses, failure=failure)
    sizes, wanted = scenario.design.sizes(8), planned_sizes(scenario.design, 8)
    animals = study_headcount(scenario, 8)
    kept, analysed = [], []
    for b in range(8):
        block = draw_animals(scenario, block=b, sizes=sizes)
        left = {}
        for arm, group in block.items():
            missing = group.missing("y")
            left[arm] = (
                np.full(BLOCK_SIZE, group.n) if missing is None else group.n - missing.sum(axis=0)
            )
        kept.append(np.all([left[arm] >= wanted[arm] for arm in ARMS], axis=0))
        analysed.append(sum(left.values()))
    assert is_share(np.concatenate(kept), animals.kept)
    assert failure or animals.kept >= losses["inflate"]
    total = np.concatenate(analysed)
    assert abs(total.mean() - animals.analysed) < K * total.std() / math.sqrt(total.size)


def test_blocks_have_no_value_where_it_is_missing():
    losses = {"loss": 0.3, "days": [2, 5], "samples": {"y": 0.1}, "exclusions": 0.05}
    scenario = study(attrition=losses)
    block = cohort_block(scenario, respond(scenario), block=0, sizes=dict.fromkeys(ARMS, 8))
    for endpoint in ENDPOINTS:
        for arm in ARMS:
            missing = block.animals_of(endpoint)[arm].missing(endpoint)
            np.testing.assert_array_equal(np.isnan(block.values[endpoint][arm]), missing)


def test_losses_by_arm_and_sample_are_a_binomial_mixture_of_sizes():
    """Enumerated power, with sizes weighed by scipy's binomial law, and simulated power."""
    losses = {"by_arm": {"low": 0.4}, "loss": 0.1, "samples": {"y": 0.2}, "exclusions": 0.1}
    losses["days"] = [3, 7]  # half of the deaths come before day 5
    scenario = study(attrition=losses)
    left = {"saline": 0.95 * 0.8 * 0.9, "low": 0.8 * 0.8 * 0.9}
    px, py = (
        reading_probabilities(scenario, respond(scenario), endpoint="y", arm=arm) for arm in left
    )
    mixed = sum(
        stats.binom.pmf(i, 5, left["saline"])
        * stats.binom.pmf(j, 5, left["low"])
        * exact_power(px, py, m=i, n=j, method="auto")
        for i in range(2, 6)
        for j in range(2, 6)
    )
    found = power_by_enumeration(scenario, n=5)
    low = next(one for one in found.comparisons if one.treated == "low")
    assert low.power == pytest.approx(mixed, abs=1e-9)
    simulated = power(scenario, n=5, replicates=10_000)
    for one, other in zip(found.comparisons, simulated.comparisons, strict=True):
        for value, share in ((one.power, other.power), (one.untestable, other.untestable)):
            assert stats.binomtest(share.count, share.replicates, value).pvalue > FALSE_ALARM
