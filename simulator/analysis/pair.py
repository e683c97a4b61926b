"""What every test of two arms gives, and why there may be none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.analysis.kernel_types import Floats
from simulator.scenario.analysis_plan import SMALLEST_ARM


@dataclass(frozen=True)
class PairTest:
    """One test of a treated arm against a control arm.

    Attributes
    ----------
    u : pairs in which the treated animal is larger, ties counting half; None with an empty arm.
    p_value : None where no test can be made; `note` then says why.
    method : how the p-value of this data set was computed; None without a p-value.
    convention : the two-sided convention where it matters, else None.
    n_treated, n_control : values used.
    tie_sum : sum of t^3 - t over the tied groups of the pooled sample.
    """

    u: float | None
    p_value: float | None
    method: str | None
    convention: str | None
    n_treated: int
    n_control: int
    tie_sum: int
    note: str = ""


def ordered(values: npt.ArrayLike) -> Floats:
    """Return the values ascending, without the missing ones (NaN)."""
    array = np.asarray(values, dtype=np.float64).ravel()
    return np.sort(array[~np.isnan(array)])


def why_no_test(m: int, n: int, distinct: int) -> str:
    """Return why m v n values of which so many are distinct cannot be tested, empty if they can."""
    if m == 0 or n == 0:
        empty = "both arms are" if m == n else f"the {'treated' if m == 0 else 'control'} arm is"
        return f"{empty} empty"
    if min(m, n) < SMALLEST_ARM:
        who = "each arm" if m == n else f"the {'treated' if m < n else 'control'} arm"
        return f"only 1 value in {who}: no test below {SMALLEST_ARM} per arm"
    if distinct == 1:
        return "all values are equal: nothing to rank"
    return ""
