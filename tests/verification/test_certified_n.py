"""Long verification: how often is a certified n wrong, and how often is a first-crossing n?

The true n of every problem is known from enumeration, which shares no random number and no
replicate loop with the search. ``pytest -s`` prints the table of docs/sample-size.md.
"""

from __future__ import annotations

import math

import pytest
from scipy.stats import binom

from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.exact.enumerated import power_by_enumeration
from simulator.evaluation.replicates import simulate_counts
from simulator.evaluation.sizing.sample_size import find_sample_size
from simulator.scenario import Scenario
from simulator.streams import BLOCK_SIZE

pytestmark = pytest.mark.long

SEEDS = 200
TARGET = 0.8
RANGE = range(3, 13)
#: Iterations per n of the first-crossing search, as in the example of R's MKpower.
ITERATIONS = 1_000
#: One-sided probability beyond 4 standard errors: the false-alarm rate of each check here.
FALSE_ALARM = 3.2e-5
#: Share of searches that may certify a wrong n.
ALLOWED = 0.01

PROBLEMS = {
    "5 readings, no misreads": {"fold": 6.0, "wells": 4, "misread": 0.0},
    "exact test": {"fold": 6.0, "wells": 4, "method": "exact"},
    "one-sided": {"fold": 4.0, "wells": 6, "alternative": "greater"},
    "15 % lost": {"fold": 8.0, "wells": 4, "loss": 0.15},
    "10 % not immunized": {"fold": 10.0, "wells": 6, "failure": 0.1},
    "3 readings, weak effect": {"fold": 2.5, "wells": 2, "level": 3, "n": range(22, 35)},
}


def study(
    fold,
    *,
    wells,
    misread=0.1,
    loss=0.0,
    failure=0.0,
    level=7,
    n=RANGE,
    method="auto",
    alternative="two-sided",
):
    """Titers of two arms."""
    plate = {"kind": "titer", "day": 5, "first_dilution": 2.0, "wells": wells}
    family = {"endpoint": "y", "arms": "drug", "against": "saline"}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "titers",
            "question": "how many animals?",
            "seed": 0,
            "design": {
                "arms": {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": {"y": plate},
                "attrition": {"loss": loss},
            },
            "truth": {
                "y": {"control": f"{level}", "response": {"model": "fold", "drug": fold}},
                "variability": {"y": {"sd_log2": 1.3}, "immunization_failure": failure},
                "assay": {"misread": misread},
            },
            "analysis": {
                "method": method,
                "alternative": alternative,
                "families": {"one": family},
            },
            "decision": {
                "power": {"target": TARGET},
                "n": {"from": n[0], "to": n[-1]},
                "max_replicates": 128_000,
            },
        }
    )


def searched(scenario):
    """Return the range of n."""
    return range(scenario.decision.n.start, scenario.decision.n.stop + 1)


def true_powers(scenario):
    """Enumerated power at every n up to the answer and the two after it, and the answer.

    Beyond the first crossing the search for a later tooth goes on only while power is within
    0.1 of the target: a saw-tooth of these problems is never that deep.
    """
    powers, answer = {}, None
    for n in searched(scenario):
        powers[n] = power_by_enumeration(scenario, n=n).comparisons[0].power
        if powers[n] < TARGET:
            answer = None
        elif answer is None:
            answer = n
        if powers[n] > TARGET + 0.1:
            break
    assert answer is not None
    return powers, answer


def first_crossing(scenario):
    """Return the first n whose estimate from 1,000 fresh iterations reaches the target."""
    for place, n in enumerate(searched(scenario)):
        counts, _ = simulate_counts(
            scenario,
            layout_of(scenario, [n]),
            replicates=ITERATIONS,
            first_block=place * math.ceil(ITERATIONS / BLOCK_SIZE),
            threads=1,
        )
        if counts.adjusted[0, 0] >= TARGET * ITERATIONS:
            return n
    return None


@pytest.fixture(scope="module")
def tally():
    """Count the outcomes of both searches on every problem, over the same seeds."""
    found = {}
    for name, options in PROBLEMS.items():
        plain = study(**options)
        powers, truth = true_powers(plain)
        row = dict.fromkeys(("small", "large", "unresolved", "missed", "first"), 0)
        for seed in range(SEEDS):
            scenario = plain.model_copy(update={"seed": seed})
            answer = find_sample_size(scenario, replicates=2_000, threads=1)
            assert answer.status != "infeasible"
            if answer.status == "certified":
                row["small"] += answer.n_per_arm < truth
                row["large"] += answer.n_per_arm > truth
            else:
                row["unresolved"] += 1
                row["missed"] += truth not in answer.candidates
            row["first"] += first_crossing(scenario) < truth
        found[name] = row | {"powers": powers, "truth": truth}
        print(
            f"\n| {name} | {truth} | {powers[truth - 1]:.4f}, {powers[truth]:.4f} "
            f"| {row['small'] / SEEDS:.1%} | {row['large'] / SEEDS:.1%} "
            f"| {row['unresolved'] / SEEDS:.1%} | {row['first'] / SEEDS:.1%} |",
            end="",
        )
    return found


def test_certified_n_is_wrong_in_at_most_one_search_of_a_hundred(tally):
    for name, row in tally.items():
        wrong = row["small"] + row["large"] + row["missed"]
        assert wrong <= binom.isf(FALSE_ALARM, SEEDS, ALLOWED), name
    small = sum(row["small"] for row in tally.values())
    assert small <= binom.isf(FALSE_ALARM, SEEDS * len(tally), ALLOWED)


def test_most_searches_commit_themselves(tally):
    """Never to err by never answering is no virtue: half of the searches, even on the hardest."""
    for name, row in tally.items():
        assert row["unresolved"] <= SEEDS / 2, name


def test_first_crossing_is_too_small_as_often_as_its_arithmetic_says(tally):
    """P(too small) = 1 - prod over n below the truth of P(estimate below the target).

    From the enumerated powers alone; so the peer is not run on easier terms than ours.
    """
    for name, row in tally.items():
        below = [p for n, p in row["powers"].items() if n < row["truth"]]
        stays = math.prod(
            binom.cdf(math.ceil(TARGET * ITERATIONS) - 1, ITERATIONS, p) for p in below
        )
        low, high = binom.ppf([FALSE_ALARM, 1 - FALSE_ALARM], SEEDS, 1 - stays)
        assert low <= row["first"] <= high, name


def test_a_tooth_that_sticks_out_is_not_certified():
    """Target inside a saw-tooth: n = 8 has 0.559, n = 9 only 0.508, n = 10 has 0.542.

    Powers from an independent simulation of 4,000,000 studies (MCSE 0.00025): normal, control
    arm of 4, shift of 1.5 SD. With so few replicates most searches rightly stay unresolved.
    """
    wrong = 0
    for seed in range(300):
        study = Scenario.model_validate(
            {
                "schema_version": 1,
                "id": "tooth",
                "question": "is a lucky n taken?",
                "seed": seed,
                "design": {
                    "arms": {"saline": {"role": "control", "n": 4}, "drug": {"role": "test"}},
                    "endpoints": {
                        "w": {
                            "kind": "continuous",
                            "day": 5,
                            "distribution": "normal",
                            "measured_in": "mg",
                        }
                    },
                },
                "truth": {
                    "w": {"control": 100, "response": {"model": "fold", "drug": 1.15}},
                    "variability": {"w": {"sd": 10}},
                },
                "analysis": {
                    "families": {"one": {"endpoint": "w", "arms": "drug", "against": "saline"}}
                },
                "decision": {
                    "power": {"target": 0.509},
                    "n": {"from": 8, "to": 12},
                    "max_replicates": 8000,
                },
            }
        )
        answer = find_sample_size(study, replicates=500)
        if answer.status == "certified":
            wrong += answer.n_per_arm != 10
        else:
            assert answer.status == "unresolved"
    assert wrong <= binom.isf(FALSE_ALARM, 300, 0.01)
