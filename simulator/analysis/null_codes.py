"""How kernels name alternatives, conventions and methods, and when a p-value is exact."""

from __future__ import annotations

from simulator.compiled import kernel
from simulator.scenario.analysis_plan import AUTO_EXACT_BELOW

TWO_SIDED, GREATER, LESS = 0, 1, -1
FAR_TAIL, DOUBLING = 0, 1
AUTO, EXACT, ASYMPTOTIC, MIDP = 0, 1, 2, 3

#: ``greater``: the treated arm has the larger values.
ALTERNATIVE_CODES = {"two-sided": TWO_SIDED, "greater": GREATER, "less": LESS}
CONVENTION_CODES = {"far-tail": FAR_TAIL, "doubling": DOUBLING}
METHOD_CODES = {"auto": AUTO, "exact": EXACT, "mid-p": MIDP, "asymptotic": ASYMPTOTIC}


@kernel
def is_exact(m: int, n: int, tie_sum: int, method: int) -> bool:
    """Return whether this data set's p-value is exact: decided per data set, never per batch.

    A mid-p is made of the exact distribution, whatever the ties and sizes.
    """
    if method == AUTO:
        return tie_sum == 0 and m < AUTO_EXACT_BELOW and n < AUTO_EXACT_BELOW
    return method in (EXACT, MIDP)
