"""Arms in whole cages: what counting mice costs, and what counting cages gives.

Outside figures: an independent simulation of 40,000 studies (2 cages of 5 per arm, Gaussian, no
effect, exact Mann-Whitney, two-sided, alpha 0.05). Where both sides are simulated, the tolerance
is 4 standard errors of the difference: two-sided false-alarm rate 6.3e-5 per check, and the
exact binomial checks have the same; about 20 checks, so one seed in eight hundred fails a
correct program. The seeds were not searched for.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from simulator.analysis.analyse import analyse
from simulator.evaluation.decisions.layout import layout_of
from simulator.evaluation.decisions.thresholds import UNTESTABLE, steps_of
from simulator.evaluation.power import power
from simulator.evaluation.replicates import decisions, simulate_counts
from simulator.model.animals import draw_animals
from simulator.scenario_files import load_scenario
from simulator.streams import BLOCK_SIZE
from simulator.tables import read_bench, write_table
from simulator.trial.cohort.simulate import simulate_cohorts

K, FALSE_ALARM = 4, 6.3e-5
REPLICATES = 40_000
ALPHA = 0.05

STUDY = """
schema_version: 1
id: whole-cages
question: How many mice is a cage of five worth?
seed: {seed}
design:
  animals: {{arms_share_cages: false, per_cage: 5}}
  arms:
    saline: {{role: control}}
    drug: {{role: test}}
  endpoints:
    y: {{kind: continuous, day: 7, measured_in: mg, distribution: normal}}
truth:
  variability: {{cage_icc: {icc}}}
  y: {{control: 10 mg, sd: 1 mg, response: {{model: fold, drug: {fold}}}}}
analysis:
  unit: {unit}
  acknowledge: pseudoreplication
  method: exact
decision:
  n: {{from: {first}, to: {n}}}
"""


@pytest.fixture
def study(tmp_path):
    """Load the study with some of its numbers changed."""

    def load(*, unit, icc=0.0, fold=1, n=10, first=2, seed=20261203):
        path = tmp_path / "whole-cages.yaml"
        text = STUDY.format(unit=unit, icc=icc, fold=fold, n=n, first=first, seed=seed)
        path.write_text(text, encoding="utf-8")
        return load_scenario(str(path))

    return load


def share(scenario, n, *, replicates=REPLICATES):
    """Return how many studies of the engine reject, of how many."""
    counts, _ = simulate_counts(scenario, layout_of(scenario, [n]), replicates=replicates)
    assert counts.untestable.max() == 0
    return int(counts.adjusted[0, 0]), counts.replicates


def peer(*, icc, n, unit, shift=0.0, per_cage=5, studies=REPLICATES, seed=77):
    """The same study by numpy and scipy alone: the share of studies with p <= alpha."""
    rng = np.random.default_rng(seed)
    cage = np.arange(n) // per_cage

    def arm(mean):
        homes = rng.normal(size=(studies, cage[-1] + 1))[:, cage]
        return mean + math.sqrt(icc) * homes + math.sqrt(1 - icc) * rng.normal(size=(studies, n))

    x, y = arm(shift), arm(0.0)
    if unit == "cage":
        x, y = (
            np.stack([np.median(z[:, cage == c], axis=1) for c in range(cage[-1] + 1)], axis=1)
            for z in (x, y)
        )
    p = stats.mannwhitneyu(x, y, axis=1, method="exact").pvalue
    return float((p <= ALPHA * (1 + 1e-9)).mean())


def agree(one, two, *, of_one, of_two):
    """Whether two simulated shares differ by no more than K standard errors."""
    spread = sum(p * (1 - p) / count for p, count in ((one, of_one), (two, of_two)))
    return abs(one - two) <= K * math.sqrt(spread)


def attainable(m):
    """The level of the exact two-sided test of m v m values, from scipy's null distribution."""
    u = np.arange(m * m + 1)
    ranks = np.arange(1.0, 2 * m + 1)
    null = {}
    for first in range(m * m + 1):  # one data set for every U: slide the treated ranks up
        chosen = np.arange(m)
        for place in range(m - 1, -1, -1):
            step = min(m, first - int((chosen - np.arange(m)).sum()))
            chosen[place] += max(0, step)
        rest = np.setdiff1d(np.arange(2 * m), chosen)
        found = stats.mannwhitneyu(ranks[chosen], ranks[rest], method="exact")
        null[int(found.statistic)] = found.pvalue
    assert sorted(null) == u.tolist()
    return max(p for p in null.values() if p <= ALPHA * (1 + 1e-9))


# type I error of the test that counts mice, 40,000 studies, with its standard error
@pytest.mark.parametrize(("icc", "outside"), [(0.0, 0.0440), (0.2, 0.1384)])
def test_counting_mice_of_whole_cages(study, icc, outside):
    rejected, replicates = share(study(unit="animal", icc=icc), 10)
    found = rejected / replicates
    assert agree(found, outside, of_one=replicates, of_two=40_000)
    second = peer(icc=icc, n=10, unit="animal")
    assert agree(found, second, of_one=replicates, of_two=REPLICATES)
    if icc:
        assert found > 2 * ALPHA
    else:
        level = attainable(10)
        assert stats.binomtest(rejected, replicates, level).pvalue > FALSE_ALARM


@pytest.mark.parametrize("icc", [0.0, 0.2, 0.9])
def test_two_cages_per_arm_never_reject(study, icc):
    for n in (6, 10):  # the smallest p is 2/C(4,2) = 1/3
        assert share(study(unit="cage", icc=icc, fold=3), n, replicates=2_000)[0] == 0


@pytest.mark.parametrize("icc", [0.2, 0.8])
def test_four_cages_per_arm_have_the_level_of_four_values(study, icc):
    rejected, replicates = share(study(unit="cage", icc=icc, n=20), 20)
    level = attainable(4)
    assert level == pytest.approx(2 / math.comb(8, 4))
    assert level <= ALPHA
    assert stats.binomtest(rejected, replicates, level).pvalue > FALSE_ALARM


@pytest.mark.parametrize("n", [18, 20, 25])  # 18: the fourth cage has three mice
def test_power_of_cage_medians(study, n):
    rejected, replicates = share(study(unit="cage", icc=0.2, fold=1.12, n=25), n)
    second = peer(icc=0.2, n=n, unit="cage", shift=1.2)
    assert 0.2 < second < 0.95
    assert agree(rejected / replicates, second, of_one=replicates, of_two=REPLICATES)


def test_the_curve_is_every_n_by_itself(study):
    scenario = study(unit="cage", icc=0.3, fold=1.15, n=24, first=14)
    ns = list(range(14, 25))
    together, _ = simulate_counts(scenario, layout_of(scenario, ns), replicates=700)
    alone = [
        simulate_counts(scenario, layout_of(scenario, [n]), replicates=700)[0].adjusted[0, 0]
        for n in ns
    ]
    assert together.adjusted[0].tolist() == alone
    assert len(set(alone)) > 3


def test_power_and_its_null_twin_count_cages(study):
    found = power(study(unit="cage", icc=0.2, fold=1.12, n=20), n=20, replicates=4_000)
    row = found.to_dict()["comparisons"][0]
    assert row["power"]["value"] > 0.2
    count = round(row["type_i"]["value"] * 4_000)
    assert stats.binomtest(count, 4_000, 1 / 35).pvalue > FALSE_ALARM


ENDPOINTS = """
schema_version: 1
id: caged-bench
question: Does the engine count the cages that the bench counts?
seed: 20261204
design:
  animals: {arms_share_cages: false, per_cage: 3}
  arms:
    saline: {role: control}
    low: {role: test}
    high: {role: test, ratio: 1.4}
  endpoints:
    afc: {kind: plaque_count, day: 5, primary: true}
    titer: {kind: titer, day: 7, satellite: true, first_dilution: 16, wells: 4}
    liver: {kind: continuous, day: 5, measured_in: mg, distribution: normal}
  attrition: {loss: 25 %}
truth:
  response: {model: fold, low: 1.5, high: 2.5}
  variability: {cage_icc: 0.3}
  afc: {control: 5e4 /spleen, cv: 45 %}
  titer: {control: 60, sd_log2: 1.6}
  liver: {control: 1200 mg, sd: 100 mg, response: {model: fold}}
analysis:
  unit: cage
  families:
    cells: {endpoint: afc, arms: [low, high], against: saline}
    blood: {endpoint: [titer, liver], arms: high, against: saline, adjust: bonferroni, alpha: 0.1}
  trends:
    dose: {endpoint: titer, arms: [saline, low, high], alpha: 0.1}
decision:
  n: {from: 2, to: 16}
"""


@pytest.mark.parametrize("n", [8, 13])
def test_engine_is_the_bench_analysis_of_cages(tmp_path, n):
    (tmp_path / "caged-bench.yaml").write_text(ENDPOINTS, encoding="utf-8")
    scenario = load_scenario(str(tmp_path / "caged-bench.yaml"))
    replicates = 120
    made = decisions(scenario, n=n, replicates=replicates)
    plan = scenario.analysis
    thresholds = {
        key: steps_of(family.adjust, size=2, alpha=family.alpha).thresholds
        for key, family in plan.families.items()
    }
    thresholds["dose"] = [0.1]
    out_of_range = 0

    def level(p, family):
        passed = [p is not None and p <= edge * (1 + 1e-9) for edge in thresholds[family]]
        return UNTESTABLE if p is None else sum(passed)

    for r, cohort in enumerate(simulate_cohorts(scenario, replicates=range(replicates), n=n)):
        path = tmp_path / f"{r}.csv"  # a new file: to replace one waits for the disk
        write_table(cohort.observations, path)
        found = analyse(read_bench(path), plan)
        assert made.rejected[:, 0, r].tolist() == [row.rejected for row in found.comparisons]
        levels = [level(row.p_value, row.family) for row in found.comparisons]
        assert made.levels[:, 0, r].tolist() == levels
        assert made.trend_levels[0, 0, r] == level(found.trends[0].p_value, "dose")
        assert {row.unit for row in (*found.comparisons, *found.trends)} == {"cage"}
        assert max(row.n_control for row in found.comparisons) <= -(-n // 3)
        out_of_range += any("range" in row.note for row in found.comparisons)
    assert out_of_range > replicates / 4  # medians at the ends of the titer's wells were compared
    assert 0 < made.rejected.mean() < 1
    assert 0 < made.trend_rejected.mean() < 1


ICCS = {"afc": 0.0, "titer": 0.3, "liver": 0.7}


def test_every_endpoint_has_its_own_icc(tmp_path):
    """Mean product of cage-mates' deviates; its standard error from that of the cages."""
    text = ENDPOINTS.replace("cv: 45 %", "cv: 45 %, cage_icc: 0")
    text = text.replace("sd: 100 mg", "sd: 100 mg, cage_icc: 0.7")
    (tmp_path / "iccs.yaml").write_text(text, encoding="utf-8")
    scenario = load_scenario(str(tmp_path / "iccs.yaml"))
    variability = scenario.truth.variability
    assert {key: variability.icc_of(key) for key in ICCS} == ICCS
    animals = draw_animals(scenario, block=3, sizes={"saline": 30})["saline"]
    for key, icc in ICCS.items():
        deviates = animals.deviates(key)
        cages = deviates.reshape(10, 3, BLOCK_SIZE)
        assert (np.diff(animals.cage.reshape(10, 3), axis=1) == 0).all()
        pairs = (cages.sum(axis=1) ** 2 - (cages**2).sum(axis=1)) / 6  # of 3 mates: 3 pairs, twice
        error = pairs.std() / math.sqrt(pairs.size)
        assert abs(pairs.mean() - icc) <= K * error
        squares = (cages**2).mean(axis=1)  # the variance is 1 whatever the ICC
        assert abs(squares.mean() - 1) <= K * squares.std() / math.sqrt(squares.size)
