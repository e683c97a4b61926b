"""The plan's own answers, against which an analysis is held."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.analysis.families import family_tests
from simulator.analysis.multiplicity import rejects
from simulator.analysis.samples import Samples
from simulator.scenario import AnalysisPlan

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """The answers to one data set, comparison by comparison in the plan's order.

    Attributes
    ----------
    p_value, p_adjusted, u : shape (comparisons,), NaN where there is no test.
    rejected : shape (comparisons,), of bool.
    """

    p_value: Floats
    p_adjusted: Floats
    u: Floats
    rejected: NDArray[np.bool_]


def answers(samples: Samples, plan: AnalysisPlan) -> Answers:
    """Return what `analysis.analyse` says of the same samples, tests and decisions only."""
    p: list[float] = []
    adjusted: list[float] = []
    u: list[float] = []
    rejected: list[bool] = []
    for name, family in plan.families.items():
        found = family_tests(samples, plan, name)
        p += [math.nan if one.p_value is None else one.p_value for one in found.tests]
        u += [math.nan if one.u is None else one.u for one in found.tests]
        adjusted += found.p_adjusted.tolist()
        rejected += [rejects(one, family.alpha) for one in found.p_adjusted.tolist()]
    return Answers(np.array(p), np.array(adjusted), np.array(u), np.array(rejected, dtype=np.bool_))
