"""All relabelings are all of them, random ones are uniform, and both never change."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from simulator.analysis.relabelings import complete_count, set_labels, share
from simulator.scenario.analysis_plan import COMPLETE_RELABELINGS as COMPLETE


def listed(sizes, count):
    counts = np.array(sizes)
    complete = complete_count(counts)
    labels = np.empty(counts.sum(), dtype=np.int64)
    found = []
    for relabeling in range(count):
        set_labels(counts, relabeling, complete, labels)
        found.append(tuple(labels.tolist()))
    return found


@pytest.mark.parametrize("sizes", [(2, 2), (3, 1, 2), (0, 2, 2), (1, 1, 1, 1), (4,), (2, 0, 3)])
def test_complete_list_has_every_relabeling_once(sizes):
    count = complete_count(np.array(sizes))
    multinomial = math.factorial(sum(sizes)) // math.prod(map(math.factorial, sizes))
    assert count == multinomial
    everyone = [group for group, size in enumerate(sizes) for _ in range(size)]
    assert sorted(listed(sizes, count)) == sorted(set(itertools.permutations(everyone)))


def test_the_limit():
    assert complete_count(np.array([8, 8])) == 12_870 <= COMPLETE
    assert complete_count(np.array([8, 9])) == 0  # 24,310
    assert complete_count(np.array([400, 400, 400])) == 0  # far beyond whole numbers of 64 bits
    assert complete_count(np.array([1, 19_999])) == COMPLETE
    assert complete_count(np.array([1, 20_000])) == 0


def test_random_list_depends_on_the_sizes_alone():
    assert listed((10, 10), 50) == listed((10, 10), 50)
    assert len(set(listed((10, 10), 2000))) > 1900  # of 184,756


def test_random_relabelings_are_uniform():
    """Every animal is in every group in its share: chi-squared over the whole list.

    The list is fixed, so this holds or it does not; the bound is the 1 - 1e-6 quantile.
    """
    sizes, count = (7, 9, 5), 9_999
    assert complete_count(np.array(sizes)) == 0
    labels = np.array(listed(sizes, count))
    assert all(
        (labels == group).sum(axis=1).tolist() == [size] * count for group, size in enumerate(sizes)
    )
    total = sum(sizes)
    for group, size in enumerate(sizes):
        times = (labels == group).sum(axis=0)
        expected = count * size / total
        # multinomial per relabeling without replacement: variance n p (1-p), covariance -.../(N-1)
        statistic = ((times - expected) ** 2).sum() / (expected * (1 - size / total))
        statistic *= (total - 1) / total
        assert statistic < scipy.stats.chi2.isf(1e-6, total - 1)
        # and animals are together in a group no more often than they should be
        pairs = [(labels[:, i] == group) & (labels[:, i + 1] == group) for i in range(total - 1)]
        p = size * (size - 1) / (total * (total - 1))
        spread = math.sqrt(count * p * (1 - p))
        # 5.3 standard deviations: 1e-6 over the 20 pairs
        assert np.abs(np.sum(pairs, axis=1) - count * p).max() < 5.3 * spread


def test_share():
    assert share(3, 12, 999) == 0.25
    assert share(0, 0, 99) == 0.01
    assert share(99, 0, 99) == 1.0
