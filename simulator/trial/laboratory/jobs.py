"""The jobs of a laboratory in arrays, as the compiled one reads and writes them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Plan(NamedTuple):
    """What is the same in every course: N jobs, first the visits in the order of their times.

    Jobs at the bench follow day by day: platings, then readings, in the order of places; so do
    the S spleens, those of day d from ``first[d]`` on.

    Attributes
    ----------
    visits : how many visits there are.
    due, place, stage, spleen : (N,) minutes; animal; visit, plating, reading; -1 without.
    weighs : (visits,) whether the job begins at a balance that others may want.
    day_of, first : (S,) day of a spleen; (D + 1,).
    spans : (H, 2) when work may begin, in minutes after opening.
    capacity : (4,) technicians, balances, places in baths, readers.
    wait : whether spleens wait until all animals of their day are taken.
    opening : when the clock starts, minutes.
    """

    visits: int
    due: Floats
    place: Ints
    stage: Ints
    spleen: Ints
    weighs: Bools
    day_of: Ints
    first: Ints
    spans: Floats
    capacity: Ints
    wait: bool
    opening: float


class Takes(NamedTuple):
    """Minutes of V courses: jobs (V, N), weighing of animals (V, A), incubation (V, S)."""

    jobs: Floats
    weighing: Floats
    incubation: Floats


class Done(NamedTuple):
    """What V courses come to: start and technician of jobs (V, N), start in the bath (V, S)."""

    start: Floats
    technician: NDArray[np.int8]
    incubated: Floats
