"""The multivariate normal of Steel's adjustment against R's and scipy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from simulator.analysis.steel_normal import steel_loads, steel_normal_p

#: mvtnorm 1.x, R: 1 - pmvnorm(lower, upper = rep(z, k), corr, algorithm = Miwa(steps = 4097))
#: with corr[i, j] = l_i l_j, l_i^2 = n_i/(n_0 + n_i + 1); lower = -z (two-sided) or -Inf.
MIWA = [
    ((5, 5, 5), 1.0, 0.50796704649413, 0.25898090518396),
    ((5, 5, 5), 2.2, 0.052146440892879, 0.026074532559885),
    ((5, 5, 5), 3.0, 0.0052730866444294, 0.0026365436899241),
    ((10, 10, 10, 10, 10), 1.0, 0.71779146607529, 0.37957933146173),
    ((10, 10, 10, 10, 10), 2.2, 0.09252752911866, 0.046268849277394),
    ((10, 10, 10, 10, 10), 3.0, 0.010028037673435, 0.0050140198818884),
    ((4, 9, 6, 20), 1.0, 0.57521886846708, 0.29045972293017),
    ((4, 9, 6, 20), 2.2, 0.065429280450288, 0.032714685446985),
    ((4, 9, 6, 20), 3.0, 0.0070751985210906, 0.003537599261345),
]


def counts(*sizes):
    return np.array(sizes, dtype=np.int64)


@pytest.mark.parametrize(("sizes", "z", "two_sided", "one_sided"), MIWA)
def test_normal_p_is_rs(sizes, z, two_sided, one_sided):
    loads = steel_loads(counts(*sizes))
    # Miwa's grid of 4097 points is good to about 1e-11
    assert steel_normal_p(z, loads, 0) == pytest.approx(two_sided, abs=2e-11)
    assert steel_normal_p(-z, loads, 0) == pytest.approx(two_sided, abs=2e-11)
    assert steel_normal_p(z, loads, 1) == pytest.approx(one_sided, abs=2e-11)
    assert steel_normal_p(-z, loads, -1) == pytest.approx(one_sided, abs=2e-11)


@pytest.mark.parametrize("n", [(10, 10), (3, 40)])
@pytest.mark.parametrize("z", [0.01, 0.7, 2.0, 6.0, 12.0])
def test_normal_p_of_one_arm_is_the_normal_tail(n, z):
    loads = steel_loads(counts(*n))
    tail = scipy.stats.norm.sf(z)
    assert steel_normal_p(z, loads, 0) == pytest.approx(2 * tail, rel=1e-12)
    assert steel_normal_p(z, loads, 1) == pytest.approx(tail, rel=1e-12)
    assert steel_normal_p(z, loads, -1) == pytest.approx(1 - tail, rel=1e-12)


def test_normal_p_is_scipys_with_very_unequal_arms():
    """Steep integrands: l near 1. scipy's bivariate distribution is good to 1e-14."""
    loads = steel_loads(counts(2, 400, 300))
    corr = np.outer(loads, loads)
    np.fill_diagonal(corr, 1)
    for z in (0.5, 1.5, 3.0):
        inside = scipy.stats.multivariate_normal(cov=corr).cdf([z, z], lower_limit=[-z, -z])
        assert steel_normal_p(z, loads, 0) == pytest.approx(1 - inside, rel=1e-9)


def test_normal_p_ends():
    loads = steel_loads(counts(5, 5, 5))
    assert steel_normal_p(0.0, loads, 0) == 1.0
    assert math.isnan(steel_normal_p(math.nan, loads, 0))
    assert math.isnan(steel_normal_p(1.0, steel_loads(counts(5, 1)), 0))
