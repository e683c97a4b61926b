"""Readings of many animals against closed forms (Monte Carlo, 4 standard errors)."""

import math

import numpy as np
import pytest
from scipy import stats

from simulator.assay import read
from simulator.model.latent import latent_values
from simulator.model.response_table import respond
from simulator.scenario.truth import AssayNoise
from simulator.streams.seeding import stream_words
from simulator.trial.block import cohort_block
from tests.unit.assay.test_read import endpoint
from tests.unit.model.studies import K_MCSE, fold_study

SIZE = 200_000


def assert_mean_and_variance(sample, mean, variance):
    """Compare with the closed form; the variance's error comes from the fourth moment."""
    n = sample.size
    centred = sample - mean
    assert abs(centred.mean()) < K_MCSE * math.sqrt(variance / n)
    fourth = np.mean(centred**4)
    assert abs(np.mean(centred**2) - variance) < K_MCSE * math.sqrt((fourth - variance**2) / n)


def reading(of, latent, seed=11, **noise):
    return read(
        of,
        latent,
        noise=AssayNoise.model_validate(noise),
        words=stream_words(seed, block=0, owner="test", purpose=of.kind),
    )


@pytest.mark.parametrize("afc", [150.0, 9.3e4, 5e6])
@pytest.mark.parametrize("reader_cv", [0.0, 0.05, 0.2])
def test_plaques(afc, reader_cv):
    plaques = endpoint("plaque_count", plates=2, plated=0.001)
    found = reading(plaques, np.full(SIZE, afc), reader_cv=reader_cv, crowding=5000)
    lam = afc * 0.001
    total = 2 * lam / (1 + lam / 5000)
    factor = math.sqrt(1 + reader_cv**2)  # mean of a log-normal error of median 1
    second = factor**2 * (1 + reader_cv**2)
    mean = total * factor
    variance = (total + total**2) * second - mean**2
    if reader_cv and total < 10:
        mean, variance = rounded_moments(total, reader_cv)
    elif reader_cv:
        variance += 1 / 12  # rounding to whole plaques
    assert_mean_and_variance(found * 0.002, mean, variance)


def rounded_moments(total, reader_cv):
    """Mean and variance of round(Poisson(total) * error), by enumeration."""
    sigma = math.sqrt(math.log1p(reader_cv**2))
    true = np.arange(1, 60)[:, None]
    written = np.arange(0, 200)[None, :]
    upper = stats.norm.cdf(np.log((written + 0.5) / true) / sigma)
    chance = np.diff(np.concatenate([np.zeros((true.size, 1)), upper], axis=1), axis=1)
    law = (stats.poisson.pmf(true, total) * chance).sum(axis=0)
    mean = float(law @ written[0])
    return mean, float(law @ written[0] ** 2) - mean**2


@pytest.mark.parametrize("misread", [0.0, 0.1, 0.3])
@pytest.mark.parametrize(("median", "sd_log2"), [(180.0, 1.0), (1.5, 1.6), (3000.0, 1.6)])
def test_titer_wells(misread, median, sd_log2):
    """Counts of every well against its probability: chi-square, false alarm 6e-5."""
    titer = endpoint("titer", first_dilution=2, wells=12)
    z = np.random.default_rng(12).standard_normal(SIZE)
    found = reading(titer, median * np.exp(math.log(2) * sd_log2 * z), misread=misread)
    edges = stats.norm.cdf(np.arange(1, 13), loc=math.log2(median), scale=sd_log2)
    true = np.diff(np.concatenate([[0.0], edges, [1.0]]))
    moves = np.eye(13) * (1 - 2 * misread)
    for well in range(13):
        moves[well, min(well + 1, 12)] += misread
        moves[well, max(well - 1, 0)] += misread
    chance = true @ moves
    observed = np.bincount(np.rint(np.log2(found)).astype(int), minlength=13)
    assert_counts(observed, chance)


def assert_counts(observed, chance):
    """Chi-square with cells of expectation below 10 pooled; p above 6e-5 (two-sided 4 sigma)."""
    expected = chance * observed.sum()
    rare = expected < 10
    groups = [(observed[~rare], expected[~rare])]
    if expected[rare].sum() >= 1:
        groups.append((observed[rare].sum(keepdims=True), expected[rare].sum(keepdims=True)))
    else:
        assert observed[rare].sum() <= 10
    seen, due = (np.concatenate(part) for part in zip(*groups, strict=True))
    statistic = float(((seen - due) ** 2 / due).sum())
    assert stats.chi2.sf(statistic, df=max(1, seen.size - 1)) > 6e-5


def test_phagocytic_percentage_is_beta_binomial():
    scenario = fold_study(endpoints={"x": {"kind": "phagocytic_percentage", "day": 5}})
    z = np.random.default_rng(13).standard_normal(SIZE)
    latent = latent_values(scenario, "x", log_response=np.full(SIZE, math.log(55.0)), deviate=z)
    assert_mean_and_variance(latent, 55.0, 8.0**2)
    found = reading(scenario.design.endpoints["x"], latent)
    total = 0.55 * 0.45 / 0.08**2 - 1
    law = stats.betabinom(100, 0.55 * total, 0.45 * total)
    assert_mean_and_variance(found, law.mean(), law.var())
    counts = np.bincount(np.rint(found).astype(int), minlength=101)
    assert_counts(counts, law.pmf(np.arange(101)))


def test_phagocytic_number():
    scenario = fold_study(endpoints={"x": {"kind": "phagocytic_number", "day": 5}})
    z = np.random.default_rng(14).standard_normal(SIZE)
    latent = latent_values(scenario, "x", log_response=np.full(SIZE, math.log(5.0)), deviate=z)
    found = reading(scenario.design.endpoints["x"], latent)
    # clipping at 0, five standard deviations down, is invisible
    assert_mean_and_variance(found, 5.0, 1.0 + 5.0 / 100)


def test_whole_cohorts_read_the_mean_of_their_model():
    """Latent and assay together: the mean of log-normal animals read without crowding."""
    scenario = fold_study(truth={"assay": {"crowding": 1e12}})
    block = cohort_block(scenario, respond(scenario), block=0, sizes={"saline": 40, "drug": 40})
    for arm, median in (("saline", 5e4), ("drug", 15e4)):
        sample = block.values["afc"][arm].ravel()
        mean = median * math.exp(0.45**2 / 2) * math.sqrt(1 + 0.05**2)
        assert abs(sample.mean() - mean) < K_MCSE * sample.std() / math.sqrt(sample.size)
