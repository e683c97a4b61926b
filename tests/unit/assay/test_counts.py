"""Counts are exactly Poisson and binomial: every test here alarms falsely once in 100,000."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.assay.binomial_table import alias_table, fill_binomial
from simulator.assay.counts import fill_poisson, refuse_impossible
from simulator.streams.seeding import stream_words

SIZE = 400_000
FALSE_ALARM = 1e-5
K_MCSE = stats.norm.isf(FALSE_ALARM / 2)
#: Largest number of trials that is drawn from a table.
TABLE = 500


def words(seed):
    return stream_words(seed, block=0, owner="test", purpose="counts")


def poisson(mean, seed=1, size=SIZE):
    drawn = np.broadcast_to(np.asarray(mean, float), size).copy()
    fill_poisson(words(seed), drawn.reshape(-1, 500) if drawn.size % 500 == 0 else drawn[None])
    return drawn


def binomial(n, p, seed=2, size=SIZE):
    drawn = np.broadcast_to(np.asarray(p, float), size).copy()
    fill_binomial(words(seed), n, drawn)
    return drawn


def assert_law(drawn, law):
    """Chi-square over cells of at least 10 expected counts; mean and variance."""
    assert (drawn == np.rint(drawn)).all()
    levels = np.concatenate([[1e-4, 1e-3], np.linspace(0.005, 0.995, 199), [0.999, 0.9999]])
    edges = np.unique(law.ppf(levels))
    # the upper tail has what is left; a cell that would expect too little joins the one before
    edges = edges[law.sf(edges) * drawn.size >= 10]
    below = np.concatenate([[0.0], law.cdf(edges)])
    chance = np.append(np.diff(below), law.sf(edges[-1]) if edges.size else 1.0)
    observed = np.bincount(np.searchsorted(edges, drawn, side="left"), minlength=chance.size)
    kept = chance * drawn.size >= 10
    seen = np.append(observed[kept], observed[~kept].sum())
    due = np.append(chance[kept], chance[~kept].sum()) * drawn.size
    seen, due = (seen, due) if due[-1] >= 10 else (seen[:-1], due[:-1])
    if seen.size > 1:
        statistic = float(((seen - due) ** 2 / due).sum())
        assert stats.chi2.sf(statistic, df=seen.size - 1) > FALSE_ALARM
    mean, variance, kurtosis = (float(x) for x in law.stats(moments="mvk"))
    assert abs(drawn.mean() - mean) < K_MCSE * math.sqrt(variance / drawn.size)
    spread = math.sqrt((kurtosis + 2.0) / drawn.size) * variance
    assert abs(np.mean((drawn - mean) ** 2) - variance) <= K_MCSE * spread


@pytest.mark.parametrize(
    "mean", [0.01, 0.7, 4.0, 9.999, 10.0, 10.5, 15.0, 40.0, 333.3, 1023.9, 5e4, 1e6, 3e7]
)
def test_poisson(mean):
    assert_law(poisson(mean), stats.poisson(mean))


@pytest.mark.parametrize("n", [1, 2, 7, 19, 20, 21, 63, 64, 100, TABLE, TABLE + 1, 1000, 100_000])
@pytest.mark.parametrize("p", [0.003, 0.1, 0.4995, 0.5, 0.51, 0.77, 0.999])
def test_binomial(n, p):
    assert_law(binomial(n, p), stats.binom(n, p))


@pytest.mark.parametrize(("n", "p"), [(1001, 9.99 / 1001), (1001, 10 / 1001), (1001, 10.01 / 1001)])
def test_binomial_on_both_sides_of_rejection(n, p):
    assert_law(binomial(n, p), stats.binom(n, p))


def assert_uniform(u):
    observed = np.bincount(np.minimum((u * 200).astype(int), 199), minlength=200)
    due = u.size / 200
    assert stats.chi2.sf(float(((observed - due) ** 2 / due).sum()), df=199) > FALSE_ALARM


def randomised_rank(drawn, law, rng):
    """Uniform if each count comes from its own law."""
    return law.cdf(drawn - 1) + rng.random(drawn.size) * law.pmf(drawn)


def test_every_animal_has_its_own_poisson_mean():
    rng = np.random.default_rng(3)
    mean = np.exp(rng.normal(4, 2, SIZE))
    assert_uniform(randomised_rank(poisson(mean), stats.poisson(mean), rng))


@pytest.mark.parametrize("n", [1, 30, 100, 800])
def test_every_animal_has_its_own_share(n):
    rng = np.random.default_rng(4)
    p = rng.random(SIZE)
    assert_uniform(randomised_rank(binomial(n, p), stats.binom(n, p), rng))


@pytest.mark.parametrize("n", [1, 100, 800])
def test_certain_and_impossible_events(n):
    assert (binomial(n, 0.0, size=1000) == 0).all()
    assert (binomial(n, 1.0, size=1000) == n).all()
    assert (poisson(0.0, size=1000) == 0).all()
    # expected in 1,000 draws of n = 800: 8e-7
    assert (binomial(n, 1e-12, size=1000) == 0).all()
    assert (binomial(n, 1 - 1e-12, size=1000) == n).all()


def test_a_very_large_mean_loses_nothing():
    """At 1e14 the terms of ln P are 1e15, one bit of which would already be 0.1."""
    mean = 1e14
    z = (poisson(mean) - mean) / math.sqrt(mean)
    # normal but for a skewness of 1e-7
    assert stats.kstest(z, "norm").pvalue > FALSE_ALARM


@pytest.mark.parametrize("impossible", [-1.0, -1e-9, math.nan, math.inf, 1e17])
def test_impossible_means(impossible):
    drawn = poisson([3.0, impossible, 5.0], size=3)
    assert np.isnan(drawn).tolist() == [False, True, False]
    with pytest.raises(ValueError, match=r"negative, above 2\^52, or no number"):
        refuse_impossible(drawn)


@pytest.mark.parametrize("n", [100, 800])
@pytest.mark.parametrize("impossible", [-0.1, 1.1, math.nan])
def test_impossible_shares(n, impossible):
    assert np.isnan(binomial(n, [0.3, impossible], size=2)).tolist() == [False, True]


@pytest.mark.parametrize("n", [1, 2, 3, 100, 255, 256, TABLE])
def test_the_table_is_the_binomial(n):
    """What columns and aliases add up to, against another program's probabilities.

    Each of up to 2^9 columns is cut to 2^-53: together 1e-15 are lost at most.
    """
    records, cutoffs = alias_table(n)
    for row in (0, 1, 17, 400, 511, 512):
        law = cutoffs[row] / 2.0**55
        np.add.at(law, records[row] & 511, 1.0 - cutoffs[row] / 2.0**55)
        law /= law.size
        expected = stats.binom.pmf(np.arange(law.size), n, row / 1024)
        np.testing.assert_allclose(law, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n", [1, 100, TABLE])
def test_a_record_has_the_first_bits_of_its_cutoff(n):
    records, cutoffs = alias_table(n)
    np.testing.assert_array_equal(records >> 9, cutoffs >> 32)


def test_the_last_bits_decide_where_the_first_are_equal():
    """A word whose first bits are the cut-off's is drawn once in 8 million: here by hand."""
    n, row = 100, 400
    records, cutoffs = alias_table(n)
    two_ways = [c for c in range(n + 1) if records[row, c] & 511 != c and cutoffs[row, c]]
    assert len(two_ways) > 50
    for column in two_ways:
        cutoff, alias = int(cutoffs[row, column]), int(records[row, column]) & 511
        for place, expected in ((cutoff - 1, column), (cutoff, alias), (cutoff + 1, alias)):
            # 7 bits for the column, 55 for the place; the first word is a + b + counter
            bits = column << 57 | place << 2
            state = np.array([bits - 1 & 2**64 - 1, 0, 0, 1], dtype=np.uint64)
            count = np.array([row / 1024])  # of the table itself: nothing is added
            fill_binomial(state, n, count)
            assert count[0] == expected
