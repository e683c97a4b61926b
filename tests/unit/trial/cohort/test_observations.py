"""A replicate's observations and samples, made once per block, are those of the table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simulator import load_scenario
from simulator.analysis.samples import gather
from simulator.scenario_files import catalogue
from simulator.trial.cohort.simulate import simulate_cohort
from simulator.trial.cohort.studies import Studies


@pytest.mark.parametrize("entry", catalogue(), ids=lambda entry: entry.id)
def test_samples_are_those_of_the_table(entry):
    scenario = load_scenario(entry.id)
    studies = Studies(scenario, n=7)
    for replicate in (0, 1, 499, 500):
        observations, column = studies.of(replicate)
        samples = observations.samples(column)
        table = gather(observations.frame(column), unit=scenario.analysis.unit)
        assert set(samples.of) == set(table.of)
        assert samples.arms == table.arms
        assert samples.endpoints == table.endpoints
        for slot, sample in table.of.items():
            mine = samples.of[slot]
            np.testing.assert_array_equal(mine.ranked, sample.ranked)
            np.testing.assert_array_equal(mine.recorded, sample.recorded)
            assert (mine.below, mine.above, mine.animals, mine.missing, mine.mixed) == (
                sample.below,
                sample.above,
                sample.animals,
                sample.missing,
                sample.mixed,
            )


def test_table_is_the_cohort_s_and_may_be_spoilt():
    scenario = load_scenario("secretome-healthy-mice")
    observations, column = Studies(scenario, n=4).of(3)
    expected = simulate_cohort(scenario, replicate=3, n=4).observations
    spoilt = observations.frame(column)
    spoilt.loc[:, "value"] = -1.0
    spoilt.loc[spoilt.index[:5], "arm"] = "elsewhere"
    spoilt["censored"] = "below"
    spoilt.pop("cage")
    pd.testing.assert_frame_equal(observations.frame(column), expected)
    pd.testing.assert_frame_equal(
        observations.frame(column + 1), simulate_cohort(scenario, replicate=4, n=4).observations
    )


def test_blocks_are_drawn_anew_when_they_were_left():
    scenario = load_scenario("quick-start")
    studies = Studies(scenario, n=3)
    first = studies.of(0)[0].frame(0)
    for block in range(1, 4):
        studies.of(500 * block)
    pd.testing.assert_frame_equal(studies.of(0)[0].frame(0), first)
