"""Adjusted p-values of a family of tests.

NaN p-values (a test that could not be made) stay NaN and are not counted, as in R's p.adjust; in a
fixed sequence a test that could not be made stops the sequence, so every later adjusted p is 1. The
power engine decides by thresholds instead; a test holds its decisions to these p-values.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from simulator.analysis.kernel_types import Bools, Floats, Ints
from simulator.compiled import kernel
from simulator.scenario.analysis_plan import ALPHA_TOLERANCE

NONE, BONFERRONI, HOLM, HOCHBERG, FIXED_SEQUENCE, BH = 0, 1, 2, 3, 4, 5

ADJUSTMENT_CODES = {
    "none": NONE,
    "bonferroni": BONFERRONI,
    "holm": HOLM,
    "hochberg": HOCHBERG,
    "fixed-sequence": FIXED_SEQUENCE,
    "bh": BH,
}


@kernel
def rejects(p: float, alpha: float) -> bool:
    """Return whether p <= alpha, up to a relative 1e-9; NaN never rejects."""
    return bool(p <= alpha * (1.0 + ALPHA_TOLERANCE))


def rejected(p: Floats, alpha: npt.ArrayLike) -> Bools:
    """Return where `rejects` says yes, of an array of p-values and levels of its shape."""
    return np.asarray(p <= np.asarray(alpha) * (1.0 + ALPHA_TOLERANCE))


@kernel
def adjust_into(p: Floats, order: Ints, out: Floats, method: int) -> None:
    """Write the adjusted p-values of one family into ``out``; allocates nothing.

    Parameters
    ----------
    p : shape (k,), the family's p-values in the plan's order; NaN allowed.
    order : shape (>= k,), scratch.
    out : shape (k,), must not be ``p`` itself.
    method : one of `ADJUSTMENT_CODES`.
    """
    if method == FIXED_SEQUENCE:
        worst = 0.0
        for i in range(p.size):
            worst = 1.0 if math.isnan(p[i]) else max(worst, p[i])
            out[i] = math.nan if math.isnan(p[i]) else worst
        return
    count = 0
    for i in range(p.size):
        out[i] = p[i]
        if math.isnan(p[i]):
            continue
        place = count  # insertion sort of the finite p, smallest first: families are small
        while place > 0 and p[order[place - 1]] > p[i]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = i
        count += 1
    if method == BONFERRONI:
        for place in range(count):
            out[order[place]] = min(1.0, count * p[order[place]])
    elif method == HOLM:  # step down: no smaller than any adjusted p before it
        worst = 0.0
        for place in range(count):
            worst = max(worst, min(1.0, (count - place) * p[order[place]]))
            out[order[place]] = worst
    elif method in (HOCHBERG, BH):  # step up: no larger than any after it
        best = 1.0
        for place in range(count - 1, -1, -1):
            factor = count - place if method == HOCHBERG else count / (place + 1)
            best = min(best, factor * p[order[place]])
            out[order[place]] = best


def adjust(p: npt.ArrayLike, method: str) -> Floats:
    """Return the adjusted p-values of one family.

    Parameters
    ----------
    p : shape (k,), p-values in the plan's order (a fixed sequence tests in this order); NaN
        where a test could not be made.
    method : none, bonferroni, holm (Holm 1979), hochberg (Hochberg 1988), fixed-sequence
        (running maximum, Maurer et al. 1995) or bh (Benjamini & Hochberg 1995, controls the
        false discovery rate).

    Raises
    ------
    ValueError : an unknown method, or steel, which needs the data and not only their p-values.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.03], "holm").tolist()
    [0.03, 0.06, 0.06]
    """
    if method == "steel":
        raise ValueError(
            "adjust steel needs the data, not p-values: it is made by `analyse`, or of samples by "
            "`simulator.analysis.steel_family.steel`"
        )
    if method not in ADJUSTMENT_CODES:
        raise ValueError(f'unknown adjustment "{method}"; allowed: {", ".join(ADJUSTMENT_CODES)}')
    values = np.ascontiguousarray(p, dtype=np.float64)
    out = np.empty_like(values)
    adjust_into(values, np.empty(values.size, dtype=np.int64), out, ADJUSTMENT_CODES[method])
    return out
