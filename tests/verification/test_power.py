"""Monte Carlo power against enumeration, quadrature and outside programs.

Every Monte Carlo check is exact binomial: it fails where the count would be as unlikely as 4
standard errors (two-sided 6.3e-5) if the reference were true. There are about 150 of them, so a
correct program fails somewhere for about one seed in a hundred; the seed was not searched for.
"""

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from simulator.evaluation.characteristics import Probability
from simulator.evaluation.decisions.decide import decide
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.exact.power_of_categories import exact_power
from simulator.evaluation.power import power
from simulator.evaluation.replicates import counts_of, simulate_counts
from simulator.scenario import Scenario
from simulator.streams import stream

FALSE_ALARM = 6.3e-5
REPLICATES = 20_000

TITER = {"kind": "titer", "day": 5, "first_dilution": 2.0, "wells": 4}
LEVEL, SD_LOG2, MISREAD = 7.0, 1.3, 0.1


def agrees(share, truth):
    """Whether a simulated share is compatible with an exactly known probability."""
    if truth <= 0 or truth >= 1:
        return share.value == truth
    tail = stats.binomtest(share.count, share.replicates, truth).pvalue
    return tail > FALSE_ALARM


def two_arms(endpoint, truth, *, spread, n=(2, 8), arms=None, seed=20261122, **analysis):
    """A resolved two-arm study of one endpoint ``y``."""
    families = {"one": {"endpoint": "y", "arms": ["drug"], "against": "saline"}}
    families["one"]["alpha"] = analysis.pop("alpha", 0.05)
    assay = {"misread": MISREAD}
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "two-arms",
            "question": "does simulated power agree?",
            "seed": seed,
            "design": {
                "arms": arms or {"saline": {"role": "control"}, "drug": {"role": "test"}},
                "endpoints": {"y": endpoint},
            },
            "truth": {"y": truth, "variability": {"y": spread}, "assay": assay},
            "analysis": {"families": families, **analysis},
            "decision": {"n": {"from": n[0], "to": n[1]}},
        }
    )


def titers(fold, **options):
    """Titer study: five possible readings, so ties everywhere."""
    truth = {"control": f"{LEVEL}", "response": {"model": "fold", "drug": fold}}
    return two_arms(TITER, truth, spread={"sd_log2": SD_LOG2}, **options)


def wells(fold):
    """Probabilities of the five readings, from the normal law of the log2 titer."""
    dilutions = np.log2([2.0, 4.0, 8.0, 16.0])
    below = stats.norm.cdf((dilutions - np.log2(LEVEL * fold)) / SD_LOG2)
    true = np.diff(np.concatenate([[0.0], below, [1.0]]))
    up = np.concatenate([[0.0], true[:-1]])
    up[-1] += true[-1]
    down = np.concatenate([true[1:], [0.0]])
    down[0] += true[0]
    return (1 - 2 * MISREAD) * true + MISREAD * (up + down)


@pytest.mark.parametrize("fold", [1.0, 3.0])
@pytest.mark.parametrize(
    "options",
    [
        {"method": "auto"},
        {"method": "exact"},
        {"method": "exact", "convention": "doubling", "alpha": 0.01},
        {"method": "asymptotic", "continuity": False},
        {"method": "asymptotic", "alternative": "greater"},
        {"method": "exact", "alternative": "less"},
    ],
)
def test_simulated_power_is_the_enumerated_power_at_every_n(fold, options):
    result = power(titers(fold, **options), n=6, replicates=REPLICATES)
    for point in result.curve:
        known, null = (
            exact_power(wells(1.0), wells(f), m=point.n, n=point.n, **options) for f in (fold, 1.0)
        )
        assert agrees(point.comparisons[0], known), (point.n, known)
        assert agrees(point.fwer, null), (point.n, null)


def test_unequal_arms():
    arms = {"saline": {"role": "control", "n": 5}, "drug": {"role": "test", "ratio": 1.5}}
    result = power(titers(4.0, arms=arms, method="exact", n=(2, 5)), replicates=REPLICATES)
    assert [p.sizes for p in result.curve] == [{"saline": 5, "drug": drug} for drug in (3, 5, 6, 8)]
    for point in result.curve:
        known = exact_power(wells(1), wells(4), m=5, n=point.sizes["drug"], method="exact")
        assert agrees(point.target, known)


@pytest.mark.parametrize("fold", [1.0, 6.0])
def test_lost_animals(fold):
    """Power with losses is the enumerated power averaged over binomial numbers that are left."""
    scenario = titers(fold, n=(4, 4), method="asymptotic")
    design = scenario.design.model_copy(
        update={"attrition": scenario.design.attrition.model_copy(update={"loss": 0.3})}
    )
    scenario = scenario.model_copy(update={"design": design})
    left = stats.binom.pmf(np.arange(5), 4, 0.7)
    known = sum(
        left[m] * left[n] * exact_power(wells(1), wells(fold), m=m, n=n, method="asymptotic")
        for m in range(2, 5)  # below two animals there is no test, so no rejection
        for n in range(2, 5)
    )
    result = power(scenario, replicates=REPLICATES)
    assert agrees(result.comparisons[0].power, known)


def continuous(mean, shift, sd, **options):
    """Two normal arms: ``mean`` and ``mean + shift``."""
    endpoint = {"kind": "continuous", "day": 1, "measured_in": "mg", "distribution": "normal"}
    response = {"model": "fold", "drug": (mean + shift) / mean}
    truth = {"control": f"{mean} mg", "response": response}
    return two_arms(endpoint, truth, spread={"sd": sd}, **options)


@pytest.mark.parametrize(
    ("mean", "shift", "sd", "n", "printed", "mcse"),
    [(100.0, 1.0, 1.0, 10, 0.5124, 0.0004), (32.0, 3.0, 2.0, 7, 0.6562, 0.0003)],
)
def test_normal_power_against_another_simulation(mean, shift, sd, n, printed, mcse):
    scenario = continuous(mean, shift, sd, n=(n, n), method="exact")
    share = power(scenario, replicates=100_000).comparisons[0].power
    assert abs(share.value - printed) < 4 * np.hypot(share.mcse, mcse)


def synthetic(values_x, values_y, **options):
    """Counts of the engine on given values, shape (animals, replicates): control, treated."""
    n = values_x.shape[0]
    arms = {
        "saline": {"role": "control", "n": n},
        "drug": {"role": "test", "n": values_y.shape[0]},
    }
    layout = layout_of(continuous(100.0, 1.0, 1.0, arms=arms, **options), [n])
    stacked = np.full((2, max(n, values_y.shape[0]), values_x.shape[1]), np.nan)
    stacked[layout.control[0], :n] = values_x
    stacked[layout.treated[0], : values_y.shape[0]] = values_y
    counts = counts_of(layout, decide(layout, stacked))
    return Probability(int(counts.adjusted[0, 0]), counts.replicates)


def draws(name, size):
    """Uniform numbers of a stream of their own."""
    return stream(7, block=0, owner="test", purpose=name).random(size)


def test_laplace_power_against_gpower():
    """G*Power 3.1's manual: Laplace, d = 0.375, 67 v 134; its simulation gave .8439 (.0018)."""
    reps = 40_000
    x = stats.laplace.ppf(draws("laplace/x", (67, reps)))
    y = stats.laplace.ppf(draws("laplace/y", (134, reps))) + 0.375 * np.sqrt(2)
    share = synthetic(x, y)
    assert abs(share.value - 0.8439) < 4 * np.hypot(share.mcse, 0.0018)


def separation(size, d):
    """P(every treated normal is above every control), ``d`` apart, by quadrature."""

    def top(z):
        density = size * stats.norm.cdf(z) ** (size - 1) * stats.norm.pdf(z)
        return density * stats.norm.sf(z - d) ** size

    return integrate.quad(top, -9, 9 + d)[0]


def test_p_exactly_at_alpha_counts_as_a_rejection():
    """Regression: 3 v 3 one-sided exact at .05 has p = 1/20 at best; p < alpha gives power 0."""
    known = separation(3, 2.5)
    assert known == pytest.approx(0.78, abs=0.005)
    options = {"method": "exact", "alternative": "greater", "n": (3, 3)}
    share = power(continuous(100.0, 2.5, 1.0, **options), replicates=REPLICATES)
    assert agrees(share.comparisons[0].power, known)
    assert agrees(share.comparisons[0].type_i, 1 / 20)


def test_one_tied_replicate_leaves_the_others_exact():
    """Regression: 5 v 5 at alpha .01, power .37; a tie anywhere in the batch made it 0."""
    reps = REPLICATES
    x = stats.norm.ppf(draws("tie/x", (5, reps)))
    y = stats.norm.ppf(draws("tie/y", (5, reps))) + 2.0
    before = synthetic(x, y, alpha=0.01)
    # p = 2/252 only where the arms are separated, either way
    known = separation(5, 2.0) + separation(5, -2.0)
    assert known == pytest.approx(0.37, abs=0.01)
    assert agrees(before, known)
    x[:, 0] = y[:, 0] = [1.0, 1.0, 2.0, 2.0, 3.0]
    after = synthetic(x, y, alpha=0.01)
    assert abs(after.count - before.count) <= 1


def test_level_and_direction_reach_the_engine():
    """Regression: a tool with alpha .05 built in; one whose one-sided p is p/2 either way."""
    loose, strict = (
        power(titers(4.0, alpha=alpha, n=(7, 7)), replicates=4000).comparisons[0].power
        for alpha in (0.05, 0.005)
    )
    assert strict.value < loose.value - 0.2
    wrong = power(titers(4.0, alternative="less", n=(7, 7)), replicates=4000)
    assert wrong.comparisons[0].power.value < 0.005  # the arm is larger, not less
    assert wrong.comparisons[0].type_i.value > 0.02


def test_type_i_error_without_ties_is_the_attained_size_at_every_n():
    result = power(continuous(100.0, 1.5, 1.0, n=(2, 12), method="exact"), replicates=REPLICATES)
    sizes = []
    for point in result.curve:
        n = point.n
        law = np.diff(np.concatenate([[0.0], tails_of(n)]))
        tail = np.cumsum(law)
        attained = 2 * max((t for t in tail if 2 * t <= 0.05 * (1 + 1e-9)), default=0.0)
        assert agrees(point.fwer, attained)
        sizes.append(attained)
    # power rises with n wherever the attained size does not fall: the saw-tooth, and only it
    for (before, after), (size, larger) in zip(
        itertools.pairwise(result.curve), itertools.pairwise(sizes), strict=True
    ):
        if larger >= size:
            noise = np.hypot(before.target.mcse, after.target.mcse)
            assert after.target.value >= before.target.value - 4 * noise


def tails_of(n):
    """Lower tail of U at n v n by counting subsets: generating function, no shared code."""
    counts = np.zeros((n + 1, n * n + 1))
    counts[0, 0] = 1
    for animal in range(1, 2 * n + 1):  # ranks 1..2n, choose n; U = rank sum - n(n+1)/2
        for chosen in range(min(animal, n), 0, -1):
            shift = animal - chosen
            if shift <= n * n:
                counts[chosen, shift:] += counts[chosen - 1, : n * n + 1 - shift]
    return np.cumsum(counts[n]) / counts[n].sum()


@pytest.mark.parametrize("adjust", ["bonferroni", "holm", "hochberg"])
def test_familywise_error_of_the_exact_method_is_not_above_alpha(adjust):
    arms = {"saline": {"role": "control"}}
    arms.update({f"dose-{i}": {"role": "test"} for i in range(4)})
    tests = [arm for arm in arms if arm != "saline"]
    family = {"endpoint": "y", "arms": tests, "against": "saline", "adjust": adjust}
    base = titers(1.0, n=(4, 9)).canonical()
    base["design"]["arms"] = arms
    base["analysis"] = {"method": "exact", "families": {"all": family}}
    base["truth"] = {
        "y": {"control": LEVEL, "response": {"model": "fold"}},
        "variability": {"y": {"sd_log2": SD_LOG2}},
    }
    base["decision"]["power"] = {}
    study = Scenario.model_validate(base)
    result = power(study, replicates=4000)
    for point in result.curve:
        assert point.fwer.value <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 4000)
        assert point.fwer.count == point.any.count  # the study is its own null twin
        each = [c.value for c in point.comparisons]
        assert max(each) <= point.any.value <= sum(each) + 1e-12


def test_numbers_do_not_depend_on_threads():
    scenario = titers(3.0, n=(2, 5))
    layout = layout_of(scenario, range(2, 6))
    one, two, three = (
        simulate_counts(scenario, layout, replicates=2750, null=True, threads=threads)
        for threads in (1, 2, 3)
    )
    assert str(one) == str(two) == str(three)
    assert power(scenario, n=4, replicates=1250, threads=1) == power(
        scenario, n=4, replicates=1250, threads=3
    )


@pytest.mark.parametrize("icc", [0.0, 0.4])
def test_power_at_n_does_not_depend_on_the_largest_n(icc):
    base = titers(3.0, n=(3, 6))
    variability = base.truth.variability.model_validate(
        {"y": {"sd_log2": SD_LOG2}, "cage_icc": icc}
    )
    base = base.model_copy(
        update={"truth": base.truth.model_copy(update={"variability": variability})}
    )
    small = layout_of(base, range(3, 7))
    large = layout_of(base, range(3, 21))
    few, _ = simulate_counts(base, small, replicates=1500)
    many, _ = simulate_counts(base, large, replicates=1500)
    assert str(few) == str(many.at([0, 1, 2, 3]))


def test_another_seed_gives_other_numbers():
    results = [power(titers(3.0, seed=seed), n=6, replicates=2000) for seed in (1, 2)]
    assert results[0].curve != results[1].curve
