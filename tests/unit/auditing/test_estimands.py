"""What an estimate is held against: the plan's own estimates, and true values by closed forms."""

import math
from itertools import product
from statistics import median

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.analysis.effect import hodges_lehmann
from simulator.auditing.estimands import DEFAULT_ESTIMAND, ESTIMANDS, true_values
from simulator.auditing.pooled import POOLED, Pool
from simulator.scenario import Scenario
from simulator.scenario_files import load_scenario
from simulator.trial.cohort.studies import Studies

# 96 batches: beyond 4.2 errors once in 16,000, as beyond 4 of a normal law
K = 4.2
SD = 0.6
CONTINUOUS = {"kind": "continuous", "day": 1, "measured_in": "mg"}
NORMAL = {**CONTINUOUS, "distribution": "normal"}
PLAQUES = {"kind": "plaque_count", "day": 5, "terminal": True, "plates": 2, "plated": "1 %"}


def study(
    endpoint=CONTINUOUS,
    *,
    control="100 mg",
    response,
    spread,
    unit="animal",
    loss=0.0,
    seed=7,
    assay=None,
):
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "estimands",
            "question": "what is there to be seen?",
            "seed": seed,
            "design": {
                "animals": {"arms_share_cages": False},
                "arms": {"c": {"role": "control"}, "t": {"role": "test"}},
                "endpoints": {"y": endpoint},
                "attrition": {"loss": loss},
            },
            "truth": {
                "y": {"control": control, "response": {"model": "fold", "t": response}},
                "variability": {"y": spread, "cage_icc": 0.0},
                **({"assay": assay} if assay else {}),
            },
            "analysis": {
                "unit": unit,
                "families": {"f": {"endpoint": "y", "arms": "t", "against": "c"}},
            },
        }
    )


def near(found, known):
    return found.mcse > 0 and abs(found.value - known) < K * found.mcse


def truth(scenario, name, **options):
    (found,) = true_values(scenario, ESTIMANDS[name], n=10, **options)
    return found


@pytest.mark.parametrize("loss", [0.0, 0.3])
@pytest.mark.parametrize("fold", [1.0, 0.4, 3.0])
def test_log_normal_values_without_noise(fold, loss):
    scenario = study(response=fold, spread={"sd_ln": SD}, loss=loss)
    mean = 100 * math.exp(SD**2 / 2)
    known = {
        "fold_of_medians": fold,
        "fold_of_means": fold,
        "fold_of_geometric_means": fold,
        "difference_of_medians": 100 * (fold - 1),
        "difference_of_means": mean * (fold - 1),
        "relative_effect": stats.norm.cdf(math.log(fold) / (SD * math.sqrt(2))),
        "hodges_lehmann_ratio": fold,
    }
    for name, value in known.items():
        found = truth(scenario, name)
        assert near(found, value), name
        if ESTIMANDS[name].scale == "ratio":
            assert found.mcse < 0.003 * fold


def test_median_difference_of_all_pairs_of_log_normal_values():
    """By solving P(T - C < s) = 1/2, one integral over the control's density."""
    fold = 3.0

    def below(shift):
        def part(z):
            upper = 100 * math.exp(SD * z) + shift
            return stats.norm.pdf(z) * stats.norm.cdf(math.log(upper / (100 * fold)) / SD)

        return integrate.quad(part, -9, 9, epsabs=1e-10)[0]

    low, high = 100.0, 300.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < 0.5 else (low, middle)
    scenario = study(response=fold, spread={"sd_ln": SD})
    assert near(truth(scenario, "hodges_lehmann_shift"), low)


def test_normal_values():
    scenario = study(NORMAL, control="20 mg", response=1.1, spread={"sd": "2 mg"})
    for name in ("difference_of_medians", "difference_of_means", "hodges_lehmann_shift"):
        assert near(truth(scenario, name), 2.0), name
    assert near(truth(scenario, "fold_of_means"), 1.1)
    assert near(truth(scenario, "relative_effect"), stats.norm.cdf(1 / math.sqrt(2)))


def test_values_below_zero_have_no_ratio_and_a_rare_one_is_no_obstacle():
    often = study(NORMAL, control="1 mg", response=2.0, spread={"sd": "1 mg"})
    for name, estimand in ESTIMANDS.items():
        found = truth(often, name, batches=4)
        assert math.isnan(found.value) == (estimand.scale == "ratio"), name
        assert math.isnan(found.mcse) == (estimand.scale == "ratio"), name
    # 1 in 4,000 below 0: of the 20 values of a study hardly ever one
    rare = study(NORMAL, control="3.5 mg", response=2.0, spread={"sd": "1 mg"})
    found = truth(rare, "fold_of_medians")
    assert near(found, 2.0)


def test_counted_plaques_differ_from_the_animals_true_values():
    """Counts as read: the mean with crowding, and Poisson ties in the relative effect."""
    crowding = 400.0
    scenario = study(
        PLAQUES,
        control="1000 /spleen",
        response=1.5,
        spread={"sd_ln": 0.5},
        assay={"reader_cv": 0, "crowding": crowding},
    )

    def seen(z, level):
        plaques = level * math.exp(0.5 * z) * 0.01
        return plaques / (1 + plaques / crowding)

    def mean(level):
        return integrate.quad(lambda z: stats.norm.pdf(z) * seen(z, level), -9, 9)[0] / 0.01

    assert near(truth(scenario, "difference_of_means"), mean(1500) - mean(1000))
    assert near(truth(scenario, "fold_of_means"), mean(1500) / mean(1000))
    counts = np.arange(400)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    control, treated = (
        sum(
            w * stats.poisson.pmf(counts, 2 * seen(z, level))
            for z, w in zip(nodes, weights / weights.sum(), strict=True)
        )
        for level in (1000, 1500)
    )
    as_read = float(treated @ (np.cumsum(control) - 0.5 * control))
    found = truth(scenario, "relative_effect")
    assert near(found, as_read)
    of_animals = stats.norm.cdf(math.log(1.5) / (0.5 * math.sqrt(2)))
    assert abs(found.value - of_animals) > 10 * found.mcse


def test_where_the_cage_is_the_unit_its_median_is_one_value():
    """The median of five is the third order statistic, beta(3, 3) on the scale of shares."""
    scenario = study(response=1.6, spread={"sd_ln": SD}, unit="cage")
    shift = math.log(1.6) / SD

    def part(z):
        density = stats.beta.pdf(stats.norm.cdf(z), 3, 3) * stats.norm.pdf(z)
        return density * stats.beta.cdf(stats.norm.cdf(z + shift), 3, 3)

    known = integrate.quad(part, -8, 8)[0]
    assert near(truth(scenario, "relative_effect"), known)
    assert near(truth(scenario, "fold_of_medians"), 1.6)


def test_conduct_of_this_size_is_part_of_what_is_read():
    """Against the simulated studies themselves, whose blocks are others."""
    scenario = load_scenario("arm-by-arm-kill")
    blocks = [Studies(scenario, n=8).block(k).block for k in range(16)]
    found = true_values(scenario, ESTIMANDS["fold_of_geometric_means"], n=8)
    for one, truth_ in zip(scenario.analysis.comparisons, found, strict=True):
        logs = np.array(
            [
                np.nanmean(np.log(block.values[one.endpoint][one.treated]))
                - np.nanmean(np.log(block.values[one.endpoint][one.control]))
                for block in blocks
            ]
        )
        error = math.hypot(logs.std(ddof=1) / 4, truth_.mcse / truth_.value)
        # t law with 15 degrees of freedom: beyond 5.3 once in 10,000
        assert abs(math.log(truth_.value) - logs.mean()) < 5.3 * error


def test_the_null_twin_has_nothing():
    twin = load_scenario("suppression-and-rescue").null_twin()
    for name, estimand in ESTIMANDS.items():
        for found in true_values(twin, estimand, n=6):
            assert abs(found.value - estimand.nothing) <= K * found.mcse, name


def test_the_error_is_the_spread_of_the_values():
    """Twelve seeds scatter as their error says (chi-squared, 1 in 5,000 each)."""
    known = {"fold_of_medians": 2.0, "difference_of_means": 100 * math.exp(SD**2 / 2)}
    known |= {"hodges_lehmann_ratio": 2.0}
    known |= {"relative_effect": stats.norm.cdf(math.log(2) / (SD * math.sqrt(2)))}
    for name, value in known.items():
        squares = 0.0
        for seed in range(12):
            scenario = study(response=2.0, spread={"sd_ln": SD}, seed=seed)
            found = truth(scenario, name, batches=24)
            squares += ((found.value - value) / found.mcse) ** 2
        # the variance of t(23) is 23/21; its squares scatter more than the normal ones
        low, high = stats.chi2.ppf([1e-4, 1 - 1e-4], 12)
        assert low < squares * 21 / 23 < 1.4 * high, name


def test_threads_do_not_change_the_numbers():
    scenario = load_scenario("two-day-kill")
    one, two = (
        true_values(scenario, ESTIMANDS["fold_of_medians"], n=4, threads=k, batches=6)
        for k in (1, 2)
    )
    assert one == two


def test_no_animals():
    with pytest.raises(ValueError, match="n 0: must be from 1"):
        true_values(load_scenario("quick-start"), ESTIMANDS[DEFAULT_ESTIMAND], n=0)


def by_hand(name, treated, control):
    """Return the same from the definitions, by other means."""
    logs = [math.log(value) for value in treated], [math.log(value) for value in control]
    return {
        "fold_of_medians": median(treated) / median(control),
        "fold_of_means": np.mean(treated) / np.mean(control),
        "fold_of_geometric_means": stats.gmean(treated) / stats.gmean(control),
        "difference_of_medians": median(treated) - median(control),
        "difference_of_means": np.mean(treated) - np.mean(control),
        "relative_effect": stats.mannwhitneyu(treated, control).statistic
        / (len(treated) * len(control)),
        "hodges_lehmann_ratio": math.exp(median(t - c for t, c in product(*logs))),
        "hodges_lehmann_shift": median(t - c for t, c in product(treated, control)),
    }[name]


@pytest.mark.parametrize("name", ESTIMANDS)
def test_the_plans_own_estimate_of_one_study(name):
    rng = np.random.default_rng(11)
    for m, n in ((1, 1), (3, 4), (10, 10), (7, 12)):
        for values in (rng.lognormal(2, 1, m + n), rng.integers(1, 9, m + n).astype(float)):
            treated, control = np.sort(values[:m]), np.sort(values[m:])
            found = ESTIMANDS[name].of(treated, control)
            assert found == pytest.approx(by_hand(name, treated, control), rel=1e-12)
            if name == "hodges_lehmann_ratio":
                own = hodges_lehmann(treated, control, exact=False)
                assert found == pytest.approx(own.estimate, rel=1e-12)


def test_estimates_without_a_meaning():
    some, none = np.array([1.0, 2.0]), np.zeros(0)
    for estimand in ESTIMANDS.values():
        assert math.isnan(estimand.of(some, none))
        assert math.isnan(estimand.of(none, some))
    negative, zero = np.array([-3.0, 2.0, 4.0]), np.array([0.0, 1.0, 2.0])
    no_spread = np.zeros(3)
    for name, estimand in ESTIMANDS.items():
        ratio = estimand.scale == "ratio"
        assert math.isnan(estimand.of(negative, some)) == ratio
        assert math.isnan(estimand.of(some, no_spread)) == ratio
        logs = name in ("fold_of_geometric_means", "hodges_lehmann_ratio")
        assert math.isnan(estimand.of(zero, some)) == logs


def test_median_of_all_pairs_of_pooled_arms_is_that_of_the_pairs():
    rng = np.random.default_rng(3)
    for draw in (lambda: rng.normal(size=35), lambda: rng.integers(0, 6, 35).astype(float)):
        treated, control = ([np.sort(draw()) for _ in range(3)] for _ in range(2))
        found, _ = POOLED["hodges_lehmann_shift"](Pool(treated, "all"), Pool(control, "all"))
        pairs = product(np.concatenate(treated), np.concatenate(control))
        assert found == pytest.approx(median(t - c for t, c in pairs), abs=1e-12)
