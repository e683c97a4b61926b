"""The floor: the time numpy takes to draw the study's random variates, and nothing else.

The same number of variates of the same kinds, at the study's parameters, as the engine and the
plain program need: normal deviates for drug sensitivity (arms with a graded effect only),
responsiveness, each endpoint's animals and the reader of plaques, uniforms for misread wells,
Poisson plaques and particles, binomial cells. The parameters of the Poisson and binomial draws
are made before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.study_numpy import Study

Floats = npt.NDArray[np.float64]

#: Replicates drawn together: few enough that the numbers stay in the processor's cache.
CHUNK = 500


def floor_job(study: Study, *, replicates: int, n: int) -> Callable[[], None]:
    """Return a job that draws every variate of ``replicates`` studies of n animals per arm."""
    rng = np.random.default_rng(5)
    draws = _draws(study, rng, (CHUNK, n))

    def job() -> None:
        for _ in range(-(-replicates // CHUNK)):
            for one in draws:
                one()

    return job


def variates(study: Study) -> int:
    """Return how many variates one animal of every arm takes, summed over the arms."""
    return len(_draws(study, np.random.default_rng(5), (1, 1)))


def _draws(
    study: Study, rng: np.random.Generator, shape: tuple[int, int]
) -> list[Callable[[], object]]:
    truth, endpoints = study.scenario.truth, study.scenario.design.endpoints
    vary, assay = truth.variability, truth.assay
    out = np.empty(shape)
    normal = partial(rng.standard_normal, out=out)
    draws: list[Callable[[], object]] = []
    for arm in study.arms:
        graded = any(study.ln_response[e, arm].size > 1 for e in endpoints)
        shift = vary.sensitivity.sd_ln.value * rng.standard_normal(shape)
        draws += [normal] * (2 if graded else 1)
        for key, endpoint in endpoints.items():
            spread, table = study.spread[key], study.ln_response[key, arm]
            ln_mean = np.interp(shift, study.grid, table) if table.size > 1 else table[0]
            deviate = rng.standard_normal(shape)
            draws.append(normal)
            if endpoint.kind == "phagocytic_percentage":
                mean, sd = np.exp(table[0]) / 100.0, spread / 100.0
                share = np.clip(mean + sd * deviate, 0.01, 0.99)
                draws.append(partial(rng.binomial, endpoint.cells, share))
            elif endpoint.kind == "phagocytic_number":
                number = np.maximum(np.exp(ln_mean) + spread * deviate, 0.0)
                draws.append(partial(rng.poisson, endpoint.cells * number))
            elif endpoint.kind == "plaque_count":
                plaques = endpoint.plated * np.exp(ln_mean + spread * deviate)
                seen = plaques / (1.0 + plaques / assay.crowding.value)
                draws += [partial(rng.poisson, endpoint.plates * seen), normal]
            elif endpoint.kind == "titer":
                draws.append(partial(rng.random, out=out))
    return draws
