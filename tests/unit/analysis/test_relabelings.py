"""All relabelings are all of them, random ones are uniform, and a seed is a list."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from simulator.analysis.data_seed import data_seed, ordered_labels
from simulator.analysis.relabelings import (
    UNTIED_RELABELINGS,
    UNTIED_SEED,
    complete_count,
    random_list,
    set_labels,
    share,
)
from simulator.scenario.analysis_plan import COMPLETE_RELABELINGS as COMPLETE


def listed(sizes, count, seed=UNTIED_SEED):
    counts = np.array(sizes)
    complete = complete_count(counts)
    labels = np.empty(counts.sum(), dtype=np.int64)
    found = []
    for relabeling in range(count):
        set_labels(counts, seed, relabeling, complete, labels)
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


def test_a_seed_is_a_list():
    assert listed((10, 10), 50) == listed((10, 10), 50)
    assert len(set(listed((10, 10), 2000))) > 1900  # of 184,756
    assert len(set(listed((10, 10), 50) + listed((10, 10), 50, seed=1))) == 100
    assert listed((2, 3), 10, seed=5) == listed((2, 3), 10)  # all of them: no seed


def test_untied_data_have_one_long_list():
    assert random_list(np.array([1, 1, 1]), 99, 7) == (UNTIED_RELABELINGS, UNTIED_SEED)
    assert random_list(np.array([1, 2, 1]), 99, 7) == (99, 7)


@pytest.mark.parametrize("seed", [UNTIED_SEED, 1, -(2**62)])
@pytest.mark.parametrize("sizes", [(7, 9, 5), (12, 9), (9, 12), (5, 23)])
def test_random_relabelings_are_uniform(sizes, seed):
    """Every animal is in every group in its share: chi-squared over the whole list.

    A list is fixed, so this holds or it does not; the bound is the 1 - 1e-6 quantile.
    """
    count = 9_999
    assert complete_count(np.array(sizes)) == 0
    labels = np.array(listed(sizes, count, seed))
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
        # 5.5 standard deviations: 1e-6 over the 26 pairs at most
        assert np.abs(np.sum(pairs, axis=1) - count * p).max() < 5.5 * spread


def test_every_relabeling_is_as_likely():
    """Floyd's sampling, 3 of 7, and the shuffle of 3 + 2 + 2: chi-squared over all of them."""
    for sizes, kinds in (((4, 3), 35), ((3, 4), 35), ((3, 2, 2), 210)):
        labels = np.empty(7, dtype=np.int64)
        seen: dict[bytes, int] = {}
        for relabeling in range(20_000):
            set_labels(np.array(sizes), 3, relabeling, 0, labels)  # 0: as if they were too many
            seen[labels.tobytes()] = seen.get(labels.tobytes(), 0) + 1
        assert len(seen) == kinds
        statistic = scipy.stats.chisquare(list(seen.values())).statistic
        assert statistic < scipy.stats.chi2.isf(1e-6, kinds - 1)


def seed_of(*arms):
    pooled = np.concatenate([np.asarray(arm, dtype=float) for arm in arms])
    labels, tie_counts = ordered_labels(pooled, np.array([len(arm) for arm in arms]))
    return data_seed(labels, tie_counts, len(arms))


def test_ordered_labels():
    labels, tie_counts = ordered_labels(np.array([3.0, 1, 2, 3, -np.inf]), np.array([2, 0, 3]))
    assert labels[:3].tolist() == [2, 0, 2]
    assert sorted(labels[3:].tolist()) == [0, 2]
    assert tie_counts.tolist() == [1, 1, 1, 2]


def test_seed_is_of_the_data():
    """Rows and units do not matter; which arm has which of the ordered values does."""
    x, y = [1, 2, 2, 5, 9], [2, 3, 5, 5]
    assert seed_of(x, y) == seed_of(x[::-1], [5, 2, 5, 3])
    assert seed_of(x, y) == seed_of(np.exp(x), np.exp(y))
    assert seed_of(x, y) == seed_of([-np.inf, 2, 2, 5, np.inf], y)
    others = [
        seed_of(y, x),
        seed_of([1, 2, 2, 5, 5], [*y[:3], 9]),
        seed_of([1, 2, 2, 5, 9], [2, 3, 4, 5]),
        seed_of([1, 2, 2, 5, 9, 9], y),
        seed_of(x, y, [5]),
        seed_of(x, y, []),
    ]
    assert len({seed_of(x, y), *others}) == 7
    # all data sets of 5 v 5 on 2 levels
    kinds = {seed_of([0] * a + [1] * (5 - a), [0] * b + [1] * (5 - b)) for a, b in PAIRS}
    assert len(kinds) == len(PAIRS)


PAIRS = [(a, b) for a in range(6) for b in range(6) if 0 < a + b < 10]


def test_share():
    assert share(3, 12, 999) == 0.25
    assert share(0, 0, 99) == 0.01
    assert share(99, 0, 99) == 1.0
