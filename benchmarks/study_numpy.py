"""The same study in plain numpy and scipy, as one would write it for this study alone.

Everything is vectorised over replicates: draws of the kinds of variates that nature and the
laboratory make, ``scipy.stats.mannwhitneyu`` on all comparisons at once, exact for the data sets
without ties and normal for the others (the method is chosen per data set, which takes two
calls), Holm and the Jonckheere-Terpstra trend on arrays. It shares nothing with the engine but
the numbers of the scenario and, as the issue is the statistics and not the differential
equations, the expected response as a table over drug sensitivity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from benchmarks import trend_numpy
from simulator.model.response_table import respond
from simulator.scenario import Scenario

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Values = dict[tuple[str, str], Floats]

#: Replicates worked on together: 500 to 4,000 take the same time to a few per cent.
CHUNK = 1_000
#: A p-value may exceed alpha by so much and still reject: it often is alpha but for rounding.
ROUNDING = 1.0 + 1e-9


@dataclass(frozen=True)
class Study:
    """What the program needs to know of the scenario.

    Attributes
    ----------
    grid : drug sensitivities at which the tables are given.
    ln_response : by endpoint and arm, ln of the expected response over the grid; a single number
        where the sensitivity does not matter.
    spread : by endpoint, standard deviation between animals: of the logarithm where the endpoint
        is log-normal, else in its own unit.
    """

    scenario: Scenario
    grid: Floats
    ln_response: Mapping[tuple[str, str], Floats]
    spread: Mapping[str, float]

    @property
    def arms(self) -> tuple[str, ...]:
        """Arms in design order."""
        return tuple(self.scenario.design.arms)


@dataclass(frozen=True)
class Power:
    """Shares of replicates: ``adjusted`` (C, K) after adjustment, ``trends`` (T, K)."""

    replicates: int
    adjusted: Floats
    trends: Floats


def study_of(scenario: Scenario) -> Study:
    """Return the study with its response tables, fine enough for linear interpolation."""
    reach = 7.0 * scenario.truth.variability.sensitivity.sd_ln.value
    grid = np.linspace(-reach, reach, 2_001)
    responses = respond(scenario)
    tables = {}
    for endpoint in scenario.design.endpoints:
        for arm in scenario.design.arms:
            table = responses.log_response(arm, endpoint, grid)
            tables[endpoint, arm] = table if np.ptp(table) else table[:1]
    spread = {}
    for endpoint, stated in scenario.truth.variability.endpoints.items():
        sd = stated.log_sd if stated.sd is None else stated.sd.value
        assert sd is not None  # a spread has one of the two
        spread[endpoint] = sd
    return Study(scenario, grid, tables, spread)


def draw(study: Study, rng: np.random.Generator, *, replicates: int, n: int) -> Values:
    """Return what the laboratory reads, (replicates, n) for each endpoint and arm."""
    truth, endpoints = study.scenario.truth, study.scenario.design.endpoints
    vary, assay, shape = truth.variability, truth.assay, (replicates, n)
    rho = vary.responder_correlation.value
    values: Values = {}
    for arm in study.arms:
        graded = any(study.ln_response[e, arm].size > 1 for e in endpoints)
        sensitivity = vary.sensitivity.sd_ln.value
        shift = sensitivity * rng.standard_normal(shape) if graded else np.zeros(1)
        responder = rng.standard_normal(shape)
        for key, endpoint in endpoints.items():
            spread = study.spread[key]
            table = study.ln_response[key, arm]
            ln_mean = table[0] if table.size == 1 else np.interp(shift, study.grid, table)
            if endpoint.kind == "phagocytic_percentage":
                mean, sd = np.exp(table[0]) / 100.0, spread / 100.0
                precision = mean * (1.0 - mean) / sd**2 - 1.0
                share = rng.beta(mean * precision, (1.0 - mean) * precision, shape)
                found = rng.binomial(endpoint.cells, share) * (100.0 / endpoint.cells)
            elif endpoint.kind == "phagocytic_number":
                number = np.exp(ln_mean) + spread * rng.standard_normal(shape)
                particles = rng.poisson(endpoint.cells * np.maximum(number, 0.0))
                found = particles / endpoint.cells
            else:
                own = rng.standard_normal(shape)
                deviate = np.sqrt(rho) * responder + np.sqrt(1.0 - rho) * own
                true = np.exp(ln_mean + spread * deviate)
                if endpoint.kind == "plaque_count":
                    plaques = endpoint.plated * true
                    seen = plaques / (1.0 + plaques / assay.crowding.value)
                    count = rng.poisson(endpoint.plates * seen)
                    error = np.sqrt(np.log1p(assay.reader_cv.value**2))
                    read = np.rint(count * np.exp(error * rng.standard_normal(shape)))
                    found = read / (endpoint.plates * endpoint.plated)
                elif endpoint.kind == "titer":
                    well = np.floor(np.log2(true / endpoint.first_dilution))
                    well = np.clip(well, -1, endpoint.wells - 1)
                    luck = rng.random(shape)
                    chance = assay.misread.value
                    well += (luck < chance).astype(float) - (luck >= 1.0 - chance)
                    found = np.clip(well, -1, endpoint.wells - 1)  # as rank as good as 2^well
                else:
                    raise NotImplementedError(endpoint.kind)
            values[key, arm] = np.asarray(found, dtype=np.float64)
    return values


def mann_whitney_p(x: Floats, y: Floats) -> Floats:
    """Return two-sided p-values of the data sets along the last axis, by R's rule for each."""
    pooled = np.sort(np.concatenate([x, y], axis=-1), axis=-1)
    tied = (pooled[..., 1:] == pooled[..., :-1]).any(axis=-1)
    p = np.empty(tied.shape)
    if not tied.all():
        p[~tied] = stats.mannwhitneyu(x[~tied], y[~tied], axis=-1, method="exact").pvalue
    if tied.any():
        p[tied] = stats.mannwhitneyu(x[tied], y[tied], axis=-1, method="asymptotic").pvalue
    return p


def holm(p: Floats) -> Floats:
    """Return Holm-adjusted p-values of families along axis 0."""
    order = np.argsort(p, axis=0)
    factors = np.arange(p.shape[0], 0, -1).reshape(-1, *[1] * (p.ndim - 1))
    stepped = np.maximum.accumulate(factors * np.take_along_axis(p, order, axis=0), axis=0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=0)
    return adjusted


def rejections(study: Study, values: Values, ns: Sequence[int]) -> tuple[Bools, Bools]:
    """Return what is rejected: (K, C, replicates) and, of trends, (K, T, replicates)."""
    plan = study.scenario.analysis
    comparisons = plan.comparisons
    treated = np.stack([values[c.endpoint, c.treated] for c in comparisons])
    control = np.stack([values[c.endpoint, c.control] for c in comparisons])
    found = np.zeros((len(ns), *treated.shape[:2]), dtype=bool)
    for k, n in enumerate(ns):
        p = mann_whitney_p(treated[..., :n], control[..., :n])
        for name, family in plan.families.items():
            members = [i for i, c in enumerate(comparisons) if c.family == name]
            adjusted = holm(p[members]) if family.adjust == "holm" else p[members]
            found[k, members] = adjusted <= family.alpha * ROUNDING
    trends = np.zeros((len(ns), len(plan.trends), treated.shape[1]), dtype=bool)
    for t, trend in enumerate(plan.trends.values()):
        arms = [values[trend.endpoint, arm] for arm in trend.arms]
        statistics = trend_numpy.statistics(arms)
        for k, n in enumerate(ns):
            pooled = np.concatenate([arm[:, :n] for arm in arms], axis=1)
            p = trend_numpy.p_values(statistics[n - 1], pooled, len(arms))
            trends[k, t] = p <= trend.alpha * ROUNDING
    return found, trends


def power(study: Study, ns: Sequence[int], *, replicates: int, seed: int) -> Power:
    """Return power of every comparison and trend at every n."""
    rng = np.random.default_rng(seed)
    adjusted = trends = 0
    for size in chunks(replicates):
        found = rejections(study, draw(study, rng, replicates=size, n=max(ns)), ns)
        adjusted, trends = adjusted + found[0].sum(axis=2).T, trends + found[1].sum(axis=2).T
    return Power(replicates, np.asarray(adjusted) / replicates, np.asarray(trends) / replicates)


def chunks(replicates: int) -> Iterator[int]:
    """Give the sizes of the chunks."""
    for start in range(0, replicates, CHUNK):
        yield min(CHUNK, replicates - start)
