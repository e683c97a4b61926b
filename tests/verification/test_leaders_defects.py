"""Seven defects found in today's leading tools: each is a regression test of ours.

The right answer comes from outside each time: a published figure, a whole number of outcomes, an
integral. What scipy says today is recorded beside it (``record_property``) and never asserted, so
the test stays true when scipy is mended. More on the same points: `tests/reference/`,
`tests/unit/analysis/`, `tests/verification/test_enumeration.py`, `test_many_seeds.py`.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
from scipy import integrate, stats

from simulator import find_sample_size, load_scenario, power
from simulator.analysis import mann_whitney
from simulator.analysis.multiplicity import rejects
from simulator.errors import ScenarioError
from simulator.evaluation.exact.power_of_categories import exact_power
from simulator.evaluation.sizing import closed_form
from simulator.scenario import Scenario

from .test_power import agrees
from .test_sample_size import smallest, titers, wells

#: Two-sided probability beyond 4 standard errors: the false-alarm rate of each Monte Carlo check.
FALSE_ALARM = 6.3e-5


def normal_study(shift: float, *, n: int, alpha: float, alternative: str) -> Scenario:
    """Two arms of n normal values, the treated ones ``shift`` SD higher."""
    return Scenario.model_validate(
        {
            "schema_version": 1,
            "id": "normal-shift",
            "question": "is the power that of the integral?",
            "seed": 20261123,
            "design": {
                "arms": {"saline": {"role": "control"}, "drug": {"role": "test"}},
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
                "w": {"control": 100, "response": {"model": "fold", "drug": 1 + shift / 10}},
                "variability": {"w": {"sd": 10}},
            },
            "analysis": {
                "alternative": alternative,
                "families": {
                    "one": {"endpoint": "w", "arms": "drug", "against": "saline", "alpha": alpha}
                },
            },
            "decision": {"n": {"from": n, "to": n}},
        }
    )


def separated(shift: float, n: int) -> float:
    """Probability that all n treated normal values lie above all n controls, by quadrature."""
    law = stats.norm

    def density(largest: float) -> float:
        below = law.cdf(largest) ** (n - 1)
        return float(n * law.pdf(largest) * below * law.sf(largest - shift) ** n)

    return float(integrate.quad(density, -10, 10 + shift)[0])


def test_1_a_tie_somewhere_in_a_batch_changes_no_other_data_set(record_property):
    """scipy's auto on a batch: power 0.37 becomes 0.00 at 5 v 5, alpha 0.01.

    Only complete separation (p = 2/252) is below 0.01, so power is an integral: 0.3766.
    """
    shift, many = 2.0, 2000
    truth = separated(shift, 5) + separated(-shift, 5)
    assert truth == pytest.approx(0.377, abs=5e-4)
    rng = np.random.default_rng(20261123)
    treated, control = rng.normal(shift, 1, (many, 5)), rng.normal(0, 1, (many, 5))
    alone = [
        rejects(mann_whitney(x, y).p_value, 0.01) for x, y in zip(treated, control, strict=True)
    ]
    assert stats.binomtest(sum(alone), many, truth).pvalue > FALSE_ALARM
    treated[0, 0] = control[0, 0]
    tied = [mann_whitney(x, y) for x, y in zip(treated, control, strict=True)]
    assert [test.method for test in tied] == ["asymptotic"] + ["exact"] * (many - 1)
    assert [rejects(test.p_value, 0.01) for test in tied[1:]] == alone[1:]
    found = power(normal_study(shift, n=5, alpha=0.01, alternative="two-sided"), n=5)
    assert agrees(found.comparisons[0].power, truth)
    peer = stats.mannwhitneyu(treated, control, axis=1).pvalue
    record_property("power of scipy's auto with one tie in the batch", float((peer <= 0.01).mean()))


def test_2_exact_means_exact_with_ties(record_property):
    """scipy's exact ignores ties (0.0887 for 0.0373) and truncates half-integer U."""
    treated = [120, 180, 210, 240, 280, *[300] * 7]
    control = [300] * 12
    # as extreme: the five readings below the cap all in one arm, either
    p = 2 * math.comb(12, 5) / math.comb(24, 5)
    assert p == pytest.approx(0.0373, abs=5e-5)
    for convention in ("far-tail", "doubling"):
        found = mann_whitney(treated, control, method="exact", convention=convention)
        assert found.p_value == pytest.approx(p, rel=1e-10)
    peer = stats.mannwhitneyu(treated, control, method="exact").pvalue
    record_property("scipy's exact p, 0.0373 being right", float(peer))
    # U = 22.5: one-sided and two-sided figures of coin, printed to 7 digits
    one, two = range(1, 11), range(2, 25, 2)
    half = mann_whitney(one, two, method="exact", alternative="less")
    assert (half.u, half.p_value) == (22.5, pytest.approx(0.006001738, abs=5e-10))
    assert mann_whitney(one, two, method="exact").p_value == pytest.approx(0.01188904, abs=5e-9)
    peer = stats.mannwhitneyu(one, two, method="exact", alternative="less").pvalue
    record_property("scipy's exact p of U = 22.5, 0.0060017 being right", float(peer))


def test_3_a_p_value_on_alpha_rejects(record_property):
    """scipy.stats.power counts p < alpha: 3 v 3 one-sided gives 0 where the power is 0.78."""
    shift = 2.5
    truth = separated(shift, 3)
    assert truth == pytest.approx(0.781, abs=5e-4)
    found = power(normal_study(shift, n=3, alpha=0.05, alternative="greater"), n=3)
    assert agrees(found.comparisons[0].power, truth)
    rng = np.random.default_rng(20261123)
    peer = stats.power(
        lambda x, y, axis: stats.mannwhitneyu(
            x, y, alternative="greater", method="exact", axis=axis
        ),
        (lambda size: rng.normal(shift, 1, size), lambda size: rng.normal(0, 1, size)),
        (3, 3),
        significance=0.05,
        n_resamples=2000,
    ).power
    record_property("scipy.stats.power, 0.78 being right", float(peer))


def _lehmann_power(n: int, k: int, alpha: float) -> float:
    """Power at X ~ F, Y ~ F^k: every order of n and n animals, weighed, tested by ours."""
    total = 0.0
    for places in combinations(range(2 * n), n):
        weight, x, y = 1.0, n, n
        for place in reversed(range(2 * n)):  # the largest of i X and j Y is a Y: jk/(i + jk)
            top = y * k / (x + y * k)
            if place in places:
                weight, y = weight * top, y - 1
            else:
                weight, x = weight * (1 - top), x - 1
        others = [place for place in range(2 * n) if place not in places]
        if rejects(mann_whitney(places, others).p_value, alpha):
            total += weight
    return total


def test_4a_the_level_is_the_one_asked_for():
    """WMWssp's sim_power tests at 0.05 whatever the level."""
    assert _lehmann_power(5, 4, 0.05) == pytest.approx(0.2885048, abs=5e-8)  # published recursion
    # at 0.01 only complete separation is left: a product each way
    above = math.prod(4 * j / (5 + 4 * j) for j in range(1, 6))
    below = math.prod(i / (i + 20) for i in range(1, 6))
    assert _lehmann_power(5, 4, 0.01) == pytest.approx(above + below, rel=1e-12)
    # the engine too: test 1 asks it for 0.01, here with 0.05, where U <= 2 or >= 23 rejects
    strict, usual = (
        power(normal_study(2.0, n=5, alpha=alpha, alternative="two-sided"), n=5)
        for alpha in (0.01, 0.05)
    )
    assert usual.comparisons[0].power.value > strict.comparisons[0].power.value + 0.2


def test_4b_a_one_sided_p_has_a_direction():
    """Spower halves the two-sided p whatever the direction."""
    x = [0.5, 0.5, 0.6, 0.6, 0.7, 0.8, 0.9]
    y = [0.5, 1, 1.2, 1.2, 1.4, 1.5, 1.9, 2]
    less = mann_whitney(x, y, method="exact", alternative="less").p_value
    assert less == pytest.approx(28 / 6435, rel=1e-10)  # exactRankTests, coin: 0.00435120
    # x smaller, so "greater" has nearly everything: all 6435 but those below the observed U
    greater = mann_whitney(x, y, method="exact", alternative="greater").p_value
    assert greater > 1 - 28 / 6435
    shift = -2.5
    wrong_way = power(normal_study(shift, n=3, alpha=0.05, alternative="greater"), n=3)
    assert agrees(wrong_way.comparisons[0].power, separated(shift, 3))


def test_4c_n_is_not_the_first_lucky_one():
    """MKpower stops at the first n whose simulated power clears the target."""
    known = {n: exact_power(wells(1), wells(6), m=n, n=n) for n in range(3, 11)}
    truth = smallest(known, 0.8)
    below = known[truth - 1]
    # their search, given the true powers: how often 1,000 iterations stop at a smaller n
    lucky = 1 - math.prod(
        stats.binom.cdf(math.ceil(800) - 1, 1000, known[n]) for n in known if n < truth
    )
    assert below < 0.8 <= known[truth]
    for seed in range(5):
        answer = find_sample_size(titers(6.0, seed=seed, target=0.8), replicates=1000)
        if answer.status == "certified":
            assert answer.n_per_arm == truth, f"first crossing errs in {lucky:.0%} of searches"
        else:
            assert truth in answer.candidates


def test_5_formulas_give_the_figures_of_their_authors():
    """Six wrong formulas passed ``while power(n) < target: n += 1; assert power(n) >= target``."""
    assert closed_form.noether_total(0.75) == pytest.approx(41.860692, abs=5e-7)
    assert closed_form.statpsych_size(0.3, power=0.9) == 44
    assert closed_form.noether_power(0.65, m=50, n=50) == pytest.approx(0.7383, abs=5e-5)
    x = np.array([315, 375, 356, 374, 412, 418, 445, 403, 431, 410, 391, 475, 379.0])
    assert closed_form.happ_total(x, x - 20) == pytest.approx(111.3719511, abs=5e-8)
    laplace = closed_form.are_power(0.375, m=67, n=134, efficiency=1.5)
    assert laplace == pytest.approx(0.8643, abs=5e-5)
    # and the simulation is held to enumeration, not to itself: anchors' ordinal example, 4 v 8
    low, high = [0.3, 0.4, 0.2, 0.1], [0.05, 0.15, 0.35, 0.45]
    found = exact_power(low, high, m=4, n=8, method="exact")
    assert found == pytest.approx(0.341886, abs=5e-7)


WORLD = """schema_version: 1
id: worlds
question: Does a mistyped name pass unseen?
seed: 1
design:
  arms: {saline: {role: control}, drug: {role: test}}
  endpoints: {afc: {kind: plaque_count, day: 5}}
truth:
  afc: {control: 5e4 /spleen, cv: 45 %, response: {model: fold, drug: 3}}
decision: {power: 80 %, worlds: {weak: {PATH: 1.5}}}
"""


def test_6a_a_mistyped_name_is_refused(tmp_path):
    """DeclareDesign's redesign changes nothing and says nothing."""
    file = tmp_path / "study.yaml"
    file.write_text(WORLD.replace("PATH", "truth.afc.response.drgu"), encoding="utf-8")
    with pytest.raises(ScenarioError, match="drgu"):
        load_scenario(file)
    file.write_text(WORLD.replace("PATH", "truth.afc.response.drug"), encoding="utf-8")
    as_stated, weak = load_scenario(file), load_scenario(file, world="weak")
    # and a right name changes what it says: threefold is found at 6 v 6, 1.5-fold seldom
    stated, weaker = (power(s, n=6, replicates=2000) for s in (as_stated, weak))
    assert stated.comparisons[0].power.value > weaker.comparisons[0].power.value + 0.3


def test_6b_the_seed_is_heeded():
    """stdpopsim once ignored the seed silently."""
    study = normal_study(1.0, n=6, alpha=0.05, alternative="two-sided")
    counts = {
        seed: power(study.model_copy(update={"seed": seed}), n=6, replicates=4000)
        for seed in (1, 2, 3, 4)
    }
    again = power(study.model_copy(update={"seed": 1}), n=6, replicates=4000)
    assert again.to_dict() == counts[1].to_dict()
    assert again.seed == 1
    # four seeds that give one count to the unit: (0.02)^3 by chance, MCSE being 31 data sets
    assert len({found.comparisons[0].power.count for found in counts.values()}) > 1


def test_7_attained_size_is_enumerated_and_shown():
    """Normal without continuity, 4 v 4 with ties: size 0.0555; exact with ties: far below."""
    p = [0.3, 0.4, 0.2, 0.1]
    plain = exact_power(p, p, m=4, n=4, method="asymptotic", continuity=False)
    assert plain == pytest.approx(0.0555, abs=5e-5)
    exact = exact_power(p, p, m=4, n=4, method="exact")
    assert exact < 0.02  # valid, and very conservative
    study = titers(1.0, seed=20261123, n=(4, 4))
    law = wells(1.0)
    for method, continuity in (("asymptotic", False), ("exact", True)):
        options = {"method": method, "continuity": continuity}
        plan = study.analysis.model_copy(update=options)
        found = power(study.model_copy(update={"analysis": plan}), n=4).comparisons[0]
        size = exact_power(law, law, m=4, n=4, **options)
        assert agrees(found.type_i, size)
        assert "type_i" in found.to_dict()
