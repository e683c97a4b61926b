"""Titers outside the range, in the traps: as the assay writes them, with the right answers."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from simulator.assay import censoring, read
from simulator.auditing.traps import battery
from simulator.scenario.truth import AssayNoise
from simulator.scenario_files import load_scenario
from simulator.streams.seeding import stream_words

from .plans import with_plan
from .test_right_answers import exact, focus_of, normal


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("trap_id", ["below-detection-limit", "above-detection-limit"])
def test_right_p_values_at_the_limits_of_a_titer(trap_id, alternative):
    scenario = with_plan("secretome-healthy-mice", alternative=alternative)
    trap = next(trap for trap in battery(scenario) if trap.id == trap_id)
    assert trap.plan.comparisons[trap.focus].endpoint == "titer"
    x, y = focus_of(trap)
    assert math.inf in map(abs, (*x, *y))
    wanted = {*exact(x, y, alternative), normal(x, y, alternative)}
    accepted = trap.answer.accepted[trap.focus]
    assert sorted(accepted) == pytest.approx(sorted(wanted), rel=1e-9)
    # what the mistakes give is none of them
    dropped = [[v for v in values if not math.isinf(v)] for values in (x, y)]
    mistakes = [dropped]
    if trap_id == "below-detection-limit":
        first = scenario.design.endpoints["titer"].first_dilution
        mistakes.append([[max(v, first) for v in values] for values in (x, y)])
    for one in mistakes:
        for p in (*exact(*one, alternative), normal(*one, alternative)):
            assert all(abs(p - right) > 0.001 for right in accepted)


@pytest.mark.parametrize("wells", [2, 3, 6, 48])
@pytest.mark.parametrize("trap_id", ["below-detection-limit", "above-detection-limit"])
def test_titers_of_the_traps_are_those_that_the_assay_writes(trap_id, wells):
    """Read without error from true titers between and far beyond the limits, and as marked."""
    scenario = load_scenario("secretome-healthy-mice")
    titer = scenario.design.endpoints["titer"].model_copy(update={"wells": wells})
    endpoints = dict(scenario.design.endpoints) | {"titer": titer}
    design = scenario.design.model_copy(update={"endpoints": endpoints})
    true = titer.first_dilution * 2.0 ** np.arange(-3, wells + 3)
    quiet = AssayNoise.model_validate({"misread": 0})
    words = stream_words(1, block=0, owner="test", purpose="titer")
    read_as = read(titer, true, noise=quiet, words=words)
    written = set(zip(read_as.tolist(), censoring(titer, read_as).tolist(), strict=True))
    traps = battery(scenario.model_copy(update={"design": design}))
    trap = next(trap for trap in traps if trap.id == trap_id)
    for rows in rows_of(trap):
        assert set(zip(rows["value"], rows["censored"], strict=True)) <= written
    focused = pd.concat(rows_of(trap))
    assert trap_id.split("-")[0] in set(focused["censored"])


def rows_of(trap):
    one = trap.plan.comparisons[trap.focus]
    table = trap.table[trap.table.endpoint == one.endpoint]
    return table[table.arm == one.treated], table[table.arm == one.control]
