"""The ends of a sensitivity, by files of their own with the number replaced and ``power``.

Fresh seeds; tolerances are 4 standard errors of the difference (false-alarm rate 6e-5 each).
"""

from __future__ import annotations

import math

import pytest

from simulator import power, sensitivity
from simulator.scenario_files import load_text
from simulator.scenario_files.catalogue import catalogue_path

REPLICATES = 10_000


@pytest.mark.parametrize(
    ("name", "path", "old", "low", "high"),
    [
        ("quick-start", "truth.afc.cv", "cv: 45 %", "cv: 36 %", "cv: 54 %"),
        ("quick-start", "truth.afc.response.drug", "drug: 3", "drug: 2.4", "drug: 3.6"),
        (
            "quick-start",
            "truth.variability.immunization_failure",
            "truth:\n",
            "truth:\n  variability: {immunization_failure: 0}\n",
            "truth:\n  variability: {immunization_failure: 5 %}\n",
        ),
        pytest.param(
            "suppression-and-rescue",
            "truth.effects.cyclophosphamide.rise",
            "value: -25 %",
            "value: -30 %",
            "value: -20 %",
            marks=pytest.mark.long,
        ),
    ],
)
def test_ends_are_those_of_files_of_their_own(
    name: str, path: str, old: str, low: str, high: str
) -> None:
    file = catalogue_path(name)
    assert file is not None
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    plan = load_text(text).scenario
    found = sensitivity(plan, replicates=REPLICATES)
    row = next(row for row in found.rows if row.path == path)
    for end, new in ((row.low, low), (row.high, high)):
        other = load_text(text.replace(old, new), seed=plan.seed + 1).scenario
        result = power(other, n=found.n, replicates=REPLICATES)
        share = next(point.target for point in result.curve if point.n == found.n)
        assert end.power is not None
        between = share.value * (1 - share.value) + end.power.value * (1 - end.power.value)
        error = math.sqrt(max(between, 1 / REPLICATES) / REPLICATES)
        assert abs(share.value - end.power.value) <= 4 * error
        # n of the other file lies between the limits, widened by its own
        assert end.reached is not None
        above = [p.n for p in result.curve if p.target.interval(0.9999)[1] >= found.target]
        enough = [p.n for p in result.curve if p.target.interval(0.9999)[0] >= found.target]
        beyond = found.largest + 1
        assert (end.reached.low or beyond) <= min(enough, default=beyond)
        assert (end.reached.high or beyond) >= min(above, default=beyond)
