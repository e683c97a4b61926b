"""The power engine and ``afcsim analyse`` are one analysis.

For 500 replicates of every catalogue scenario (the first 100 of them on every run, all with
``make verify``): the engine's decisions on its arrays against ``analyse`` on the same cohorts,
written as CSV and read back as bench data.
"""

import numpy as np
import pytest

from simulator.analysis.analyse import analyse
from simulator.evaluation.decisions.thresholds import UNTESTABLE, steps_of
from simulator.evaluation.replicates import decisions
from simulator.scenario_files import catalogue, load_scenario
from simulator.tables import read_bench, write_table
from simulator.trial.cohort.simulate import simulate_cohorts

REPLICATES = [100, pytest.param(500, marks=pytest.mark.long)]
#: Small enough for a quick test, large enough for both p-value methods and all families.
ANIMALS = 6


def level(p, thresholds):
    """How many thresholds a bench p-value passes."""
    return UNTESTABLE if p is None else int((p <= thresholds * (1 + 1e-9)).sum())


@pytest.mark.parametrize("replicates", REPLICATES)
@pytest.mark.parametrize("entry", [entry.id for entry in catalogue()])
def test_engine_is_the_bench_analysis(entry, replicates, tmp_path):
    scenario = load_scenario(entry)
    n = min(ANIMALS, scenario.decision.n.stop)
    made = decisions(scenario, n=n, replicates=replicates)
    families = scenario.analysis.families
    thresholds = {
        name: steps_of(
            family.adjust,
            size=len(scenario.analysis.comparisons_of(name)),
            alpha=family.alpha,
        ).thresholds
        for name, family in families.items()
    }
    for r, cohort in enumerate(simulate_cohorts(scenario, replicates=range(replicates), n=n)):
        path = tmp_path / f"{r}.csv"  # a new file: to replace one waits for the disk
        write_table(cohort.observations, path)
        found = analyse(read_bench(path), scenario.analysis)
        levels = [level(row.p_value, thresholds[row.family]) for row in found.comparisons]
        assert made.levels[:, 0, r].tolist() == levels
        assert made.rejected[:, 0, r].tolist() == [row.rejected for row in found.comparisons]
        trends = [
            level(row.p_value, np.array([scenario.analysis.trends[row.name].alpha]))
            for row in found.trends
        ]
        assert made.trend_levels[:, 0, r].tolist() == trends
        assert made.trend_rejected[:, 0, r].tolist() == [row.rejected for row in found.trends]
    identities = [(row.family, row.endpoint, row.treated, row.control) for row in found.comparisons]
    plan = scenario.analysis
    assert identities == [(c.family, c.endpoint, c.treated, c.control) for c in plan.comparisons]
    assert list(plan.trends) == [row.name for row in found.trends]
    assert made.testable.any()
