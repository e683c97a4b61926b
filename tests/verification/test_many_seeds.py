"""Long verification (``make verify``): claims about errors that only many studies can show."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from simulator.evaluation.power import power

from .test_power import titers as tied_study

pytestmark = pytest.mark.long

#: One-sided probability beyond 4 standard errors: the false-alarm rate of each check here.
FALSE_ALARM = 3.2e-5


@pytest.mark.parametrize("convention", ["far-tail", "doubling"])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_exact_test_keeps_its_level_with_ties_at_every_n(convention, alternative):
    """Heavily tied titers under no effect: never above alpha beyond 4 standard errors."""
    study = tied_study(
        1.0, n=(3, 12), method="exact", convention=convention, alternative=alternative
    )
    found = power(study, n=12, replicates=40_000)
    limit = binom.isf(FALSE_ALARM, 40_000, 0.05)
    for point in found.curve:
        assert point.comparisons[0].count <= limit, point.n
    # and the test is not merely silent: at 12 animals it spends a good part of its level
    assert found.curve[-1].comparisons[0].value > 0.02
    assert np.all([point.comparisons[0].replicates == 40_000 for point in found.curve])
