"""The first look is the beginning of the whole answer."""

from __future__ import annotations

import math

import pytest

from simulator import load_scenario, power
from simulator.evaluation.first_look import first_look


@pytest.mark.parametrize("scenario", ["quick-start", "one-technician"])
def test_it_counts_what_power_counts(scenario: str) -> None:
    found = load_scenario(scenario)
    first, whole = first_look(found, replicates=700), power(found, replicates=700)
    assert first.curve == whole.curve
    assert first.families == whole.families
    assert [c.power for c in first.comparisons] == [c.power for c in whole.comparisons]
    assert all(math.isnan(c.fold_of_medians.value) for c in first.comparisons)


def test_its_progress_can_end_it() -> None:
    class Enough(Exception):
        pass

    def stop(done: int, total: int) -> None:
        assert (done, total) == (1, 4)
        raise Enough

    with pytest.raises(Enough):
        first_look(load_scenario("quick-start"), replicates=2000, progress=stop)
