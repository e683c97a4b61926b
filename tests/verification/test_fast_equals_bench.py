"""The power engine and ``afcsim analyse`` are one analysis.

For 500 replicates of every catalogue scenario: the engine's decisions on its arrays against
``analyse`` on the same cohorts, written as CSV and read back as bench data.
"""

import math

import numpy as np
import pytest

from simulator.analysis.analyse import analyse
from simulator.evaluation.replicates import decisions
from simulator.scenario_files import catalogue, load_scenario
from simulator.tables import read_bench, write_table
from simulator.trial.cohort import simulate_cohorts

REPLICATES = 500
#: Small enough for a quick test, large enough for both p-value methods and all families.
ANIMALS = 6


def expected(value):
    return math.nan if value is None else value


@pytest.mark.parametrize("entry", [entry.id for entry in catalogue()])
def test_engine_is_the_bench_analysis(entry, tmp_path):
    scenario = load_scenario(entry)
    n = min(ANIMALS, scenario.decision.n.stop)
    made = decisions(scenario, n=n, replicates=REPLICATES)
    path = tmp_path / "observations.csv"
    for r, cohort in enumerate(simulate_cohorts(scenario, replicates=range(REPLICATES), n=n)):
        write_table(cohort.observations, path)
        found = analyse(read_bench(path), scenario.analysis)
        u2 = [-1 if row.u is None else 2 * row.u for row in found.comparisons]
        assert made.u2[r, :, 0].tolist() == u2
        for mine, name in ((made.p, "p_value"), (made.adjusted, "p_adjusted")):
            peer = [expected(getattr(row, name)) for row in found.comparisons]
            np.testing.assert_array_equal(mine[r, :, 0], peer)
        assert made.rejected[r, :, 0].tolist() == [row.rejected for row in found.comparisons]
        np.testing.assert_array_equal(
            made.trend_p[r, :, 0], [expected(row.p_value) for row in found.trends]
        )
        assert made.trend_rejected[r, :, 0].tolist() == [row.rejected for row in found.trends]
    identities = [(row.family, row.endpoint, row.treated, row.control) for row in found.comparisons]
    plan = scenario.analysis
    assert identities == [(c.family, c.endpoint, c.treated, c.control) for c in plan.comparisons]
    assert list(plan.trends) == [row.name for row in found.trends]
    assert not np.isnan(made.p).all()
